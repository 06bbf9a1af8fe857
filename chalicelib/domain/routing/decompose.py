"""Where is a problem too large for one search cut?

One process cuts for its threads (``team``) and a wave's functions are given parts
(``dispatch.waves.cuts``) by the same rule; see ``whereabouts`` for the plane that either is cut on.

Whatever must stay together is one *lump*: a vehicle with the jobs on its tour, with those frozen on
it or pinned to it, and every group of ``same_route``. Lumps are cut by recursive bisection: sorted
by where they lie along an axis, halved, and each half again along its wider axis. The axes turn
from round to round, so what a cut has parted lies together the next time. Without tours that cuts
jobs by geography; with tours it groups neighbouring routes. Free vehicles are dealt out by load,
most of all to what has no vehicle yet, and each kind by where its vehicles start.

Source: Santini, Schneider, Vidal & Vigo 2023, "Decomposition strategies for vehicle routing
heuristics" (grouping routes by barycentre is among the best they found); the bisection, and turning
it, are ours.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.routing.parts import Outline, Share
from chalicelib.domain.routing.problem import RELOAD, Job, Tour, job_of
from chalicelib.domain.routing.whereabouts import Point, on_the_map

#: A part with fewer jobs is mostly border; with more, a few seconds of search are too few. Measured
#: on 10,000 stops in docs/benchmarks.md.
LEAST_PART_JOBS, MOST_PART_JOBS = 500, 1000

#: What has a vehicle asks for another one by so much less than what has none.
SERVED = 0.1

#: Turning by this share of half a circle never repeats a cut (the golden section).
_TURN = math.pi * (math.sqrt(5) - 1) / 2


def part_jobs(jobs: int, workers: int, least: int = LEAST_PART_JOBS) -> int:
    """How many jobs a part should have, so that no worker waits for another one's second part.

    A part for each worker, or two, or three, of at most ``MOST_PART_JOBS``; fewer where they would
    get smaller than ``least``.
    """
    parts = workers * math.ceil(jobs / workers / MOST_PART_JOBS)
    return max(1, math.ceil(jobs / max(1, min(parts, jobs // least))))


def cluster_jobs(outline: Outline, most: int, angle: float = 0.0) -> list[Share]:
    """Cut by geography, before there are tours; see ``group_routes``."""
    return group_routes(outline, [()] * len(outline.vehicles), most, angle)


def group_routes(
    outline: Outline,
    tours: Sequence[Tour],
    most: int,
    angle: float = 0.0,
    points: Sequence[Point] | None = None,
) -> list[Share]:
    """Cut into groups of neighbouring routes, with the unserved jobs that lie among them.

    Parameters
    ----------
    tours
        One per vehicle; empty for a free one.
    most
        Jobs per part, about: parts have equal numbers as far as lumps allow, which are never
        parted; there are as many parts as jobs of that number make, never more.
    angle
        Of the first axis [rad]; the other one stands upright on it.
    points
        Where each place lies; None: as its coordinates say.

    Returns
    -------
    Parts that together hold every job and vehicle exactly once; at least one.
    """
    points = on_the_map(outline.places) if points is None else points
    lumps, free = _lumps(outline, tours, points)
    if not lumps:
        return [Share((), tuple(free))]
    parts = math.ceil(len(outline.jobs) / most)
    return list(_halved(_Cutter.of(outline, points, angle), lumps, free, parts))


def angle_of(cut: int) -> float:
    """The angle of cut number 0, 1, ... [rad]: no two alike."""
    return cut * _TURN % math.pi


# -- what stays together ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lump:
    """``x`` and ``y``: the mean of where its jobs' places lie.

    ``load``: how much of the free vehicles it asks for.
    """

    jobs: tuple[int, ...]
    vehicles: tuple[int, ...]
    x: float
    y: float
    load: float


def _lumps(
    outline: Outline, tours: Sequence[Tour], points: Sequence[Point]
) -> tuple[list[_Lump], list[int]]:
    """Everything that has jobs, by its first job; and the vehicles that are bound to nothing."""
    jobs = len(outline.jobs)
    bonds = _bonds(outline, tours)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for member in range(jobs + len(outline.vehicles)):
        members[bonds.first(member)].append(member)
    loads = _loads(outline)
    lumps: list[_Lump] = []
    free: list[int] = []
    for together in members.values():
        inside = tuple(member for member in together if member < jobs)
        vehicles = tuple(member - jobs for member in together if member >= jobs)
        if inside:
            x, y = _middle([outline.jobs[job] for job in inside], points)
            load = sum(loads[job] for job in inside) * (SERVED if vehicles else 1)
            lumps.append(_Lump(inside, vehicles, x, y, load))
        else:
            free.extend(vehicles)
    return lumps, free


def _bonds(outline: Outline, tours: Sequence[Tour]) -> "_Bonds":
    """Jobs by their index and, behind them, vehicles: who must stay with whom."""
    jobs = len(outline.jobs)
    bonds = _Bonds(jobs + len(outline.vehicles))
    at = {vehicle.id: jobs + index for index, vehicle in enumerate(outline.vehicles)}
    for vehicle, tour in zip(outline.vehicles, tours, strict=True):
        for task in (*tour, *vehicle.frozen):
            if task != RELOAD:
                bonds.bind(job_of(task), at[vehicle.id])
    for index, job in enumerate(outline.jobs):
        if job.only_vehicle in at:
            bonds.bind(index, at[job.only_vehicle])
    for group in outline.same_route:
        for index in group[1:]:
            bonds.bind(group[0], index)
    return bonds


class _Bonds:
    """Disjoint sets with path halving. Source: Tarjan & van Leeuwen 1984."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def first(self, member: int) -> int:
        parent = self._parent
        while parent[member] != member:
            parent[member] = member = parent[parent[member]]
        return member

    def bind(self, one: int, other: int) -> None:
        low, high = sorted((self.first(one), self.first(other)))
        self._parent[high] = low


