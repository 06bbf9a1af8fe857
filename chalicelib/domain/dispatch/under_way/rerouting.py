"""Its delivery goes elsewhere, or comes later: what does the route do? In the same commit.

To a pickup point or home: the stop moves to where that costs least, or joins the one that goes
there already. The promises to others are hard: before the pickup a delivery that would break one
leaves the route and waits for a wave; one that is on board is refused, unless the desk insists; one
that nobody took comes back to the hub and goes from there. To another window: it leaves the route,
or comes back with the driver.

The door that it left is skipped and stays readable; the new place is a stop of its own, so that a
tap meant for the door is never taken for the point. These are what recipients, merchants, the desk
and recovery call; the subscribers make up for whoever changed the delivery alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.coverage.promises import Offerable
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import redirecting, rescheduling
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.under_way import following
from chalicelib.domain.dispatch.under_way.detours import Detour, Errand, Ride
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.move_errors import OthersWouldBeLate, PointClosed
from chalicelib.storage.unit_of_work import UnitOfWork

_WAITS_FOR_PICKUP = (Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP)


def redirect(
    uow: UnitOfWork,
    delivery: Delivery,
    point: PickupPoint,
    *,
    by: str | None = None,
    insist: bool = False,
) -> Delivery:
    """Bring it to a pickup point instead, and let its route follow; the same again changes nothing.

    Parameters
    ----------
    insist
        The desk's word that others may come late.

    Raises
    ------
    PointFull, DoesNotFit, PointClosed, NeedsADoor, IllegalTransition
        As ``redirecting.redirect``.
    OthersWouldBeLate
        If it is on board and no place on the rest of the route keeps the promises to others.
    """
    return _move(
        uow, delivery, lambda: redirecting.redirect(uow, delivery, point, by=by), insist=insist
    )


def redirect_home(
    uow: UnitOfWork, delivery: Delivery, *, by: str | None = None, insist: bool = False
) -> Delivery:
    """Bring it home after all, before it lies at the point; as :func:`redirect`, or HomeUnknown."""
    return _move(
        uow, delivery, lambda: redirecting.redirect_home(uow, delivery, by=by), insist=insist
    )


def reschedule(
    uow: UnitOfWork, delivery: Delivery, offer: Offerable, *, by: str | None = None
) -> Delivery:
    """Bring it in another window; as ``rescheduling.reschedule``, and its route follows."""
    route = following.open_route_of(uow, delivery)
    after = rescheduling.reschedule(uow, delivery, offer, by=by)
    if route is not None and after.version != delivery.version:
        _take_off(uow, route, after)
    return after


def would_fit(uow: UnitOfWork, delivery: Delivery, point: PickupPoint) -> bool:
    """Whether :func:`redirect` would make nobody late; writes nothing. Compartments are asked of
    ``redirecting.place_at``."""
    route = following.open_route_of(uow, delivery)
    if route is None or delivery.status in (Status.PLANNED, *_WAITS_FOR_PICKUP):
        return True
    hub = merchants.load_hub(uow, route.hub_id)
    there = replace(
        delivery,
        dropoff=point.position,
        pickup_point_id=point.id,
        service_s=redirecting.POINT_SERVICE_S,
    )
    shorter = itinerary.without_door(route, deliveries.ref_of(delivery))
    found = _place(uow, hub, route, shorter, there).detour
    return found is not None and not found.late


def follow_redirect(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.redirected``: the route goes where its delivery goes."""
    delivery = delivery_store.load(uow, DeliveryRef(event.data["merchant_id"], event.subject))
    route = following.open_route_of(uow, delivery)
    if route is None or delivery.status.is_final or _goes_along(route, delivery):
        return
    _bring_along(uow, route, delivery, delivery.status, insist=True)


