"""How does OR-Tools search? A first solution, then guided or iterated local search.

Only the child process of ``solve`` imports this module: the search holds Python's global lock, so
it must never run where a deadline has to be kept. The model is ``ortools_model``'s.

Guided local search is the rule. Iterated local search with ruin by removed strings takes over from
``MANY_TASKS`` on, where no rule binds stops to their neighbours. Measured on three seeded waves a
row (at most 8 CPU seconds on a busy core), its mean cost against guided local search:

=================== ===== ============ ==========
wave                tasks time is free time costs
=================== ===== ============ ==========
150 from the hub      150         +8 %
250 from the hub      250         +9 %
400 from the hub      400         -2 %       -4 %
250 pairs             500         -1 %       +1 %
=================== ===== ============ ==========

The reason, presumably: up to some 250 stops the large neighbourhoods of the descent gain more per
second than ruins do; with more, it takes too long to go round them all. Single waves differ by
10 % either way, so nothing hangs on the very number.

Where OR-Tools' own first solutions are bad, the search starts from ``construct``'s tours; see
``needs_help``. On plain waves of 60 to 250 jobs its own are 2 to 30 % cheaper.

Source: OR-Tools 9.15, ``pywrapcp.RoutingModel`` and ``RoutingSearchParameters``; Christiaens and
Vanden Berghe 2020, "Slack induction by string removals for vehicle routing problems".
"""

from collections.abc import Sequence
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.ortools_model import Model, Tell
from chalicelib.domain.routing.ortools_rules import add_rules
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.tasks import Tasks
from chalicelib.domain.routing.under_way import begun
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

#: On by default, but they take all the time of a large wave before the first ruin.
RUIN_BY_PATH = (
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
    "use_global_cheapest_insertion_visit_types_lns",
    "use_local_cheapest_insertion_visit_types_lns",
)

#: From so many tasks on, iterated local search where the problem allows it.
MANY_TASKS = 400

#: How many stops a ruin removes on average, and at most from one route.
RUINED_STOPS = 5


def search(
    problem: Problem, limits: Limits, tell: Tell, initial: Sequence[Tour] | None = None
) -> None:
    """Search and tell of every better solution as tours, one per vehicle.

    Parameters
    ----------
    tell
        Called with each solution that the search accepts as its best so far.
    initial
        Tours to begin with, one per vehicle; a cold start if there are none, or the model refuses
        them.

    Raises
    ------
    ValueError
        If a vehicle has more frozen reloads than it may have.
    """
    if not problem.jobs or not problem.vehicles:
        tell([()] * len(problem.vehicles))
        return
    start = construct(problem) if initial is None and needs_help(problem) else initial
    if start is not None and _warm(problem, start, limits, tell):
        return
    if takes_ruins(problem):
        model = _built(problem, tell)
        parameters = _iterated(limits)
        model.routing.CloseModelWithParameters(parameters)
        if model.routing.SolveWithIteratedLocalSearch(parameters) is not None:
            return
    for strategy in FIRST_STRATEGIES:
        model = _built(problem, tell)
        parameters = _guided(strategy, limits)
        model.routing.CloseModelWithParameters(parameters)
        if model.routing.SolveWithParameters(parameters) is not None:
            return
    _warm(problem, begun(Tasks.of(problem)), limits, tell)


def needs_help(problem: Problem) -> bool:
    """True if it has what OR-Tools' first solutions leave out, or use without need.

    They insert one job at a time, so that no companion ever gets in; they insert every reload, as
    leaving one out costs nothing; and beside breaks they are slow and poor. Search seldom mends
    what they miss: from ``construct``'s tours it came out ahead, at equal time, in 17 of 20 cities
    of 16 jobs with breaks.
    """
    return bool(problem.same_route) or any(v.reload or v.breaks for v in problem.vehicles)


def takes_ruins(problem: Problem) -> bool:
    """True if iterated local search is likely to find more than guided local search does.

    It knows no solution to begin with, and tears apart what has to stay together.
    """
    return (
        sum(len(job.tasks(index)) for index, job in enumerate(problem.jobs)) >= MANY_TASKS
        and not problem.pickup_order
        and not needs_help(problem)
        and not any(vehicle.frozen for vehicle in problem.vehicles)
    )


def _built(problem: Problem, tell: Tell) -> Model:
    model = Model(problem)
    add_rules(model)
    model.listen(tell)
    return model


def _warm(problem: Problem, initial: Sequence[Tour], limits: Limits, tell: Tell) -> bool:
    """Search from tours that are known: False if the model refuses them."""
    model = _built(problem, tell)
    parameters = _guided(FIRST_STRATEGIES[0], limits)
    model.routing.CloseModelWithParameters(parameters)
    start = model.assignment(initial)
    if start is None:
        return False
    return model.routing.SolveFromAssignmentWithParameters(start, parameters) is not None


def _guided(strategy: str, limits: Limits) -> Any:
    parameters = _limited(limits)
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, strategy)
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    for operator in RUIN_AND_RECREATE:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_TRUE)
    return parameters


def _iterated(limits: Limits) -> Any:
    """Descend once, then ruin and recreate without descending again: simulated annealing."""
    parameters = _limited(limits)
    insertion = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.first_solution_strategy = insertion
    # AUTOMATIC would mean guided local search here, which never comes to an end.
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    )
    for operator in RUIN_BY_PATH:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
    parameters.use_iterated_local_search = True
    how = parameters.iterated_local_search_parameters
    how.improve_perturbed_solution = False
    how.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    ruin = how.ruin_recreate_parameters.ruin_strategies.add().sisr
    ruin.avg_num_removed_visits = ruin.max_removed_sequence_size = RUINED_STOPS
    ruin.bypass_factor = 0.5
    how.ruin_recreate_parameters.recreate_strategy.heuristic = insertion
    return parameters


def _limited(limits: Limits) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.time_limit.FromMilliseconds(round(limits.budget_s * 1000))
    if limits.iterations is not None:
        parameters.solution_limit = limits.iterations
        # A ruin that is cut by the clock would make two runs differ.
        parameters.lns_time_limit.FromMilliseconds(round(limits.budget_s * 1000))
    return parameters
