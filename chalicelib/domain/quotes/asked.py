"""What is asked for beside the way and the time? At the door, or at a pickup point.

The same when a quote is made and when it is accepted; intake's reasons refuse what cannot be.
"""

from chalicelib.domain.deliveries.requirements import (
    NOTHING,
    Conflict,
    Requirements,
    Wishes,
    overlaid,
    resolve,
    wishes_of,
)
from chalicelib.domain.intake import points
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.merchants.model import Merchant
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.quotes.model import Ask, Quote
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


def of_quote(uow: UnitOfWork, merchant: Merchant, ask: Ask) -> Requirements:
    """Raise ImpossibleRequirements."""
    if ask.pickup_point_id is not None:
        return _at_point(ask.wishes)
    return _at_door(uow, merchant, ask.wishes, None)


def of_acceptance(uow: UnitOfWork, merchant: Merchant, found: Quote, said: Wishes) -> Requirements:
    """As quoted, and what is said at the acceptance; raise ImpossibleRequirements."""
    if found.pickup_point_id is not None:
        return _at_point(said)
    wishes = overlaid(wishes_of(found.requirements), said)
    return _at_door(uow, merchant, wishes, found.price.currency)


def point_of(uow: UnitOfWork, point_id: str) -> PickupPoint:
    """Raise Undeliverable unless there is such a point, and it takes parcels."""
    found = points.find(uow, point_id)
    if isinstance(found, Refusal):
        raise found.error()
    return found


def place_in(
    uow: UnitOfWork, point: PickupPoint, parcel: Parcel, promise: TimeWindow
) -> points.Place:
    """Raise Undeliverable if there is none."""
    found = points.place_in(uow, point, parcel, promise)
    if isinstance(found, Refusal):
        raise found.error()
    return found


def place_of_acceptance(uow: UnitOfWork, found: Quote) -> points.Place | None:
    """A place at the quoted point, which nobody kept meanwhile; None for a door."""
    if found.pickup_point_id is None:
        return None
    return place_in(uow, point_of(uow, found.pickup_point_id), found.parcel, found.window)


def _at_point(wishes: Wishes) -> Requirements:
    if wishes.needs_a_door:
        raise Refusal.ASKED_AT_POINT.error()
    return NOTHING


def _at_door(
    uow: UnitOfWork, merchant: Merchant, wishes: Wishes, currency: str | None
) -> Requirements:
    if wishes.has_cash and currency is None:
        currency = cards.load_card(uow, merchant.id).currency
    found = resolve(wishes, merchant.door, currency)
    if isinstance(found, Conflict):
        raise Refusal(found.value).error()
    return found
