"""Can we promise that? Which store, which door, until when, and whether there is room.

Where the door is, ``doors`` finds; a door that nobody knows and nothing speaks for is no promise,
one that is only doubtful is a promise with a question. Windows are checked against business time,
and against what the hub or the area promises, where anything is set; else the merchant's own
promise counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.coverage.capacity import for_doors, for_points
from chalicelib.domain.coverage.model import Booking, Covered, NotCovered, Promise
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries import requirements
from chalicelib.domain.deliveries.instructions import NO_INSTRUCTIONS
from chalicelib.domain.deliveries.model import (
    Address,
    Confidence,
    Delivery,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.redirecting import POINT_SERVICE_S
from chalicelib.domain.deliveries.requirements import NOTHING, Requirements, Wishes, resolve
from chalicelib.domain.intake import points
from chalicelib.domain.intake.addresses import normalise, same_door
from chalicelib.domain.intake.doors import Door, Finder
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_CAN_BE_HELD = (Status.CREATED, Status.ADDRESS_REVIEW, Status.READY)
#: Source: Uber Direct takes orders up to 30 days ahead.
FURTHEST_AHEAD = timedelta(days=30)
#: Time at the door until somebody taps "delivered". Source: our research, 180 s for a van's stop.
SERVICE_S = 180


class Ground(Protocol):
    """What is covered and promised now (see ``intake.ground``)."""

    def look_up(self, position: LatLng) -> Covered | NotCovered: ...

    def currency(self) -> str: ...

    def point(self, point_id: str) -> PickupPoint | Refusal: ...

    def place_in(
        self, point: PickupPoint, parcel: Parcel, promise: TimeWindow
    ) -> points.Place | Refusal: ...

    def place_again(self, before: Delivery, parcel: Parcel) -> points.Place | Refusal | None: ...

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
    finder: Finder
    ground: Ground


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delivery would be. ``door`` None leaves the door where it is known to be; ``place``:
    what it takes of a limited window, to be taken yet or held already."""

    pickup: Place
    door: Door | None
    window: TimeWindow
    parcel: Parcel
    recipient: Recipient
    place: Offerable | Booking | None
    zone_id: str | None = None
    requirements: Requirements = NOTHING
    point: points.Place | None = None

    @property
    def service_s(self) -> int:
        return SERVICE_S if self.point is None else POINT_SERVICE_S

    @property
    def booking(self) -> Booking | None:
        return self.place.booking if isinstance(self.place, Offerable) else self.place


@dataclass(frozen=True, slots=True)
class _Agreed:
    window: TimeWindow
    place: Offerable | Booking | None
    zone_id: str | None = None


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
    if order.pickup_point_id is not None:
        return _at_point(party, order, order.address, order.parcel, pickup, now)
    door = party.finder.find(order.address, order.position)
    if isinstance(door, Refusal):
        return door
    agreed = _agree(party, door.position, order.window, now)
    if isinstance(agreed, Refusal):
        return agreed
    asked = requirements_of(party, order.wishes)
    if isinstance(asked, Refusal):
        return asked
    return Terms(
        pickup=pickup,
        door=door,
        window=agreed.window,
        parcel=order.parcel,
        recipient=_recipient(order, door.address),
        place=agreed.place,
        zone_id=agreed.zone_id,
        requirements=asked,
    )


def _at_point(
    party: Party, order: Order, address: Address, parcel: Parcel, pickup: Place, now: datetime
) -> Terms | Refusal:
    """The terms of a delivery to a pickup point: nobody needs to find the recipient's own door."""
    point = party.ground.point(order.pickup_point_id or "")
    if isinstance(point, Refusal):
        return point
    if order.wishes.needs_a_door:
        return Refusal.ASKED_AT_POINT
    agreed = _agree(party, point.position, order.window, now, at_point=True)
    if isinstance(agreed, Refusal):
        return agreed
    taken = party.ground.place_in(point, parcel, agreed.window)
    if isinstance(taken, Refusal):
        return taken
    return Terms(
        pickup=pickup,
        door=door_of(point, normalise(address, party.hub.country)),
        window=agreed.window,
        parcel=parcel,
        recipient=_recipient(order, address),
        place=agreed.place,
        zone_id=agreed.zone_id,
        point=taken,
    )


def door_of(point: PickupPoint, address: Address) -> Door:
    """A pickup point where a door would be; it is nobody's door, so nothing is learned of it."""
    return Door(address, point.position, Confidence.ACCEPT, None)


def requirements_of(
    party: Party, wishes: Wishes, currency: str | None = None
) -> Requirements | Refusal:
    """What is asked at the door, or why it cannot be; ``currency``: in which it was agreed before,
    whatever the merchant's card says by now."""
    if wishes.has_cash and currency is None:
        currency = party.ground.currency()
    found = resolve(wishes, party.merchant.door, currency)
    return Refusal(found.value) if isinstance(found, requirements.Conflict) else found


