"""The native core prices as the schedule does, finds optima, and refuses what it lacks."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix
from chalicelib.domain.routing.native import Core, CoreRefused, Search
from chalicelib.domain.routing.native_columns import NEVER
from chalicelib.domain.routing.parts import tours_of
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.routing.tasks import Legs, Tasks, carries
from chalicelib.domain.routing.team import search_together
from tests.domain.routing.cities import a_city
from tests.domain.routing.rich_cities import a_rich_city
from tests.domain.routing.street import TRAVEL, a_job, a_problem, a_vehicle
from tests.domain.routing.test_engines import cheapest_of_all

STEPS = 300

rich = st.builds(
    a_rich_city,
    st.integers(0, 1_000_000),
    jobs=st.integers(1, 9),
    vehicles=st.integers(1, 3),
    grouped=st.just(False),
)


def found_in(problem: Problem, seed: int = 1, steps: int = STEPS) -> tuple[list[Tour], int]:
    with Core(problem) as core:
        found = core.search(Search(seed, 0, steps))
    return found.tours, found.cost


@settings(max_examples=150)
@given(rich, st.integers(0, 3))
def test_what_the_core_finds_is_true_and_costs_what_it_says(problem, seed):
    tours, cost = found_in(problem, seed)
    assert usable(problem, tours)
    assert tours_cost(problem, tours) == cost
    check(problem, assemble(problem, tours, engine="native"))


@settings(max_examples=150)
@given(rich, st.builds(random.Random, st.integers(0, 1_000_000)))
def test_the_core_prices_any_order_of_stops_as_the_schedule_does(problem, rng):
    """Also those that are not allowed: both refuse the same ones."""
    agree(problem, rng)


@settings(max_examples=150)
@given(rich, st.builds(random.Random, st.integers(0, 1_000_000)))
def test_the_core_and_the_schedule_agree_about_breaks_begun_before_leaving(problem, rng):
    agree(replace(problem, vehicles=tuple(_restless(rng, v) for v in problem.vehicles)), rng)


def _restless(rng: random.Random, vehicle: Vehicle) -> Vehicle:
    """Breaks from before the shift on, in a shift that has room for all of them."""
    breaks, at_s = [], rng.randint(0, 3_000)
    for _ in range(rng.randint(1, 4)):
        window = Window(at_s, at_s + rng.choice((0, 300, 1_800, 4_000)))
        breaks.append(Break(window, rng.choice((60, 600, 1_800))))
        at_s = window.latest_s + breaks[-1].duration_s + rng.randint(0, 2_000)
    shift = Window(rng.choice((0, rng.randint(0, 4_000))), 40_000)
    return replace(vehicle, breaks=tuple(breaks), shift=shift, max_duration_s=None)


def agree(problem: Problem, rng: random.Random) -> None:
    tasks = Tasks.of(problem)
    chosen = rng.sample(range(len(problem.jobs)), rng.randint(1, len(problem.jobs)))
    with Core(problem) as core:
        for index, vehicle in enumerate(problem.vehicles):
            allowed = [job for job in chosen if problem.jobs[job].allows(vehicle)]
            for _ in range(4):
                tour = shuffled(rng, problem, allowed)
                price = None
                if carries(tasks, vehicle, tour):
                    price = route_cost(Legs(tasks, vehicle), tour)
                assert core.tour_cost(index, tour) == price


def shuffled(rng: random.Random, problem: Problem, jobs: list[int]) -> Tour:
    """Their tasks in any order that has each pickup before its dropoff."""
    tour = [task for job in rng.sample(jobs, len(jobs)) for task in problem.jobs[job].tasks(job)]
    while len(tour) > 1 and rng.random() < 0.9:
        one, other = rng.sample(range(len(tour)), 2)
        swapped = list(tour)
        swapped[one], swapped[other] = tour[other], tour[one]
        tour = swapped if usable_order(swapped) else tour
    return tuple(tour)


@settings(max_examples=60)
@given(st.integers(0, 1_000_000), st.integers(0, 3))
def test_trips_that_change_vehicles_keep_every_rule(seed, search_seed):
    city = a_rich_city(seed, jobs=16, vehicles=4, grouped=False)
    jobs = tuple(replace(job, pickup=None, pickup_service_s=0) for job in city.jobs)
    fleet = tuple(
        replace(city.vehicles[n % 2], id=vehicle.id, max_weight_g=20_000, reload=Reload(0, 300, 3))
        for n, vehicle in enumerate(city.vehicles)
    )
    problem = replace(city, jobs=jobs, vehicles=fleet)
    tours, cost = found_in(problem, search_seed)
    assert tours_cost(problem, tours) == cost
    check(problem, assemble(problem, tours, engine="native"))


def usable_order(tour: list[int]) -> bool:
    seen: set[int] = set()
    for task in tour:
        if task % 2 and task - 1 in tour and task - 1 not in seen:
            return False
        seen.add(task)
    return True


@pytest.mark.parametrize("pickup", [None, 0])
@pytest.mark.parametrize("legs", [2, 3, None])
@pytest.mark.parametrize("short_m", [0, 1])
def test_a_route_is_as_long_as_its_limit_and_endless_without_one(pickup, legs, short_m):
    """Each leg has more metres than half of the core's number for "never" in seconds."""
    leg_m = NEVER // 2 + 1
    rows = [[0 if one == other else leg_m for other in range(5)] for one in range(5)]
    roads = {"van": replace(TRAVEL["van"], distance_m=Matrix.of(rows))}
    limit_m = None if legs is None else legs * leg_m - short_m
    jobs = (a_job("one", pickup, 3), a_job("other", pickup, 4))
    problem = a_problem((a_vehicle(max_distance_m=limit_m),), jobs, travel=roads)
    tours, cost = found_in(problem)
    served = 2 if legs is None else legs - 1 - short_m
    assert sum(task % 2 for task in tours[0]) == served
    assert tours_cost(problem, tours) == cost


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans())
def test_the_core_finds_the_optimum_of_tiny_problems(seed, mandatory):
    problem = a_city(seed, jobs=3, stores=2, vehicles=2, mandatory=mandatory)
    assert found_in(problem, steps=2000)[1] == cheapest_of_all(problem)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_core_finds_the_best_order_under_all_rules(seed):
    """One vehicle, all jobs loaded at the hub: brute force tries each subset in each order."""
    problem = a_rich_city(seed, jobs=4, vehicles=1, grouped=False)
    jobs = tuple(replace(job, pickup=None, pickup_service_s=0) for job in problem.jobs)
    vehicle = replace(problem.vehicles[0], reload=None)
    problem = replace(problem, jobs=jobs, vehicles=(vehicle,))
    orders = (order for size in range(5) for order in permutations((1, 3, 5, 7), size))
    best = min(tours_cost(problem, [order]) for order in orders if usable(problem, [order]))
    assert found_in(problem, steps=2000)[1] == best


