"""Finished routes teach handling times and how far forecasts are off."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks import eta as simulation
from chalicelib.domain.deliveries.model import DoorKind
from chalicelib.domain.tracking import learning, windows
from chalicelib.domain.tracking.learning import BINS_EARLY, Lessons
from chalicelib.domain.tracking.shipped import SPREADS


@pytest.fixture(scope="module")
def routes():
    return list(simulation.routes_of(range(30), 1))


@pytest.fixture(scope="module")
def lessons(routes):
    found = Lessons()
    for route in routes:
        found = learning.learn(found, route, {})
    return found


def test_a_hub_that_knows_nothing_goes_by_the_plan(routes):
    stop = routes[0].stops[0]
    assert Lessons().handling_s(stop) == stop.service_s
    assert Lessons().spreads(SPREADS) == SPREADS


def test_handling_comes_to_what_each_kind_of_door_takes(routes, lessons):
    for kind, really_s in simulation.HANDLING_S.items():
        stop = replace(routes[0].stops[0], door=kind)
        assert lessons.handling_s(stop) == pytest.approx(really_s, rel=0.12)


def test_one_door_moves_a_hubs_mean_little(routes):
    route = replace(routes[0], stops=routes[0].stops[:1])
    stop = replace(route.stops[0], done_at=route.stops[0].arrived_at + timedelta(minutes=20))
    learned = learning.learn(Lessons(), replace(route, stops=(stop,)), {})
    assert learned.handling_s(stop) == pytest.approx((1_200 + 12 * 180) / 13)


def test_taps_in_one_go_teach_nothing_unless_the_trail_shows_more(routes):
    stop = routes[0].stops[0]
    at_once = replace(stop, arrived_at=stop.done_at, door=DoorKind.HOUSE)
    route = replace(routes[0], stops=(at_once,))
    assert list(learning.handled(route, {})) == []
    seen = {stop.id: (stop.done_at - timedelta(seconds=90), stop.done_at + timedelta(seconds=9))}
    assert list(learning.handled(route, seen)) == [("house", 90)]
    tapped = replace(routes[0], stops=(stop,))
    told = list(learning.handled(tapped, seen))
    assert told[0][1] == int((stop.done_at - stop.arrived_at).total_seconds()), (
        "the tap is the truth"
    )


def test_learned_windows_hold_eight_of_ten_arrivals(lessons):
    rows = simulation.coverage_table(range(900, 930), 1, lessons, lessons.spreads(SPREADS))
    assert all(70 <= float(row[2]) <= 90 for row in rows), rows


def test_percentiles_of_counted_errors_are_those_of_the_errors():
    rng = random.Random(7)
    errors = sorted(rng.gauss(20, 60) for _ in range(4_000))
    counts = [0] * (BINS_EARLY + learning.BINS_LATE)
    for error in errors:
        counts[learning._bin_of(error, 2)] += 1
    for share in (0.1, 0.5, 0.9):
        exact = errors[int(share * len(errors))]
        assert learning.percentile(counts, share, 2) == pytest.approx(exact, abs=6)


def test_what_is_counted_does_not_grow_for_ever(routes):
    found = Lessons()
    for _ in range(4):
        for route in routes:
            found = learning.learn(found, route, {})
    assert all(sum(counts) <= 8_000 + 12 * 60 for counts in found.errors)
    assert len(found.errors) == windows.BUCKETS
