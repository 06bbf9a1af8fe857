"""What is a shift, and which shifts may a driver plan? Pure rules over one driver's shifts.

Times are instants; a shift belongs to the day on which it begins by its hub's clock, and so do the
minutes that it counts for the limits of a day and a week (Monday first). Breaks are not work. The
breaks lie apart from each other as planning needs them (``routing.fleet.Break``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.model import BreakWindow
from chalicelib.kit.errors import Conflict, Invalid
from chalicelib.kit.hours import instant, local_day

LONGEST = timedelta(hours=16)
SHORTEST = timedelta(minutes=30)
MOST_BREAKS = 4
#: So long before its start going on duty is already the beginning of a shift.
EARLY = timedelta(minutes=30)


class Refusal(StrEnum):
    """Why a shift cannot be planned; stable, ``reason`` of a ``conflict``."""

    OVERLAP = "shift_overlaps"
    PAST = "shift_in_the_past"
    TOO_FAR_AHEAD = "shift_too_far_ahead"
    DAY_LIMIT = "shift_day_limit"
    WEEK_LIMIT = "shift_week_limit"
    BEGUN = "shift_has_begun"


class ShiftStatus(StrEnum):
    PLANNED = "planned"
    STARTED = "started"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Shift:
    """A driver's planned time.

    ``by``: who planned it, the driver or the desk. ``reminded`` and ``reported_late``: what the
    clock has already told.
    """

    id: str
    driver_id: str
    hub_id: str
    start_at: datetime
    end_at: datetime
    by: str
    breaks: tuple[BreakWindow, ...] = ()
    vehicle_id: str | None = None
    status: ShiftStatus = ShiftStatus.PLANNED
    started_at: datetime | None = None
    reminded: bool = False
    reported_late: bool = False
    version: int = 1

    @property
    def worked_minutes(self) -> int:
        rests = sum(one.duration_s for one in self.breaks)
        return int(((self.end_at - self.start_at).total_seconds() - rests) // 60)

    @property
    def counts(self) -> bool:
        return self.status is not ShiftStatus.CANCELLED

    def covers(self, at: datetime) -> bool:
        """Whether who goes on duty then goes on this shift."""
        return self.counts and self.start_at - EARLY <= at < self.end_at

    def due_at(self, rules: CrewRules) -> datetime | None:
        """When the clock has to look at it next; None: never."""
        if self.status is not ShiftStatus.PLANNED:
            return None
        if not self.reminded:
            return self.start_at - timedelta(seconds=rules.remind_before_s)
        if not self.reported_late:
            return self.start_at + timedelta(seconds=rules.late_after_s)
        return None


def check_shape(shift: Shift) -> None:
    """Raise Invalid unless the shift and its breaks fit each other."""
    length = shift.end_at - shift.start_at
    if not SHORTEST <= length <= LONGEST:
        fields = [{"field": "end_at", "error": "a shift lasts from half an hour to 16 hours"}]
        raise Invalid("a shift lasts from half an hour to 16 hours", fields=fields)
    for one in shift.breaks:
        ends_at = one.latest_at + timedelta(seconds=one.duration_s)
        if not shift.start_at <= one.earliest_at <= one.latest_at or ends_at > shift.end_at:
            raise _wrong_breaks("a break lies within its shift")
    for one, following in pairwise(shift.breaks):
        if one.latest_at + timedelta(seconds=one.duration_s) > following.earliest_at:
            raise _wrong_breaks("breaks are in order and do not overlap")


def check_plan(
    new: Shift, others: Iterable[Shift], rules: CrewRules, timezone: str, now: datetime
) -> None:
    """Whether this shift may be planned beside the driver's others.

    Raises
    ------
    Invalid
        If it is no shift at all.
    Conflict
        With a :class:`Refusal` as ``reason``.
    """
    check_shape(new)
    if new.end_at <= now:
        raise _refused(Refusal.PAST, "the shift is over already")
    if new.start_at > now + timedelta(days=rules.plan_ahead_days):
        raise _refused(
            Refusal.TOO_FAR_AHEAD, f"shifts are planned {rules.plan_ahead_days} days ahead at most"
        )
    beside = [one for one in others if one.counts and one.id != new.id]
    for one in beside:
        if one.start_at < new.end_at and new.start_at < one.end_at:
            raise _refused(Refusal.OVERLAP, "there is a shift at that time already")
    day = local_day(new.start_at, timezone)
    days = [(local_day(one.start_at, timezone), one.worked_minutes) for one in (*beside, new)]
    if sum(minutes for when, minutes in days if when == day) > rules.most_minutes_a_day:
        raise _refused(Refusal.DAY_LIMIT, f"at most {rules.most_minutes_a_day} minutes a day")
    in_week = sum(minutes for when, minutes in days if _week(when) == _week(day))
    if in_week > rules.most_minutes_a_week:
        raise _refused(Refusal.WEEK_LIMIT, f"at most {rules.most_minutes_a_week} minutes a week")


def planned_by_hour(
    shifts: Iterable[Shift], day: date, timezone: str
) -> list[tuple[datetime, int]]:
    """How many drivers are planned in each hour of a day of the hub: 23, 24 or 25 of them.

    Who is there for a part of the hour counts; who has a break in it counts too.
    """
    start_at, ends_at = instant(day, 0, timezone), instant(day + timedelta(days=1), 0, timezone)
    there = [one for one in shifts if one.counts]
    found = []
    while start_at < ends_at:
        next_at = start_at + timedelta(hours=1)
        drivers = {
            one.driver_id for one in there if one.start_at < next_at and start_at < one.end_at
        }
        found.append((start_at, len(drivers)))
        start_at = next_at
    return found


def _week(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week


def _wrong_breaks(what: str) -> Invalid:
    return Invalid(what, fields=[{"field": "breaks", "error": what}])


def _refused(reason: Refusal, detail: str) -> Conflict:
    return Conflict(detail, extra={"reason": reason.value})
