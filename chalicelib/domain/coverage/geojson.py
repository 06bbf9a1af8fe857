"""Can this GeoJSON be a service area? Read strictly, refused with the reason and the place.

Taken: Polygon and MultiPolygon, alone, in a Feature, or in a FeatureCollection (whose polygons are
the parts of one area); holes; rings that turn either way (RFC 7946 asks for counterclockwise
outlines and tells readers not to refuse others); a third number, the height, which is ignored.
Source: RFC 7946 sections 3.1.1, 3.1.6, 3.1.9. Positions are taken to six decimals first, and what
is checked is what is kept.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, Never

from chalicelib.domain.coverage.shape import (
    MICRO,
    Edge,
    Part,
    Ring,
    Shape,
    Spot,
    do_fold_back,
    do_meet,
    edges_of,
    is_inside,
    ring_area_m2,
    ring_length_m,
)
from chalicelib.kit.errors import UnusableArea

MOST_CORNERS = 5_000
#: More than a metropolis and its suburbs; an area's cells must fit in one transaction.
MOST_AREA_M2 = 6_000_000_000
MOST_LENGTH_M = 3_000_000
#: The northernmost town has 82.5 degrees; beyond this, straight lines on a map mean nothing.
MOST_LATITUDE = 85
#: Pairs of edges to be compared; usual outlines of 5,000 corners need a tenth of it.
_MOST_PAIRS = 1_500_000


class Flaw(StrEnum):
    """What is wrong with an area; stable codes."""

    NOT_GEOJSON = "not_geojson"
    NOT_A_POLYGON = "not_a_polygon"
    BAD_POSITION = "bad_position"
    OUT_OF_RANGE = "out_of_range"
    RING_NOT_CLOSED = "ring_not_closed"
    TOO_FEW_POSITIONS = "too_few_positions"
    TOO_MANY_POSITIONS = "too_many_positions"
    CROSSES_ANTIMERIDIAN = "crosses_antimeridian"
    RING_CROSSES_ITSELF = "ring_crosses_itself"
    RINGS_MEET = "rings_meet"
    HOLE_OUTSIDE = "hole_outside"
    HOLE_IN_HOLE = "hole_in_hole"
    TOO_LARGE = "too_large"
    TOO_INTRICATE = "too_intricate"
    TOO_MANY_AREAS_HERE = "too_many_areas_here"


def refuse(flaw: Flaw, detail: str) -> Never:
    raise UnusableArea(detail, extra={"reason": flaw.value})


def read_shape(document: object) -> Shape:
    """Read and check an area.

    Raises
    ------
    UnusableArea
        ``extra.reason`` is a :class:`Flaw`.
    """
    polygons = list(_polygons(document))
    if not polygons:
        refuse(Flaw.NOT_A_POLYGON, "there is no polygon in it")
    _count(polygons)
    shape = Shape(tuple(_part(polygon) for polygon in polygons))
    if sum(ring_area_m2(part[0]) for part in shape.parts) > MOST_AREA_M2:
        refuse(Flaw.TOO_LARGE, f"an area has {MOST_AREA_M2 // 10**6} square kilometres at most")
    if sum(ring_length_m(ring) for part in shape.parts for ring in part) > MOST_LENGTH_M:
        refuse(Flaw.TOO_LARGE, f"an outline is {MOST_LENGTH_M // 1000} kilometres long at most")
    for part in shape.parts:
        _check_meetings(part)
        _check_holes(part)
    return shape


def write_shape(shape: Shape) -> dict[str, Any]:
    """The area as a GeoJSON geometry, its rings closed and turning as RFC 7946 recommends."""
    polygons = [
        [_write_ring(ring, is_outline=number == 0) for number, ring in enumerate(part)]
        for part in shape.parts
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _polygons(document: object, depth: int = 0) -> Iterator[Sequence[Any]]:
    if not isinstance(document, Mapping) or depth > 2:
        refuse(Flaw.NOT_GEOJSON, "an area is a GeoJSON object")
    kind = document.get("type")
    if kind == "FeatureCollection":
        for feature in _list(document.get("features"), "features"):
            if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
                refuse(Flaw.NOT_GEOJSON, "a FeatureCollection holds Features")
            yield from _polygons(feature, depth + 1)
    elif kind == "Feature":
        yield from _polygons(document.get("geometry"), depth + 1)
    elif kind == "Polygon":
        yield _list(document.get("coordinates"), "coordinates")
    elif kind == "MultiPolygon":
        for polygon in _list(document.get("coordinates"), "coordinates"):
            yield _list(polygon, "a polygon")
    else:
        refuse(Flaw.NOT_A_POLYGON, "an area is a Polygon or a MultiPolygon")


def _list(value: object, name: str) -> Sequence[Any]:
    if not isinstance(value, list):
        refuse(Flaw.NOT_GEOJSON, f"{name} must be a list")
    return value


def _count(polygons: Sequence[Sequence[Any]]) -> None:
    """Before anything is computed: an area may be large, not endless."""
    positions = 0
    for polygon in polygons:
        if not polygon:
            refuse(Flaw.TOO_FEW_POSITIONS, "a polygon has an outline")
        for ring in polygon:
            positions += len(_list(ring, "a ring"))
    if positions > MOST_CORNERS:
        refuse(Flaw.TOO_MANY_POSITIONS, f"an area has {MOST_CORNERS} positions at most")


def _part(polygon: Sequence[Any]) -> Part:
    return tuple(_ring(ring) for ring in polygon)


def _ring(positions: Sequence[Any]) -> Ring:
    spots = [_spot(position) for position in positions]
    if len(spots) < 4:
        refuse(Flaw.TOO_FEW_POSITIONS, "a ring has four positions or more")
    if spots[0] != spots[-1]:
        refuse(Flaw.RING_NOT_CLOSED, f"a ring ends where it begins, at {_say(spots[0])}")
    for (_, ax), (_, bx) in pairwise(spots):
        if abs(bx - ax) > 180 * MICRO:
            refuse(
                Flaw.CROSSES_ANTIMERIDIAN,
                "an area does not cross the 180th meridian: cut it there into two parts",
            )
    corners = tuple(spot for before, spot in pairwise(spots) if spot != before)
    if len(corners) < 3:
        refuse(Flaw.TOO_FEW_POSITIONS, f"a ring at {_say(spots[0])} has no area")
    return corners


def _spot(position: object) -> Spot:
    if not isinstance(position, list) or not 2 <= len(position) <= 3:
        refuse(Flaw.BAD_POSITION, "a position is [longitude, latitude]")
    numbers = []
    for number in position[:2]:
        # True is a number to Python, and to nobody else.
        if isinstance(number, bool) or not isinstance(number, int | float):
            refuse(Flaw.BAD_POSITION, "a position is two numbers")
        if abs(number) > 180 or not math.isfinite(number):
            refuse(Flaw.OUT_OF_RANGE, "longitudes lie between -180 and 180")
        numbers.append(round(number * MICRO))
    longitude, latitude = numbers
    if abs(latitude) > MOST_LATITUDE * MICRO:
        refuse(
            Flaw.OUT_OF_RANGE,
            f"latitudes lie between -{MOST_LATITUDE} and {MOST_LATITUDE}; longitude comes first",
        )
    return latitude, longitude


def _check_meetings(part: Part) -> None:
    """No two edges of a part share a point, but neighbours the corner between them."""
    for ring in part:
        edges = list(edges_of(ring))
        for one, following in zip(edges, [*edges[1:], edges[0]], strict=True):
            if do_fold_back(one, following):
                refuse(Flaw.RING_CROSSES_ITSELF, f"the ring folds back at {_say(one[1])}")
    for side, other in _near_pairs(part):
        if side.is_neighbour(other) or not do_meet(side.edge, other.edge):
            continue
        if side.ring == other.ring:
            refuse(Flaw.RING_CROSSES_ITSELF, f"the ring meets itself near {_say(side.edge[0])}")
        refuse(Flaw.RINGS_MEET, f"two rings meet near {_say(side.edge[0])}")


class _Side(NamedTuple):
    """An edge, and where it stands: its ring, its number there, the ring's last number."""

    edge: Edge
    ring: int
    number: int
    last: int

    def is_neighbour(self, other: "_Side") -> bool:
        apart = abs(self.number - other.number)
        return self.ring == other.ring and apart in (1, self.last)

    def reach(self, axis: int) -> tuple[int, int]:
        (a, b) = self.edge
        return (a[axis], b[axis]) if a[axis] <= b[axis] else (b[axis], a[axis])


