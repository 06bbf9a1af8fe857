"""What is a driver, and what is a driver doing now?

The profile is slow-moving. :class:`Work` is the hot part: one item per driver that every offer and
every acceptance guards by its version, so a driver can never hold two offers or two routes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.kit.geo import LatLng
from chalicelib.kit.phone import Phone


class VehicleKind(StrEnum):
    VAN = "van"
    CAR = "car"
    CARGO_BIKE = "cargo_bike"
    WALKER = "walker"


@dataclass(frozen=True, slots=True)
class Vehicle:
    kind: VehicleKind
    max_weight_g: int
    max_volume_ml: int


@dataclass(frozen=True, slots=True)
class Driver:
    id: str
    hub_id: str
    vehicle: Vehicle
    version: int = 1


@dataclass(frozen=True, slots=True)
class Person:
    """The driver's personal data; kept in the ``pii`` table."""

    name: str
    phone: Phone


@dataclass(frozen=True, slots=True)
class Work:
    """What a driver is doing.

    ``offer`` is ``(route_id, offer_id)`` of the one live offer; ``route_id`` the route under way.
    ``last_route_id``, ``declined`` and ``lost`` (to a faster driver) are the ones before, so that a
    tap that comes twice or late is still understood.
    ``position`` is where the driver went on duty; later fixes are in the ``live`` table.
    ``habits``: how this driver answers offers. ``no_shows`` counts routes that were taken and not
    begun; ``earned_minor`` is what the routes taken since going on duty are worth.
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

    @property
    def is_free(self) -> bool:
        """Whether a route may be offered now."""
        return self.on_duty and self.offer is None and self.route_id is None
