"""When else could it come? Only in windows that can be booked: the new place for the old one.

Both places change in the commit that changes the delivery, so nobody holds two, and of two at the
last one the second finds it taken. What has not been picked up leaves its route and waits for the
wave of its new window; what is on board comes back to the hub with its driver first, so it can be
had from the next day on.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.coverage import capacity
from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage.model import Calendar, Covered, Promise, PromiseClass
from chalicelib.domain.coverage.promises import Offerable, bookable_windows
from chalicelib.domain.deliveries import lifecycle, store
from chalicelib.domain.deliveries.commands import Reschedule
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import NoCapacityLeft
from chalicelib.kit.hours import Span, WeekHours, instant, local_day
from chalicelib.kit.move_errors import WindowNotBookable
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a page can show, and what a request may cost in looking.
MOST_WINDOWS = 24
#: Past a long weekend.
DAYS_AHEAD = 7
#: Where nobody set any promise: parts of a usual day, to be chosen two hours before they end.
_USUAL_DAY = WeekHours(((Span(9 * 60, 21 * 60),),) * 7)
_USUAL_WINDOW_S = 4 * 3600
_USUAL_NOTICE_S = 2 * 3600


def windows(uow: UnitOfWork, delivery: Delivery) -> list[Offerable]:
    """The windows that it could be moved to now, by start and end; none when it is too late."""
    if not lifecycle.may_be_rescheduled(delivery):
        return []
    hub = merchants.load_hub(uow, delivery.hub_id)
    promises = _promises(uow, hub, delivery)
    if not promises:
        return []
    first = min(local_day(uow.now, one.calendar.timezone) for one in promises)
    since = _earliest(uow.now, hub, delivery)
    found: dict[TimeWindow, Offerable] = {}
    for ahead in range(DAYS_AHEAD + 1):
        day = first + timedelta(days=ahead)
        counts = capacity.counts_of(uow, promises, day, delivery.booking)
        for one in bookable_windows(promises, uow.now, day, counts):
            if one.window.start_at >= since and one.window != delivery.window:
                found.setdefault(one.window, one)
        if len(found) >= MOST_WINDOWS:
            break
    ordered = sorted(found.values(), key=lambda one: (one.window.start_at, one.window.end_at))
    return ordered[:MOST_WINDOWS]


def bookable(uow: UnitOfWork, delivery: Delivery, window: TimeWindow) -> Offerable:
    """The window that somebody names, if it is one of those; raise WindowNotBookable."""
    for one in windows(uow, delivery):
        if one.window == window:
            return one
    raise WindowNotBookable


def reschedule(
    uow: UnitOfWork, delivery: Delivery, offer: Offerable, *, by: str | None = None
) -> Delivery:
    """Promise it for another window; the window that it has already changes nothing.

    Raises
    ------
    WindowNotBookable
        If the place went, or the time to book it.
    IllegalTransition
        If it is too late.
    """
    if delivery.window == offer.window:
        return delivery
    if uow.now >= offer.order_by:
        raise WindowNotBookable
    after, events = lifecycle.apply(delivery, Reschedule(uow.now, offer.window, by=by))
    if delivery.live:
        if delivery.booking is not None:
            capacity.release(uow, delivery.booking)
        try:
            after = replace(after, booking=capacity.book(uow, offer))
        except NoCapacityLeft as error:
            raise WindowNotBookable from error
    left = {"left_route_id": delivery.route_id} if after.route_id != delivery.route_id else {}
    uow.emit(*(replace(event, data={**event.data, **left}) for event in events))
    store.save(uow, after, expect=delivery.version)
    return after


def _promises(uow: UnitOfWork, hub: Hub, delivery: Delivery) -> tuple[Promise, ...]:
    covered = coverage.look_up(uow, delivery.merchant_id, hub, delivery.dropoff)
    if not isinstance(covered, Covered):
        return ()
    if not covered.promises:
        return (_usual(hub),)
    at_point = delivery.pickup_point_id is not None
    kept = capacity.for_points if at_point else capacity.for_doors
    # A network that promises nothing at points brings them when it drives anyway.
    return kept(covered.promises) or (covered.promises if at_point else ())


def _usual(hub: Hub) -> Promise:
    """What a hub without rules of its own is taken to offer; nobody counts its places."""
    return Promise(
        kind=PromiseClass.SCHEDULED,
        scope=hub.id,
        calendar=Calendar(hub.timezone, _USUAL_DAY),
        cut_off_min=21 * 60,
        lead_days=0,
        horizon_days=DAYS_AHEAD,
        window_s=_USUAL_WINDOW_S,
        notice_s=_USUAL_NOTICE_S,
    )


def _earliest(now: datetime, hub: Hub, delivery: Delivery) -> datetime:
    """What is on board comes back to the hub before it can set out again."""
    if not delivery.status.is_with_driver:
        # A window that has begun still has its notice to go.
        return now - timedelta(days=1)
    return instant(local_day(now, hub.timezone) + timedelta(days=1), 0, hub.timezone)
