"""How OR-Tools searches: from known tours, better and better, and with ruins where they pay."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing import ortools_engine
from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.ortools_engine import takes_ruins
from chalicelib.domain.routing.problem import RELOAD
from tests.domain.routing.cities import a_city
from tests.domain.routing.rich_cities import a_rich_city
from tests.domain.routing.street import TWO_TRIPS, a_job, a_problem
from tests.domain.routing.test_ortools_engine import a_van, told_by


def test_a_warm_start_begins_with_what_it_is_given():
    jobs = (*(a_job(f"p{k}", None, k) for k in (1, 2, 3)), a_job("book", 2, 4))
    problem = a_problem((a_van("one"), a_van("two", end=None, max_jobs=3)), jobs)
    initial = [(5,), (1, 6, 7)]
    told = told_by(problem, initial=initial)
    assert told[0] == initial
    assert tours_cost(problem, told[-1]) == tours_cost(problem, told_by(problem)[-1])


def test_a_warm_start_may_go_back_for_more():
    assert told_by(TWO_TRIPS, initial=[(1, RELOAD, 3)])[0] == [(1, RELOAD, 3)]


def test_a_warm_start_that_cannot_be_driven_is_forgotten():
    problem = a_problem((a_van(max_jobs=1),), (a_job("a", None, 1), a_job("b", None, 2)))
    assert len(told_by(problem, initial=[(1, 3)])[-1][0]) == 1
    assert len(told_by(problem, initial=[(1, RELOAD)])[-1][0]) == 1


def test_solutions_get_better_and_are_the_same_on_every_run():
    problem = a_problem(
        (a_van("one", max_parcels=3), a_van("two", max_parcels=3, cost_per_s=2)),
        tuple(a_job(f"p{k}", k % 3, 4 - k % 4, parcels=1 + k % 2) for k in range(9)),
    )
    told = told_by(problem)
    costs = [tours_cost(problem, tours) for tours in told]
    assert costs == sorted(costs, reverse=True)
    # Time ends the search, and a busy machine may give one of the two less of it.
    both = zip(told, told_by(problem), strict=False)
    assert all(one == other for one, other in both)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_insertion_finds_the_model_allows_and_what_it_makes_of_it_is_true(seed):
    problem = a_rich_city(seed)
    simple = construct(problem)
    told = told_by(problem, 25, simple)
    assert told[0] == simple
    best = min(
        (tours for tours in told if usable(problem, tours)),
        key=lambda tours: tours_cost(problem, tours),
    )
    check(problem, assemble(problem, best, engine="ortools"))


def test_many_stops_that_nothing_binds_are_planned_by_ruins(monkeypatch):
    monkeypatch.setattr(ortools_engine, "MANY_TASKS", 60)
    problem = a_city(1, jobs=30, stores=6, vehicles=5)
    van = problem.vehicles[0]
    assert takes_ruins(problem)
    assert not takes_ruins(replace(problem, jobs=problem.jobs[1:]))
    assert not takes_ruins(replace(problem, same_route=((0, 1),)))
    assert not takes_ruins(replace(problem, pickup_order=((0, 1),)))
    assert not takes_ruins(replace(problem, vehicles=(replace(van, frozen=(0,)),)))
    simple = tours_cost(problem, construct(problem))
    # Two seconds are not enough on a busy machine.
    for budget_s in (2, 20, 60):
        told = told_by(problem, 120, budget_s=budget_s)
        assert all(usable(problem, tours) for tours in told)
        if tours_cost(problem, told[-1]) < simple:
            return
    pytest.fail("the search is no better than insertion")
