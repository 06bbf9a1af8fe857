"""What is a delivery made of?

The aggregate and its parts, all immutable. ``version`` grows by one with every change, and
``history`` has exactly one entry per version: what is not in the history did not happen. Attempts
are kept apart from the status; the recipient's name, phone, address and notes live in a table of
their own (:class:`Recipient`), so that the planner never sees them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.coverage.model import Booking
from chalicelib.domain.deliveries.instructions import (
    INSTRUCTIONS_CHANGED,
    NO_INSTRUCTIONS,
    IfMissed,
    Instructions,
)
from chalicelib.domain.deliveries.requirements import (
    NOTHING,
    DoorAction,
    Proof,
    ProofKind,
    Requirements,
)
from chalicelib.domain.pricing import faults
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow

#: Source: the field's usual default is three tries at the door.
MOST_ATTEMPTS = 3
#: With those that failed through a driver or us, which use none of the three up.
MOST_TRIES = 6
#: Who did it, where it was no person: what follows from a failed attempt by itself.
BY_RECOVERY = "recovery"
#: A doubtful address must be settled so long before the window ends, or waits for the next wave.
ADDRESS_NOTICE = timedelta(hours=2)
#: Whoever has not collected yet is reminded so long before the parcel goes back.
REMINDED_BEFORE = timedelta(hours=24)
COLLECTION_DUE = "collection_due"
COLLECTION_EXTENDED = "collection_extended"
#: Whoever is asked has at least so long, where the window allows it.
LEAST_TIME_TO_ANSWER = timedelta(minutes=30)


class Status(StrEnum):
    CREATED = "created"
    ADDRESS_REVIEW = "address_review"
    READY = "ready"
    PLANNED = "planned"
    ASSIGNED = "assigned"
    EN_ROUTE_TO_PICKUP = "en_route_to_pickup"
    ARRIVED_AT_PICKUP = "arrived_at_pickup"
    PICKED_UP = "picked_up"
    EN_ROUTE_TO_DROPOFF = "en_route_to_dropoff"
    ARRIVED_AT_DROPOFF = "arrived_at_dropoff"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    AT_PICKUP_POINT = "at_pickup_point"
    COLLECTED = "collected"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    DISPOSED = "disposed"
    LOST = "lost"
    DAMAGED = "damaged"

    @property
    def is_final(self) -> bool:
        return self in FINAL

    @property
    def is_with_driver(self) -> bool:
        """Whether the parcel itself is in a driver's hands."""
        return self in WITH_DRIVER


FINAL = frozenset(
    {
        Status.DELIVERED,
        Status.COLLECTED,
        Status.RETURNED,
        Status.CANCELLED,
        Status.DISPOSED,
        Status.LOST,
        Status.DAMAGED,
    }
)
WITH_DRIVER = frozenset(
    {
        Status.PICKED_UP,
        Status.EN_ROUTE_TO_DROPOFF,
        Status.ARRIVED_AT_DROPOFF,
        Status.ATTEMPT_FAILED,
        Status.RETURNING,
    }
)


class FailureReason(StrEnum):
    """Why an attempt at the door failed. Source: union of CoopCycle's and Jitsu's reason sets."""

    CUSTOMER_UNAVAILABLE = "customer_unavailable"
    CUSTOMER_REFUSED = "customer_refused"
    WRONG_ADDRESS = "wrong_address"
    ADDRESS_UNREACHABLE = "address_unreachable"
    BUSINESS_CLOSED = "business_closed"
    NO_SAFE_PLACE = "no_safe_place"
    ID_CHECK_FAILED = "id_check_failed"
    WRONG_PIN = "wrong_pin"
    PACKAGE_DAMAGED = "package_damaged"
    PACKAGE_LOST = "package_lost"
    ITEM_MISSING = "item_missing"
    WRONG_ITEM = "wrong_item"
    LOCKER_FULL = "locker_full"
    VEHICLE_BREAKDOWN = "vehicle_breakdown"
    WEATHER = "weather"
    TRAFFIC_DELAY = "traffic_delay"
    OUT_OF_SHIFT_TIME = "out_of_shift_time"
    DRIVER_EMERGENCY = "driver_emergency"
    DATA_ERROR = "data_error"
    HOLIDAY = "holiday"
    OTHER = "other"

    @property
    def party_at_fault(self) -> faults.Party:
        return faults.party_at_fault(self)


class CancelReason(StrEnum):
    CUSTOMER_REQUEST = "customer_request"
    MERCHANT_REQUEST = "merchant_request"
    OUT_OF_STOCK = "out_of_stock"
    DUPLICATE = "duplicate"
    NO_DRIVER_FOUND = "no_driver_found"
    PAYMENT_FAILED = "payment_failed"
    UNDELIVERABLE_AREA = "undeliverable_area"
    FRAUD = "fraud"

    @property
    def party_at_fault(self) -> faults.Party:
        return faults.party_at_fault(self)


class DoorKind(StrEnum):
    """How handing over is likely to go (see ``door_kinds``)."""

    HOUSE = "house"
    APARTMENT = "apartment"
    BUSINESS = "business"
    PICKUP_POINT = "pickup_point"


