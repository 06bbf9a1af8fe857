"""Ways into tours come likeliest first, and none is lost because its tour was looked into late."""

import random
from itertools import combinations_with_replacement

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.construct import Board, construct
from chalicelib.domain.routing.problem import RELOAD, Problem, job_of
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.tasks import Tasks, carries
from chalicelib.domain.routing.ways import ways
from tests.domain.routing.rich_cities import a_rich_city

rich_cities = st.builds(
    a_rich_city,
    st.integers(0, 1_000_000),
    jobs=st.integers(1, 12),
    vehicles=st.integers(1, 4),
)


def without_a_job(problem: Problem, seed: int) -> tuple[Board, int]:
    """What insertion makes, less a job that it serves, or with one that it does not."""
    job = random.Random(seed).randrange(len(problem.jobs))
    tours = [
        tuple(task for task in tour if task == RELOAD or job_of(task) != job)
        for tour in construct(problem)
    ]
    return Board(Tasks.of(problem), tours), job


@settings(max_examples=150)
@given(rich_cities, st.integers(0, 1_000), st.booleans())
def test_many_tours_have_the_ways_of_each_in_one_order(problem, seed, wide):
    board, job = without_a_job(problem, seed)
    standings = [(at, one) for at, one in enumerate(board.standings) if one is not None]
    together = list(ways(standings, job, wide=wide))
    apart = [way for one in standings for way in ways([one], job, wide=wide)]
    assert together == sorted(apart)
    assert len({(at, added) for _, at, added in together}) == len(together)


@settings(max_examples=100)
@given(rich_cities, st.integers(0, 1_000))
def test_every_place_that_keeps_the_rules_is_among_all_the_ways(problem, seed):
    board, job = without_a_job(problem, seed)
    both = problem.jobs[job].tasks(job)
    for at, standing in enumerate(board.standings):
        if standing is None or not standing.takes(job):
            continue
        told = {
            standing.with_added(added) for _, _, added in ways([(at, standing)], job, wide=True)
        }
        gaps = range(standing.first, len(standing.tour) + 1)
        for positions in combinations_with_replacement(gaps, len(both)):
            longer = standing.with_added(tuple(zip(positions, both, strict=True)))
            if not carries(board.tasks, standing.legs.vehicle, longer):
                continue
            assert longer in told or route_cost(standing.legs, longer) is None
