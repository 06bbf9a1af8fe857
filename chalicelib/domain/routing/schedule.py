"""When does a tour happen, and what does it cost? From an order of tasks to times and prices.

``tasks`` holds the columns and legs that this reads, ``timing`` the clock. Units: [s], [m]; cost in
points (see ``problem``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.plan import Cost, PlannedRoute, Rest, Visit, VisitKind
from chalicelib.domain.routing.problem import RELOAD, Tour, is_pickup, job_of
from chalicelib.domain.routing.tasks import Legs as Legs
from chalicelib.domain.routing.tasks import Tasks as Tasks
from chalicelib.domain.routing.tasks import carries as carries
from chalicelib.domain.routing.tasks import peak_load as peak_load
from chalicelib.domain.routing.timing import Timing, timed


@dataclass(frozen=True, slots=True)
class Drive:
    """A tour with its times and metres, whatever the limits of the route say."""

    timing: Timing
    distance_m: int

    @property
    def duration_s(self) -> int:
        return self.timing.end_s - self.timing.leave_s

    def within(self, vehicle: Vehicle) -> bool:
        """True if the route keeps the vehicle's metres and hours."""
        return (vehicle.max_distance_m is None or self.distance_m <= vehicle.max_distance_m) and (
            vehicle.max_duration_s is None or self.duration_s <= vehicle.max_duration_s
        )


def drive(legs: Legs, tour: Sequence[int]) -> Drive | None:
    """Drive a tour; None when a window, a break or the shift is missed. Limits are not looked at.

    The tour has at least one task.
    """
    gaps_s, distance_m = legs.driven(tour)
    timing = timed(legs.course(tour, gaps_s))
    return None if timing is None else Drive(timing, distance_m)


def drive_within(legs: Legs, tour: Sequence[int]) -> Drive | None:
    """As ``drive``, also None for an empty tour or one that passes the route's limits."""
    driven = drive(legs, tour) if tour else None
    return driven if driven is not None and driven.within(legs.vehicle) else None


def price(legs: Legs, tour: Sequence[int], driven: Drive) -> Cost:
    """The parts of the plan's cost that one driven tour makes [points]."""
    vehicle, fairness = legs.vehicle, legs.tasks.problem.fairness
    duration_s = driven.duration_s
    extra_s = max(0, duration_s - vehicle.overtime_after_s)
    unfair = 0
    if fairness is not None:
        unfair = fairness.cost_per_s * max(0, duration_s - fairness.share_s)
    return Cost(
        vehicles=vehicle.fixed_cost,
        distance=vehicle.cost_per_m * driven.distance_m,
        duration=vehicle.cost_per_s * duration_s,
        overtime=vehicle.overtime_cost_per_s * extra_s,
        lateness=_lateness(legs.tasks, tour, driven.timing.starts_s),
        fairness=unfair,
        changes=_changes(legs, tour),
    )


def _lateness(tasks: Tasks, tour: Sequence[int], starts_s: Sequence[int]) -> int:
    return sum(
        tasks.late_cost_per_s[task] * (start_s - tasks.calm_s[task])
        for task, start_s in zip(tour, starts_s, strict=True)
        if start_s > tasks.calm_s[task]
    )


def _changes(legs: Legs, tour: Sequence[int]) -> int:
    jobs, own = legs.tasks.problem.jobs, (None, legs.vehicle.id)
    return sum(
        jobs[job_of(task)].change_cost
        for task in tour
        if task != RELOAD and not is_pickup(task) and jobs[job_of(task)].planned_vehicle not in own
    )


def route_price(legs: Legs, tour: Sequence[int]) -> Cost | None:
    """Cost of a tour by part; None when it cannot be driven in time or passes metres or hours.

    Loads, and who may take what, are not looked at.
    """
    if not tour:
        return Cost()
    driven = drive_within(legs, tour)
    return None if driven is None else price(legs, tour, driven)


def route_cost(legs: Legs, tour: Sequence[int]) -> int | None:
    """Cost of a tour [points]; None as in :func:`route_price`."""
    cost = route_price(legs, tour)
    return None if cost is None else cost.driven


# -- routes --------------------------------------------------------------------------------------


def timed_route(legs: Legs, tour: Tour) -> PlannedRoute | None:
    """Give a tour its times; None when it is empty, or not possible by :func:`route_price`."""
    driven = drive_within(legs, tour)
    return None if driven is None else route_of(legs, tour, driven)


def route_of(legs: Legs, tour: Tour, driven: Drive) -> PlannedRoute:
    """The route of a tour that was driven."""
    timing = driven.timing
    weight_g, volume_ml, parcels = peak_load(legs.tasks, tour)
    return PlannedRoute(
        vehicle_id=legs.vehicle.id,
        visits=tuple(_visits(legs, tour, timing)),
        start_s=timing.leave_s,
        end_s=timing.end_s,
        distance_m=driven.distance_m,
        load_weight_g=weight_g,
        load_volume_ml=volume_ml,
        load_parcels=parcels,
        rests=tuple(Rest(begins_s, ends_s) for _, begins_s, ends_s in timing.rests),
    )


def _visits(legs: Legs, tour: Tour, timing: Timing) -> list[Visit]:
    tasks, jobs = legs.tasks, legs.tasks.problem.jobs
    unbroken = legs.unbroken(tour)
    gaps_s, _ = legs.driven(tour)
    visits: list[Visit] = []
    free_s = timing.leave_s
    for at, task in enumerate(tour):
        departure_s = timing.frees_s[at]
        place = legs.place[task]
        if unbroken[at]:
            last = visits[-1]
            names = (*last.job_ids, jobs[job_of(task)].id)
            visits[-1] = replace(last, job_ids=names, departure_s=departure_s)
        else:
            stays = at > 0 and legs.place[tour[at - 1]] == place
            way_s = gaps_s[at] - (0 if stays else tasks.setup_s[place])
            arrival_s = _arrival_s(free_s, way_s, [r for r in timing.rests if r[0] == at])
            kind, names = _what(legs, tour, at)
            visits.append(Visit(place, kind, names, arrival_s, timing.starts_s[at], departure_s))
        free_s = departure_s
    return visits


def _arrival_s(free_s: int, way_s: int, rests: Sequence[tuple[int, int, int]]) -> int:
    """Driving is over when it is, and so are the rests that begin before."""
    arrival_s = free_s + way_s
    for _, begins_s, ends_s in rests:
        if begins_s < arrival_s:
            arrival_s += ends_s - begins_s
    return arrival_s


def _what(legs: Legs, tour: Tour, at: int) -> tuple[VisitKind, tuple[str, ...]]:
    jobs, task = legs.tasks.problem.jobs, tour[at]
    if task != RELOAD:
        kind = VisitKind.PICKUP if is_pickup(task) else VisitKind.DROPOFF
        return kind, (jobs[job_of(task)].id,)
    following = tour[at + 1 :]
    trip = following[: following.index(RELOAD)] if RELOAD in following else following
    brought = (job_of(task) for task in trip if legs.tasks.release_s[task] >= 0)
    return VisitKind.RELOAD, tuple(jobs[job].id for job in brought)
