"""What becomes of a parcel at a pickup point? Collected by its code, or back after so many days.

The code is derived, not kept, and tried five times in an hour at most (``codes``). A sweep reminds
whoever has not come a day before the end, and turns the delivery back at the end; it frees no
place: the parcel lies there until somebody fetches it. Sweeping twice, late or not for a day
changes only when it happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.deliveries import codes, service, store
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.model import (
    COLLECTION_EXTENDED,
    Delivery,
    FailureReason,
    Status,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Size
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, NotFound, WrongCollectionCode
from chalicelib.kit.move_errors import ExtensionRefused
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import index_keys
from chalicelib.storage.keys import Index
from chalicelib.storage.unit_of_work import UnitOfWork

#: What one more trip to town takes.
KEPT_LONGER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel with a place at a point, whether it is there already or not."""

    delivery: Delivery
    size: Size


def parcels_at(uow: UnitOfWork, point_id: str) -> list[Held]:
    """What has a place at a pickup point; raise NotFound unless there is such a point."""
    pickup_points.load(uow, point_id)
    held = room.load(uow, point_id).held
    found = store.load_many(uow, map(DeliveryRef.parse, held))
    return [Held(found[ref], held[str(ref)]) for ref in found]


def collect(
    uow: UnitOfWork, point_id: str, delivery_id: str, code: str, server_key: bytes
) -> Delivery:
    """Hand a parcel to whoever knows its code; the same again changes nothing.

    Raises
    ------
    NotFound
        If no such parcel has a place at this point.
    WrongCollectionCode
    IllegalTransition
        If it does not lie there: not yet, or on its way back.
    """
    right = tokens.collection_code(server_key, delivery_id)
    if not codes.fits(uow, "collect", delivery_id, code, right):
        raise WrongCollectionCode
    delivery = _at(uow, point_id, delivery_id)
    return service.advance(uow, delivery, life.Collect(uow.now))


def hand_back(uow: UnitOfWork, point_id: str, delivery_id: str) -> Delivery:
    """A parcel on its way back was fetched from the point: its place is free again.

    Raises
    ------
    NotFound
    Conflict
        If it is not to go back.
    """
    delivery = _at(uow, point_id, delivery_id)
    if delivery.status is Status.RETURNED:
        return delivery
    if delivery.status is not Status.RETURNING:
        raise Conflict(f"the parcel is {delivery.status}, it does not go back")
    return service.advance(uow, delivery, life.ReceiveReturn(uow.now))


def keep_longer(uow: UnitOfWork, delivery: Delivery, *, by: str | None = None) -> Delivery:
    """Keep it some days more, once, where a compartment of its class is free for others.

    Raises
    ------
    ExtensionRefused
        If it was kept longer before, or others wait for the compartment.
    IllegalTransition
        If it does not lie at a pickup point.
    """
    if delivery.status is Status.AT_PICKUP_POINT and not may_be_kept_longer(uow, delivery):
        raise ExtensionRefused
    until = (delivery.collect_by or uow.now) + KEPT_LONGER
    return service.advance(uow, delivery, life.KeepLonger(uow.now, until, by=by))


def may_be_kept_longer(uow: UnitOfWork, delivery: Delivery) -> bool:
    """Whether :func:`keep_longer` would say yes, for whoever shows the choice."""
    if delivery.status is not Status.AT_PICKUP_POINT or delivery.pickup_point_id is None:
        return False
    asked_before = any(entry.what == COLLECTION_EXTENDED for entry in delivery.history)
    point = pickup_points.load(uow, delivery.pickup_point_id)
    there = room.load(uow, point.id)
    size = there.held.get(str(DeliveryRef(delivery.merchant_id, delivery.id)))
    count = sum(one.count for one in point.compartments if one.size is size)
    is_free = list(there.held.values()).count(size) < count if size is not None else False
    return is_free and not asked_before


def due(uow: UnitOfWork, hub_id: str) -> Iterator[DeliveryRef]:
    """Parcels of a hub at pickup points for which a word or the way back is due."""
    now = write_instant(uow.now)
    for item in uow.query_all(Index.ATTENTION, index_keys.parcels_at_points(hub_id)):
        at, _, ref = item["g3sk"].partition("#")
        if at <= now:
            yield DeliveryRef.parse(ref)


def take_step(uow: UnitOfWork, ref: DeliveryRef) -> Delivery | None:
    """Remind its recipient, or turn it back; None when nothing is due (any more)."""
    delivery = store.load(uow, ref)
    at, until = delivery.collection_step_at, delivery.collect_by
    if at is None or until is None or at > uow.now:
        return None
    if until <= uow.now:
        turned = life.Return(uow.now, FailureReason.CUSTOMER_UNAVAILABLE)
        return service.advance(uow, delivery, turned)
    return service.advance(uow, delivery, life.RemindToCollect(uow.now))


def _at(uow: UnitOfWork, point_id: str, delivery_id: str) -> Delivery:
    """The parcel at this point, or one that has just left it; a test's is nowhere."""
    there = room.load(uow, point_id)
    for ref in map(DeliveryRef.parse, (*there.held, *there.left)):
        if ref.delivery_id == delivery_id:
            return store.load(uow, ref)
    raise NotFound("no such parcel has a place there")
