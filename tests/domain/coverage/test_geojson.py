"""What may be an area is taken as it was drawn; what may not is refused, with the reason."""

import json
import time
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.coverage.geojson import MOST_CORNERS, Flaw, read_shape, write_shape
from chalicelib.kit.errors import UnusableArea
from chalicelib.kit.geo import LatLng
from tests.domain.coverage.outlines import CITY, a_polygon, a_ring, a_square

SQUARE = a_square()["coordinates"][0]
INNER = a_square(51.18, 9.35, 51.2, 9.4)["coordinates"][0]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def refused(document: object) -> Flaw:
    with pytest.raises(UnusableArea) as caught:
        read_shape(document)
    assert caught.value.detail
    return Flaw(caught.value.extra["reason"])


@pytest.mark.parametrize("holes", [0, 4])
def test_an_area_is_given_back_as_it_was_drawn(holes: int) -> None:
    shape = read_shape(a_polygon(holes=holes))
    again = read_shape(json.loads(json.dumps(write_shape(shape))))
    assert {frozenset(ring) for part in again.parts for ring in part} == {
        frozenset(ring) for part in shape.parts for ring in part
    }


def test_outlines_are_given_back_counterclockwise_and_holes_clockwise() -> None:
    """RFC 7946 asks for it, and tells readers to take either."""
    for outline in (SQUARE, SQUARE[::-1]):
        for hole in (INNER, INNER[::-1]):
            written = write_shape(read_shape(polygon(outline, hole)))["coordinates"]
            turns = [sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairs(ring)) for ring in written]
            assert turns[0] < 0 < turns[1]


def pairs(ring: list[Any]) -> list[tuple[Any, Any]]:
    return list(pairwise(ring))


def test_features_and_collections_and_heights_are_taken() -> None:
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": polygon(SQUARE)}
    far = a_square(52, 10, 52.1, 10.1)
    collection = {
        "type": "FeatureCollection",
        "features": [feature, {"type": "Feature", "geometry": far}],
    }
    high = polygon([[*position, 120.5] for position in SQUARE])
    assert read_shape(feature) == read_shape(high) == read_shape(polygon(SQUARE))
    assert len(read_shape(collection).parts) == 2


def test_a_corner_that_is_given_twice_counts_once() -> None:
    assert read_shape(polygon([SQUARE[0], *SQUARE])) == read_shape(polygon(SQUARE))


@pytest.mark.parametrize(
    ("document", "flaw"),
    [
        (None, Flaw.NOT_GEOJSON),
        ([], Flaw.NOT_GEOJSON),
        ({}, Flaw.NOT_A_POLYGON),
        ({"type": "Point", "coordinates": [9, 51]}, Flaw.NOT_A_POLYGON),
        ({"type": ["Polygon"], "coordinates": []}, Flaw.NOT_A_POLYGON),
        ({"type": "Polygon"}, Flaw.NOT_GEOJSON),
        ({"type": "Feature", "geometry": None}, Flaw.NOT_GEOJSON),
        ({"type": "FeatureCollection", "features": []}, Flaw.NOT_A_POLYGON),
        ({"type": "FeatureCollection", "features": [polygon(SQUARE)]}, Flaw.NOT_GEOJSON),
        ({"type": "MultiPolygon", "coordinates": []}, Flaw.NOT_A_POLYGON),
        (polygon(), Flaw.TOO_FEW_POSITIONS),
        (polygon(SQUARE[:3]), Flaw.TOO_FEW_POSITIONS),
        (polygon([[9, 51], [9, 51], [9, 51], [9, 51]]), Flaw.TOO_FEW_POSITIONS),
        (polygon(SQUARE[:-1]), Flaw.RING_NOT_CLOSED),
        (polygon([["9", 51], *SQUARE]), Flaw.BAD_POSITION),
        (polygon([[9], *SQUARE]), Flaw.BAD_POSITION),
        (polygon([[True, 51], *SQUARE]), Flaw.BAD_POSITION),
        (polygon([[9, 51, 1, 1], *SQUARE]), Flaw.BAD_POSITION),
        (polygon([[9, 91], *SQUARE]), Flaw.OUT_OF_RANGE),
        (polygon([[181, 51], *SQUARE]), Flaw.OUT_OF_RANGE),
        (polygon([[float("nan"), 51], *SQUARE]), Flaw.OUT_OF_RANGE),
        (polygon([[10**400, 51], *SQUARE]), Flaw.OUT_OF_RANGE),
        (polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]), Flaw.CROSSES_ANTIMERIDIAN),
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), Flaw.RING_CROSSES_ITSELF),
        (polygon([[0, 0], [1, 0], [2, 0], [1, 0], [0, 0]]), Flaw.RING_CROSSES_ITSELF),
        (
            polygon([[0, 0], [0.2, 0], [0.2, 0.2], [0.1, 0], [0, 0.2], [0, 0]]),
            Flaw.RING_CROSSES_ITSELF,
        ),
        (polygon(SQUARE, a_square(51.18, 9.45, 51.2, 9.6)["coordinates"][0]), Flaw.RINGS_MEET),
        (polygon(SQUARE, a_square(51.15, 9.35, 51.2, 9.4)["coordinates"][0]), Flaw.RINGS_MEET),
        (polygon(SQUARE, SQUARE), Flaw.RINGS_MEET),
        (polygon(SQUARE, a_square(51.3, 9.35, 51.4, 9.4)["coordinates"][0]), Flaw.HOLE_OUTSIDE),
        (
            polygon(SQUARE, INNER, a_square(51.19, 9.36, 51.195, 9.37)["coordinates"][0]),
            Flaw.HOLE_IN_HOLE,
        ),
        (a_square(50, 8, 52, 10), Flaw.TOO_LARGE),
        (polygon(a_ring(1, MOST_CORNERS + 1, 9_000)), Flaw.TOO_MANY_POSITIONS),
    ],
)
def test_what_cannot_be_an_area_is_refused(document: object, flaw: Flaw) -> None:
    assert refused(document) is flaw


