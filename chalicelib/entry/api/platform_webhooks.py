"""Where shops' platforms send their orders: ``POST /webhooks/{platform}/{merchant_id}``.

The raw bytes are capped, then verified, then parsed. A merchant that does not exist, a platform
that it has not connected and a wrong signature are one answer. Everything verified is answered with
200 and its outcome, because platforms turn off webhooks that answer anything else.
"""

from functools import cache
from types import ModuleType
from typing import Any

from chalice.app import Blueprint, Request, Response

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
from chalicelib.entry.observed import answered
from chalicelib.kit.errors import BadSignature, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.ids import is_id

bp = Blueprint(__name__)

_READERS: dict[str, ModuleType] = {
    Platform.SHOPIFY.value: shopify,
    Platform.WOOCOMMERCE.value: woocommerce,
    Platform.GENERIC.value: generic,
}


@bp.route(
    "/webhooks/{platform}/{merchant_id}",
    methods=["POST"],
    content_types=["application/json", "application/x-www-form-urlencoded"],
)
@answered(bp)
def receive_webhook(request: Request, platform: str, merchant_id: str) -> Response:
    raw_body = rest.raw_body(request)
    if platform not in _READERS:
        raise NotFound("there is no such platform")
    if platform == Platform.WOOCOMMERCE and woocommerce.is_ping(raw_body):
        return _say(Outcome(Result.IGNORED, code="ping"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    merchant = _verified_merchant(platform, merchant_id, headers, raw_body)
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    order: Order | NotForUs = _READERS[platform].parse(
        headers, raw_body, defaults_of(merchant, hub, articles_of(merchant.id))
    )
    if isinstance(order, NotForUs):
        return _say(Outcome(Result.IGNORED, code=order.reason))
    return _say(take_in(merchant, hub, order))


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


def _say(outcome: Outcome) -> Response:
    body: dict[str, Any] = {
        "outcome": outcome.result.value,
        "delivery_id": outcome.delivery_id,
        "code": outcome.code,
        "detail": outcome.detail,
    }
    return rest.answer({name: value for name, value in body.items() if value is not None})
