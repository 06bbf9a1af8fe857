"""How a driver gets from one door to another: the quickest way along the streets.

Dijkstra (1959) from crossing to crossing; the first and last metres go straight from the door to
the crossing that is nearest.
"""

import heapq
import itertools
import math
from dataclasses import dataclass

from local.town.streets import SIDE_MPS, Point, Streets, latlng, metres


@dataclass(frozen=True, slots=True)
class Drive:
    """A way that was driven: its points as (latitude, longitude), length and time at best."""

    points: tuple[Point, ...]
    distance_m: float
    duration_s: float

    def at(self, share: float) -> Point:
        """Where the driver is after a share of the way, 0 to 1."""
        goal = share * self.distance_m
        here = [metres(point) for point in self.points]
        for start, end in itertools.pairwise(here):
            leg = math.dist(start, end)
            if goal <= leg and leg > 0:
                part = goal / leg
                return latlng(
                    (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
                )
            goal -= leg
        return self.points[-1]


def drive(streets: Streets, start: Point, end: Point) -> Drive:
    """The quickest way between two positions."""
    first, last = metres(start), metres(end)
    source, target = streets.nearest_crossing(first), streets.nearest_crossing(last)
    seconds, crossings = _quickest(streets, source, target)
    way = [first, *(streets.crossings[crossing] for crossing in crossings), last]
    ends_m = math.dist(way[0], way[1]) + math.dist(way[-2], way[-1])
    distance = sum(math.dist(a, b) for a, b in itertools.pairwise(way))
    points = (start, *(latlng(point) for point in way[1:-1]), end)
    return Drive(points, distance, seconds + ends_m / SIDE_MPS)


def _quickest(streets: Streets, source: int, target: int) -> tuple[float, list[int]]:
    best = {source: 0.0}
    came_from: dict[int, int] = {}
    queue = [(0.0, source)]
    while queue:
        seconds, here = heapq.heappop(queue)
        if here == target:
            break
        if seconds > best[here]:
            continue
        for there, street in streets.from_crossing[here]:
            arrival = seconds + street.seconds
            if arrival < best.get(there, math.inf):
                best[there] = arrival
                came_from[there] = here
                heapq.heappush(queue, (arrival, there))
    way = [target]
    while way[-1] != source:
        way.append(came_from[way[-1]])
    return best[target], way[::-1]
