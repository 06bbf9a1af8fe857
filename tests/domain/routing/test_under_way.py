"""A route under way begins the same for every engine: what is frozen, and what that leaves open."""

import pytest

from chalicelib.domain.routing.check import InfeasiblePlan
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.fleet import Window
from chalicelib.domain.routing.parts import tours_of
from chalicelib.domain.routing.problem import Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.routing.tasks import Tasks
from chalicelib.domain.routing.under_way import MOST_ORDERED, begun
from tests.domain.routing.street import a_job, a_problem, a_vehicle


def both_aboard(*latest_s: int) -> Problem:
    """The first to be picked up goes to the end of the street, the other one next door."""
    windows = [(Window(0, late),) for late in latest_s]
    jobs = (
        a_job("far", 1, 4, dropoff_windows=windows[0]),
        a_job("near", 1, 2, dropoff_windows=windows[1]),
    )
    return a_problem((a_vehicle(end=None, frozen=(0, 2), cost_per_m=1), a_vehicle("idle")), jobs)


@pytest.mark.parametrize(
    ("latest_s", "tour"),
    [
        ((9_000, 9_000), (0, 2, 3, 1)),  # the shorter way
        ((470, 9_000), (0, 2, 1, 3)),  # the far one would be late
        ((9_000, 300), (0, 2, 3, 1)),  # the near one would be
        ((470, 300), ()),  # one of them will be
    ],
)
def test_what_is_aboard_is_dropped_off_in_the_cheapest_order_that_is_in_time(latest_s, tour):
    assert begun(Tasks.of(both_aboard(*latest_s))) == [tour, ()]


@pytest.mark.parametrize("engine", ["native", "ortools", "construct"])
def test_every_engine_goes_on_where_only_one_order_is_in_time(engine):
    problem = both_aboard(9_000, 300)
    plan = solve(problem, budget_s=20, seed=1, iterations=1, engine=engine)
    assert tours_of(problem, plan) == [(0, 2, 3, 1), ()]
    assert plan.notes == ()


@pytest.mark.parametrize("engine", ["native", "ortools", "construct"])
@pytest.mark.parametrize("frozen", [(1,), (1, 3)])
def test_what_must_go_with_it_and_cannot_is_told_as_an_infeasible_plan(engine, frozen):
    """Nobody has the skill for the third; the first is under way, and so cannot stay behind."""
    jobs = (
        a_job("first", None, 1),
        a_job("second", None, 2),
        a_job("third", None, 3, skills=frozenset({"cold"})),
        a_job("other", None, 4),
    )
    problem = a_problem((a_vehicle(frozen=frozen),), jobs, same_route=((0, 1), (1, 2)))
    with pytest.raises(InfeasiblePlan, match="companions_parted"):
        solve(problem, budget_s=2, seed=1, iterations=1, engine=engine)


def test_a_hopeless_companion_of_what_is_not_under_way_is_left_with_it():
    jobs = (
        a_job("first", None, 1),
        a_job("second", None, 2),
        a_job("third", None, 3, skills=frozenset({"cold"})),
    )
    problem = a_problem((a_vehicle(frozen=(1,)),), jobs, same_route=((1, 2),))
    plan = solve(problem, budget_s=2, seed=1, iterations=1, engine="construct")
    assert [one.job_id for one in plan.unserved] == ["second", "third"]


def test_with_many_aboard_the_most_urgent_goes_first():
    many = range(MOST_ORDERED + 1)
    jobs = tuple(
        a_job(f"job_{at}", 1, 2, dropoff_windows=(Window(0, 1_000 - 30 * at),)) for at in many
    )
    problem = a_problem((a_vehicle(frozen=tuple(2 * at for at in many)),), jobs)
    (tour,) = begun(Tasks.of(problem))
    assert tour[len(many) :] == tuple(2 * at + 1 for at in reversed(many))
    assert construct(problem) == [tour]
