"""What did one delivery, one route, one driver's day come to? Numbers and ids, no person.

Each is worked out again from what is kept whenever news arrives, so a fact that is made twice is
the same fact. ``day`` and ``hour`` are the hub's, of the end.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """One ended delivery.

    Attributes
    ----------
    status
        How it ended: ``delivered``, ``collected``, ``returned``, ``cancelled``, ``disposed``,
        ``lost``, ``damaged``.
    on_time
        Handed over at the door before its window's end; at a pickup point: lay there before it.
        None for what was not brought.
    order_to_door_s
        From the order's arrival with us to the door, or to the pickup point.
    attempts
        Tries at a door, the one that succeeded included; none for what went to a pickup point.
    failures
        Why each try that failed did.
    net_minor
        What its merchant owes for it, without tax; None where no price was agreed.
    version
        The delivery's version that this was read from.
    """

    delivery_id: str
    merchant_id: str
    hub_id: str
    zone_id: str | None
    status: str
    created_at: datetime
    ended_at: datetime
    day: date
    hour: int
    on_time: bool | None
    order_to_door_s: int | None
    attempts: int
    failures: tuple[str, ...]
    driver_id: str | None
    route_id: str | None
    at_point: bool = False
    parcels: int = 1
    texts: int = 0
    net_minor: int | None = None
    currency: str | None = None
    version: int = 0

    @property
    def is_brought(self) -> bool:
        return self.status in ("delivered", "collected")

    @property
    def first_attempt_ok(self) -> bool | None:
        """None where nobody tried at a door."""
        return None if self.attempts == 0 else self.status == "delivered" and not self.failures


@dataclass(frozen=True, slots=True)
class Share:
    """One delivery's part of a route: its way, its cost and its emissions, whose sums are the
    route's. ``brought``: this route handed it over, or laid it into a pickup point."""

    delivery_id: str
    merchant_id: str
    zone_id: str | None
    parcels: int
    brought: bool
    distance_m: int
    cost_minor: int
    co2e_mg: int


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """One completed route.

    Attributes
    ----------
    doors
        Doors and pickup points that were driven to, successful or not.
    duration_s
        From the first tap to the last.
    distance_m, return_m
        The planned way from first stop to last, and from there to the hub.
    cost_minor, tips_minor
        What its driver is paid without tips, and the tips; 0 where no rates were set.
    co2e_mg
        By the factors of ``rules_version``.
    eta_errors
        Horizon and miss [s] of what would have been forecast as each stop ended.
    """

    route_id: str
    hub_id: str
    driver_id: str
    vehicle_kind: str
    ended_at: datetime
    day: date
    hour: int
    doors: int
    duration_s: int
    distance_m: int
    return_m: int = 0
    cost_minor: int = 0
    tips_minor: int = 0
    currency: str | None = None
    co2e_mg: int = 0
    eta_errors: tuple[tuple[int, int], ...] = ()
    shares: tuple[Share, ...] = ()
    rules_version: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class CrewDay:
    """A driver's day: time on duty, once it ended, and what its routes brought with tips."""

    driver_id: str
    online_s: int
    earned_minor: int
    currency: str
