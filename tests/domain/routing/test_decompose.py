"""Parts of a problem: nothing lost, nothing bound parted, and the sum is the whole."""

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.decompose import angle_of, cluster_jobs, group_routes, part_jobs
from chalicelib.domain.routing.parts import Outline, Share, merge, part, tours_of
from chalicelib.domain.routing.plan import VisitKind
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of
from chalicelib.domain.routing.travel import matrix
from tests.domain.routing.cities import a_city

MOST = 7


def everything(shares: list[Share]) -> tuple[Counter[int], Counter[int]]:
    return (
        Counter(job for share in shares for job in share.jobs),
        Counter(vehicle for share in shares for vehicle in share.vehicles),
    )


def once(count: int) -> Counter[int]:
    return Counter(range(count))


def place_of(shares: list[Share], job: int) -> int:
    return next(number for number, share in enumerate(shares) if job in share.jobs)


@given(
    seed=st.integers(0, 50),
    jobs=st.integers(1, 40),
    most=st.integers(1, 50),
    angle=st.floats(0, math.pi),
)
def test_every_job_and_vehicle_is_in_exactly_one_part(
    seed: int, jobs: int, most: int, angle: float
) -> None:
    outline = Outline.of(a_city(seed, jobs=jobs, vehicles=5))
    shares = cluster_jobs(outline, most, angle)
    assert everything(shares) == (once(jobs), once(5))


@given(seed=st.integers(0, 50), angle=st.floats(0, math.pi))
def test_parts_have_equal_numbers_of_jobs_and_vehicles_by_load(seed: int, angle: float) -> None:
    problem = a_city(seed, jobs=100, vehicles=24, kinds=("van", "car"))
    shares = cluster_jobs(Outline.of(problem), 25, angle)
    assert [len(share.jobs) for share in shares] == [25] * 4
    weight_g = [sum(problem.jobs[job].weight_g for job in share.jobs) for share in shares]
    for share, grams in zip(shares, weight_g, strict=True):
        vans = sum(problem.vehicles[vehicle].kind == "van" for vehicle in share.vehicles)
        assert abs(vans - 12 * grams / sum(weight_g)) <= 2.5, "weight decides, with the number"
        assert abs(len(share.vehicles) - 2 * vans) <= 2, "each kind is dealt out alike"


def test_a_part_lies_on_one_side_of_its_cut() -> None:
    outline = Outline.of(a_city(3, jobs=60))
    for angle in (0.0, 1.0):
        low, high = cluster_jobs(outline, 30, angle)
        axes = [(math.cos(a), math.sin(a)) for a in (angle, angle + math.pi / 2)]
        assert any(
            max(along(outline, job, axis) for job in low.jobs)
            <= min(along(outline, job, axis) for job in high.jobs)
            for axis in axes
        )


def along(outline: Outline, index: int, axis: tuple[float, float]) -> float:
    job = outline.jobs[index]
    points = [outline.places[stop].position for stop in (job.pickup, job.dropoff) if stop]
    narrow = math.cos(math.radians(outline.places[0].position.latitude))
    return sum(p.longitude * narrow * axis[0] + p.latitude * axis[1] for p in points) / 2


def test_vehicles_go_where_they_start() -> None:
    """Two hubs, at either end of the city's longer side: no vehicle is sent across it."""
    city = a_city(4, jobs=40, vehicles=8, kinds=("van",))
    south, north = (
        pick(range(1, len(city.places)), key=lambda i: city.places[i].position.latitude)
        for pick in (min, max)
    )
    fleet = tuple(
        replace(one, start=north if index % 2 else south, end=None)
        for index, one in enumerate(city.vehicles)
    )
    low, high = cluster_jobs(replace(Outline.of(city), vehicles=fleet), 20, 0.0)
    assert low.vehicles == (0, 2, 4, 6)
    assert high.vehicles == (1, 3, 5, 7)


