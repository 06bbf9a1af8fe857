"""What does a route cost, and when is it where? Exact times, kilometres and breaches of one route.

The clock is that of the planner (``routing.timing``), with one difference: a window that is missed
makes the delivery late, not the route impossible, for a person may want exactly that. A route that
has a driver goes on from its next stop as it now runs; one that waits leaves as late as its end
allows. Pure, and no matrix is built: only the legs that are driven are asked for.

Units: [s], [m], [g], [ml]; cost in points (see ``routing.problem``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.requirements import AGE_CHECK
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.rules import crew
from chalicelib.domain.dispatch.rules.eligibility import parties
from chalicelib.domain.dispatch.today.day_sheets import left_at, levels
from chalicelib.domain.dispatch.waves.planning import COSTS
from chalicelib.domain.dispatch.waves.urgency import LONGEST_LEAD_S, PICKUP_SETUP_S
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import travel
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.timing import NEVER, Course, Timing, forward, timed
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.geo import LatLng


class Limit(StrEnum):
    """What a route may break, beside its windows and the desk's rules: stable codes.

    Those in :data:`UNLAWFUL` stand in the way whoever insists.
    """

    WEIGHT = "overloaded_weight"
    VOLUME = "overloaded_volume"
    SHIFT = "after_shift"
    SKILLS = "lacks_skills"
    AGE_CHECK = "lacks_age_check"
    PAPERS = "papers_expired"
    BLOCKED = "driver_blocked"
    BREAK = "misses_break"
    NOBODY = "nobody_able"  # no driver on duty with such a vehicle could take it


#: What the law forbids: driving without papers, and handing over what an age has to be checked for
#: without having learned how.
UNLAWFUL = frozenset({Limit.PAPERS, Limit.AGE_CHECK})


@dataclass
class Distances:
    """Legs that were asked for, kept: [s] and [m] by kind and ends."""

    roads: Roads
    depart_at: datetime
    known: dict[tuple[str, float, float, float, float], tuple[int, int]] = field(
        default_factory=dict
    )

    def leg(self, kind: str, here: LatLng, there: LatLng) -> tuple[int, int]:
        # By the bare numbers: hashing two positions would take most of a preview's time.
        key = (kind, here.latitude, here.longitude, there.latitude, there.longitude)
        known = self.known.get(key)
        if known is None:
            if here == there:
                known = 0, 0
            else:
                travel = self.roads((here, there), self.depart_at, kind)
                known = travel.duration_s[0][1], travel.distance_m[0][1]
            self.known[key] = known
        return known


@dataclass(frozen=True, slots=True)
class Ground:
    """What routes are assessed against: one reading of a hub.

    ``works``: drivers on duty, and those of the routes in question.
    """

    hub: Hub
    at: datetime
    works: Mapping[str, Work]


@dataclass(frozen=True, slots=True)
class Assessed:
    """A route with the times that it will have, and what is to be said of it.

    Parameters
    ----------
    late_s
        By how much handing over begins after the promise [s]; only those that are late.
    limits
        What it breaks.
    """

    route: Route
    cost: Cost
    late_s: Mapping[DeliveryRef, int]
    limits: tuple[Limit, ...]

    @property
    def late_in_all_s(self) -> int:
        return sum(self.late_s.values())


def assess(route: Route, ground: Ground, distances: Distances) -> Assessed:
    """Work out the times, the cost and the faults of a route from now on."""
    if not any(not stop.status.is_over for stop in route.stops):
        return Assessed(replace(route, distance_m=0, duration_s=0), Cost(), {}, ())
    run = _run(route, ground, distances)
    timed_route, late_s = _with_times(route, run, ground, distances), run.late_s()
    fixed, per_m, per_s = COSTS[route.vehicle_kind]
    cost = Cost(
        vehicles=fixed,
        distance=per_m * timed_route.distance_m,
        duration=per_s * timed_route.duration_s,
    )
    limits = _limits(timed_route, ground)
    if _misses_a_break(route, run, ground):
        limits.append(Limit.BREAK)
    return Assessed(timed_route, cost, late_s, tuple(limits))


def retimed(route: Route, hub: Hub, at: datetime) -> Route:
    """The route with the times of the stops ahead, and its end, by the usual model of the town.

    Its length stays as it was planned: what a driver is paid rests on that.
    """
    if not any(not stop.status.is_over for stop in route.stops):
        return route
    ground = Ground(hub, at, {})
    local = at.astimezone(ZoneInfo(hub.timezone))
    run = _run(route, ground, Distances(travel.matrix, local))
    ends_at = _at(ground, run.timing.end_s)
    return replace(route, stops=_placed(route, run, ground), ends_at=ends_at)


def missed(route: Route) -> list[DeliveryRef]:
    """Whose promise is missed at doors ahead, by the times that the route has."""
    return [
        ref
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF and stop.status is StopStatus.PENDING and stop.window
        if stop.planned_arrival_at + timedelta(seconds=stop.service_s) >= stop.window.end_at
        for ref in stop.deliveries
    ]


def added_cost(one: Cost, other: Cost) -> int:
    """What the first costs more [points]."""
    return one.driven - other.driven


# -- times -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """The open stops of a route from ``first`` on, as the clock has them; ``is_begun``: it has a
    driver, who goes on from the stop before."""

    first: int
    is_begun: bool
    ahead: Sequence[Stop]
    course: Course
    ways: Sequence[int]
    timing: Timing

    def late_s(self, timing: Timing | None = None) -> dict[DeliveryRef, int]:
        starts_s = (timing or self.timing).starts_s
        rows = zip(self.ahead, starts_s, self.course.calm_s, strict=True)
        return {
            ref: start_s - calm_s
            for stop, start_s, calm_s in rows
            if start_s > calm_s
            for ref in stop.deliveries
        }


def rank(route: Route, ground: Ground, distances: Distances) -> tuple[int, int]:
    """How bad a route is: how late in all [s], then what it costs [points]. As ``assess`` says,
    and quicker: for trying many places."""
    if not any(not stop.status.is_over for stop in route.stops):
        return 0, 0
    run = _run(route, ground, distances)
    kind = route.vehicle_kind
    fixed, per_m, per_s = COSTS[kind]
    starts_s = _seconds(ground, route.starts_at) if run.is_begun else run.timing.leave_s
    duration_s = max(0, run.timing.end_s - starts_s)
    metres = _metres(route.stops, kind.value, distances)
    return sum(run.late_s().values()), fixed + per_m * metres + per_s * duration_s


def _run(route: Route, ground: Ground, distances: Distances) -> _Run:
    first = next(at for at, stop in enumerate(route.stops) if not stop.status.is_over)
    anchor: LatLng | None = None
    if route.driver_id is not None:
        anchor = route.stops[first].position
        leave_s = _seconds(ground, left_at(route, route.stops[first], ground.at))
        first += 1
    else:
        leave_s = _earliest_s(route, ground)
    ahead = [stop for stop in route.stops[first:] if not stop.status.is_over]
    kind = route.vehicle_kind.value
    course, ways = _course(ahead, anchor, kind, leave_s, ground, distances)
    timing = timed(course) if anchor is None else forward(course, leave_s)
    # Windows never close here, so there is always a timing.
    assert timing is not None
    return _Run(first, anchor is not None, ahead, course, ways, timing)


def _with_times(route: Route, run: _Run, ground: Ground, distances: Distances) -> Route:
    stops = _placed(route, run, ground)
    starts_at = route.starts_at if run.is_begun else _at(ground, run.timing.leave_s)
    ends_at = _at(ground, run.timing.end_s)
    peak = levels(replace(route, stops=stops)).values()
    return replace(
        route,
        stops=stops,
        starts_at=starts_at,
        ends_at=ends_at,
        distance_m=_metres(stops, route.vehicle_kind.value, distances),
        duration_s=max(0, int((ends_at - starts_at).total_seconds())),
        load_weight_g=max((weight_g for weight_g, _ in peak), default=0),
        load_volume_ml=max((volume_ml for _, volume_ml in peak), default=0),
    )


def _placed(route: Route, run: _Run, ground: Ground) -> tuple[Stop, ...]:
    placed = {
        stop.id: replace(stop, planned_arrival_at=_at(ground, arrival_s))
        for stop, arrival_s in zip(run.ahead, _arrivals(run.timing, run.ways), strict=True)
    }
    return tuple(placed.get(stop.id, stop) for stop in route.stops)


def _course(
    ahead: Sequence[Stop],
    anchor: LatLng | None,
    kind: str,
    leave_s: int,
    ground: Ground,
    distances: Distances,
) -> tuple[Course, list[int]]:
    """The stops ahead as the clock sees them, and the pure driving before each [s]."""
    gaps_s: list[int] = []
    ways: list[int] = []
    here = anchor
    for stop in ahead:
        setup_s = PICKUP_SETUP_S if stop.kind is StopKind.PICKUP else 0
        stays = here == stop.position
        way_s = 0 if here is None else distances.leg(kind, here, stop.position)[0]
        ways.append(way_s)
        gaps_s.append(way_s + (0 if stays else setup_s))
        here = stop.position
    windows, calm_s = [], []
    for stop in ahead:
        opens_s, closes_s = 0, NEVER
        if stop.window is not None:
            opens_s = max(0, _seconds(ground, stop.window.start_at))
            # Handing over must not end after the window, as in planning.
            closes_s = _seconds(ground, stop.window.end_at) - stop.service_s - 1
        windows.append(((opens_s, NEVER),))
        calm_s.append(closes_s)
    course = Course(
        gaps_s=[*gaps_s, 0],
        handling_s=[stop.service_s for stop in ahead],
        windows=windows,
        calm_s=calm_s,
        ready_s=[0] * (len(ahead) + 1),
        unbroken=(),
        earliest_s=leave_s,
        latest_s=NEVER,
        breaks=(),
    )
    return course, ways


def _arrivals(timing: Timing, ways: Sequence[int]) -> list[int]:
    frees = (timing.leave_s, *timing.frees_s)
    return [free_s + way_s for free_s, way_s in zip(frees, ways, strict=False)]


def _metres(stops: Sequence[Stop], kind: str, distances: Distances) -> int:
    driven = [stop.position for stop in stops if stop.status is not StopStatus.SKIPPED]
    return sum(distances.leg(kind, here, there)[1] for here, there in pairwise(driven))


def _earliest_s(route: Route, ground: Ground) -> int:
    """A driver has to see and accept it first; nobody is free before the plan said so."""
    lead_s = min(ground.hub.offer_ttl_s, LONGEST_LEAD_S)
    return max(lead_s, _seconds(ground, route.starts_at))


def _seconds(ground: Ground, at: datetime) -> int:
    return round((at - ground.at).total_seconds())


def _at(ground: Ground, seconds: int) -> datetime:
    return ground.at + timedelta(seconds=seconds)


# -- limits ----------------------------------------------------------------------------------------


def _limits(route: Route, ground: Ground) -> list[Limit]:
    if route.driver_id is not None:
        work = ground.works.get(route.driver_id)
        return [] if work is None else _limits_of(route, work)
    alike = [
        work
        for work in ground.works.values()
        if work.on_duty and work.vehicle.kind is route.vehicle_kind and route.allows(work.driver_id)
    ]
    if not alike or any(not _limits_of(route, work) for work in alike):
        return []
    # What the ablest of them lacks; several, each for another reason: nobody.
    lacking = min((_limits_of(route, work) for work in alike), key=len)
    return lacking if len(alike) == 1 else [Limit.NOBODY]


def _misses_a_break(route: Route, run: _Run, ground: Ground) -> bool:
    """Whether its driver can take a break that is due only by making somebody late, or never."""
    work = None if route.driver_id is None else ground.works.get(route.driver_id)
    breaks = () if work is None else crew.breaks_from(work, ground.at)
    if not breaks:
        return False
    with_breaks = timed(
        replace(run.course, breaks=breaks, unbroken=(False,) * len(run.course.gaps_s))
    )
    return with_breaks is None or not run.late_s(with_breaks).keys() <= run.late_s().keys()


def _limits_of(route: Route, work: Work) -> list[Limit]:
    vehicle, lacking = work.vehicle, route.skills - work.skills
    late = work.shift_ends_at is not None and route.ends_at > work.shift_ends_at
    broken = {
        Limit.WEIGHT: route.load_weight_g > vehicle.max_weight_g,
        Limit.VOLUME: route.load_volume_ml > vehicle.max_volume_ml,
        Limit.SHIFT: late,
        Limit.SKILLS: bool(lacking - {AGE_CHECK}),
        Limit.AGE_CHECK: AGE_CHECK in lacking,
        Limit.PAPERS: not work.papers_are_good(route.ends_at),
        Limit.BLOCKED: bool(work.blocks) and not work.blocks.isdisjoint(parties(route)),
    }
    return [limit for limit, is_broken in broken.items() if is_broken]
