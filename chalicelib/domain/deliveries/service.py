"""Use cases of deliveries: load, decide, save, tell.

Called by intake, dispatch, recovery and the API. Times are precise to the millisecond in storage,
so commands are given times already cut to it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.coverage import capacity
from chalicelib.domain.coverage.model import Booking
from chalicelib.domain.deliveries import door_kinds, lifecycle, news, store
from chalicelib.domain.deliveries.commands import AskForAddress, Command, MakeReady
from chalicelib.domain.deliveries.model import (
    Confidence,
    Delivery,
    DoorKind,
    HistoryEntry,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.requirements import NOTHING, Requirements
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pricing.agreed import Agreed, save_agreed
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Request:
    """What is needed to promise a delivery; already checked by whoever asks, who has also taken
    the place that ``booking`` names."""

    merchant_id: str
    hub_id: str
    platform: str
    external_id: str
    order_name: str
    pickup: Place
    dropoff: LatLng
    window: TimeWindow
    parcel: Parcel
    service_s: int
    source_updated_at: datetime
    recipient: Recipient
    agreed: Agreed
    booking: Booking | None = None
    confidence: Confidence = Confidence.ACCEPT
    doubt: str | None = None
    door_key: str | None = None
    live: bool = True
    requirements: Requirements = NOTHING
    pickup_point_id: str | None = None
    tip: Money | None = None
    zone_id: str | None = None


def create(uow: UnitOfWork, request: Request) -> Delivery:
    """Promise it. It is ready at once, unless somebody has to be asked where its door is."""
    created = Delivery(
        id=uow.new_id("del"),
        merchant_id=request.merchant_id,
        hub_id=request.hub_id,
        platform=request.platform,
        external_id=request.external_id,
        order_name=request.order_name,
        status=Status.CREATED,
        version=1,
        created_at=uow.now,
        pickup=request.pickup,
        dropoff=request.dropoff,
        window=request.window,
        parcel=request.parcel,
        service_s=request.service_s,
        source_updated_at=request.source_updated_at,
        history=(HistoryEntry(1, "created", Status.CREATED, uow.now),),
        booking=request.booking,
        confidence=request.confidence,
        door_key=request.door_key,
        shop_door_key=request.door_key,
        live=request.live,
        requirements=request.requirements,
        pickup_point_id=request.pickup_point_id,
        door=_door_of(request),
        tip=request.tip,
        zone_id=request.zone_id,
    )
    next_step: Command = MakeReady(uow.now)
    if request.confidence is Confidence.ASK:
        next_step = AskForAddress(uow.now, request.doubt or request.confidence)
    begun, events = lifecycle.apply(created, next_step)
    store.save(uow, begun, expect=0)
    store.save_recipient(uow, ref_of(begun), request.recipient)
    save_agreed(uow, begun.merchant_id, begun.id, request.agreed)
    uow.emit(news.event_of(created), *events)
    return begun


def _door_of(request: Request) -> DoorKind:
    if request.pickup_point_id is not None:
        return DoorKind.PICKUP_POINT
    return door_kinds.kind_of(request.recipient, request.parcel)


def carry_out(uow: UnitOfWork, ref: DeliveryRef, *commands: Command) -> Delivery:
    """Carry out commands one after the other; one save, one event for each that changed anything.

    Raises
    ------
    NotFound, IllegalTransition
    """
    return advance(uow, store.load(uow, ref), *commands)


def advance(uow: UnitOfWork, before: Delivery, *commands: Command) -> Delivery:
    """The same for a delivery that is loaded already; a cancelled one gives its place back, one
    that is over its place at a pickup point."""
    after = before
    for command in commands:
        after, events = lifecycle.apply(after, command)
        uow.emit(*events)
    if after.status is Status.CANCELLED and after.booking is not None:
        capacity.release(uow, after.booking)
        after = replace(after, booking=None)
    if after.pickup_point_id and _leaves_its_place(before, after):
        room.give_back(uow, after.pickup_point_id, str(ref_of(after)))
    if after.version != before.version:
        store.save(uow, after, expect=before.version)
    return after


def _leaves_its_place(before: Delivery, after: Delivery) -> bool:
    """It is over, or turns back before it came to its pickup point; one that lies there keeps its
    place until somebody fetches it."""
    if after.status.is_final:
        return not before.status.is_final
    turned = after.status is Status.RETURNING and before.status is not Status.RETURNING
    return turned and before.status is not Status.AT_PICKUP_POINT


def hand_over(uow: UnitOfWork, before: Delivery, driver_id: str) -> Delivery:
    """Note that another driver has it now: no step of its life, but one of its history."""
    if before.driver_id in (None, driver_id) or before.status.is_final:
        return before
    version, at = before.version + 1, max(uow.now, before.history[-1].at)
    entry = HistoryEntry(version, "handed_over", before.status, at)
    history = (*before.history, entry)
    after = replace(before, driver_id=driver_id, version=version, history=history)
    uow.emit(news.event_of(after))
    store.save(uow, after, expect=before.version)
    return after


def foretell(uow: UnitOfWork, before: Delivery, what: str) -> Delivery:
    """Tell that a delivery is near or late, once for each attempt."""
    after, events = lifecycle.foretell(before, what, uow.now)
    if events:
        uow.emit(*events)
        store.save(uow, after, expect=before.version)
    return after


def update(
    uow: UnitOfWork, before: Delivery, after: Delivery, recipient: Recipient, *then: Command
) -> Delivery:
    """Take over what the shop changed in its order, and what follows from it.

    Raises
    ------
    IllegalTransition
        If it is too late.
    """
    updated, event = lifecycle.record_update(before, after, uow.now)
    uow.emit(event)
    for command in then:
        updated, events = lifecycle.apply(updated, command)
        uow.emit(*events)
    store.save(uow, updated, expect=before.version)
    store.save_recipient(uow, ref_of(updated), recipient)
    return updated


def settle_door(
    uow: UnitOfWork, before: Delivery, position: LatLng, confidence: Confidence, door_key: str
) -> Delivery:
    """Somebody told where the door is: it can be planned. Raise IllegalTransition unless asked."""
    found = replace(before, dropoff=position, confidence=confidence, door_key=door_key)
    return advance(uow, found, MakeReady(uow.now))


def ref_of(delivery: Delivery) -> DeliveryRef:
    return DeliveryRef(delivery.merchant_id, delivery.id)
