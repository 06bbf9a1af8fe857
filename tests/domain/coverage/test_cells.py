"""The index answers what the polygon would: for every point, on borders too, anywhere on Earth."""

import random

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from chalicelib.domain.coverage import cells
from chalicelib.domain.coverage.cells import Cell, Patch
from chalicelib.domain.coverage.shape import MICRO, Shape, spot_of
from chalicelib.kit.errors import UnusableArea
from chalicelib.kit.geo import LatLng
from tests.domain.coverage.outlines import CITY, a_polygon, a_shape, a_square, slowly_inside

PLACES = st.builds(LatLng, st.floats(-84, 84), st.floats(-179, 179))


def is_covered(patches: dict[str, Patch], position: LatLng) -> bool:
    address = cells.address_of(position)
    patch = patches.get(address.item)
    return patch is not None and patch.contains(address.number, spot_of(position))


def points_around(shape: Shape, chance: random.Random, count: int) -> list[LatLng]:
    """Corners, points of edges, their neighbours one micro-degree away, and any points near."""
    corners = [spot for part in shape.parts for ring in part for spot in ring]
    low_y, high_y = min(y for y, _ in corners), max(y for y, _ in corners)
    low_x, high_x = min(x for _, x in corners), max(x for _, x in corners)
    spots = []
    for _ in range(count):
        ring = chance.choice([ring for part in shape.parts for ring in part])
        number = chance.randrange(len(ring))
        (ay, ax), (by, bx) = ring[number], ring[(number + 1) % len(ring)]
        share = chance.random()
        spots += [
            (ay, ax),
            (round(ay + share * (by - ay)), round(ax + share * (bx - ax))),
            (ay + chance.randint(-1, 1), ax + chance.randint(-1, 1)),
            (chance.randint(low_y - 9_000, high_y + 9_000), chance.randint(low_x, high_x)),
        ]
    return [LatLng(y / MICRO, x / MICRO) for y, x in spots if abs(x) <= 180 * MICRO]


@settings(max_examples=60)
@given(
    PLACES,
    st.integers(0, 10_000),
    st.integers(4, 120),
    st.integers(30, 25_000),
    st.integers(0, 4),
)
@example(LatLng(0, 0), 1, 40, 20_000, 4)
@example(LatLng(64.7, 10.536), 2, 50, 15_000, 2)  # a pentagon of the grid
@example(LatLng(78.2, 15.6), 3, 50, 9_000, 1)
def test_the_index_says_what_the_polygon_says(centre, seed, corners, radius_m, holes) -> None:
    try:
        shape = a_shape(a_polygon(seed, corners, radius_m, centre, holes=holes))
    except UnusableArea:
        # So small that rounding to micro-degrees lets rings meet: refused, and rightly.
        reject()
    patches = cells.cut(shape)
    chance = random.Random(seed)
    for position in points_around(shape, chance, 25):
        expected = slowly_inside(position, shape)
        assert is_covered(patches, position) is expected
        assert shape.contains(position) is expected


@pytest.mark.parametrize("seed", range(3))
def test_parts_that_lie_apart_touch_or_overlap_are_one_area(seed: int) -> None:
    squares = [
        a_square(51.1, 9.2, 51.2, 9.3),
        a_square(51.2, 9.3, 51.3, 9.4),
        a_square(51.15, 9.25, 51.18, 9.6),
        a_polygon(seed, 40, 3_000, LatLng(51.05, 9.9), holes=2),
    ]
    parts = [square["coordinates"] for square in squares]
    shape = a_shape({"type": "MultiPolygon", "coordinates": parts})
    patches = cells.cut(shape)
    for position in points_around(shape, random.Random(seed), 200):
        assert is_covered(patches, position) is slowly_inside(position, shape)


def test_no_edge_passes_a_cell_that_counts_as_inside_or_outside() -> None:
    """The reason why no polygon need be asked there: dense points of every edge are in border."""
    shape = a_shape(a_polygon(5, 80, 12_000, holes=3))
    patches = cells.cut(shape)
    for part in shape.parts:
        for ring in part:
            for (ay, ax), (by, bx) in zip(ring, (*ring[1:], ring[0]), strict=True):
                for step in range(200):
                    y, x = ay + (by - ay) * step / 200, ax + (bx - ax) * step / 200
                    address = cells.address_of(LatLng(y / MICRO, x / MICRO))
                    assert patches[address.item].state(address.number) is Cell.BORDER


def test_most_doors_of_a_city_need_no_polygon() -> None:
    patches = cells.cut(a_shape(a_polygon(1, 500, 17_000, roughness=0.02)))
    states = [patch.state(number) for patch in patches.values() for number in range(343)]
    assert states.count(Cell.INSIDE) > states.count(Cell.BORDER)


def test_an_item_carries_only_the_edges_that_matter_to_it() -> None:
    shape = a_shape(a_polygon(1, 2_000, 30_000, roughness=0.02))
    kept = [
        sum(len(run) for runs in patch.parts for run in runs) for patch in cells.cut(shape).values()
    ]
    assert max(kept) < shape.corner_count / 2
    assert sum(kept) < 4 * shape.corner_count


@given(st.integers(0, 99), st.integers(4, 300), st.integers(0, 4))
@settings(max_examples=20)
def test_edges_are_read_as_they_were_packed(seed: int, corners: int, holes: int) -> None:
    for patch in cells.cut(a_shape(a_polygon(seed, corners, 9_000, holes=holes))).values():
        assert cells.unpack(cells.pack(patch.parts)) == patch.parts


def test_an_area_smaller_than_a_cell_is_found() -> None:
    shape = a_shape(a_polygon(1, 8, 20, CITY))
    assert is_covered(cells.cut(shape), CITY)
