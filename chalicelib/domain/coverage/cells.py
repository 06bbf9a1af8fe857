"""Where is a door on the grid? Areas cut into H3 cells, so that one small item answers for it.

Two resolutions: an *item* holds what one coarse cell (5, about 250 km2) needs to know of an area,
and its 343 fine cells (8, about 0.7 km2) are inside, outside or on the border, two bits each. Only
for a door in a border cell is the polygon asked, and only those of its edges come along which a ray
from one of the coarse cell's border cells can meet. Measured in docs/benchmarks.md.

H3 assigns points to cells by its own geometry, not by straight lines on a map. So a cell counts as
border if an edge comes into it *or into a neighbour*, and only the rest, far from every edge, is
filled. H3 takes 20 to 70 ms to load, so it is loaded when somebody first asks.
"""

import math
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import pairwise
from typing import Any

from chalicelib.domain.coverage.shape import MICRO, Edge, Part, Shape, Spot, edges_of, is_inside
from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

ITEM_RESOLUTION, CELL_RESOLUTION = 5, 8
CELLS_PER_ITEM = 7 ** (CELL_RESOLUTION - ITEM_RESOLUTION)
#: Half of the shortest edge of a cell of resolution 8 (about 350 m where the grid is tightest): two
#: steps along an edge then never jump over a cell that is not next to one of theirs.
STEP_M = 150
#: About 100 m: more than a cell bulges out of the box of its corners.
_MARGIN = 1_000


#: Part by part, runs of corners.
Parts = tuple[tuple[tuple[Spot, ...], ...], ...]


class Cell(IntEnum):
    OUTSIDE = 0
    INSIDE = 1
    BORDER = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Where a position is on the grid: the item's cell, and the number of the fine cell in it."""

    item: str
    number: int


@dataclass(frozen=True, slots=True)
class Patch:
    """An area within one coarse cell.

    ``states`` has two bits for each fine cell. ``parts`` are runs of corners, part by part, of
    which a ray to the east (or to the west) of any border cell meets what it would of the whole.
    """

    states: bytes
    looking_west: bool
    parts: Parts

    def state(self, number: int) -> Cell:
        return Cell(self.states[number >> 2] >> ((number & 3) << 1) & 3)

    def contains(self, number: int, spot: Spot) -> bool:
        state = self.state(number)
        if state is not Cell.BORDER:
            return state is Cell.INSIDE
        return any(
            is_inside(
                spot,
                (edge for run in runs for edge in pairwise(run)),
                looking_west=self.looking_west,
            )
            for runs in self.parts
        )


@cache
def _h3() -> Any:
    import h3.api.basic_int as grid

    return grid


def address_of(position: LatLng) -> Address:
    """The cells of a position; coordinates were checked by LatLng, because H3 takes any."""
    grid = _h3()
    cell = grid.latlng_to_cell(position.latitude, position.longitude, CELL_RESOLUTION)
    item = grid.cell_to_parent(cell, ITEM_RESOLUTION)
    return Address(grid.int_to_str(item), grid.cell_to_child_pos(cell, ITEM_RESOLUTION))


