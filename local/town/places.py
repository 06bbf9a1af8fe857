"""Houses, districts, hubs and stores of the town."""

import json
import math
import random
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from local.town.streets import COLUMNS, ROWS, SPACING_M, Point, Streets, latlng, lay_out

CITY, COUNTRY = "Neustadt an der Aue", "DE"
_DISTRICTS = (
    ("Weststadt", "34501"),
    ("Aue", "34503"),
    ("Hafen", "34505"),
    ("Gartenstadt", "34507"),
    ("Altstadt", "34509"),
    ("Neumarkt", "34511"),
    ("Nordend", "34513"),
    ("Bergviertel", "34515"),
    ("Waldsiedlung", "34517"),
)
#: House every so many metres, on alternating sides, so far from the middle of the street.
_EVERY_M, _ASIDE_M = 62, 14
#: Where the hubs stand, as shares of the town's width and height.
_HUBS = (("Hub West", 0.2, 0.3), ("Hub Ost", 0.8, 0.32), ("Hub Nord", 0.5, 0.8))
STORES_PER_HUB = 5


@dataclass(frozen=True, slots=True)
class House:
    street: str
    house_number: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float

    @property
    def line1(self) -> str:
        return f"{self.street} {self.house_number}"

    @property
    def position(self) -> Point:
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class Hub:
    name: str
    house: House
    stores: tuple[House, ...]
    #: The doors that are nearer to this hub than to another.
    doors: tuple[House, ...]


@dataclass(frozen=True)
class Town:
    seed: int
    streets: Streets
    houses: tuple[House, ...]
    hubs: tuple[Hub, ...]

    @cached_property
    def size_m(self) -> Point:
        return (COLUMNS - 1) * SPACING_M, (ROWS - 1) * SPACING_M

    def write_gazetteer(self, path: Path) -> Path:
        """Every house, as the embedded cloud's geocoder reads it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(house) for house in self.houses], ensure_ascii=False))
        return path


def build_town(seed: int = 7) -> Town:
    streets = lay_out(seed)
    rng = random.Random(seed + 1)
    houses = _houses(streets)
    return Town(seed, streets, houses, _hubs(rng, houses))


def _houses(streets: Streets) -> tuple[House, ...]:
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    houses = []
    for street in sorted(streets.streets, key=lambda s: (s.name, s.start, s.end)):
        (x1, y1), (x2, y2) = streets.crossings[street.start], streets.crossings[street.end]
        along = ((x2 - x1) / street.length_m, (y2 - y1) / street.length_m)
        for step in range(1, int(street.length_m // _EVERY_M)):
            side = _ASIDE_M if step % 2 else -_ASIDE_M
            east = x1 + along[0] * step * _EVERY_M - along[1] * side
            north = y1 + along[1] * step * _EVERY_M + along[0] * side
            postal_code = _district(east, north)[1]
            # A street that crosses districts counts anew in each, as villages that grew together.
            numbers[street.name, postal_code] += 1
            number = str(numbers[street.name, postal_code])
            houses.append(
                House(street.name, number, postal_code, CITY, COUNTRY, *latlng((east, north)))
            )
    return tuple(houses)


def _district(east: float, north: float) -> tuple[str, str]:
    column = min(2, max(0, int(3 * east / ((COLUMNS - 1) * SPACING_M))))
    row = min(2, max(0, int(3 * north / ((ROWS - 1) * SPACING_M))))
    return _DISTRICTS[row * 3 + column]


def _hubs(rng: random.Random, houses: tuple[House, ...]) -> tuple[Hub, ...]:
    width, height = (COLUMNS - 1) * SPACING_M, (ROWS - 1) * SPACING_M
    at = [
        min(houses, key=lambda h, x=x, y=y: _apart(h, latlng((x * width, y * height))))
        for _, x, y in _HUBS
    ]
    near: list[list[House]] = [[] for _ in at]
    for house in houses:
        closest = min(range(len(at)), key=lambda i: _apart(house, at[i].position))
        near[closest].append(house)
    return tuple(
        Hub(
            name=name,
            house=at[i],
            stores=tuple(
                rng.sample([h for h in near[i] if _apart(h, at[i].position) < 1800], STORES_PER_HUB)
            ),
            doors=tuple(near[i]),
        )
        for i, (name, _, _) in enumerate(_HUBS)
    )


def _apart(house: House, position: Point) -> float:
    """Metres between two places of the town, near enough."""
    north = (house.latitude - position[0]) * 111_320
    east = (house.longitude - position[1]) * 111_320 * math.cos(math.radians(house.latitude))
    return math.hypot(north, east)
