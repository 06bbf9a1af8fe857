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

from chalicelib.domain.routing.matrix import Matrix, Travel
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
#: Rows that a worker keeps, [bytes]: 8 for each node.
MOST_KEPT_BYTES = 256 * 1024 * 1024

#: So many places are asked for with whole rows, which are kept; fewer with rows cut short.
WHOLE_ROWS_FROM = 60

#: A cost is one number, [ds] above [m]: one addition and one comparison do for both.
_METRES = 21
_METRES_MASK = (1 << _METRES) - 1
_FAR = 1 << 60
_MOST_NODES = 1 << 22
#: Bits of a cost within one bucket: 16 tenths of a second. All beyond 55 minutes share the last.
_BUCKET, _BUCKETS = _METRES + 4, 2048

type Way = tuple[int, int]
"""To or from a node: its number, the cost."""

type Door = tuple[int, int, int, int]
"""Two ways, one after the other."""


class StreetsUnreadable(ValueError):
    """The file is not a street graph of this version."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a street, and how far beside it [m]."""

    point: int
    aside_m: float


@dataclass(frozen=True, slots=True)
class _Hour:
    """The graph at one state of traffic: (nodes,) lists of ways on."""

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
        columns = unpack(packed)
        self.nodes: int = len(columns["first"]) - 1
        self._arcs = columns
        self.points: int = len(columns["lat"])
        self._at: dict[str, list[int]] = {}
        self._hours: dict[int, _Hour] = {}
        self._rows: OrderedDict[tuple[int, int], array[int]] = OrderedDict()
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

    def rows(self, spots: Sequence[Spot], depart_at: datetime) -> list[list[int]]:
        """(n, n) costs between spots; ``_FAR``: no way leads."""
        percent = round(100 * traffic(depart_at))
        hour = self._hour(percent)
        doors = [self._door(spot.point, percent) for spot in spots]
        targets = {node for door in doors for node in (door[0], door[2])}
        if len(spots) >= WHOLE_ROWS_FROM:
            targets = set()
        edges = [self._arcs["edge"][spot.point] for spot in spots]
        on_edge: dict[int, list[int]] = {}
        for index, edge in enumerate(edges):
            on_edge.setdefault(edge, []).append(index)
        rows = []
        for spot, edge in zip(spots, edges, strict=True):
            to_nodes = self._row(spot.point, hour, targets)
            row = _read_off(to_nodes, doors)
            for index in on_edge[edge]:
                straight = self._along(spot.point, spots[index].point, percent)
                row[index] = min(row[index], straight)
            rows.append(row)
        return rows

    def _door(self, point: int, percent: int) -> Door:
        """The ways to a point; where there is one, both are the same."""
        ways = self._ways(point, percent, "from") or [(0, _FAR)]
        return (*ways[0], *ways[-1])

    def _hour(self, percent: int) -> _Hour:
        if percent not in self._hours:
            if len(self._hours) >= 4:
                self._hours.pop(next(iter(self._hours)))
            first, to = self._arcs["first"], self._arcs["to"]
            mains, sides, metres = (self._arcs[name] for name in ("main", "side", "metres"))
            costs = [
                cost_of(main, side, far, percent)
                for main, side, far in zip(mains, sides, metres, strict=True)
            ]
            out = [
                [(to[k], costs[k]) for k in range(first[node], first[node + 1])]
                for node in range(self.nodes)
            ]
            self._hours[percent] = _Hour(percent, out)
        return self._hours[percent]

    def _ways(self, point: int, percent: int, way: str) -> list[Way]:
        """From the nodes at both ends of its street to a point, or from the point to them."""
        arcs, found = self._arcs, []
        for end in ("a", "b"):
            main, side, far = (
                arcs[f"{way}_{end}_{what}"][point] for what in ("main", "side", "metres")
            )
            if main != NO_WAY:
                found.append((arcs[end][point], cost_of(main, side, far, percent)))
        return found

    def _along(self, here: int, there: int, percent: int) -> int:
        """Along one street, without a junction between."""
        if here == there:
            return 0
        arcs, best = self._arcs, _FAR
        for end in ("a", "b"):
            columns = [arcs[f"from_{end}_{what}"] for what in ("main", "side", "metres")]
            if NO_WAY in (columns[0][here], columns[0][there]):
                continue
            main, side, far = (column[there] - column[here] for column in columns)
            if min(main, side, far) >= 0:
                best = min(best, cost_of(main, side, far, percent))
        return best

    def _row(self, point: int, hour: _Hour, targets: set[int]) -> Sequence[int]:
        """From a point to every node; only the targets are sure to be right."""
        kept = self._rows.get((point, hour.percent))
        if kept is not None:
            self._rows.move_to_end((point, hour.percent))
            return kept
        starts = self._ways(point, hour.percent, "to")
        row, is_whole = _search(hour.out, starts, targets)
        if is_whole:
            self._rows[point, hour.percent] = array("q", row)
            if len(self._rows) > self._most_rows:
                self._rows.popitem(last=False)
        return row


