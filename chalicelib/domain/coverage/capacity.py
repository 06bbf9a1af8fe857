"""Which window does an order get, and is there a place left in it?

One counter for each scope (a hub, or an area with rules of its own) and day. A place is taken in
the transaction that creates the delivery, under the counter's version, and given back in the one
that cancels it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from chalicelib.domain.coverage import store
from chalicelib.domain.coverage.model import Booking, Promise, PromiseClass, Taken
from chalicelib.domain.coverage.promises import (
    Counts,
    Offerable,
    Refused,
    WhyNot,
    assess,
    best_for_no_wish,
    best_for_wish,
    places_left,
)
from chalicelib.kit.errors import NoCapacityLeft
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a merchant hears when several promises refuse a day for different reasons.
_TELLING = (
    WhyNot.NO_CAPACITY_LEFT,
    WhyNot.PAST_CUT_OFF,
    WhyNot.HOLIDAY,
    WhyNot.CLOSED,
    WhyNot.TOO_FAR_AHEAD,
    WhyNot.NOT_OFFERED,
)
#: An order without a wish looks so many days ahead at least: past a weekend and holidays.
_LOOK_AHEAD = 14


def for_doors(promises: Sequence[Promise]) -> tuple[Promise, ...]:
    """Without those that end at a pickup point."""
    return tuple(one for one in promises if one.kind is not PromiseClass.PICKUP_POINT)


def for_points(promises: Sequence[Promise]) -> tuple[Promise, ...]:
    """Only those that end at a pickup point."""
    return tuple(one for one in promises if one.kind is PromiseClass.PICKUP_POINT)


def counts_of(
    uow: UnitOfWork, promises: Sequence[Promise], day: date, held: Booking | None = None
) -> Counts:
    """What is taken on a day of everything that is counted; nothing is read when nothing is.

    ``held``: a place of one's own, which counts as free.
    """
    scopes = {promise.scope for promise in promises if promise.is_counted}
    counts = {scope: store.load_taken(uow, scope, day)[0] for scope in scopes}
    if held is not None and held.day == day and held.scope in counts:
        counts[held.scope] = _given_back(counts[held.scope], held)
    return counts


def choose(
    uow: UnitOfWork,
    promises: Sequence[Promise],
    wish: TimeWindow | None,
    now: datetime,
    held: Booking | None = None,
) -> Offerable | WhyNot:
    """The window for an order with a wished time, or without one; or why there is none.

    Without a wish it is the first day on which anything can be booked. ``held``: the place of the
    delivery that is to be moved, if so.
    """
    days = _days_of(promises, wish) if wish else _days_ahead(promises, now)
    told: set[WhyNot] = set()
    met: list[Offerable] = []
    for day in days:
        offered, why_not = _offers(uow, promises, now, day, wish, held)
        told |= why_not
        met += offered
        best = best_for_no_wish(offered)
        if wish is None and best is not None:
            return best
    return (best_for_wish(met, wish) if wish else None) or _most_telling(told)


def book(uow: UnitOfWork, offer: Offerable) -> Booking | None:
    """Take a place of a window, in the transaction that creates the delivery.

    Returns None when nobody counts there. The counter's version is a condition of the commit: of
    two shops that want the last place, the second is run again, and finds it taken.

    Raises
    ------
    NoCapacityLeft
    """
    booking = offer.booking
    if booking is None:
        return None
    taken, version = store.load_taken(uow, booking.scope, booking.day)
    if places_left(offer.promise, offer.window, taken) == 0:
        raise NoCapacityLeft
    store.save_taken(uow, booking, _changed(taken, booking, 1), expect=version)
    return booking


def release(uow: UnitOfWork, booking: Booking) -> None:
    """Give a place back; what was never counted, or is forgotten, stays so."""
    taken, version = store.load_taken(uow, booking.scope, booking.day)
    after = _given_back(taken, booking)
    if after != taken:
        store.save_taken(uow, booking, after, expect=version)


def _days_of(promises: Sequence[Promise], wish: TimeWindow) -> list[date]:
    """The days on which a wish begins and ends, where the promises are kept."""
    last = wish.end_at - timedelta(milliseconds=1)
    return sorted(
        {
            local_day(at, promise.calendar.timezone)
            for promise in promises
            for at in (wish.start_at, last)
        }
    )


def _days_ahead(promises: Sequence[Promise], now: datetime) -> list[date]:
    first = min(local_day(now, promise.calendar.timezone) for promise in promises)
    horizon = max(_LOOK_AHEAD, *(promise.horizon_days for promise in promises))
    return [first + timedelta(days=ahead) for ahead in range(1 + horizon)]


def _offers(
    uow: UnitOfWork,
    promises: Sequence[Promise],
    now: datetime,
    day: date,
    wish: TimeWindow | None,
    held: Booking | None,
) -> tuple[list[Offerable], set[WhyNot]]:
    """What can be booked on a day, and why the rest cannot; of a wish, the part that it meets."""
    counts = counts_of(uow, promises, day, held)
    offered: list[Offerable] = []
    told: set[WhyNot] = set()
    for promise in promises:
        assessed = assess(promise, now, day, counts)
        if isinstance(assessed, Refused):
            told.add(assessed.why_not)
            continue
        offered += [one for one in assessed if one.why_not is None]
        told |= {
            one.why_not
            for one in assessed
            if one.why_not is not None and (wish is None or one.window.overlaps(wish))
        }
    return offered, told


def _most_telling(told: set[WhyNot]) -> WhyNot:
    return next((one for one in _TELLING if one in told), WhyNot.CLOSED)


def _given_back(taken: Taken, booking: Booking) -> Taken:
    if not taken.windows.get(booking.window):
        return taken
    return _changed(taken, booking, -1)


def _changed(taken: Taken, booking: Booking, by: int) -> Taken:
    windows = dict(taken.windows)
    windows[booking.window] = windows.get(booking.window, 0) + by
    if windows[booking.window] == 0:
        del windows[booking.window]
    return Taken(taken.day + by, windows)
