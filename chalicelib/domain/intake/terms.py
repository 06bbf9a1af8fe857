"""Can we promise that? Which store, which door, until when.

Given coordinates are believed only inside the hub's radius (Shopify's own sample puts a house in
Louisville 1,150 km away, in Ottawa); otherwise the address is looked up. No answer and no plausible
coordinates: no promise. Windows are checked against business time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, and who would deliver."""

    merchant: Merchant
    hub: Hub
    locate: Locate


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delivery would be."""

    pickup: Place
    dropoff: LatLng
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
    dropoff = _find_door(party, order.address, order.position)
    if isinstance(dropoff, Refusal):
        return dropoff
    return Terms(pickup, dropoff, window, order.parcel, _recipient(order, order.address))


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
    is_same_door = known is not None and known.address == order.address
    if is_same_door and not _is_inside(party.hub, order.position):
        dropoff: LatLng | Refusal = before.dropoff
    else:
        dropoff = _find_door(party, order.address, order.position)
    if isinstance(dropoff, Refusal):
        return dropoff
    return Terms(pickup, dropoff, window, order.parcel, _recipient(order, order.address, known))


def _promised(merchant: Merchant, since: datetime) -> TimeWindow:
    return TimeWindow(since, since + timedelta(seconds=merchant.promise_s))


def _is_possible(window: TimeWindow, now: datetime) -> bool:
    return now < window.end_at and window.start_at <= now + FURTHEST_AHEAD


def _is_inside(hub: Hub, position: LatLng | None) -> bool:
    return position is not None and hub.position.distance_m(position) <= hub.radius_m


def _find_door(party: Party, address: Address, given: LatLng | None) -> LatLng | Refusal:
    hub = party.hub
    if given is not None and _is_inside(hub, given):
        return given
    located = party.locate(address, hub.position)
    if located is None:
        return Refusal.UNKNOWN_LOCATION if given is None else Refusal.OUTSIDE_SERVICE_AREA
    if not _is_inside(hub, located.position):
        return Refusal.OUTSIDE_SERVICE_AREA
    return located.position


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
