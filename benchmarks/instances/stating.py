"""How is an instance one of our routing problems? Nodes are places, and legs metres and seconds.

Both are the matrix's whole numbers. Places carry no coordinates, so an engine knows the matrix
alone. A truck's price is per metre; where vehicles count first, each has a fixed price above
anything that legs could save.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.instances.model import Instance, Node, Route, Truck
from chalicelib.domain.routing.fleet import Reload, Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.parts import tours_of
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import RELOAD, Job, Place, Problem, Tour, is_pickup, job_of
from chalicelib.kit.geo import LatLng

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_KIND = "van"
#: Later than any route ends, and small enough for 32 bits with everything added.
_FAR = 1 << 28
#: The core keeps room for every reload: none of the families has routes with more trips.
_MOST_TRIPS = 12


def problem_of(instance: Instance, objective: str = "distance") -> Problem:
    """State it for our engines; ``objective`` is one of ``OBJECTIVES``."""
    legs = Matrix(len(instance.nodes), instance.roads.matrix())
    state = _Statement(instance, instance.roads.stated_scale, _circles(instance))
    first = dearer_than_all_legs(instance, legs) if objective == "hierarchical" else 0
    return Problem(
        _EPOCH,
        (Place(LatLng(0, 0)),) * len(instance.nodes),
        tuple(state.vehicle(number, first) for number in worth_having(instance)),
        tuple(
            state.job(node)
            for node in instance.customers
            if instance.nodes[node].picked_up_at is None
        ),
        {_KIND: Travel(legs, legs)},
    )


def worth_having(instance: Instance) -> list[int]:
    """Trucks that an engine is given: of equal ones no more than could do everything alone.

    Fleets "without limit" have a truck of each kind per customer; a tenth, or three, are spare.
    """
    if not is_plain(instance):
        return list(range(len(instance.trucks)))
    loads = sum(node.load for node in instance.nodes)
    given: Counter[Truck] = Counter()
    chosen = []
    for number, truck in enumerate(instance.trucks):
        needed = math.ceil(loads / truck.capacity)
        if given[truck] < needed + max(3, needed // 10):
            given[truck] += 1
            chosen.append(number)
    return chosen


def is_plain(instance: Instance) -> bool:
    """True if only capacity asks for trucks: no windows, no pairs, no limits of routes."""
    free = Node()
    return all(
        (node.opens, node.closes, node.delivers_to, node.picked_up_at)
        == (free.opens, free.closes, None, None)
        for node in instance.nodes
    ) and all(truck.longest is None for truck in instance.trucks)


def dearer_than_all_legs(instance: Instance, legs: Any) -> int:
    """A price of a vehicle that no saving of distance makes up for: there and back for each.

    ``legs`` is the matrix by rows, our own or numpy's.
    """
    depot = instance.trucks[0].depot
    return sum(int(legs[depot][node]) + int(legs[node][depot]) for node in instance.customers)


@dataclass(frozen=True, slots=True)
class _Statement:
    """Turns the file's numbers into whole ones: times are cut inwards, so that they stay true."""

    instance: Instance
    scale: int
    circles: Sequence[frozenset[int]]

    def vehicle(self, number: int, first: int) -> Vehicle:
        """``first``: added price of using it [points]."""
        truck = self.instance.trucks[number]
        depot = self.instance.nodes[truck.depot]
        jobs = len(self.instance.nodes)
        most = None if truck.longest is None else math.floor(truck.longest * self.scale)
        return Vehicle(
            str(number),
            _KIND,
            truck.depot,
            truck.depot,
            int(truck.capacity),
            0,
            self._window(depot),
            fixed_cost=first + round(truck.fixed * self.scale),
            cost_per_m=round(truck.per_leg),
            max_duration_s=most,
            skills=self._skills_of(truck),
            reload=Reload(truck.depot, max_times=min(jobs, _MOST_TRIPS)) if truck.reloads else None,
        )

    def job(self, index: int) -> Job:
        node = self.instance.nodes[index]
        to = node.delivers_to
        drop = node if to is None else self.instance.nodes[to]
        loaded = Window(math.ceil(node.release * self.scale), _FAR)
        service = math.ceil(node.service * self.scale)
        return Job(
            str(index),
            None if to is None else index,
            index if to is None else to,
            loaded if to is None else self._window(node),
            (self._window(drop),),
            0 if to is None else service,
            math.ceil(drop.service * self.scale),
            int(node.load),
            penalty=None if node.prize is None else round(node.prize * self.scale),
            parcels=0,
            skills=self._skills_for(index),
        )

    def _window(self, node: Node) -> Window:
        opens, closes = math.ceil(node.opens * self.scale), math.floor(node.closes * self.scale)
        return Window(opens, min(closes, _FAR))

    def _skills_of(self, truck: Truck) -> frozenset[str]:
        """Of everybody whom the truck may serve."""
        if truck.serves is None:
            return frozenset()
        return frozenset().union(*(self._skills_for(node) for node in truck.serves))

    def _skills_for(self, node: int) -> frozenset[str]:
        """One skill, named after the kinds of trucks that have it; none if every kind may come."""
        may = [str(number) for number, circle in enumerate(self.circles) if node in circle]
        return frozenset() if len(may) == len(self.circles) else frozenset({"+".join(may)})


def _circles(instance: Instance) -> list[frozenset[int]]:
    """Whom kinds of trucks may serve, each different set once."""
    return list(dict.fromkeys(t.serves for t in instance.trucks if t.serves is not None))


def routes_of(problem: Problem, tours: Sequence[Tour]) -> list[Route]:
    """What tours visit, as nodes; one tour per vehicle, empty ones are left away."""

    def stop(vehicle: Vehicle, task: int) -> int:
        if task == RELOAD:
            assert vehicle.reload is not None
            return vehicle.reload.place
        job = problem.jobs[job_of(task)]
        return job.pickup if is_pickup(task) and job.pickup is not None else job.dropoff

    return [
        Route(int(vehicle.id), tuple(stop(vehicle, task) for task in tour))
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
        if tour
    ]


def routes_of_plan(problem: Problem, plan: Plan) -> list[Route]:
    """What a plan visits, as nodes."""
    return routes_of(problem, tours_of(problem, plan))
