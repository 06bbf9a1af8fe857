"""How long and how far along the streets of a town? A contracted graph, and Dijkstra's rows.

``python -m local.streets`` makes the file from an OpenStreetMap extract. Its nodes are real
junctions and ends; the points of the streets between them are what a place is snapped to, and each
knows what it takes to the next node and from the last one, one-ways respected. So a row is one
search over the junctions (Dijkstra 1959), and every point is read off it.

Times are free-flow tenths of seconds, apart for main roads and for side streets: an hour that slows
main roads by a factor slows side streets by half of it. Streets are driven by cars and vans; other
kinds, places far from any street and places that no way leads to are left to another provider.

Units: [ds] tenths of seconds, [m], millionths of degrees.
"""

import heapq
import itertools
import math
import struct
import sys
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.routing.matrix import LARGEST, Matrix, Travel
from chalicelib.domain.routing.travel import Roads, traffic
from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

MAGIC, VERSION = b"LMST", 1
#: In the file: no way from or to there.
NO_WAY = 2**32 - 1
#: Cells that places are snapped by, 66 m wide from the middle to a corner.
RESOLUTION = 10
#: A place further from every street than so many rings of cells (about 1.3 km) is not in the town.
MOST_RINGS = 10
#: Between a door and the street [m/s]. Source: residential streets at 20 km/h.
LAST_METRES_MPS = 5.5
#: What a kind takes of a car's time [permille]: vans as in ``travel.PACES``.
KINDS = {"car": 1000, "van": 1080}
#: Rows that a worker keeps, [bytes]: 4 + 4 for each node.
MOST_KEPT_BYTES = 256 * 1024 * 1024

_FAR = LARGEST
#: So many places are asked for with whole rows, which are kept; fewer with rows cut short.
WHOLE_ROWS_FROM = 60
_BITS = 22
_MASK = (1 << _BITS) - 1

type Way = tuple[int, int, int]
"""To or from a node: its number, [ds], [m]."""


class StreetsUnreadable(ValueError):
    """The file is not a street graph of this version."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a street, and how far beside it [m]."""

    point: int
    aside_m: float


@dataclass(frozen=True, slots=True)
class _Hour:
    """The graph at one state of traffic: (nodes,) lists of (to, [ds], [m])."""

    percent: int
    out: list[list[Way]]


