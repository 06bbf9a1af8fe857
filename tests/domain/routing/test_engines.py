"""Engines: whatever they are asked, the plan is true; what they leave behind has a reason."""

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import complete, construct
from chalicelib.domain.routing.fleet import Window
from chalicelib.domain.routing.ortools_engine import search
from chalicelib.domain.routing.plan import Plan, Reason, VisitKind
from chalicelib.domain.routing.problem import MANDATORY_PENALTY, RELOAD, Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.routing.wire import Limits, read_problem, write_problem
from tests.domain.routing.cities import a_city, under_way
from tests.domain.routing.rich_cities import a_rich_city


def by_construct(problem: Problem) -> Plan:
    return assemble(problem, construct(problem), engine="construct")


def by_ortools(problem: Problem, iterations: int) -> list[tuple[int, ...]]:
    """The best tours of a search in this process."""
    told: list[list[tuple[int, ...]]] = []
    search(problem, Limits(60, iterations), told.append)
    return min(told, key=lambda tours: tours_cost(problem, tours))


def cheapest_of_all(problem: Problem) -> int:
    """The optimum by trying every assignment and every order [points]."""
    jobs = range(len(problem.jobs))
    best: dict[tuple[int, tuple[int, ...]], int] = {}
    for vehicle in range(len(problem.vehicles)):
        alone = replace(problem, vehicles=(problem.vehicles[vehicle],))
        for chosen in product((0, 1), repeat=len(jobs)):
            tasks = [t for job in jobs if chosen[job] for t in (2 * job, 2 * job + 1)]
            left = sum(problem.jobs[job].price_of_leaving_out for job in jobs if not chosen[job])
            costs = [
                tours_cost(alone, [tour]) - left
                for tour in permutations(tasks)
                if usable(alone, [tour])
            ]
            if costs:
                best[vehicle, chosen] = min(costs)
    totals = []
    for who in product(range(-1, len(problem.vehicles)), repeat=len(jobs)):
        parts = [
            best.get((v, tuple(int(w == v) for w in who))) for v in range(len(problem.vehicles))
        ]
        left = sum(problem.jobs[job].price_of_leaving_out for job in jobs if who[job] < 0)
        if None not in parts:
            totals.append(sum(part for part in parts if part is not None) + left)
    return min(totals)


cities = st.builds(
    a_city,
    st.integers(0, 10_000),
    jobs=st.integers(0, 9),
    stores=st.integers(1, 3),
    vehicles=st.integers(0, 3),
    kinds=st.sampled_from([("van",), ("walker", "car"), ("cargo_bike", "walker")]),
    mandatory=st.booleans(),
    span=st.sampled_from([0.01, 0.08, 0.6]),
)


rich_cities = st.builds(
    a_rich_city,
    st.integers(0, 1_000_000),
    jobs=st.integers(0, 12),
    vehicles=st.integers(1, 4),
)


@settings(max_examples=200)
@given(cities | rich_cities)
def test_insertion_always_makes_a_true_plan(problem):
    plan = by_construct(problem)
    check(problem, plan)
    assert plan.served + len(plan.unserved) == len(problem.jobs)
    assert plan.cost.total == tours_cost(problem, construct(problem))


@settings(max_examples=100)
@given(rich_cities, st.integers(0, 1000))
def test_a_plan_goes_on_from_any_point_of_its_routes(problem, seed):
    """Other jobs may join or leave, but what is frozen is kept, in its order."""
    tours = construct(problem)
    later = under_way(problem, tours, seed)
    assert usable(later, tours)
    again = construct(later)
    check(later, assemble(later, again, engine="construct"))
    assert usable(later, again)


@settings(max_examples=60)
@given(rich_cities, st.data())
def test_completing_keeps_what_is_there_and_adds_what_pays(problem, data):
    tours = construct(problem)
    dropped = data.draw(st.integers(0, len(tours) - 1))
    fewer = [() if at == dropped else tour for at, tour in enumerate(tours)]
    more = complete(problem, fewer)
    assert usable(problem, more)
    assert tours_cost(problem, more) <= tours_cost(problem, fewer)
    for few, many in zip(fewer, more, strict=True):
        kept = [task for task in many if task in few and task != RELOAD]
        assert kept == [task for task in few if task != RELOAD]


@settings(max_examples=100)
@given(rich_cities, st.integers(0, 1000))
def test_a_problem_survives_the_pipe(problem, seed):
    """Names become positions, and then nothing else changes: not even the price of any tour."""
    tours = construct(problem)
    problem = under_way(problem, tours, seed)
    twice = [read_problem(write_problem(problem, Limits(1.5, 7, tuple(tours))))]
    twice.append(read_problem(write_problem(*twice[0])))
    assert twice[0] == twice[1]
    there, limits = twice[0]
    assert limits == Limits(1.5, 7, tuple(tours))
    assert there.travel == problem.travel
    for jobs in zip(problem.jobs, there.jobs, strict=True):
        one, other = (
            [job.allows(vehicle) for vehicle in side.vehicles]
            for job, side in zip(jobs, (problem, there), strict=True)
        )
        assert one == other
    assert usable(there, tours)
    plans = [assemble(side, tours, engine="construct") for side in (problem, there)]
    assert plans[0].cost == plans[1].cost
    assert [one.reason for one in plans[0].unserved] == [one.reason for one in plans[1].unserved]


