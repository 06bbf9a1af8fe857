"""What did BigCommerce say? That something happened to an order, and which; the rest is fetched.

A webhook holds an id and no signature: whoever made it set a header of its own, and we compare that
with the live secrets. Copies of one webhook have one ``hash``. The order, its addresses and its
products are answers of the V2 API, put together by the gateway: times are RFC 2822, weights are
texts in the store's own unit. Orders are acted on when they wait for fulfilment. Sources:
BigCommerce's webhook documentation, orders.v2 (OpenAPI), order status table.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, Field

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.door_wishes import cash_of, door_wishes, is_paid_on_delivery
from chalicelib.domain.intake.order import Contact, Defaults, Kind, NotForUs, Order, Piece, Refusal
from chalicelib.domain.intake.parts import MOST_PARTS
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
from chalicelib.domain.intake.wishes import wished_window, wishes
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import signing
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

#: The header that the merchant's webhooks carry our secret in.
SECRET_HEADER = "x-lastmile-secret"  # noqa: S105 - the header's name
#: Ours, beside a fetched order: the key of the webhook that told of it.
EVENT_HEADER = "x-lastmile-event"

_TOPICS = frozenset(
    f"store/order/{what}" for what in ("created", "updated", "statusUpdated", "archived")
)
_AWAITING_FULFILMENT, _AWAITING_SHIPMENT, _AWAITING_PICKUP = 11, 9, 8
_OPEN = frozenset({_AWAITING_FULFILMENT, _AWAITING_SHIPMENT, _AWAITING_PICKUP})
#: Refunded, cancelled, declined.
_ENDED = {
    4: CancelReason.MERCHANT_REQUEST,
    5: CancelReason.CUSTOMER_REQUEST,
    6: CancelReason.PAYMENT_FAILED,
}
#: As ``weight_units`` of a store spells them, in lower case.
GRAMS_PER_UNIT: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("oz", "ounces"), 28.349523125),
        **dict.fromkeys(("lb", "lbs", "pounds"), 453.59237),
        **dict.fromkeys(("g", "grams"), 1.0),
        **dict.fromkeys(("kg", "kgs", "kilograms"), 1000.0),
        "tonnes": 1_000_000.0,
    }
)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook: which order to fetch, and the key that all its copies share."""

    order_id: str
    source_event_id: str


