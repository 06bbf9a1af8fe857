"""PyVRP as its documentation uses it, with matrices instead of single edges.

It stops by this process's CPU clock. It has one thread: with more, it searches once per thread with
another seed, one after the other, each for the same CPU seconds, and the best answer counts.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning

from benchmarks.instances import Instance, Route, Truck
from benchmarks.instances.stating import dearer_than_all_legs, worth_having
from benchmarks.peers.asking import Answer, Ask, spent_s

#: Length of a leg that a truck may not drive: dearer than any solution, yet far from 2^63 when
#: many of them are added up. (With 2^44, and as a duration too, penalties run over and it hangs.)
_FORBIDDEN = 1 << 34
#: What PyVRP says while nothing is feasible is above this.
_NO_COST = 1 << 60


def version() -> str:
    return f"PyVRP {metadata.version('pyvrp')}"


def solve(instance: Instance, ask: Ask) -> Answer:
    model = _state(instance, ask.objective)
    best: Answer | None = None
    least = float("inf")
    for turn in range(ask.threads):
        # Whoever has threads builds once as well.
        began_s = ask.began_s if turn == 0 else spent_s()
        answer, cost = _search(model, ask, ask.seed + turn, began_s)
        if best is None or cost < least:
            best, least = answer, cost
    assert best is not None
    return best


@dataclass(frozen=True, slots=True)
class _Model:
    """PyVRP's data, and what its numbers mean: nodes of clients and pairs, trucks of each type,
    and the price of the dearest truck or leg."""

    data: Any
    clients: Sequence[int]
    shipments: Sequence[tuple[int, int]]
    trucks: Sequence[Sequence[int]]
    dearest: float


def _search(model: _Model, ask: Ask, seed: int, began_s: float) -> tuple[Answer, float]:
    progress: list[tuple[float, float]] = []
    turns = 0

    def stop(best: float) -> bool:
        nonlocal turns
        turns += 1
        after_s = spent_s() - began_s
        if best < (progress[-1][1] if progress else _NO_COST):
            progress.append((after_s, float(best)))
        return after_s >= ask.seconds or turns > (ask.iterations or turns)

    # A penalty below the price of a vehicle or of a leg would make infeasible plans cheap for ever.
    penalty = pyvrp.PenaltyParams(max_penalty=max(100_000.0, model.dearest))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            model.data,
            stop,
            seed=seed,
            collect_stats=False,
            params=pyvrp.SolveParams(penalty=penalty),
        )
    feasible = result.best.is_feasible()
    routes = list(_routes(model, result.best)) if feasible else None
    return Answer(routes, progress, turns), result.cost()


def _routes(model: _Model, solution: Any) -> Iterator[Route]:
    free = [list(numbers) for numbers in model.trucks]
    for route in solution.routes():
        stops = []
        for activity in list(route)[1:-1]:
            if activity.is_depot():
                stops.append(activity.idx)
            elif activity.is_client():
                stops.append(model.clients[activity.idx])
            else:
                stops.append(model.shipments[activity.idx][activity.is_delivery()])
        yield Route(free[route.vehicle_type()].pop(), tuple(stops))


def _state(instance: Instance, objective: str) -> _Model:
    size, scale = len(instance.nodes), instance.roads.stated_scale
    legs = np.frombuffer(instance.roads.matrix(), dtype=np.int32).reshape(size, size)
    legs = legs.astype(np.int64)
    first = dearer_than_all_legs(instance, legs) if objective == "hierarchical" else 0
    kinds: dict[Truck, list[int]] = {}
    for number in worth_having(instance):
        kinds.setdefault(instance.trucks[number], []).append(number)
    circles = list(dict.fromkeys(truck.serves for truck in kinds))
    matrices = [_forbid(legs, instance, circle) for circle in circles]
    pairs = [(n, to) for n in instance.customers if (to := instance.nodes[n].delivers_to)]
    paired = {node for pair in pairs for node in pair}
    clients = [node for node in instance.customers if node not in paired]
    types = [
        _type(instance, truck, len(numbers), circles.index(truck.serves), first)
        for truck, numbers in kinds.items()
    ]
    data = pyvrp.ProblemData(
        [pyvrp.Location(x, y) for x, y in instance.points or [(0, 0)] * size],
        [_client(instance, node) for node in clients],
        [pyvrp.Depot(depot) for depot in range(instance.depots)],
        types,
        matrices,
        [legs] * len(matrices),
        shipments=[_shipment(instance, *pair) for pair in pairs],
    )
    farthest = int(legs.max())
    dearest = max(max(first + t.fixed * scale, round(t.per_leg) * farthest) for t in kinds)
    return _Model(data, clients, pairs, list(kinds.values()), dearest)


def _forbid(legs: Any, instance: Instance, circle: frozenset[int] | None) -> Any:
    """Legs of trucks that may visit the circle alone."""
    if circle is None:
        return legs
    others = [node for node in instance.customers if node not in circle]
    legs = legs.copy()
    legs[others, :] = legs[:, others] = _FORBIDDEN
    np.fill_diagonal(legs, 0)
    return legs


def _type(instance: Instance, truck: Truck, count: int, profile: int, first: int) -> Any:
    scale, depot = instance.roads.stated_scale, instance.nodes[truck.depot]
    longest = {} if truck.longest is None else {"shift_duration": int(truck.longest * scale)}
    return pyvrp.VehicleType(
        count,
        [int(truck.capacity)],
        truck.depot,
        truck.depot,
        first + round(truck.fixed * scale),
        int(depot.opens * scale),
        int(depot.closes * scale),
        unit_distance_cost=round(truck.per_leg),
        profile=profile,
        reload_depots=[truck.depot] if truck.reloads else [],
        **longest,
    )


def _client(instance: Instance, index: int) -> Any:
    node, scale = instance.nodes[index], instance.roads.stated_scale
    return pyvrp.Client(
        index,
        [int(node.load)],
        service_duration=int(node.service * scale),
        tw_early=int(node.opens * scale),
        tw_late=int(node.closes * scale),
        release_time=int(node.release * scale),
        prize=round((node.prize or 0) * scale),
        required=node.prize is None,
    )


def _shipment(instance: Instance, pickup: int, delivery: int) -> Any:
    scale = instance.roads.stated_scale
    here, there = instance.nodes[pickup], instance.nodes[delivery]
    times = [int(t * scale) for n in (here, there) for t in (n.opens, n.closes, n.service)]
    return pyvrp.Shipment(pickup, delivery, *times, amount=[int(here.load)])