@pytest.mark.parametrize(
    ("jobs", "workers", "size"),
    [
        (300, 16, 300),  # not worth parting
        (1_600, 16, 534),  # three parts: sixteen would be a hundred jobs each
        (10_000, 1, 1_000),
        (10_000, 4, 834),  # three for each
        (10_000, 16, 625),
        (20_000, 16, 625),
        (0, 16, 1),
    ],
)
def test_every_worker_gets_as_many_parts_as_the_others(jobs: int, workers: int, size: int) -> None:
    assert part_jobs(jobs, workers) == size


def test_every_round_cuts_along_other_lines() -> None:
    outline = Outline.of(a_city(5, jobs=80))
    cuts = {tuple(cluster_jobs(outline, 20, angle_of(turn))) for turn in range(6)}
    assert len(cuts) == 6


# -- what is bound ---------------------------------------------------------------------------------


@given(seed=st.integers(0, 20), turn=st.integers(0, 9), most=st.integers(3, 30))
def test_there_are_never_more_parts_than_workers_were_meant_to_get(
    seed: int, turn: int, most: int
) -> None:
    """Routes are of uneven length, and one part too many is a second round for somebody."""
    outline = Outline.of(a_city(seed, jobs=60, vehicles=12))
    rng = random.Random(seed)
    jobs = rng.sample(range(60), 60)
    ends = sorted(rng.sample(range(61), 11))
    tours = [
        tuple(task for job in jobs[low:high] for task in (2 * job, 2 * job + 1))
        for low, high in pairwise((0, *ends, 60))
    ]
    shares = group_routes(outline, tours, most, angle_of(turn))
    assert len(shares) <= math.ceil(60 / most)
    assert everything(shares) == (once(60), once(12))


def test_a_route_is_never_parted() -> None:
    problem = a_city(6, jobs=30, vehicles=6)
    tours = construct(problem)
    for turn in range(5):
        shares = group_routes(Outline.of(problem), tours, MOST, angle_of(turn))
        assert everything(shares) == (once(30), once(6))
        assert len(shares) > 1
        for vehicle, tour in enumerate(tours):
            (share,) = (share for share in shares if vehicle in share.vehicles)
            assert {job_of(task) for task in tour} <= set(share.jobs)


@pytest.mark.parametrize("idle", range(10))
def test_a_free_vehicle_goes_to_those_whom_nobody_serves(idle: int) -> None:
    outline = Outline.of(a_city(6, jobs=40, vehicles=10))
    own = range(4 * idle, 4 * idle + 4)
    tours = [
        () if vehicle == idle else tuple(range(8 * vehicle, 8 * vehicle + 8))
        for vehicle in range(10)
    ]
    (share,) = (one for one in group_routes(outline, tours, 20) if idle in one.vehicles)
    assert len(set(own) & set(share.jobs)) >= 2


def test_companions_stay_together() -> None:
    outline = replace(Outline.of(a_city(7, jobs=30)), same_route=((0, 29), (3, 11, 17), (17, 20)))
    shares = cluster_jobs(outline, 4, 0.3)
    for group in outline.same_route:
        assert len({place_of(shares, job) for job in group}) == 1
    assert place_of(shares, 3) == place_of(shares, 20), "also by a chain of groups"


def test_what_is_pinned_or_frozen_goes_with_its_vehicle() -> None:
    city = a_city(8, jobs=30, vehicles=4)
    jobs = tuple(
        replace(job, only_vehicle="veh_03") if index in (2, 25) else job
        for index, job in enumerate(city.jobs)
    )
    fleet = (replace(city.vehicles[0], frozen=(20, 21, 40)), *city.vehicles[1:])
    outline = replace(Outline.of(city), jobs=jobs, vehicles=fleet)
    shares = cluster_jobs(outline, 4, 0.0)
    (pinned,) = (share for share in shares if 3 in share.vehicles)
    assert {2, 25} <= set(pinned.jobs)
    (under_way,) = (share for share in shares if 0 in share.vehicles)
    assert {10, 20} <= set(under_way.jobs)
    problem, _ = outline.part(under_way, [()] * 4, matrix)
    frozen = problem.vehicles[under_way.vehicles.index(0)].frozen
    assert [problem.jobs[job_of(task)].id for task in frozen] == ["job_010", "job_010", "job_020"]
    assert [task % 2 for task in frozen] == [0, 1, 0]