def _mail_time(value: object) -> object:
    """RFC 2822, where a time stands at all."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        raise ValueError("not a time as RFC 2822 writes it") from None


MailTime = Annotated[ShopTime | None, BeforeValidator(_mail_time)]


class _Data(Payload):
    id: Id


class _Hook(Payload):
    scope: str
    data: _Data
    hash: Annotated[str, Field(max_length=200)] | None = None


class _FormField(Payload):
    name: object = None
    value: object = None


class _Address(Payload):
    id: Id | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    street_1: str | None = None
    street_2: str | None = None
    city: str | None = None
    zip: str | None = None
    country_iso2: str | None = None
    phone: str | None = None
    email: str | None = None
    form_fields: Elements[_FormField] = ()


class _Product(Payload):
    product_id: Id | None = None
    variant_id: Id | None = None
    order_address_id: Id | None = None
    sku: str | None = None
    type: str | None = None
    quantity: Quantity = 1
    quantity_refunded: Quantity | None = 0
    weight: Annotated[float, Field(ge=0, le=10_000_000)] | None = None


class _Order(Payload):
    id: Id
    status_id: int
    date_created: MailTime = None
    date_modified: MailTime = None
    is_deleted: bool | None = False
    customer_message: str | None = None
    billing_address: _Address | None = None
    payment_method: str | None = None
    total_inc_tax: str | None = None
    currency_code: str | None = None


class _Whole(Payload):
    """What the gateway puts together of several answers."""

    order: _Order
    shipping_addresses: Elements[_Address] = ()
    products: Elements[_Product] = ()
    weight_units: str | None = None


def verify(headers: Headers, raw_body: bytes, secrets: tuple[str, ...], wall_now: datetime) -> bool:
    """Whether the header holds one of the live secrets; nothing of the body is proven by it."""
    given = header(headers, SECRET_HEADER)
    return any([signing.same(given, secret) for secret in secrets]) and bool(given)


def parse_hook(raw_body: bytes) -> Hook | NotForUs:
    """Read an authenticated webhook.

    Raises
    ------
    Malformed, Invalid
    """
    hook = read(_Hook, raw_body)
    if hook.scope not in _TOPICS:
        return NotForUs("topic")
    return Hook(hook.data.id, event_id(("hash", hook.hash or ""), raw_body))


def parse(headers: Headers, raw_body: bytes, defaults: Defaults) -> Order | NotForUs:
    """Read what was fetched; ``x-lastmile-event`` names the webhook that made us fetch it.

    Each of several addresses is an order with the products that go there (``intake.parts``).

    Raises
    ------
    Malformed, Invalid
    """
    whole = read(_Whole, raw_body)
    order = whole.order
    reason = CancelReason.MERCHANT_REQUEST if order.is_deleted else _ENDED.get(order.status_id)
    if reason is None and order.status_id not in _OPEN:
        return NotForUs("status")
    updated_at = order.date_modified or order.date_created
    version = (order.id, updated_at.isoformat() if updated_at else "", str(order.status_id))
    event = header(headers, EVENT_HEADER) or event_id(version, raw_body)
    # The order is paid once: at the first of its doors.
    first, *others = [
        _part(whole, to, products, reason, event, defaults, is_first=number == 0)
        for number, (to, products) in enumerate(_shares(whole))
    ]
    return replace(first, further=tuple(others))


def _shares(whole: _Whole) -> list[tuple[_Address, tuple[_Product, ...]]]:
    """Each address with what goes there; the oldest first, so that every version agrees on it."""
    addresses = sorted(_told_apart(whole), key=lambda one: (len(one.id or ""), one.id or ""))
    if not 1 < len(addresses) <= MOST_PARTS:
        return [(addresses[0] if addresses else _Address(), whole.products)]
    shares: dict[str | None, list[_Product]] = {one.id: [] for one in addresses}
    for product in whole.products:
        shares.get(product.order_address_id, shares[addresses[0].id]).append(product)
    return [(one, tuple(shares[one.id])) for one in addresses]


def _told_apart(whole: _Whole) -> list[_Address]:
    return list({one.id: one for one in whole.shipping_addresses}.values())


def _part(
    whole: _Whole,
    to: _Address,
    products: tuple[_Product, ...],
    reason: CancelReason | None,
    event: str,
    defaults: Defaults,
    *,
    is_first: bool,
) -> Order:
    order = whole.order
    address = _address(to, defaults)
    parcel = _parcel(products, whole.weight_units or "", defaults)
    named = _wishes(to)
    window = wished_window(named, defaults.zone)
    return Order(
        platform=Platform.BIGCOMMERCE.value,
        kind=Kind.CANCELLED if reason else Kind.UPDATED,
        source_event_id=event,
        order_id=order.id,
        order_name=f"#{order.id}",
        updated_at=order.date_modified or order.date_created,
        contact=_contact(to, order.billing_address or _Address(), defaults),
        address=address,
        parcel=parcel if isinstance(parcel, Parcel) else None,
        notes=clean_html(order.customer_message, NOTES_LENGTH),
        window=window if isinstance(window, TimeWindow) else None,
        cancel_reason=reason or CancelReason.MERCHANT_REQUEST,
        refusal=_refusal(whole) or words.first_refusal(parcel, address, window),
        part=to.id or "",
        wishes=door_wishes(named, cash=_cash(order) if is_first else None),
    )


def _cash(order: _Order) -> tuple[int, str] | None:
    """What the driver collects, by the name of the store's offline method."""
    if not is_paid_on_delivery([order.payment_method or ""]):
        return None
    return cash_of(order.total_inc_tax, order.currency_code)


def _refusal(whole: _Whole) -> Refusal | None:
    if whole.order.status_id == _AWAITING_PICKUP:
        return Refusal.PICKUP_ONLY
    return Refusal.SEVERAL_ADDRESSES if len(_told_apart(whole)) > MOST_PARTS else None


def _wishes(to: _Address) -> dict[str, str]:
    """The store's own fields of its address form, by name ("Delivery Date")."""
    return wishes(
        (field.name.replace(" ", "-") if isinstance(field.name, str) else None, field.value)
        for field in to.form_fields
    )


def _address(to: _Address, defaults: Defaults) -> Address | None:
    return words.complete(
        Address(
            line1=clean_html(to.street_1),
            line2=clean_html(to.street_2),
            city=clean_html(to.city, NAME_LENGTH),
            postal_code=clean_html(to.zip, 20),
            country=words.country_code(to.country_iso2, defaults.country),
        )
    )


def _contact(to: _Address, billing: _Address, defaults: Defaults) -> Contact:
    name = f"{to.first_name or ''} {to.last_name or ''}".strip() or to.company
    country = words.country_code(to.country_iso2, defaults.country)
    emails = (to.email, billing.email)
    phones = (to.phone, billing.phone)
    return words.contact(clean_html(name, NAME_LENGTH), phones, country, emails=emails)


def _parcel(
    products: tuple[_Product, ...], weight_unit: str, defaults: Defaults
) -> Parcel | Refusal:
    grams = GRAMS_PER_UNIT.get(weight_unit.strip().lower())
    pieces = []
    for product in products:
        quantity = math.ceil(product.quantity - (product.quantity_refunded or 0))
        if product.type == "digital" or quantity < 1:
            continue
        weight_g = math.ceil((product.weight or 0) * (grams or 0)) or None
        refs = catalogue.refs(product.sku, product.variant_id, product.product_id)
        pieces.append(Piece(quantity, weight_g, refs=refs))
    return words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)
