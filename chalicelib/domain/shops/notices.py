"""What does Shopify tell us that is no order? Uninstalls, privacy requests, edits, requests.

``customers/data_request``, ``customers/redact`` and ``shop/redact`` are mandatory for apps;
``orders/edited`` names an order that has to be fetched to be known; a fulfilment service is told of
requests without being told which (``fulfillment_order_notification``).
Source: Shopify, "Privacy law compliance"; webhook topics 2026-07; "Build for fulfillment services".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from chalicelib.domain.intake.payload import (
    Elements,
    Headers,
    Id,
    Payload,
    event_id,
    header,
    read,
)
from chalicelib.kit.errors import Malformed
from chalicelib.kit.timewindow import read_instant

MOST_ORDERS = 5000


class Kind(StrEnum):
    UNINSTALLED = "uninstalled"
    DATA_REQUEST = "data_request"
    REDACT_CUSTOMER = "redact_customer"
    REDACT_SHOP = "redact_shop"
    EDITED = "edited"
    FULFILMENT_REQUESTED = "fulfilment_requested"
    CANCELLATION_REQUESTED = "cancellation_requested"

    @property
    def is_privacy(self) -> bool:
        return self in (Kind.DATA_REQUEST, Kind.REDACT_CUSTOMER, Kind.REDACT_SHOP)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; ``triggered_at`` where Shopify says when it happened."""

    kind: Kind
    source_id: str
    order_ids: tuple[str, ...] = ()
    triggered_at: datetime | None = None


_TOPICS = {
    "app/uninstalled": Kind.UNINSTALLED,
    "customers/data_request": Kind.DATA_REQUEST,
    "customers/redact": Kind.REDACT_CUSTOMER,
    "shop/redact": Kind.REDACT_SHOP,
    "orders/edited": Kind.EDITED,
}
_REQUESTS = {
    "FULFILLMENT_REQUEST": Kind.FULFILMENT_REQUESTED,
    "CANCELLATION_REQUEST": Kind.CANCELLATION_REQUESTED,
}


class _Edit(Payload):
    order_id: Id


class _Body(Payload):
    order_edit: _Edit | None = None
    orders_requested: Elements[Id] = Field((), max_length=MOST_ORDERS)
    orders_to_redact: Elements[Id] = Field((), max_length=MOST_ORDERS)


class _Request(Payload):
    kind: str


def read_notice(headers: Headers, raw_body: bytes) -> Notice | None:
    """The notice in a verified webhook; None when it is an order's, or of no topic of ours.

    Raises
    ------
    Malformed, Invalid
    """
    topic = header(headers, "x-shopify-topic", "shopify-topic").strip().lower()
    kind = _TOPICS.get(topic)
    if kind is None:
        return None
    body = read(_Body, raw_body)
    if kind is Kind.EDITED and body.order_edit is None:
        return None
    edited = (body.order_edit.order_id,) if kind is Kind.EDITED and body.order_edit else ()
    given = header(headers, "x-shopify-event-id", "shopify-event-id") or header(
        headers, "x-shopify-webhook-id", "shopify-webhook-id"
    )
    return Notice(
        kind=kind,
        source_id=event_id((topic, given), raw_body),
        order_ids=(*edited, *body.orders_requested, *body.orders_to_redact),
        triggered_at=_triggered_at(headers),
    )


def read_request(raw_body: bytes) -> Kind | None:
    """What a fulfilment service is asked to look up; None for kinds that came after us."""
    return _REQUESTS.get(read(_Request, raw_body).kind)


def _triggered_at(headers: Headers) -> datetime | None:
    text = header(headers, "x-shopify-triggered-at", "shopify-triggered-at")
    if not text:
        return None
    try:
        return read_instant(text)
    except ValueError as error:
        raise Malformed("the header X-Shopify-Triggered-At is no time") from error
