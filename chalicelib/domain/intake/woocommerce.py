"""What did WooCommerce say? ``order.created``, ``order.updated``, ``order.deleted``.

The signature is the base64 HMAC-SHA256 of the raw body, keyed with the secret's text. Saving a
webhook sends an unsigned ping that must be answered with 200, or the webhook is turned off after
five of them. Orders are acted on when paid (``processing``); line items have no weights; texts
carry HTML entities; there are no coordinates. ``order.created`` may come several times, so an event
is (order, modification, status), whatever the topic. Sources: WooCommerce REST v3 documentation,
woocommerce#15642 (ping), woocommerce#28329 (repeated creation). PHP writes an empty object as an
empty list.
"""

import math
import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.door_wishes import cash_of, door_wishes
from chalicelib.domain.intake.order import Contact, Defaults, Kind, NotForUs, Order, Piece, Refusal
from chalicelib.domain.intake.payload import (
    Elements,
    Headers,
    Id,
    Payload,
    Quantity,
    ShopTime,
    event_id,
    header,
    read,
)
from chalicelib.domain.intake.text import NAME_LENGTH, NOTES_LENGTH, clean_html
from chalicelib.domain.intake.wishes import wished_window
from chalicelib.domain.intake.woocommerce_dates import shop_wishes
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import signing
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_TOPICS = {
    "order.created": Kind.PLACED,
    "order.updated": Kind.UPDATED,
    "order.restored": Kind.UPDATED,
}
_PAID = "processing"
#: The gateway's id. Source: woocommerce ``WC_Gateway_COD::ID``.
_ON_DELIVERY = "cod"
_ENDED = frozenset({"cancelled", "refunded", "trash"})


class _Address(Payload):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None


def _object(value: object) -> object:
    return {} if value is None or value == [] else value


_MaybeAddress = Annotated[_Address, BeforeValidator(_object)]


class _LineItem(Payload):
    quantity: Quantity = 1
    sku: str | None = None
    product_id: Id | None = None
    variation_id: Id | None = None


class _ShippingLine(Payload):
    method_id: str | None = None


class _Meta(Payload):
    key: object = None
    value: object = None


class _Deleted(Payload):
    id: Id


class _Order(Payload):
    id: Id
    number: str | None = None
    status: str
    payment_method: str | None = None
    currency: str | None = None
    total: str | None = None
    date_paid_gmt: ShopTime | None = None
    date_created_gmt: ShopTime | None = None
    date_modified_gmt: ShopTime | None = None
    billing: _MaybeAddress = _Address()
    shipping: _MaybeAddress = _Address()
    customer_note: str | None = None
    line_items: Elements[_LineItem] = ()
    shipping_lines: Elements[_ShippingLine] = ()
    meta_data: Elements[_Meta] = ()


def is_ping(raw_body: bytes) -> bool:
    """Whether this is the unsigned form body that saving a webhook sends."""
    return _PING.fullmatch(raw_body.strip()) is not None


def verify(headers: Headers, raw_body: bytes, secrets: tuple[str, ...], wall_now: datetime) -> bool:
    """Whether one of the live secrets signed these bytes; these signatures do not expire."""
    signature = header(headers, "x-wc-webhook-signature")
    keys = [secret.encode() for secret in secrets]
    return signing.matches_any(signature, keys, raw_body) and bool(signature)


def parse(headers: Headers, raw_body: bytes, defaults: Defaults) -> Order | NotForUs:
    """Read a verified webhook.

    Raises
    ------
    Malformed, Invalid
    """
    topic = header(headers, "x-wc-webhook-topic").strip().lower()
    if topic == "order.deleted":
        return _deleted(read(_Deleted, raw_body).id, topic, raw_body)
    kind = _TOPICS.get(topic)
    if kind is None:
        return NotForUs("topic")
    return read_order(raw_body, defaults, kind)


