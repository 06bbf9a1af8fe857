"""Reading Grubhub's days: with made-up files, because the real ones stay where they are."""

from pathlib import Path

import pytest

from benchmarks.grubhub_day import (
    BLOCK_M,
    GrubhubDay,
    busiest_part,
    find_instance,
    grid_town,
    read_day,
)
from benchmarks.grubhub_orders import main
from local.town.driving import drive
from local.town.streets import latlng

ORDERS = """order\tx\ty\tplacement_time\trestaurant\tready_time
o1\t1200\t900\t100\tr1\t110
o2\t4100\t3300\t500\tr2\t512
o3\t2500\t1800\t503\tr1\t520
o4\t600\t2900\t505\tr2\t515
o5\t3900\t400\t800\tr1\t815
"""
RESTAURANTS = """restaurant\tx\ty
r1\t2000\t2000
r2\t3000\t1000
r3\t9000\t9000
"""
COURIERS = """courier\tx\ty\ton_time\toff_time
c1\t100\t100\t0\t90
c2\t1000\t1000\t490\t700
c3\t2000\t100\t480\t510
"""
PARAMETERS = "meters_per_minute\tpickup service minutes\n320\t4\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = tmp_path / "0o50"
    one.mkdir()
    for name, text in (
        ("orders", ORDERS),
        ("restaurants", RESTAURANTS),
        ("couriers", COURIERS),
        ("instance_parameters", PARAMETERS),
    ):
        (one / f"{name}.txt").write_text(text)
    return tmp_path


@pytest.fixture
def day(folder: Path) -> GrubhubDay:
    found = find_instance(folder)
    assert found is not None
    return read_day(found)


def test_an_instance_is_found_by_name_and_alone(folder: Path) -> None:
    assert find_instance(folder) == folder / "0o50"
    assert find_instance(folder, "0o50") == folder / "0o50"
    assert find_instance(folder / "0o50") == folder / "0o50"
    assert find_instance(folder, "other") is None


def test_the_files_are_read_as_they_are(day: GrubhubDay) -> None:
    assert (len(day.meals), len(day.restaurants), len(day.couriers)) == (5, 3, 3)
    assert day.metres_per_minute == 320
    assert day.meals[1].placed_min == 500
    assert day.meals[1].ready_min == 512


def test_the_busiest_part_has_its_orders_its_restaurants_and_who_worked_then(
    day: GrubhubDay,
) -> None:
    part = busiest_part(day, orders=3, couriers=5, tail_min=60)
    assert [meal.name for meal in part.meals] == ["o2", "o3", "o4"]
    assert (part.begins_min, part.ends_min) == (500, 505)
    assert set(part.restaurants) == {"r1", "r2"}
    assert [courier.name for courier in part.couriers] == ["c2", "c3"]


def test_there_are_never_more_couriers_than_wanted(day: GrubhubDay) -> None:
    part = busiest_part(day, orders=3, couriers=1, tail_min=60)
    assert [courier.name for courier in part.couriers] == ["c2"]


def test_every_place_can_be_reached_along_the_grid(day: GrubhubDay) -> None:
    town = grid_town(day)
    for meal in day.meals:
        start, goal = latlng(day.restaurants[meal.restaurant]), latlng(meal.door)
        way = drive(town.streets, start, goal)
        straight = abs(meal.door[0] - day.restaurants[meal.restaurant][0]) + abs(
            meal.door[1] - day.restaurants[meal.restaurant][1]
        )
        assert way.distance_m <= straight + 4 * BLOCK_M


def test_without_the_folder_it_says_so_and_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--instances", str(tmp_path / "nowhere")]) == 0
    assert "no Grubhub instance" in capsys.readouterr().out
