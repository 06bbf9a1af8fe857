"""What shall a shop's checkout show? One rate per way of delivery, within a fraction of a second.

For the platforms' doors (carrier services): nothing is kept, nothing is reserved, no solver and no
slow look-up is called. A destination without coordinates is placed by its postal code, if a door
there was found before; else by ``find``, which the door gives and bounds; without either there are
no rates. An empty answer means that we do not deliver there: a shop then shows its other carriers.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.intake.terms import Locate
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a shop's customer wants it, as far as the checkout knows.

    ``country`` is ISO 3166 alpha 2. A position is believed only near the hub (see intake).
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
        ``same_day``, ``next_day``, ``pickup_point``, or ``scheduled_20261127T1400Z_120`` with the
        window's start and minutes; comes back with the order.
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
    store_external_id
        The store that it would be picked up at; the merchant's first when left out.
    find
        A geocoder that answers or gives up within a second; None never asks one.
    """
    return ()
