"""When is it open? Hours of the week on a wall clock, and what instant a clock's reading is.

Hours are minutes since local midnight (1440: the end of the day), because that is what people
agree on; the instants follow from the zone, day by day. A reading that a clock skips in spring is
the instant of the jump; one that it shows twice in autumn is the first of the two. So the spans of
a day never overlap and leave no gap, whatever the clock does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.kit.timewindow import TimeWindow

DAY_MIN = 1440
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of this name; raise ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("not a time zone of the IANA database") from error


def instant(day: date, minute: int, timezone: str) -> datetime:
    """The instant, in UTC, at which a local clock shows that minute of the day."""
    where = zone(timezone)
    reading = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = reading.replace(tzinfo=where).astimezone(UTC)
    if first.astimezone(where).replace(tzinfo=None) == reading:
        return first
    # Skipped: the offsets before and after the jump give an instant on either side of it.
    after = reading.replace(tzinfo=where, fold=1).astimezone(UTC)
    return _jump_between(after, first, where)


def local_day(at: datetime, timezone: str) -> date:
    """Which day it is there."""
    return at.astimezone(zone(timezone)).date()


def whole_day(day: date, timezone: str) -> TimeWindow:
    """From midnight to midnight on the wall there: 23, 24 or 25 hours."""
    return TimeWindow(instant(day, 0, timezone), instant(day + timedelta(days=1), 0, timezone))


def _jump_between(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The second at which the offset changes, by halving."""
    offset = after.astimezone(where).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, where).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Part of a day: from one minute since midnight to another."""

    opens_min: int
    closes_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < self.closes_min <= DAY_MIN:
            raise ValueError("hours lie within one day and end after they begin")

    def on(self, day: date, timezone: str) -> TimeWindow | None:
        """This span on that day; None when the clock skips all of it."""
        start_at = instant(day, self.opens_min, timezone)
        end_at = instant(day, self.closes_min, timezone)
        return TimeWindow(start_at, end_at) if start_at < end_at else None


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours of each weekday, Monday first; a day without any is closed.

    Raises
    ------
    ValueError
        If there are not seven days, or the spans of a day overlap.
    """

    days: tuple[tuple[Span, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != len(WEEKDAYS):
            raise ValueError("a week has seven days")
        ordered = tuple(tuple(sorted(spans)) for spans in self.days)
        for spans in ordered:
            for one, following in pairwise(spans):
                if following.opens_min < one.closes_min:
                    raise ValueError("the hours of a day overlap")
        object.__setattr__(self, "days", ordered)

    def of(self, day: date) -> tuple[Span, ...]:
        return self.days[day.weekday()]

    def is_open(self, at: datetime, timezone: str) -> bool:
        day = local_day(at, timezone)
        spans = (span.on(day, timezone) for span in self.of(day))
        return any(span.contains(at) for span in spans if span)

    def to_item(self) -> dict[str, list[list[int]]]:
        """Only the days that are open, by name."""
        return {
            name: [[span.opens_min, span.closes_min] for span in spans]
            for name, spans in zip(WEEKDAYS, self.days, strict=True)
            if spans
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Iterable[Iterable[int]]]) -> "WeekHours":
        return cls(tuple(tuple(Span(*pair) for pair in item.get(name, ())) for name in WEEKDAYS))


#: Seven days, around the clock.
ALWAYS = WeekHours(((Span(0, DAY_MIN),),) * 7)
