"""Travel along streets: the contracted graph tells what a plain search over the whole map tells."""

import heapq
import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing import streets, travel
from chalicelib.domain.routing.streets import Streets, StreetsUnreadable, by_streets
from chalicelib.kit.geo import LatLng
from local.streets.contract import contract, pack
from local.streets.raw import Network, Tags

NIGHT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
RUSH = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
SIDE, MAIN = {"highway": "residential"}, {"highway": "primary"}
ONE_WAY = {"highway": "residential", "oneway": "yes"}


def a_map(seed: int, size: int = 6) -> Network:
    """A grid with bends between its crossings, some one-way streets and some main roads."""
    rng = random.Random(seed)
    network = Network()
    for row in range(size * 3):
        for column in range(size * 3):
            place = (52.5 + 0.0006 * row + rng.uniform(-1e-4, 1e-4), 13.4 + 0.001 * column)
            network.points[row * 100 + column] = place
    for line in range(0, size * 3, 3):
        for start in range(0, size * 3 - 3, 3):
            for east in (True, False):
                tags: Tags = rng.choice((SIDE, SIDE, MAIN, ONE_WAY))
                along = range(start, start + 4)
                nodes = [line * 100 + one if east else one * 100 + line for one in along]
                if rng.random() < 0.9:
                    network.add_way(nodes if rng.random() < 0.5 else nodes[::-1], tags)
    return network.largest_part()


def quickest(network: Network, start: int, slower: dict[bool, float]) -> dict[int, float]:
    """Seconds from a point to every other, by the plainest search over every segment."""
    best, heap = {start: 0.0}, [(0.0, start)]
    while heap:
        seconds, here = heapq.heappop(heap)
        if seconds > best[here]:
            continue
        for one in network.segments:
            if one.start == here:
                arrival = seconds + one.seconds * slower[one.is_main]
                if arrival < best.get(one.end, math.inf):
                    best[one.end] = arrival
                    heapq.heappush(heap, (arrival, one.end))
    return best


@pytest.mark.parametrize("at", [NIGHT, RUSH], ids=["night", "rush"])
@pytest.mark.parametrize("seed", range(6))
def test_contracted_streets_take_what_the_whole_map_takes(seed: int, at: datetime) -> None:
    network = a_map(seed)
    roads = by_streets(Streets(pack(contract(network, junction_s=0))), travel.matrix)
    points = random.Random(seed).sample(sorted(network.points), 12)
    found = roads([LatLng(*network.points[one]) for one in points], at, "car")
    factor = round(100 * travel.traffic(at)) / 100
    slower = {True: factor, False: (1 + factor) / 2}
    for i, start in enumerate(points):
        exact = quickest(network, start, slower)
        for j, end in enumerate(points):
            # Tenths of a second are rounded at each edge, the whole is rounded up.
            assert found.duration_s[i][j] == pytest.approx(exact[end], abs=3)


@pytest.mark.parametrize("count", [5, streets.WHOLE_ROWS_FROM])
def test_rows_cut_short_and_whole_rows_tell_the_same(count: int) -> None:
    network = a_map(3)
    graph = pack(contract(network))
    points = [LatLng(*network.points[one]) for one in sorted(network.points)[:count]]
    whole = by_streets(Streets(graph), travel.matrix)
    all_points = [LatLng(*one) for one in network.points.values()]
    asked_before = by_streets(Streets(graph), travel.matrix)
    asked_before(all_points, NIGHT, "car")
    assert whole(points, NIGHT, "car") == asked_before(points, NIGHT, "car")


def test_a_one_way_street_is_not_driven_backwards() -> None:
    network = Network({1: (52.5, 13.4), 2: (52.5, 13.41), 3: (52.505, 13.405)})
    network.add_way([1, 2], ONE_WAY)
    network.add_way([2, 3, 1], ONE_WAY)
    roads = by_streets(Streets(pack(contract(network, junction_s=0))), travel.matrix)
    there = roads([LatLng(52.5, 13.403), LatLng(52.5, 13.407)], NIGHT, "car")
    assert there.distance_m[0][1] < 400
    assert there.distance_m[1][0] > 1200