class Streets:
    """A street graph.

    Parameters
    ----------
    packed
        What ``local.streets`` wrote.

    Raises
    ------
    StreetsUnreadable
    """

    def __init__(self, packed: bytes) -> None:
        columns = _unpack(packed)
        self.nodes: int = len(columns["first"]) - 1
        self._arcs = columns
        self.points: int = len(columns["lat"])
        self._at: dict[str, list[int]] = {}
        self._hours: dict[int, _Hour] = {}
        self._rows: OrderedDict[tuple[int, int], tuple[array[int], array[int]]] = OrderedDict()
        self._most_rows = max(1, MOST_KEPT_BYTES // (8 * max(1, self.nodes)))
        grid = _h3()
        for point, (lat, lng) in enumerate(zip(columns["lat"], columns["lng"], strict=True)):
            cell = grid.latlng_to_cell(lat / 1e6, lng / 1e6, RESOLUTION)
            self._at.setdefault(cell, []).append(point)

    @property
    def kept_rows(self) -> int:
        return len(self._rows)

    def snap(self, position: LatLng) -> Spot | None:
        """The nearest point of a street; None where there is none for a kilometre."""
        grid = _h3()
        here = grid.latlng_to_cell(position.latitude, position.longitude, RESOLUTION)
        lat, lng = position.latitude * 1e6, position.longitude * 1e6
        narrow = math.cos(math.radians(position.latitude))
        per_degree = math.radians(EARTH_RADIUS_M) / 1e6
        best, nearest, ring, rings_left = math.inf, -1, 0, MOST_RINGS
        while ring <= rings_left:
            for cell in grid.grid_ring(here, ring) if ring else [here]:
                for point in self._at.get(cell, ()):
                    east = (self._arcs["lng"][point] - lng) * narrow
                    away = math.hypot(east, self._arcs["lat"][point] - lat)
                    if away < best:
                        best, nearest = away, point
            if nearest >= 0:
                # A cell further out may still hold a nearer point, two rings out none.
                rings_left = min(rings_left, ring + 1) if rings_left == MOST_RINGS else rings_left
            ring += 1
        return None if nearest < 0 else Spot(nearest, best * per_degree)

    def rows(
        self, spots: Sequence[Spot], depart_at: datetime
    ) -> tuple[list[list[int]], list[list[int]]]:
        """(n, n) tenths of seconds and metres between spots; ``_FAR`` where no way leads."""
        percent = round(100 * traffic(depart_at))
        hour = self._hour(percent)
        entries = [self._ways(spot.point, percent, "from") for spot in spots]
        targets = {node for ways in entries for node, _, _ in ways}
        if len(spots) >= WHOLE_ROWS_FROM:
            targets = set()
        tenths, metres = [], []
        for spot in spots:
            seconds, far = self._row(spot.point, hour, targets)
            row_s, row_m = [], []
            for there, ways in zip(spots, entries, strict=True):
                best, best_m = _FAR, _FAR
                for node, extra, extra_m in ways:
                    if seconds[node] + extra < best:
                        best, best_m = seconds[node] + extra, far[node] + extra_m
                straight = self._along(spot.point, there.point, percent)
                if straight is not None and straight[0] < best:
                    best, best_m = straight
                row_s.append(best)
                row_m.append(best_m)
            tenths.append(row_s)
            metres.append(row_m)
        return tenths, metres

    def _hour(self, percent: int) -> _Hour:
        if percent not in self._hours:
            if len(self._hours) >= 4:
                self._hours.pop(next(iter(self._hours)))
            first, to = self._arcs["first"], self._arcs["to"]
            cost = self._costs("", percent)
            metres = self._arcs["metres"]
            out = [
                [(to[k], cost[k], metres[k]) for k in range(first[node], first[node + 1])]
                for node in range(self.nodes)
            ]
            self._hours[percent] = _Hour(percent, out)
        return self._hours[percent]

    def _costs(self, name: str, percent: int) -> list[int]:
        mains, sides = self._arcs[f"{name}main"], self._arcs[f"{name}side"]
        return [slowed(main, side, percent) for main, side in zip(mains, sides, strict=True)]

    def _ways(self, point: int, percent: int, way: str) -> list[Way]:
        """From the nodes at both ends of its street to a point, or from the point to them."""
        arcs, found = self._arcs, []
        for end in ("a", "b"):
            main = arcs[f"{way}_{end}_main"][point]
            if main != NO_WAY:
                cost = slowed(main, arcs[f"{way}_{end}_side"][point], percent)
                found.append((arcs[end][point], cost, arcs[f"{way}_{end}_metres"][point]))
        return found

    def _along(self, here: int, there: int, percent: int) -> tuple[int, int] | None:
        """Along one street, without a junction between."""
        arcs = self._arcs
        if here == there:
            return 0, 0
        if arcs["edge"][here] != arcs["edge"][there]:
            return None
        best = None
        for end in ("a", "b"):
            first, last = (arcs[f"from_{end}_main"][one] for one in (here, there))
            if NO_WAY in (first, last):
                continue
            far = arcs[f"from_{end}_metres"][there] - arcs[f"from_{end}_metres"][here]
            side = arcs[f"from_{end}_side"][there] - arcs[f"from_{end}_side"][here]
            if far >= 0 and last >= first and side >= 0:
                cost = slowed(last - first, side, percent)
                best = min(best or (cost, far), (cost, far))
        return best

    def _row(
        self, point: int, hour: _Hour, targets: set[int]
    ) -> tuple[Sequence[int], Sequence[int]]:
        """From a point to every node; only the targets are sure to be right."""
        kept = self._rows.get((point, hour.percent))
        if kept is not None:
            self._rows.move_to_end((point, hour.percent))
            return kept
        starts = self._ways(point, hour.percent, "to")
        seconds, metres, is_whole = _search(hour.out, starts, targets)
        if is_whole:
            self._keep(point, hour.percent, seconds, metres)
        return seconds, metres

    def _keep(self, point: int, percent: int, seconds: list[int], metres: list[int]) -> None:
        self._rows[point, percent] = array("i", seconds), array("i", metres)
        if len(self._rows) > self._most_rows:
            self._rows.popitem(last=False)


def slowed(main: int, side: int, percent: int) -> int:
    """What an hour makes of free-flow times: side streets feel half of its traffic."""
    return (2 * main * percent + side * (100 + percent)) // 200


def by_streets(streets: Streets, otherwise: Roads) -> Roads:
    """Roads along a town's streets; ``otherwise`` tells what they cannot."""

    def matrix(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
        if kind not in KINDS:
            return otherwise(points, depart_at, kind)
        spots = [streets.snap(point) for point in points]
        known = [spot for spot in spots if spot is not None]
        tenths, metres = streets.rows(known, depart_at)
        place = dict(zip([i for i, s in enumerate(spots) if s is not None], itertools.count()))
        other: Travel | None = None
        durations, distances = [], []
        for i, here in enumerate(spots):
            row_s, row_m = [], []
            for j, there in enumerate(spots):
                far = _FAR if here is None or there is None else tenths[place[i]][place[j]]
                if far >= _FAR:
                    other = other or otherwise(points, depart_at, kind)
                    row_s.append(other.duration_s[i][j])
                    row_m.append(other.distance_m[i][j])
                    continue
                assert here is not None
                assert there is not None
                aside_m = 0.0 if points[i] == points[j] else here.aside_m + there.aside_m
                time_s = far * KINDS[kind] / 10_000 + aside_m / LAST_METRES_MPS
                row_s.append(math.ceil(time_s))
                row_m.append(math.ceil(metres[place[i]][place[j]] + aside_m))
            durations.append(row_s)
            distances.append(row_m)
        return Travel(Matrix.of(durations), Matrix.of(distances))

    return matrix


def _search(
    out: list[list[Way]], starts: Sequence[Way], targets: set[int]
) -> tuple[list[int], list[int], bool]:
    """Dijkstra's row, until all targets are settled; the last is true when all nodes were."""
    seconds, metres = [_FAR] * len(out), [_FAR] * len(out)
    heap = []
    for node, cost, far in starts:
        if cost < seconds[node]:
            seconds[node], metres[node] = cost, far
            heap.append(cost << _BITS | node)
    heapq.heapify(heap)
    push, pop, left = heapq.heappush, heapq.heappop, len(targets)
    while heap:
        entry = pop(heap)
        node, cost = entry & _MASK, entry >> _BITS
        if cost > seconds[node]:
            continue
        if node in targets:
            left -= 1
            if not left:
                return seconds, metres, False
        far = metres[node]
        for to, takes, long in out[node]:
            later = cost + takes
            if later < seconds[to]:
                seconds[to], metres[to] = later, far + long
                push(heap, later << _BITS | to)
    return seconds, metres, True


#: Columns of the file in their order: (name, array type, how many).
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("first", "I", "nodes+1"),
    *((name, "I", "arcs") for name in ("to", "main", "side", "metres")),
    *((name, "i", "points") for name in ("lat", "lng")),
    *((name, "I", "points") for name in ("edge", "a", "b")),
    *(
        (f"{way}_{end}_{what}", "I", "points")
        for way in ("to", "from")
        for end in ("a", "b")
        for what in ("main", "side", "metres")
    ),
)


def _unpack(packed: bytes) -> Mapping[str, Any]:
    if packed[:4] != MAGIC or packed[4:5] != bytes([VERSION]):
        raise StreetsUnreadable("not a street graph of this version")
    try:
        body = zlib.decompress(packed[5:])
        counts = dict(
            zip(("nodes", "arcs", "points"), struct.unpack_from("<III", body), strict=True)
        )
    except (zlib.error, struct.error) as error:
        raise StreetsUnreadable("the street graph is cut short") from error
    counts["nodes+1"] = counts["nodes"] + 1
    columns, at = {}, 12
    for name, kind, count in _COLUMNS:
        column = array(kind)
        length = counts[count] * column.itemsize
        column.frombytes(body[at : min(len(body), at + length) // 4 * 4])
        if sys.byteorder == "big":
            column.byteswap()
        if len(column) != counts[count]:
            raise StreetsUnreadable("the street graph is cut short")
        columns[name] = column
        at += length
    if at != len(body) or counts["nodes"] > _MASK:
        raise StreetsUnreadable("the street graph is cut short")
    return columns


def _h3() -> Any:
    """Loaded when first needed: the default model does without."""
    import h3.api.basic_str as grid

    return grid
