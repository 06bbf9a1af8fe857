"""What is asked at a checkout, what is offered, and what is a quote?

A :class:`Quote` is one offer that was fixed: this store, this door, this parcel, this window, this
price. It holds a position but no address, for that is personal data: only a keyed digest, by which
a different address is recognised when the quote is accepted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.coverage.promises import Offerable
from chalicelib.domain.deliveries.model import Address, Place
from chalicelib.domain.deliveries.requirements import NOTHING, SILENCE, Requirements, Wishes
from chalicelib.domain.pickup_points.model import Nearby
from chalicelib.domain.pricing.model import Price
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

#: Source: Uber Direct keeps a quote for 15 minutes; shoppers have gone by then.
GOOD_FOR = timedelta(minutes=15)


class Service(StrEnum):
    """How it is promised: a class of coverage, or the merchant's own promise."""

    STANDARD = "standard"
    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    SCHEDULED = "scheduled"
    PICKUP_POINT = "pickup_point"


class NoQuote(StrEnum):
    """Why there is no quote, beside the reasons of coverage and of intake; stable codes."""

    SERVICE_NOT_OFFERED = "service_not_offered"
    PARCEL_TOO_LARGE = "parcel_too_large"
    NO_CAPACITY_LEFT = "no_capacity_left"

    @property
    def detail(self) -> str:
        """One sentence for a person."""
        return _DETAILS[self]


_DETAILS = {
    NoQuote.SERVICE_NOT_OFFERED: "This service is not offered there.",
    NoQuote.PARCEL_TOO_LARGE: "No vehicle that drives today could carry it.",
    NoQuote.NO_CAPACITY_LEFT: "No driver can take one more delivery within that time.",
}


class QuoteState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Ask:
    """What would be delivered: ``address`` or ``position``, or both; ``window`` is a wish.

    ``pickup_points``: so many near the door are told as well.
    """

    pickup: Place
    parcel: Parcel
    address: Address | None = None
    position: LatLng | None = None
    window: TimeWindow | None = None
    service: Service | None = None
    pickup_points: int = 0
    wishes: Wishes = SILENCE
    pickup_point_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to deliver it.

    Attributes
    ----------
    place
        What it takes of a counted window; None without counts.
    dropoff_at
        When it should be handed over: by the cheapest place in today's routes where there is one,
        else the end of the window.
    is_fitted
        Whether such a place was found.
    extra_s, extra_m
        What it adds there [s], [m]; 0 where it was not fitted.
    """

    service: Service
    window: TimeWindow
    price: Price
    dropoff_at: datetime
    is_fitted: bool
    place: Offerable | None = None
    extra_s: int = 0
    extra_m: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """One offer, fixed until ``expires_at``; accepted once at most."""

    id: str
    merchant_id: str
    hub_id: str
    pickup: Place
    dropoff: LatLng
    address_digest: str | None
    parcel: Parcel
    service: Service
    window: TimeWindow
    price: Price
    card_owner: str
    card_version: int
    zone_id: str | None
    surge_permille: int
    dropoff_at: datetime
    quoted_at: datetime
    expires_at: datetime
    delivery_id: str | None = None
    accepted_as: str | None = None
    version: int = 1
    requirements: Requirements = NOTHING
    pickup_point_id: str | None = None

    def state(self, now: datetime) -> QuoteState:
        """An accepted quote stays accepted; at the very instant of its end it has expired."""
        if self.delivery_id is not None:
            return QuoteState.ACCEPTED
        return QuoteState.EXPIRED if self.expires_at <= now else QuoteState.OPEN


@dataclass(frozen=True, slots=True)
class Quoted:
    """A new quote, and what else could be had: windows with their prices, and places to collect."""

    quote: Quote
    others: tuple[Offer, ...]
    pickup_points: tuple[Nearby, ...] = ()
