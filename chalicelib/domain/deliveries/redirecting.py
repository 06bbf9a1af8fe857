"""May it go to a pickup point instead, or home again? One commit: the delivery and its compartment.

What was asked for at the door falls away at a point, where the recipient shows a code; cash and an
ID cannot fall away, so such a parcel keeps its door. A compartment that was held before is given
back in the same commit, so of two changes of mind at once one wins and nothing is held twice.

Whether the route can follow is no question for this room: ``dispatch.under_way.rerouting`` asks it,
calls these, and moves the stop in the same commit. Who calls these alone leaves that to its
subscriber.
"""

from chalicelib.domain.deliveries import lifecycle, store
from chalicelib.domain.deliveries.commands import Redirect
from chalicelib.domain.deliveries.model import Confidence, Delivery, DoorKind, Home
from chalicelib.domain.deliveries.requirements import NOTHING
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points.model import PickupPoint, smallest_fit
from chalicelib.kit.move_errors import DoesNotFit, HomeUnknown, NeedsADoor, PointClosed, PointFull
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: What putting one parcel into a compartment takes [s]; walking there is the stop's, once.
POINT_SERVICE_S = 60


def redirect(
    uow: UnitOfWork, delivery: Delivery, point: PickupPoint, *, by: str | None = None
) -> Delivery:
    """Bring it to a pickup point; the same point again changes nothing.

    Raises
    ------
    PointFull, DoesNotFit, PointClosed
        If it cannot go to this point.
    NeedsADoor
        If it cannot go to any.
    IllegalTransition
        If it is too late.
    """
    if delivery.pickup_point_id == point.id and not delivery.status.is_final:
        return delivery
    must_need_no_door(delivery)
    # It is nobody's door, so nothing is learned of it.
    there = Home(point.position, DoorKind.PICKUP_POINT, NOTHING, Confidence.ACCEPT, POINT_SERVICE_S)
    home = delivery.home or _home_of(delivery)
    after, events = lifecycle.apply(delivery, Redirect(uow.now, there, point.id, home, by=by))
    window = _promised(uow, after)
    if not point.is_active or not room.opens_within(point, window):
        raise PointClosed
    _exchange_place(uow, delivery, point)
    uow.emit(*events)
    store.save(uow, after, expect=delivery.version)
    return after


def redirect_home(uow: UnitOfWork, delivery: Delivery, *, by: str | None = None) -> Delivery:
    """Bring it to the recipient's own door after all; one that goes there already stays as it is.

    Raises
    ------
    HomeUnknown
        If it was ordered to a point, or its door was never found.
    IllegalTransition
        If it lies at the point already, or it is too late.
    """
    if delivery.pickup_point_id is None:
        return delivery
    home = delivery.home
    if home is None:
        raise HomeUnknown
    after, events = lifecycle.apply(delivery, Redirect(uow.now, home, by=by))
    if delivery.live:
        room.give_back(uow, delivery.pickup_point_id, _ref(delivery))
    uow.emit(*events)
    store.save(uow, after, expect=delivery.version)
    return after


def must_need_no_door(delivery: Delivery) -> None:
    """Raise NeedsADoor if something is asked for that only a person at a door can give."""
    asked = delivery.requirements
    if asked.cash_minor or asked.id_min_age is not None:
        raise NeedsADoor


def place_at(uow: UnitOfWork, delivery: Delivery, point: PickupPoint) -> bool:
    """Whether the point has a compartment for it now, for whoever looks before choosing."""
    parcel = delivery.parcel
    if not point.is_active or not room.opens_within(point, _promised(uow, delivery)):
        return False
    return room.load(uow, point.id).free(point, parcel.weight_g, parcel.volume_ml) is not None


def _exchange_place(uow: UnitOfWork, delivery: Delivery, point: PickupPoint) -> None:
    parcel = delivery.parcel
    if smallest_fit(point.compartments, parcel.weight_g, parcel.volume_ml) is None:
        raise DoesNotFit
    held = room.load(uow, point.id)
    size = held.free(point, parcel.weight_g, parcel.volume_ml)
    if size is None:
        raise PointFull
    if not delivery.live:
        # A test takes no place that counts.
        return
    if delivery.pickup_point_id is not None:
        room.give_back(uow, delivery.pickup_point_id, _ref(delivery))
    room.reserve(uow, held, _ref(delivery), size)


def _home_of(delivery: Delivery) -> Home | None:
    """The door to come back to; one that is in doubt, or that there never was, is none."""
    if delivery.pickup_point_id is not None or delivery.confidence is Confidence.ASK:
        return None
    return Home(
        dropoff=delivery.dropoff,
        door=delivery.door,
        requirements=delivery.requirements,
        confidence=delivery.confidence,
        service_s=delivery.service_s,
        door_key=delivery.door_key,
        shop_door_key=delivery.shop_door_key,
    )


def _promised(uow: UnitOfWork, delivery: Delivery) -> TimeWindow:
    """What is left of the promise; after an attempt, or when it is over, the day to come."""
    if delivery.window.end_at <= uow.now or delivery.attempts:
        return TimeWindow(uow.now, max(delivery.window.end_at, uow.now + room.A_DAY))
    return TimeWindow(max(uow.now, delivery.window.start_at), delivery.window.end_at)


def _ref(delivery: Delivery) -> str:
    return str(DeliveryRef(delivery.merchant_id, delivery.id))
