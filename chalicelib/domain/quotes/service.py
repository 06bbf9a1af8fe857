"""Use cases of quotes: ask for one, accept it.

A quote fixes one offer for fifteen minutes of business time, its surge included. Accepting creates
the delivery at that price in one commit, under the quote's version: of two at once the second is
run again, and finds what the first one wrote.
"""

import hashlib
import hmac
from dataclasses import replace

from chalicelib.domain.coverage import capacity as counted
from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage.model import Covered, Outside
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Delivery, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import service as intake
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.intake.terms import FURTHEST_AHEAD, Locate, Terms
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.quotes import store
from chalicelib.domain.quotes.model import (
    GOOD_FOR,
    Ask,
    Offer,
    Quote,
    Quoted,
    QuoteState,
)
from chalicelib.domain.quotes.offers import Desk, Errand, Why, best
from chalicelib.kit import tokens
from chalicelib.kit.errors import (
    ExpiredQuote,
    MismatchedQuote,
    NoCapacityLeft,
    Undeliverable,
    UsedQuote,
)
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow, write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

#: Coordinates and an address mean the same door within this. Source: our research on addresses.
SAME_DOOR_M = 500

_SAYS = {
    WhyNot.NOT_OFFERED: "Nothing is offered for that time.",
    WhyNot.CLOSED: "Nobody delivers at that time.",
    WhyNot.HOLIDAY: "That day is a holiday.",
    WhyNot.PAST_CUT_OFF: "It is too late to order for that time.",
    WhyNot.TOO_FAR_AHEAD: "That time is too far ahead.",
    WhyNot.NO_CAPACITY_LEFT: "Every place of that time is taken.",
}


def quote(
    uow: UnitOfWork, merchant: Merchant, hub: Hub, ask: Ask, locate: Locate, server_key: bytes
) -> Quoted:
    """Fix a price and a window for fifteen minutes; nothing is reserved.

    Raises
    ------
    Undeliverable
        If it cannot be promised; ``extra.reason`` says why.
    PlacesUnavailable
        If the address had to be looked up, and could not be.
    """
    if ask.window is not None and not _is_possible(uow, ask.window):
        raise _refused(Refusal.WINDOW_IMPOSSIBLE)
    door, covered = _find_door(uow, merchant, hub, ask, locate)
    desk = Desk(uow, Errand(merchant, hub, ask.pickup, door, ask.parcel, covered))
    offers = desk.offers(ask.service)
    if ask.window is not None:
        chosen = desk.wished(ask.service, ask.window)
    elif isinstance(offers, list):
        chosen = best(offers)
    else:
        chosen = offers
    if not isinstance(chosen, Offer):
        raise _refused(chosen)
    made = Quote(
        id=uow.new_id("qte"),
        merchant_id=merchant.id,
        hub_id=hub.id,
        pickup=ask.pickup,
        dropoff=door,
        address_digest=None if ask.address is None else digest(server_key, ask.address),
        parcel=ask.parcel,
        service=chosen.service,
        window=chosen.window,
        price=chosen.price,
        card_owner=desk.card.owner,
        card_version=desk.card.version,
        zone_id=covered.zone_id,
        surge_permille=desk.surge_of(chosen.window).permille,
        dropoff_at=chosen.dropoff_at,
        quoted_at=uow.now,
        expires_at=uow.now + GOOD_FOR,
    )
    store.save(uow, made)
    return Quoted(made, tuple(offers) if isinstance(offers, list) else (chosen,))


