"""What is a tour made of? Tasks as columns, the legs between them, and what is on board.

A stay at one place pays its setup once, even if tasks of both kinds follow each other there; the
first stop always pays it. What is loaded at the hub is on board from the start of the trip that
delivers it: the start of the route, or the last ``RELOAD`` before.

Units: [s], [m], [g], [ml], parcels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.problem import RELOAD, Problem, is_pickup
from chalicelib.domain.routing.timing import NEVER, Course, Spans

#: Weight [g], volume [ml], parcels.
type Load = tuple[int, int, int]

NOTHING: Load = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Tasks:
    """The problem's tasks as columns, each with one more entry for ``RELOAD``, which is -1.

    Parameters
    ----------
    place
        0 for a pickup that does not exist, and for a reload: that one depends on the vehicle.
    handling_s, windows
        How long it takes [s], and when it may begin.
    calm_s, late_cost_per_s
        Until when it is not late [s], and what each second after costs [points].
    load
        What a job weighs, by either of its tasks.
    release_s
        When what a dropoff brings from the hub is ready [s]; -1 for every other task.
    setup_s
        By place.
    """

    problem: Problem
    place: tuple[int, ...]
    handling_s: tuple[int, ...]
    windows: tuple[Spans, ...]
    calm_s: tuple[int, ...]
    late_cost_per_s: tuple[int, ...]
    load: tuple[Load, ...]
    release_s: tuple[int, ...]
    setup_s: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem) -> "Tasks":
        jobs = problem.jobs
        minds = [job.due_s is not None and job.late_cost_per_s > 0 for job in jobs]
        loads = [(job.weight_g, job.volume_ml, job.parcels) for job in jobs]
        spans = (
            tuple((window.earliest_s, window.latest_s) for window in windows)
            for job in jobs
            for windows in ((job.pickup_window,), job.dropoff_windows)
        )
        return cls(
            problem,
            tuple(_pairs(((job.pickup or 0), job.dropoff) for job in jobs)),
            tuple(_pairs((job.pickup_service_s, job.dropoff_service_s) for job in jobs)),
            (*spans, ((0, NEVER),)),
            (
                *chain.from_iterable(
                    (NEVER, NEVER if job.due_s is None or not soft else job.due_s)
                    for job, soft in zip(jobs, minds, strict=True)
                ),
                NEVER,
            ),
            tuple(_pairs((0, job.late_cost_per_s) for job in jobs)),
            (*(load for load in loads for _ in range(2)), NOTHING),
            (
                *chain.from_iterable(
                    (-1, job.release_s if job.pickup is None else -1) for job in jobs
                ),
                -1,
            ),
            tuple(place.setup_s for place in problem.places),
        )


def _pairs(columns: Iterable[tuple[int, int]]) -> Iterator[int]:
    """By task, and 0 for a reload."""
    yield from chain.from_iterable(columns)
    yield 0


class Legs:
    """How one vehicle gets from task to task."""

    __slots__ = ("handling_s", "metres", "place", "seconds", "tasks", "vehicle")

    def __init__(self, tasks: Tasks, vehicle: Vehicle) -> None:
        self.tasks = tasks
        self.vehicle = vehicle
        travel = tasks.problem.travel[vehicle.kind]
        self.seconds = travel.duration_s
        self.metres = travel.distance_m
        self.place: Sequence[int] = tasks.place
        self.handling_s: Sequence[int] = tasks.handling_s
        if vehicle.reload is not None:
            self.place = (*tasks.place[:-1], vehicle.reload.place)
            self.handling_s = (*tasks.handling_s[:-1], vehicle.reload.service_s)

    def driven(self, tour: Sequence[int]) -> tuple[list[int], int]:
        """(n + 1,) driving and setup before each stop and to the end [s], and metres in all."""
        seconds, metres, setup_s, place = self.seconds, self.metres, self.tasks.setup_s, self.place
        here, far = self.vehicle.start, 0
        gaps: list[int] = []
        for task in tour:
            there = place[task]
            if here == there and gaps:
                gaps.append(0)
            elif here is None:
                gaps.append(setup_s[there])
            else:
                gaps.append(seconds[here][there] + setup_s[there])
                far += metres[here][there]
            here = there
        end = self.vehicle.end
        if end is None or here is None:
            return [*gaps, 0], far
        return [*gaps, seconds[here][end]], far + metres[here][end]

    def course(self, tour: Sequence[int], gaps_s: Sequence[int]) -> Course:
        """The tour as the clock sees it."""
        tasks, shift = self.tasks, self.vehicle.shift
        return Course(
            gaps_s,
            [self.handling_s[task] for task in tour],
            [tasks.windows[task] for task in tour],
            [tasks.calm_s[task] for task in tour],
            self._ready_s(tour),
            self.unbroken(tour) if self.vehicle.breaks else (),
            shift.earliest_s,
            shift.latest_s,
            self.vehicle.breaks,
        )

    def _ready_s(self, tour: Sequence[int]) -> list[int]:
        """(n + 1,) release of the trip that begins there, at the start or after a reload [s]."""
        release_s = self.tasks.release_s
        ready_s = [0] * (len(tour) + 1)
        trip = 0
        for at, task in enumerate(tour, 1):
            if task == RELOAD:
                trip = at
            elif release_s[task] > ready_s[trip]:
                ready_s[trip] = release_s[task]
        return ready_s

    def unbroken(self, tour: Sequence[int]) -> list[bool]:
        """(n + 1,) pickups in a row at one place are one visit, which no break divides."""
        inside = [
            one != RELOAD
            and other != RELOAD
            and is_pickup(one)
            and is_pickup(other)
            and self.place[one] == self.place[other]
            for one, other in pairwise(tour)
        ]
        return [False, *inside, False]


# -- loads ---------------------------------------------------------------------------------------


def loads(tasks: Tasks, tour: Sequence[int]) -> list[Load]:
    """(n + 1,) what is on board when the route begins and after each stop."""
    brought = [NOTHING]
    for task in tour:
        if task == RELOAD:
            brought.append(NOTHING)
        elif tasks.release_s[task] >= 0:
            brought[-1] = plus(brought[-1], tasks.load[task])
    trips = iter(brought)
    held = next(trips)
    levels = [held]
    for task in tour:
        if task == RELOAD:
            held = plus(held, next(trips))
        else:
            held = plus(held, tasks.load[task], 1 if is_pickup(task) else -1)
        levels.append(held)
    return levels


def plus(held: Load, more: Load, sign: int = 1) -> Load:
    return held[0] + sign * more[0], held[1] + sign * more[1], held[2] + sign * more[2]


def peak_load(tasks: Tasks, tour: Sequence[int]) -> Load:
    """The most on board at once: weight [g], volume [ml], parcels."""
    levels = loads(tasks, tour)
    grams, millilitres, parcels = zip(*levels, strict=True)
    return max(grams), max(millilitres), max(parcels)


def capacity(vehicle: Vehicle) -> Load:
    """The most that it may have on board."""
    parcels = NEVER if vehicle.max_parcels is None else vehicle.max_parcels
    return vehicle.max_weight_g, vehicle.max_volume_ml, parcels


def jobs_on(tour: Sequence[int]) -> int:
    """How many jobs a tour hands over."""
    return sum(1 for task in tour if task != RELOAD and not is_pickup(task))


def carries(tasks: Tasks, vehicle: Vehicle, tour: Sequence[int]) -> bool:
    """True if loads, the number of jobs and the number of reloads are within their limits."""
    if vehicle.max_jobs is not None and jobs_on(tour) > vehicle.max_jobs:
        return False
    most = 0 if vehicle.reload is None else vehicle.reload.max_times
    if tour.count(RELOAD) > most:
        return False
    peak = peak_load(tasks, tour)
    return all(held <= limit for held, limit in zip(peak, capacity(vehicle), strict=True))
