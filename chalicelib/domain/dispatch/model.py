"""What is a route, a stop, an offer, a wave?

A route is the ordered stops of one driver, made by one wave. A stop is one visit to one place: a
pickup of many parcels, one recipient's door, or the return of what could not be delivered. An offer
asks one driver about one route, for a limited time. All carry a version; all are immutable.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.model import DoorKind, FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.reasons import Blocking, MustGo, Sent
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import Pay, PayRates
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow

#: A commit holds 100 items: the route, the driver's work, the tap's mark, and its deliveries.
MOST_DELIVERIES = 97
#: A wave's record is one item of at most 400 kB; a reason takes about 120 bytes.
MOST_LISTED = 1000


class RouteStatus(StrEnum):
    PLANNED = "planned"  # waits for a driver
    OFFERED = "offered"
    ASSIGNED = "assigned"
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    CANCELLED = "cancelled"  # every delivery of it fell away before a driver took it


class StopKind(StrEnum):
    PICKUP = "pickup"
    DROPOFF = "dropoff"
    RETURN = "return"


class StopStatus(StrEnum):
    PENDING = "pending"
    ARRIVED = "arrived"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        return self not in (StopStatus.PENDING, StopStatus.ARRIVED)


class OfferStatus(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # somebody else took the route, or it is gone


class Level(StrEnum):
    """How urgently a driver is sought; see ``escalation``."""

    EXCLUSIVE = "exclusive"
    PAIR = "pair"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit. ``place_name`` is empty at a recipient's door: that address is personal data.

    ``window`` is what the recipient was promised; ``weight_g`` and ``volume_ml`` are what is picked
    up or handed over. All three are there so that room for one delivery more can be told without
    loading any (see ``day_sheets``); a route from before they were kept has none. ``door`` is the
    kind of the recipient's door, for how long handling takes. ``pickup_point_id``: all its parcels
    are handed over at this pickup point, not at a door. ``needs``: the skills that a door takes.
    """

    id: str
    kind: StopKind
    place_name: str
    position: LatLng
    deliveries: tuple[DeliveryRef, ...]
    planned_arrival_at: datetime
    service_s: int
    status: StopStatus = StopStatus.PENDING
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    failure: FailureReason | None = None
    window: TimeWindow | None = None
    weight_g: int = 0
    volume_ml: int = 0
    door: DoorKind | None = None
    pickup_point_id: str | None = None
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Departure:
    """Why a planned route left with its wave, or did not.

    Parameters
    ----------
    sent
        Why it left; None: it waits.
    deliveries, must_go
        How many it carries, and how many of them had to go.
    full_percent
        How much of its vehicle, or of its driver's time, it uses.
    first, why
        The delivery that can wait the shortest, and why it had to go, if it had to.
    at
        The cut-off, where that was the reason; else until when ``first`` can wait.
    """

    sent: Sent | None
    deliveries: int
    must_go: int
    full_percent: int
    first: DeliveryRef
    why: MustGo | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """One driver's stops.

    ``distance_m`` and ``duration_s`` are the plan's, from its first stop to its last; the loads are
    the most on board at once. ``offer_id`` is the offer that was accepted, ``live_offers`` are
    those that wait for an answer: ``(offer_id, driver_id)``. ``refused_by`` are not asked again,
    ``ignored_by`` only when nobody else is left. ``asked`` counts offers, ``released`` how often a
    driver who had taken it did not come. ``expected_at`` is when its driver should begin;
    ``alerted_at`` when the desk was told that nobody takes it.
    ``only_driver_id`` and ``barred_drivers``: what the desk's rules
    about its deliveries say of who may take it (see ``rules``). ``departure``: why it left when it
    did; routes of before have none.
    """

    id: str
    hub_id: str
    wave_id: str
    vehicle_kind: VehicleKind
    load_weight_g: int
    load_volume_ml: int
    status: RouteStatus
    version: int
    planned_at: datetime
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    duration_s: int
    stops: tuple[Stop, ...]
    driver_id: str | None = None
    offer_id: str | None = None
    refused_by: tuple[str, ...] = ()
    departure: Departure | None = None
    live_offers: tuple[tuple[str, str], ...] = ()
    ignored_by: tuple[str, ...] = ()
    asked: int = 0
    released: int = 0
    expected_at: datetime | None = None
    alerted_at: datetime | None = None
    only_driver_id: str | None = None
    barred_drivers: tuple[str, ...] = ()

    @property
    def skills(self) -> frozenset[str]:
        """What its driver has to be able to do at the doors that are still ahead."""
        ahead = (one for one in self.stops if one.needs and not one.status.is_over)
        return frozenset[str]().union(*(one.needs for one in ahead if not one.pickup_point_id))

    def allows(self, driver_id: str) -> bool:
        """Whether the desk's rules let this driver take it: to be asked before any offer."""
        return driver_id not in self.barred_drivers and self.only_driver_id in (None, driver_id)

    def deliveries(self) -> Iterator[DeliveryRef]:
        """Every delivery once, in the order of the stops that bring it to its end."""
        # One that goes to a pickup point after all also stands on the door that it left.
        doors = (stop for stop in self.stops if stop.kind is StopKind.DROPOFF)
        return iter(dict.fromkeys(ref for stop in doors for ref in stop.deliveries))

    def stop(self, stop_id: str) -> Stop | None:
        return next((stop for stop in self.stops if stop.id == stop_id), None)

    def next_stop(self) -> Stop | None:
        """The first stop that is not over."""
        return next((stop for stop in self.stops if not stop.status.is_over), None)


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """Somebody who could have been asked instead, and what it would have cost, term by term [s]."""

    driver_id: str
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Why:
    """Why this driver: what each term cost [s], who came next, and how many could have done it.

    ``considered`` drivers were on duty; ``ruled_out`` tells how many of them failed which filter.
    """

    terms: Mapping[str, int]
    runners_up: tuple[RunnerUp, ...] = ()
    considered: int = 0
    ruled_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def cost_s(self) -> int:
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Offer:
    """``approach_m``: how far the driver was from the first stop when it was made.

    ``approach_s``: how long the way there takes. ``why`` is there for explanations.
    ``pay`` is fixed then, by ``rates``, which also settle what nobody can know before; both are
    None where no rates are known.
    """

    id: str
    route_id: str
    driver_id: str
    status: OfferStatus
    version: int
    made_at: datetime
    expires_at: datetime
    approach_m: int
    reason: str | None = None
    approach_s: int = 0
    level: Level = Level.EXCLUSIVE
    why: Why | None = None
    pay: Pay | None = None
    rates: PayRates | None = None


@dataclass(frozen=True, slots=True)
class Unserved:
    """``blocking``: what stands in the way, where somebody has looked into it. ``until``: it waits
    by choice, and leaves with the first wave after that at the latest."""

    delivery: DeliveryRef
    reason: str
    blocking: Blocking | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """What one planning run did: kept so that everybody can see what waits, and why.

    ``unserved`` lists at most :data:`MOST_LISTED`; ``left_out`` counts them all. ``sent`` says why
    each route left, in the order of ``route_ids``; ``held`` are planned routes that wait.
    """

    id: str
    hub_id: str
    slot: str
    planned_at: datetime
    engine: str
    route_ids: tuple[str, ...]
    served: int
    unserved: tuple[Unserved, ...]
    left_out: int
    dropped: int
    sent: tuple[Departure | None, ...] = ()
    held: tuple[Departure, ...] = ()
