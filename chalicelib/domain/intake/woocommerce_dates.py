"""When does a WooCommerce customer want it? Five plugins, five ways to write a date.

Each becomes the pair that ``wishes`` reads, ``delivery-date`` (2026-11-27) and ``delivery-time``
("10:00 - 12:00"). Sources: the meta keys of Delivery & Pickup Date Time (CodeRockz), Delivery Slots
(Iconic), Order Delivery Date (Tyche), Order Delivery (Themesquad) and Delivery Date (YITH), as
their integrations read them. Tyche's timestamp is midnight of the wished day in UTC, whatever the
shop's zone, because PHP runs in UTC under WordPress.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from chalicelib.domain.intake.wishes import wishes

DATE, TIME = "delivery-date", "delivery-time"

_YMD = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{9,11}", re.ASCII)

Meta = Mapping[str, object]


def shop_wishes(meta: Iterable[tuple[object, object]]) -> dict[str, str]:
    """An order's attributes by name, with the wished date under the names that all shops share."""
    given = [(name, value) for name, value in meta if isinstance(name, str)]
    named = dict(given)
    found = wishes(given)
    if DATE in found:
        return found | _themesquad(named)
    return found | (_iconic(named) or _tyche(named) or _yith(named))


def _themesquad(meta: Meta) -> dict[str, str]:
    """``_delivery_date`` is the common pair's; its hours are a map of their own."""
    frame = meta.get("_delivery_time_frame")
    if not isinstance(frame, Mapping):
        return {}
    return _span(frame.get("time_from"), frame.get("time_to"))


def _iconic(meta: Meta) -> dict[str, str]:
    day = _text(meta, "jckwds_date_ymd")
    found = _YMD.fullmatch(day)
    if found is None:
        return {}
    slot = _text(meta, "jckwds_timeslot")
    return {DATE: "-".join(found.groups()), **({TIME: slot} if slot else {})}


def _tyche(meta: Meta) -> dict[str, str]:
    at = _text(meta, "_orddd_timestamp") or _text(meta, "_orddd_lite_timestamp")
    if _TIMESTAMP.fullmatch(at) is None:
        return {}
    slot = _text(meta, "_orddd_time_slot")
    # "As soon as possible" is a slot, too; the day is all that it says.
    is_span = "-" in slot and any(character.isdecimal() for character in slot)
    day = datetime.fromtimestamp(int(at), UTC).date().isoformat()
    return {DATE: day, **({TIME: slot} if is_span else {})}


def _yith(meta: Meta) -> dict[str, str]:
    day = _text(meta, "ywcdd_order_delivery_date")
    if not day:
        return {}
    ends = (_clock(meta, "ywcdd_order_slot_from"), _clock(meta, "ywcdd_order_slot_to"))
    return {DATE: day, **_span(*ends)}


def _clock(meta: Meta, name: str) -> str:
    """A time of day; some versions write the instant instead, in UTC as all of PHP."""
    text = _text(meta, name)
    if _TIMESTAMP.fullmatch(text) is None:
        return text
    return f"{datetime.fromtimestamp(int(text), UTC):%H:%M}"


def _span(start: object, end: object) -> dict[str, str]:
    if not (isinstance(start, str) and isinstance(end, str) and start.strip() and end.strip()):
        return {}
    return {TIME: f"{start.strip()} - {end.strip()}"}


def _text(meta: Meta, name: str) -> str:
    value = meta.get(name)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value).strip() if isinstance(value, str) or is_number else ""
