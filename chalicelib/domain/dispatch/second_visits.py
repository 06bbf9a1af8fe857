"""Can what nobody took still be handed over on this tour? Back to the door, or to a pickup point.

Pure but for :func:`load` and :func:`save`. A driver who is still at the door goes there first; a
pickup point comes where it adds least behind the next stop, or joins a stop that is there already.
Times, lateness and limits are those of ``assessing``, so what is weighed is what will be driven.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import arranging, itinerary, store
from chalicelib.domain.dispatch.assessing import Assessed, Distances, Ground, assess
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.routing import travel
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

#: Handing one more parcel over where the driver is anyway [s].
ONE_MORE_S = 45
#: Walking in at a pickup point, and one parcel [s].
POINT_SERVICE_S = 105


@dataclass(frozen=True, slots=True)
class Tour:
    """A route under way, its driver's work, and what it is assessed against."""

    route: Route
    work: Work
    ground: Ground
    distances: Distances

    @classmethod
    def of(cls, route: Route, work: Work, hub: Hub, at: datetime) -> "Tour":
        ground = Ground(hub, at, {work.driver_id: work})
        return cls(route, work, ground, Distances(travel.matrix, at))

    def assess(self, route: Route) -> Assessed:
        return assess(route, self.ground, self.distances)


@dataclass(frozen=True, slots=True)
class Longer:
    """The tour with one visit more, and what that adds.

    ``breaks``: a promise or a limit that was kept before would not be.
    """

    route: Route
    extra_s: int
    extra_m: int
    breaks: bool


def load(uow: UnitOfWork, delivery: Delivery, hub: Hub) -> Tour | None:
    """The tour that a failed parcel is on; None once it is over, or the driver has another."""
    if delivery.route_id is None or delivery.driver_id is None:
        return None
    route = store.load_route(uow, delivery.route_id)
    if route.status is not RouteStatus.UNDER_WAY or route.driver_id is None:
        return None
    work = drivers.load_work(uow, route.driver_id)
    return Tour.of(route, work, hub, uow.now) if work.route_id == route.id else None


def to_door(tour: Tour, delivery: Delivery, ref: DeliveryRef, new_stop_id: str) -> Longer | None:
    """Back to the recipient's door, next: nobody walks away from a door to come back later."""
    stop = _visit(delivery, ref, new_stop_id, tour.ground.at)
    first = _first_open(tour.route)
    if first is None:
        return None
    # Where the driver stands at another door already, that one is done first.
    is_busy = tour.route.stops[first].status is StopStatus.ARRIVED
    if is_busy and tour.route.stops[first].kind is StopKind.RETURN:
        return None
    return _weighed(tour, _inserted(tour.route, ref, stop, first + is_busy))


def to_point(
    tour: Tour, delivery: Delivery, ref: DeliveryRef, point: PickupPoint, new_stop_id: str
) -> Longer | None:
    """To a pickup point on the rest of the tour, where it adds least."""
    joined = next((one for one in _open(tour.route) if one.pickup_point_id == point.id), None)
    if joined is not None:
        more = replace(
            joined,
            deliveries=(*joined.deliveries, ref),
            service_s=joined.service_s + ONE_MORE_S,
            weight_g=joined.weight_g + delivery.parcel.weight_g,
            volume_ml=joined.volume_ml + delivery.parcel.volume_ml,
        )
        off = itinerary.without_return(tour.route, [ref])
        return _weighed(tour, itinerary.with_stop(off, more))
    stop = replace(
        _visit(delivery, ref, new_stop_id, tour.ground.at),
        place_name=point.name,
        position=point.position,
        service_s=POINT_SERVICE_S,
        window=None,
        door=None,
        pickup_point_id=point.id,
    )
    gap = _nearest_gap(tour, stop)
    return None if gap is None else _weighed(tour, _inserted(tour.route, ref, stop, gap))


def save(uow: UnitOfWork, before: Route, longer: Longer, ref: DeliveryRef) -> Route:
    """Save the longer tour; its driver's phone hears of it with the next look at the route."""
    route = replace(longer.route, version=before.version + 1)
    store.save_route(uow, route, expect=before.version)
    data = {
        "hub_id": route.hub_id,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "delivery_id": ref.delivery_id,
        "extra_s": longer.extra_s,
        "extra_m": longer.extra_m,
    }
    uow.emit(Event("route.extended", route.id, route.version, uow.now, data))
    return route


def without_visit(route: Route, ref: DeliveryRef) -> Route | None:
    """The route without the second visit, the parcel not on the way back either; None once the
    driver is there, or has been."""
    stop = next((one for one in reversed(list(_visits(route, ref))) if not _is_failed(one)), None)
    if stop is None or stop.status is not StopStatus.PENDING:
        return None
    return itinerary.without_deliveries(route, [ref])


def _visits(route: Route, ref: DeliveryRef) -> Iterator[Stop]:
    return (one for one in route.stops if one.kind is StopKind.DROPOFF and ref in one.deliveries)


def _is_failed(stop: Stop) -> bool:
    return stop.status is StopStatus.FAILED


def _open(route: Route) -> Iterator[Stop]:
    return (one for one in route.stops if one.status is StopStatus.PENDING)


def _first_open(route: Route) -> int | None:
    return next((at for at, one in enumerate(route.stops) if not one.status.is_over), None)


def _visit(delivery: Delivery, ref: DeliveryRef, stop_id: str, at: datetime) -> Stop:
    return Stop(
        id=stop_id,
        kind=StopKind.DROPOFF,
        place_name="",
        position=delivery.dropoff,
        deliveries=(ref,),
        planned_arrival_at=at,
        service_s=delivery.service_s,
        window=delivery.window,
        weight_g=delivery.parcel.weight_g,
        volume_ml=delivery.parcel.volume_ml,
        door=delivery.door,
    )


def _inserted(route: Route, ref: DeliveryRef, stop: Stop, at: int) -> Route:
    off = itinerary.without_return(route, [ref])
    return replace(off, stops=(*off.stops[:at], stop, *off.stops[at:]))


def _nearest_gap(tour: Tour, stop: Stop) -> int | None:
    """Behind which of the stops from the next one on it adds least driving."""
    route, kind = tour.route, tour.route.vehicle_kind.value
    leg: Callable[..., tuple[int, int]] = tour.distances.leg
    first = arranging.locked(route)
    last = arranging.returns_from(route)
    if first > last:
        # Only the way back is left: the point still comes first, unless the driver is at the hub.
        if last < len(route.stops) and route.stops[last].status is StopStatus.ARRIVED:
            return None
        first = last

    def added_s(at: int) -> int:
        before = route.stops[at - 1].position if at else None
        after = route.stops[at].position if at < len(route.stops) else None
        to_s = 0 if before is None else leg(kind, before, stop.position)[0]
        on_s = 0 if after is None else leg(kind, stop.position, after)[0]
        gone_s = 0 if before is None or after is None else leg(kind, before, after)[0]
        return to_s + on_s - gone_s

    return min(range(first, last + 1), key=added_s, default=None)


def _weighed(tour: Tour, longer: Route) -> Longer:
    before, after = tour.assess(tour.route), tour.assess(longer)
    was_late = before.late_s
    later = any(late_s > was_late.get(ref, 0) for ref, late_s in after.late_s.items())
    broken = any(limit not in before.limits for limit in after.limits)
    return Longer(
        after.route,
        max(0, after.route.duration_s - before.route.duration_s),
        max(0, after.route.distance_m - before.route.distance_m),
        later or broken,
    )


