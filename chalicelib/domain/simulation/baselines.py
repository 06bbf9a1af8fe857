"""How are tours planned without an optimizer? By territories, by sweep, by savings; then by 2-opt.

The plans that people believe in, written as well as they deserve. Ways are metres between numbered
places, 0 is the depot; a tour is the places that it visits in between. Symmetric roads only.

Sources: 2-opt, Croes 1958, with neighbour lists after Bentley 1992; sweep, Gillett and Miller 1974;
savings, Clarke and Wright 1964, the parallel version; centres, Lloyd 1982, seeded as in Arthur and
Vassilvitskii 2007.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.domain.simulation.city import Chance, Spot

type Ways = Sequence[Sequence[int]]
type Tour = list[int]

#: How many near places a 2-opt looks at from each.
NEAR = 12
CENTRE_ROUNDS = 15


def length_m(ways: Ways, tour: Iterable[int]) -> int:
    return sum(ways[a][b] for a, b in pairwise([0, *tour, 0]))


def nearest_next(ways: Ways, places: Iterable[int]) -> Tour:
    """Always to the nearest door that is left."""
    left, tour, here = set(places), [], 0
    while left:
        row = ways[here]
        here = min(left, key=lambda place: (row[place], place))
        left.remove(here)
        tour.append(here)
    return tour


def two_opt(ways: Ways, tour: Sequence[int]) -> Tour:
    """No two legs cross for the better any more."""
    order = [0, *tour]
    size = len(order)
    place = {node: index for index, node in enumerate(order)}
    near = {
        node: sorted((one for one in order if one != node), key=ways[node].__getitem__)[:NEAR]
        for node in order
    }
    is_better = True
    while is_better:
        is_better = False
        for node in list(order):
            for step in (1, -1):
                is_better |= _untangle(ways, order, place, near[node], node, step, size)
    begin = place[0]
    return order[begin + 1 :] + order[:begin]


def _untangle(
    ways: Ways,
    order: list[int],
    place: dict[int, int],
    near: Sequence[int],
    node: int,
    step: int,
    size: int,
) -> bool:
    """The first exchange that pays of the leg from ``node`` to its next (or last) place."""
    beside = order[(place[node] + step) % size]
    leg_m = ways[node][beside]
    for other in near:
        gain_m = leg_m - ways[node][other]
        if gain_m <= 0:
            return False
        behind = order[(place[other] + step) % size]
        if gain_m + ways[other][behind] - ways[beside][behind] > 0:
            ends = (place[beside], place[other]) if step == 1 else (place[node], place[behind])
            _turn(order, place, *ends, size)
            return True
    return False


def _turn(order: list[int], place: dict[int, int], first: int, last: int, size: int) -> None:
    """Drive the stretch the other way; of the two stretches the shorter one is turned."""
    long = (last - first) % size + 1
    if 2 * long > size:
        first, last, long = (last + 1) % size, (first - 1) % size, size - long
    for _ in range(long // 2):
        a, b = order[first], order[last]
        order[first], order[last] = b, a
        place[a], place[b] = last, first
        first, last = (first + 1) % size, (last - 1) % size


def centres(chance: Chance, spots: Sequence[Spot], count: int) -> list[Spot]:
    """Middles of so many territories of these doors (k-means)."""
    chosen = [spots[int(len(spots) * chance.random())]]
    away = [math.dist(one, chosen[0]) ** 2 for one in spots]
    while len(chosen) < count:
        aim, index = chance.random() * sum(away), 0
        while index < len(away) - 1 and aim > away[index]:
            aim -= away[index]
            index += 1
        chosen.append(spots[index])
        away = [
            min(before, math.dist(one, chosen[-1]) ** 2)
            for before, one in zip(away, spots, strict=True)
        ]
    for _ in range(CENTRE_ROUNDS):
        chosen = _moved(spots, chosen, [0.0] * count)[0]
    return chosen


def _moved(
    spots: Sequence[Spot], chosen: Sequence[Spot], handicaps: Sequence[float]
) -> tuple[list[Spot], list[int]]:
    """The middles of what is nearest to each, and how many that are."""
    sums = [[0.0, 0.0, 0] for _ in chosen]
    for one in spots:
        sum_ = sums[territory(one, chosen, handicaps)]
        sum_[0] += one[0]
        sum_[1] += one[1]
        sum_[2] += 1
    moved = [
        (x / many, y / many) if many else before
        for (x, y, many), before in zip(sums, chosen, strict=True)
    ]
    return moved, [int(many) for _, _, many in sums]


def territory(spot: Spot, middles: Sequence[Spot], handicaps: Sequence[float]) -> int:
    """Whose door it is; a handicap [m²] makes a territory smaller."""
    x, y = spot
    return min(
        range(len(middles)),
        key=lambda k: (x - middles[k][0]) ** 2 + (y - middles[k][1]) ** 2 + handicaps[k],
    )


def balanced(
    chance: Chance, spots: Sequence[Spot], count: int, disc_m: int
) -> tuple[list[Spot], list[float]]:
    """Territories with nearly as much work each: middles and handicaps [m²]."""
    middles, handicaps = centres(chance, spots, count), [0.0] * count
    fair = len(spots) / count
    best, least = (middles, handicaps), math.inf
    for turn in range(6 * CENTRE_ROUNDS):
        moved, loads = _moved(spots, middles, handicaps)
        if max(loads) < least:
            least, best = max(loads), (middles, handicaps)
        # Ever smaller steps, or two neighbours would hand a village to and fro for ever.
        pull = disc_m**2 / (6 + turn / 3)
        handicaps = [
            old + pull * (load - fair) / fair for old, load in zip(handicaps, loads, strict=True)
        ]
        if turn < CENTRE_ROUNDS:
            middles = moved
    return best


@dataclass(frozen=True, slots=True)
class Shift:
    """How long a tour takes, and how long it may."""

    ways: Ways
    service_s: int
    metres_per_s: float
    longest_s: int
    most_parcels: int

    def seconds(self, tour: Sequence[int]) -> int:
        driven_s = length_m(self.ways, tour) / self.metres_per_s
        return int(driven_s) + self.service_s * len(tour)

    def fits(self, tour: Sequence[int]) -> bool:
        return len(tour) <= self.most_parcels and self.seconds(tour) <= self.longest_s

    def cut(self, tour: Sequence[int]) -> tuple[Tour, Tour]:
        """As much of a tour as fits, and the rest of it."""
        many = len(tour)
        while many and not self.fits(tour[:many]):
            many -= 1
        return list(tour[:many]), list(tour[many:])


type Ordering = Callable[[Ways, Iterable[int]], Tour]


def skilled(ways: Ways, places: Iterable[int]) -> Tour:
    return two_opt(ways, nearest_next(ways, places))


def sweep(
    shift: Shift, angles: Sequence[float], places: Iterable[int], order: Ordering
) -> list[Tour]:
    """Sectors around the depot, as few as fit their shifts, each with as much work."""
    turned = sorted(places, key=lambda place: (angles[place], place))
    if not turned:
        return []
    fewest = math.ceil(len(turned) * shift.service_s / shift.longest_s)
    for count in range(max(1, fewest), len(turned) + 1):
        tours = [order(shift.ways, some) for some in slices(turned, count)]
        if all(map(shift.fits, tours)):
            return tours
    return [[one] for one in turned]


def slices(places: Sequence[int], count: int) -> list[Sequence[int]]:
    """Cut into so many pieces of one size, or one less."""
    marks = [len(places) * index // count for index in range(count + 1)]
    return [places[a:b] for a, b in pairwise(marks)]


def savings(shift: Shift, places: Sequence[int]) -> list[Tour]:
    """A tour for each door, and then the two ends joined that save most, while it fits."""
    ways, home = shift.ways, shift.ways[0]
    saved = [
        (home[a] + home[b] - ways[a][b], -a, -b)
        for index, a in enumerate(places)
        for b in places[index + 1 :]
    ]
    saved.sort(reverse=True)
    tour_of: dict[int, Tour] = {one: [one] for one in places}
    for gain, minus_a, minus_b in saved:
        if gain <= 0:
            break
        joined = _joined(tour_of[-minus_a], tour_of[-minus_b], -minus_a, -minus_b)
        if joined is not None and shift.fits(joined):
            for one in joined:
                tour_of[one] = joined
    return list({id(tour): tour for tour in tour_of.values()}.values())


def _joined(one: Tour, other: Tour, a: int, b: int) -> Tour | None:
    """Both, with ``a`` and ``b`` side by side; None where one of them is no end any more."""
    if one is other or a not in (one[0], one[-1]) or b not in (other[0], other[-1]):
        return None
    head = one if one[-1] == a else one[::-1]
    return head + (other if other[0] == b else other[::-1])
