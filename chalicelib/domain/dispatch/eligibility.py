"""Who could drive this route at all? The hard filters, each with a name; pure.

A driver that any of them stops is not asked, whatever it would cost. What is only a matter of taste
(distance, habits, the way home) is no filter but a term of the cost; see ``match_terms``.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.drivers.model import Work

#: A shift may end this much before the plan's end without the driver being passed over.
SHIFT_GRACE = timedelta(minutes=15)


class Bar(StrEnum):
    """What stops a driver."""

    VEHICLE = "vehicle"
    CAPACITY = "capacity"
    SHIFT = "shift"
    REFUSED = "refused"


def bar(route: Route, work: Work, begins_at: datetime, *, refusals: bool = True) -> Bar | None:
    """What stops this driver, who can begin then; None if nothing does.

    Parameters
    ----------
    refusals
        Whether a no to this very route counts, as it does unless the desk decides.
    """
    vehicle = work.vehicle
    if vehicle.kind is not route.vehicle_kind:
        return Bar.VEHICLE
    if not carries(route, work):
        return Bar.CAPACITY
    ends_at = ends_if_taken(route, begins_at)
    if work.shift_ends_at is not None and work.shift_ends_at + SHIFT_GRACE < ends_at:
        return Bar.SHIFT
    if refusals and work.driver_id in route.refused_by:
        return Bar.REFUSED
    return None


def carries(route: Route, work: Work) -> bool:
    return (
        route.load_weight_g <= work.vehicle.max_weight_g
        and route.load_volume_ml <= work.vehicle.max_volume_ml
    )


def ends_if_taken(route: Route, begins_at: datetime) -> datetime:
    """When the route ends if somebody begins then: not before the plan's end."""
    return max(route.ends_at, begins_at + timedelta(seconds=route.duration_s))
