"""Where in a tour does a job go, and what does that add? Many ways are ruled out at a glance.

A ``Standing`` keeps a vehicle's tour with its earliest times from the front, its latest from the
back and its loads, so that most positions are refused in constant time. (Source: Savelsbergh 1992,
"The VRP with time windows: minimizing route duration", forward time slack.) What is left is sorted
by driving and setup and then judged by the whole schedule, cheapest first.

Units: [s], [m]; cost in points.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import product

from chalicelib.domain.routing.problem import RELOAD, Tour
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.tasks import Legs, Load, capacity, carries, jobs_on, loads, plus
from chalicelib.domain.routing.timing import forward, opening

#: A pair's pickup and dropoff are tried at so many of their best positions each, before at all.
CLOSE = 8

#: With a reload in between, a job is tried at so many of its best positions.
CLOSE_WITH_RELOAD = 4

#: (position in the tour, task), in the order of the new tour.
type Added = tuple[tuple[int, int], ...]

#: (extra seconds, extra metres, position).
type Detour = tuple[int, int, int]

#: (extra seconds, extra metres, what is added where).
type Longer = tuple[int, int, Added]

#: (estimate of the added cost, what is added where): smaller is likelier to be cheap.
type Way = tuple[int, Added]


@dataclass(frozen=True, slots=True)
class Standing:
    """One vehicle's tour of n stops, and what tells quickly where nothing more can go.

    Breaks are not looked at: they make everything later, so what is refused here is impossible.

    Parameters
    ----------
    cost
        Of the tour [points].
    first
        Nothing is added before this position: it is frozen.
    stops
        (n + 2,) places: start, each stop, end; None where the route is open.
    gaps
        (n + 1,) seconds and metres of driving and setup before each stop, and to the end.
    free_s
        (n + 1,) when the vehicle is free before each gap, at the earliest.
    latest_s
        (n + 1,) when each stop must begin at the latest, and the route end.
    levels, tops
        (n + 1,) load in each gap, and the most since the trip began.
    """

    legs: Legs
    tour: Tour
    cost: int
    first: int
    stops: tuple[int | None, ...]
    gaps: tuple[tuple[int, int], ...]
    free_s: tuple[int, ...]
    latest_s: tuple[int, ...]
    levels: tuple[Load, ...]
    tops: tuple[Load, ...]

    @classmethod
    def of(cls, legs: Legs, tour: Tour) -> "Standing | None":
        """None when the tour, which begins with what is frozen, cannot be driven."""
        cost = route_cost(legs, tour)
        seconds, _ = legs.driven(tour)
        course = legs.course(tour, seconds)
        early = forward(course, course.first_s)
        if cost is None or early is None:
            return None
        latest_s = [course.latest_s]
        for k in range(len(tour) - 1, -1, -1):
            by_s = latest_s[-1] - seconds[k + 1] - course.handling_s[k]
            latest_s.append(
                max(
                    (min(by_s, late) for soon, late in course.windows[k] if soon <= by_s), default=0
                )
            )
        vehicle = legs.vehicle
        stops = (vehicle.start, *(legs.place[task] for task in tour), vehicle.end)
        levels = loads(legs.tasks, tour)
        tops = [levels[0]]
        for task, level in zip(tour, levels[1:], strict=True):
            tops.append(level if task == RELOAD else _most(tops[-1], level))
        return cls(
            legs,
            tour,
            cost,
            len(vehicle.frozen),
            stops,
            tuple((s, _metres(legs, *stops[k : k + 2])) for k, s in enumerate(seconds)),
            (course.first_s, *early.frees_s),
            tuple(reversed(latest_s)),
            tuple(levels),
            tuple(tops),
        )

    def takes(self, job: int) -> bool:
        """False if this vehicle may not have the job, or has as many jobs as it takes."""
        vehicle = self.legs.vehicle
        full = vehicle.max_jobs is not None and jobs_on(self.tour) >= vehicle.max_jobs
        return not full and self.legs.tasks.problem.jobs[job].allows(vehicle)

    def ways(self, job: int, *, wide: bool) -> Iterator[Way]:
        """Ways to add a job that are not ruled out, each once; ``wide`` for every one of them."""
        if not self.takes(job):
            return
        tasks = self.legs.tasks.problem.jobs[job].tasks(job)
        load = self.legs.tasks.load[tasks[-1]]
        if len(tasks) == 1:
            plain: list[tuple[int, int, Added]] = [
                (d_s, d_m, ((p, tasks[0]),))
                for d_s, d_m, p in self._around(tasks[0])
                if self._holds(self.tops[p], load)
            ]
        else:
            plain = list(self._pairs(tasks, load, wide))
        once = self._estimate(0, 0) + (0 if self.tour else self.legs.vehicle.fixed_cost)
        for d_s, d_m, added in plain:
            yield once + self._estimate(d_s, d_m), added
        if self._may_reload():
            for d_s, d_m, added in self._with_reload(tasks, wide):
                yield once + self._estimate(d_s, d_m), added

    def with_added(self, added: Added) -> Tour:
        """The longer tour."""
        longer: list[int] = []
        done = 0
        for position, task in added:
            longer += self.tour[done:position]
            longer.append(task)
            done = position
        return (*longer, *self.tour[done:])

    def in_time(self, added: Added) -> bool:
        """False if a window or the shift is missed for sure: walks from the first to the last."""
        legs, position = self.legs, added[0][0]
        stop, free_s = self.stops[position], self.free_s[position]
        begun = position > 0
        windows, handling_s, setup_s = legs.tasks.windows, legs.handling_s, legs.tasks.setup_s
        for task in self.with_added(added)[position : added[-1][0] + len(added)]:
            there = legs.place[task]
            if stop is None:
                free_s += setup_s[there]
            elif stop != there or not begun:
                free_s += legs.seconds[stop][there] + setup_s[there]
            start_s = opening(windows[task], free_s)
            if start_s is None:
                return False
            stop, free_s, begun = there, start_s + handling_s[task], True
        position = added[-1][0]
        after = self.stops[position + 1]
        if after is not None and stop is not None and stop != after:
            free_s += legs.seconds[stop][after]
            free_s += setup_s[after] if position < len(self.tour) else 0
        return free_s <= self.latest_s[position]

    def _estimate(self, extra_s: int, extra_m: int) -> int:
        vehicle = self.legs.vehicle
        return vehicle.cost_per_s * extra_s + vehicle.cost_per_m * extra_m

    def _holds(self, held: Load, more: Load) -> bool:
        both, limit = plus(held, more), capacity(self.legs.vehicle)
        return both[0] <= limit[0] and both[1] <= limit[1] and both[2] <= limit[2]

    def _around(self, task: int) -> Iterator[Detour]:
        """What one task alone adds, where it can be in time."""
        legs, stops, last = self.legs, self.stops, len(self.tour)
        there, windows = legs.place[task], legs.tasks.windows[task]
        handling_s, setup_s = legs.handling_s[task], legs.tasks.setup_s
        seconds, metres = legs.seconds, legs.metres
        on_s, on_m = seconds[there], metres[there]
        for p in range(self.first, last + 1):
            before, after = stops[p], stops[p + 1]
            if before is None:
                to_s, to_m = setup_s[there], 0
            elif before == there and p:
                to_s = to_m = 0
            else:
                to_s, to_m = seconds[before][there] + setup_s[there], metres[before][there]
            start_s = opening(windows, self.free_s[p] + to_s)
            if start_s is None:
                continue
            if after is None:
                next_s = next_m = 0
            elif p < last:
                next_s = 0 if after == there else on_s[after] + setup_s[after]
                next_m = on_m[after]
            else:
                next_s, next_m = on_s[after], on_m[after]
            if start_s + handling_s + next_s <= self.latest_s[p]:
                gap_s, gap_m = self.gaps[p] if self.tour else (0, 0)
                yield to_s + next_s - gap_s, to_m + next_m - gap_m, p

    def _pairs(self, tasks: Tour, load: Load, wide: bool) -> Iterator[Longer]:
        """A pickup and its dropoff, next to each other or not."""
        pickup, dropoff = tasks
        firsts, seconds = list(self._around(pickup)), list(self._around(dropoff))
        for p in range(self.first, len(self.tour) + 1):
            if self._holds(self.levels[p], load):
                yield (*self._together(pickup, dropoff, p), ((p, pickup), (p, dropoff)))
        if not wide:
            firsts, seconds = nsmallest(CLOSE, firsts), nsmallest(CLOSE, seconds)
        for (one_s, one_m, i), (two_s, two_m, j) in product(firsts, seconds):
            if i < j and all(self._holds(level, load) for level in self.levels[i : j + 1]):
                yield one_s + two_s, one_m + two_m, ((i, pickup), (j, dropoff))

    def _together(self, pickup: int, dropoff: int, p: int) -> tuple[int, int]:
        """Extra seconds and metres of both in a row."""
        legs, place, setup_s = self.legs, self.legs.place, self.legs.tasks.setup_s
        stops = [self.stops[p], *(place[t] for t in (pickup, dropoff)), self.stops[p + 1]]
        extra_s = extra_m = 0
        for k in range(3):
            before, after = stops[k], stops[k + 1]
            if after is None:
                continue
            ends = k == 2 and p == len(self.tour)
            if before is None:
                extra_s += setup_s[after]
            elif before != after or (k == 0 and p == 0):
                extra_s += legs.seconds[before][after] + (0 if ends else setup_s[after])
                extra_m += legs.metres[before][after]
        gap_s, gap_m = self.gaps[p] if self.tour else (0, 0)
        return extra_s - gap_s, extra_m - gap_m

    # -- reloads ---------------------------------------------------------------------------------

    def _may_reload(self) -> bool:
        reload = self.legs.vehicle.reload
        return reload is not None and bool(self.tour) and self.tour.count(RELOAD) < reload.max_times

    def _with_reload(self, tasks: Tour, wide: bool) -> Iterator[Longer]:
        """The job and one more reload, where a load or a release keeps it from going plainly."""
        if not self._needs_reload(tasks):
            return
        reloads = [(d_s, d_m, ((p, RELOAD),)) for d_s, d_m, p in self._around(RELOAD)]
        if len(tasks) == 1:
            found: list[tuple[int, int, Added]] = [
                (d_s, d_m, ((p, tasks[0]),)) for d_s, d_m, p in self._around(tasks[0])
            ]
        else:
            found = list(self._pairs(tasks, (0, 0, 0), wide))
        if not wide:
            found = nsmallest(CLOSE_WITH_RELOAD, found)
        for (one_s, one_m, added), (two_s, two_m, reload) in product(found, reloads):
            for both in _merged(added, reload[0][0]):
                longer = self.with_added(both)
                if carries(self.legs.tasks, self.legs.vehicle, longer):
                    yield one_s + two_s, one_m + two_m, both

    def _needs_reload(self, tasks: Tour) -> bool:
        legs = self.legs
        loaded = [task for task in self.tour if legs.tasks.release_s[task] >= 0]
        if len(tasks) > 1 and not loaded:
            return False
        if legs.tasks.release_s[tasks[-1]] > self.free_s[0]:
            return True
        load = legs.tasks.load[tasks[-1]]
        return not all(self._holds(level, load) for level in self.levels)


def _merged(added: Added, reload: int) -> Iterator[Added]:
    """A reload before or after everything that is added at its position, never twice the same."""
    before = tuple(item for item in added if item[0] < reload)
    same = tuple(item for item in added if item[0] == reload)
    after = tuple(item for item in added if item[0] > reload)
    yield (*before, (reload, RELOAD), *same, *after)
    if same:
        yield (*before, *same, (reload, RELOAD), *after)


def _most(one: Load, other: Load) -> Load:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def _metres(legs: Legs, before: int | None, after: int | None) -> int:
    return 0 if before is None or after is None else legs.metres[before][after]
