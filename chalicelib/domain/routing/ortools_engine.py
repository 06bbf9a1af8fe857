"""What does OR-Tools make of it? The routing model, built and searched in this process.

Only the child process of ``solve`` imports this module: the search holds Python's global lock, so
it must never run where a deadline has to be kept. No Python callback is used for travel or loads:
everything is registered as matrices and vectors.

Model: one node per task, one per vehicle's start and end. Transit = handling at the origin + drive
+ setup where the place changes, so several pickups at one store pay one setup. Time is a dimension
with windows and unlimited waiting. The price per second is put on the arcs, so that the search sees
it, and on the waiting between them: together the span from leaving to the end. Weight, volume and
number of jobs are dimensions; a job may be left out at its penalty, half on each of its tasks.
Units: [s], [m], [g], [ml], cost in points.

Source: OR-Tools 9.15, ``pywrapcp.RoutingModel`` and ``RoutingSearchParameters``.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from chalicelib.domain.routing.problem import Problem, Tour, Vehicle
from chalicelib.domain.routing.schedule import Tasks
from chalicelib.domain.routing.wire import Limits

#: Tried in turn until one finds a first solution.
FIRST_STRATEGIES = ("PARALLEL_CHEAPEST_INSERTION", "LOCAL_CHEAPEST_INSERTION", "AUTOMATIC")

#: Ruin and recreate around close nodes and dear arcs: off by default, and the only operators that
#: often leave the local optimum at which guided local search alone stays. Over three waves of 60
#: jobs, 25 stores and 12 vehicles they saved 5 % at equal time, at 120 to 150 jobs nothing.
RUIN_AND_RECREATE = (
    "use_global_cheapest_insertion_close_nodes_lns",
    "use_local_cheapest_insertion_close_nodes_lns",
    "use_global_cheapest_insertion_expensive_chain_lns",
    "use_local_cheapest_insertion_expensive_chain_lns",
)

type Tell = Callable[[list[Tour]], None]


def search(problem: Problem, limits: Limits, tell: Tell) -> None:
    """Search and tell of every better solution as tours, one per vehicle.

    Parameters
    ----------
    problem
        Without jobs that no vehicle could do alone: their windows may contradict the model.
    tell
        Called with each solution that the search accepts as its best so far.
    """
    if not problem.jobs or not problem.vehicles:
        tell([()] * len(problem.vehicles))
        return
    for strategy in FIRST_STRATEGIES:
        model = _Model(problem)
        model.build()
        if model.solve(_parameters(strategy, limits), tell):
            return


def _parameters(strategy: str, limits: Limits) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, strategy)
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    for operator in RUIN_AND_RECREATE:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_TRUE)
    parameters.time_limit.FromMilliseconds(round(limits.budget_s * 1000))
    if limits.iterations is not None:
        parameters.solution_limit = limits.iterations
        # A ruin that is cut by the clock would make two runs differ.
        parameters.lns_time_limit.FromMilliseconds(round(limits.budget_s * 1000))
    return parameters


class _Model:
    """The routing model of one problem; nodes 0..2J-1 are tasks, then starts, then ends."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tasks = Tasks.of(problem)
        self.task_count = 2 * len(problem.jobs)
        count = len(problem.vehicles)
        self.starts = [self.task_count + v for v in range(count)]
        self.ends = [self.task_count + count + v for v in range(count)]
        self.manager = pywrapcp.RoutingIndexManager(
            self.task_count + 2 * count, count, self.starts, self.ends
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.best_cost: int | None = None

    def build(self) -> None:
        self._costs_and_time()
        self._load("weight", self.tasks.weight_g, [v.max_weight_g for v in self.problem.vehicles])
        self._load("volume", self.tasks.volume_ml, [v.max_volume_ml for v in self.problem.vehicles])
        if any(vehicle.max_jobs is not None for vehicle in self.problem.vehicles):
            self._job_counts()
        self._pairs()

    def solve(self, parameters: Any, tell: Tell) -> bool:
        self.routing.CloseModelWithParameters(parameters)

        def on_solution() -> None:
            cost = self.routing.CostVar().Value()
            if self.best_cost is None or cost < self.best_cost:
                self.best_cost = cost
                tell(self._tours())

        self.routing.AddAtSolutionCallback(on_solution)
        return self.routing.SolveWithParameters(parameters) is not None

    def _costs_and_time(self) -> None:
        routing, vehicles = self.routing, self.problem.vehicles
        by_class: dict[tuple[object, ...], tuple[int, int]] = {}
        transits = []
        for index, vehicle in enumerate(vehicles):
            key = (vehicle.kind, vehicle.cost_per_m, vehicle.cost_per_s)
            if key not in by_class:
                time_rows, cost_rows = self._matrices(vehicle)
                by_class[key] = (
                    routing.RegisterTransitMatrix(time_rows),
                    routing.RegisterTransitMatrix(cost_rows),
                )
            transits.append(by_class[key][0])
            routing.SetArcCostEvaluatorOfVehicle(by_class[key][1], index)
            routing.SetFixedCostOfVehicle(vehicle.fixed_cost, index)
        horizon_s = max(vehicle.shift.latest_s for vehicle in vehicles)
        routing.AddDimensionWithVehicleTransits(transits, horizon_s, horizon_s, False, "time")
        time = routing.GetDimensionOrDie("time")
        for index, vehicle in enumerate(vehicles):
            shift = vehicle.shift
            for node in (routing.Start(index), routing.End(index)):
                time.CumulVar(node).SetRange(shift.earliest_s, shift.latest_s)
            time.SetSlackCostCoefficientForVehicle(vehicle.cost_per_s, index)
            routing.AddVariableMaximizedByFinalizer(time.CumulVar(routing.Start(index)))
            routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(index)))

    def _matrices(self, vehicle: Vehicle) -> tuple[list[list[int]], list[list[int]]]:
        """Time and cost rows over all nodes for vehicles of one kind and price.

        Starts and ends differ by vehicle, the matrix does not: each start and end node has its own
        row and column, and only its own vehicle ever uses it.
        """
        travel = self.problem.travel[vehicle.kind]
        spots = [*self.tasks.place]
        spots += [-1 if v.start is None else v.start for v in self.problem.vehicles]
        spots += [-1 if v.end is None else v.end for v in self.problem.vehicles]
        count = self.task_count
        setup = self.tasks.setup_s
        time_rows, cost_rows = [], []
        for i, a in enumerate(spots):
            handling_s = self.tasks.handling_s[i] if i < count else 0
            times, costs = [], []
            for j, b in enumerate(spots):
                known = a >= 0 and b >= 0
                drive_s = travel.duration_s[a][b] if known else 0
                stays = i < count and a == b
                setup_s = setup[b] if j < count and not stays else 0
                drive_m = travel.distance_m[a][b] if known else 0
                busy_s = handling_s + drive_s + setup_s
                times.append(busy_s)
                costs.append(vehicle.cost_per_m * drive_m + vehicle.cost_per_s * busy_s)
            time_rows.append(times)
            cost_rows.append(costs)
        return time_rows, cost_rows

    def _load(self, name: str, change: Sequence[int], capacities: list[int]) -> None:
        vector = [*change, *[0] * (2 * len(self.problem.vehicles))]
        evaluator = self.routing.RegisterUnaryTransitVector(vector)
        self.routing.AddDimensionWithVehicleCapacity(evaluator, 0, capacities, True, name)

    def _job_counts(self) -> None:
        most = [
            len(self.problem.jobs) if v.max_jobs is None else v.max_jobs
            for v in self.problem.vehicles
        ]
        vector = [1 - task % 2 for task in range(self.task_count)]
        evaluator = self.routing.RegisterUnaryTransitVector(vector + [0] * (2 * len(most)))
        self.routing.AddDimensionWithVehicleCapacity(evaluator, 0, most, True, "jobs")

    def _pairs(self) -> None:
        routing, solver = self.routing, self.routing.solver()
        time = routing.GetDimensionOrDie("time")
        for job, wanted in enumerate(self.problem.jobs):
            pickup = self.manager.NodeToIndex(2 * job)
            dropoff = self.manager.NodeToIndex(2 * job + 1)
            routing.AddPickupAndDelivery(pickup, dropoff)
            solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(dropoff))
            solver.Add(time.CumulVar(pickup) <= time.CumulVar(dropoff))
            for index, task in ((pickup, 2 * job), (dropoff, 2 * job + 1)):
                self._windows(time.CumulVar(index), task)
            # Each half carries half of the penalty, because both go or stay together.
            penalty = wanted.price_of_leaving_out
            routing.AddDisjunction([pickup], penalty - penalty // 2)
            routing.AddDisjunction([dropoff], penalty // 2)

    def _windows(self, cumul: Any, task: int) -> None:
        windows = self.tasks.windows[task]
        cumul.SetRange(windows[0].earliest_s, windows[-1].latest_s)
        for window, following in pairwise(windows):
            cumul.RemoveInterval(window.latest_s + 1, following.earliest_s - 1)

    def _tours(self) -> list[Tour]:
        return [tuple(self._tour(vehicle)) for vehicle in range(len(self.problem.vehicles))]

    def _tour(self, vehicle: int) -> Iterator[int]:
        index = self.routing.NextVar(self.routing.Start(vehicle)).Value()
        while not self.routing.IsEnd(index):
            yield self.manager.IndexToNode(index)
            index = self.routing.NextVar(index).Value()
