"""Where shops' platforms send their orders: ``POST /webhooks/{platform}/{merchant_id}``.

The raw bytes are capped, then verified, then parsed. A merchant that does not exist, a platform
that it has not connected and a wrong signature are one answer. Everything verified is answered with
200 and its outcome, because platforms turn off webhooks that answer anything else.
"""

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Annotated, Any

from chalice.app import Blueprint, Request

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import generic, service, shopify, woocommerce
from chalicelib.domain.intake.order import FindArticles, NotForUs, Order, defaults_of
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.intake.terms import Located
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Hub, Merchant, Platform
from chalicelib.entry import rest, work
from chalicelib.entry.auth import signed
from chalicelib.entry.path_parts import OneOf, Word
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import BadSignature, Invalid, NotFound, PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.ids import is_id

bp = Blueprint(__name__)
doors = Doors(bp, tag="Shop's platform")

_READERS: dict[str, ModuleType] = {
    Platform.SHOPIFY.value: shopify,
    Platform.WOOCOMMERCE.value: woocommerce,
    Platform.GENERIC.value: generic,
}


#: Platforms that send webhooks.
Sending = Annotated[Platform, OneOf(tuple(map(Platform, _READERS)), "platform")]
#: Not read as an id: an unknown shop is answered like a wrong signature.
Shop = Annotated[str, Word("merchant", "mer_01m83qpn9gec8xh7wbacsaen6x")]


class Received(rest.Answer):
    """What became of the order; a copy of a webhook gets the first answer."""

    outcome: Result
    delivery_id: str | None = None
    code: str | None = None
    detail: str | None = None

    model_config = rest.example(outcome="created", delivery_id="del_01m83qpnksxewtrwdqmpvak0q5")


def _sender(request: Request, parts: Mapping[str, str]) -> Merchant | None:
    """Whose signature it is; nobody's for WooCommerce's ping, which is unsigned by design."""
    raw_body = rest.raw_body(request)
    platform = parts["platform"]
    if platform not in _READERS:
        raise NotFound("there is no such platform")
    if platform == Platform.WOOCOMMERCE and woocommerce.is_ping(raw_body):
        return None
    return _verified_merchant(platform, parts["merchant_id"], _lower(request), raw_body)


@doors.route(
    "POST",
    "/webhooks/{platform}/{merchant_id}",
    who=(signed(_sender),),
    answers={200: Received},
    errors=(Invalid, PlacesUnavailable),
    accepts=("application/json", "application/x-www-form-urlencoded"),
)
def receive_webhook(
    request: Request,
    sender: Merchant | None,
    raw_body: bytes,
    platform: Sending,
    merchant_id: Shop,
) -> Mapping[str, Any]:
    """Receive a platform's webhook, signed over the raw bytes with the platform's secret.

    Whatever is genuine is answered 200, with what became of it: platforms turn off webhooks that
    answer anything else.
    """
    if sender is None:
        return _say(Outcome(Result.IGNORED, code="ping"))
    hub = work.read(lambda uow: merchant_store.load_hub(uow, sender.hub_id))
    order: Order | NotForUs = _READERS[platform].parse(
        _lower(request), raw_body, defaults_of(sender, hub, articles_of(sender.id))
    )
    if isinstance(order, NotForUs):
        return _say(Outcome(Result.IGNORED, code=order.reason))
    return _say(take_in(sender, hub, order))


def _lower(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def take_in(merchant: Merchant, hub: Hub, order: Order) -> Outcome:
    """Commit one order; an address is looked up once, however often a race is run again."""
    server_key = wiring.vault().server_key()
    find = cache(locate)
    return work.run(lambda uow: service.receive(uow, merchant, hub, order, find, server_key))


def articles_of(merchant_id: str) -> FindArticles:
    """The merchant's catalogue, for orders whose platform tells no weights."""
    return lambda refs: work.read(lambda uow: catalogue.find(uow, merchant_id, refs))


def locate(address: Address, near: LatLng) -> Located | None:
    """Look an address up with the geocoder of this deployment."""
    return wiring.places().locate(
        line1=address.line1,
        city=address.city,
        postal_code=address.postal_code,
        country=address.country,
        near=near,
    )


def _verified_merchant(
    platform: str, merchant_id: str, headers: dict[str, str], raw_body: bytes
) -> Merchant:
    """The merchant, if one of its live secrets signed these bytes; raise BadSignature."""
    if not is_id(merchant_id, "mer"):
        raise BadSignature
    try:
        merchant = work.read(lambda uow: merchant_store.load_merchant(uow, merchant_id))
    except NotFound:
        raise BadSignature from None
    secrets = merchants.webhook_secrets(merchant, Platform(platform), wiring.vault().server_key())
    if not _READERS[platform].verify(headers, raw_body, secrets, wiring.clock().wall_now()):
        raise BadSignature
    return merchant


def _say(outcome: Outcome) -> Mapping[str, Any]:
    body: dict[str, Any] = {
        "outcome": outcome.result.value,
        "delivery_id": outcome.delivery_id,
        "code": outcome.code,
        "detail": outcome.detail,
    }
    return {name: value for name, value in body.items() if value is not None}
