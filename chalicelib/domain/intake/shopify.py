"""What did Shopify say of an order? ``orders/create``, ``paid``, ``updated``, ``cancelled``.

The signature is the base64 HMAC-SHA256 of the raw body, keyed with the secret's text. Headers come
as ``X-Shopify-*`` or ``Shopify-*``. One action of the shop's has one event id in all the topics and
orders it touches, so topic, order and version are part of our key. Weights are grams per unit;
``total_weight`` is not to be believed. ``total_tip_received`` is what the customer added at the
checkout, in the shop's currency. ``orders/edited`` tells what was added and removed instead
of the order: ``orders/updated`` follows it (the shops room also fetches the order).
Source: Shopify's shopify-api-ruby (webhooks/request.rb, rest/2025_10/order_test.rb).
"""

import math
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake import service_codes
from chalicelib.domain.intake.door_wishes import (
    cash_of,
    door_wishes,
    is_paid_on_delivery,
    tip_of,
)
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
from chalicelib.kit.timewindow import TimeWindow, write_instant

_KINDS = {
    "orders/create": Kind.PLACED,
    "orders/paid": Kind.UPDATED,
    "orders/updated": Kind.UPDATED,
    "orders/cancelled": Kind.CANCELLED,
}
#: Source: Shopify's values of ``cancel_reason``.
_CANCEL_REASONS = {
    "customer": CancelReason.CUSTOMER_REQUEST,
    "inventory": CancelReason.OUT_OF_STOCK,
    "fraud": CancelReason.FRAUD,
    "declined": CancelReason.PAYMENT_FAILED,
}


#: Nobody has paid, or will. ``authorized`` counts as paid: it is captured when the parcel goes out.
_UNPAID = frozenset({"pending", "expired", "voided"})
_OWED = frozenset({"pending", "partially_paid"})


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
    country: str | None = None
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class _NoteAttribute(Payload):
    name: object = None
    value: object = None


class _LineItem(Payload):
    sku: str | None = None
    variant_id: Id | None = None
    product_id: Id | None = None
    quantity: Quantity = 1
    current_quantity: Quantity | None = None
    grams: Grams | None = None
    requires_shipping: bool | None = True
    gift_card: bool | None = False
    properties: Elements[_NoteAttribute] = ()


class _ShippingLine(Payload):
    code: str | None = None


class _Customer(Payload):
    phone: str | None = None
    email: str | None = None


class _Order(Payload):
    id: Id
    name: str | None = None
    updated_at: ShopTime
    cancelled_at: ShopTime | None = None
    cancel_reason: str | None = None
    fulfillment_status: str | None = None
    financial_status: str | None = None
    payment_gateway_names: Elements[str] = ()
    currency: str | None = None
    total_price: str | None = None
    total_outstanding: str | None = None
    total_tip_received: str | None = None
    tags: object = None
    test: bool | None = False
    phone: str | None = None
    email: str | None = None
    contact_email: str | None = None
    note: str | None = None
    customer_locale: str | None = None
    customer: _Customer | None = None
    shipping_address: _Address | None = None
    line_items: Elements[_LineItem] = ()
    note_attributes: Elements[_NoteAttribute] = ()
    shipping_lines: Elements[_ShippingLine] = ()

    @property
    def our_code(self) -> str | None:
        """The code of the rate that we offered at the checkout, if it was chosen."""
        codes = (line.code for line in self.shipping_lines)
        return next((code for code in codes if service_codes.is_ours(code)), None)


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
    if topic == "orders/edited":
        return NotForUs("order_edit")
    kind = _KINDS.get(topic)
    if kind is None:
        return NotForUs("topic")
    order = read(_Order, raw_body)
    if order.cancelled_at is not None:
        kind = Kind.CANCELLED
    named = wishes((attribute.name, attribute.value) for attribute in order.note_attributes)
    reason = _why_not_ours(order, kind, named, defaults)
    if reason is not None:
        return NotForUs(reason)
    source_event_id = _source_event_id(headers, topic, order, raw_body)
    return _as_order(order, kind, named, source_event_id, defaults)


