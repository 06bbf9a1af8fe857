"""Who could drive this route at all? The hard filters, each with a name; pure.

A driver that any of them stops is not asked, whatever it would cost. What is only a matter of taste
(distance, habits, the way home) is no filter but a term of the cost; see ``match_terms``.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.requirements import AGE_CHECK
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.drivers.model import Vehicle, Work

#: A shift may end this much before the plan's end without the driver being passed over.
SHIFT_GRACE = timedelta(minutes=15)


class Bar(StrEnum):
    """What stops a driver."""

    VEHICLE = "vehicle"
    CAPACITY = "capacity"
    SKILLS = "skills"
    SHIFT = "shift"
    PAPERS = "papers"
    BLOCKED = "blocked"
    RULES = "rules"
    REFUSED = "refused"


def bar(route: Route, work: Work, begins_at: datetime, *, refusals: bool = True) -> Bar | None:
    """What stops this driver, who can begin then; None if nothing does.

    Parameters
    ----------
    refusals
        Whether a no to this very route counts, as it does unless the desk decides.
    """
    ends_at = ends_if_taken(route, begins_at)
    shift_ends_at = work.shift_ends_at
    # In the order in which they are named above.
    stopped = (
        work.vehicle.kind is not route.vehicle_kind,
        not carries(route, work.vehicle),
        not route.skills <= work.skills,
        shift_ends_at is not None and shift_ends_at + SHIFT_GRACE < ends_at,
        not work.papers_are_good(ends_at),
        bool(work.blocks) and not work.blocks.isdisjoint(parties(route)),
        not route.allows(work.driver_id),
        refusals and work.driver_id in route.refused_by,
    )
    return next((one for one, is_so in zip(Bar, stopped, strict=True) if is_so), None)


def forbidden(route: Route, work: Work, begins_at: datetime) -> Bar | None:
    """What the law says no to, so that nobody may insist: expired papers, and an age that a driver
    without that training would have to check."""
    if not work.papers_are_good(ends_if_taken(route, begins_at)):
        return Bar.PAPERS
    untrained = AGE_CHECK in route.skills - work.skills
    return Bar.SKILLS if untrained else None


def parties(route: Route) -> set[str]:
    """Whom a route is driven for: its hub and its merchants, by id."""
    return {route.hub_id, *(ref.merchant_id for ref in route.deliveries())}


def carries(route: Route, vehicle: Vehicle) -> bool:
    return (
        route.load_weight_g <= vehicle.max_weight_g
        and route.load_volume_ml <= vehicle.max_volume_ml
    )


def ends_if_taken(route: Route, begins_at: datetime) -> datetime:
    """When the route ends if somebody begins then: not before the plan's end."""
    return max(route.ends_at, begins_at + timedelta(seconds=route.duration_s))
