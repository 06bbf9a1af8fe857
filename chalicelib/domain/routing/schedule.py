"""When does a tour happen? From a vehicle's order of tasks to times, distance and cost.

The rule: finish as early as possible, then leave as late as that allows. With one window per task
no schedule of the same order is shorter, because the end as a function of the start is flat first
and rises with slope one after (Source: Savelsbergh 1992, "The VRP with time windows: minimizing
route duration"). Waiting happens before handling and is unlimited.

A stay at one place pays its setup once, even if tasks of both kinds follow each other there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.domain.routing.plan import PlannedRoute, Visit, VisitKind
from chalicelib.domain.routing.problem import (
    Problem,
    Tour,
    Vehicle,
    Window,
    is_pickup,
    job_of,
)


@dataclass(frozen=True, slots=True)
class Tasks:
    """The problem's tasks as columns: place, handling [s], windows and load change, by task."""

    problem: Problem
    place: tuple[int, ...]
    handling_s: tuple[int, ...]
    windows: tuple[tuple[Window, ...], ...]
    weight_g: tuple[int, ...]
    volume_ml: tuple[int, ...]
    setup_s: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem) -> "Tasks":
        jobs = problem.jobs
        return cls(
            problem,
            tuple(place for job in jobs for place in (job.pickup, job.dropoff)),
            tuple(s for job in jobs for s in (job.pickup_service_s, job.dropoff_service_s)),
            tuple(w for job in jobs for w in ((job.pickup_window,), job.dropoff_windows)),
            tuple(g for job in jobs for g in (job.weight_g, -job.weight_g)),
            tuple(ml for job in jobs for ml in (job.volume_ml, -job.volume_ml)),
            tuple(place.setup_s for place in problem.places),
        )


@dataclass(frozen=True, slots=True)
class Legs:
    """How one vehicle gets from task to task; -1 stands for an open start."""

    tasks: Tasks
    vehicle: Vehicle

    def travel_s(self, before: int | None, after: int) -> int:
        """Drive and setup [s] from one task (None: the start) to the next."""
        there = self.tasks.place[after]
        origin = self.vehicle.start if before is None else self.tasks.place[before]
        if before is not None and origin == there:
            return 0
        drive_s = 0 if origin is None else self._duration_s(origin, there)
        return drive_s + self.tasks.setup_s[there]

    def home_s(self, last: int) -> int:
        end = self.vehicle.end
        return 0 if end is None else self._duration_s(self.tasks.place[last], end)

    def distance_m(self, tour: Sequence[int]) -> int:
        stops = [self.vehicle.start, *(self.tasks.place[task] for task in tour), self.vehicle.end]
        known = [place for place in stops if place is not None]
        rows = self.tasks.problem.travel[self.vehicle.kind].distance_m
        return sum(rows[a][b] for a, b in pairwise(known))

    def _duration_s(self, origin: int, there: int) -> int:
        return self.tasks.problem.travel[self.vehicle.kind].duration_s[origin][there]


def starts_s(legs: Legs, tour: Sequence[int]) -> list[int] | None:
    """Earliest start of each task [s], or None when a window or the shift's end is missed."""
    tasks = legs.tasks
    now_s = legs.vehicle.shift.earliest_s
    before: int | None = None
    starts = []
    for task in tour:
        start_s = _next_opening(tasks.windows[task], now_s + legs.travel_s(before, task))
        if start_s is None:
            return None
        starts.append(start_s)
        now_s = start_s + tasks.handling_s[task]
        before = task
    if before is not None and now_s + legs.home_s(before) > legs.vehicle.shift.latest_s:
        return None
    return starts


def _next_opening(windows: tuple[Window, ...], at_s: int) -> int | None:
    for window in windows:
        if at_s <= window.latest_s:
            return max(at_s, window.earliest_s)
    return None


def carries(tasks: Tasks, vehicle: Vehicle, tour: Sequence[int]) -> bool:
    """True if the load never passes the vehicle's capacity nor its number of jobs."""
    if vehicle.max_jobs is not None and len(tour) > 2 * vehicle.max_jobs:
        return False
    weight_g, volume_ml = peak_load(tasks, tour)
    return weight_g <= vehicle.max_weight_g and volume_ml <= vehicle.max_volume_ml


