"""Use cases of quotes: ask for one, accept it.

A quote fixes one offer for fifteen minutes of business time, its surge included. Accepting creates
the delivery at that price in one commit, under the quote's version: of two at once the second is
run again, and finds what the first one wrote.
"""

from dataclasses import replace

from chalicelib.domain.coverage import capacity as counted
from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage.model import Covered, Outside
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Delivery, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.intake import service as intake
from chalicelib.domain.intake.addresses import normalise
from chalicelib.domain.intake.doors import Door, Locate
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.intake.terms import FURTHEST_AHEAD, Terms, door_of
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Nearby, PickupPoint, Wanted
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.quotes import asked, store
from chalicelib.domain.quotes.model import (
    GOOD_FOR,
    Ask,
    Offer,
    Quote,
    Quoted,
    QuoteState,
)
from chalicelib.domain.quotes.offers import Desk, Errand, Why, best
from chalicelib.domain.quotes.sameness import acceptance, digest, must_match
from chalicelib.kit.errors import (
    Conflict,
    ExpiredQuote,
    NoCapacityLeft,
    StaleVersion,
    Undeliverable,
    UsedQuote,
)
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow, write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

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
    needed = asked.of_quote(uow, merchant, ask)
    point = None if ask.pickup_point_id is None else asked.point_of(uow, ask.pickup_point_id)
    door, covered = _find_place(uow, merchant, hub, ask, point, locate)
    errand = Errand(merchant, hub, ask.pickup, door, ask.parcel, covered, needed.cash_minor, point)
    desk = Desk(uow, errand, sheet_store.read(uow, hub))
    offers = desk.offers(ask.service)
    if ask.window is not None:
        chosen = desk.wished(ask.service, ask.window)
    elif isinstance(offers, list):
        chosen = best(offers)
    else:
        chosen = offers
    if not isinstance(chosen, Offer):
        raise _refused(chosen)
    if point is not None:
        asked.place_in(uow, point, ask.parcel, chosen.window)
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
        requirements=needed,
        pickup_point_id=ask.pickup_point_id,
    )
    store.save(uow, made)
    others = tuple(offers) if isinstance(offers, list) else (chosen,)
    return Quoted(made, others, _nearby(uow, ask, door))


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
    accepted_as = acceptance(server_key, order)
    if found.delivery_id is not None:
        if found.accepted_as != accepted_as:
            raise UsedQuote(extra={"delivery_id": found.delivery_id})
        return delivery_store.load(uow, DeliveryRef(merchant.id, found.delivery_id))
    if found.state(uow.now) is QuoteState.EXPIRED:
        raise ExpiredQuote(extra={"expired_at": write_instant(found.expires_at)})
    if order.refusal is not None or order.address is None:
        raise _refused(order.refusal or Refusal.NO_SHIPPING_ADDRESS)
    must_match(found, merchant, hub, order, order.address, locate, server_key)
    agreed = Agreed(found.price, found.card_owner, found.card_version, uow.now, found.id)
    try:
        terms = _terms(uow, merchant, hub, found, order, order.address, locate, server_key)
        delivery = intake.accept(uow, merchant, hub, order, locate, server_key, agreed, terms)
    except Conflict:
        if store.load(uow, merchant.id, quote_id).version != found.version:
            # It was accepted since we read it, and this is what came of that: decide again.
            raise StaleVersion from None
        raise
    used = replace(
        found, delivery_id=delivery.id, accepted_as=accepted_as, version=found.version + 1
    )
    store.save(uow, used)
    return delivery


def _terms(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    found: Quote,
    order: Order,
    address: Address,
    locate: Locate,
    server_key: bytes,
) -> Terms:
    """The terms that were quoted, for whoever gets it."""
    taken = asked.place_of_acceptance(uow, found)
    if taken is None:
        door = _door(uow, merchant, hub, found, order, address, locate, server_key)
    else:
        door = door_of(taken.point, normalise(address, hub.country))
    return Terms(
        place=_place(uow, merchant, hub, found),
        pickup=found.pickup,
        door=door,
        window=found.window,
        parcel=found.parcel,
        recipient=Recipient(
            order.contact.name,
            order.contact.phone,
            door.address,
            order.notes,
            language=order.contact.language,
        ),
        requirements=asked.of_acceptance(uow, merchant, found, order.wishes),
        point=taken,
    )


def _nearby(uow: UnitOfWork, ask: Ask, door: LatLng) -> tuple[Nearby, ...]:
    if not ask.pickup_points:
        return ()
    wanted = Wanted(ask.parcel.weight_g, ask.parcel.volume_ml)
    return tuple(pickup_points.nearest(uow, door, wanted, ask.pickup_points))


def _find_place(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    ask: Ask,
    point: PickupPoint | None,
    locate: Locate,
) -> tuple[LatLng, Covered]:
    if point is None:
        return _find_door(uow, merchant, hub, ask, locate)
    found = coverage.look_up(uow, merchant.id, hub, point.position)
    if not isinstance(found, Covered):
        raise _refused(found.reason)
    return point.position, found


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
    answers = () if ask.address is None else locate(ask.address, hub.position)
    if ask.address is None or not answers:
        raise _refused(outside or Refusal.UNKNOWN_LOCATION)
    # A price holds for a street as well; whether it is a door is asked when the quote is accepted.
    located = answers[0]
    found = coverage.look_up(uow, merchant.id, hub, located.position)
    if not isinstance(found, Covered):
        raise _refused(found.reason)
    if ask.address.postal_code:
        address = ask.address
        store.learn_postal_code(uow, address.country, address.postal_code, located.position)
    return located.position, found


def _door(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    found: Quote,
    order: Order,
    address: Address,
    locate: Locate,
    server_key: bytes,
) -> Door:
    """The quoted place, if the address leads to a door; else the question where it is."""
    witness = order.position
    if witness is None and found.address_digest is None:
        witness = found.dropoff
    door = intake.finder(uow, merchant.id, hub, locate, server_key).find(address, witness)
    if isinstance(door, Refusal):
        raise _refused(door)
    return door if door.question else replace(door, position=found.dropoff)


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


def _is_possible(uow: UnitOfWork, window: TimeWindow) -> bool:
    return uow.now < window.end_at and window.start_at <= uow.now + FURTHEST_AHEAD


def _refused(why: Why | Refusal | Outside) -> Undeliverable:
    if isinstance(why, WhyNot):
        detail = _SAYS[why]
    elif isinstance(why, Refusal):
        return why.error()
    elif isinstance(why, Outside):
        detail = "The address lies outside of the delivery area."
    else:
        detail = why.detail
    return Undeliverable(detail, extra={"reason": why.value})
