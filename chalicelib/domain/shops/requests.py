"""Use case of a fulfilment service: what a shop asks us to take over, or to leave.

Shopify tells us that something was asked, never what: all that waits is listed and answered. An
order that we can deliver is accepted (it is fetched and taken in first, if its webhook has not
come), another is rejected with the reason. A cancellation is accepted until the parcel is with a
driver. What was answered before is no longer listed, so doing this twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import store as intake
from chalicelib.domain.intake.store import Outcome
from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection
from chalicelib.domain.shops.platforms import FulfilmentGateway, Gateways
from chalicelib.domain.shops.telling import Commit
from chalicelib.kit.errors import (
    NotFound,
)
from chalicelib.kit.shop_calls import Access, FoundOrder, Requested, Wish
from chalicelib.kit.shop_errors import (
    ShopRejected,
)
from chalicelib.storage.unit_of_work import UnitOfWork

_OUT = "The parcel is with its driver already; it can only be brought back."
_GONE = "The shop has no such order."
_ENDED = "The delivery of this order is over."

#: Until here the parcel lies at the shop.
_AT_THE_SHOP = frozenset(
    {
        *(Status.CREATED, Status.ADDRESS_REVIEW, Status.READY, Status.PLANNED),
        *(Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP),
    }
)


@dataclass(frozen=True, slots=True)
class Clerk:
    """What answering needs besides the shop."""

    commit: Commit
    gateways: Gateways
    server_key: bytes
    take_in: Callable[[Connection, FoundOrder], Outcome]


def answer_requests(clerk: Clerk, merchant_id: str, platform: str) -> dict[str, int]:
    """Answer all that waits at one shop; returns how many of each answer were given.

    Raises
    ------
    ShopUnavailable, ShopRefused
    """
    connection = clerk.commit(lambda uow: store.load_connection(uow, merchant_id, platform))
    counts = {"accepted": 0, "rejected": 0, "too_late": 0}
    if connection is None or not connection.is_usable:
        return counts
    gateway = clerk.gateways[platform]
    if not isinstance(gateway, FulfilmentGateway):
        return counts
    access = store.access(clerk.server_key, connection)
    for wish in (Wish.CANCEL, Wish.FULFIL):
        for request in gateway.requests(access, wish):
            objection = _objection(clerk, gateway, access, connection, request)
            counts[_give_answer(gateway, access, request, objection)] += 1
    return counts


def _give_answer(
    gateway: FulfilmentGateway, access: Access, request: Requested, objection: str | None
) -> str:
    try:
        if objection is None:
            gateway.accept(access, request)
            return "accepted"
        gateway.reject(access, request, objection)
        return "rejected"
    except ShopRejected:
        # Somebody was faster: another worker of ours, or the merchant who took it back.
        return "too_late"


def _objection(
    clerk: Clerk,
    gateway: FulfilmentGateway,
    access: Access,
    connection: Connection,
    request: Requested,
) -> str | None:
    """Why we have to say no; None when we say yes."""
    if request.wish is Wish.CANCEL:
        return clerk.commit(lambda uow: _cancel(uow, connection, request))
    delivery = clerk.commit(lambda uow: _find(uow, connection, request.order_id))
    if delivery is not None:
        return _ENDED if delivery.status.is_final else None
    found = gateway.order(access, request.order_id)
    if found is None:
        return _GONE
    outcome = clerk.take_in(connection, found)
    if outcome.delivery_id is not None:
        return None
    return outcome.detail or f"We do not deliver it: {outcome.code}."


def _find(uow: UnitOfWork, connection: Connection, order_id: str) -> Delivery | None:
    lock = intake.find_lock(uow, connection.merchant_id, connection.platform, order_id)
    if lock is None or lock.delivery_id is None:
        return None
    try:
        ref = DeliveryRef(connection.merchant_id, lock.delivery_id)
        return delivery_store.load(uow, ref)
    except NotFound:
        return None


def _cancel(uow: UnitOfWork, connection: Connection, request: Requested) -> str | None:
    delivery = _find(uow, connection, request.order_id)
    if delivery is None or delivery.status is Status.CANCELLED:
        return None
    if delivery.status.is_final:
        return _ENDED
    if delivery.status not in _AT_THE_SHOP or delivery.attempts:
        return _OUT
    deliveries.advance(uow, delivery, Cancel(uow.now, CancelReason.MERCHANT_REQUEST))
    return None