def test_the_largest_outline_is_checked_while_somebody_waits() -> None:
    started = time.process_time()
    assert read_shape(polygon(a_ring(1, MOST_CORNERS - 1, 25_000, roughness=0.05))).corner_count
    assert time.process_time() - started < 2


def test_an_outline_made_to_be_slow_is_refused() -> None:
    """A comb with teeth both ways: every edge lies beside a thousand others on either axis."""
    up, across = [], []
    for number in range(1200):
        up += [[number * 1e-5, 0.0], [number * 1e-5 + 5e-6, 0.002]]
        across += [[0.02, -0.001 - number * 1e-5], [0.018, -0.001 - number * 1e-5 - 5e-6]]
    ring = [*up, [0.021, 0.0], *across, [0.0, -0.02]]
    started = time.process_time()
    assert refused(polygon([*ring, ring[0]])) is Flaw.TOO_INTRICATE
    assert time.process_time() - started < 3


def test_a_long_thin_outline_is_too_large() -> None:
    zigzag = [[number * 0.001, 2.0 * (number % 2)] for number in range(40)]
    ring = [*zigzag, [0.1, -0.1], [-0.1, -0.1], zigzag[0]]
    assert refused(polygon(ring)) is Flaw.TOO_LARGE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "features"]),
            inner | st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"]),
        )
    ),
    max_leaves=30,
)


@given(JSON)
@settings(max_examples=300)
def test_whatever_comes_is_read_or_refused(document: object) -> None:
    with suppress(UnusableArea):
        assert read_shape(document).parts


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
@settings(max_examples=400)
def test_small_rings_meet_themselves_exactly_when_some_pair_of_edges_does(corners) -> None:
    """Against the definition: no point of one edge lies on another, but the shared corner."""
    ring = [[9 + x / 1000, 51 + y / 1000] for x, y in [*corners, corners[0]]]
    clean = [
        here
        for here, before in zip(corners, [corners[-1], *corners[:-1]], strict=True)
        if here != before
    ]
    if len(clean) < 3:
        assert refused(polygon(ring)) is Flaw.TOO_FEW_POSITIONS
        return
    if meets_itself(clean):
        assert refused(polygon(ring)) is Flaw.RING_CROSSES_ITSELF
    else:
        assert read_shape(polygon(ring)).corner_count == len(clean)


def meets_itself(corners: list[tuple[int, int]]) -> bool:
    count = len(corners)
    edges = [(corners[n], corners[(n + 1) % count]) for n in range(count)]
    for first in range(count):
        for second in range(first + 1, count):
            shared = {second} if second == first + 1 else set()
            if (second + 1) % count == first:
                shared.add(first)
            met = common(edges[first], edges[second])
            if met is None:
                continue
            if not shared or met == "much" or {corners[n] for n in shared} != {met}:
                return True
    return False


def common(one, other):
    """The one point that two edges share, "much" for more than one, None for none."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    rx, ry, sx, sy = bx - ax, by - ay, dx - cx, dy - cy
    cross = rx * sy - ry * sx
    if cross == 0:
        if rx * (cy - ay) - ry * (cx - ax) != 0:
            return None
        length = rx * rx + ry * ry
        ends = sorted(
            Fraction(rx * (x - ax) + ry * (y - ay), length) for x, y in ((cx, cy), (dx, dy))
        )
        low, high = max(Fraction(0), ends[0]), min(Fraction(1), ends[1])
        if low > high:
            return None
        return (ax + low * rx, ay + low * ry) if low == high else "much"
    t = Fraction((cx - ax) * sy - (cy - ay) * sx, cross)
    u = Fraction((cx - ax) * ry - (cy - ay) * rx, cross)
    return (ax + t * rx, ay + t * ry) if 0 <= t <= 1 and 0 <= u <= 1 else None


def test_the_flaw_is_told_with_its_place() -> None:
    with pytest.raises(UnusableArea, match=r"9\.3.*51\.15"):
        read_shape(polygon([*SQUARE[:-1], [9.30001, 51.15]]))


def test_longitudes_come_first() -> None:
    shape = read_shape(a_polygon(1, 40, 5_000))
    assert shape.contains(CITY)
    assert not shape.contains(LatLng(CITY.longitude, CITY.latitude))