def peak_load(tasks: Tasks, tour: Sequence[int]) -> tuple[int, int]:
    """The most on board at once: weight [g], volume [ml]."""
    weight_g = volume_ml = most_g = most_ml = 0
    for task in tour:
        weight_g += tasks.weight_g[task]
        volume_ml += tasks.volume_ml[task]
        most_g, most_ml = max(most_g, weight_g), max(most_ml, volume_ml)
    return most_g, most_ml


def route_cost(legs: Legs, tour: Sequence[int]) -> int | None:
    """Cost of a tour [points]; None when it cannot be driven in time. Loads are not looked at."""
    if not tour:
        return 0
    starts = starts_s(legs, tour)
    if starts is None:
        return None
    vehicle, last = legs.vehicle, tour[-1]
    end_s = starts[-1] + legs.tasks.handling_s[last] + legs.home_s(last)
    return (
        vehicle.fixed_cost
        + vehicle.cost_per_m * legs.distance_m(tour)
        + vehicle.cost_per_s * (end_s - _leave_late(legs, tour, starts)[0])
    )


def _leave_late(legs: Legs, tour: Sequence[int], starts: Sequence[int]) -> tuple[int, list[int]]:
    """Push all but the last task as late as the last one's start allows."""
    tasks = legs.tasks
    late = list(starts)
    for k in range(len(tour) - 1, 0, -1):
        latest_s = late[k] - legs.travel_s(tour[k - 1], tour[k]) - tasks.handling_s[tour[k - 1]]
        late[k - 1] = _last_opening(tasks.windows[tour[k - 1]], latest_s, starts[k - 1])
    return late[0] - legs.travel_s(None, tour[0]), late


def _last_opening(windows: tuple[Window, ...], by_s: int, floor_s: int) -> int:
    for window in reversed(windows):
        if window.earliest_s <= by_s:
            return max(floor_s, min(by_s, window.latest_s))
    return floor_s


def timed_route(legs: Legs, tour: Tour) -> PlannedRoute | None:
    """Give a tour its times, or None when it breaks a window or the shift."""
    earliest = starts_s(legs, tour)
    if earliest is None or not tour:
        return None
    leave_s, starts = _leave_late(legs, tour, earliest)
    last = tour[-1]
    weight_g, volume_ml = peak_load(legs.tasks, tour)
    return PlannedRoute(
        vehicle_id=legs.vehicle.id,
        visits=_visits(legs, tour, starts, leave_s),
        start_s=leave_s,
        end_s=starts[-1] + legs.tasks.handling_s[last] + legs.home_s(last),
        distance_m=legs.distance_m(tour),
        load_weight_g=weight_g,
        load_volume_ml=volume_ml,
    )


def _visits(legs: Legs, tour: Tour, starts: Sequence[int], leave_s: int) -> tuple[Visit, ...]:
    tasks = legs.tasks
    visits: list[Visit] = []
    now_s, before = leave_s, None
    for task, start_s in zip(tour, starts, strict=True):
        place, job_id = tasks.place[task], tasks.problem.jobs[job_of(task)].id
        departure_s = start_s + tasks.handling_s[task]
        stays = before is not None and tasks.place[before] == place
        if stays and is_pickup(task) and visits[-1].kind is VisitKind.PICKUP:
            last = visits[-1]
            visits[-1] = Visit(
                place,
                last.kind,
                (*last.job_ids, job_id),
                last.arrival_s,
                last.start_s,
                departure_s,
            )
        else:
            setup_s = 0 if stays else tasks.setup_s[place]
            arrival_s = now_s + legs.travel_s(before, task) - setup_s
            kind = VisitKind.PICKUP if is_pickup(task) else VisitKind.DROPOFF
            visits.append(Visit(place, kind, (job_id,), arrival_s, start_s, departure_s))
        now_s, before = departure_s, task
    return tuple(visits)
