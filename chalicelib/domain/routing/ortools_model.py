"""What does OR-Tools see of a problem? Arcs, prices, hours and pairs; ``ortools_rules`` the rest.

Time is a dimension with windows and unlimited waiting. The price per second is put on the arcs, so
that the search sees it, and on the waiting between them: together the span from leaving to the end.
A job may be left out at its price, half on each task of a pair. Everything is registered as
matrices and vectors: the search never calls Python, except to tell of a solution.

Units: [s], [m], [g], [ml], cost in points. Source: OR-Tools 9.15, ``pywrapcp.RoutingModel``.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from ortools.constraint_solver import pywrapcp

from chalicelib.domain.routing.ortools_nodes import Nodes, Rows
from chalicelib.domain.routing.problem import RELOAD, Job, Problem, Tour, job_of

type Tell = Callable[[list[Tour]], None]


class Model:
    """The routing model of one problem, without the rules that only some problems have.

    Attributes
    ----------
    routing, time
        OR-Tools' model and its time dimension.
    node_of
        Node of each task.
    transits
        (v,) evaluators of seconds.
    horizon_s
        When the last shift ends [s].
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.nodes = nodes = Nodes.of(problem)
        self.node_of = nodes.by_task()
        count = len(problem.vehicles)
        self.manager = pywrapcp.RoutingIndexManager(
            nodes.count,
            count,
            [nodes.start(vehicle) for vehicle in range(count)],
            [nodes.end(vehicle) for vehicle in range(count)],
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.horizon_s = max(vehicle.shift.latest_s for vehicle in problem.vehicles)
        self.rows: Callable[[str], tuple[Rows, Rows]] = cache(nodes.rows)
        self.transits = self._arcs()
        self.time = self._hours()
        self._tasks()
        self.best_cost: int | None = None

    def vector(self, by_node: dict[int, int]) -> int:
        """Register what each node adds, 0 where nothing is said; the evaluator's number."""
        values = [by_node.get(node, 0) for node in range(self.nodes.count)]
        return int(self.routing.RegisterUnaryTransitVector(values))

    def rises_at_reloads_only(self, dimension: Any) -> None:
        """Forbid a dimension's slack everywhere but at reload visits."""
        for node, task in enumerate(self.nodes.tasks):
            if task != RELOAD:
                dimension.SlackVar(node).SetValue(0)
        for vehicle in range(len(self.problem.vehicles)):
            dimension.SlackVar(self.routing.Start(vehicle)).SetValue(0)

    def _arcs(self) -> list[int]:
        """Prices of arcs and of vehicles; returns each vehicle's evaluator of seconds."""
        routing = self.routing
        seconds: dict[str, int] = {}
        prices: dict[tuple[str, int, int], int] = {}
        for index, vehicle in enumerate(self.problem.vehicles):
            key = (vehicle.kind, vehicle.cost_per_m, vehicle.cost_per_s)
            if vehicle.kind not in seconds:
                seconds[vehicle.kind] = routing.RegisterTransitMatrix(self.rows(vehicle.kind)[0])
            if key not in prices:
                prices[key] = routing.RegisterTransitMatrix(self._priced(*key))
            routing.SetArcCostEvaluatorOfVehicle(prices[key], index)
            routing.SetFixedCostOfVehicle(vehicle.fixed_cost, index)
        return [seconds[vehicle.kind] for vehicle in self.problem.vehicles]

    def _priced(self, kind: str, per_m: int, per_s: int) -> Rows:
        return [
            [per_s * s + per_m * m for s, m in zip(*rows, strict=True)]
            for rows in zip(*self.rows(kind), strict=True)
        ]

    def _hours(self) -> Any:
        routing, vehicles = self.routing, self.problem.vehicles
        horizon_s = self.horizon_s
        routing.AddDimensionWithVehicleTransits(self.transits, horizon_s, horizon_s, False, "time")
        time = routing.GetDimensionOrDie("time")
        for index, vehicle in enumerate(vehicles):
            shift = vehicle.shift
            for node in (routing.Start(index), routing.End(index)):
                time.CumulVar(node).SetRange(shift.earliest_s, shift.latest_s)
            time.SetSlackCostCoefficientForVehicle(vehicle.cost_per_s, index)
            if vehicle.max_duration_s is not None:
                time.SetSpanUpperBoundForVehicle(vehicle.max_duration_s, index)
            routing.AddVariableMaximizedByFinalizer(time.CumulVar(routing.Start(index)))
            routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(index)))
        return time

    def _tasks(self) -> None:
        routing, solver = self.routing, self.routing.solver()
        for job, wanted in enumerate(self.problem.jobs):
            nodes = [self.node_of[task] for task in wanted.tasks(job)]
            if not self._may_be_in_time(wanted):
                for node in nodes:
                    routing.ActiveVar(node).SetValue(0)
                routing.AddDisjunction(nodes, wanted.price_of_leaving_out)
                continue
            for node in nodes:
                self._windows(node)
            penalty = wanted.price_of_leaving_out
            if wanted.pickup is not None:
                pickup, dropoff = nodes
                routing.AddPickupAndDelivery(pickup, dropoff)
                solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(dropoff))
                solver.Add(self.time.CumulVar(pickup) <= self.time.CumulVar(dropoff))
                # Each half carries half of the penalty, because both go or stay together.
                routing.AddDisjunction([pickup], penalty - penalty // 2)
                penalty //= 2
            routing.AddDisjunction([nodes[-1]], penalty)

    def _may_be_in_time(self, job: Job) -> bool:
        """False if its windows would contradict the model even where it is left out."""
        opening_s, closing_s = job.release_s, job.dropoff_windows[-1].latest_s
        return (
            opening_s <= min(closing_s, self.horizon_s)
            and job.dropoff_windows[0].earliest_s <= self.horizon_s
        )

    def _windows(self, node: int) -> None:
        windows = self.nodes.windows(self.nodes.tasks[node])
        cumul = self.time.CumulVar(node)
        cumul.SetRange(windows[0].earliest_s, min(windows[-1].latest_s, self.horizon_s))
        for window, following in pairwise(windows):
            cumul.RemoveInterval(window.latest_s + 1, following.earliest_s - 1)

    def listen(self, tell: Tell) -> None:
        """Tell of each solution that is the best so far."""

        def on_solution() -> None:
            # Iterated local search leaves the cost unbound above; its minimum is the cost.
            cost = self.routing.CostVar().Min()
            if self.best_cost is None or cost < self.best_cost:
                self.best_cost = cost
                tell(self.tours())

        self.routing.AddAtSolutionCallback(on_solution)

    def assignment(self, tours: Sequence[Tour]) -> Any:
        """Tours as a solution of the closed model, or None if it refuses them."""
        routes = [self.nodes.route(tour, vehicle) for vehicle, tour in enumerate(tours)]
        if None in routes:
            return None
        return self.routing.ReadAssignmentFromRoutes(routes, True)

    def tours(self) -> list[Tour]:
        """The solution at hand, one tour per vehicle."""
        return [
            _without_empty_trips(self.problem, tuple(self._tour(index)), len(vehicle.frozen))
            for index, vehicle in enumerate(self.problem.vehicles)
        ]

    def _tour(self, vehicle: int) -> Iterator[int]:
        index = self.routing.NextVar(self.routing.Start(vehicle)).Value()
        while not self.routing.IsEnd(index):
            yield self.nodes.tasks[index]
            index = self.routing.NextVar(index).Value()


def _without_empty_trips(problem: Problem, tour: Tour, frozen: int) -> Tour:
    """Drop the reloads that bring nothing; where waiting is free, the search may keep some."""
    kept: list[int] = []
    brings = False
    for position in range(len(tour) - 1, -1, -1):
        task = tour[position]
        if task != RELOAD:
            brings = brings or problem.jobs[job_of(task)].pickup is None
        elif not brings and position >= frozen:
            continue
        else:
            brings = False
        kept.append(task)
    return tuple(reversed(kept))
