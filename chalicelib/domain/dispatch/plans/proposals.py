"""What would a new plan change, and why? A proposal, and its difference to what is planned now.

A proposal's routes are new ones; those that would be as they are now are kept, and a route that
nothing is left of ends. A new route may continue an old one: the same driver was to take it. What
stays with its driver has not moved, whatever the route is called. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.reasons import Blocking
from chalicelib.domain.routing.cost import Cost

#: Wall time: by then the day has moved on.
KEPT = timedelta(minutes=30)

#: Deliveries by route, in the order of their doors.
type Orders = Mapping[str, tuple[DeliveryRef, ...]]


class Why(StrEnum):
    """Why a delivery goes elsewhere: stable codes."""

    NEWLY_PLANNED = "newly_planned"  # it waited
    LEFT_OUT = "left_out"  # it was planned and has to wait; the constraint says why
    RULE = "rule"  # the desk said so
    LESS_LATE = "less_late"
    CHEAPER_THERE = "cheaper_there"
    MAKES_ROOM = "makes_room"  # dearer by itself, and the whole is better


@dataclass(frozen=True, slots=True)
class Step:
    """A delivery that changes its driver, starts or ceases to be planned."""

    ref: DeliveryRef
    from_route: str | None
    to_route: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new route; ``continues``: the one that the same driver was to take."""

    route_id: str
    continues: str | None
    order: tuple[DeliveryRef, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """From one set of orders to another."""

    kept: tuple[str, ...]
    ended: tuple[str, ...]
    made: tuple[Made, ...]
    steps: tuple[Step, ...]


def diff(old: Orders, new: Orders, continues: Mapping[str, str]) -> Diff:
    """The difference; ``continues`` names for new routes the old ones that they go on from."""
    kept = tuple(route_id for route_id in old if new.get(route_id) == old[route_id])
    made = tuple(
        Made(route_id, continues.get(route_id), order)
        for route_id, order in new.items()
        if route_id not in kept
    )
    was = {ref: route_id for route_id, order in old.items() for ref in order}
    now = {ref: route_id for route_id, order in new.items() for ref in order}
    steps = tuple(
        Step(ref, was.get(ref), now.get(ref))
        for ref in dict.fromkeys((*was, *now))
        if was.get(ref) != _as_before(now.get(ref), continues)
    )
    ended = tuple(route_id for route_id in old if route_id not in kept)
    return Diff(kept, ended, made, steps)


def apply_diff(change: Diff, old: Orders) -> dict[str, tuple[DeliveryRef, ...]]:
    """The new orders from the old ones."""
    left = {route_id: order for route_id, order in old.items() if route_id in change.kept}
    return left | {one.route_id: one.order for one in change.made}


def _as_before(route_id: str | None, continues: Mapping[str, str]) -> str | None:
    return None if route_id is None else continues.get(route_id, route_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """A step with its reason, and what the delivery by itself costs here and there [points]."""

    step: Step
    why: Why
    from_driver: str | None
    to_driver: str | None
    cost_before: int | None
    cost_after: int | None
    late_before_s: int
    late_after_s: int


@dataclass(frozen=True, slots=True)
class Sum:
    """All routes of a plan together."""

    routes: int
    cost: Cost
    distance_m: int
    duration_s: int
    late_s: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A route of the proposal, for whom it is meant, and the versions that it rests on."""

    route: Route
    driver_id: str
    continues: str | None
    is_kept: bool
    cost: Cost
    late_s: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    ref: DeliveryRef
    reason: str
    was_on: str | None
    blocking: Blocking | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a solver found for a hub.

    Parameters
    ----------
    versions
        Of every delivery that it looked at.
    was_on
        The planned route that a delivery is on now.
    """

    made_at: datetime
    engine: str
    routes: tuple[Proposed, ...]
    left_out: tuple[LeftOut, ...]
    ended: tuple[str, ...]
    moved: tuple[Moved, ...]
    before: Sum
    after: Sum
    versions: Mapping[DeliveryRef, int]
    was_on: Mapping[DeliveryRef, str]


class PlanStatus(StrEnum):
    QUEUED = "queued"
    PROPOSED = "proposed"
    COMMITTED = "committed"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Ask:
    """A plan that somebody asked for; ``proposal`` once there is one."""

    id: str
    hub_id: str
    by: str
    dry_run: bool
    asked_at: datetime
    expires_at: datetime
    proposal: Proposal | None = None
    failure: str | None = None
    version: int = 1


class Loss(StrEnum):
    """Why a delivery fell out of a proposal when it was committed, or would."""

    CHANGED = "changed"  # cancelled, edited, planned elsewhere
    ROUTE_TAKEN = "route_taken"  # its route is on offer, or has a driver
    SCATTERED = "scattered"  # from more routes than one commit can touch


@dataclass(frozen=True, slots=True)
class Dropped:
    ref: DeliveryRef
    why: Loss
    now: str


@dataclass(frozen=True, slots=True)
class Done:
    """One step of a commit: a route that is real now, or deliveries let go (``route_id`` None)."""

    route_id: str | None
    change_id: str | None
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a commit is: steps by the route, or the old route, that they are about."""

    steps: Mapping[str, Done]
    is_done: bool = False
    by: str = ""
    version: int = 0


def order_of(route: Route) -> tuple[DeliveryRef, ...]:
    return tuple(route.deliveries())


def orders_of(routes: Sequence[Route]) -> dict[str, tuple[DeliveryRef, ...]]:
    return {route.id: order_of(route) for route in routes}
