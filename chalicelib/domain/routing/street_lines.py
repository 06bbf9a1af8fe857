"""Which streets lie around a place? Lines for a picture, read off a town's street graph.

The graph (``streets``) was made for travel times, and holds what a picture needs: junctions, the
points of the streets between them, and which streets are main ones. What has no points between its
junctions is a straight line. A picture takes so many corners at most: where streets are many it
shows fewer metres.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.routing.streets import NO_WAY, unpack
from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

#: Half of a picture's side [m], the widest that has few enough corners; and how many those are.
HALVES_M = (1_600, 1_200, 900, 650, 450, 330)
MOST_CORNERS = 850
#: So far beside a route its streets are drawn [m], and side streets around a stop, the widest that
#: has few enough corners: 4,000 are 12 kB on the wire.
BESIDE_M, AROUND_STOP_M = 400, (600, 350, 200, 100, 0)
MOST_CORNERS_ALONG = 4_000
#: A corner that bends the line by less than this is left out [m].
_FLAT_M = 4.0
#: A tile's side has so many steps; from this zoom on it shows side streets.
TILE_STEPS, SIDE_FROM_ZOOM = 4096, 15
_PER_MICRODEGREE_M = math.radians(EARTH_RADIUS_M) / 1e6

type Corner = tuple[int, int]
"""Metres east and south of the middle."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The streets around a middle, main ones apart; ``half_m``: half of the side they cover."""

    half_m: int
    main: tuple[tuple[Corner, ...], ...]
    side: tuple[tuple[Corner, ...], ...]


@dataclass(frozen=True, slots=True)
class _Street:
    """Latitudes and longitudes [millionths of a degree], and the box around them."""

    lats: tuple[int, ...]
    lngs: tuple[int, ...]
    is_main: bool
    south: int
    north: int
    west: int
    east: int