def _middle(jobs: Iterable[Job], points: Sequence[Point]) -> Point:
    stops = [stop for job in jobs for stop in (job.pickup, job.dropoff) if stop is not None]
    n = len(stops)
    return sum(points[stop][0] for stop in stops) / n, sum(points[stop][1] for stop in stops) / n


def _loads(outline: Outline) -> list[float]:
    """How much of the fleet each job asks for: its share of the weight, the volume and the jobs."""
    weight_g = sum(vehicle.max_weight_g for vehicle in outline.vehicles) or 1
    volume_ml = sum(vehicle.max_volume_ml for vehicle in outline.vehicles) or 1
    each = 1 / max(1, len(outline.jobs))
    return [job.weight_g / weight_g + job.volume_ml / volume_ml + each for job in outline.jobs]


# -- cutting ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cutter:
    """``axes``: two unit vectors, upright on each other."""

    outline: Outline
    points: Sequence[Point]
    axes: tuple[Point, Point]

    @classmethod
    def of(cls, outline: Outline, points: Sequence[Point], angle: float) -> "_Cutter":
        x, y = round(math.cos(angle), 9), round(math.sin(angle), 9)
        return cls(outline, points, ((x, y), (-y, x)))

    def wider_axis(self, lumps: Sequence[_Lump]) -> Point:
        def spread(axis: Point) -> float:
            along = [lump.x * axis[0] + lump.y * axis[1] for lump in lumps]
            return max(along) - min(along)

        return max(self.axes, key=spread)

    def along(self, vehicle: int, axis: Point) -> float:
        """Where a vehicle starts along an axis; anywhere will do for an open start."""
        start = self.outline.vehicles[vehicle].start
        if start is None:
            return 0.0
        x, y = self.points[start]
        return x * axis[0] + y * axis[1]

    def deal(
        self, free: Sequence[int], share: float, axis: tuple[float, float]
    ) -> tuple[list[int], list[int]]:
        """Part the free vehicles: ``share`` of each kind to the low side, the nearest ones."""
        kinds: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
        for index in free:
            vehicle = self.outline.vehicles[index]
            kinds[vehicle.kind, vehicle.max_weight_g, vehicle.skills].append(index)
        low: list[int] = []
        high: list[int] = []
        owed = 0.0
        for alike in kinds.values():
            alike.sort(key=lambda index: (self.along(index, axis), index))
            # What rounding keeps from one kind is made good with the next.
            owed += share * len(alike)
            taken = min(len(alike), max(0, round(owed)))
            owed -= taken
            low += alike[:taken]
            high += alike[taken:]
        return low, high


def _halved(
    cutter: _Cutter, lumps: Sequence[_Lump], free: Sequence[int], parts: int
) -> Iterator[Share]:
    """So many parts, or as many as there are lumps: one more would wait for a worker."""
    if parts < 2 or len(lumps) < 2:
        yield Share(
            tuple(sorted(job for lump in lumps for job in lump.jobs)),
            tuple(sorted([*free, *(vehicle for lump in lumps for vehicle in lump.vehicles)])),
        )
        return
    axis = cutter.wider_axis(lumps)
    ordered = sorted(lumps, key=lambda lump: (lump.x * axis[0] + lump.y * axis[1], lump.jobs))
    wanted = sum(len(lump.jobs) for lump in lumps) * (parts // 2) / parts
    cut, below = 1, len(ordered[0].jobs)
    while cut < len(ordered) - 1 and below + len(ordered[cut].jobs) / 2 <= wanted:
        below += len(ordered[cut].jobs)
        cut += 1
    low_load = sum(lump.load for lump in ordered[:cut])
    low, high = cutter.deal(free, low_load / sum(lump.load for lump in ordered), axis)
    yield from _halved(cutter, ordered[:cut], low, parts // 2)
    yield from _halved(cutter, ordered[cut:], high, parts - parts // 2)
