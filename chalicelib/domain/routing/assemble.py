"""How do tours become a plan? The one way for every engine: times, reasons and cost added.

An engine only orders tasks; everything else about a plan is computed here from the problem, and
then judged by ``check``, which shares none of this code.
"""

from collections.abc import Iterable, Sequence

from chalicelib.domain.routing.plan import Cost, Plan, PlannedRoute, Unserved
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.reasons import reason_left_out
from chalicelib.domain.routing.schedule import Legs, Tasks, carries, route_cost, timed_route


def usable(problem: Problem, tours: Sequence[Tour]) -> bool:
    """True if the tours can be driven as they are: the gate before an engine's word is believed."""
    if len(tours) != len(problem.vehicles):
        return False
    tasks = Tasks.of(problem)
    every = [task for tour in tours for task in tour]
    if len(set(every)) != len(every) or not set(every) <= set(range(2 * len(problem.jobs))):
        return False
    if not all(_pairs_in_order(tour) for tour in tours):
        return False
    return all(
        carries(tasks, vehicle, tour) and route_cost(Legs(tasks, vehicle), tour) is not None
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    )


def _pairs_in_order(tour: Tour) -> bool:
    seen: set[int] = set()
    for task in tour:
        if task % 2 and task - 1 not in seen:
            return False
        seen.add(task)
    return 2 * sum(task % 2 for task in tour) == len(tour)


def tours_cost(problem: Problem, tours: Sequence[Tour]) -> int:
    """Cost of usable tours with the penalties of what they leave out [points]."""
    tasks = Tasks.of(problem)
    driven = sum(
        route_cost(Legs(tasks, vehicle), tour) or 0
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    )
    return driven + sum(problem.jobs[job].price_of_leaving_out for job in _left(problem, tours))


def _left(problem: Problem, tours: Iterable[Tour]) -> list[int]:
    present = {task for tour in tours for task in tour}
    return [job for job in range(len(problem.jobs)) if 2 * job not in present]


def assemble(
    problem: Problem,
    tours: Sequence[Tour],
    *,
    engine: str,
    iterations: int = 0,
    seed: int = 0,
    notes: tuple[str, ...] = (),
) -> Plan:
    """Make the plan of usable tours (one per vehicle, empty ones unused)."""
    tasks = Tasks.of(problem)
    left = _left(problem, tours)
    routes = []
    for vehicle, tour in zip(problem.vehicles, tours, strict=True):
        route = timed_route(Legs(tasks, vehicle), tour)
        if route is not None:
            routes.append(route)
    return Plan(
        routes=tuple(routes),
        unserved=tuple(
            Unserved(problem.jobs[job].id, reason_left_out(tasks, tours, job)) for job in left
        ),
        cost=_cost(problem, routes, left),
        engine=engine,
        iterations=iterations,
        seed=seed,
        notes=notes,
    )


def _cost(problem: Problem, routes: Sequence[PlannedRoute], left: Sequence[int]) -> Cost:
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    used = [(vehicles[route.vehicle_id], route) for route in routes]
    return Cost(
        vehicles=sum(vehicle.fixed_cost for vehicle, _ in used),
        distance=sum(vehicle.cost_per_m * route.distance_m for vehicle, route in used),
        duration=sum(vehicle.cost_per_s * route.duration_s for vehicle, route in used),
        penalties=sum(problem.jobs[job].price_of_leaving_out for job in left),
    )
