"""What does simple common sense make of it? Cheapest feasible insertion, in pure Python.

Each job, most urgent and least flexible first, goes where it adds the least cost: both its tasks in
one tour, loads and windows kept. It always ends and always yields a feasible plan, so it is the
fall-back when no engine answers, and the bound that every engine has to beat in the tests.

Source: Solomon 1987, "Algorithms for the vehicle routing problem with time window constraints"
(insertion I1), extended to pairs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.routing.problem import Problem, Tour, Vehicle
from chalicelib.domain.routing.schedule import Legs, Tasks, carries, route_cost

#: Schedules tried per job and vehicle; the cheapest positions by distance come first, so what is
#: cut off is rarely missed, and a wave of hundreds still ends in seconds.
MOST_TRIALS = 60


@dataclass(frozen=True, slots=True)
class Insertion:
    """A job's best new place: the vehicle's index, its new tour, and the cost it adds [points]."""

    vehicle: int
    tour: Tour
    added_cost: int


def construct(problem: Problem) -> list[Tour]:
    """One tour per vehicle, in the order of ``problem.vehicles``; unused ones are empty."""
    return complete(problem, [()] * len(problem.vehicles))


def complete(problem: Problem, tours: Sequence[Tour]) -> list[Tour]:
    """Insert every job that the tours leave out and whose insertion costs less than its penalty."""
    tasks = Tasks.of(problem)
    filled = list(tours)
    present = {task for tour in tours for task in tour}
    missing = [job for job in range(len(problem.jobs)) if 2 * job not in present]
    for job in sorted(missing, key=lambda job: _urgency(problem, job)):
        insertion = cheapest_insertion(tasks, filled, job)
        if insertion and insertion.added_cost < problem.jobs[job].price_of_leaving_out:
            filled[insertion.vehicle] = insertion.tour
    return filled


def _urgency(problem: Problem, job: int) -> tuple[bool, int, int, str]:
    wanted = problem.jobs[job]
    return (
        wanted.penalty is not None,
        wanted.dropoff_windows[-1].latest_s,
        -wanted.weight_g,
        wanted.id,
    )


def cheapest_insertion(tasks: Tasks, tours: Sequence[Tour], job: int) -> Insertion | None:
    """The cheapest feasible place for a job, or None when there is none."""
    best: Insertion | None = None
    tried: set[tuple[object, ...]] = set()
    for index, vehicle in enumerate(tasks.problem.vehicles):
        # Equal empty vehicles have equal answers.
        twin = _likeness(vehicle)
        if not tours[index] and twin in tried:
            continue
        if not tours[index]:
            tried.add(twin)
        found = _into(Legs(tasks, vehicle), tours[index], job)
        if found and (best is None or found[1] < best.added_cost):
            best = Insertion(index, *found)
    return best


def _likeness(vehicle: Vehicle) -> tuple[object, ...]:
    return (
        vehicle.kind,
        vehicle.start,
        vehicle.end,
        vehicle.max_weight_g,
        vehicle.max_volume_ml,
        vehicle.shift,
        vehicle.fixed_cost,
        vehicle.cost_per_m,
        vehicle.cost_per_s,
        vehicle.max_jobs,
    )


def _into(legs: Legs, tour: Tour, job: int) -> tuple[Tour, int] | None:
    """The first feasible position in the order of added driving: new tour and added cost."""
    if not carries(legs.tasks, legs.vehicle, (2 * job, 2 * job + 1)):
        return None
    before = route_cost(legs, tour)
    if before is None:
        return None
    candidates = sorted(_positions(legs, tour, job))
    best: tuple[Tour, int] | None = None
    for _, i, j in candidates[:MOST_TRIALS]:
        longer = (*tour[:i], 2 * job, *tour[i:j], 2 * job + 1, *tour[j:])
        if not carries(legs.tasks, legs.vehicle, longer):
            continue
        cost = route_cost(legs, longer)
        if cost is not None and (best is None or cost - before < best[1]):
            best = (longer, cost - before)
    return best


def _positions(legs: Legs, tour: Tour, job: int) -> Iterator[tuple[int, int, int]]:
    """(added driving and setup [s], index of the pickup, index of the dropoff) of each way."""
    pickup, dropoff = 2 * job, 2 * job + 1
    around: Mapping[int, list[int]] = {
        task: [_detour_s(legs, tour, k, (task,)) for k in range(len(tour) + 1)]
        for task in (pickup, dropoff)
    }
    for i in range(len(tour) + 1):
        yield _detour_s(legs, tour, i, (pickup, dropoff)), i, i
        for j in range(i + 1, len(tour) + 1):
            yield around[pickup][i] + around[dropoff][j], i, j


def _detour_s(legs: Legs, tour: Tour, at: int, added: tuple[int, ...]) -> int:
    before = tour[at - 1] if at else None
    after = tour[at] if at < len(tour) else None
    path = [before, *added]
    seconds = sum(legs.travel_s(a, b) for a, b in zip(path, added, strict=False))
    if after is None:
        without_s = 0 if before is None else legs.home_s(before)
        return seconds + legs.home_s(added[-1]) - without_s
    return seconds + legs.travel_s(added[-1], after) - legs.travel_s(before, after)
