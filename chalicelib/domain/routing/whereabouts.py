"""Where does each place lie on a plane? By its coordinates, or by what it costs to get there.

Only neighbourhood counts, so that the unit of either plane has no meaning outside of it. Which one:
a wave that is shared out among functions has coordinates and no travel of the whole, for that takes
too much room; one search in one process has travel, which knows rivers and one-way streets, and
may have no coordinates worth the name.
"""

import math
from collections.abc import Callable, Sequence

from chalicelib.domain.routing.problem import Place, Problem

type Point = tuple[float, float]

type _Squared = Callable[[int], list[float]]


def on_the_map(places: Sequence[Place]) -> list[Point]:
    """By coordinates, on a plane that is true enough within a city [degrees of latitude]."""
    if not places:
        return []
    # Rounded, as no two machines need to agree about the last digit of a cosine.
    narrowing = round(math.cos(math.radians(places[0].position.latitude)), 9)
    return [(one.position.longitude * narrowing, one.position.latitude) for one in places]


def by_travel(problem: Problem) -> list[Point]:
    """By what the first vehicle pays for the way there and back [points].

    Source: Faloutsos & Lin 1995, "FastMap: a fast algorithm for indexing, data-mining and
    visualization of traditional and multimedia datasets": the triangle of a place with two that lie
    far apart says where between them it is; what that leaves unsaid makes the second coordinate.
    """
    size = len(problem.places)

    def squared(place: int) -> list[float]:
        return [cost * cost for cost in _there_and_back(problem, place)]

    x = _axis(size, squared)

    def left(place: int) -> list[float]:
        return [max(0.0, d - (x[place] - a) ** 2) for d, a in zip(squared(place), x, strict=True)]

    return list(zip(x, _axis(size, left), strict=True))


def _there_and_back(problem: Problem, place: int) -> list[float]:
    vehicle = problem.vehicles[0]
    travel, per_s, per_m = problem.travel[vehicle.kind], vehicle.cost_per_s, vehicle.cost_per_m
    if not per_s and not per_m:
        per_s = 1
    seconds, metres = travel.duration_s, travel.distance_m
    return [
        float(
            per_s * (seconds[place][other] + seconds[other][place])
            + per_m * (metres[place][other] + metres[other][place])
        )
        for other in range(travel.size)
    ]


def _axis(size: int, squared: _Squared) -> list[float]:
    """Where each place lies between two that are far apart."""
    if not size:
        return []
    one = _farthest(squared(0))
    from_one = squared(one)
    other = _farthest(from_one)
    apart = from_one[other]
    if not apart:
        return [0.0] * size
    from_other = squared(other)
    return [
        (a + apart - b) / 2 / math.sqrt(apart) for a, b in zip(from_one, from_other, strict=True)
    ]


def _farthest(squared: Sequence[float]) -> int:
    return max(range(len(squared)), key=squared.__getitem__)
