"""Is this what was quoted, and is it the same acceptance again?"""

import hashlib
import hmac
from dataclasses import astuple

from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.deliveries.requirements import SILENCE
from chalicelib.domain.intake.doors import Locate
from chalicelib.domain.intake.order import Order
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.quotes.model import Quote
from chalicelib.kit import tokens
from chalicelib.kit.errors import MismatchedQuote

#: Coordinates and an address mean the same door within this. Source: our research on addresses.
SAME_DOOR_M = 500


def digest(server_key: bytes, address: Address) -> str:
    """An address as it may stand beside a quote: keyed, because addresses can be enumerated."""
    parts = (address.line1, address.line2, address.city, address.postal_code, address.country)
    return _keyed(server_key, "|".join(" ".join(part.casefold().split()) for part in parts))


def must_match(
    found: Quote,
    merchant: Merchant,
    hub: Hub,
    order: Order,
    address: Address,
    locate: Locate,
    server_key: bytes,
) -> None:
    differs: list[str] = []
    if order.store_external_id is not None:
        named = merchant.store_by_external_id(order.store_external_id)
        if named is None or named.id != found.pickup.id:
            differs.append("store_external_id")
    if order.parcel is not None and order.parcel != found.parcel:
        differs.append("items")
    if order.window is not None and order.window != found.window:
        differs.append("window")
    cash = order.wishes
    if cash.cash_minor is not None and cash.cash_minor != found.requirements.cash_minor:
        # All else that is asked at the door costs the same.
        differs.append("requirements.cash_on_delivery")
    if order.pickup_point_id not in (None, found.pickup_point_id):
        differs.append("pickup_point_id")
    given = order.position if found.pickup_point_id is None else None
    is_elsewhere = given is not None and found.dropoff.distance_m(given) > SAME_DOOR_M
    if is_elsewhere or not _is_same_address(found, hub, order, address, locate, server_key):
        differs.append("dropoff")
    if differs:
        fields = [{"field": name, "error": "differs from what was quoted"} for name in differs]
        raise MismatchedQuote("ask for a new quote", fields=fields)


def _is_same_address(
    found: Quote, hub: Hub, order: Order, address: Address, locate: Locate, server_key: bytes
) -> bool:
    """The address that was quoted; or, where only coordinates were, one that lies there."""
    if found.pickup_point_id is not None:
        # Where the recipient lives is not where it is brought.
        return True
    if found.address_digest is not None:
        return hmac.compare_digest(found.address_digest, digest(server_key, address))
    if order.position is not None:
        return True
    answers = locate(address, hub.position)
    return bool(answers) and found.dropoff.distance_m(answers[0].position) <= SAME_DOOR_M


def acceptance(server_key: bytes, order: Order) -> str:
    """What makes two acceptances the same one: for whom, where, and under which id."""
    phone = order.contact.phone
    parts = [order.order_id, order.contact.name, phone.e164 if phone else "", order.notes]
    if order.address is not None:
        parts.append(digest(server_key, order.address))
    if order.pickup_point_id is not None:
        parts.append(order.pickup_point_id)
    if order.wishes != SILENCE:
        parts.append(repr(astuple(order.wishes)))
    return _keyed(server_key, "\x1f".join(parts))


def _keyed(server_key: bytes, text: str) -> str:
    key = tokens.derive_key(server_key, "quote")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