def accept_quote(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    quote_id: str,
    order: Order,
    locate: Locate,
    server_key: bytes,
) -> Delivery:
    """Create the delivery at the quoted price; the same acceptance again is the same delivery.

    Parameters
    ----------
    order
        Who gets it. Its parcel, window, store and position may be left out, and are then as quoted.

    Raises
    ------
    NotFound
        If this merchant has no such quote.
    UsedQuote
        If it became another delivery; ``extra.delivery_id`` names it.
    ExpiredQuote
    Undeliverable
        If what is to be carried cannot be.
    MismatchedQuote
        If something differs from what was quoted; ``fields`` says what.
    DuplicateDelivery
        If the external id has a delivery already.
    NoCapacityLeft
        If the counted place has been taken meanwhile.
    """
    found = store.load(uow, merchant.id, quote_id)
    accepted_as = _acceptance(server_key, order)
    if found.delivery_id is not None:
        if found.accepted_as != accepted_as:
            raise UsedQuote(extra={"delivery_id": found.delivery_id})
        return delivery_store.load(uow, DeliveryRef(merchant.id, found.delivery_id))
    if found.state(uow.now) is QuoteState.EXPIRED:
        raise ExpiredQuote(extra={"expired_at": write_instant(found.expires_at)})
    if order.refusal is not None or order.address is None:
        raise _refused(order.refusal or Refusal.NO_SHIPPING_ADDRESS)
    _must_match(found, merchant, hub, order, order.address, locate, server_key)
    agreed = Agreed(found.price, found.card_owner, found.card_version, uow.now, found.id)
    terms = Terms(
        place=_place(uow, merchant, hub, found),
        pickup=found.pickup,
        dropoff=found.dropoff,
        window=found.window,
        parcel=found.parcel,
        recipient=Recipient(order.contact.name, order.contact.phone, order.address, order.notes),
    )
    delivery = intake.accept(uow, merchant, hub, order, locate, server_key, agreed, terms)
    used = replace(
        found, delivery_id=delivery.id, accepted_as=accepted_as, version=found.version + 1
    )
    store.save(uow, used)
    return delivery


def digest(server_key: bytes, address: Address) -> str:
    """An address as it may stand beside a quote: keyed, because addresses can be enumerated."""
    parts = (address.line1, address.line2, address.city, address.postal_code, address.country)
    return _keyed(server_key, "|".join(" ".join(part.casefold().split()) for part in parts))


def _find_door(
    uow: UnitOfWork, merchant: Merchant, hub: Hub, ask: Ask, locate: Locate
) -> tuple[LatLng, Covered]:
    """Coordinates are believed where we deliver; else the address is looked up."""
    outside: Outside | None = None
    if ask.position is not None:
        given = coverage.look_up(uow, merchant.id, hub, ask.position)
        if isinstance(given, Covered):
            return ask.position, given
        outside = given.reason
    located = None if ask.address is None else locate(ask.address, hub.position)
    if ask.address is None or located is None:
        raise _refused(outside or Refusal.UNKNOWN_LOCATION)
    found = coverage.look_up(uow, merchant.id, hub, located.position)
    if not isinstance(found, Covered):
        raise _refused(found.reason)
    if ask.address.postal_code:
        address = ask.address
        store.learn_postal_code(uow, address.country, address.postal_code, located.position)
    return located.position, found


def _place(uow: UnitOfWork, merchant: Merchant, hub: Hub, found: Quote) -> Offerable | None:
    """What the quoted window takes of counted places; cut-offs are those of when it was quoted."""
    covered = coverage.look_up(uow, merchant.id, hub, found.dropoff)
    if not isinstance(covered, Covered):
        return None
    promises = [one for one in covered.promises if one.kind.value == found.service.value]
    if not promises:
        return None
    chosen = counted.choose(uow, promises, found.window, found.quoted_at)
    if chosen is WhyNot.NO_CAPACITY_LEFT:
        raise NoCapacityLeft
    return chosen if isinstance(chosen, Offerable) else None


def _must_match(
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
    given = order.position
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
    if found.address_digest is not None:
        return hmac.compare_digest(found.address_digest, digest(server_key, address))
    if order.position is not None:
        return True
    located = locate(address, hub.position)
    return located is not None and found.dropoff.distance_m(located.position) <= SAME_DOOR_M


def _acceptance(server_key: bytes, order: Order) -> str:
    """What makes two acceptances the same one: for whom, where, and under which id."""
    phone = order.contact.phone
    parts = [order.order_id, order.contact.name, phone.e164 if phone else "", order.notes]
    if order.address is not None:
        parts.append(digest(server_key, order.address))
    return _keyed(server_key, "\x1f".join(parts))


def _keyed(server_key: bytes, text: str) -> str:
    key = tokens.derive_key(server_key, "quote")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _is_possible(uow: UnitOfWork, window: TimeWindow) -> bool:
    return uow.now < window.end_at and window.start_at <= uow.now + FURTHEST_AHEAD


def _refused(why: Why | Refusal | Outside) -> Undeliverable:
    if isinstance(why, WhyNot):
        detail = _SAYS[why]
    elif isinstance(why, Outside):
        detail = "The address lies outside of the delivery area."
    else:
        detail = why.detail
    return Undeliverable(detail, extra={"reason": why.value})
