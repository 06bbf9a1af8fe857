"""Can we promise that? Which store, which door, until when.

Where the door is, ``doors`` finds; a door that nobody knows and nothing speaks for is no promise,
one that is only doubtful is a promise with a question. Windows are checked against business time.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.model import (
    Address,
    Confidence,
    Delivery,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.intake.addresses import normalise, same_door
from chalicelib.domain.intake.doors import Door, Finder
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_CAN_BE_HELD = (Status.CREATED, Status.ADDRESS_REVIEW, Status.READY)
#: Source: Uber Direct takes orders up to 30 days ahead.
FURTHEST_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, and who would deliver."""

    merchant: Merchant
    hub: Hub
    finder: Finder


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delivery would be; ``door`` None leaves the door where it is known to be."""

    pickup: Place
    door: Door | None
    window: TimeWindow
    parcel: Parcel
    recipient: Recipient


def offer_terms(party: Party, order: Order, now: datetime) -> Terms | Refusal:
    """The terms of a new delivery, or why there are none."""
    if order.refusal is not None:
        return order.refusal
    if order.address is None or order.parcel is None:
        return Refusal.NO_SHIPPING_ADDRESS if order.address is None else Refusal.NOTHING_TO_SHIP
    window = order.window or _promised(party.merchant, now)
    if not _is_possible(window, now):
        return Refusal.WINDOW_IMPOSSIBLE
    pickup = _pickup(party.merchant, order)
    if isinstance(pickup, Refusal):
        return pickup
    door = party.finder.find(order.address, order.position)
    if isinstance(door, Refusal):
        return door
    return Terms(pickup, door, window, order.parcel, _recipient(order, door.address))


def amend_terms(
    party: Party, order: Order, before: Delivery, known: Recipient | None, now: datetime
) -> Terms | Refusal:
    """The terms of a delivery after its order changed; what did not change is not doubted again."""
    if order.refusal is not None:
        return order.refusal
    if order.address is None or order.parcel is None:
        return Refusal.NO_SHIPPING_ADDRESS if order.address is None else Refusal.NOTHING_TO_SHIP
    # Without a wish the promise runs from when it was given, so late news does not postpone it.
    window = order.window or _promised(party.merchant, before.created_at)
    if window != before.window and not _is_possible(window, now):
        return Refusal.WINDOW_IMPOSSIBLE
    pickup = _pickup(party.merchant, order)
    if isinstance(pickup, Refusal):
        return pickup
    if before.attempts:
        # After an attempt the parcel lies where it was brought back to.
        pickup = before.pickup
    address = normalise(order.address, party.hub.country)
    if known is not None and _is_known_door(party, before, known, address, order):
        if not same_door(known.address, address):
            # A person corrected what the shop still writes.
            address = replace(known.address, line2=address.line2)
        return Terms(pickup, None, window, order.parcel, _recipient(order, address, known))
    door = party.finder.find(address, order.position)
    if isinstance(door, Refusal):
        return door
    if door.question is not None and before.status not in _CAN_BE_HELD:
        # A parcel on its way cannot wait for an answer.
        return Refusal.UNKNOWN_LOCATION
    return Terms(pickup, door, window, order.parcel, _recipient(order, door.address, known))


def _promised(merchant: Merchant, since: datetime) -> TimeWindow:
    return TimeWindow(since, since + timedelta(seconds=merchant.promise_s))


def _is_possible(window: TimeWindow, now: datetime) -> bool:
    return now < window.end_at and window.start_at <= now + FURTHEST_AHEAD


def _is_known_door(
    party: Party, before: Delivery, known: Recipient, address: Address, order: Order
) -> bool:
    """Whether the door need not be found again: what a person confirmed outlives a shop's edit."""
    shops_own = before.shop_door_key or party.finder.key_of(known.address)
    if shops_own != party.finder.key_of(address):
        return False
    if before.confidence is Confidence.CONFIRMED or order.position is None:
        return True
    return before.dropoff == order.position or not party.finder.covers(order.position)


def _pickup(merchant: Merchant, order: Order) -> Place | Refusal:
    store = merchant.store_by_external_id(order.store_external_id)
    return Refusal.UNKNOWN_STORE if store is None else Place(store.id, store.name, store.position)


def _recipient(order: Order, address: Address, known: Recipient | None = None) -> Recipient:
    return Recipient(
        name=order.contact.name,
        phone=order.contact.phone,
        address=address,
        notes=order.notes,
        handed_to=known.handed_to if known else "",
    )
