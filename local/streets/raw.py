"""What is a street network before it is contracted? Points, and segments between them.

Sources: OpenStreetMap's keys ``highway``, ``maxspeed``, ``oneway``, ``junction``, ``access``; the
speeds are what cars reach on such roads in towns, estimates beneath the limits.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

#: Free-flow speed [km/h] by kind of road; those of the first half are main roads.
_MAIN = {
    **{"motorway": 100, "motorway_link": 50, "trunk": 75, "trunk_link": 45},
    **{"primary": 50, "primary_link": 40, "secondary": 45, "secondary_link": 35},
    **{"tertiary": 40, "tertiary_link": 30},
}
_SIDE = {
    **{"unclassified": 32, "residential": 26, "living_street": 12, "service": 15, "road": 25},
}
#: So much of a limit is driven between crossings.
_OF_LIMIT = 0.9
_ROUNDABOUTS = ("roundabout", "circular")
_CLOSED = ("no", "private", "agricultural", "forestry", "emergency")
_MPH = 1.609

EARTH_RADIUS_M = 6_371_008.8

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch between two points, driven from the first to the second."""

    start: int
    end: int
    metres: float
    seconds: float
    is_main: bool


@dataclass
class Network:
    """Points by number as (latitude, longitude), and the stretches between them."""

    points: dict[int, tuple[float, float]] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)

    def add_way(self, nodes: list[int], tags: Tags) -> None:
        """Add a way of the map, in the directions in which cars may drive it."""
        road = read_road(tags)
        if road is None:
            return
        for start, end in itertools.pairwise(nodes):
            if start not in self.points or end not in self.points or start == end:
                continue
            metres = apart_m(self.points[start], self.points[end])
            seconds = metres / (road.kmh / 3.6)
            if road.forward:
                self.segments.append(Segment(start, end, metres, seconds, road.is_main))
            if road.backward:
                self.segments.append(Segment(end, start, metres, seconds, road.is_main))

    def largest_part(self) -> "Network":
        """What can be reached from most points, and they from it: yards behind gates fall away."""
        keep = _strongest({p: [] for p in self.points}, self.segments)
        kept = [one for one in self.segments if one.start in keep and one.end in keep]
        return Network({point: self.points[point] for point in sorted(keep)}, kept)


@dataclass(frozen=True, slots=True)
class Road:
    kmh: float
    is_main: bool
    forward: bool
    backward: bool


def read_road(tags: Tags) -> Road | None:
    """What a car finds on a way; None where it may not drive."""
    kind = tags.get("highway", "")
    usual = _MAIN.get(kind) or _SIDE.get(kind)
    shut = [tags.get(key) for key in ("motor_vehicle", "vehicle", "access")]
    allowed = next((one for one in shut if one), "yes")
    if usual is None or allowed in _CLOSED or tags.get("area") == "yes":
        return None
    limit = _limit_kmh(tags.get("maxspeed", ""))
    kmh = usual if limit is None else min(usual * 1.3, limit * _OF_LIMIT)
    told = tags.get("oneway", "")
    is_oneway = told in ("yes", "true", "1") or (
        told != "no" and (tags.get("junction") in _ROUNDABOUTS or kind == "motorway")
    )
    backward_only = told in ("-1", "reverse")
    return Road(max(kmh, 5.0), kind in _MAIN, not backward_only, not is_oneway or backward_only)


def _limit_kmh(text: str) -> float | None:
    number, _, unit = text.partition(" ")
    if not number.isdecimal() or not 5 <= int(number) <= 200:
        return None
    return int(number) * (_MPH if unit == "mph" else 1)


def apart_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    phi, other = math.radians(here[0]), math.radians(there[0])
    half = math.sin((other - phi) / 2) ** 2 + math.cos(phi) * math.cos(other) * (
        math.sin(math.radians(there[1] - here[1]) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def _strongest(out: dict[int, list[int]], segments: Iterable[Segment]) -> set[int]:
    """The largest strongly connected component (Kosaraju), without recursion."""
    back: dict[int, list[int]] = {point: [] for point in out}
    for one in segments:
        out[one.start].append(one.end)
        back[one.end].append(one.start)
    order: list[int] = []
    seen: set[int] = set()
    for point in out:
        order.extend(_finished(point, out, seen))
    best: set[int] = set()
    found: set[int] = set()
    for point in reversed(order):
        if point not in found:
            part = set(_finished(point, back, found))
            best = max(best, part, key=len)
    return best


def _finished(start: int, out: Mapping[int, list[int]], seen: set[int]) -> Iterator[int]:
    """Points in the order in which a depth-first search leaves them."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(out[start]))]
    while stack:
        point, ahead = stack[-1]
        following = next((one for one in ahead if one not in seen), None)
        if following is None:
            stack.pop()
            yield point
        else:
            seen.add(following)
            stack.append((following, iter(out[following])))
