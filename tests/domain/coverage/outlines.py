"""Outlines to test with: stars around a point, with holes, as GeoJSON; and a slow judge."""

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from chalicelib.domain.coverage.geojson import read_shape
from chalicelib.domain.coverage.shape import MICRO, Shape, Spot
from chalicelib.kit.geo import LatLng

CITY = LatLng(51.2, 9.4)


def a_ring(
    seed: int, corners: int, radius_m: int, centre: LatLng = CITY, *, roughness: float = 0.35
) -> list[list[float]]:
    """A star-shaped ring: it never meets itself, however rough it is."""
    chance = random.Random(seed)
    metre = 360 / 40_030_000
    shrink = math.cos(math.radians(centre.latitude))
    ring = []
    for number in range(corners):
        angle = 2 * math.pi * number / corners
        reach = radius_m * (1 - roughness * chance.random()) * metre
        ring.append(
            [
                round(centre.longitude + reach * math.cos(angle) / shrink, 6),
                round(centre.latitude + reach * math.sin(angle), 6),
            ]
        )
    return [*ring, ring[0]]


def a_polygon(
    seed: int = 1,
    corners: int = 60,
    radius_m: int = 6_000,
    centre: LatLng = CITY,
    *,
    holes: int = 0,
    roughness: float = 0.35,
) -> dict[str, Any]:
    """An outline with up to four holes, one in each quarter."""
    shift = radius_m * 0.3 * 360 / 40_030_000
    quarters = [(1, 1), (1, -1), (-1, 1), (-1, -1)][:holes]
    rings = [a_ring(seed, corners, radius_m, centre, roughness=roughness)]
    for number, (up, right) in enumerate(quarters):
        middle = LatLng(centre.latitude + up * shift, centre.longitude + right * shift)
        rings.append(a_ring(seed + number + 1, max(4, corners // 5), radius_m // 8, middle)[::-1])
    return {"type": "Polygon", "coordinates": rings}


def a_square(
    south: float = 51.15, west: float = 9.3, north: float = 51.25, east: float = 9.5
) -> dict[str, Any]:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


def a_shape(document: dict[str, Any]) -> Shape:
    return read_shape(document)


def slowly_inside(position: LatLng, shape: Shape) -> bool:
    """Ray casting over every edge with fractions, written without looking at the code."""
    y, x = round(position.latitude * MICRO), round(position.longitude * MICRO)
    return any(_in_part((y, x), part) for part in shape.parts)


def _in_part(spot: Spot, rings: Sequence[Sequence[Spot]]) -> bool:
    y, x = spot
    meetings = 0
    for ring in rings:
        for number, start in enumerate(ring):
            end = ring[(number + 1) % len(ring)]
            (low_y, low_x), (high_y, high_x) = sorted((start, end))
            if low_y == high_y:
                if y == low_y and min(low_x, high_x) <= x <= max(low_x, high_x):
                    return True
                continue
            if not low_y <= y <= high_y:
                continue
            at_x = low_x + Fraction((y - low_y) * (high_x - low_x), high_y - low_y)
            if at_x == x:
                return True
            if y < high_y and at_x > x:
                meetings += 1
    return meetings % 2 == 1
