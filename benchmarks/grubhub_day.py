"""A day of meal orders that really was: Grubhub's public instances, read and cut to size.

Files are tab-separated: orders, restaurants and couriers, with positions in metres and times in
minutes from the start of the day. The metres are laid over a made-up origin (local.town.streets),
because the real places were anonymised. Source: the MDRP public instances of Grubhub (mdrplib).
"""

import csv
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.town.places import House, Hub, Town
from local.town.streets import Point, Street, Streets, latlng

FILES = ("orders.txt", "restaurants.txt", "couriers.txt", "instance_parameters.txt")
#: Click-to-door: wanted, and at most [min]. Source: the instances' parameters.
TARGET_MIN, LATEST_MIN = 40, 90
#: Distance between the crossings of the plain grid that stands in for the city's streets.
BLOCK_M = 400
#: The way along a grid is longer than the straight one by this much on average: 4 / pi.
GRID_DETOUR = 4 / math.pi


@dataclass(frozen=True, slots=True)
class Meal:
    """One order: where to, from which restaurant, when placed and when ready [min of the day]."""

    name: str
    door: Point
    restaurant: str
    placed_min: int
    ready_min: int


@dataclass(frozen=True, slots=True)
class Courier:
    """Somebody's shift [min of the day] and where it begins."""

    name: str
    start: Point
    on_min: int
    off_min: int

    def minutes_within(self, begin_min: float, end_min: float) -> float:
        return max(0.0, min(self.off_min, end_min) - max(self.on_min, begin_min))


@dataclass(frozen=True, slots=True)
class GrubhubDay:
    """A day, or the part of it that is played."""

    name: str
    meals: tuple[Meal, ...]
    couriers: tuple[Courier, ...]
    restaurants: Mapping[str, Point]
    metres_per_minute: float

    @property
    def begins_min(self) -> int:
        return min(meal.placed_min for meal in self.meals)

    @property
    def ends_min(self) -> int:
        return max(meal.placed_min for meal in self.meals)


def find_instance(folder: Path, name: str = "") -> Path | None:
    """The wanted instance in a folder of instances, else its first; None when there is none."""
    candidates = [folder / name] if name else [folder, *sorted(folder.glob("*/"))]
    complete = (one for one in candidates if all((one / file).is_file() for file in FILES))
    return next(complete, None)


def read_day(folder: Path) -> GrubhubDay:
    return GrubhubDay(
        name=folder.name,
        meals=tuple(
            Meal(
                row["order"],
                _point(row),
                row["restaurant"],
                int(row["placement_time"]),
                int(row["ready_time"]),
            )
            for row in _rows(folder / "orders.txt")
        ),
        couriers=tuple(
            Courier(row["courier"], _point(row), int(row["on_time"]), int(row["off_time"]))
            for row in _rows(folder / "couriers.txt")
        ),
        restaurants={row["restaurant"]: _point(row) for row in _rows(folder / "restaurants.txt")},
        metres_per_minute=float(_rows(folder / "instance_parameters.txt")[0]["meters_per_minute"]),
    )


def busiest_part(day: GrubhubDay, orders: int, couriers: int, tail_min: int) -> GrubhubDay:
    """As many successive orders as wanted where they came fastest, and who worked then.

    Parameters
    ----------
    couriers
        How many at most: those whose shifts cover most of the part and ``tail_min`` after it.
    """
    meals = sorted(day.meals, key=lambda meal: (meal.placed_min, meal.name))
    size = min(orders, len(meals))
    spans = [
        meals[first + size - 1].placed_min - meals[first].placed_min
        for first in range(len(meals) - size + 1)
    ]
    first = spans.index(min(spans))
    part = tuple(meals[first : first + size])
    begin, end = part[0].placed_min, part[-1].placed_min + tail_min
    by_presence = sorted(day.couriers, key=lambda one: (-one.minutes_within(begin, end), one.name))
    working = [one for one in by_presence if one.minutes_within(begin, end) > 0]
    used = {meal.restaurant for meal in part}
    return GrubhubDay(
        name=day.name,
        meals=part,
        couriers=tuple(working[:couriers]),
        restaurants={name: at for name, at in day.restaurants.items() if name in used},
        metres_per_minute=day.metres_per_minute,
    )


def grid_town(day: GrubhubDay) -> Town:
    """Plain streets over the day's places, and one hub in the middle of its restaurants."""
    points = [
        *(meal.door for meal in day.meals),
        *(courier.start for courier in day.couriers),
        *day.restaurants.values(),
    ]
    middle = _middle(tuple(day.restaurants.values()))
    desk = house("Hub", middle)
    return Town(0, _grid(points), (), (Hub("Hub", desk, (), ()),))


def house(line: str, at: Point) -> House:
    """A door that has a position and hardly an address: the instances have none."""
    street, _, number = line.rpartition(" ")
    return House(street or line, number, "00000", "Gridtown", "DE", *latlng(at))


def _grid(points: Sequence[Point]) -> Streets:
    west, south = (min(point[axis] for point in points) // BLOCK_M * BLOCK_M for axis in (0, 1))
    columns, rows = (
        int((max(point[axis] for point in points) - low) // BLOCK_M) + 2
        for axis, low in ((0, west), (1, south))
    )
    crossings = tuple(
        (west + column * BLOCK_M, south + row * BLOCK_M)
        for row in range(rows)
        for column in range(columns)
    )
    streets = []
    for here in range(len(crossings)):
        if here % columns + 1 < columns:
            streets.append(Street(here, here + 1, "Row", False, BLOCK_M))
        if here + columns < len(crossings):
            streets.append(Street(here, here + columns, "Column", False, BLOCK_M))
    return Streets(crossings, tuple(streets), ())


def _middle(points: Sequence[Point]) -> Point:
    return statistics.median(x for x, _ in points), statistics.median(y for _, y in points)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _point(row: Mapping[str, str]) -> Point:
    return float(row["x"]), float(row["y"])
