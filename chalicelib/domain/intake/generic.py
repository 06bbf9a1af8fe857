"""What did a shop of its own say? Standard Webhooks ``order.created|updated|cancelled``.

For integrators whose platform we do not know: ``{"type", "timestamp", "data"}``, signed as Standard
Webhooks 1.0.0 has it (``id.timestamp.body``, five minutes of tolerance). ``data`` has the fields of
``POST /v1/deliveries``, plus ``updated_at`` and ``order_name``; weights are grams per unit.
"""

import math
from datetime import datetime

from pydantic import AliasChoices, Field

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.deliveries.requirements import DoorAction, Wishes
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import Contact, Defaults, Kind, NotForUs, Order, Piece, Refusal
from chalicelib.domain.intake.payload import (
    Elements,
    Grams,
    Headers,
    Id,
    Millilitres,
    Payload,
    Quantity,
    ShopTime,
    event_id,
    header,
    read,
)
from chalicelib.domain.intake.text import NAME_LENGTH, NOTES_LENGTH, clean
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import signing
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_KINDS = {
    "order.created": Kind.PLACED,
    "order.updated": Kind.UPDATED,
    "order.cancelled": Kind.CANCELLED,
}


class _Address(Payload):
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None


class _Dropoff(Payload):
    name: str | None = None
    phone_number: str | None = None
    email: str | None = None
    language: str | None = None
    address: _Address = _Address()
    latitude: float | None = None
    longitude: float | None = None
    notes: str | None = None


class _Item(Payload):
    sku: str | None = None
    quantity: Quantity = 1
    weight_g: Grams | None = None
    volume_ml: Millilitres | None = None


class _Window(Payload):
    start_time: ShopTime
    end_time: ShopTime


class _Cash(Payload):
    amount_minor: int
    currency: str | None = None


class _Requirements(Payload):
    action: DoorAction | None = None
    pin: bool | None = None
    signature: bool | None = None
    photo: bool | None = None
    id_min_age: int | None = None
    cash_on_delivery: _Cash | None = None
    barcode: bool | None = None
    geofence_m: int | None = None

    @property
    def wishes(self) -> Wishes:
        cash = self.cash_on_delivery
        return Wishes(
            action=self.action,
            pin=self.pin,
            signature=self.signature,
            photo=self.photo,
            id_min_age=self.id_min_age,
            # An amount of nothing was meant to be one.
            cash_minor=None if cash is None else cash.amount_minor or -1,
            currency=cash.currency if cash else None,
            barcode=self.barcode,
            geofence_m=self.geofence_m,
        )


class _Data(Payload):
    external_id: Id = Field(validation_alias=AliasChoices("external_id", "id"))
    order_name: str | None = Field(None, validation_alias=AliasChoices("order_name", "name"))
    store_external_id: Id | None = None
    updated_at: ShopTime | None = None
    dropoff: _Dropoff = _Dropoff()
    items: Elements[_Item] = ()
    window: _Window | None = None
    requirements: _Requirements = _Requirements()
    pickup_point_id: Id | None = None
    cancel_reason: str | None = None
    tip_minor: int | None = None


class _Envelope(Payload):
    type: str


class _Message(Payload):
    type: str
    timestamp: ShopTime
    data: _Data


def verify(headers: Headers, raw_body: bytes, secrets: tuple[str, ...], wall_now: datetime) -> bool:
    """Whether one of the live secrets signed this message less than five minutes ago."""
    return signing.verify_standard_webhook(
        secrets,
        message_id=header(headers, "webhook-id"),
        timestamp=header(headers, "webhook-timestamp"),
        signatures=header(headers, "webhook-signature"),
        body=raw_body,
        wall_now=wall_now,
    )


def parse(headers: Headers, raw_body: bytes, defaults: Defaults) -> Order | NotForUs:
    """Read a verified webhook.

    Raises
    ------
    Malformed, Invalid
    """
    kind = _KINDS.get(read(_Envelope, raw_body).type)
    if kind is None:
        return NotForUs("topic")
    message = read(_Message, raw_body)
    data, to = message.data, message.data.dropoff
    address = _address(to.address, defaults)
    pieces = [
        Piece(
            math.ceil(item.quantity),
            _whole(item.weight_g),
            _whole(item.volume_ml),
            catalogue.refs(item.sku),
        )
        for item in data.items
    ]
    parcel = words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)
    window = _window(data.window)
    return Order(
        platform=Platform.GENERIC.value,
        kind=kind,
        source_event_id=event_id(("message", header(headers, "webhook-id")), raw_body),
        order_id=data.external_id,
        order_name=clean(data.order_name, NAME_LENGTH) or data.external_id,
        updated_at=data.updated_at or message.timestamp,
        contact=_contact(to, defaults),
        address=address,
        position=words.position(to.latitude, to.longitude),
        parcel=parcel if isinstance(parcel, Parcel) else None,
        notes=clean(to.notes, NOTES_LENGTH),
        window=window if isinstance(window, TimeWindow) else None,
        store_external_id=data.store_external_id,
        cancel_reason=_cancel_reason(data.cancel_reason),
        refusal=words.first_refusal(parcel, address, window),
        wishes=data.requirements.wishes,
        pickup_point_id=data.pickup_point_id,
        tip_minor=_tip(data.tip_minor),
    )


def _contact(to: _Dropoff, defaults: Defaults) -> Contact:
    country = words.country_code(to.address.country, defaults.country)
    name, phones = clean(to.name, NAME_LENGTH), (to.phone_number,)
    return words.contact(name, phones, country, to.language, (to.email,))


def _address(given: _Address, defaults: Defaults) -> Address | None:
    return words.complete(
        Address(
            line1=clean(given.line1),
            line2=clean(given.line2),
            city=clean(given.city, NAME_LENGTH),
            postal_code=clean(given.postal_code, 20),
            country=words.country_code(given.country, defaults.country),
        )
    )


def _window(given: _Window | None) -> TimeWindow | Refusal | None:
    if given is None:
        return None
    if given.end_time <= given.start_time:
        return Refusal.WINDOW_IMPOSSIBLE
    return TimeWindow(given.start_time, given.end_time)


def _cancel_reason(text: str | None) -> CancelReason:
    try:
        return CancelReason(text or "")
    except ValueError:
        return CancelReason.MERCHANT_REQUEST


def _whole(amount: float | None) -> int | None:
    return None if amount is None else math.ceil(amount)


def _tip(told: int | None) -> int | None:
    """A tip that can be one; nobody loses an order over another."""
    return told if told is not None and 0 <= told <= words.MOST_TIP_MINOR else None