def follow_reschedule(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.rescheduled``: it is off the route that it was on, or on its way back."""
    delivery = delivery_store.load(uow, DeliveryRef(event.data["merchant_id"], event.subject))
    route_id = event.data.get("left_route_id") or delivery.route_id
    if route_id is None:
        return
    try:
        route = store.load_route(uow, route_id)
    except NotFound:
        return
    over = route.status in (RouteStatus.COMPLETED, RouteStatus.CANCELLED)
    if over or (event.data.get("left_route_id") and delivery.route_id == route.id):
        # It is over, or has taken it along again.
        return
    if delivery.status is Status.PICKED_UP or delivery.route_id != route.id:
        _take_off(uow, route, delivery)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the new stop goes; None: nowhere that keeps the promises to others."""

    ride: Ride
    errand: Errand
    detour: Detour | None


def _move(
    uow: UnitOfWork, delivery: Delivery, change: Callable[[], Delivery], *, insist: bool
) -> Delivery:
    route = following.open_route_of(uow, delivery)
    after = change()
    if route is None or after.version == delivery.version:
        return after
    return _bring_along(uow, route, after, delivery.status, insist=insist)


def _bring_along(
    uow: UnitOfWork, route: Route, after: Delivery, was: Status, *, insist: bool
) -> Delivery:
    """Put a delivery where it goes now, on the route that it is on; or take it off."""
    ref = deliveries.ref_of(after)
    hub = merchants.load_hub(uow, route.hub_id)
    shorter = itinerary.without_door(route, ref)
    place = _place(uow, hub, route, shorter, after)
    found = place.detour
    if found is None or (found.late and not insist):
        if after.status in (Status.PLANNED, *_WAITS_FOR_PICKUP):
            return _leave(uow, route, after)
        if was is not Status.ATTEMPT_FAILED and not insist:
            raise OthersWouldBeLate(extra={"late": len(found.late)}) if found else PointClosed
        # It comes back to the hub, and goes where it is to go from there.
        back = itinerary.with_return(shorter, [ref], hub, lambda: uow.new_id("stp"))
        following.save_change(uow, route, back)
        return after
    new = itinerary.door_of(uow.new_id("stp"), after, uow.now)
    longer = _with_stop(shorter, place, found, new)
    following.save_change(uow, route, longer)
    return _set_out(uow, longer, after)


def _place(uow: UnitOfWork, hub: Hub, before: Route, route: Route, delivery: Delivery) -> _Place:
    ref = deliveries.ref_of(delivery)
    fetches = (stop for stop in route.stops if stop.kind is StopKind.PICKUP)
    fetched_by = next(
        (one.id for one in fetches if ref in one.deliveries and not one.status.is_over), None
    )
    is_open = None
    if delivery.pickup_point_id is not None:
        point = pickup_points.load(uow, delivery.pickup_point_id)
        hours = point.hours
        is_open = lambda at: hours.is_open(at, point.timezone)  # noqa: E731
    errand = Errand(
        delivery.dropoff, delivery.service_s, fetched_by, is_open, delivery.pickup_point_id
    )
    ride = Ride(route, hub, uow.now, Ride(before, hub, uow.now))
    return _Place(ride, errand, ride.best(errand))


def _with_stop(route: Route, place: _Place, found: Detour, new: Stop) -> Route:
    coming = place.ride.with_call(found, place.errand, new)
    over = [stop for stop in route.stops if stop.status.is_over]
    last = place.ride.timed(coming)[-1]
    return replace(
        route,
        stops=(*over, *coming),
        ends_at=max(route.starts_at, last.leaves_at),
        distance_m=max(0, route.distance_m + found.extra_m),
        duration_s=max(0, int((last.leaves_at - route.starts_at).total_seconds())),
    )


def _leave(uow: UnitOfWork, route: Route, delivery: Delivery) -> Delivery:
    """Off a route that has not picked it up: it waits for the next wave."""
    ref = deliveries.ref_of(delivery)
    following.save_change(uow, route, itinerary.without_deliveries(route, [ref]))
    waits = delivery.status is Status.PLANNED
    step = life.Unplan(uow.now) if waits else life.Unassign(uow.now, "redirected")
    return deliveries.advance(uow, delivery, step)


def _take_off(uow: UnitOfWork, route: Route, delivery: Delivery) -> None:
    """Off its route, or back to the hub with whoever has it on board; for whom it is no news."""
    ref = deliveries.ref_of(delivery)
    if delivery.status is not Status.PICKED_UP:
        following.save_change(uow, route, itinerary.without_deliveries(route, [ref]))
        return
    hub = merchants.load_hub(uow, route.hub_id)
    shorter = itinerary.without_deliveries(route, [ref])
    back = itinerary.with_return(shorter, [ref], hub, lambda: uow.new_id("stp"))
    following.save_change(uow, route, back)


def _set_out(uow: UnitOfWork, route: Route, delivery: Delivery) -> Delivery:
    """Where it is the driver's next stop, it is on its way there."""
    coming = route.next_stop()
    ref = deliveries.ref_of(delivery)
    is_next = coming is not None and ref in coming.deliveries and coming.kind is StopKind.DROPOFF
    under_way = route.status is RouteStatus.UNDER_WAY
    if is_next and under_way and delivery.status is Status.PICKED_UP:
        return deliveries.advance(uow, delivery, life.SetOutForDropoff(uow.now))
    return delivery


def _goes_along(route: Route, delivery: Delivery) -> bool:
    """Whether the route knows where it goes, or it is on its way back to the hub."""
    ref = deliveries.ref_of(delivery)
    coming = [stop for stop in route.stops if ref in stop.deliveries and not stop.status.is_over]
    if any(stop.kind is StopKind.RETURN for stop in coming):
        return True
    doors = [stop for stop in coming if stop.kind is StopKind.DROPOFF]
    return not coming or any(
        stop.pickup_point_id == delivery.pickup_point_id and stop.position == delivery.dropoff
        for stop in doors
    )
