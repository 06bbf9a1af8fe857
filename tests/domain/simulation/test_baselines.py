"""What planners do without an optimizer: each as good as its name says, and nobody left out."""

import math
import random
from itertools import pairwise, permutations

import pytest

from chalicelib.domain.simulation import baselines
from chalicelib.domain.simulation.baselines import Shift
from chalicelib.domain.simulation.city import City, all_ways
from chalicelib.domain.simulation.inputs import Inputs

GIVEN = Inputs()


def a_city(seed: int) -> City:
    return City(GIVEN, lambda name: random.Random(f"{seed} {name}"))


def a_day(seed: int, doors: int) -> Shift:
    city = a_city(seed)
    ways = all_ways(GIVEN, [city.hub, *city.doors("today", doors)])
    return Shift(ways, GIVEN.service_s, GIVEN.metres_per_s, GIVEN.shift_s, GIVEN.most_parcels)


def is_crossing_free(ways: baselines.Ways, tour: list[int]) -> bool:
    """No exchange of two legs makes a closed tour shorter: every pair is tried."""
    order = [0, *tour, 0]
    return not any(
        ways[a][c] + ways[b][d] < ways[a][b] + ways[c][d]
        for i, (a, b) in enumerate(pairwise(order))
        for c, d in list(pairwise(order))[i + 2 :]
    )


@pytest.mark.parametrize("seed", range(5))
def test_after_two_opt_no_two_legs_want_to_be_exchanged(seed: int) -> None:
    doors = baselines.NEAR
    ways = a_day(seed, doors).ways
    before = list(range(1, doors + 1))
    after = baselines.two_opt(ways, before)
    assert sorted(after) == before
    assert baselines.length_m(ways, after) <= baselines.length_m(ways, before)
    assert is_crossing_free(ways, after)


@pytest.mark.parametrize("seed", range(3))
def test_a_skilled_tour_of_six_is_nearly_the_best_of_all(seed: int) -> None:
    ways = a_day(seed, 6).ways
    best = min(baselines.length_m(ways, one) for one in permutations(range(1, 7)))
    assert baselines.length_m(ways, baselines.skilled(ways, range(1, 7))) <= 1.1 * best


def test_the_nearest_next_never_passes_a_nearer_door() -> None:
    ways = a_day(1, 30).ways
    order = [0, *baselines.nearest_next(ways, range(1, 31))]
    for place, (here, there) in enumerate(pairwise(order)):
        assert ways[here][there] == min(ways[here][one] for one in order[place + 1 :])


@pytest.mark.parametrize("doors", [1, 40, 200])
def test_sweep_and_savings_serve_everybody_once_within_the_shift(doors: int) -> None:
    day = a_day(2, doors)
    city = a_city(2)
    spots = [city.hub, *city.doors("today", doors)]
    angles = [math.atan2(x, city.hub[1] - y) for x, y in spots]
    places = range(1, doors + 1)
    for tours in (
        baselines.sweep(day, angles, places, baselines.skilled),
        baselines.savings(day, places),
    ):
        assert sorted(one for tour in tours for one in tour) == list(places)
        assert all(map(day.fits, tours))


def test_savings_never_drive_farther_than_a_tour_for_each_door() -> None:
    day = a_day(3, 60)
    tours = baselines.savings(day, range(1, 61))
    alone = sum(2 * day.ways[0][place] for place in range(1, 61))
    assert sum(baselines.length_m(day.ways, one) for one in tours) < alone / 3


@pytest.mark.parametrize("seed", [4, 5])
def test_balanced_territories_have_nearly_as_many_doors_each(seed: int) -> None:
    city = a_city(seed)
    spots = city.doors("earlier", 600)
    middles, handicaps = baselines.balanced(city.dice("k"), spots, 6, GIVEN.disc_m)
    loads = [0] * 6
    for spot in spots:
        loads[baselines.territory(spot, middles, handicaps)] += 1
    assert max(loads) <= 1.1 * 100
    plain = baselines.centres(city.dice("k"), spots, 6)
    raw = [0] * 6
    for spot in spots:
        raw[baselines.territory(spot, plain, [0.0] * 6)] += 1
    assert max(loads) < max(raw)


def test_what_does_not_fit_a_shift_is_cut_off_and_kept() -> None:
    day = a_day(5, 150)
    whole = baselines.skilled(day.ways, range(1, 151))
    kept, rest = day.cut(whole)
    assert kept + rest == whole
    assert day.fits(kept)
    assert not day.fits(whole[: len(kept) + 1])