def cut(shape: Shape) -> dict[str, Patch]:
    """The area, coarse cell by coarse cell."""
    grid = _h3()
    border = _border(shape)
    inside = {cell for part in shape.parts for cell in _filled(part)} - border
    states: dict[int, bytearray] = defaultdict(lambda: bytearray(-(-CELLS_PER_ITEM // 4)))
    on_border: dict[int, list[int]] = defaultdict(list)
    for cells, state in ((inside, Cell.INSIDE), (border, Cell.BORDER)):
        for cell in cells:
            item = grid.cell_to_parent(cell, ITEM_RESOLUTION)
            number = grid.cell_to_child_pos(cell, ITEM_RESOLUTION)
            states[item][number >> 2] |= state << ((number & 3) << 1)
            if state is Cell.BORDER:
                on_border[item].append(cell)
    return {
        grid.int_to_str(item): _patch(shape, bytes(bits), on_border[item])
        for item, bits in states.items()
    }


def pack(parts: Parts) -> bytes:
    """Corners as bytes: counts, then steps from one corner to the next, deflated."""
    numbers = array("i", [len(parts)])
    for runs in parts:
        numbers.append(len(runs))
        for run in runs:
            numbers.append(len(run))
            numbers.extend(run[0])
            for (ay, ax), (by, bx) in pairwise(run):
                numbers.extend((by - ay, bx - ax))
    return zlib.compress(numbers.tobytes(), 9)


def unpack(packed: bytes) -> Parts:
    """Read what :func:`pack` wrote."""
    numbers = array("i")
    numbers.frombytes(zlib.decompress(packed))
    stream = iter(numbers)
    return tuple(
        tuple(_read_run(stream, next(stream)) for _ in range(next(stream)))
        for _ in range(next(stream))
    )


def _read_run(stream: Iterator[int], corners: int) -> tuple[Spot, ...]:
    y = x = 0
    run = []
    for _ in range(corners):
        y += next(stream)
        x += next(stream)
        run.append((y, x))
    return tuple(run)


def _border(shape: Shape) -> set[int]:
    """Every cell that an edge comes into, and the neighbours of each."""
    grid = _h3()
    met = {
        grid.latlng_to_cell(latitude, longitude, CELL_RESOLUTION)
        for part in shape.parts
        for ring in part
        for edge in edges_of(ring)
        for latitude, longitude in _steps(edge)
    }
    return {neighbour for cell in met for neighbour in grid.grid_disk(cell, 1)}


def _steps(edge: Edge) -> Iterator[tuple[float, float]]:
    (ay, ax), (by, bx) = edge
    # A degree of longitude is longest at the end that is nearer to the equator.
    shrink = math.cos(math.radians(min(abs(ay), abs(by)) / MICRO)) if (ay > 0) == (by > 0) else 1.0
    length_m = math.radians(math.hypot(by - ay, (bx - ax) * shrink) / MICRO) * EARTH_RADIUS_M
    count = max(1, math.ceil(length_m / STEP_M))
    for number in range(count):
        yield (ay + (by - ay) * number / count) / MICRO, (ax + (bx - ax) * number / count) / MICRO


def _filled(part: Part) -> Iterable[int]:
    """Cells whose centre is inside; only those far from any edge are used, where H3 is exact."""
    import h3

    outline, *holes = (
        [(latitude / MICRO, longitude / MICRO) for latitude, longitude in ring] for ring in part
    )
    cells: Iterable[int] = _h3().h3shape_to_cells(h3.LatLngPoly(outline, *holes), CELL_RESOLUTION)
    return cells


def _patch(shape: Shape, states: bytes, border: Sequence[int]) -> Patch:
    if not border:
        return Patch(states, looking_west=False, parts=())
    corners = [corner for cell in border for corner in _h3().cell_to_boundary(cell)]
    box = _Box(
        south=math.floor(min(y for y, _ in corners) * MICRO) - _MARGIN,
        north=math.ceil(max(y for y, _ in corners) * MICRO) + _MARGIN,
        west=math.floor(min(x for _, x in corners) * MICRO) - _MARGIN,
        east=math.ceil(max(x for _, x in corners) * MICRO) + _MARGIN,
    )
    ways = [
        tuple(_runs(part, box, looking_west=looking_west) for part in shape.parts)
        for looking_west in (False, True)
    ]
    looking_west = _size(ways[1]) < _size(ways[0])
    return Patch(states, looking_west, tuple(runs for runs in ways[looking_west] if runs))


@dataclass(frozen=True, slots=True)
class _Box:
    south: int
    north: int
    west: int
    east: int

    def is_met(self, edge: Edge, *, looking_west: bool) -> bool:
        """Whether a ray from somewhere in the box could meet the edge."""
        (ay, ax), (by, bx) = edge
        if max(ay, by) < self.south or min(ay, by) > self.north:
            return False
        return min(ax, bx) <= self.east if looking_west else max(ax, bx) >= self.west


def _runs(part: Part, box: _Box, *, looking_west: bool) -> tuple[tuple[Spot, ...], ...]:
    """The edges that matter, joined where one follows the other."""
    runs: list[list[Spot]] = []
    for ring in part:
        end: Spot | None = None
        for edge in edges_of(ring):
            if not box.is_met(edge, looking_west=looking_west):
                end = None
                continue
            if end is None:
                runs.append([edge[0]])
            runs[-1].append(edge[1])
            end = edge[1]
    return tuple(tuple(run) for run in runs)


def _size(parts: Sequence[Sequence[Sequence[Spot]]]) -> int:
    return sum(len(run) for runs in parts for run in runs)