def _read_off(to_nodes: Sequence[int], doors: Sequence[Door]) -> list[int]:
    """A row by doors instead of nodes."""
    row = []
    # Written out, for this runs over every pair of places.
    for a, cost_a, b, cost_b in doors:
        by_a, by_b = to_nodes[a] + cost_a, to_nodes[b] + cost_b
        row.append(by_b if by_b < by_a else by_a)
    return row


def cost_of(main: int, side: int, metres: int, percent: int) -> int:
    """What an hour makes of free-flow times: side streets feel half of its traffic."""
    return (2 * main * percent + side * (100 + percent)) // 200 << _METRES | metres


def by_streets(streets: Streets, otherwise: Roads) -> Roads:
    """Roads along a town's streets; ``otherwise`` tells what they cannot."""

    def matrix(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
        if kind not in KINDS:
            return otherwise(points, depart_at, kind)
        spots = [streets.snap(point) for point in points]
        known = [spot for spot in spots if spot is not None]
        costs = streets.rows(known, depart_at)
        place = {i: k for k, i in enumerate(i for i, spot in enumerate(spots) if spot)}
        aside = [0.0 if spot is None else spot.aside_m for spot in spots]
        ratio, slowness = KINDS[kind] / 10_000, 1 / LAST_METRES_MPS
        other: Travel | None = None
        durations, distances = [], []
        for i, beside in enumerate(aside):
            far = [_FAR] * len(points)
            if i in place:
                for j, k in place.items():
                    far[j] = costs[place[i]][k]
            row_s, row_m = [], []
            for cost, other_m in zip(far, aside, strict=True):
                row_s.append(math.ceil((cost >> _METRES) * ratio + (beside + other_m) * slowness))
                row_m.append(math.ceil((cost & _METRES_MASK) + beside + other_m))
            for j in [j for j, cost in enumerate(far) if cost >= _FAR]:
                other = other or otherwise(points, depart_at, kind)
                row_s[j], row_m[j] = other.duration_s[i][j], other.distance_m[i][j]
            for j in [j for j, point in enumerate(points) if point == points[i]]:
                row_s[j] = row_m[j] = 0
            durations.append(row_s)
            distances.append(row_m)
        return Travel(Matrix.of(durations), Matrix.of(distances))

    return matrix


def _search(
    out: list[list[Way]], starts: Sequence[Way], targets: set[int]
) -> tuple[list[int], bool]:
    """Dijkstra's row, until all targets are settled; the last is true when all nodes were.

    Nodes wait in buckets of 1.6 s instead of a heap (Dial 1969), which is a fifth faster; a node
    that gets better while its own bucket is worked off is simply looked at again.
    """
    row = [_FAR] * len(out)
    buckets: list[list[int]] = [[] for _ in range(_BUCKETS + 1)]
    for node, cost in starts:
        if cost < row[node]:
            row[node] = cost
            buckets[min(_BUCKETS, cost >> _BUCKET)].append(node)
    for at, bucket in enumerate(buckets):
        for node in bucket:
            cost = row[node]
            if cost >> _BUCKET != at and at < _BUCKETS:
                continue
            for to, takes in out[node]:
                later = cost + takes
                if later < row[to]:
                    row[to] = later
                    to_bucket = later >> _BUCKET
                    buckets[to_bucket if to_bucket < _BUCKETS else _BUCKETS].append(to)
        if targets and bucket and all(row[node] >> _BUCKET <= at for node in targets):
            return row, False
    return row, True


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


def unpack(packed: bytes) -> Mapping[str, Any]:
    """The columns of the file, by name; raise StreetsUnreadable."""
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
    if at != len(body) or counts["nodes"] > _MOST_NODES:
        raise StreetsUnreadable("the street graph is cut short")
    return columns


def _h3() -> Any:
    """Loaded when first needed: the default model does without."""
    import h3.api.basic_str as grid

    return grid
