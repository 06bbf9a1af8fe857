"""How does a network become a small graph? Points between junctions are merged into one edge.

A junction is a point where the way can go on in more than one direction, or ends. What lies between
two junctions is one edge, with times in each direction that may be driven; its points stay as
places to be snapped to, also every so many metres of a long straight street.

The file, little-endian, all of it but the first five bytes packed with zlib: ``LMST``, the version
(1), the counts of nodes, arcs and points, then the columns of ``COLUMNS`` one after the other.
"""

import itertools
import math
import struct
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from local.streets.raw import Network, Segment

MAGIC, VERSION = b"LMST", 1
NO_WAY = 2**32 - 1
#: Nobody is snapped further along a street than half of this.
POINT_EVERY_M = 80
#: What crossing a junction takes beside the driving [s]: an estimate.
JUNCTION_S = 3.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on main roads, on side streets, metres."""

    main: float = 0.0
    side: float = 0.0
    metres: float = 0.0

    def plus(self, other: "Cost", share: float = 1.0) -> "Cost":
        return Cost(
            self.main + share * other.main,
            self.side + share * other.side,
            self.metres + share * other.metres,
        )

    def whole(self) -> tuple[int, int, int]:
        """Tenths of seconds, and metres."""
        return round(10 * self.main), round(10 * self.side), round(self.metres)


#: A point's ways to and from the ends of its edge; None: not allowed.
Ways = dict[tuple[str, str], Cost | None]
Place = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True, slots=True)
class Stretch:
    """Between two neighbouring points of an edge, in both directions; None: not allowed."""

    there: Cost | None
    back: Cost | None


@dataclass(frozen=True)
class Edge:
    """From junction to junction over some points."""

    points: tuple[int, ...]
    stretches: tuple[Stretch, ...]

    @cached_property
    def is_driven(self) -> tuple[bool, bool]:
        """Whether all of it may be driven there, and back."""
        return (
            all(one.there is not None for one in self.stretches),
            all(one.back is not None for one in self.stretches),
        )


@dataclass
class Graph:
    """What is written: junctions by number, edges between them."""

    network: Network
    nodes: dict[int, int]
    edges: list[Edge]
    junction_s: float


def contract(network: Network, junction_s: float = JUNCTION_S) -> Graph:
    """Merge what lies between junctions; ``network`` should be one strongly connected part."""
    between = _between(network.segments)
    beside: dict[int, set[int]] = defaultdict(set)
    for start, end in between:
        beside[start].add(end)
        beside[end].add(start)
    junctions = {point for point in beside if _is_junction(point, beside[point], between)}
    edges = []
    done: set[tuple[int, int]] = set()
    for start in [*sorted(junctions), *sorted(beside)]:
        if start not in junctions:
            # A ring without a junction: any of its points will do.
            if any((start, one) in done for one in beside[start]):
                continue
            junctions.add(start)
        for following in sorted(beside[start]):
            if (start, following) not in done:
                edges.append(_follow(start, following, junctions, beside, between, done))
    return Graph(
        network, {point: i for i, point in enumerate(sorted(junctions))}, edges, junction_s
    )


def _between(segments: list[Segment]) -> dict[tuple[int, int], Cost]:
    """The best way from each point to each neighbour."""
    best: dict[tuple[int, int], Cost] = {}
    for one in segments:
        cost = Cost(
            one.seconds if one.is_main else 0.0, 0.0 if one.is_main else one.seconds, one.metres
        )
        known = best.get((one.start, one.end))
        if known is None or cost.main + cost.side < known.main + known.side:
            best[one.start, one.end] = cost
    return best


def _is_junction(point: int, beside: set[int], between: dict[tuple[int, int], Cost]) -> bool:
    """Two neighbours and the same directions on both sides: nothing is decided there."""
    if len(beside) != 2:
        return True
    one, other = beside
    there = ((one, point) in between, (point, other) in between)
    back = ((other, point) in between, (point, one) in between)
    return there[0] != there[1] or back[0] != back[1]


def _follow(
    start: int,
    following: int,
    junctions: set[int],
    beside: dict[int, set[int]],
    between: dict[tuple[int, int], Cost],
    done: set[tuple[int, int]],
) -> Edge:
    points = [start, following]
    while points[-1] not in junctions:
        points.append(next(one for one in beside[points[-1]] if one != points[-2]))
    stretches = []
    for here, there in itertools.pairwise(points):
        done |= {(here, there), (there, here)}
        stretches.append(Stretch(between.get((here, there)), between.get((there, here))))
    return Edge(tuple(points), tuple(stretches))


COLUMNS: tuple[tuple[str, str], ...] = (
    *((name, "I") for name in ("first", "to", "main", "side", "metres")),
    *((name, "i") for name in ("lat", "lng")),
    *((name, "I") for name in ("edge", "a", "b")),
    *(
        (f"{way}_{end}_{what}", "I")
        for way in ("to", "from")
        for end in ("a", "b")
        for what in ("main", "side", "metres")
    ),
)


def pack(graph: Graph) -> bytes:
    """The file."""
    columns = {name: array(kind) for name, kind in COLUMNS}
    _write_arcs(graph, columns)
    _write_points(graph, columns)
    counts = (len(columns["first"]) - 1, len(columns["to"]), len(columns["lat"]))
    body = struct.pack("<III", *counts)
    for name, _ in COLUMNS:
        if sys.byteorder == "big":
            columns[name].byteswap()
        body += columns[name].tobytes()
    return MAGIC + bytes([VERSION]) + zlib.compress(body, 9)


def _write_arcs(graph: Graph, columns: dict[str, "array[int]"]) -> None:
    """Arcs by the node that they leave; the crossing at their end is part of them."""
    out: dict[int, dict[int, tuple[int, int, int]]] = {i: {} for i in graph.nodes.values()}
    for edge in graph.edges:
        a, b = graph.nodes[edge.points[0]], graph.nodes[edge.points[-1]]
        there, back = _total(edge, graph.junction_s)
        for start, end, cost in ((a, b, there), (b, a, back)):
            if cost is None or start == end:
                continue
            known = out[start].get(end)
            whole = cost.whole()
            if known is None or sum(whole[:2]) < sum(known[:2]):
                out[start][end] = whole
    columns["first"].append(0)
    for node in sorted(out):
        for end, (main, side, metres) in sorted(out[node].items()):
            for name, value in (("to", end), ("main", main), ("side", side), ("metres", metres)):
                columns[name].append(value)
        columns["first"].append(len(columns["to"]))


def _total(edge: Edge, junction_s: float) -> tuple[Cost | None, Cost | None]:
    there = back = Cost(side=junction_s)
    for one in edge.stretches:
        there = there.plus(one.there) if one.there else there
        back = back.plus(one.back) if one.back else back
    driven = edge.is_driven
    return there if driven[0] else None, back if driven[1] else None


def _write_points(graph: Graph, columns: dict[str, "array[int]"]) -> None:
    """Junctions, which are all ways' end, and what lies between them."""
    for point, node in graph.nodes.items():
        # Of an edge of its own: it lies on several.
        place = (len(graph.edges) + node, node, node)
        here: Ways = {("to", "a"): Cost(), ("to", "b"): None, ("from", "a"): Cost()}
        _write_point(columns, graph.network.points[point], place, {**here, ("from", "b"): None})
    for number, edge in enumerate(graph.edges):
        a, b = graph.nodes[edge.points[0]], graph.nodes[edge.points[-1]]
        for position, there, back in _between_ends(graph, edge):
            ways = _ways(edge, there, back, graph.junction_s)
            _write_point(columns, position, (number, a, b), ways)


