"""What is the least that a route under way does? The one beginning for every engine.

What is frozen comes first; behind it, what that picks up and does not hand over. An engine that
adds nothing to these tours has a plan; none has one if even they cannot be driven.
"""

from collections.abc import Iterable
from itertools import permutations

from chalicelib.domain.routing.problem import RELOAD, Tour, is_pickup, job_of
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.tasks import Legs, Tasks, carries

#: Every order of the dropoffs that a frozen beginning leaves open is tried up to so many of them.
MOST_ORDERED = 6


def begun(tasks: Tasks) -> list[Tour]:
    """By vehicle: what is frozen and, in the cheapest order, the dropoffs that this leaves open.

    Empty for a vehicle that is not under way, and for one whose beginning cannot be driven.
    """
    return [
        _cheapest(Legs(tasks, vehicle)) if vehicle.frozen else ()
        for vehicle in tasks.problem.vehicles
    ]


def _cheapest(legs: Legs) -> Tour:
    frozen = legs.vehicle.frozen
    costs: dict[Tour, int] = {}
    for order in _orders(legs):
        tour = (*frozen, *order)
        cost = route_cost(legs, tour) if carries(legs.tasks, legs.vehicle, tour) else None
        if cost is not None:
            costs[tour] = cost
    return min(costs, key=costs.__getitem__, default=())


def _orders(legs: Legs) -> Iterable[Tour]:
    """Every order of the open dropoffs; of too many, the most urgent first, and as picked up."""
    frozen, jobs = legs.vehicle.frozen, legs.tasks.problem.jobs
    picked_up = [task for task in frozen if task != RELOAD and is_pickup(task)]
    open_ = [task + 1 for task in picked_up if task + 1 not in frozen]
    if len(open_) <= MOST_ORDERED:
        return permutations(open_)
    due = sorted(open_, key=lambda task: jobs[job_of(task)].dropoff_windows[-1].latest_s)
    return tuple(due), tuple(open_)
