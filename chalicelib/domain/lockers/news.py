"""What does an operator tell us? That a parcel was put in, collected, has expired, or was fetched.

Their word counts for what lies in their compartments, whenever it comes: twice, late, or in another
order. So nothing is counted or sequenced; each word is turned into the steps that are missing, and
one about a delivery that is past it changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service, store
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.lockers import holds
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

_ON_ITS_WAY = (
    Status.PICKED_UP,
    Status.EN_ROUTE_TO_DROPOFF,
    Status.ARRIVED_AT_DROPOFF,
    Status.ATTEMPT_FAILED,
)


class Word(StrEnum):
    DEPOSITED = "parcel.deposited"
    COLLECTED = "parcel.collected"
    EXPIRED = "parcel.expired"
    FETCHED = "parcel.fetched"
    DOOR_LEFT_OPEN = "door.left_open"


class Became(StrEnum):
    """What was made of it, as the operator hears it."""

    TAKEN = "taken"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    word: Word
    reservation: str
    at: datetime


def take_in(uow: UnitOfWork, operator_id: str, told: Told) -> Became:
    """Believe an operator about a reservation at one of its own points, and about no other."""
    found = _find(uow, operator_id, told.reservation)
    if found is None:
        return Became.UNKNOWN
    delivery, point = found
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    # Their clock may be wrong: a parcel is not kept from before it was ordered.
    at = min(max(told.at, delivery.created_at), uow.now)
    if told.word is Word.DOOR_LEFT_OPEN:
        hold = holds.load(uow, ref, point.id)
        if hold is None or hold.door_open_at == at:
            return Became.KNOWN
        holds.save(uow, ref, replace(hold, door_open_at=at))
        return Became.TAKEN
    steps = _missing(told.word, delivery, point, at)
    if not steps:
        return Became.KNOWN
    service.advance(uow, delivery, *steps)
    return Became.TAKEN


def _missing(
    word: Word, delivery: Delivery, point: PickupPoint, at: datetime
) -> list[life.Command]:
    lies_there = delivery.status is Status.AT_PICKUP_POINT
    put_in = life.LeaveAtPickupPoint(at, at + timedelta(days=point.keeps_days))
    # Whoever hears of the collection first was told late of what came before.
    before = [put_in] if delivery.status in _ON_ITS_WAY else []
    match word:
        case Word.DEPOSITED:
            return [*before]
        case Word.COLLECTED if lies_there or before:
            return [*before, life.Collect(at)]
        case Word.EXPIRED if lies_there:
            return [life.Return(at, FailureReason.CUSTOMER_UNAVAILABLE)]
        case Word.FETCHED if delivery.status is Status.RETURNING:
            return [life.ReceiveReturn(at)]
    return []


def _find(
    uow: UnitOfWork, operator_id: str, reservation: str
) -> tuple[Delivery, PickupPoint] | None:
    """The delivery that has, or had, a place at a point of this operator."""
    delivery_id, _, point_id = reservation.partition(".")
    try:
        point = pickup_points.load(uow, point_id)
    except NotFound:
        return None
    if point.operator is None or point.operator.operator_id != operator_id:
        return None
    there = room.load(uow, point_id)
    for ref in map(DeliveryRef.parse, (*there.held, *there.left)):
        if ref.delivery_id == delivery_id:
            delivery = store.load(uow, ref)
            return (delivery, point) if delivery.pickup_point_id == point_id else None
    return None
