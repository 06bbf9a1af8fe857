"""Where is the driver, as far as one recipient may know? What is read for it, and what hides it.

The rules are ``approach``'s. Read are the last fix, the hub, and the driver's home, which leaves
this module only as a place where no dot is drawn.
"""

from collections.abc import Iterator

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.tracking import approach, whereabouts
from chalicelib.domain.tracking.approach import HIDDEN_AT_DOORS_M, Hidden, Sighting
from chalicelib.domain.tracking.eta import Progress
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork

#: At the door itself nobody needs a dot, and before it the driver must be on the way.
_SHOWN_WHILE = (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)


def dot_for(
    uow: UnitOfWork, delivery: Delivery, route: Route, progress: Progress, hub: Hub
) -> LatLng | None:
    """The dot on the page of a delivery; None for none."""
    is_far = progress.stops_before > approach.MOST_DOORS_BEFORE
    if is_far or route.driver_id is None or delivery.status not in _SHOWN_WHILE:
        return None
    fix = whereabouts.last_fix(uow, route.driver_id)
    if fix is None:
        return None
    return approach.dot(
        Sighting(fix.position, fix.at),
        door=delivery.dropoff,
        doors_before=progress.stops_before,
        hidden=[
            Hidden(hub.position),
            *_of_route(route, delivery),
            *_home(uow, route.driver_id),
        ],
        now=uow.now,
    )


def _of_route(route: Route, delivery: Delivery) -> Iterator[Hidden]:
    mine = DeliveryRef(delivery.merchant_id, delivery.id)
    for stop in route.stops:
        if stop.kind is not StopKind.DROPOFF or stop.pickup_point_id is not None:
            yield Hidden(stop.position)
        elif mine not in stop.deliveries:
            yield Hidden(stop.position, HIDDEN_AT_DOORS_M)


def _home(uow: UnitOfWork, driver_id: str) -> Iterator[Hidden]:
    try:
        person = drivers.load_person(uow, driver_id)
    except NotFound:
        return
    if person.home is not None:
        yield Hidden(person.home)
