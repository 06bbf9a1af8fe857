"""How do tours become a plan? The one way for every engine: times, reasons and cost added.

An engine only orders tasks; everything else about a plan is computed here from the problem, and
then judged by ``check``, which shares none of this code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from chalicelib.domain.routing.construct import companions, orderly
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Progress, Unserved
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, is_pickup, job_of
from chalicelib.domain.routing.reasons import reasons_left_out
from chalicelib.domain.routing.schedule import drive_within, price, route_cost
from chalicelib.domain.routing.tasks import Legs, Tasks, carries
from chalicelib.domain.routing.visits import route_of


def usable(problem: Problem, tours: Sequence[Tour]) -> bool:
    """True if the tours can be driven as they are: the gate before an engine's word is believed."""
    return usable_cost(problem, tours) is not None


def usable_cost(problem: Problem, tours: Sequence[Tour]) -> int | None:
    """As ``tours_cost``; None unless the tours can be driven as they are."""
    if len(tours) != len(problem.vehicles):
        return None
    every = [task for tour in tours for task in tour if task != RELOAD]
    real = {task for index, job in enumerate(problem.jobs) for task in job.tasks(index)}
    if len(set(every)) != len(every) or not real.issuperset(every):
        return None
    tasks = Tasks.of(problem)
    cost = _left_cost(problem, tours)
    for vehicle, tour in zip(problem.vehicles, tours, strict=True):
        driven = _usable_cost(tasks, vehicle, tour)
        if driven is None:
            return None
        cost += driven
    return cost if _in_company(problem, tours) else None


def _usable_cost(tasks: Tasks, vehicle: Vehicle, tour: Tour) -> int | None:
    jobs = tasks.problem.jobs
    allowed = (
        tour[: len(vehicle.frozen)] == vehicle.frozen
        and all(jobs[job_of(task)].allows(vehicle) for task in tour if task != RELOAD)
        and _pairs_in_order(tasks, tour)
        and orderly(tour, tasks.problem.pickup_order)
        and carries(tasks, vehicle, tour)
    )
    return route_cost(Legs(tasks, vehicle), tour) if allowed else None


def _pairs_in_order(tasks: Tasks, tour: Tour) -> bool:
    """Every dropoff of a pair follows its pickup, and no pickup is without its dropoff."""
    aboard: set[int] = set()
    for task in tour:
        if task == RELOAD or tasks.release_s[task] >= 0:
            continue
        job = job_of(task)
        if is_pickup(task):
            aboard.add(job)
        elif job in aboard:
            aboard.remove(job)
        else:
            return False
    return not aboard


def _in_company(problem: Problem, tours: Sequence[Tour]) -> bool:
    """True if companions are on one route, or all left out."""
    on = {job_of(task): at for at, tour in enumerate(tours) for task in tour if task != RELOAD}
    return all(len({on.get(job) for job in bound}) == 1 for bound in set(companions(problem)))


def tours_cost(problem: Problem, tours: Sequence[Tour]) -> int:
    """Cost of usable tours with the penalties of what they leave out [points]."""
    tasks = Tasks.of(problem)
    driven = sum(
        route_cost(Legs(tasks, vehicle), tour) or 0
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    )
    return driven + _left_cost(problem, tours)


def _left_cost(problem: Problem, tours: Iterable[Tour]) -> int:
    return sum(problem.jobs[job].price_of_leaving_out for job in _left(problem, tours))


def _left(problem: Problem, tours: Iterable[Tour]) -> list[int]:
    present = {task for tour in tours for task in tour}
    return [job for job in range(len(problem.jobs)) if 2 * job + 1 not in present]


def assemble(
    problem: Problem,
    tours: Sequence[Tour],
    *,
    engine: str,
    iterations: int = 0,
    seed: int = 0,
    notes: tuple[str, ...] = (),
    trajectory: tuple[Progress, ...] = (),
) -> Plan:
    """Make the plan of usable tours (one per vehicle, empty ones unused)."""
    tasks = Tasks.of(problem)
    left = _left(problem, tours)
    routes: list[PlannedRoute] = []
    parts = [Cost(penalties=_left_cost(problem, tours))]
    for vehicle, tour in zip(problem.vehicles, tours, strict=True):
        legs = Legs(tasks, vehicle)
        driven = drive_within(legs, tour)
        if driven is not None:
            routes.append(route_of(legs, tour, driven))
            parts.append(price(legs, tour, driven))
    reasons = reasons_left_out(tasks, tours, left) if left else []
    return Plan(
        routes=tuple(routes),
        unserved=tuple(
            Unserved(problem.jobs[job].id, reason)
            for job, reason in zip(left, reasons, strict=True)
        ),
        cost=_sum(parts),
        engine=engine,
        iterations=iterations,
        seed=seed,
        notes=notes,
        trajectory=trajectory,
    )


def _sum(parts: Sequence[Cost]) -> Cost:
    return Cost(*(sum(getattr(cost, part.name) for cost in parts) for part in fields(Cost)))
