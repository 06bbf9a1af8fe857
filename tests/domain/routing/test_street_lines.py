"""The streets of a picture are those of the graph, around the door, and not too many."""

from collections import Counter

import pytest

from chalicelib.domain.routing.street_lines import (
    AROUND_STOP_M,
    MOST_CORNERS,
    MOST_CORNERS_ALONG,
    StreetLines,
)
from chalicelib.domain.routing.streets import StreetsUnreadable
from chalicelib.kit.geo import LatLng
from chalicelib.web import svgmap
from local.streets.__main__ import demo_town
from local.streets.contract import contract, pack
from local.streets.raw import Network

DOOR = LatLng(51.1905, 9.3642)


@pytest.fixture(scope="module")
def town():
    network = demo_town().largest_part()
    return network, StreetLines(pack(contract(network)))


def test_every_street_near_the_door_is_drawn_where_it_is(town):
    network, lines = town
    drawn = lines.around(DOOR)
    corners = {corner for line in drawn.main + drawn.side for corner in line}
    ways = Counter(one.start for one in network.segments)
    crossings = [LatLng(*at) for point, at in network.points.items() if ways[point] > 2]
    near = [one for one in crossings if DOOR.distance_m(one) < 800]
    assert len(near) > 5
    for crossing in near:
        x, y = DOOR.offset_m(crossing)
        assert any(abs(x - a) <= 3 and abs(y - b) <= 3 for a, b in corners)


def test_main_streets_are_told_from_side_streets(town):
    drawn = town[1].around(DOOR)
    assert drawn.main
    assert drawn.side


def test_where_streets_are_many_fewer_metres_are_shown():
    network = Network({})
    rows = 60
    for row in range(rows):
        for column in range(rows):
            network.points[row * rows + column] = (51 + row / 1800, 9 + column / 1150)
    for row in range(rows):
        network.add_way([row * rows + c for c in range(rows)], {"highway": "residential"})
        network.add_way([c * rows + row for c in range(rows)], {"highway": "residential"})
    drawn = StreetLines(pack(contract(network))).around(LatLng(51.0167, 9.026))
    assert sum(map(len, drawn.main + drawn.side)) <= MOST_CORNERS
    assert drawn.half_m < 1600


def test_a_picture_is_numbers_only_and_begins_with_whole_ones(town):
    text = str(svgmap.paths(town[1].around(DOOR)))
    assert set(text) <= set(
        '<path id="streets-main side vector-effect="non-scaling-stroke" d="M/>l0123456789- '
    )


@pytest.mark.parametrize("dot", [None, (0, 0), (-700, 300), (20, -2_500), (4_000, 4_000)])
def test_door_and_driver_are_both_in_the_frame(dot):
    left, top, wide, high = map(int, svgmap.frame(dot).split())
    for x, y in ((0, 0), dot or (0, 0)):
        assert left < x < left + wide
        assert top < y < top + high


def test_what_is_no_street_file_is_said_so():
    with pytest.raises(StreetsUnreadable):
        StreetLines(b"nothing")


def test_a_route_has_main_streets_wherever_it_goes_and_side_streets_near_its_stops(town):
    stops = [DOOR, LatLng(51.1990, 9.3780), LatLng(51.1850, 9.3500)]
    middle, drawn = town[1].along(stops)
    places = [middle.offset_m(stop) for stop in stops]
    assert all(abs(number) < drawn.half_m for place in places for number in place)
    assert drawn.main
    assert drawn.side
    assert sum(map(len, drawn.main + drawn.side)) <= MOST_CORNERS_ALONG
    for line in drawn.side:
        near = [max(abs(x - a), abs(y - b)) for x, y in line for a, b in places]
        assert min(near) < AROUND_STOP_M[0]
