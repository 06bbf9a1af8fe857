"""OR-Tools' routing model with the presets that our own fallback has.

It searches in a process of its own and looks at the wall clock, so its seconds are of the wall; on
a machine that is busy with other things it gets less than it is said to.
"""

from importlib import metadata

from benchmarks.instances import Instance, problem_of, routes_of_plan
from benchmarks.peers.asking import Answer, Ask
from chalicelib.domain.routing.solve import solve as solve_here


def version() -> str:
    return f"OR-Tools {metadata.version('ortools')}"


def solve(instance: Instance, ask: Ask) -> Answer:
    problem = problem_of(instance, ask.objective)
    plan = solve_here(
        problem,
        budget_s=ask.left_s,
        seed=ask.seed,
        engine="ortools",
        iterations=ask.iterations,
    )
    progress = [(one.after_s, float(one.cost)) for one in plan.trajectory]
    return Answer(routes_of_plan(problem, plan), progress, plan.iterations)
