"""What does a BigCommerce checkout offer? A shipping provider's two doors, one pair per merchant.

BigCommerce asks while a customer waits, and keeps the answer for a while. It signs nothing: the
merchant's connection option ``key`` comes along with every request and is our secret. Where we do
not deliver there are no quotes; what goes wrong is a message beside no quotes, so that a checkout
always has its other carriers. Source: BigCommerce, Shipping Provider API (rate,
check_connection_options).
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, Request

from chalicelib import wiring
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.bigcommerce import GRAMS_PER_UNIT
from chalicelib.domain.intake.order import Defaults, Piece, Refusal, defaults_of
from chalicelib.domain.intake.payload import Elements, Id, Payload, Quantity, read
from chalicelib.domain.intake.text import NAME_LENGTH, clean
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Merchant, Platform
from chalicelib.domain.quotes import rates as quotes
from chalicelib.domain.quotes.rates import Destination, Rate
from chalicelib.entry import rest, work
from chalicelib.entry.auth import public, signed
from chalicelib.entry.orders_in import articles_of, locate
from chalicelib.entry.path_parts import Word
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import BadSignature, Invalid, LastmileError, NotFound
from chalicelib.kit.ids import is_id
from chalicelib.kit.money import decimals
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.signing import same
from chalicelib.kit.timewindow import TimeWindow

bp = Blueprint(__name__)
doors = Doors(bp, tag="Shop's platform")

#: Not read as an id: an unknown shop is answered like a wrong key.
Shop = Annotated[str, Word("merchant", "mer_01m83qpn9gec8xh7wbacsaen6x")]

CARRIER = {"code": "lastmile", "display_name": "Lastmile"}
#: How long BigCommerce may show what we said: no longer than a quote would hold.
KEPT_S = 15 * 60
_MILLIMETRES = {"in": 25.4, "cm": 10.0}


class _Measure(Payload):
    units: str = ""
    value: Quantity = 0


class _Item(Payload):
    sku: str | None = None
    variant_id: Id | None = None
    product_id: Id | None = None
    quantity: Quantity = 1
    weight: _Measure = _Measure()
    length: _Measure = _Measure()
    width: _Measure = _Measure()
    height: _Measure = _Measure()


class _Place(Payload):
    street_1: str | None = None
    zip: str | None = None
    city: str | None = None
    country_iso2: str | None = None


class _Base(Payload):
    destination: _Place = _Place()
    items: Elements[_Item] = ()


class _Options(Payload):
    key: object = None


class _Asked(Payload):
    base_options: _Base = _Base()
    connection_options: _Options = _Options()


class _Connecting(Payload):
    connection_options: _Options = _Options()


class Message(rest.Answer):
    text: str
    type: Literal["INFO", "WARNING", "ERROR"]


class Cost(rest.Answer):
    """In the currency's own unit, as BigCommerce wants it: 6.9 euros, not 690 cents."""

    currency: str
    amount: float


class Transit(rest.Answer):
    units: Literal["HOURS", "DAYS"]
    duration: int


class OneQuote(rest.Answer):
    code: str
    display_name: str
    description: str
    cost: Cost
    rate_id: str
    dispatch_date: datetime
    transit_time: Transit


class Carrier(rest.Answer):
    code: str
    display_name: str


class CarrierQuotes(rest.Answer):
    carrier_info: Carrier
    quotes: list[OneQuote]


class ProviderQuotes(rest.Answer):
    """What the checkout may offer; no carrier's quotes where we do not deliver."""

    quote_id: str
    ttl: int
    messages: list[Message]
    carrier_quotes: list[CarrierQuotes]

    model_config = rest.example(
        quote_id="rates_6f1ed002ab5595859014ebf0951522d9",
        ttl=900,
        messages=[],
        carrier_quotes=[
            {
                "carrier_info": CARRIER,
                "quotes": [
                    {
                        "code": "same_day",
                        "display_name": "Same day delivery",
                        "description": "by 21:00",
                        "cost": {"currency": "EUR", "amount": 6.9},
                        "rate_id": "same_day",
                        "dispatch_date": "2026-11-27T13:00:00+01:00",
                        "transit_time": {"units": "HOURS", "duration": 8},
                    }
                ],
            }
        ],
    )


class ConnectionAnswer(rest.Answer):
    """Whether the connection options open this merchant's door."""

    valid: bool
    messages: list[Message]

    model_config = rest.example(valid=True, messages=[])


def _sender(request: Request, parts: Mapping[str, str]) -> Merchant:
    asked = read(_Connecting, rest.raw_body(request))
    return _merchant(parts["merchant_id"], asked.connection_options.key)