@pytest.mark.parametrize("seed", range(6))
def test_the_core_is_no_worse_than_insertion_and_mostly_better(seed):
    problem = a_city(seed, jobs=40, vehicles=8)
    _, cost = found_in(problem, steps=3000)
    assert cost < tours_cost(problem, construct(problem))


def test_the_same_seed_and_steps_give_the_same_tours_also_side_by_side():
    problem = a_rich_city(3, jobs=30, vehicles=6, grouped=False)
    with Core(problem) as core, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(core.search, [Search(5, 0, 2000)] * 4))
    assert len({tuple(one.tours) for one in found}) == 1


def test_frozen_stops_stay_first():
    problem = a_city(4, jobs=12, vehicles=3, mandatory=True)
    tours, _ = found_in(problem)
    held = [tour[:3] for tour in tours]
    fleet = tuple(
        replace(vehicle, frozen=tour) for vehicle, tour in zip(problem.vehicles, held, strict=True)
    )
    later = replace(problem, vehicles=fleet)
    plan = solve(later, budget_s=60, seed=2, iterations=STEPS)
    assert plan.engine == "native"
    after = tours_of(later, plan)
    assert [tour[: len(v)] for tour, v in zip(after, held, strict=True)] == held


def test_known_tours_are_never_made_dearer():
    problem = a_city(7, jobs=30, vehicles=6)
    tours, cost = found_in(problem, steps=4000)
    plan = solve(problem, budget_s=60, seed=3, iterations=50, initial=tours)
    assert plan.cost.total <= cost


def test_impossible_tours_to_begin_with_are_refused():
    problem = a_city(7, jobs=3, vehicles=2)
    with Core(problem) as core, pytest.raises(CoreRefused, match="initial"):
        core.search(Search(1, 0, 10, initial=[(1, 0), ()]))


def test_a_plan_changes_no_more_than_it_is_worth():
    """With a price on every change, yesterday's assignment is kept."""
    problem = a_city(9, jobs=16, vehicles=4, mandatory=True)
    before = solve(problem, budget_s=60, seed=1, iterations=STEPS)
    on = {name: route.vehicle_id for route in before.routes for name in route.job_ids()}
    kept = tuple(
        replace(job, planned_vehicle=on.get(job.id), change_cost=50_000_000) for job in problem.jobs
    )
    after = solve(replace(problem, jobs=kept), budget_s=60, seed=8, iterations=STEPS)
    assert after.cost.changes == 0


@pytest.mark.parametrize("engine", ["native", "ortools", "construct"])
@pytest.mark.parametrize(("penalty", "served"), [(10_011, 1), (10_009, 0)])
def test_a_planned_vehicle_that_is_not_here_costs_a_change_with_every_other(
    engine, penalty, served
):
    """Going there and back takes 8,000 points, the change 2,010."""
    job = a_job("far", None, 4, penalty=penalty, planned_vehicle="elsewhere", change_cost=2_010)
    problem = a_problem((a_vehicle(cost_per_m=1),), (job,))
    plan = solve(problem, budget_s=20, seed=1, iterations=20, engine=engine)
    assert plan.served == served
    assert plan.cost.changes == 2_010 * served
    if engine == "native":
        tours, cost = found_in(problem)
        assert cost == plan.cost.total == tours_cost(problem, tours)


def test_rules_that_the_core_lacks_go_to_ortools():
    problem = replace(a_city(1, jobs=4, vehicles=2, mandatory=True), same_route=((0, 1),))
    plan = solve(problem, budget_s=20, seed=1, iterations=8)
    assert plan.engine != "native"
    assert "does not know all" in plan.notes[0]


def test_a_team_is_as_good_as_its_best_member_and_repeats_itself():
    problem = a_city(11, jobs=320, stores=30, vehicles=40)
    with Core(problem) as core:
        alone = core.search(Search(1, 0, 400))
        one, other = (search_together(core, problem, Search(1, 0, 1000), 3) for _ in range(2))
    assert one.tours == other.tours
    assert one.cost == tours_cost(problem, one.tours) <= alone.cost
