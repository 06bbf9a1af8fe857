"""What shall a shop's checkout show? One rate per way of delivery, within a fraction of a second.

For the platforms' doors (carrier services): nothing is kept, nothing is reserved; no solver, no
drawing and no slow look-up is called. A destination without coordinates is placed by its postal
code, if a door there was found before; else by ``find``, which the door gives and bounds; without
either there are no rates. An empty answer means that we do not deliver there: a shop then shows its
other carriers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage.model import Covered
from chalicelib.domain.deliveries.model import Address, Place
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.intake.doors import Locate
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.quotes import store
from chalicelib.domain.quotes.model import Offer, Service
from chalicelib.domain.quotes.offers import Desk, Errand, best
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: More choices than that make a checkout longer, not better.
MOST_SCHEDULED = 6

_NAMES = {
    Service.STANDARD: "Delivery",
    Service.SAME_DAY: "Same day delivery",
    Service.NEXT_DAY: "Next day delivery",
    Service.SCHEDULED: "Delivery",
    Service.PICKUP_POINT: "Pickup point",
}
_SCHEDULED = re.compile(r"scheduled_([0-9]{8}T[0-9]{4})Z_([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a shop's customer wants it, as far as the checkout knows.

    ``country`` is ISO 3166 alpha 2. A position is believed only where we deliver.
    """

    country: str
    postal_code: str = ""
    city: str = ""
    line1: str = ""
    position: LatLng | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of a checkout.

    Attributes
    ----------
    service_code
        ``standard``, ``same_day``, ``next_day``, or ``scheduled_20261127T1400Z_120`` with the
        window's start and minutes (see :func:`window_of`); comes back with the order.
    earliest_at, latest_at
        When it will be there.
    """

    service_code: str
    name: str
    description: str
    fee: Money
    earliest_at: datetime
    latest_at: datetime


def rates(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    destination: Destination,
    parcel: Parcel,
    now: datetime,
    *,
    store_external_id: str | None = None,
    find: Locate | None = None,
) -> tuple[Rate, ...]:
    """The rates of a checkout, cheapest first; none outside of our area.

    Commit the unit of work: it may carry the surge's round and a postal code that was learned.

    Parameters
    ----------
    now
        The unit of work's.
    store_external_id
        The store that it would be picked up at; the merchant's first when left out.
    find
        A geocoder that answers or gives up within a second; None never asks one.
    """
    from_store = merchant.store_by_external_id(store_external_id)
    if from_store is None:
        return ()
    found = _place(uow, merchant, hub, destination, find)
    if found is None:
        return ()
    door, covered = found
    pickup = Place(from_store.id, from_store.name, from_store.position)
    errand = Errand(merchant, hub, pickup, door, parcel, covered)
    offers = Desk(uow, errand, sheet_store.peek(uow, hub)).offers(None)
    if not isinstance(offers, list):
        return ()
    zone = ZoneInfo(hub.timezone)
    shown = [_rate(offer, zone, now) for offer in _choices(offers)]
    return tuple(sorted(shown, key=lambda one: (one.fee.amount_minor, one.latest_at)))


def window_of(service_code: str) -> TimeWindow | None:
    """The window that a rate's code names; None when it names none."""
    named = _SCHEDULED.fullmatch(service_code)
    if named is None:
        return None
    try:
        start_at = datetime.strptime(named[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        return TimeWindow(start_at, start_at + timedelta(minutes=int(named[2])))
    except (ValueError, OverflowError):
        return None


def _place(
    uow: UnitOfWork, merchant: Merchant, hub: Hub, destination: Destination, find: Locate | None
) -> tuple[LatLng, Covered] | None:
    """The door, or one that stands for it, if it is covered."""
    to = destination
    if to.position is not None:
        answer = coverage.look_up(uow, merchant.id, hub, to.position)
        if isinstance(answer, Covered):
            return to.position, answer
    if not to.postal_code:
        return None
    door = store.find_postal_code(uow, to.country, to.postal_code)
    if door is None and find is not None:
        door = _find(to, hub, find)
        if door is not None:
            store.learn_postal_code(uow, to.country, to.postal_code, door)
    if door is None:
        return None
    answer = coverage.look_up(uow, merchant.id, hub, door)
    return (door, answer) if isinstance(answer, Covered) else None


def _find(to: Destination, hub: Hub, find: Locate) -> LatLng | None:
    address = Address(to.line1, "", to.city, to.postal_code, to.country)
    try:
        answers = find(address, hub.position)
    except PlacesUnavailable:
        return None
    return answers[0].position if answers else None


def _choices(offers: list[Offer]) -> Iterator[Offer]:
    """The best window of each service; of scheduled ones the first few, for they are the choice."""
    for service in Service:
        own = [offer for offer in offers if offer.service is service]
        if service is Service.SCHEDULED:
            yield from own[:MOST_SCHEDULED]
        elif own:
            yield best(own)


def _rate(offer: Offer, zone: ZoneInfo, now: datetime) -> Rate:
    window = offer.window
    starts, ends = window.start_at.astimezone(zone), window.end_at.astimezone(zone)
    code, name = offer.service.value, _NAMES[offer.service]
    description = f"by {ends:%H:%M}"
    if offer.service is Service.SCHEDULED:
        code = f"{code}_{window.start_at:%Y%m%dT%H%M}Z_{window.duration_s // 60}"
        description = f"{starts:%a %d %b}, {starts:%H:%M} to {ends:%H:%M}"
        name = f"{name} {starts:%H:%M} to {ends:%H:%M}"
    return Rate(
        service_code=code,
        name=name,
        description=description,
        fee=offer.price.total,
        earliest_at=max(now, window.start_at),
        latest_at=window.end_at,
    )
