"""VROOM at its deepest exploration: one shot, that ends when it is done.

It takes as long as it takes, whatever seconds are asked for; its row says how long. It knows no
reloads, no prizes and no longest duration (its limit of travel time leaves out waiting).
"""

from importlib import metadata
from typing import Any

import numpy as np
import vroom

from benchmarks.instances import Instance, NotStated, Route, Truck
from benchmarks.instances.stating import dearer_than_all_legs, worth_having
from benchmarks.peers.asking import Answer, Ask

_EXPLORATION = 5
#: Prices per leg are divided by this where trucks differ in them: VROOM's sums are 32 bits wide.
_COARSER = 100


def version() -> str:
    return f"pyvroom {metadata.version('pyvroom')}"


def solve(instance: Instance, ask: Ask) -> Answer:
    _refuse(instance)
    size = len(instance.nodes)
    legs = np.frombuffer(instance.roads.matrix(), dtype=np.int32).reshape(size, size)
    first = dearer_than_all_legs(instance, legs) if ask.objective == "hierarchical" else 0
    model = vroom.Input()
    prices = {truck.per_leg for truck in instance.trucks}
    coarser = 1 if prices == {1} else _COARSER
    for price in prices:
        model.set_durations_matrix(profile=_profile(price), matrix_input=legs.astype(np.uint32))
        if coarser > 1:
            costs = np.rint(legs * (price / coarser)).astype(np.uint32)
            model.set_costs_matrix(profile=_profile(price), matrix_input=costs)
    for number in worth_having(instance):
        model.add_vehicle(_vehicle(instance, number, first, coarser))
    for node in instance.customers:
        _add(model, instance, node)
    solution = model.solve(_EXPLORATION, ask.threads)
    return Answer(None if solution.summary.unassigned else _routes(solution))


def _refuse(instance: Instance) -> None:
    trucks = set(instance.trucks)
    for said, so in (
        ("no reloads", any(truck.reloads for truck in trucks)),
        ("no prizes", any(node.prize is not None for node in instance.nodes)),
        ("no longest duration", any(truck.longest is not None for truck in trucks)),
        ("no release times", any(node.release for node in instance.nodes)),
    ):
        if so:
            raise NotStated(f"VROOM has {said}")


def _profile(price: float) -> str:
    return f"price {price:g}"


def _vehicle(instance: Instance, number: int, first: int, coarser: int) -> Any:
    """``first``: added price of using it; all its prices are divided by ``coarser``."""
    truck: Truck = instance.trucks[number]
    scale = instance.roads.stated_scale
    return vroom.Vehicle(
        number + 1,
        truck.depot,
        truck.depot,
        _profile(truck.per_leg),
        [int(truck.capacity)],
        time_window=_window(instance, truck.depot),
        costs=vroom.VehicleCosts(fixed=round((first + truck.fixed * scale) / coarser)),
    )


def _add(model: Any, instance: Instance, index: int) -> None:
    node, scale = instance.nodes[index], instance.roads.stated_scale
    if node.picked_up_at is not None:
        return
    if node.delivers_to is None:
        model.add_job(
            vroom.Job(
                index,
                index,
                default_service=int(node.service * scale),
                delivery=[int(node.load)],
                time_windows=[_window(instance, index)],
            )
        )
        return
    steps = [
        vroom.ShipmentStep(
            stop,
            stop,
            default_service=int(instance.nodes[stop].service * scale),
            time_windows=[_window(instance, stop)],
        )
        for stop in (index, node.delivers_to)
    ]
    model.add_job(vroom.Shipment(*steps, amount=[int(node.load)]))


def _window(instance: Instance, index: int) -> Any:
    node, scale = instance.nodes[index], instance.roads.stated_scale
    return vroom.TimeWindow(int(node.opens * scale), min(int(node.closes * scale), 1 << 28))


def _routes(solution: Any) -> list[Route]:
    stops: dict[int, list[int]] = {}
    frame = solution.routes
    for vehicle, kind, node in zip(frame.vehicle_id, frame.type, frame.location_index, strict=True):
        if kind in ("job", "pickup", "delivery"):
            stops.setdefault(int(vehicle) - 1, []).append(int(node))
    return [Route(truck, tuple(nodes)) for truck, nodes in stops.items()]
