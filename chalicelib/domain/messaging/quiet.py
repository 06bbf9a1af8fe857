"""When may a text that can wait be sent? Not between 21:00 and 08:00 where its reader lives.

Source: the telemarketing hours of 47 CFR 64.1200(c)(1); delivery texts are generally exempt, and
what cannot wait is sent at any hour.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.kit.timewindow import as_utc

BEGINS, ENDS = time(21), time(8)


def held_until(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that ``now`` lies in; None outside of them."""
    local = now.astimezone(zone)
    if ENDS <= local.time() < BEGINS:
        return None
    day = local.date() + timedelta(days=local.time() >= BEGINS)
    return as_utc(datetime.combine(day, ENDS, zone))
