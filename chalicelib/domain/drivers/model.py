"""What is a driver, and what is a driver doing now?

The profile is slow-moving. :class:`Work` is the hot part: one item per driver that every offer and
every acceptance guards by its version, so a driver can never hold two offers or two routes. What
planning and matching need of the profile (skills, blocks, the way home) is copied onto it when it
changes, so that they read one item per driver.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.domain.drivers.documents import Document
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.kit.phone import Phone

MOST_VEHICLES = 10
MOST_BLOCKS = 50
#: Of a home only this much leaves the ``pii`` table [decimals of a degree]: about a kilometre.
HOME_DECIMALS = 2


class VehicleKind(StrEnum):
    VAN = "van"
    CAR = "car"
    CARGO_BIKE = "cargo_bike"
    WALKER = "walker"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """``id`` tells a driver's vehicles apart; the only one of a driver may have none."""

    kind: VehicleKind
    max_weight_g: int
    max_volume_ml: int
    id: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody whom this driver does not drive for, and who said so.

    ``subject``: a merchant's id, or a hub's.
    """

    subject: str
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakWindow:
    """A rest of a shift: it begins within the window and lasts so long."""

    earliest_at: datetime
    latest_at: datetime
    duration_s: int


@dataclass(frozen=True, slots=True)
class Driver:
    """``vehicle`` is the one that is taken unless another is chosen; ``vehicles`` are the others.

    ``skills`` are codes that the network agrees on (``age_check``, ``cold_chain``, ``heavy``,
    ``cash``). ``sessions_end_at`` (wall time): tokens from before it are good for nothing.
    """

    id: str
    hub_id: str
    vehicle: Vehicle
    version: int = 1
    vehicles: tuple[Vehicle, ...] = ()
    skills: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()
    documents: tuple[Document, ...] = ()
    active: bool = True
    sessions_end_at: datetime | None = None

    def all_vehicles(self) -> tuple[Vehicle, ...]:
        return (self.vehicle, *self.vehicles)


@dataclass(frozen=True, slots=True)
class Person:
    """The driver's personal data; kept in the ``pii`` table.

    ``home`` is where the way home leads, if the driver said so; ``plates`` are by vehicle id;
    ``language`` is what the app was last set to, None before it said so.
    """

    name: str
    phone: Phone
    home: LatLng | None = None
    plates: dict[str, str] = field(default_factory=dict)
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a driver is doing.

    ``offer`` is ``(route_id, offer_id)`` of the one live offer; ``route_id`` the route under way.
    ``last_route_id``, ``declined`` and ``lost`` (to a faster driver) are the ones before, so that a
    tap that comes twice or late is still understood.
    ``position`` is where the driver went on duty; later fixes are in the ``live`` table, and none
    of a time before ``on_duty_since``.
    ``habits``: how this driver answers offers. ``no_shows`` counts routes that were taken and not
    begun; ``earned_minor`` is what the routes taken since going on duty are worth.
    ``blocks`` are ids of merchants and hubs; ``home_near`` is home to about a kilometre, None for
    a driver who did not say; ``breaks`` are those of the shift that is worked.
    ``papers_end_at``: when the first document that the vehicle in use needs ends.
    """

    driver_id: str
    hub_id: str
    vehicle: Vehicle
    version: int
    on_duty: bool = False
    shift_ends_at: datetime | None = None
    position: LatLng | None = None
    offer: tuple[str, str] | None = None
    route_id: str | None = None
    last_route_id: str | None = None
    declined: tuple[str, str] | None = None
    habits: Habits = field(default_factory=Habits)
    no_shows: int = 0
    earned_minor: int = 0
    lost: tuple[str, str] | None = None
    skills: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    home_near: LatLng | None = None
    breaks: tuple[BreakWindow, ...] = ()
    papers_end_at: datetime | None = None
    on_duty_since: datetime | None = None
    shift_id: str | None = None

    @property
    def is_free(self) -> bool:
        """Whether a route may be offered now."""
        return self.on_duty and self.offer is None and self.route_id is None

    def papers_are_good(self, now: datetime) -> bool:
        return self.papers_end_at is None or now < self.papers_end_at


def near(home: LatLng | None) -> LatLng | None:
    """A home as the rest of the house may know it."""
    if home is None:
        return None
    return LatLng(round(home.latitude, HOME_DECIMALS), round(home.longitude, HOME_DECIMALS))