@settings(max_examples=12)
@given(cities, st.integers(0, 3))
def test_ortools_makes_a_true_plan_no_dearer_than_insertion(problem, seed):
    plan = solve(problem, budget_s=0.3, seed=seed, iterations=15, engine="ortools", grace_s=60)
    check(problem, plan)
    assert plan.served + len(plan.unserved) == len(problem.jobs)
    assert not plan.notes


@settings(max_examples=30)
@given(cities, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(problem, rng):
    jobs, vehicles = list(problem.jobs), list(problem.vehicles)
    rng.shuffle(jobs)
    rng.shuffle(vehicles)
    turned = replace(problem, jobs=tuple(jobs), vehicles=tuple(vehicles))
    one = solve(problem, budget_s=1, seed=1, engine="construct")
    other = solve(turned, budget_s=1, seed=1, engine="construct")
    assert one.cost == other.cost
    assert set(one.routes) == set(other.routes)
    assert set(one.unserved) == set(other.unserved)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ortools_beats_insertion_on_its_own(seed):
    problem = a_city(seed, jobs=24, vehicles=5)
    tours = by_ortools(problem, 80)
    assert usable(problem, tours)
    assert tours_cost(problem, tours) <= tours_cost(problem, construct(problem))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_ortools_finds_the_optimum_of_tiny_problems(seed):
    problem = a_city(seed, jobs=3, stores=2, vehicles=2)
    assert tours_cost(problem, by_ortools(problem, 12)) == cheapest_of_all(problem)


def test_the_same_seed_and_iterations_give_the_same_plan():
    problem = a_city(5, jobs=15)
    for engine in ("native", "ortools"):
        one, other = (
            solve(problem, budget_s=60, seed=7, iterations=20, engine=engine) for _ in range(2)
        )
        assert one == other


def test_several_parcels_of_one_store_are_one_visit_with_one_setup():
    problem = a_city(3, jobs=5, stores=1, vehicles=1, kinds=("van",), mandatory=True, span=0.02)
    calm = tuple(
        replace(job, pickup_window=Window(0, 14_000), dropoff_windows=(Window(0, 14_000),))
        for job in problem.jobs
    )
    problem = replace(problem, jobs=calm)
    plan = assemble(problem, by_ortools(problem, 40), engine="ortools")
    check(problem, plan)
    (pickup,) = [v for v in plan.routes[0].visits if v.kind is VisitKind.PICKUP]
    assert len(pickup.job_ids) == 5
    assert pickup.start_s - pickup.arrival_s == problem.places[1].setup_s
    assert pickup.departure_s - pickup.start_s == 5 * 30


def test_a_dropoff_may_have_several_windows():
    problem = a_city(1, jobs=1, vehicles=1, kinds=("van",), mandatory=True)
    windows = (Window(0, 10), Window(7_000, 7_200))
    problem = replace(problem, jobs=(replace(problem.jobs[0], dropoff_windows=windows),))
    plan = solve(problem, budget_s=60, seed=1, iterations=5)
    assert plan.routes[0].visits[-1].start_s == 7_000
    # It leaves late rather than wait at the door for two hours.
    assert plan.routes[0].duration_s < 5_400


def test_a_fleet_may_start_and_end_anywhere():
    problem = a_city(2, jobs=8, vehicles=2)
    free = tuple(replace(vehicle, start=None, end=None) for vehicle in problem.vehicles)
    plan = solve(replace(problem, vehicles=free), budget_s=60, seed=1, iterations=30)
    assert plan.engine == "native"
    assert all(route.visits[0].arrival_s == route.start_s for route in plan.routes)


def test_the_most_jobs_of_a_vehicle_are_kept():
    problem = a_city(2, jobs=8, vehicles=2, mandatory=True)
    few = tuple(replace(vehicle, max_jobs=2) for vehicle in problem.vehicles)
    plan = solve(replace(problem, vehicles=few), budget_s=60, seed=1, iterations=30)
    assert plan.served == 4
    assert {unserved.reason for unserved in plan.unserved} == {Reason.CAPACITY_EXHAUSTED}
    assert plan.cost.penalties == 4 * MANDATORY_PENALTY


ONE = a_city(1, jobs=1, vehicles=1, kinds=("car",), mandatory=True)
JOB, CAR = ONE.jobs[0], ONE.vehicles[0]


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (replace(ONE, vehicles=()), Reason.NO_VEHICLE),
        (
            replace(ONE, jobs=(replace(JOB, weight_g=900_000),)),
            Reason.NO_VEHICLE_LARGE_ENOUGH,
        ),
        (
            replace(ONE, jobs=(replace(JOB, dropoff_windows=(Window(0, 30),)),)),
            Reason.WINDOW_TOO_EARLY,
        ),
        (
            replace(ONE, jobs=(replace(JOB, dropoff_windows=(Window(90_000, 90_900),)),)),
            Reason.OUTSIDE_SHIFT,
        ),
        (replace(ONE, jobs=(replace(JOB, penalty=5),)), Reason.NOT_WORTH_THE_DETOUR),
        (replace(ONE, vehicles=(replace(CAR, max_jobs=0),)), Reason.NO_VEHICLE_LARGE_ENOUGH),
    ],
)
def test_what_stays_behind_has_a_reason_whatever_the_engine(problem, reason):
    for engine in ("construct", "ortools", "native"):
        plan = solve(problem, budget_s=1, seed=1, iterations=3, engine=engine, grace_s=60)
        assert [unserved.reason for unserved in plan.unserved] == [reason]
        assert not plan.notes