@doors.route(
    "POST",
    "/rates/bigcommerce/{merchant_id}/rate",
    who=(signed(_sender, why="the connection option `key` in the body is the secret"),),
    answers={200: ProviderQuotes},
    errors=(Invalid,),
)
def offer_quotes(sender: Merchant, raw_body: bytes, merchant_id: Shop) -> Mapping[str, Any]:
    """Offer rates to a BigCommerce checkout (Shipping Provider API, Quote URL)."""
    found: list[dict[str, Any]] = []
    messages: list[dict[str, str]] = []
    try:
        found = _quotes(sender, raw_body)
    except LastmileError as error:
        messages = [{"text": error.title, "type": "ERROR"}]
    return {
        # The same question has the same answer for as long as nothing changes.
        "quote_id": f"rates_{hashlib.sha256(raw_body).hexdigest()[:32]}",
        "ttl": KEPT_S,
        "messages": messages,
        "carrier_quotes": [{"carrier_info": CARRIER, "quotes": found}] if found else [],
    }


@doors.route(
    "POST",
    "/rates/bigcommerce/{merchant_id}/check_connection_options",
    who=(public("says whether the key in the body is right, and nothing else"),),
    answers={200: ConnectionAnswer},
    errors=(Invalid,),
)
def check_connection_options(raw_body: bytes, merchant_id: Shop) -> Mapping[str, Any]:
    """Tell BigCommerce whether a merchant's connection option `key` is right."""
    asked = read(_Connecting, raw_body)
    try:
        _merchant(merchant_id, asked.connection_options.key)
    except BadSignature:
        text = "The key is not this merchant's webhook secret for BigCommerce."
        return {"valid": False, "messages": [{"text": text, "type": "ERROR"}]}
    return {"valid": True, "messages": []}


def _merchant(merchant_id: str, key: object) -> Merchant:
    """The merchant whose live secret this is; raise BadSignature, whatever is wrong."""
    if not (is_id(merchant_id, "mer") and isinstance(key, str) and key):
        raise BadSignature
    try:
        merchant = work.read(lambda uow: merchant_store.load_merchant(uow, merchant_id))
    except NotFound:
        raise BadSignature from None
    secrets = merchants.webhook_secrets(merchant, Platform.BIGCOMMERCE, wiring.vault().server_key())
    if not any([same(key, secret) for secret in secrets]):
        raise BadSignature
    return merchant


def _quotes(merchant: Merchant, raw_body: bytes) -> list[dict[str, Any]]:
    asked = read(_Asked, raw_body).base_options
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    defaults = defaults_of(merchant, hub, articles_of(merchant.id))
    parcel = _parcel(asked.items, defaults)
    if isinstance(parcel, Refusal):
        return []
    to = _destination(asked.destination, defaults)
    now, found = work.run(
        lambda uow: (
            uow.now,
            quotes.rates(uow, merchant, hub, to, parcel, uow.now, find=locate),
        )
    )
    return [_write(rate, now, defaults.zone) for rate in found]


def _destination(to: _Place, defaults: Defaults) -> Destination:
    return Destination(
        country=words.country_code(to.country_iso2, defaults.country),
        postal_code=clean(to.zip, 20),
        city=clean(to.city, NAME_LENGTH),
        line1=clean(to.street_1),
    )


def _parcel(items: tuple[_Item, ...], defaults: Defaults) -> Parcel | Refusal:
    pieces = [
        Piece(
            math.ceil(item.quantity),
            math.ceil(item.weight.value * GRAMS_PER_UNIT.get(item.weight.units.lower(), 0)) or None,
            _volume_ml(item),
            catalogue.refs(item.sku, item.variant_id, item.product_id),
        )
        for item in items
    ]
    return words.pack(words.look_up(pieces, defaults.find_articles), defaults.weight_g)


def _volume_ml(item: _Item) -> int | None:
    sides = (item.length, item.width, item.height)
    lengths = [side.value * _MILLIMETRES.get(side.units.lower(), 0) for side in sides]
    return math.ceil(math.prod(lengths) / 1000) or None


def _write(rate: Rate, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    amount = rate.fee.amount_minor / 10 ** decimals(rate.fee.currency)
    return {
        "code": rate.service_code,
        "display_name": rate.name,
        "description": rate.description,
        "cost": {"currency": rate.fee.currency, "amount": amount},
        "rate_id": rate.service_code,
        "dispatch_date": rate.earliest_at.astimezone(zone).replace(microsecond=0).isoformat(),
        "transit_time": _transit(TimeWindow(now, max(rate.latest_at, now + timedelta(hours=1)))),
    }


def _transit(span: TimeWindow) -> dict[str, Any]:
    hours = math.ceil(span.duration_s / 3600)
    if hours <= 24:
        return {"units": "HOURS", "duration": hours}
    return {"units": "DAYS", "duration": math.ceil(hours / 24)}