def _write_point(
    columns: dict[str, "array[int]"], at: Place, place: tuple[int, int, int], ways: Ways
) -> None:
    for name, degrees in zip(("lat", "lng"), at, strict=True):
        columns[name].append(round(degrees * 1e6))
    for name, value in zip(("edge", "a", "b"), place, strict=True):
        columns[name].append(value)
    for (way, end), cost in ways.items():
        whole = (NO_WAY, NO_WAY, NO_WAY) if cost is None else cost.whole()
        for what, value in zip(("main", "side", "metres"), whole, strict=True):
            columns[f"{way}_{end}_{what}"].append(value)


def _between_ends(graph: Graph, edge: Edge) -> Iterator[tuple[Place, Cost, Cost]]:
    """Where one may be snapped to on an edge: a place, and what it takes from a, and to a."""
    at = graph.network.points
    there, back = Cost(), Cost()
    for (start, end), stretch in zip(itertools.pairwise(edge.points), edge.stretches, strict=True):
        metres = max(one.metres for one in (stretch.there, stretch.back) if one)
        pieces = max(1, math.ceil(metres / POINT_EVERY_M))
        last = end == edge.points[-1]
        for piece in range(1, pieces if last else pieces + 1):
            share = piece / pieces
            yield (
                _on_the_way(at[start], at[end], share),
                there.plus(stretch.there or Cost(), share),
                back.plus(stretch.back or Cost(), share),
            )
        there = there.plus(stretch.there or Cost())
        back = back.plus(stretch.back or Cost())


def _on_the_way(start: Place, end: Place, share: float) -> Place:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _ways(edge: Edge, there: Cost, back: Cost, junction_s: float) -> Ways:
    """A point's four ways: to and from both ends. ``there``: from a to it; ``back``: it to a."""
    total_there, total_back = _total(edge, 0.0)
    crossing = Cost(side=junction_s)
    return {
        ("to", "a"): None if total_back is None else back.plus(crossing),
        ("to", "b"): None if total_there is None else total_there.plus(there, -1.0).plus(crossing),
        ("from", "a"): None if total_there is None else there,
        ("from", "b"): None if total_back is None else total_back.plus(back, -1.0),
    }
