"""What did Shopify say? ``orders/create``, ``orders/updated``, ``orders/cancelled``.

The signature is the base64 HMAC-SHA256 of the raw body, keyed with the secret's text. Headers come
as ``X-Shopify-*`` or ``Shopify-*``. One action of the shop's has one event id in all the topics it
causes, so the topic is part of our key. Weights are grams per unit; ``total_weight`` is not to be
believed. Source: Shopify's shopify-api-ruby (webhooks/request.rb, rest/2025_10/order_test.rb).
"""

import math
from datetime import datetime

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import Contact, Defaults, Kind, NotForUs, Order, Piece, Refusal
from chalicelib.domain.intake.payload import (
    Elements,
    Grams,
    Headers,
    Id,
    Payload,
    Quantity,
    ShopTime,
    event_id,
    header,
    read,
)
from chalicelib.domain.intake.text import NAME_LENGTH, NOTES_LENGTH, clean
from chalicelib.domain.intake.wishes import wished_window, wishes
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import signing
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_KINDS = {
    "orders/create": Kind.PLACED,
    "orders/updated": Kind.UPDATED,
    "orders/edited": Kind.UPDATED,
    "orders/cancelled": Kind.CANCELLED,
}
#: Source: Shopify's values of ``cancel_reason``.
_CANCEL_REASONS = {
    "customer": CancelReason.CUSTOMER_REQUEST,
    "inventory": CancelReason.OUT_OF_STOCK,
    "fraud": CancelReason.FRAUD,
    "declined": CancelReason.PAYMENT_FAILED,
}


class _Address(Payload):
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    zip: str | None = None
    country_code: str | None = None
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class _LineItem(Payload):
    sku: str | None = None
    variant_id: Id | None = None
    product_id: Id | None = None
    quantity: Quantity = 1
    current_quantity: Quantity | None = None
    grams: Grams | None = None
    requires_shipping: bool | None = True
    gift_card: bool | None = False


class _NoteAttribute(Payload):
    name: object = None
    value: object = None


class _Customer(Payload):
    phone: str | None = None


class _Order(Payload):
    id: Id
    name: str | None = None
    updated_at: ShopTime
    cancelled_at: ShopTime | None = None
    cancel_reason: str | None = None
    fulfillment_status: str | None = None
    phone: str | None = None
    note: str | None = None
    customer: _Customer | None = None
    shipping_address: _Address | None = None
    line_items: Elements[_LineItem] = ()
    note_attributes: Elements[_NoteAttribute] = ()


def verify(headers: Headers, raw_body: bytes, secrets: tuple[str, ...], wall_now: datetime) -> bool:
    """Whether one of the live secrets signed these bytes; Shopify's signatures do not expire."""
    signature = header(headers, "x-shopify-hmac-sha256", "shopify-hmac-sha256")
    keys = [secret.encode() for secret in secrets]
    return signing.matches_any(signature, keys, raw_body) and bool(signature)


def parse(headers: Headers, raw_body: bytes, defaults: Defaults) -> Order | NotForUs:
    """Read a verified webhook.

    Raises
    ------
    Malformed, Invalid
    """
    topic = header(headers, "x-shopify-topic", "shopify-topic").strip().lower()
    kind = _KINDS.get(topic)
    if kind is None:
        return NotForUs("topic")
    order = read(_Order, raw_body)
    if order.cancelled_at is not None:
        kind = Kind.CANCELLED
    if kind is not Kind.CANCELLED and order.fulfillment_status == "fulfilled":
        return NotForUs("already_fulfilled")
    named = wishes((attribute.name, attribute.value) for attribute in order.note_attributes)
    address = _address(order.shipping_address, defaults)
    parcel = _parcel(order, defaults)
    window = wished_window(named, defaults.zone)
    is_pickup = named.get("checkout-method", "").lower() == "pickup"
    given = order.shipping_address or _Address()
    store = named.get("delivery-location-id")
    return Order(
        platform=Platform.SHOPIFY.value,
        kind=kind,
        source_event_id=_source_event_id(headers, topic, raw_body),
        order_id=order.id,
        order_name=clean(order.name, NAME_LENGTH) or order.id,
        updated_at=order.updated_at,
        contact=_contact(order, defaults),
        address=address,
        position=words.position(given.latitude, given.longitude),
        parcel=parcel if isinstance(parcel, Parcel) else None,
        notes=clean(order.note, NOTES_LENGTH),
        window=window if isinstance(window, TimeWindow) else None,
        # Delivery plugins number their own locations: only a number that we know means a store.
        store_external_id=store if store in defaults.stores else None,
        cancel_reason=_CANCEL_REASONS.get(order.cancel_reason or "", CancelReason.MERCHANT_REQUEST),
        refusal=Refusal.PICKUP_ONLY if is_pickup else words.first_refusal(parcel, address, window),
    )


def _source_event_id(headers: Headers, topic: str, raw_body: bytes) -> str:
    names = ("event-id", "webhook-id")
    spellings = [f"{prefix}-{name}" for name in names for prefix in ("x-shopify", "shopify")]
    return event_id((topic, header(headers, *spellings)), raw_body)


def _address(given: _Address | None, defaults: Defaults) -> Address | None:
    if given is None:
        return None
    return words.complete(
        Address(
            line1=clean(given.address1),
            line2=clean(given.address2),
            city=clean(given.city, NAME_LENGTH),
            postal_code=clean(given.zip, 20),
            country=words.country_code(given.country_code, defaults.country),
        )
    )


def _contact(order: _Order, defaults: Defaults) -> Contact:
    to = order.shipping_address or _Address()
    name = to.name or f"{to.first_name or ''} {to.last_name or ''}".strip() or to.company
    customer_phone = order.customer.phone if order.customer else None
    return words.contact(
        clean(name, NAME_LENGTH),
        (to.phone, order.phone, customer_phone),
        words.country_code(to.country_code, defaults.country),
    )


def _parcel(order: _Order, defaults: Defaults) -> Parcel | Refusal:
    pieces = []
    for item in order.line_items:
        # Edits and refunds lower the current quantity; the ordered one stays for the books.
        quantity = item.quantity if item.current_quantity is None else item.current_quantity
        if item.requires_shipping is False or item.gift_card:
            continue
        weight_g = None if item.grams is None else math.ceil(item.grams)
        refs = catalogue.refs(item.sku, item.variant_id, item.product_id)
        pieces.append(Piece(math.ceil(quantity), weight_g, refs=refs))
    return words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)