def test_without_jobs_there_is_one_part_with_every_vehicle() -> None:
    outline = replace(Outline.of(a_city(1, jobs=1, vehicles=3)), jobs=())
    assert cluster_jobs(outline, MOST) == [Share((), (0, 1, 2))]


# -- parts and whole -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_parts_keep_the_rules_and_their_costs_add_up(seed: int) -> None:
    problem = a_city(seed, jobs=30, vehicles=6)
    tours = construct(problem)
    shares = group_routes(Outline.of(problem), tours, MOST, angle_of(seed))
    total = 0
    for share in shares:
        small, own = part(problem, share, tours)
        assert usable(small, own)
        total += tours_cost(small, own)
    assert total == tours_cost(problem, tours)


@pytest.mark.parametrize("seed", range(6))
def test_what_the_parts_make_is_a_plan_of_the_whole(seed: int) -> None:
    problem = a_city(seed, jobs=30, vehicles=6)
    merged: list[Tour] = [()] * 6
    for share in cluster_jobs(Outline.of(problem), MOST, angle_of(seed)):
        small, empty = part(problem, share, merged)
        assert not any(empty)
        merged = merge(merged, share, construct(small))
    plan = assemble(problem, merged, engine="construct")
    check(problem, plan)
    assert plan.served > 0


def test_an_outline_and_the_whole_problem_make_the_same_part() -> None:
    """Travel is cut out of the whole matrix, or computed for the part alone."""
    problem = a_city(9, jobs=30, vehicles=6)
    tours = construct(problem)
    for share in group_routes(Outline.of(problem), tours, MOST):
        assert Outline.of(problem).part(share, tours, matrix) == part(problem, share, tours)


def test_a_part_has_only_the_places_that_it_needs() -> None:
    problem = a_city(9, jobs=30, vehicles=6)
    share = Share((4, 9), (2,))
    small, _ = part(problem, share, [()] * 6)
    stops = {problem.jobs[4].pickup, problem.jobs[9].pickup}
    stops |= {problem.jobs[4].dropoff, problem.jobs[9].dropoff, 0}
    assert len(small.places) == len(stops)
    assert set(small.travel) == {problem.vehicles[2].kind}


def test_rules_between_jobs_are_renumbered() -> None:
    city = replace(a_city(2, jobs=10), same_route=((5, 8),), pickup_order=((8, 5), (1, 2)))
    small, _ = part(city, Share((1, 5, 8), (0, 1)), [()] * 4)
    assert small.same_route == ((1, 2),)
    assert small.pickup_order == ((2, 1),)


def test_a_share_that_parts_a_tour_is_refused() -> None:
    with pytest.raises(KeyError):
        part(a_city(2, jobs=10), Share((1, 2), (0,)), [(2, 3, 12, 13), (), (), ()])


def test_reloads_stay_where_they_are() -> None:
    tours: list[Tour] = [(), (9, RELOAD, 13), (), ()]
    share = Share((2, 4, 6), (1, 3))
    _, own = part(a_city(2, jobs=10), share, tours)
    assert own == [(3, RELOAD, 5), ()]
    assert merge([(), (), (), ()], share, own) == tours


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_becomes_the_tours_that_it_came_from(seed: int) -> None:
    problem: Problem = a_city(seed, jobs=25)
    tours = construct(problem)
    plan = assemble(problem, tours, engine="construct")
    assert tours_of(problem, plan) == tours
    pairs = (pairwise(route.visits) for route in plan.routes)
    assert any(a.kind is b.kind is VisitKind.DROPOFF for pair in pairs for a, b in pair)
