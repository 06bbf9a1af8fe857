"""What does it cost to ask this driver about this route? Seconds, term by term; pure.

Every term is an integer of seconds under a name, so that a choice can be explained: their sum is
what the assignment makes least. ``dense_costs`` computes the same sums for thousands of drivers at
once; a test holds the two together. Source of the weights: the field's reference figures; all of
them are assumptions that a city should set from its own data.

==========  =======================================================================================
busy        until the driver is free
approach    the way to the first stop
wait        until the route may begin, once there; a little cheaper than driving
misfit      how empty the vehicle stays: 5 min for a van that carries nothing
home        less 0.3 of the way home that the route's end saves
acceptance  12 min x -ln P(accept) / 2: a no takes time
fairness    12 s for each unit of money an hour that the driver earned above the middle, or below
age         less one second for each second that the route has waited, so that nothing starves
priority    less an hour for a route whose driver did not come
==========  =======================================================================================
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

from chalicelib.domain.dispatch.matching.candidates import Candidate
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.drivers import acceptance
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.plane import Legs, Plane, Spot, legs_of, shift_for
from chalicelib.domain.routing.travel import traffic

#: Waiting costs this much of what driving costs [%]: of two who are there in time, the nearer goes.
WAIT_PERCENT = 90
#: An empty vehicle [s]; a full one costs nothing.
MISFIT_S_PER_PERCENT = 3
#: What the saved way home is worth [%].
HOME_PERCENT = 30
#: For each unit of money an hour above the middle [s]; at most so much either way.
FAIRNESS_S_PER_UNIT, MOST_FAIRNESS_S = 12, 240
#: A route whose driver did not come goes first.
PRIORITY_S = 3600


_USUAL: Mapping[VehicleKind, Legs] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """What there is to know about a driver, whatever the route."""

    candidate: Candidate
    spot: Spot | None
    busy_s: int
    acceptance_s: int
    fairness_s: int
    home: Spot | None


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to know about a route, whoever drives it."""

    route: Route
    start: Spot
    end: Spot
    start_in_s: int
    age_s: int
    priority_s: int
    legs: Legs


class Pricing:
    """Prices pairs of one hub at one instant.

    Parameters
    ----------
    roads
        What legs take where something better is known than the usual model; by kind of vehicle.
    """

    def __init__(self, hub: Hub, now: datetime, roads: Mapping[VehicleKind, Legs] = _USUAL) -> None:
        self.now, self._roads = now, roads
        self._plane = Plane(hub.position)
        # A corner to the opposite corner, and a little more than the hub's own radius.
        self._shift = shift_for(3 * hub.radius_m)
        local = now.astimezone(ZoneInfo(hub.timezone))
        self._traffic_percent = round(100 * traffic(local))

    def row(self, route: Route) -> Row:
        coming = route.next_stop() or route.stops[-1]
        return Row(
            route=route,
            start=self._plane.spot(coming.position),
            end=self._plane.spot(route.stops[-1].position),
            start_in_s=self._seconds(route.starts_at),
            age_s=max(0, -self._seconds(route.planned_at)),
            priority_s=PRIORITY_S if route.released else 0,
            legs=self._roads.get(route.vehicle_kind)
            or legs_of(route.vehicle_kind.value, self._traffic_percent, self._shift, 0, 0),
        )

    def columns(self, candidates: Sequence[Candidate]) -> list[Column]:
        middle = _middle([earned_per_hour_minor(one.work, self.now) for one in candidates])
        return [self._column(one, middle) for one in candidates]

    def terms(self, row: Row, column: Column) -> Mapping[str, int]:
        """Every term of one pair."""
        approach_s = 0 if column.spot is None else self._way_s(row, column.spot, row.start)
        early_s = max(0, row.start_in_s - column.busy_s - approach_s)
        return {
            "busy": column.busy_s,
            "approach": approach_s,
            "wait": early_s * WAIT_PERCENT // 100,
            "misfit": (100 - fill_percent(row.route, column.candidate.work.vehicle))
            * MISFIT_S_PER_PERCENT,
            "home": -(self._saved_s(row, column) * HOME_PERCENT // 100),
            "acceptance": column.acceptance_s,
            "fairness": column.fairness_s,
            "age": -row.age_s,
            "priority": -row.priority_s,
        }

    def _column(self, candidate: Candidate, middle: int | None) -> Column:
        work = candidate.work
        return Column(
            candidate=candidate,
            spot=None if candidate.at is None else self._plane.spot(candidate.at),
            busy_s=max(0, self._seconds(candidate.free_at)),
            acceptance_s=acceptance.price_s(work.habits, self.now),
            fairness_s=_fairness_s(earned_per_hour_minor(work, self.now), middle),
            home=None if work.home_near is None else self._plane.spot(work.home_near),
        )

    def _saved_s(self, row: Row, column: Column) -> int:
        if column.home is None or column.spot is None:
            return 0
        from_here = self._way_s(row, column.spot, column.home)
        return max(0, from_here - self._way_s(row, row.end, column.home))

    def _way_s(self, row: Row, here: Spot, there: Spot) -> int:
        return row.legs.seconds[row.legs.step(here, there)]

    def _seconds(self, at: datetime) -> int:
        return int((at - self.now).total_seconds())


def fill_percent(route: Route, vehicle: Vehicle) -> int:
    """How full the route makes a vehicle, by weight or by volume, whichever is more."""
    by_weight = 100 * route.load_weight_g // vehicle.max_weight_g
    return min(100, max(by_weight, 100 * route.load_volume_ml // vehicle.max_volume_ml))


def earned_per_hour_minor(work: Work, now: datetime) -> int | None:
    """What the driver earned on this shift for each hour of it; None in its first hour."""
    since = work.on_duty_since
    if since is None or now < since + timedelta(hours=1):
        return None
    return work.earned_minor * 3600 // int((now - since).total_seconds())


def _middle(earned: Sequence[int | None]) -> int | None:
    known = [one for one in earned if one is not None]
    return median_low(known) if known else None


def _fairness_s(earned: int | None, middle: int | None) -> int:
    if earned is None or middle is None:
        return 0
    above_s = (earned - middle) * FAIRNESS_S_PER_UNIT // 100
    return max(-MOST_FAIRNESS_S, min(MOST_FAIRNESS_S, above_s))