def test_a_door_beside_the_street_costs_the_way_to_it() -> None:
    network = Network({1: (52.5, 13.4), 2: (52.5, 13.41)})
    network.add_way([1, 2], SIDE)
    roads = by_streets(Streets(pack(contract(network))), travel.matrix)
    near, beside = LatLng(52.5, 13.402), LatLng(52.5009, 13.408)
    found = roads([near, beside], NIGHT, "car")
    assert 480 <= found.distance_m[0][1] <= 540
    assert found.duration_s[0][0] == found.distance_m[1][1] == 0


def test_what_streets_cannot_tell_another_provider_tells() -> None:
    network = a_map(1)
    roads = by_streets(Streets(pack(contract(network))), travel.matrix)
    town = [LatLng(*one) for one in list(network.points.values())[:3]]
    far = LatLng(52.9, 13.4)
    points = [*town, far]
    found, default = roads(points, NIGHT, "car"), travel.matrix(points, NIGHT, "car")
    assert found.duration_s[0][3] == default.duration_s[0][3]
    assert found.duration_s[3][1] == default.duration_s[3][1]
    assert found.duration_s[0][1] != default.duration_s[0][1]
    assert roads(points, NIGHT, "walker") == travel.matrix(points, NIGHT, "walker")
    assert roads([], NIGHT, "car").size == 0


def test_vans_are_slower_than_cars_and_the_rush_slows_main_roads_most() -> None:
    network = Network({1: (52.5, 13.4), 2: (52.5, 13.45), 3: (52.55, 13.4), 4: (52.55, 13.45)})
    network.add_way([1, 2], MAIN)
    network.add_way([3, 4], SIDE)
    network.add_way([1, 3], SIDE)
    roads = by_streets(Streets(pack(contract(network))), travel.matrix)
    points = [LatLng(*one) for one in network.points.values()]

    def slower(start: int, end: int) -> float:
        times = [roads(points, at, "car").duration_s[start][end] for at in (NIGHT, RUSH)]
        return times[1] / times[0]

    assert slower(0, 1) > slower(2, 3) > 1.1
    car, van = (roads(points, NIGHT, kind).duration_s[0][1] for kind in ("car", "van"))
    assert van > car


def test_rows_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    network = a_map(2)
    monkeypatch.setattr(streets, "MOST_KEPT_BYTES", 8 * 40 * 20)
    graph = Streets(pack(contract(network)))
    points = [LatLng(*one) for one in network.points.values()]
    assert len(points) > streets.WHOLE_ROWS_FROM
    first = by_streets(graph, travel.matrix)(points, NIGHT, "car")
    assert by_streets(graph, travel.matrix)(points, NIGHT, "car") == first
    assert 0 < graph.kept_rows <= 8 * 40 * 20 // (8 * graph.nodes)


@given(st.binary(max_size=60))
@settings(max_examples=60)
def test_a_file_that_is_none_is_refused(junk: bytes) -> None:
    whole = pack(contract(a_map(0, 2)))
    for bad in (junk, whole[:40], whole[:5] + junk, b"LMST\x02" + whole[5:], whole[:-3]):
        with pytest.raises(StreetsUnreadable):
            Streets(bad)


def test_ways_of_hours_are_found_too() -> None:
    """Beyond the last bucket of the search, in a country of slow roads."""
    network = Network({at: (50 + 0.05 * at, 8.0) for at in range(40)})
    network.points[100] = (51.0, 8.01)
    for at in range(39):
        network.add_way([at, at + 1], {"highway": "living_street"})
    network.add_way([20, 100, 21], MAIN)
    roads = by_streets(Streets(pack(contract(network, junction_s=0))), travel.matrix)
    points = [LatLng(*network.points[one]) for one in (0, 20, 39)]
    found = roads(points, NIGHT, "car")
    exact = quickest(network, 0, {True: 1.0, False: 1.0})
    assert exact[39] > 2 * 3600
    assert [found.duration_s[0][1], found.duration_s[0][2]] == pytest.approx(
        [exact[20], exact[39]], abs=5
    )
