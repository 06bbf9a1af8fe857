"""Shopify's second door: the same webhooks by EventBridge's partner bus, without a signature.

Only Shopify can put events on the bus that the account has associated with it, and the rule takes
nothing from elsewhere. An event holds what the HTTP request would have held: ``detail.payload`` is
the body, ``detail.metadata`` the headers. It names the shop instead of the merchant. The same news
by both doors is taken in once.
Source: Shopify, "Amazon EventBridge webhook delivery".
"""

import json
from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.intake.order import NotForUs, Order, defaults_of
from chalicelib.domain.intake.payload import header
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops import connecting
from chalicelib.entry import shop_notices, work
from chalicelib.entry.observed import logger, observed
from chalicelib.entry.orders_in import READERS, connection_of, take_in, with_wishes
from chalicelib.kit.errors import (
    Malformed,
)
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
)

bp = Blueprint(__name__)

_SOURCE = "aws.partner/shopify.com"


@bp.lambda_function()
def receive_partner_events(event: Any, context: Any) -> dict[str, str]:
    return dict(_watched(event))


def _receive(event: Mapping[str, Any]) -> dict[str, str]:
    """Take in one event; what cannot be read is said in the log and not sent again."""
    if not str(event.get("source", "")).startswith(_SOURCE):
        return _said("source", None)
    detail = event.get("detail") or {}
    metadata = {str(k).lower(): str(v) for k, v in (detail.get("metadata") or {}).items()}
    merchant_id = _merchant_of(header(metadata, "x-shopify-shop-domain", "shopify-shop-domain"))
    if merchant_id is None:
        return _said("unknown_shop", None)
    body = json.dumps(detail.get("payload"), ensure_ascii=False).encode("utf-8", "replace")
    try:
        outcome = _take(merchant_id, metadata, body)
    except Malformed as error:
        return _said(error.code, merchant_id)
    return _said(outcome.code or outcome.result.value, merchant_id)


_watched = observed(_receive)


def _take(merchant_id: str, metadata: Mapping[str, str], body: bytes) -> Outcome:
    platform = Platform.SHOPIFY.value
    connection = connection_of(merchant_id, platform)
    told = shop_notices.take_notice(merchant_id, connection, metadata, body)
    if told is not None:
        return told
    merchant = work.read(lambda uow: merchant_store.load_merchant(uow, merchant_id))
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    defaults = with_wishes(defaults_of(merchant, hub), connection)
    order: Order | NotForUs = READERS[platform].parse(metadata, body, defaults)
    if isinstance(order, NotForUs):
        return Outcome(Result.IGNORED, code=order.reason)
    return take_in(merchant, hub, order)


def _merchant_of(domain: str) -> str | None:
    """Whose shop sent it; None when no merchant of ours has connected it."""
    platform = Platform.SHOPIFY.value
    try:
        shop = wiring.shop_gateways()[platform].address(domain)
    except ShopAddressRefused:
        return None
    return work.read(lambda uow: connecting.merchant_of(uow, platform, shop))


def _said(outcome: str, merchant_id: str | None) -> dict[str, str]:
    logger.info("partner event", outcome=outcome, merchant_id=merchant_id)
    return {"outcome": outcome}