def _why_not_ours(
    order: _Order, kind: Kind, named: Mapping[str, str], defaults: Defaults
) -> str | None:
    """Why this version is acknowledged and forgotten; a cancellation never is."""
    if order.test and not defaults.takes_test_orders:
        return "test_order"
    if kind is Kind.CANCELLED:
        return None
    if order.fulfillment_status == "fulfilled":
        return "already_fulfilled"
    if order.financial_status in _UNPAID and not _may_be_unpaid(order, defaults):
        return "unpaid"
    if _method(named) == "shipping" and order.our_code is None:
        return "other_method"
    return None


def _may_be_unpaid(order: _Order, defaults: Defaults) -> bool:
    return defaults.takes_unpaid_orders or is_paid_on_delivery(order.payment_gateway_names)


def _tags(order: _Order) -> list[str]:
    """A list in one text, as REST has it, or a list."""
    tags = order.tags.split(",") if isinstance(order.tags, str) else order.tags
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _cash(order: _Order) -> tuple[int, str] | None:
    """What the driver collects; nothing of what is paid already, or never will be."""
    if order.financial_status not in _OWED or not is_paid_on_delivery(order.payment_gateway_names):
        return None
    return cash_of(order.total_outstanding or order.total_price, order.currency)


def _method(named: Mapping[str, str]) -> str:
    """How the customer wants it: ``delivery``, ``pickup``, ``shipping``, or nothing said."""
    return named.get("checkout-method", "").lower()


def _as_order(
    order: _Order, kind: Kind, named: Mapping[str, str], source_event_id: str, defaults: Defaults
) -> Order:
    address = _address(order.shipping_address, defaults)
    parcel = _parcel(order, defaults)
    window = wished_window(named, defaults.zone) or service_codes.read_window(order.our_code)
    is_pickup = _method(named) == "pickup" and order.our_code is None
    given = order.shipping_address or _Address()
    store = named.get("delivery-location-id")
    return Order(
        platform=Platform.SHOPIFY.value,
        kind=kind,
        source_event_id=source_event_id,
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
        may_mix_methods=len(order.shipping_lines) > 1,
        wishes=door_wishes(named, _tags(order), _cash(order)),
        tip_minor=tip_of(order.total_tip_received, order.currency),
        tip_currency=(order.currency or "").strip().upper() or None,
    )


def _source_event_id(headers: Headers, topic: str, order: _Order, raw_body: bytes) -> str:
    """The same for every copy, by whichever door it comes."""
    names = ("event-id", "webhook-id")
    spellings = [f"{prefix}-{name}" for name in names for prefix in ("x-shopify", "shopify")]
    given = header(headers, *spellings)
    if not given:
        return event_id((topic,), raw_body)
    version = write_instant(order.updated_at)
    return event_id((topic, given, order.id, version), raw_body)


def _address(given: _Address | None, defaults: Defaults) -> Address | None:
    if given is None:
        return None
    return words.complete(
        Address(
            line1=clean(given.address1),
            line2=clean(given.address2),
            city=clean(given.city, NAME_LENGTH),
            postal_code=clean(given.zip, 20),
            country=words.country_code(given.country_code or given.country, defaults.country),
        )
    )


def _contact(order: _Order, defaults: Defaults) -> Contact:
    to = order.shipping_address or _Address()
    name = to.name or f"{to.first_name or ''} {to.last_name or ''}".strip() or to.company
    customer_phone = order.customer.phone if order.customer else None
    return words.contact(
        clean(name, NAME_LENGTH),
        (to.phone, order.phone, customer_phone),
        words.country_code(to.country_code or to.country, defaults.country),
        order.customer_locale,
        (order.contact_email, order.email, order.customer.email if order.customer else None),
    )


def _parcel(order: _Order, defaults: Defaults) -> Parcel | Refusal:
    pieces = []
    for item in order.line_items:
        # Edits and refunds lower the current quantity; the ordered one stays for the books.
        quantity = item.quantity if item.current_quantity is None else item.current_quantity
        if item.requires_shipping is False or item.gift_card or not _is_delivered(item):
            continue
        weight_g = None if item.grams is None else math.ceil(item.grams)
        refs = catalogue.refs(item.sku, item.variant_id, item.product_id)
        pieces.append(Piece(math.ceil(quantity), weight_g, refs=refs))
    return words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)


def _is_delivered(item: _LineItem) -> bool:
    """Whether a line of an order that mixes delivery methods is one that we carry."""
    named = wishes((one.name, one.value) for one in item.properties)
    return _method(named) in ("", "delivery")
