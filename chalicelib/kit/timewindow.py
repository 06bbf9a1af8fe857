"""When? A half-open span of time, [start_at, end_at), in UTC.

A promise to a recipient, a shift, a slot: all are windows. Times carry a zone; a naive time is
refused, because it is a fault waiting for the last Sunday in October.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


def as_utc(value: datetime) -> datetime:
    """Return the same instant in UTC; raise ValueError on a time without a zone, or without a
    place in UTC's calendar (the first hours of the year 1, seen from the east)."""
    if value.tzinfo is None:
        raise ValueError("a time needs a zone")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("that is before or after all years") from error


def write_instant(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: sorts as text in the order of time."""
    return as_utc(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@lru_cache(maxsize=8192)
def read_instant(text: str) -> datetime:
    """Read an RFC 3339 instant; raise ValueError on anything else, or without a zone."""
    return as_utc(datetime.fromisoformat(text))


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A span that contains its start and not its end."""

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start_at", as_utc(self.start_at))
        object.__setattr__(self, "end_at", as_utc(self.end_at))
        if self.end_at <= self.start_at:
            raise ValueError("a time window ends after it starts")

    @property
    def duration_s(self) -> int:
        return int((self.end_at - self.start_at).total_seconds())

    def utc_days(self) -> list[date]:
        """The days of Greenwich that it touches: lists are kept by those."""
        first, last = self.start_at.date(), (self.end_at - timedelta(milliseconds=1)).date()
        return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]

    def contains(self, at: datetime) -> bool:
        return self.start_at <= at < self.end_at

    def overlaps(self, other: "TimeWindow") -> bool:
        return self.start_at < other.end_at and other.start_at < self.end_at

    def intersect(self, other: "TimeWindow") -> "TimeWindow | None":
        """The time common to both, or None when they share none."""
        if not self.overlaps(other):
            return None
        return TimeWindow(max(self.start_at, other.start_at), min(self.end_at, other.end_at))

    def shift(self, by: timedelta) -> "TimeWindow":
        return TimeWindow(self.start_at + by, self.end_at + by)

    def to_item(self) -> dict[str, str]:
        return {"start_at": write_instant(self.start_at), "end_at": write_instant(self.end_at)}

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> "TimeWindow":
        return cls(read_instant(item["start_at"]), read_instant(item["end_at"]))
