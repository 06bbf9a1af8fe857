"""The street graph: a bent grid, thinned out, cut by a river that only bridges cross.

Coordinates are metres east and north of the south-western corner until they leave as latitude and
longitude; the town is small enough for the earth to be flat.
"""

import math
import random
from dataclasses import dataclass
from functools import cached_property

#: Nowhere in particular: open country in the middle of Germany.
ORIGIN = (51.16, 9.30)
METRES_PER_DEGREE = 111_320.0
COLUMNS, ROWS = 25, 21
SPACING_M = 370
#: Every so many lines there is a main road; traffic is faster there.
MAIN_EVERY = 5
MAIN_MPS, SIDE_MPS = 12.5, 7.5
#: No crossing lies nearer to the middle of the river [m].
BANK_M = 190
#: Columns whose north-south streets have a bridge.
BRIDGES = (2, 7, 12, 17, 22)

_BEGINNINGS = (  # noqa: SIM905 - forty-eight quoted words would hide the names
    "Linden Ahorn Birken Kastanien Eichen Buchen Ulmen Rosen Tulpen Nelken Schiller Goethe "
    "Lessing Heine Mozart Bach Haydn Schumann Dürer Holbein Kepler Humboldt Gauß Röntgen "
    "Siemens Diesel Mühlen Schmiede Gerber Weber Färber Töpfer Fischer Jäger Schäfer Garten "
    "Wiesen Feld Berg Tal Quellen Brunnen Kirch Kloster Schul Rathaus Markt Post"
).split()
_ENDINGS = ("straße", "weg", "allee", "gasse")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Street:
    """One street between two crossings."""

    start: int
    end: int
    name: str
    is_main: bool
    length_m: float

    @property
    def seconds(self) -> float:
        return self.length_m / (MAIN_MPS if self.is_main else SIDE_MPS)


@dataclass(frozen=True)
class Streets:
    """Crossings [m, m] by number, and the streets between them."""

    crossings: tuple[Point, ...]
    streets: tuple[Street, ...]
    river: tuple[Point, ...]

    @cached_property
    def from_crossing(self) -> dict[int, list[tuple[int, Street]]]:
        found: dict[int, list[tuple[int, Street]]] = {i: [] for i in range(len(self.crossings))}
        for street in self.streets:
            found[street.start].append((street.end, street))
            found[street.end].append((street.start, street))
        return found

    def nearest_crossing(self, point: Point) -> int:
        return min(range(len(self.crossings)), key=lambda i: math.dist(self.crossings[i], point))


def latlng(point: Point) -> Point:
    """Metres to (latitude, longitude), six decimals."""
    latitude = ORIGIN[0] + point[1] / METRES_PER_DEGREE
    longitude = ORIGIN[1] + point[0] / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0])))
    return round(latitude, 6), round(longitude, 6)


def metres(position: Point) -> Point:
    """(latitude, longitude) to metres."""
    north = (position[0] - ORIGIN[0]) * METRES_PER_DEGREE
    east = (position[1] - ORIGIN[1]) * METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0]))
    return east, north


def river_at(east: float) -> float:
    """How far north the river runs [m] at so many metres east."""
    return 3_900 + 650 * math.sin(east / 1_500) + 260 * math.sin(east / 610 + 1)


def lay_out(seed: int) -> Streets:
    """Make the graph; every crossing can be reached from every other."""
    rng = random.Random(seed)
    crossings = [
        (
            column * SPACING_M + rng.uniform(-70, 70) + 40 * math.sin(row / 3),
            row * SPACING_M + rng.uniform(-70, 70) + 60 * math.sin(column / 4),
        )
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    crossings = [_ashore(point) for point in crossings]
    streets = _kept(rng, crossings, _grid(rng, crossings))
    river = tuple((x, river_at(x)) for x in range(-600, COLUMNS * SPACING_M + 600, 60))
    return Streets(tuple(crossings), tuple(streets), river)


def _ashore(point: Point) -> Point:
    """The point, or the bank beside it when it lies in the water."""
    from_water = point[1] - river_at(point[0])
    if abs(from_water) >= BANK_M:
        return point
    return point[0], river_at(point[0]) + math.copysign(BANK_M, from_water)


def _grid(rng: random.Random, crossings: list[Point]) -> list[Street]:
    """Every street that there might be: all neighbours of the grid, but not through the water."""
    names = [begin + end for begin in _BEGINNINGS for end in _ENDINGS]
    rng.shuffle(names)
    streets = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            here = row * COLUMNS + column
            if column + 1 < COLUMNS:
                streets.append(_street(crossings, here, here + 1, names[row], row))
            if row + 1 < ROWS:
                name = names[ROWS + 2 * column + _is_north(crossings[here])]
                streets.append(_street(crossings, here, here + COLUMNS, name, column))
    return [street for street in streets if not _is_under_water(crossings, street)]


def _street(crossings: list[Point], start: int, end: int, name: str, line: int) -> Street:
    length = math.dist(crossings[start], crossings[end])
    return Street(start, end, name, line % MAIN_EVERY == 2, length)


def _is_north(point: Point) -> bool:
    return point[1] > river_at(point[0])


def _is_under_water(crossings: list[Point], street: Street) -> bool:
    if _is_north(crossings[street.start]) == _is_north(crossings[street.end]):
        return False
    is_crosswise = street.end - street.start == COLUMNS
    return not (is_crosswise and street.start % COLUMNS in BRIDGES)


def _kept(rng: random.Random, crossings: list[Point], streets: list[Street]) -> list[Street]:
    """Thin the side streets out without cutting anything off: a random spanning tree stays."""
    parent = list(range(len(crossings)))

    def root(crossing: int) -> int:
        while parent[crossing] != crossing:
            parent[crossing] = parent[parent[crossing]]
            crossing = parent[crossing]
        return crossing

    kept = []
    for street in sorted(streets, key=lambda s: (not s.is_main, rng.random())):
        start, end = root(street.start), root(street.end)
        if start != end or street.is_main or rng.random() < 0.55:
            parent[start] = end
            kept.append(street)
    return kept
