"""Which node of the OR-Tools model stands for what, and how far is it from node to node?

Nodes in order: every real task, every possible reload visit, one start and one end per vehicle. A
reload visit belongs to one vehicle and is optional. Because no two vehicles share a start or an
end, OR-Tools' indices are these node numbers.

Times of an arc: handling at its origin + drive + setup where the place changes; so several pickups
at one store pay one setup. Units: [s], [m].
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, is_pickup, job_of

type Rows = list[list[int]]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The layout of one problem's nodes.

    Parameters
    ----------
    tasks
        (s,) task of each stop, a stop being a task or a possible reload visit (``RELOAD``).
    place, handling_s
        (s,) where it is, and what is spent there besides setup [s].
    reloads
        (v,) the stops that are reload visits of each vehicle.
    """

    problem: Problem
    tasks: tuple[int, ...]
    place: tuple[int, ...]
    handling_s: tuple[int, ...]
    reloads: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, problem: Problem) -> "Nodes":
        tasks = [task for k, job in enumerate(problem.jobs) for task in job.tasks(k)]
        place, handling_s = [], []
        for task in tasks:
            job = problem.jobs[job_of(task)]
            spot = job.pickup if is_pickup(task) else job.dropoff
            assert spot is not None
            place.append(spot)
            handling_s.append(job.pickup_service_s if is_pickup(task) else job.dropoff_service_s)
        reloads = []
        for vehicle in problem.vehicles:
            first = len(tasks)
            if vehicle.reload is not None:
                times = _useful_reloads(problem, vehicle)
                tasks += [RELOAD] * times
                place += [vehicle.reload.place] * times
                handling_s += [vehicle.reload.service_s] * times
            reloads.append(tuple(range(first, len(tasks))))
        return cls(problem, tuple(tasks), tuple(place), tuple(handling_s), tuple(reloads))

    @property
    def stops(self) -> int:
        return len(self.tasks)

    @property
    def count(self) -> int:
        """Stops, starts and ends."""
        return len(self.tasks) + 2 * len(self.problem.vehicles)

    def start(self, vehicle: int) -> int:
        return self.stops + vehicle

    def end(self, vehicle: int) -> int:
        return self.stops + len(self.problem.vehicles) + vehicle

    def by_task(self) -> dict[int, int]:
        """Node of each task; reload visits are in ``reloads``."""
        return {task: node for node, task in enumerate(self.tasks) if task != RELOAD}

    def loaded_at_hub(self) -> Iterator[tuple[int, int]]:
        """Node and job of each dropoff whose parcels are aboard when its trip begins."""
        for node, task in enumerate(self.tasks):
            if task != RELOAD and self.problem.jobs[job_of(task)].pickup is None:
                yield node, job_of(task)

    def route(self, tour: Tour, vehicle: int) -> list[int] | None:
        """A tour as nodes, or None if it reloads more often than the model allows."""
        nodes, reloads = self.by_task(), iter(self.reloads[vehicle])
        route = [next(reloads, -1) if task == RELOAD else nodes[task] for task in tour]
        return None if -1 in route else route

    def windows(self, task: int) -> tuple[Window, ...]:
        """When handling may begin."""
        job = self.problem.jobs[job_of(task)]
        return (job.pickup_window,) if is_pickup(task) else job.dropoff_windows

    def rows(self, kind: str) -> tuple[Rows, Rows]:
        """Seconds and metres from node to node for one kind of vehicle, (count, count) each.

        Starts and ends differ by vehicle, the matrix does not: each has its own row and column, and
        only its own vehicle ever uses it. An unused vehicle goes from start to end in no time.
        """
        vehicles = self.problem.vehicles
        setup_s = [self.problem.places[place].setup_s for place in self.place]
        travel = self.problem.travel[kind]
        metres = self._drives(travel.distance_m)
        seconds = self._drives(travel.duration_s)
        stops_at: dict[int, list[int]] = {}
        for node, place in enumerate(self.place):
            stops_at.setdefault(place, []).append(node)
        extra_s = [*setup_s, *[0] * (2 * len(vehicles))]
        for node, row in enumerate(seconds[: self.stops]):
            spent_s = self.handling_s[node]
            seconds[node] = [spent_s + drive_s + s for drive_s, s in zip(row, extra_s, strict=True)]
            for neighbour in stops_at[self.place[node]]:
                seconds[node][neighbour] = spent_s
        for vehicle in range(len(vehicles)):
            node = self.start(vehicle)
            seconds[node] = [a + b for a, b in zip(seconds[node], extra_s, strict=True)]
        return seconds, metres

    def _drives(self, between: Matrix) -> Rows:
        """Cells of a matrix of places for every pair of nodes; 0 where a route is open."""
        vehicles = self.problem.vehicles
        ends = [vehicle.end for vehicle in vehicles]
        nothing = [0] * len(vehicles)
        rows: Rows = []
        for place in self.place:
            row = between[place]
            home = [0 if end is None else row[end] for end in ends]
            rows.append([*(row[there] for there in self.place), *nothing, *home])
        for vehicle in vehicles:
            if vehicle.start is None:
                rows.append([0] * self.count)
            else:
                row = between[vehicle.start]
                rows.append([*(row[there] for there in self.place), *nothing, *nothing])
        return rows + [[0] * self.count for _ in vehicles]


def _useful_reloads(problem: Problem, vehicle: Vehicle) -> int:
    """Each reload brings something; but those that are frozen happen anyway."""
    assert vehicle.reload is not None
    brought = sum(1 for job in problem.jobs if job.pickup is None and job.allows(vehicle))
    frozen = vehicle.frozen.count(RELOAD)
    return min(vehicle.reload.max_times, max(brought, frozen))
