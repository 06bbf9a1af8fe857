"""Use cases of deliveries: load, decide, save, tell.

Called by intake, dispatch, recovery and the API. Times are precise to the millisecond in storage,
so commands are given times already cut to it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.coverage import capacity
from chalicelib.domain.coverage.model import Booking
from chalicelib.domain.deliveries import lifecycle, store
from chalicelib.domain.deliveries.lifecycle import Command
from chalicelib.domain.deliveries.model import (
    Delivery,
    HistoryEntry,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.agreed import Agreed, save_agreed
from chalicelib.kit.geo import LatLng
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


def create(uow: UnitOfWork, request: Request) -> Delivery:
    """Promise it. It is ready at once: its address was checked on the way in."""
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
    )
    ready, events = lifecycle.apply(created, lifecycle.MakeReady(uow.now))
    store.save(uow, ready, expect=0)
    store.save_recipient(uow, ref_of(ready), request.recipient)
    save_agreed(uow, ready.merchant_id, ready.id, request.agreed)
    uow.emit(lifecycle.creation_event(created), *events)
    return ready


def carry_out(uow: UnitOfWork, ref: DeliveryRef, *commands: Command) -> Delivery:
    """Carry out commands one after the other; one save, one event for each that changed anything.

    Raises
    ------
    NotFound, IllegalTransition
    """
    return advance(uow, store.load(uow, ref), *commands)


def advance(uow: UnitOfWork, before: Delivery, *commands: Command) -> Delivery:
    """The same for a delivery that is loaded already; a cancelled one gives its place back."""
    after = before
    for command in commands:
        after, events = lifecycle.apply(after, command)
        uow.emit(*events)
    if after.status is Status.CANCELLED and after.booking is not None:
        capacity.release(uow, after.booking)
        after = replace(after, booking=None)
    if after.version != before.version:
        store.save(uow, after, expect=before.version)
    return after


def update(uow: UnitOfWork, before: Delivery, after: Delivery, recipient: Recipient) -> Delivery:
    """Take over what the shop changed in its order; raise IllegalTransition when it is too late."""
    updated, event = lifecycle.record_update(before, after, uow.now)
    store.save(uow, updated)
    store.save_recipient(uow, ref_of(updated), recipient)
    uow.emit(event)
    return updated


def ref_of(delivery: Delivery) -> DeliveryRef:
    return DeliveryRef(delivery.merchant_id, delivery.id)
