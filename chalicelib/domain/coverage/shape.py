"""Is the door inside? Polygons on a grid of whole micro-degrees, decided by whole numbers alone.

A position has six decimals, so every coordinate is an integer and no answer depends on rounding.
As RFC 7946 has it, an edge is a straight line in longitude and latitude. A border belongs to its
area, the border of a hole too.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

MICRO = 1_000_000

#: Latitude and longitude in micro-degrees.
Spot = tuple[int, int]
Edge = tuple[Spot, Spot]
#: Corners in order; the last is joined to the first.
Ring = tuple[Spot, ...]
#: An outline and the holes in it.
Part = tuple[Ring, ...]


def spot_of(position: LatLng) -> Spot:
    return round(position.latitude * MICRO), round(position.longitude * MICRO)


def edges_of(ring: Ring) -> Iterator[Edge]:
    yield from pairwise(ring)
    yield ring[-1], ring[0]


@dataclass(frozen=True)
class Shape:
    """One or more parts, each with holes or without; a door in any of them is inside."""

    parts: tuple[Part, ...]

    @cached_property
    def corner_count(self) -> int:
        return sum(len(ring) for part in self.parts for ring in part)

    @cached_property
    def area_m2(self) -> int:
        """Area on the sphere; parts that overlap count twice."""
        return round(sum(_part_area_m2(part) for part in self.parts))

    def contains(self, position: LatLng) -> bool:
        """Every edge is looked at: what the index is compared with."""
        spot = spot_of(position)
        return any(
            is_inside(spot, (edge for ring in part for edge in edges_of(ring)))
            for part in self.parts
        )


def is_inside(spot: Spot, edges: Iterable[Edge], *, looking_west: bool = False) -> bool:
    """Whether a ray from the spot meets the edges an odd number of times, or the spot is on one."""
    y, x = spot
    is_odd = False
    for (ay, ax), (by, bx) in edges:
        if (ay > y) == (by > y):
            # Level with both ends or passing by; only a spot on the edge itself could matter.
            if (ay == y or by == y) and _is_on(spot, ((ay, ax), (by, bx))):
                return True
            continue
        # Which side of the edge, taken upwards, the spot is on.
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if side == 0:
            return True
        if ((side > 0) == (by > ay)) != looking_west:
            is_odd = not is_odd
    return is_odd


def do_meet(one: Edge, other: Edge) -> bool:
    """Whether two edges share any point."""
    (a, b), (c, d) = one, other
    if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
        return True
    return _is_on(c, one) or _is_on(d, one) or _is_on(a, other) or _is_on(b, other)


def do_fold_back(one: Edge, following: Edge) -> bool:
    """Whether an edge runs back over the one before it."""
    (a, b), (_, c) = one, following
    if _side(a, b, c) != 0:
        return False
    return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def ring_length_m(ring: Ring) -> int:
    """How long an outline is; as the crow flies from corner to corner."""
    corners = [LatLng(y / MICRO, x / MICRO) for y, x in ring]
    return sum(a.distance_m(b) for a, b in pairwise([*corners, corners[0]]))


def ring_area_m2(ring: Ring) -> float:
    """Area on a sphere between straight lines of longitude and latitude."""
    total = 0.0
    for (ay, ax), (by, bx) in edges_of(ring):
        middle = math.sin(math.radians(ay / MICRO)) + math.sin(math.radians(by / MICRO))
        total += math.radians((bx - ax) / MICRO) * middle / 2
    return abs(total) * EARTH_RADIUS_M**2


def _part_area_m2(part: Part) -> float:
    outline, *holes = part
    return ring_area_m2(outline) - sum(ring_area_m2(hole) for hole in holes)


def _side(a: Spot, b: Spot, c: Spot) -> int:
    """-1, 0 or 1: right of, on, or left of the line from a to b."""
    turn = (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])
    return (turn > 0) - (turn < 0)


def _is_on(spot: Spot, edge: Edge) -> bool:
    a, b = edge
    if not (min(a[0], b[0]) <= spot[0] <= max(a[0], b[0])):
        return False
    if not (min(a[1], b[1]) <= spot[1] <= max(a[1], b[1])):
        return False
    return _side(a, b, spot) == 0
