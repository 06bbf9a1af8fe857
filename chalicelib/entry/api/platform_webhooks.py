"""Where shops' platforms send their orders: ``POST /webhooks/{platform}/{merchant_id}``.

The raw bytes are capped, then verified, then parsed. A merchant that does not exist, a platform
that it has not connected and a wrong signature are one answer. Everything verified is answered with
200 and its outcome, because platforms turn off webhooks that answer anything else.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Request

from chalicelib import wiring
from chalicelib.domain.intake import woocommerce
from chalicelib.domain.intake.order import NotForUs, Order, defaults_of
from chalicelib.domain.intake.payload import header
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Merchant, Platform
from chalicelib.domain.shops.model import Connection
from chalicelib.entry import rest, shop_notices, work
from chalicelib.entry.auth import signed
from chalicelib.entry.orders_in import READERS, connection_of, take_in, with_wishes
from chalicelib.entry.path_parts import OneOf, Word
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import BadSignature, Invalid, NotFound, PlacesUnavailable
from chalicelib.kit.ids import is_id

bp = Blueprint(__name__)
doors = Doors(bp, tag="Shop's platform")

#: Platforms that send webhooks.
Sending = Annotated[Platform, OneOf(tuple(map(Platform, READERS)), "platform")]
#: Platforms that ask their fulfilment service something.
Requesting = Annotated[Platform, OneOf((Platform.SHOPIFY,), "platform")]
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
    if platform not in READERS:
        raise NotFound("there is no such platform")
    if platform == Platform.WOOCOMMERCE and woocommerce.is_ping(raw_body):
        return None
    return verified_merchant(platform, parts["merchant_id"], lower(request), raw_body)


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
    headers = lower(request)
    connection = connection_of(sender.id, platform)
    if platform is Platform.SHOPIFY:
        _must_be_from(connection, headers)
        told = shop_notices.take_notice(sender.id, connection, headers, raw_body)
        if told is not None:
            return _say(told)
    hub = work.read(lambda uow: merchant_store.load_hub(uow, sender.hub_id))
    defaults = with_wishes(defaults_of(sender, hub), connection)
    order: Order | NotForUs = READERS[platform].parse(headers, raw_body, defaults)
    if isinstance(order, NotForUs):
        return _say(Outcome(Result.IGNORED, code=order.reason))
    outcome = take_in(sender, hub, order)
    if order.may_mix_methods and connection is not None and connection.is_usable:
        shop_notices.fetch(sender.id, order.order_id)
    return _say(outcome)


@doors.route(
    "POST",
    "/webhooks/{platform}/{merchant_id}/fulfillment_order_notification",
    who=(signed(_sender),),
    answers={200: Received},
    errors=(Invalid,),
)
def receive_request(
    request: Request,
    sender: Merchant | None,
    raw_body: bytes,
    platform: Requesting,
    merchant_id: Shop,
) -> Mapping[str, Any]:
    """Hear that a shop asks its fulfilment service something.

    Shopify does not say what: `kind` alone is sent. All that waits is looked up and answered soon.
    """
    if sender is None:
        raise BadSignature
    connection = connection_of(sender.id, platform)
    _must_be_from(connection, lower(request))
    return _say(shop_notices.take_request(sender.id, connection, raw_body))


def _must_be_from(connection: Connection | None, headers: Mapping[str, str]) -> None:
    """One app signs for all its shops: a webhook of another shop is no webhook of this one."""
    told = header(headers, "x-shopify-shop-domain", "shopify-shop-domain").lower()
    known = "" if connection is None else connection.shop.removeprefix("https://")
    if told and known.endswith(".myshopify.com") and told != known:
        raise BadSignature


def lower(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def verified_merchant(
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
    if not READERS[platform].verify(headers, raw_body, secrets, wiring.clock().wall_now()):
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
