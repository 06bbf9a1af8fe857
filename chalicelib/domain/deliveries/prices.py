"""What does one delivery cost, as pricing sees it? Its job before, its charges after.

The way that is paid for is the road from the pickup to the door as the planner estimates it: the
great circle times the detour that is usual over such a distance. It depends on the two places
alone, so a quote and the delivery that it becomes agree to the metre.
"""

import math
from dataclasses import dataclass

from chalicelib.domain.deliveries.model import Delivery, HistoryEntry
from chalicelib.domain.pricing import agreed as agreements
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.charges import Charges, charges
from chalicelib.domain.pricing.model import Job
from chalicelib.domain.pricing.rules import with_cash
from chalicelib.domain.pricing.stages import Happening
from chalicelib.domain.routing.travel import circuity
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Bill:
    """What was agreed, and what is due by now."""

    agreed: Agreed
    charges: Charges


def way_m(pickup: LatLng, door: LatLng) -> int:
    """The road between two places, estimated [m]."""
    crow_km = pickup.distance_m(door) / 1000
    return math.ceil(crow_km * circuity(crow_km) * 1000)


def plain_job(
    pickup: LatLng,
    door: LatLng,
    parcel: Parcel,
    window: TimeWindow,
    zone_id: str | None = None,
    *,
    cash_minor: int = 0,
    is_pickup_point: bool = False,
) -> Job:
    """The job of a delivery to the door that nobody quoted. It has no surge: nobody was shown one
    before it was asked for."""
    return Job(
        distance_m=way_m(pickup, door),
        weight_g=parcel.weight_g,
        volume_ml=parcel.volume_ml,
        zone_id=zone_id,
        window_s=window.duration_s,
        cash_on_delivery_minor=cash_minor,
        is_pickup_point=is_pickup_point,
    )


def bill(uow: UnitOfWork, delivery: Delivery) -> Bill:
    """What is due for a delivery by now.

    Raises
    ------
    NotFound
        If no price was agreed for it.
    """
    return next(iter(bills(uow, delivery)))


def bills(uow: UnitOfWork, delivery: Delivery, *ways: Delivery) -> list[Bill]:
    """What is due for a delivery by now, then what would be due if it went on in each of the ways.

    A way is the same delivery after a command that nobody has carried out.
    """
    agreed = agreements.load_agreed(uow, delivery.merchant_id, delivery.id)
    card = cards.load_version(uow, agreed.card_owner, agreed.card_version)
    made = []
    for one in (delivery, *ways):
        happened = [happening(one, entry) for entry in one.history]
        # The shop may have changed what is to be collected since.
        due = with_cash(card, agreed.price, one.requirements.cash_minor)
        made.append(Bill(agreed, charges(card, due, happened, one.window.end_at)))
    return made


def happening(delivery: Delivery, entry: HistoryEntry) -> Happening:
    event_id = f"evt_{delivery.id}_{entry.version:06d}"
    return Happening(entry.version, entry.what, entry.at, event_id, entry.reason, entry.undoes)
