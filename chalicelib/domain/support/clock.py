"""By when? Minutes of business hours, on the wall clock of the hub.

A promise of four hours that is given at closing time is due the next day. While somebody else has
the word the clock stands still.
"""

from datetime import datetime, timedelta

from chalicelib.kit.hours import Span, WeekHours, local_day

#: Hours of support that open on no day within so many would never be due.
FURTHEST_DAYS = 60

#: Until a hub says otherwise: weekdays from nine to six, Saturdays to two.
USUAL_HOURS = WeekHours((*((Span(540, 1080),),) * 5, (Span(540, 840),), ()))


def due(start: datetime, minutes: int, hours: WeekHours, timezone: str) -> datetime:
    """When so many minutes of business hours have passed."""
    left = timedelta(minutes=minutes)
    day = local_day(start, timezone)
    for ahead in range(FURTHEST_DAYS):
        for span in hours.of(day + timedelta(days=ahead)):
            window = span.on(day + timedelta(days=ahead), timezone)
            if window is None or window.end_at <= start:
                continue
            begin = max(start, window.start_at)
            if begin + left <= window.end_at:
                return begin + left
            left -= window.end_at - begin
    return start + timedelta(days=FURTHEST_DAYS)


def minutes_between(start: datetime, end: datetime, hours: WeekHours, timezone: str) -> int:
    """How many minutes of business hours lie between two instants; 0 when the end came first."""
    passed = timedelta()
    day = local_day(start, timezone)
    for ahead in range(FURTHEST_DAYS):
        for span in hours.of(day + timedelta(days=ahead)):
            window = span.on(day + timedelta(days=ahead), timezone)
            if window is not None and window.end_at > start and window.start_at < end:
                passed += min(end, window.end_at) - max(start, window.start_at)
    return int(passed.total_seconds() // 60)
