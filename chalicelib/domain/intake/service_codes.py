"""What did the customer choose at the checkout? The code of a rate that we offered, read back.

A platform hands the code of the chosen rate back with the order, so the code carries the window
that was promised: ``lastmile.same_day.29412345.29412585`` (minutes since 1970, UTC). A code that
begins with ours and cannot be read is still ours: the order is delivered in the merchant's usual
time.
"""

import re
from datetime import UTC, datetime, timedelta

from chalicelib.kit.timewindow import TimeWindow

PREFIX = "lastmile"

_CODE = re.compile(rf"{PREFIX}\.([a-z_]{{1,24}})\.([0-9]{{8}})\.([0-9]{{8}})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_code(promise: str, window: TimeWindow) -> str:
    return f"{PREFIX}.{promise}.{_minutes(window.start_at)}.{_minutes(window.end_at)}"


def is_ours(code: str | None) -> bool:
    text = (code or "").strip().lower()
    return text == PREFIX or text.startswith(f"{PREFIX}.")


def read_window(code: str | None) -> TimeWindow | None:
    """The window that a code of ours promises; None when it promises none."""
    found = _CODE.fullmatch((code or "").strip().lower())
    if found is None:
        return None
    try:
        return TimeWindow(_instant(found[2]), _instant(found[3]))
    except ValueError:
        return None


def _minutes(at: datetime) -> int:
    return int((at - _EPOCH) / timedelta(minutes=1))


def _instant(minutes: str) -> datetime:
    return _EPOCH + timedelta(minutes=int(minutes))