def read_order(raw_body: bytes, defaults: Defaults, kind: Kind = Kind.UPDATED) -> Order | NotForUs:
    """Read an order as webhooks and the REST API write it.

    Raises
    ------
    Malformed, Invalid
    """
    order = read(_Order, raw_body)
    status = order.status.removeprefix("wc-")
    if status in _ENDED:
        kind = Kind.CANCELLED
    elif status != _PAID:
        return NotForUs("status")
    named = shop_wishes((meta.key, meta.value) for meta in order.meta_data)
    address = _address(order, defaults)
    parcel = _parcel(order, defaults)
    window = wished_window(named, defaults.zone)
    updated_at = order.date_modified_gmt or order.date_created_gmt
    modified = updated_at.isoformat() if updated_at else ""
    return Order(
        platform=Platform.WOOCOMMERCE.value,
        kind=kind,
        source_event_id=event_id((order.id, modified, status), raw_body),
        order_id=order.id,
        order_name=f"#{clean_html(order.number, NAME_LENGTH) or order.id}",
        updated_at=updated_at,
        contact=_contact(order, defaults),
        address=address,
        parcel=parcel if isinstance(parcel, Parcel) else None,
        notes=clean_html(order.customer_note, NOTES_LENGTH),
        window=window if isinstance(window, TimeWindow) else None,
        cancel_reason=_cancel_reason(status),
        refusal=_refusal(order, named, words.first_refusal(parcel, address, window)),
        wishes=door_wishes(named, cash=_cash(order)),
    )


def _cash(order: _Order) -> tuple[int, str] | None:
    """What the driver collects: an order that is paid on delivery is `processing` and unpaid."""
    if order.payment_method != _ON_DELIVERY or order.date_paid_gmt is not None:
        return None
    return cash_of(order.total, order.currency)


def _parcel(order: _Order, defaults: Defaults) -> Parcel | Refusal:
    pieces = [
        Piece(
            math.ceil(item.quantity),
            None,
            refs=catalogue.refs(item.sku, item.variation_id, item.product_id),
        )
        for item in order.line_items
    ]
    return words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)


def _refusal(order: _Order, named: dict[str, str], first: Refusal | None) -> Refusal | None:
    """Whoever collects the order needs no courier, by the shop's method or by a plugin's word."""
    methods = {line.method_id for line in order.shipping_lines}
    is_pickup = bool(methods) and methods <= {"local_pickup", "pickup_location"}
    is_collected = named.get("delivery-type", "").lower() == "pickup"
    return Refusal.PICKUP_ONLY if is_pickup or is_collected else first


def _deleted(order_id: str, topic: str, raw_body: bytes) -> Order:
    """A deletion says which order and nothing else, not even when."""
    return Order(
        platform=Platform.WOOCOMMERCE.value,
        kind=Kind.CANCELLED,
        source_event_id=event_id((topic, order_id), raw_body),
        order_id=order_id,
        order_name=f"#{order_id}",
        updated_at=None,
        contact=Contact("", None),
    )


def _cancel_reason(status: str) -> CancelReason:
    if status == "cancelled":
        return CancelReason.CUSTOMER_REQUEST
    return CancelReason.MERCHANT_REQUEST


def _address(order: _Order, defaults: Defaults) -> Address | None:
    to = order.shipping
    return words.complete(
        Address(
            line1=clean_html(to.address_1),
            line2=clean_html(to.address_2),
            city=clean_html(to.city, NAME_LENGTH),
            postal_code=clean_html(to.postcode, 20),
            country=words.country_code(to.country, defaults.country),
        )
    )


def _contact(order: _Order, defaults: Defaults) -> Contact:
    to = order.shipping
    name = f"{to.first_name or ''} {to.last_name or ''}".strip() or to.company
    return words.contact(
        clean_html(name, NAME_LENGTH),
        (to.phone, order.billing.phone),
        words.country_code(to.country, defaults.country),
        emails=(order.billing.email,),
    )
