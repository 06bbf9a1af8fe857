"""When does the customer want it? Delivery dates as shops' plugins write them.

The convention in the field is a pair of texts, ``Delivery-Date`` (2026-07-31 or 2026/07/31) and
``Delivery-Time`` ("12:00 AM - 7:00 AM", "14:00 - 16:00"), in the shop's own zone, which is the
hub's. Source: Zapiet's note attributes and look-alikes; names differ in case, dashes, underscores.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.intake.order import Refusal
from chalicelib.kit.timewindow import TimeWindow

#: A day without a time: when doors are usually opened to us.
DAY_STARTS, DAY_ENDS = time(8), time(21)

_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII)
_DASH = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b)\s*")


def wishes(attributes: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Attributes by normalised name (``_delivery_date`` and ``Delivery-Date`` are one)."""
    return {
        name.strip().lower().replace("_", "-").strip("-"): value.strip()
        for name, value in attributes
        if isinstance(name, str) and isinstance(value, str) and value.strip()
    }


def wished_window(named: Mapping[str, str], zone: ZoneInfo) -> TimeWindow | Refusal | None:
    """The window that was asked for, None for none, a refusal when it cannot be read."""
    day_text = named.get("delivery-date")
    if day_text is None:
        return None
    try:
        day = _read_day(day_text)
        span = _read_span(named["delivery-time"]) if "delivery-time" in named else None
        start, end = span or (DAY_STARTS, DAY_ENDS)
        # "10 PM - 2 AM" ends on the next day.
        end_day = day if end > start else day + timedelta(days=1)
        return TimeWindow(
            datetime.combine(day, start, tzinfo=zone), datetime.combine(end_day, end, tzinfo=zone)
        )
    except (ValueError, OverflowError):
        return Refusal.WINDOW_IMPOSSIBLE


def _read_day(text: str) -> date:
    found = _DATE.match(text)
    if found is None:
        raise ValueError("not a date")
    return date(*(int(part) for part in found.groups()))


def _read_span(text: str) -> tuple[time, time]:
    parts = _DASH.split(text[:60])
    if len(parts) != 2:
        raise ValueError("not a span of time")
    return _read_time(parts[0]), _read_time(parts[1])


def _read_time(text: str) -> time:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a time of day")
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour of a clock's face")
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(0) if (hour, minute) == (24, 0) else time(hour, minute)
