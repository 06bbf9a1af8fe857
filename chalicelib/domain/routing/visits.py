"""What does a driver do on a tour? From an order of tasks, and its times, to the plan's visits.

Kept from ``schedule``, which searches ask for prices alone: the native path starts without plans.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.routing.plan import PlannedRoute, Rest, Visit, VisitKind
from chalicelib.domain.routing.problem import RELOAD, Tour, is_pickup, job_of
from chalicelib.domain.routing.schedule import Drive
from chalicelib.domain.routing.tasks import Legs, peak_load
from chalicelib.domain.routing.timing import Timing


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
