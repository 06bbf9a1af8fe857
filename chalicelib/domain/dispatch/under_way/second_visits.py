"""Can what nobody took still be handed over on this tour? At the door after all, or at a point.

What either adds is told by ``detours``; to a pickup point leads ``rerouting.redirect``, to the door
:func:`back_to_door`: by a new stop, because the failed one stays what it was.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import BY_RECOVERY, Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import following
from chalicelib.domain.dispatch.under_way.detours import Detour, Errand, Ride
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Tour:
    """A route under way without the parcel that failed, and how it goes on."""

    route: Route
    shorter: Route
    ride: Ride

    def to_door(self, delivery: Delivery) -> Detour | None:
        return self.ride.best(_at_door(delivery))

    def to_point(self, delivery: Delivery, point: PickupPoint) -> Detour | None:
        """None too where it is closed when the driver comes by."""
        return self.ride.best(
            Errand(
                point.position,
                is_open=lambda at: point.hours.is_open(at, point.timezone),
                point_id=point.id,
            )
        )


def tour_of(uow: UnitOfWork, delivery: Delivery, hub: Hub) -> Tour | None:
    """The tour that a failed parcel is on; None once it is over, or at the hub."""
    if delivery.route_id is None or delivery.driver_id is None:
        return None
    route = store.load_route(uow, delivery.route_id)
    if route.status is not RouteStatus.UNDER_WAY or route.driver_id is None:
        return None
    if drivers.load_work(uow, route.driver_id).route_id != route.id or _is_at_the_hub(route):
        return None
    shorter = itinerary.without_door(route, deliveries.ref_of(delivery))
    return Tour(route, shorter, Ride(shorter, hub, uow.now, Ride(route, hub, uow.now)))


def back_to_door(uow: UnitOfWork, tour: Tour, delivery: Delivery, found: Detour) -> Delivery:
    """Let the driver ring again, or leave it where the recipient has said meanwhile."""
    new = itinerary.door_of(uow.new_id("stp"), delivery, uow.now)
    coming = tour.ride.with_call(found, _at_door(delivery), new)
    over = [stop for stop in tour.shorter.stops if stop.status.is_over]
    longer = replace(tour.shorter, stops=(*over, *coming))
    following.save_change(uow, tour.route, longer)
    steps: list[life.Command] = [life.Resume(uow.now, by=BY_RECOVERY)]
    if coming[0].id == new.id:
        steps.append(life.SetOutForDropoff(uow.now))
    return deliveries.advance(uow, delivery, *steps)


def without_visit(route: Route, ref: DeliveryRef) -> Route | None:
    """The route without the second visit; None once the driver is there, or has been."""
    visits = (one for one in route.stops if one.kind is StopKind.DROPOFF and ref in one.deliveries)
    second = next((one for one in visits if one.status is not StopStatus.FAILED), None)
    if second is None or second.status is not StopStatus.PENDING:
        return None
    return itinerary.without_door(route, ref)


def _at_door(delivery: Delivery) -> Errand:
    return Errand(delivery.dropoff, delivery.service_s)


def _is_at_the_hub(route: Route) -> bool:
    coming = route.next_stop()
    return (
        coming is not None
        and coming.kind is StopKind.RETURN
        and coming.status is StopStatus.ARRIVED
    )
