"""A problem or a plan of the street with one thing altered."""

from dataclasses import replace

from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import Plan, Rest
from chalicelib.domain.routing.problem import Problem
from tests.domain.routing.street import METRES, SECONDS

#: The codes to be found, what was done, the problem, the plan.
type Broken = tuple[str, str, Problem, Plan]


def job(problem: Problem, id_: str, **changes) -> Problem:
    """The problem with another job."""
    jobs = tuple(replace(one, **changes) if one.id == id_ else one for one in problem.jobs)
    assert jobs != problem.jobs
    return replace(problem, jobs=jobs)


def vehicle(problem: Problem, id_: str = "van", **changes) -> Problem:
    """The problem with another vehicle."""
    vehicles = tuple(replace(v, **changes) if v.id == id_ else v for v in problem.vehicles)
    assert vehicles != problem.vehicles
    return replace(problem, vehicles=vehicles)


def rest_of(problem: Problem, number: int, **changes) -> Problem:
    """The problem with another break."""
    breaks = list(problem.vehicles[0].breaks)
    breaks[number] = replace(breaks[number], **changes)
    return vehicle(problem, breaks=tuple(breaks))


def setup(problem: Problem, place: int, setup_s: int) -> Problem:
    places = list(problem.places)
    places[place] = replace(places[place], setup_s=setup_s)
    return replace(problem, places=tuple(places))


def road(problem: Problem, a: int, b: int, *, seconds: int = 0, metres: int = 0) -> Problem:
    """The problem with one way from a to b that is slower or longer."""
    s, m = [list(row) for row in SECONDS], [list(row) for row in METRES]
    s[a][b] += seconds
    m[a][b] += metres
    return replace(problem, travel={"van": Travel(Matrix.of(s), Matrix.of(m))})


def route(plan: Plan, number: int = 0, **changes) -> Plan:
    """The plan with another route."""
    routes = list(plan.routes)
    routes[number] = replace(routes[number], **changes)
    return replace(plan, routes=tuple(routes))


def visit(plan: Plan, position: int, **changes) -> Plan:
    """The plan with another visit of the first route."""
    visits = list(plan.routes[0].visits)
    visits[position] = replace(visits[position], **changes)
    return route(plan, visits=tuple(visits))


def rests(plan: Plan, *rests: Rest) -> Plan:
    return route(plan, rests=rests)
