"""The native core, on one thread or several: the search that is deployed."""

from benchmarks.instances import Instance, NotStated, problem_of, routes_of
from benchmarks.peers.asking import Answer, Ask, spent_s
from chalicelib.domain.routing.assemble import assemble
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.native import Core, CoreRefused, Search
from chalicelib.domain.routing.problem import MANDATORY_PENALTY
from chalicelib.domain.routing.team import search_together


def version() -> str:
    return "Lastmile"


def solve(instance: Instance, ask: Ask) -> Answer:
    """Search; the plan passes our own checker too, outside the budget, as it does when deployed."""
    problem = problem_of(instance, ask.objective)
    try:
        with Core(problem) as core:
            built_s = spent_s() - ask.began_s
            how = Search(ask.seed, ask.left_s, ask.iterations, cpu_clock=True)
            found = search_together(core, problem, how, ask.threads)
    except CoreRefused as reason:
        raise NotStated(str(reason)) from reason
    check(problem, assemble(problem, found.tours, engine="native"))
    # Until everybody is served, a cost is mostly the price of leaving out.
    served = found.cost + MANDATORY_PENALTY // 2
    progress = [(built_s + at_s, float(cost)) for at_s, cost in found.progress if cost < served]
    return Answer(routes_of(problem, found.tours), progress, found.iterations)
