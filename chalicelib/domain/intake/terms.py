"""Can we promise that? Which store, which door, until when, and whether there is room.

Given coordinates are believed only where we deliver (Shopify's own sample puts a house in
Louisville 1,150 km away, in Ottawa); otherwise the address is looked up. No answer and no plausible
coordinates: no promise. Windows are checked against business time, and against what the hub or the
area promises, where anything is set; else the merchant's own promise counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.coverage.capacity import for_doors
from chalicelib.domain.coverage.model import Booking, Covered, NotCovered, Promise
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries.model import Address, Delivery, Place, Recipient
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

#: Source: Uber Direct takes orders up to 30 days ahead.
FURTHEST_AHEAD = timedelta(days=30)


class Located(Protocol):
    @property
    def position(self) -> LatLng: ...


class Locate(Protocol):
    """Look an address up; None when there is no door to be found by it."""

    def __call__(self, address: Address, near: LatLng) -> Located | None: ...


class Ground(Protocol):
    """What is covered and promised now (see ``intake.ground``)."""

    def look_up(self, position: LatLng) -> Covered | NotCovered: ...

    def choose(
        self,
        promises: tuple[Promise, ...],
        wish: TimeWindow | None,
        since: datetime,
        held: Booking | None,
    ) -> Offerable | WhyNot: ...


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, and who would deliver."""

    merchant: Merchant
    hub: Hub
    locate: Locate
    ground: Ground


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delivery would be. ``place``: what it takes of a limited window, to be taken yet or
    held already."""

    pickup: Place
    dropoff: LatLng
    window: TimeWindow
    parcel: Parcel
    recipient: Recipient
    place: Offerable | Booking | None

    @property
    def booking(self) -> Booking | None:
        return self.place.booking if isinstance(self.place, Offerable) else self.place


@dataclass(frozen=True, slots=True)
class _Door:
    position: LatLng
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class _Agreed:
    window: TimeWindow
    place: Offerable | Booking | None


def offer_terms(party: Party, order: Order, now: datetime) -> Terms | Refusal:
    """The terms of a new delivery, or why there are none."""
    if order.refusal is not None:
        return order.refusal
    if order.address is None or order.parcel is None:
        return Refusal.NO_SHIPPING_ADDRESS if order.address is None else Refusal.NOTHING_TO_SHIP
    if order.window is not None and not _is_possible(order.window, now):
        return Refusal.WINDOW_IMPOSSIBLE
    pickup = _pickup(party.merchant, order)
    if isinstance(pickup, Refusal):
        return pickup
    door = _find_door(party, order.address, order.position)
    if isinstance(door, Refusal):
        return door
    agreed = _agree(party, door, order.window, now)
    if isinstance(agreed, Refusal):
        return agreed
    recipient = _recipient(order, order.address)
    return Terms(pickup, door.position, agreed.window, order.parcel, recipient, agreed.place)


def amend_terms(
    party: Party, order: Order, before: Delivery, known: Recipient | None, now: datetime
) -> Terms | Refusal:
    """The terms of a delivery after its order changed; what did not change is not doubted again."""
    if order.refusal is not None:
        return order.refusal
    if order.address is None or order.parcel is None:
        return Refusal.NO_SHIPPING_ADDRESS if order.address is None else Refusal.NOTHING_TO_SHIP
    is_new_wish = order.window is not None and order.window != before.window
    if is_new_wish and order.window is not None and not _is_possible(order.window, now):
        return Refusal.WINDOW_IMPOSSIBLE
    pickup = _pickup(party.merchant, order)
    if isinstance(pickup, Refusal):
        return pickup
    if before.attempts:
        # After an attempt the parcel lies where it was brought back to.
        pickup = before.pickup
    is_same_address = known is not None and known.address == order.address
    door = _find_door(
        party, order.address, order.position, before.dropoff if is_same_address else None
    )
    if isinstance(door, Refusal):
        return door
    agreed = _agree_again(party, door, order.window, before, now)
    if isinstance(agreed, Refusal):
        return agreed
    recipient = _recipient(order, order.address, known)
    return Terms(pickup, door.position, agreed.window, order.parcel, recipient, agreed.place)


def _is_possible(window: TimeWindow, now: datetime) -> bool:
    return now < window.end_at and window.start_at <= now + FURTHEST_AHEAD


def _agree(
    party: Party,
    door: _Door,
    wish: TimeWindow | None,
    since: datetime,
    held: Booking | None = None,
) -> _Agreed | Refusal:
    """A window: the wish as it is, if there is one; its place is counted where most of it lies."""
    promises = for_doors(door.promises)
    if not promises:
        promised = TimeWindow(since, since + timedelta(seconds=party.merchant.promise_s))
        return _Agreed(wish or promised, None)
    chosen = party.ground.choose(promises, wish, since, held)
    if isinstance(chosen, WhyNot):
        return _REFUSALS.get(chosen, Refusal.WINDOW_IMPOSSIBLE)
    offered = TimeWindow(max(since, chosen.window.start_at), chosen.window.end_at)
    return _Agreed(wish or offered, chosen)


def _agree_again(
    party: Party, door: _Door, wish: TimeWindow | None, before: Delivery, now: datetime
) -> _Agreed | Refusal:
    kept = _Agreed(before.window, before.booking)
    is_same_door = door.position == before.dropoff
    if wish is not None:
        if wish == before.window and is_same_door:
            return kept
        return _agree(party, door, wish, now, before.booking)
    # Without a wish the promise runs from when it was given, so late news does not postpone it.
    agreed = _agree(party, door, None, before.created_at, before.booking)
    if isinstance(agreed, Refusal):
        return kept if is_same_door else agreed
    is_new = agreed.window != before.window
    return Refusal.WINDOW_IMPOSSIBLE if is_new and not _is_possible(agreed.window, now) else agreed


_REFUSALS = {
    WhyNot.NO_CAPACITY_LEFT: Refusal.NO_CAPACITY_LEFT,
    WhyNot.PAST_CUT_OFF: Refusal.PAST_CUT_OFF,
}


def _find_door(
    party: Party, address: Address, given: LatLng | None, known: LatLng | None = None
) -> _Door | Refusal:
    """Where it is: as given, if we deliver there; where it was before, at the same address; or
    where the address is found."""
    if given is not None:
        answer = party.ground.look_up(given)
        if isinstance(answer, Covered):
            return _Door(given, answer.promises)
    if known is not None:
        answer = party.ground.look_up(known)
        return _Door(known, answer.promises if isinstance(answer, Covered) else ())
    located = party.locate(address, party.hub.position)
    if located is None:
        return Refusal.UNKNOWN_LOCATION if given is None else Refusal.OUTSIDE_SERVICE_AREA
    answer = party.ground.look_up(located.position)
    if isinstance(answer, NotCovered):
        return Refusal.OUTSIDE_SERVICE_AREA
    return _Door(located.position, answer.promises)


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
