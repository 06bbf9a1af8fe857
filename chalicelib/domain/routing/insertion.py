"""Where in a tour can a job go, and how much longer is it then? Most positions fall at a glance.

A ``Standing`` keeps a vehicle's tour with its earliest times from the front, its latest from the
back and its loads, so that most positions are refused in constant time, and those before or behind
all that a window allows are not even looked at. (Source: Savelsbergh 1992, "The VRP with time
windows: minimizing route duration", forward time slack.) ``ways`` puts positions together.

Units: [s], [m]; cost in points.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.routing.problem import RELOAD, Tour
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.tasks import Legs, Load, capacity, jobs_on, loads
from chalicelib.domain.routing.timing import forward, opening

#: (position in the tour, task), in the order of the new tour.
type Added = tuple[tuple[int, int], ...]

#: (extra seconds, extra metres, position).
type Detour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Near:
    """A place beside each gap of a tour: (n + 1,) seconds and metres to it, and on from it.

    With its own setup, and that of the stop that comes next.
    """

    to_s: Sequence[int]
    to_m: Sequence[int]
    on_s: Sequence[int]
    on_m: Sequence[int]


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
    leaving
        (n + 1,) rows of seconds and metres from the stop before each gap.
    entered
        (n + 1,) place and setup of the stop after each gap; an end has none.
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
    leaving: tuple[tuple[Sequence[int], Sequence[int]], ...]
    entered: tuple[tuple[int, int], ...]

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
            # Any row and any place will do where the route is open: see ``near``.
            tuple((legs.seconds[stop or 0], legs.metres[stop or 0]) for stop in stops[:-1]),
            (
                *((stop or 0, legs.tasks.setup_s[stop or 0]) for stop in stops[1:-1]),
                (vehicle.end or 0, 0),
            ),
        )

    def takes(self, job: int) -> bool:
        """False if this vehicle may not have the job, or has as many jobs as it takes."""
        vehicle = self.legs.vehicle
        full = vehicle.max_jobs is not None and jobs_on(self.tour) >= vehicle.max_jobs
        return not full and self.legs.tasks.problem.jobs[job].allows(vehicle)

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

    def near(self, place: int) -> Near:
        """How far a place is from everything in the tour. Staying where one is costs no setup."""
        legs, stops, setup_s = self.legs, self.stops, self.legs.tasks.setup_s[place]
        seconds, metres = legs.seconds[place], legs.metres[place]
        to_s = [row[place] + setup_s for row, _ in self.leaving]
        to_m = [row[place] for _, row in self.leaving]
        on_s = [seconds[after] + after_s for after, after_s in self.entered]
        on_m = [metres[after] for after, _ in self.entered]
        if stops[0] is None:
            to_s[0], to_m[0] = setup_s, 0
        if stops[-1] is None:
            on_s[-1] = on_m[-1] = 0
        if place in stops:
            for at in range(1, len(stops) - 1):
                if stops[at] == place:
                    to_s[at] = on_s[at - 1] = 0
        return Near(to_s, to_m, on_s, on_m)

    def around(self, task: int, near: Near) -> list[Detour]:
        """What one task alone adds, where it can be in time."""
        windows, handling_s = self.legs.tasks.windows[task], self.legs.handling_s[task]
        free_s, latest_s, gaps = self.free_s, self.latest_s, self._gaps()
        found: list[Detour] = []
        for p in self._while_open(windows[0][0] + handling_s, windows[-1][1]):
            start_s = opening(windows, free_s[p] + near.to_s[p])
            if start_s is not None and start_s + handling_s + near.on_s[p] <= latest_s[p]:
                gap_s, gap_m = gaps[p]
                extra_s = near.to_s[p] + near.on_s[p] - gap_s
                found.append((extra_s, near.to_m[p] + near.on_m[p] - gap_m, p))
        return found

    def in_a_row(self, pickup: int, dropoff: int, here: Near, there: Near) -> list[Detour]:
        """What a pickup with its dropoff right behind it adds, where both can be in time."""
        tasks, gaps = self.legs.tasks, self._gaps()
        windows, later_windows = tasks.windows[pickup], tasks.windows[dropoff]
        way_s, way_m = self._way(pickup, dropoff)
        next_s, handling_s = tasks.handling_s[pickup] + way_s, tasks.handling_s[dropoff]
        done_s = max(windows[0][0] + next_s, later_windows[0][0]) + handling_s
        found: list[Detour] = []
        for p in self._while_open(done_s, windows[-1][1]):
            start_s = opening(windows, self.free_s[p] + here.to_s[p])
            if start_s is None:
                continue
            start_s = opening(later_windows, start_s + next_s)
            if start_s is None or start_s + handling_s + there.on_s[p] > self.latest_s[p]:
                continue
            gap_s, gap_m = gaps[p]
            extra_s = here.to_s[p] + way_s + there.on_s[p] - gap_s
            found.append((extra_s, here.to_m[p] + way_m + there.on_m[p] - gap_m, p))
        return found

    def _way(self, pickup: int, dropoff: int) -> tuple[int, int]:
        """Seconds, with setup, and metres from one to the other."""
        here, there = self.legs.place[pickup], self.legs.place[dropoff]
        if here == there:
            return 0, 0
        setup_s = self.legs.tasks.setup_s[there]
        return self.legs.seconds[here][there] + setup_s, self.legs.metres[here][there]

    def _while_open(self, done_s: int, closes_s: int) -> range:
        """Gaps whose stop before is done by ``closes_s``, and whose stop after waits so long."""
        return range(
            bisect_left(self.latest_s, done_s, self.first), bisect_right(self.free_s, closes_s)
        )

    def _gaps(self) -> Sequence[tuple[int, int]]:
        """Whoever begins a tour saves no way."""
        return self.gaps if self.tour else ((0, 0),)

    def room(self, load: Load) -> Load:
        """The most that may be on board beside a load."""
        limit = capacity(self.legs.vehicle)
        return limit[0] - load[0], limit[1] - load[1], limit[2] - load[2]


def within(held: Load, most: Load) -> bool:
    """True if a load is no more than another one, in any respect."""
    return held[0] <= most[0] and held[1] <= most[1] and held[2] <= most[2]


def _most(one: Load, other: Load) -> Load:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def _metres(legs: Legs, before: int | None, after: int | None) -> int:
    return 0 if before is None or after is None else legs.metres[before][after]
