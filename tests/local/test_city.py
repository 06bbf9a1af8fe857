"""The generated town: the same for everybody, in one piece, and known to the geocoder."""

import math
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from local.geocode import Gazetteer
from local.town.driving import drive
from local.town.picture import draw
from local.town.places import Town, build_town
from local.town.streets import Point, metres, river_at

SEEDS = (7, 8, 21)


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town(7)


def _crow_m(start: Point, goal: Point) -> float:
    return math.dist(metres(start), metres(goal))


def test_the_same_seed_gives_the_same_town(town: Town) -> None:
    again = build_town(7)
    assert again.houses == town.houses
    assert again.hubs == town.hubs
    assert build_town(8).houses != town.houses


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_a_town_of_a_few_thousand_houses_and_some_kilometres(seed: int) -> None:
    town = build_town(seed)
    assert 2_000 <= len(town.houses) <= 5_000
    assert all(6_000 <= side <= 11_000 for side in town.size_m)
    assert len(town.hubs) == 3
    assert all(4 <= len(hub.stores) <= 6 for hub in town.hubs)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_crossing_can_be_reached_from_every_other(seed: int) -> None:
    streets = build_town(seed).streets
    seen, waiting = {0}, [0]
    while waiting:
        for neighbour, _ in streets.from_crossing[waiting.pop()]:
            if neighbour not in seen:
                seen.add(neighbour)
                waiting.append(neighbour)
    assert len(seen) == len(streets.crossings)


def test_no_two_houses_share_an_address(town: Town) -> None:
    addresses = {(house.street, house.house_number, house.postal_code) for house in town.houses}
    assert len(addresses) == len(town.houses)


def test_only_bridges_cross_the_river(town: Town) -> None:
    streets = town.streets

    def is_north(crossing: int) -> bool:
        east, north = streets.crossings[crossing]
        return north > river_at(east)

    across = [s for s in streets.streets if is_north(s.start) != is_north(s.end)]
    assert 2 <= len(across) <= 6


def test_a_drive_is_longer_than_the_crow_flies_but_no_odyssey(town: Town) -> None:
    for hub in town.hubs:
        start = hub.house.position
        for house in hub.doors[::40]:
            way = drive(town.streets, start, house.position)
            crow_m = _crow_m(start, house.position)
            assert way.distance_m >= crow_m - 1
            assert way.distance_m <= 2.5 * crow_m + 2_500
            assert way.duration_s > 0
            assert _crow_m(way.at(0), start) < 1
            assert _crow_m(way.at(1), house.position) < 1


def test_positions_along_a_drive_advance_evenly(town: Town) -> None:
    way = drive(town.streets, town.hubs[0].house.position, town.hubs[1].house.position)
    steps = [way.at(step / 50) for step in range(51)]
    longest = max(_crow_m(one, other) for one, other in pairwise(steps))
    assert longest <= way.distance_m / 50 + 1


def test_the_geocoder_finds_every_house_where_it_stands(town: Town, tmp_path: Path) -> None:
    """WooCommerce sends no coordinates: its orders depend on this."""
    gazetteer = Gazetteer.load(town.write_gazetteer(tmp_path / "gazetteer.json"))
    for house in town.houses[::23]:
        asked = {"QueryText": f"{house.line1}, {house.postal_code} {house.city}, DE"}
        best = gazetteer.geocode(asked)["ResultItems"][0]
        assert best["PlaceType"] == "PointAddress"
        assert best["Position"] == [house.longitude, house.latitude]


def test_the_picture_is_well_formed_and_shows_drives_and_hubs(town: Town) -> None:
    way = drive(town.streets, town.hubs[0].house.position, town.hubs[2].house.position)
    picture = ET.fromstring(draw(town, [way.points], [town.houses[0].position]))
    classes = [element.get("class") for element in picture.iter()]
    assert classes.count("drive") == 1
    assert classes.count("door") == 1
    assert classes.count("hub") == 3
