"""Use case of recovery: parcels came back to the hub."""

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.recovery.policy import deserves_another_attempt
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork


def receive_parcels(uow: UnitOfWork, event: Event) -> None:
    """On ``route.parcels_returned``: each is ready again at the hub, or returned."""
    hub = merchants.load_hub(uow, event.data["hub_id"])
    desk = Place(hub.id, hub.name, hub.position)
    refs = [DeliveryRef.parse(text) for text in event.data["deliveries"]]
    for delivery in delivery_store.load_many(uow, refs).values():
        if delivery.route_id != event.subject:
            continue
        if delivery.status is Status.RETURNING:
            deliveries.advance(uow, delivery, life.ReceiveReturn(uow.now))
        elif delivery.status is Status.ATTEMPT_FAILED:
            if deserves_another_attempt(delivery):
                deliveries.advance(uow, delivery, life.Retry(uow.now, desk))
            else:
                reason = delivery.attempts[-1].reason.value
                steps = (life.Return(uow.now, reason), life.ReceiveReturn(uow.now))
                deliveries.advance(uow, delivery, *steps)
