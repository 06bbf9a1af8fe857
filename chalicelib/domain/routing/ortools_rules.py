"""What else must a solution of OR-Tools keep, and pay? The rules that only some problems have.

Each function adds one rule to a model and does nothing where the problem does not have it: a
dimension that nobody needs makes every step of the search dearer. What has to do with time is in
``ortools_hours``.
"""

from collections.abc import Callable
from itertools import pairwise

from chalicelib.domain.routing.ortools_hours import (
    breaks,
    lateness,
    overtime_and_fairness,
    releases,
)
from chalicelib.domain.routing.ortools_model import Model
from chalicelib.domain.routing.problem import Job, is_pickup, job_of


def add_rules(model: Model) -> None:
    """Add every rule that the problem has."""
    for rule in RULES:
        rule(model)


def who_may(model: Model) -> None:
    """Skills, pins and exclusions; reload visits are their vehicle's own."""
    routing, vehicles = model.routing, model.problem.vehicles
    for task, node in model.node_of.items():
        job = model.problem.jobs[job_of(task)]
        allowed = [index for index, vehicle in enumerate(vehicles) if job.allows(vehicle)]
        if len(allowed) < len(vehicles):
            _only(model, node, allowed)
    for index, reloads in enumerate(model.nodes.reloads):
        for node in reloads:
            _only(model, node, [index])
            routing.AddDisjunction([node], 0)


def _only(model: Model, node: int, vehicles: list[int]) -> None:
    """Vehicle -1 stands for none; ``SetAllowedVehiclesForIndex`` takes no Python list in 9.15."""
    model.routing.VehicleVar(node).SetValues([-1, *vehicles])


def weight(model: Model) -> None:
    """[g] on board at once."""
    jobs = model.problem.jobs
    if any(job.weight_g for job in jobs):
        _load(
            model,
            "weight",
            [job.weight_g for job in jobs],
            [vehicle.max_weight_g for vehicle in model.problem.vehicles],
        )


def volume(model: Model) -> None:
    """[ml] on board at once."""
    jobs = model.problem.jobs
    if any(job.volume_ml for job in jobs):
        _load(
            model,
            "volume",
            [job.volume_ml for job in jobs],
            [vehicle.max_volume_ml for vehicle in model.problem.vehicles],
        )


def parcels(model: Model) -> None:
    """Parcels on board at once."""
    limits = [vehicle.max_parcels for vehicle in model.problem.vehicles]
    amounts = [job.parcels for job in model.problem.jobs]
    if any(limit is not None for limit in limits):
        everything = sum(amounts)
        most = [everything if limit is None else limit for limit in limits]
        _load(model, "parcels", amounts, most)


def _load(model: Model, name: str, amounts: list[int], most: list[int]) -> None:
    """A load may begin anywhere between nothing and the most: it is what the hub put aboard.

    The least that works is just what the trip drops off without having picked it up, because a
    load is never negative. At a reload it may rise by the same right, but what is on board there
    is no less than the pairs that are: else their parcels could make up for some of the hub's.
    """
    routing = model.routing
    jobs, reloads = model.problem.jobs, [node for own in model.nodes.reloads for node in own]
    change = {
        node: amounts[job_of(task)] if is_pickup(task) else -amounts[job_of(task)]
        for task, node in model.node_of.items()
    }
    hub = any(job.pickup is None for job in jobs)
    slack = max(most) if reloads else 0
    routing.AddDimensionWithVehicleCapacity(model.vector(change), slack, most, not hub, name)
    if not reloads:
        return
    load = routing.GetDimensionOrDie(name)
    model.rises_at_reloads_only(load)
    pairs = {
        node: step
        for node, step in change.items()
        if jobs[job_of(model.nodes.tasks[node])].pickup is not None
    }
    if any(pairs.values()):
        routing.AddDimensionWithVehicleCapacity(model.vector(pairs), 0, most, True, f"{name} held")
        held = routing.GetDimensionOrDie(f"{name} held")
        for node in reloads:
            routing.solver().Add(load.CumulVar(node) >= held.CumulVar(node))


def how_many_jobs(model: Model) -> None:
    """Jobs of a whole route: each counts at its dropoff."""
    limits = [vehicle.max_jobs for vehicle in model.problem.vehicles]
    if all(limit is None for limit in limits):
        return
    every = len(model.problem.jobs)
    dropoffs = {node: 1 for task, node in model.node_of.items() if not is_pickup(task)}
    most = [every if limit is None else limit for limit in limits]
    model.routing.AddDimensionWithVehicleCapacity(model.vector(dropoffs), 0, most, True, "jobs")


