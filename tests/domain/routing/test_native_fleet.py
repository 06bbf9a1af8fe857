"""The native core chooses among vehicles that differ, needs few of them, and leaves out well."""

import random
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.native import Core, Search
from chalicelib.domain.routing.problem import Problem, Tour
from tests.domain.routing.cities import a_city

DAY = Window(0, 8 * 3600)
#: More than all driving of a little city [points].
DEAR = 1_000_000_000


def a_hub_city(seed: int, *, jobs: int, vehicles: int, fixed: int | None = None) -> Problem:
    """Vans of several sizes, prices and skills at one hub; a job fits most of them.

    ``fixed``: what each of them costs [points]; None for a price that grows with its size.
    """
    rng = random.Random(seed)
    city = a_city(seed, jobs=jobs, vehicles=1, kinds=("van",), mandatory=rng.random() < 0.6)
    made = tuple(
        replace(
            job,
            pickup=None,
            pickup_service_s=0,
            pickup_window=DAY,
            dropoff_windows=(Window(start := rng.choice((0, 0, 3600)), start + 12_000),),
            weight_g=rng.randint(1, 10) * 1000,
            skills=frozenset(("cold",) if rng.random() < 0.3 else ()),
            planned_vehicle=rng.choice((None, None, "veh_00")),
            change_cost=50_000,
        )
        for job in city.jobs
    )
    sizes = [rng.choice((12_000, 20_000, 45_000)) for _ in range(vehicles)]
    fleet = tuple(
        Vehicle(
            f"veh_{index:02d}",
            "van",
            0,
            0,
            size,
            4_000_000,
            Window(0, rng.choice((7, 8)) * 3600 if rng.random() < 0.3 else DAY.latest_s),
            fixed_cost=size * 10 if fixed is None else fixed,
            cost_per_m=20 + size // 3000,
            skills=frozenset(("cold",) if rng.random() < 0.7 else ()),
        )
        for index, size in enumerate(sizes)
    )
    return replace(city, jobs=made, vehicles=fleet)


def cheapest(problem: Problem) -> int:
    """The optimum by trying each order of each subset on each vehicle [points]."""
    jobs = range(len(problem.jobs))
    best: list[dict[frozenset[int], int]] = []
    for vehicle in problem.vehicles:
        alone = replace(problem, vehicles=(vehicle,))
        left = sum(job.price_of_leaving_out for job in problem.jobs)
        known: dict[frozenset[int], int] = {}
        for size in range(len(jobs) + 1):
            for order in permutations(jobs, size):
                tour = tuple(2 * job + 1 for job in order)
                if not usable(alone, [tour]):
                    continue
                served = sum(problem.jobs[job].price_of_leaving_out for job in order)
                cost = tours_cost(alone, [tour]) - left + served
                who = frozenset(order)
                known[who] = min(cost, known.get(who, cost))
        best.append(known)
    totals = []
    for chosen in product(range(-1, len(best)), repeat=len(jobs)):
        groups = [frozenset(job for job in jobs if chosen[job] == v) for v in range(len(best))]
        if all(group in known for group, known in zip(groups, best, strict=True)):
            out = sum(problem.jobs[job].price_of_leaving_out for job in jobs if chosen[job] < 0)
            costs = (known[group] for group, known in zip(groups, best, strict=True))
            totals.append(out + sum(costs))
    return min(totals)


def found_in(problem: Problem, seed: int, steps: int) -> tuple[list[Tour], int]:
    with Core(problem) as core:
        found = core.search(Search(seed, 0, steps))
    return found.tours, found.cost


@settings(max_examples=100)
@given(
    st.integers(0, 1_000_000),
    st.integers(1, 30),
    st.integers(1, 8),
    st.sampled_from((None, 0, DEAR)),
)
def test_no_change_of_vehicles_breaks_capacity_skills_or_price(seed, jobs, vehicles, fixed):
    problem = a_hub_city(seed, jobs=jobs, vehicles=vehicles, fixed=fixed)
    tours, cost = found_in(problem, seed % 7, 400)
    check(problem, assemble(problem, tours, engine="native"))
    assert tours_cost(problem, tours) == cost


@settings(max_examples=30)
@given(st.integers(0, 1_000_000), st.sampled_from((None, DEAR)))
def test_tiny_problems_get_the_best_fleet(seed, fixed):
    """With a dear vehicle this is also the least number of them."""
    problem = a_hub_city(seed, jobs=4, vehicles=3, fixed=fixed)
    assert found_in(problem, 1, 2000)[1] == cheapest(problem)


@pytest.mark.parametrize("pairs", [False, True])
def test_dear_vehicles_are_used_as_little_as_the_loads_allow(pairs):
    city = a_city(5, jobs=40, vehicles=20, kinds=("van",), mandatory=True, open_ends=False)
    fleet = tuple(
        replace(vehicle, fixed_cost=DEAR, max_weight_g=40_000, shift=DAY)
        for vehicle in city.vehicles
    )
    jobs = tuple(
        replace(job, weight_g=4_000, pickup_window=DAY, dropoff_windows=(DAY,)) for job in city.jobs
    )
    if not pairs:
        jobs = tuple(replace(job, pickup=None, pickup_service_s=0) for job in jobs)
    problem = replace(city, vehicles=fleet, jobs=jobs)
    tours, cost = found_in(problem, 1, 4000)
    assert tours_cost(problem, tours) == cost
    used = sum(1 for tour in tours if tour)
    assert used <= 4 if pairs else used == 4


def test_few_steps_and_dear_vehicles_give_one_plan_whatever_the_time():
    problem = a_hub_city(3, jobs=25, vehicles=8, fixed=DEAR)
    assert len({tuple(found_in(problem, 4, 700)[0]) for _ in range(3)}) == 1


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_to_begin_with_is_never_made_dearer(seed):
    """What it leaves out was not worth its way: a beginning at any cost would take it all in."""
    problem = a_hub_city(seed, jobs=14, vehicles=5)
    cheap = replace(problem, jobs=tuple(replace(j, penalty=30_000 * seed) for j in problem.jobs))
    with Core(cheap) as core:
        known = core.search(Search(seed, 1.0, iterations=400))
        again = core.search(Search(seed + 1, 1.0, iterations=1, initial=known.tours))
    assert again.cost <= known.cost