class Confidence(StrEnum):
    """How sure we are of the door: of itself, after a look, not at all, or because a person said.

    ``ask`` holds the delivery in address_review.
    """

    ACCEPT = "accept"
    CHECK = "check"
    ASK = "ask"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parcel is picked up: a store of the merchant's, or a hub."""

    id: str
    name: str
    position: LatLng


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed try at the door; ``at`` is when the driver tapped."""

    number: int
    at: datetime
    reason: FailureReason
    driver_id: str | None
    route_id: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one version changed.

    ``what`` is the event's name without its noun, ``at`` when it took effect, ``undoes`` the
    version that it takes back, ``by`` who at the desk did it by hand: for the desk's eyes only.
    """

    version: int
    what: str
    status: Status
    at: datetime
    reason: str | None = None
    undoes: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The recipient's own door, kept while a delivery goes to a pickup point instead."""

    dropoff: LatLng
    door: DoorKind
    requirements: Requirements
    confidence: Confidence
    service_s: int
    door_key: str | None = None
    shop_door_key: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The aggregate; see the module's page.

    ``door_key`` names the recipient's door without its address (a keyed hash), ``shop_door_key``
    the door that the shop wrote: they differ once a person has corrected it.
    ``booking``: the counted place that it takes. ``pickup_point_id``: where it is brought instead
    of a door, and ``collect_by`` until when it lies there. Not ``live``: a test (``rehearsal``).
    ``tip``: what the customer gave for whoever brings it.
    ``if_missed``, ``has_safe_place``: what the recipient wishes, see ``instructions``.
    ``home``: where it went before somebody chose a pickup point; None for one that never did.
    ``zone_id``: the service area that its door lay in when it was promised, if in any.
    """

    id: str
    merchant_id: str
    hub_id: str
    platform: str
    external_id: str
    order_name: str
    status: Status
    version: int
    created_at: datetime
    pickup: Place
    dropoff: LatLng
    window: TimeWindow
    parcel: Parcel
    service_s: int
    source_updated_at: datetime
    history: tuple[HistoryEntry, ...]
    attempts: tuple[Attempt, ...] = ()
    route_id: str | None = None
    driver_id: str | None = None
    proofs: tuple[Proof, ...] = ()
    reason: str | None = None
    confidence: Confidence = Confidence.ACCEPT
    door_key: str | None = None
    shop_door_key: str | None = None
    booking: Booking | None = None
    live: bool = True
    requirements: Requirements = NOTHING
    door: DoorKind = DoorKind.HOUSE
    pickup_point_id: str | None = None
    collect_by: datetime | None = None
    tip: Money | None = None
    if_missed: IfMissed | None = None
    has_safe_place: bool = False
    home: Home | None = None
    zone_id: str | None = None

    @property
    def handover(self) -> Requirements:
        """What is asked of the handover as the recipient wishes it: a safe place stands for being
        there, unless what the order asks for needs somebody; then a photo says where it lies.

        It is what a driver is shown. What counts is ``requirements``: a tap from a phone that had
        not heard of the safe place must not be refused for want of a photo.
        """
        left = replace(self.requirements, action=DoorAction.LEAVE_AT_DOOR, photo=True)
        return left if self.has_safe_place and left.conflict is None else self.requirements

    @property
    def instructions_changed_at(self) -> datetime | None:
        """When the recipient last said something to the driver."""
        told = (e.at for e in reversed(self.history) if e.what == INSTRUCTIONS_CHANGED)
        return next(told, None)

    @property
    def collection_step_at(self) -> datetime | None:
        """When something is due for a parcel that lies at a pickup point: a word to its recipient
        first, the way back in the end."""
        if self.status is not Status.AT_PICKUP_POINT or self.collect_by is None:
            return None
        reminded = self.history[-1].what == COLLECTION_DUE
        return self.collect_by if reminded else self.collect_by - REMINDED_BEFORE

    @property
    def address_due_at(self) -> datetime:
        """Until when a doubtful address must be settled to be kept in its window."""
        usual = self.window.end_at - ADDRESS_NOTICE
        return min(self.window.end_at, max(usual, self.created_at + LEAST_TIME_TO_ANSWER))

    def proof(self, kind: ProofKind) -> Proof | None:
        """What was shown of this kind at the handover."""
        return next((one for one in self.proofs if one.kind is kind), None)

    @property
    def needs(self) -> frozenset[str]:
        """The skills that handing it over takes; a pickup point asks nothing of the driver."""
        return frozenset() if self.pickup_point_id else self.requirements.skills

    @property
    def attempts_left(self) -> int:
        """Tries at the door that remain; what a driver or we caused counts up to a limit only."""
        counted = sum(not faults.is_ours(one.reason.party_at_fault) for one in self.attempts)
        return max(0, min(MOST_ATTEMPTS - counted, MOST_TRIES - len(self.attempts)))

    @property
    def is_on_time(self) -> bool | None:
        """Whether it was handed over inside its window; None while nobody can say."""
        if self.status not in (Status.DELIVERED, Status.COLLECTED):
            return None
        return self.history[-1].at < self.window.end_at


@dataclass(frozen=True, slots=True)
class Address:
    line1: str
    line2: str
    city: str
    postal_code: str
    country: str

    def one_line(self) -> str:
        parts = (self.line1, self.line2, f"{self.postal_code} {self.city}".strip())
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets it: personal data, kept in the ``pii`` table and never in a log."""

    name: str
    phone: Phone | None
    address: Address
    notes: str = ""
    handed_to: str = ""
    language: Language | None = None
    instructions: Instructions = NO_INSTRUCTIONS
    email: str = ""
