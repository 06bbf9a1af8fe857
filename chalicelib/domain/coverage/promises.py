"""Until when may one order, and for which windows?

Pure: what is promised, what time it is and how much is taken come in, windows go out, each with the
reason why it cannot be booked, if so. Days and cut-offs are those of the promise's own zone.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.coverage.model import Booking, Promise, PromiseClass, Taken
from chalicelib.kit.hours import Span, instant, local_day
from chalicelib.kit.timewindow import TimeWindow

#: A promise that finds no working day within two months is closed.
_FURTHEST_WORKING_DAY = 62

Counts = Mapping[str, Taken]


class WhyNot(StrEnum):
    """Why a day, or a window of it, cannot be booked; stable codes that merchants read."""

    NOT_OFFERED = "not_offered"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    PAST_CUT_OFF = "past_cut_off"
    TOO_FAR_AHEAD = "too_far_ahead"
    NO_CAPACITY_LEFT = "no_capacity_left"


@dataclass(frozen=True, slots=True)
class Offerable:
    """A window of a promise.

    ``order_by`` is the last instant to order; ``left`` how many places are left, None for any
    number; ``why_not`` None when it can be booked.
    """

    promise: Promise
    day: date
    window: TimeWindow
    order_by: datetime
    left: int | None
    why_not: WhyNot | None

    @property
    def kind(self) -> PromiseClass:
        return self.promise.kind

    @property
    def booking(self) -> Booking | None:
        """The place to be taken; None when nobody counts."""
        if not self.promise.is_counted:
            return None
        return Booking(self.promise.scope, self.day, window_key(self.window))


@dataclass(frozen=True, slots=True)
class Refused:
    """A promise that offers nothing on a day, and why."""

    promise: Promise
    why_not: WhyNot


def bookable_windows(
    promises: Iterable[Promise], now: datetime, day: date, counts: Counts | None = None
) -> tuple[Offerable, ...]:
    """What can be booked for a day, by start and then by end.

    Parameters
    ----------
    counts
        What is taken on that day, by scope; nothing when left out.
    """
    offered = [
        window
        for promise in promises
        for window in _windows(assess(promise, now, day, counts))
        if window.why_not is None
    ]
    return tuple(sorted(offered, key=_by_time))


def assess(
    promise: Promise, now: datetime, day: date, counts: Counts | None = None
) -> tuple[Offerable, ...] | Refused:
    """All windows of a promise on a day, bookable or not, or why there are none."""
    why_not = _day_refused(promise, now, day)
    if why_not is not None:
        return Refused(promise, why_not)
    cut_off_at = cut_off(promise, day)
    windows = _tiles(promise, day)
    if cut_off_at is None or not windows:
        return Refused(promise, WhyNot.CLOSED)
    if now >= cut_off_at:
        return Refused(promise, WhyNot.PAST_CUT_OFF)
    taken = (counts or {}).get(promise.scope, Taken())
    return tuple(_offer(promise, day, window, cut_off_at, taken, now) for window in windows)


def best_for_no_wish(offered: Iterable[Offerable]) -> Offerable | None:
    """The window for an order that names no time: the widest, because it costs least to keep."""
    return min(offered, key=lambda one: (-one.window.duration_s, *_by_time(one)), default=None)


def best_for_wish(offered: Iterable[Offerable], wish: TimeWindow) -> Offerable | None:
    """The window that holds most of a wished time; None when none holds any of it.

    Shops' date pickers have windows of their own, so a wish rarely is one of ours exactly.
    """

    def shared_s(one: Offerable) -> int:
        common = one.window.intersect(wish)
        return common.duration_s if common else 0

    met = [one for one in offered if shared_s(one)]
    # A wish for a whole day holds many windows: the emptiest of them spreads the day's work.
    return min(
        met,
        key=lambda one: (-shared_s(one), one.window.duration_s, *_by_room(one)),
        default=None,
    )


def cut_off(promise: Promise, day: date) -> datetime | None:
    """The last instant to order for that day; None when no working day precedes it."""
    calendar, counted_on = promise.calendar, day
    for _ in range(promise.lead_days):
        earlier = (counted_on - timedelta(days=n) for n in range(1, _FURTHEST_WORKING_DAY))
        found = next((one for one in earlier if calendar.is_working_day(one)), None)
        if found is None:
            return None
        counted_on = found
    return instant(counted_on, promise.cut_off_min, calendar.timezone)


def window_key(window: TimeWindow) -> str:
    """How a counter calls a window: its start in UTC and its minutes."""
    return f"{window.start_at:%Y%m%dT%H%M}/{window.duration_s // 60}"


def _day_refused(promise: Promise, now: datetime, day: date) -> WhyNot | None:
    calendar = promise.calendar
    today = local_day(now, calendar.timezone)
    if promise.kind is PromiseClass.SAME_DAY and day != today:
        return WhyNot.NOT_OFFERED
    if day < today:
        return WhyNot.PAST_CUT_OFF
    if day in calendar.holidays:
        return WhyNot.HOLIDAY
    if not calendar.hours.of(day):
        return WhyNot.CLOSED
    if promise.kind is PromiseClass.NEXT_DAY:
        return _next_day_refused(promise, now, today, day)
    return WhyNot.TOO_FAR_AHEAD if (day - today).days > promise.horizon_days else None


def _next_day_refused(promise: Promise, now: datetime, today: date, day: date) -> WhyNot | None:
    """``next_day`` is one day only: the first working day after today that is not cut off yet."""
    for ahead in range(1, _FURTHEST_WORKING_DAY):
        candidate = today + timedelta(days=ahead)
        if not promise.calendar.is_working_day(candidate):
            continue
        cut_off_at = cut_off(promise, candidate)
        if cut_off_at is not None and now < cut_off_at:
            if day == candidate:
                return None
            return WhyNot.NOT_OFFERED if day > candidate or day == today else WhyNot.PAST_CUT_OFF
    return WhyNot.CLOSED


def _tiles(promise: Promise, day: date) -> list[TimeWindow]:
    """The windows of a day: its spans of hours, cut into equal parts; a shorter rest is left out,
    unless it is all there is."""
    timezone = promise.calendar.timezone
    windows = []
    for span in promise.calendar.hours.of(day):
        step = span.closes_min - span.opens_min
        if promise.window_s is not None:
            step = min(step, promise.window_s // 60)
        for opens in range(span.opens_min, span.closes_min - step + 1, step):
            window = Span(opens, opens + step).on(day, timezone)
            if window is not None:
                windows.append(window)
    return windows


def _offer(
    promise: Promise,
    day: date,
    window: TimeWindow,
    cut_off_at: datetime,
    taken: Taken,
    now: datetime,
) -> Offerable:
    order_by = min(cut_off_at, window.end_at - timedelta(seconds=promise.notice_s))
    left = places_left(promise, window, taken)
    why_not = None
    if now >= order_by:
        why_not = WhyNot.PAST_CUT_OFF
    elif left == 0:
        why_not = WhyNot.NO_CAPACITY_LEFT
    return Offerable(promise, day, window, order_by, left, why_not)


def places_left(promise: Promise, window: TimeWindow, taken: Taken) -> int | None:
    """How many more deliveries the window takes; None for any number."""
    limits = [
        most - used
        for most, used in (
            (promise.capacity_per_day, taken.day),
            (promise.capacity_per_window, taken.windows.get(window_key(window), 0)),
        )
        if most is not None
    ]
    return max(0, min(limits)) if limits else None


def _windows(assessed: tuple[Offerable, ...] | Refused) -> tuple[Offerable, ...]:
    return () if isinstance(assessed, Refused) else assessed


def _by_room(one: Offerable) -> tuple[float, datetime]:
    return (math.inf if one.left is None else -one.left, one.window.start_at)


def _by_time(one: Offerable) -> tuple[datetime, datetime]:
    return (one.window.start_at, one.window.end_at)