def _requirements_again(party: Party, wishes: Wishes, before: Delivery) -> Requirements | Refusal:
    if before.pickup_point_id is not None:
        return Refusal.ASKED_AT_POINT if wishes.needs_a_door else NOTHING
    return requirements_of(party, wishes, before.requirements.currency)


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
    again = _door_again(party, before, known, order.address, order)
    if isinstance(again, Refusal):
        return again
    address, door = again
    position = door.position if door else before.dropoff
    agreed = _agree_again(party, position, order.window, before, now)
    if isinstance(agreed, Refusal):
        return agreed
    asked = _requirements_again(party, order.wishes, before)
    if isinstance(asked, Refusal):
        return asked
    moved = party.ground.place_again(before, order.parcel)
    if isinstance(moved, Refusal):
        return moved
    return Terms(
        pickup=pickup,
        door=door,
        window=agreed.window,
        parcel=order.parcel,
        recipient=_recipient(order, address, known),
        place=agreed.place,
        requirements=asked,
        point=moved,
    )


def _is_possible(window: TimeWindow, now: datetime) -> bool:
    return now < window.end_at and window.start_at <= now + FURTHEST_AHEAD


def _door_again(
    party: Party, before: Delivery, known: Recipient | None, given: Address, order: Order
) -> tuple[Address, Door | None] | Refusal:
    """The address after a change, and its door unless that is known already."""
    address = normalise(given, party.hub.country)
    if before.pickup_point_id is not None:
        return address, None
    if known is not None and _is_known_door(party, before, known, address, order):
        if not same_door(known.address, address):
            # A person corrected what the shop still writes.
            address = replace(known.address, line2=address.line2)
        return address, None
    door = party.finder.find(address, order.position)
    if isinstance(door, Refusal):
        return door
    if door.question is not None and before.status not in _CAN_BE_HELD:
        # A parcel on its way cannot wait for an answer.
        return Refusal.UNKNOWN_LOCATION
    return door.address, door


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


def _agree(
    party: Party,
    position: LatLng,
    wish: TimeWindow | None,
    since: datetime,
    held: Booking | None = None,
    *,
    at_point: bool = False,
) -> _Agreed | Refusal:
    """A window: the wish as it is, if there is one; its place is counted where most of it lies."""
    covered = party.ground.look_up(position)
    if at_point and not isinstance(covered, Covered):
        return Refusal.OUTSIDE_SERVICE_AREA
    kept = for_points if at_point else for_doors
    promises = kept(covered.promises) if isinstance(covered, Covered) else ()
    if at_point and not promises and isinstance(covered, Covered) and covered.promises:
        return Refusal.SERVICE_NOT_OFFERED
    zone_id = covered.zone_id if isinstance(covered, Covered) else None
    if not promises:
        promised = TimeWindow(since, since + timedelta(seconds=party.merchant.promise_s))
        return _Agreed(wish or promised, None, zone_id)
    chosen = party.ground.choose(promises, wish, since, held)
    if isinstance(chosen, WhyNot):
        return _REFUSALS.get(chosen, Refusal.WINDOW_IMPOSSIBLE)
    offered = TimeWindow(max(since, chosen.window.start_at), chosen.window.end_at)
    return _Agreed(wish or offered, chosen, zone_id)


def _agree_again(
    party: Party, position: LatLng, wish: TimeWindow | None, before: Delivery, now: datetime
) -> _Agreed | Refusal:
    kept = _Agreed(before.window, before.booking)
    is_same_door = position == before.dropoff
    at_point = before.pickup_point_id is not None
    if wish is not None:
        if wish == before.window and is_same_door:
            return kept
        return _agree(party, position, wish, now, before.booking, at_point=at_point)
    # Without a wish the promise runs from when it was given, so late news does not postpone it.
    agreed = _agree(party, position, None, before.created_at, before.booking, at_point=at_point)
    if isinstance(agreed, Refusal):
        return kept if is_same_door else agreed
    is_new = agreed.window != before.window
    return Refusal.WINDOW_IMPOSSIBLE if is_new and not _is_possible(agreed.window, now) else agreed


_REFUSALS = {
    WhyNot.NO_CAPACITY_LEFT: Refusal.NO_CAPACITY_LEFT,
    WhyNot.PAST_CUT_OFF: Refusal.PAST_CUT_OFF,
}


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
        language=order.contact.language or (known.language if known else None),
        instructions=known.instructions if known else NO_INSTRUCTIONS,
        email=order.contact.email or (known.email if known else ""),
    )