class StreetLines:
    """The lines of a whole town.

    Parameters
    ----------
    packed
        What ``local.streets`` wrote.

    Raises
    ------
    StreetsUnreadable
    """

    def __init__(self, packed: bytes) -> None:
        columns = unpack(packed)
        bent = list(_bent(columns))
        joined = {frozenset(ends) for ends, _ in bent}
        self._streets = [street for _, street in bent]
        self._streets += _straight(columns, joined)

    def around(self, middle: LatLng) -> Lines:
        """The streets around a place."""
        for half_m in HALVES_M:
            lines = self._within(middle, half_m)
            if sum(map(len, lines.main + lines.side)) <= MOST_CORNERS:
                break
        return lines

    def tile(self, zoom: int, x: int, y: int) -> tuple[list[list[int]], list[list[int]]]:
        """The main and the side streets of a tile of the usual grid of maps (Web Mercator), in
        4096ths of its side; side streets only where they can be told apart."""
        grid = 1 << zoom
        west, east = (round((edge / grid * 360 - 180) * 1e6) for edge in (x, x + 1))
        north, south = (round(_latitude(edge / grid) * 1e6) for edge in (y, y + 1))
        main: list[list[int]] = []
        side: list[list[int]] = []
        for one in self._streets:
            if one.north < south or one.south > north or one.east < west or one.west > east:
                continue
            if one.is_main or zoom >= SIDE_FROM_ZOOM:
                corners = [
                    (
                        round(((lng / 1e6 + 180) / 360 * grid - x) * TILE_STEPS),
                        round((_down(lat / 1e6) * grid - y) * TILE_STEPS),
                    )
                    for lat, lng in zip(one.lats, one.lngs, strict=True)
                ]
                (main if one.is_main else side).append([k for c in _plain(corners) for k in c])
        return main, side

    def along(self, places: Sequence[LatLng]) -> tuple[LatLng, Lines]:
        """The streets of a route: main ones wherever it goes, side ones around its stops.

        Parameters
        ----------
        places
            At least one.

        Returns
        -------
        The middle that the lines are told from, and the lines.
        """
        lats = [one.latitude for one in places]
        lngs = [one.longitude for one in places]
        middle = LatLng((min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2)
        stops = [middle.offset_m(one) for one in places]
        half_m = max(max(abs(x), abs(y)) for x, y in stops) + BESIDE_M
        whole = self._within(middle, half_m)
        away = [(_away_m(line, stops), line) for line in whole.side]
        for reach_m in AROUND_STOP_M:
            side = tuple(line for away_m, line in away if away_m < reach_m)
            if sum(map(len, whole.main + side)) <= MOST_CORNERS_ALONG:
                break
        return middle, Lines(half_m, whole.main, side)

    def _within(self, middle: LatLng, half_m: int) -> Lines:
        lat, lng = round(middle.latitude * 1e6), round(middle.longitude * 1e6)
        narrow = max(0.01, math.cos(math.radians(middle.latitude)))
        high = half_m / _PER_MICRODEGREE_M
        wide = high / narrow
        main: list[tuple[Corner, ...]] = []
        side: list[tuple[Corner, ...]] = []
        for one in self._streets:
            if one.north < lat - high or one.south > lat + high:
                continue
            if one.east < lng - wide or one.west > lng + wide:
                continue
            across_m = narrow * _PER_MICRODEGREE_M
            corners = [
                (round((east - lng) * across_m), round((lat - north) * _PER_MICRODEGREE_M))
                for north, east in zip(one.lats, one.lngs, strict=True)
            ]
            (main if one.is_main else side).append(tuple(_plain(corners)))
        return Lines(half_m, tuple(main), tuple(side))


def _down(latitude: float) -> float:
    """How far down the square map of the world a latitude is, from 0 to 1."""
    return (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2


def _latitude(down: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def _away_m(line: Iterable[Corner], stops: Sequence[Corner]) -> int:
    """How far the nearest corner is from the nearest stop: half the side of the square between."""
    return min(max(abs(x - to_x), abs(y - to_y)) for x, y in line for to_x, to_y in stops)


def _bent(columns: Any) -> Iterable[tuple[tuple[int, int], _Street]]:
    """Streets with points of their own: the file has them one after the other, from a to b."""
    edges, lats, lngs = columns["edge"], columns["lat"], columns["lng"]
    first = len(columns["first"]) - 1  # junctions come first, and are their own points
    while first < len(edges):
        last = first
        while last < len(edges) and edges[last] == edges[first]:
            last += 1
        a, b = columns["a"][first], columns["b"][first]
        north = (lats[a], *lats[first:last], lats[b])
        east = (lngs[a], *lngs[first:last], lngs[b])
        end = "a" if columns["from_a_main"][last - 1] != NO_WAY else "b"
        main, side = (columns[f"from_{end}_{what}"][last - 1] for what in ("main", "side"))
        yield (a, b), _street(north, east, main > side)
        first = last


def _straight(columns: Any, joined: set[frozenset[int]]) -> Iterable[_Street]:
    """Between junctions that no street with points joins."""
    first, lats, lngs = columns["first"], columns["lat"], columns["lng"]
    for a in range(len(first) - 1):
        for arc in range(first[a], first[a + 1]):
            b = columns["to"][arc]
            ends = frozenset((a, b))
            if ends in joined:
                continue
            joined.add(ends)
            is_main = columns["main"][arc] > columns["side"][arc]
            yield _street((lats[a], lats[b]), (lngs[a], lngs[b]), is_main)


def _street(lats: Sequence[int], lngs: Sequence[int], is_main: bool) -> _Street:
    box = (min(lats), max(lats), min(lngs), max(lngs))
    return _Street(tuple(lats), tuple(lngs), is_main, *box)


def _plain(corners: list[Corner]) -> list[Corner]:
    """Without the corners at which the line hardly bends."""
    kept = corners[:1]
    for place in range(1, len(corners) - 1):
        here, (x0, y0), (x1, y1) = corners[place], kept[-1], corners[place + 1]
        long_m = math.hypot(x1 - x0, y1 - y0)
        twice = abs((x1 - x0) * (here[1] - y0) - (y1 - y0) * (here[0] - x0))
        if long_m == 0 or twice / long_m > _FLAT_M:
            kept.append(here)
    return [*kept, corners[-1]]
