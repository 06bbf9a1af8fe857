"""What does a route's time have to keep, and what does it cost, in the OR-Tools model?

Windows, shifts and the longest duration are in ``ortools_model``; here are release times, breaks,
lateness, overtime and fairness. Each function does nothing where the problem has no such rule.

OR-Tools' meaning of a break is ours: it is taken before the route begins, after it ends, or between
two visits, where it makes the leg longer; it never cuts into handling. So nothing is approximated
here. What may differ is the schedule of one order of tasks: OR-Tools looks for the cheapest, ours
(``schedule``) is over first. With holes in the time (several windows, breaks) the cheapest can be
shorter and later, so that a limit on duration holds for it alone: such a tour is told and refused.
"""

from typing import Any

from ortools.constraint_solver import pywrapcp

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.ortools_model import Model


def releases(model: Model) -> None:
    """A trip begins no earlier than what it delivers from the hub is ready.

    A dimension carries when the trip began, at most: it starts with the route, stays as it is from
    stop to stop and rises at a reload to when that is done.
    """
    vehicles, nodes = model.problem.vehicles, model.nodes
    first_s = min(vehicle.shift.earliest_s for vehicle in vehicles)
    late = {
        node: model.problem.jobs[job].release_s
        for node, job in nodes.loaded_at_hub()
        if first_s < model.problem.jobs[job].release_s <= model.horizon_s
    }
    if not late:
        return
    routing, solver, time = model.routing, model.routing.solver(), model.time
    most = [vehicle.shift.latest_s for vehicle in vehicles]
    routing.AddDimensionWithVehicleCapacity(
        model.vector({}), model.horizon_s, most, False, "loaded"
    )
    loaded = routing.GetDimensionOrDie("loaded")
    model.rises_at_reloads_only(loaded)
    for index in range(len(vehicles)):
        start = routing.Start(index)
        solver.Add(loaded.CumulVar(start) <= time.CumulVar(start))
        for node in nodes.reloads[index]:
            done = time.CumulVar(node) + nodes.handling_s[node]
            solver.Add(loaded.CumulVar(node) + loaded.SlackVar(node) <= done)
    for node, release_s in late.items():
        loaded.CumulVar(node).SetMin(release_s)
        time.CumulVar(node).SetMin(release_s)


def breaks(model: Model) -> None:
    """OR-Tools' meaning is ours: outside the route, or between two visits and on the road."""
    solver = model.routing.solver()
    handling_s = [*model.nodes.handling_s, *[0] * (2 * len(model.problem.vehicles))]
    for index, vehicle in enumerate(model.problem.vehicles):
        if vehicle.breaks:
            rests = [
                solver.FixedDurationIntervalVar(
                    rest.window.earliest_s, rest.window.latest_s, rest.duration_s, False, "break"
                )
                for rest in vehicle.breaks
            ]
            model.time.SetBreakIntervalsOfVehicle(rests, index, handling_s)


def lateness(model: Model) -> None:
    """Handing over after ``due_s`` is allowed and priced."""
    for job, wanted in enumerate(model.problem.jobs):
        if wanted.due_s is not None and wanted.late_cost_per_s:
            model.time.SetCumulVarSoftUpperBound(
                model.node_of[2 * job + 1], wanted.due_s, wanted.late_cost_per_s
            )


def overtime_and_fairness(model: Model) -> None:
    """Both price a route's length past a limit, and a dimension takes one such price.

    The first goes on time itself, the second on a copy that begins and ends with it.
    """
    fairness = model.problem.fairness
    fair = None
    if fairness is not None and fairness.cost_per_s:
        fair = pywrapcp.BoundCost(fairness.share_s, fairness.cost_per_s)
    extra = []
    for index, vehicle in enumerate(model.problem.vehicles):
        costs = [*_overtime(vehicle), *([fair] if fair else [])]
        for cost in costs[:1]:
            model.time.SetSoftSpanUpperBoundForVehicle(cost, index)
        extra += [(index, cost) for cost in costs[1:]]
    if not extra:
        return
    routing, solver = model.routing, model.routing.solver()
    horizon_s = model.horizon_s
    # After time itself: cumuls are set in this order, so the copy follows.
    routing.AddDimensionWithVehicleTransits(model.transits, horizon_s, horizon_s, False, "length")
    length = routing.GetDimensionOrDie("length")
    for index, cost in extra:
        length.SetSoftSpanUpperBoundForVehicle(cost, index)
        for node in (routing.Start(index), routing.End(index)):
            solver.Add(length.CumulVar(node) == model.time.CumulVar(node))


def _overtime(vehicle: Vehicle) -> list[Any]:
    if not vehicle.overtime_cost_per_s:
        return []
    return [pywrapcp.BoundCost(vehicle.overtime_after_s, vehicle.overtime_cost_per_s)]