def how_far(model: Model) -> None:
    """Metres of a whole route."""
    vehicles = model.problem.vehicles
    if all(vehicle.max_distance_m is None for vehicle in vehicles):
        return
    kinds = {
        kind: model.routing.RegisterTransitMatrix(model.rows(kind)[1])
        for kind in {vehicle.kind: None for vehicle in vehicles}
    }
    most = [_endless(model) if v.max_distance_m is None else v.max_distance_m for v in vehicles]
    model.routing.AddDimensionWithVehicleTransitAndCapacity(
        [kinds[vehicle.kind] for vehicle in vehicles], 0, most, True, "distance"
    )


def _endless(model: Model) -> int:
    """More than any route has [m]."""
    longest = max(max(map(max, model.rows(vehicle.kind)[1])) for vehicle in model.problem.vehicles)
    return (model.nodes.count + 1) * (longest + 1)


def changes(model: Model) -> None:
    """Another vehicle than planned costs: a dimension whose steps differ by vehicle sums it up.

    What was planned for a vehicle that is gone has a dimension of its own, where all steps are
    alike: OR-Tools 9.15 refuses to leave out a node whose differing steps have no 0 among them.
    """
    ids = {vehicle.id for vehicle in model.problem.vehicles}
    wishes: tuple[dict[int, Job], dict[int, Job]] = ({}, {})
    for job, wanted in enumerate(model.problem.jobs):
        if wanted.planned_vehicle is not None and wanted.change_cost:
            wishes[wanted.planned_vehicle in ids][job] = wanted
    for name, priced in zip(("replaced", "changes"), wishes, strict=True):
        if priced:
            _price_changes(model, name, priced)


def _price_changes(model: Model, name: str, priced: dict[int, Job]) -> None:
    evaluators: dict[str | None, int] = {}
    planned = {wanted.planned_vehicle for wanted in priced.values()}
    steps = []
    for vehicle in model.problem.vehicles:
        key = vehicle.id if vehicle.id in planned else None
        if key not in evaluators:
            evaluators[key] = model.vector(
                {
                    model.node_of[2 * job + 1]: wanted.change_cost
                    for job, wanted in priced.items()
                    if wanted.planned_vehicle != key
                }
            )
        steps.append(evaluators[key])
    most = sum(wanted.change_cost for wanted in priced.values())
    model.routing.AddDimensionWithVehicleTransits(steps, 0, most, True, name)
    model.routing.GetDimensionOrDie(name).SetSpanCostCoefficientForAllVehicles(1)


def companions(model: Model) -> None:
    """All on one vehicle or none at all: a node that is left out has vehicle -1."""
    routing = model.routing
    for group in model.problem.same_route:
        for one, other in pairwise(model.node_of[2 * job + 1] for job in group):
            routing.solver().Add(routing.VehicleVar(one) == routing.VehicleVar(other))


def order_of_pickups(model: Model) -> None:
    """Ranks are compared, not times: two pickups may happen at the same second."""
    pairs = model.problem.pickup_order
    if not pairs:
        return
    routing, solver = model.routing, model.routing.solver()
    routing.AddConstantDimension(1, model.nodes.count, True, "rank")
    rank = routing.GetDimensionOrDie("rank")
    for first, second in pairs:
        one, other = model.node_of[2 * first], model.node_of[2 * second]
        together = solver.IsEqualVar(routing.VehicleVar(one), routing.VehicleVar(other))
        steps = rank.CumulVar(other) - rank.CumulVar(one)
        solver.Add(steps >= (model.nodes.count + 1) * together - model.nodes.count)


def frozen(model: Model) -> None:
    """A route under way begins as it has to."""
    routing = model.routing
    for index, vehicle in enumerate(model.problem.vehicles):
        route = model.nodes.route(vehicle.frozen, index)
        if route is None:
            raise ValueError(f"vehicle {vehicle.id} has more frozen reloads than it may have")
        for before, node in pairwise([routing.Start(index), *route]):
            routing.NextVar(before).SetValue(node)
            routing.VehicleVar(node).SetValue(index)


RULES: tuple[Callable[[Model], None], ...] = (
    who_may,
    weight,
    volume,
    parcels,
    how_many_jobs,
    how_far,
    releases,
    breaks,
    lateness,
    overtime_and_fairness,
    changes,
    companions,
    order_of_pickups,
    frozen,
)
