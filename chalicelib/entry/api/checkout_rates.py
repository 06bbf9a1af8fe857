"""What does a shop's checkout offer? ``POST /rates/shopify/{merchant_id}``, a CarrierService.

Shopify asks while a customer waits and gives up after three seconds at its busiest. So nothing is
reserved, no solver is near, and the geocoder has one second. Where we do not deliver there is an
empty list; what goes wrong is an empty list as well, and a line in the log: the checkout then shows
the shop's other carriers instead of an error. The code of a rate carries the window that it
promises, and comes back with the order.
Source: Shopify, DeliveryCarrierService (callback, response); changelog 2020-11 (time limits).
"""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, Request

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import Defaults, Piece, Refusal, defaults_of
from chalicelib.domain.intake.payload import Elements, Grams, Payload, Quantity, read
from chalicelib.domain.intake.service_codes import write_code
from chalicelib.domain.intake.text import NAME_LENGTH, clean
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Merchant, Platform
from chalicelib.domain.quotes import rates as quotes
from chalicelib.domain.quotes.rates import Destination, Rate
from chalicelib.entry import rest, work
from chalicelib.entry.api.platform_webhooks import lower, verified_merchant
from chalicelib.entry.auth import signed
from chalicelib.entry.observed import unless_it_fails
from chalicelib.entry.path_parts import Word
from chalicelib.entry.surface import Doors
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money, decimals
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.places import Found
from chalicelib.kit.timewindow import TimeWindow

bp = Blueprint(__name__)
doors = Doors(bp, tag="Shop's platform")

Shop = Annotated[str, Word("merchant", "mer_01m83qpn9gec8xh7wbacsaen6x")]

_DATES = "%Y-%m-%d %H:%M:%S %z"
_PROMISE = re.compile(r"[a-z_]+", re.ASCII)


class _Place(Payload):
    country: str | None = None
    postal_code: str | None = None
    city: str | None = None
    address1: str | None = None


class _Item(Payload):
    quantity: Quantity = 1
    grams: Grams | None = None
    requires_shipping: bool | None = True


class _Asked(Payload):
    destination: _Place = _Place()
    items: Elements[_Item] = ()


class _Request(Payload):
    rate: _Asked


class CheckoutRate(rest.Answer):
    """One line of the checkout.

    `total_price` is a text, in minor units; where a currency has none, in hundredths.
    """

    service_name: str
    service_code: str
    description: str
    currency: str
    total_price: str
    phone_required: bool
    min_delivery_date: str
    max_delivery_date: str

    model_config = rest.example(
        service_name="Same day",
        service_code="lastmile.same_day.29912640.29913120",
        description="Today, 13:00 to 21:00",
        currency="EUR",
        total_price="690",
        phone_required=True,
        min_delivery_date="2026-11-27 13:00:00 +0100",
        max_delivery_date="2026-11-27 21:00:00 +0100",
    )


class CheckoutRates(rest.Answer):
    """What the checkout may offer; empty where we do not deliver."""

    rates: list[CheckoutRate]

    model_config = rest.example(rates=[])


def _sender(request: Request, parts: Mapping[str, str]) -> Merchant:
    raw_body = rest.raw_body(request)
    merchant_id = parts["merchant_id"]
    return verified_merchant(Platform.SHOPIFY.value, merchant_id, lower(request), raw_body)


@doors.route(
    "POST",
    "/rates/shopify/{merchant_id}",
    who=(signed(_sender),),
    answers={200: CheckoutRates},
)
def offer_rates(sender: Merchant, raw_body: bytes, merchant_id: Shop) -> Mapping[str, Any]:
    """Offer rates to a Shopify checkout (CarrierService call-back).

    Signed like a webhook. An address that we do not reach, and anything that goes wrong, is
    answered with an empty list, so that a checkout always has its other carriers.
    """
    nothing: list[dict[str, Any]] = []
    return {"rates": unless_it_fails(lambda: _rates(sender, raw_body), nothing, what="rates")}


def _rates(merchant: Merchant, raw_body: bytes) -> list[dict[str, Any]]:
    asked = read(_Request, raw_body).rate
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    defaults = defaults_of(merchant, hub)
    parcel = _parcel(asked, defaults)
    if isinstance(parcel, Refusal):
        return []
    destination = _destination(asked.destination, defaults)
    found = work.run(
        lambda uow: quotes.rates(uow, merchant, hub, destination, parcel, uow.now, find=_locate)
    )
    return [as_shopify(rate, defaults.zone) for rate in found]


def _parcel(asked: _Asked, defaults: Defaults) -> Parcel | Refusal:
    pieces = [
        Piece(math.ceil(item.quantity), None if item.grams is None else math.ceil(item.grams))
        for item in asked.items
        if item.requires_shipping is not False
    ]
    return words.pack(pieces, defaults.weight_g)


def _destination(given: _Place, defaults: Defaults) -> Destination:
    return Destination(
        country=words.country_code(given.country, defaults.country),
        postal_code=clean(given.postal_code, 20),
        city=clean(given.city, NAME_LENGTH),
        line1=clean(given.address1),
    )


def _locate(address: Address, near: LatLng) -> tuple[Found, ...]:
    return wiring.hasty_places().search(
        line1=address.line1,
        city=address.city,
        postal_code=address.postal_code,
        country=address.country,
        near=near,
    )


def as_shopify(rate: Rate, zone: ZoneInfo) -> dict[str, Any]:
    promise = _PROMISE.match(rate.service_code)
    window = TimeWindow(rate.earliest_at, rate.latest_at)
    return {
        "service_name": rate.name,
        "service_code": write_code(promise[0].strip("_") if promise else "delivery", window),
        "description": rate.description,
        "currency": rate.fee.currency,
        "total_price": str(_subunits(rate.fee)),
        # The driver's texts need one.
        "phone_required": True,
        "min_delivery_date": rate.earliest_at.astimezone(zone).strftime(_DATES),
        "max_delivery_date": rate.latest_at.astimezone(zone).strftime(_DATES),
    }


def _subunits(fee: Money) -> int:
    """As Shopify counts: where a currency has no subunits, hundredths all the same."""
    return fee.amount_minor * (1 if decimals(fee.currency) else 100)
