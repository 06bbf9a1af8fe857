"""Places get a plane from their coordinates or from travel, and either groups neighbours."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.domain.routing.decompose import angle_of, group_routes
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.parts import Outline, Share
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.whereabouts import by_travel, on_the_map
from chalicelib.kit.geo import LatLng
from tests.domain.routing.cities import a_city
from tests.domain.routing.street import MORNING, a_job, a_problem, a_vehicle


def nowhere(problem: Problem) -> Problem:
    """The same travel between places of which nobody knows where they are."""
    return replace(
        problem, places=tuple(replace(one, position=LatLng(0, 0)) for one in problem.places)
    )


@pytest.mark.parametrize("prices", [{}, {"cost_per_m": 2}, {"cost_per_s": 3, "cost_per_m": 1}])
def test_a_street_is_a_line_in_its_order_also_where_nobody_has_coordinates(prices):
    street = nowhere(a_problem((a_vehicle(**prices),), MORNING.jobs))
    points = by_travel(street)
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    assert steps == [pytest.approx(steps[0])] * 4
    assert steps[0][0] != 0
    assert steps[0][1] == 0


def test_places_that_are_all_one_have_one_point():
    still = Matrix.of([[0] * 5] * 5)
    problem = a_problem((a_vehicle(),), (a_job("one", 1, 2),), travel={"van": Travel(still, still)})
    assert by_travel(problem) == [(0.0, 0.0)] * 5
    assert on_the_map(()) == []


def rounds_of_neighbours(seed: int) -> tuple[Problem, list[Tour]]:
    """Sixteen routes of five doors in one block each, dealt to vehicles in any order."""
    city = a_city(seed, jobs=80, vehicles=16, kinds=("van",), span=0.3)
    jobs = tuple(replace(job, pickup=None, pickup_service_s=0) for job in city.jobs)
    at = [city.places[job.dropoff].position for job in jobs]
    columns = sorted(range(80), key=lambda job: at[job].longitude)
    blocks = [
        tuple(2 * job + 1 for job in column[k : k + 5])
        for c in range(0, 80, 20)
        for column in [sorted(columns[c : c + 20], key=lambda job: at[job].latitude)]
        for k in range(0, 20, 5)
    ]
    random.Random(seed).shuffle(blocks)
    return replace(city, jobs=jobs), blocks


def spread(problem: Problem, shares: list[Share]) -> float:
    """Mean travel between the dropoffs of a group [s]."""
    seconds = problem.travel["van"].duration_s
    groups = [[problem.jobs[job].dropoff for job in share.jobs] for share in shares]
    ways = [seconds[a][b] for group in groups for a in group for b in group]
    return sum(ways) / len(ways)


@pytest.mark.parametrize("seed", range(4))
def test_travel_groups_routes_about_as_closely_as_coordinates_do(seed):
    problem, tours = rounds_of_neighbours(seed)
    known, told, blind = (
        sum(
            spread(problem, group_routes(Outline.of(problem), tours, 20, angle_of(turn), points))
            for turn in range(6)
        )
        for points in (
            on_the_map(problem.places),
            by_travel(nowhere(problem)),
            on_the_map(nowhere(problem).places),
        )
    )
    assert told < known + (blind - known) / 4