def _near_pairs(part: Part) -> Iterator[tuple[_Side, _Side]]:
    """Pairs of edges whose boxes touch: a line is swept along the axis on which edges are short."""
    sides = [
        _Side(edge, number, position, len(ring) - 1)
        for number, ring in enumerate(part)
        for position, edge in enumerate(edges_of(ring))
    ]
    axis = min((0, 1), key=lambda one: _crowding(sides, one))
    swept = sorted((*side.reach(axis), *side.reach(1 - axis), side) for side in sides)
    compared = 0
    for first, (_, ends, low, high, side) in enumerate(swept):
        for second in range(first + 1, len(swept)):
            starts, _, other_low, other_high, other = swept[second]
            if starts > ends:
                break
            compared += 1
            if other_low <= high and low <= other_high:
                yield side, other
        if compared > _MOST_PAIRS:
            refuse(Flaw.TOO_INTRICATE, "too many edges lie side by side: simplify the outline")


def _crowding(sides: Sequence[_Side], axis: int) -> float:
    """How much of the whole an edge spans on an axis, added up."""
    reaches = [side.reach(axis) for side in sides]
    whole = max(high for _, high in reaches) - min(low for low, _ in reaches)
    return sum(high - low for low, high in reaches) / (whole or 1)


def _check_holes(part: Part) -> None:
    """Rings do not meet here any more, so one corner tells where a whole hole lies."""
    outline, *holes = part
    for number, hole in enumerate(holes):
        if not is_inside(hole[0], edges_of(outline)):
            refuse(Flaw.HOLE_OUTSIDE, f"the hole at {_say(hole[0])} is outside of its outline")
        for other, around in enumerate(holes):
            if other != number and is_inside(hole[0], edges_of(around)):
                refuse(Flaw.HOLE_IN_HOLE, f"the hole at {_say(hole[0])} lies in another")


def _write_ring(ring: Ring, *, is_outline: bool) -> list[list[float]]:
    turned = sum((bx - ax) * (by + ay) for (ay, ax), (by, bx) in edges_of(ring)) < 0
    corners = ring if turned == is_outline else tuple(reversed(ring))
    return [[x / MICRO, y / MICRO] for y, x in (*corners, corners[0])]


def _say(spot: Spot) -> str:
    return f"[{spot[1] / MICRO}, {spot[0] / MICRO}]"
