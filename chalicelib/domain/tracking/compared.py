"""What was promised, what was planned, what is expected, what came? One delivery, for its shop."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.domain.tracking import outlooks
from chalicelib.domain.tracking.eta import Arrival
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

_HANDED_OVER = (Status.DELIVERED, Status.COLLECTED)


@dataclass(frozen=True, slots=True)
class Compared:
    """``planned_at`` is the route's plan for the door, ``expected`` the outlook of this moment;
    ``done_at`` when it was handed over. None where nobody can say."""

    promised: TimeWindow
    planned_at: datetime | None
    expected: Arrival | None
    done_at: datetime | None


def compare(uow: UnitOfWork, delivery: Delivery) -> Compared:
    """Its promise beside everything that is known since."""
    done_at = delivery.history[-1].at if delivery.status in _HANDED_OVER else None
    route = _route_of(uow, delivery)
    if route is None:
        return Compared(delivery.window, None, None, done_at)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    outlook = None if delivery.status.is_final else outlooks.outlook_of(uow, route)
    return Compared(
        delivery.window,
        _planned_at(route, ref),
        None if outlook is None else outlook.of(ref),
        done_at,
    )


def _route_of(uow: UnitOfWork, delivery: Delivery) -> Route | None:
    if delivery.route_id is None:
        return None
    try:
        return dispatch.load_route(uow, delivery.route_id)
    except NotFound:
        return None


def _planned_at(route: Route, ref: DeliveryRef) -> datetime | None:
    doors = (one for one in route.stops if one.kind is StopKind.DROPOFF and ref in one.deliveries)
    return next((one.planned_arrival_at for one in doors), None)
