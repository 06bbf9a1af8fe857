"""Is this one route true? Who drives it, what is handled where and when, and what is on board.

``check`` has made sure that every name exists and every job has one pickup, where it has any, and
one dropoff; ``timekeeper`` looks at what lies between the visits. A fault is a stable code and
where:

====================== =========================================================================
empty_route            a vehicle is used for nothing
unknown_place          a visit is at no place of the problem; times and distance stay unlooked at
vehicle_lacks_skill    the job asks for a skill that the vehicle does not offer
vehicle_excluded       the job may not go on this vehicle
vehicle_not_the_one    the job may only go on another vehicle
frozen_changed         the route does not begin with the vehicle's frozen tasks in their order
empty_visit            a pickup or a dropoff of nothing
several_recipients     a dropoff of more than one job
split_visit            two pickup visits in a row at one place: that is one visit
wrong_place            a job is handled, or a trip loaded, somewhere else than it should
outside_window         handling begins outside the job's windows
handling_too_short     it ends sooner than it can
handling_too_long      it ends later than it does
no_reload              a reload by a vehicle that never reloads
too_many_reloads       more often than the vehicle may
wrong_reload           does not list what its trip brings, in the order of dropping off
before_release         the trip leaves before a job that it brings is ready
dropoff_before_pickup  what is handed over is not on board
left_aboard            what is picked up is not handed over on this route
overloaded             more weight, volume or parcels than fit
wrong_load             the most on board is another amount
too_many_jobs          more jobs than the vehicle takes on one route
too_far                more metres than the vehicle goes on one route
too_long               more seconds than the vehicle goes on one route
wrong_distance         the route has another length
====================== =========================================================================
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.plan import PlannedRoute, Visit, VisitKind
from chalicelib.domain.routing.problem import RELOAD, Job, Problem
from chalicelib.domain.routing.timekeeper import Fault, breaks, legs

#: Weight [g], volume [ml], parcels.
type Load = tuple[int, int, int]

#: What is done with which job; a reload is one step whatever it brings.
type Step = tuple[VisitKind, str]


@dataclass(frozen=True, slots=True)
class RouteJudge:
    """One route before the judge.

    Parameters
    ----------
    trips
        Ids of the jobs that each trip was loaded with, in the order of dropping off; the first trip
        begins with the route, each further one with a reload.
    somewhere
        True if every visit is at a place of the problem.
    distance_m
        What the route truly measures [m]; where a visit is at no place, what it claims.
    """

    problem: Problem
    jobs: Mapping[str, Job]
    vehicle: Vehicle
    route: PlannedRoute
    trips: tuple[tuple[str, ...], ...]
    somewhere: bool
    distance_m: int

    @classmethod
    def of(
        cls, problem: Problem, jobs: Mapping[str, Job], vehicle: Vehicle, route: PlannedRoute
    ) -> "RouteJudge":
        places = range(len(problem.places))
        somewhere = all(visit.place in places for visit in route.visits)
        distance_m = _distance_m(problem, vehicle, route) if somewhere else route.distance_m
        return cls(problem, jobs, vehicle, route, _trips(jobs, route), somewhere, distance_m)

    @property
    def duration_s(self) -> int:
        return self.route.end_s - self.route.start_s

    def faults(self) -> Iterator[Fault]:
        """Everything that is wrong with the route by itself."""
        if not self.route.visits:
            yield "empty_route", self.vehicle.id
            return
        yield from self._assignment()
        for position, visit in enumerate(self.route.visits):
            codes = self._reload(visit) if visit.kind is VisitKind.RELOAD else self._visit(visit)
            yield from ((code, self._at(position)) for code in codes)
        for position, (before, after) in enumerate(pairwise(self.route.visits)):
            both = before.kind is after.kind is VisitKind.PICKUP
            if both and before.place == after.place:
                yield "split_visit", self._at(position + 1)
        yield from self._trip_starts()
        yield from self._loads()
        yield from ((code, self.vehicle.id) for code in self._limits())
        yield from breaks(self.vehicle, self.route)
        if self.somewhere:
            yield from legs(self.problem, self.vehicle, self.route)
        else:
            yield "unknown_place", self.vehicle.id

    def _at(self, position: int) -> str:
        return f"{self.vehicle.id}[{position}]"

    def _assignment(self) -> Iterator[Fault]:
        """Skills, pins, exclusions and what is frozen."""
        vehicle = self.vehicle
        for job_id in self.route.job_ids():
            job = self.jobs[job_id]
            if not job.skills <= vehicle.skills:
                yield "vehicle_lacks_skill", job_id
            if vehicle.id in job.not_vehicles:
                yield "vehicle_excluded", job_id
            if job.only_vehicle not in (None, vehicle.id):
                yield "vehicle_not_the_one", job_id
        if vehicle.frozen:
            kept = [self._step(task) for task in vehicle.frozen]
            if list(islice(_steps(self.route), len(kept))) != kept:
                yield "frozen_changed", vehicle.id

    def _step(self, task: int) -> Step:
        if task == RELOAD:
            return VisitKind.RELOAD, ""
        kind = VisitKind.DROPOFF if task % 2 else VisitKind.PICKUP
        return kind, self.problem.jobs[task // 2].id

    def _visit(self, visit: Visit) -> Iterator[str]:
        """Place, windows and handling of a pickup or a dropoff."""
        if not visit.job_ids:
            yield "empty_visit"
            return
        pickup = visit.kind is VisitKind.PICKUP
        if not pickup and len(visit.job_ids) > 1:
            yield "several_recipients"
        free_s = visit.start_s
        for turn, job_id in enumerate(visit.job_ids):
            job = self.jobs[job_id]
            if visit.place != (job.pickup if pickup else job.dropoff):
                yield "wrong_place"
            service_s = job.pickup_service_s if pickup else job.dropoff_service_s
            windows = (job.pickup_window,) if pickup else job.dropoff_windows
            open_s = (max(free_s, w.earliest_s) for w in windows if free_s <= w.latest_s)
            begins_s = next(open_s, None)
            # Within a visit a later job may wait for its own release; the first one began then.
            if begins_s is None or (turn == 0 and begins_s != free_s):
                yield "outside_window"
                begins_s = free_s
            free_s = begins_s + service_s
        if visit.departure_s < free_s:
            yield "handling_too_short"
        elif visit.departure_s > free_s:
            # Only the last of several may have been kept waiting, and not past its window.
            if len(visit.job_ids) == 1:
                yield "handling_too_long"
            elif visit.departure_s - service_s > windows[-1].latest_s:
                yield "outside_window"

    def _reload(self, visit: Visit) -> Iterator[str]:
        reload = self.vehicle.reload
        if reload is None:
            yield "no_reload"
            return
        if visit.place != reload.place:
            yield "wrong_place"
        if visit.departure_s < visit.start_s + reload.service_s:
            yield "handling_too_short"

    def _trip_starts(self) -> Iterator[Fault]:
        """What each trip was loaded with, and when that was ready."""
        reloads = [
            (self._at(position), visit)
            for position, visit in enumerate(self.route.visits)
            if visit.kind is VisitKind.RELOAD
        ]
        most = self.vehicle.reload
        if most is not None and len(reloads) > most.max_times:
            yield "too_many_reloads", self.vehicle.id
        for (where, visit), trip in zip(reloads, self.trips[1:], strict=True):
            if visit.job_ids != trip:
                yield "wrong_reload", where
        leaves = [(self.vehicle.id, self.route.start_s)]
        leaves += [(where, visit.departure_s) for where, visit in reloads]
        for (where, leaves_s), trip in zip(leaves, self.trips, strict=True):
            if any(leaves_s < self.jobs[job_id].release_s for job_id in trip):
                yield "before_release", where

    def _loads(self) -> Iterator[Fault]:
        trips = iter(self.trips)
        first = next(trips)
        aboard = set(first)
        load = most = self._moved((0, 0, 0), first, 1)
        for position, visit in enumerate(self.route.visits):
            if visit.kind is VisitKind.DROPOFF:
                held = [job_id for job_id in visit.job_ids if job_id in aboard]
                if len(held) < len(visit.job_ids):
                    yield "dropoff_before_pickup", self._at(position)
                aboard.difference_update(held)
                load = self._moved(load, held, -1)
            else:
                taken = next(trips) if visit.kind is VisitKind.RELOAD else visit.job_ids
                aboard.update(taken)
                load = self._moved(load, taken, 1)
                most = max(most[0], load[0]), max(most[1], load[1]), max(most[2], load[2])
        if aboard:
            yield "left_aboard", self.vehicle.id
        vehicle, route = self.vehicle, self.route
        limits = (vehicle.max_weight_g, vehicle.max_volume_ml, vehicle.max_parcels)
        if any(
            limit is not None and held > limit for held, limit in zip(most, limits, strict=True)
        ):
            yield "overloaded", vehicle.id
        if most != (route.load_weight_g, route.load_volume_ml, route.load_parcels):
            yield "wrong_load", vehicle.id

    def _moved(self, load: Load, job_ids: Iterable[str], sign: int) -> Load:
        weight_g, volume_ml, parcels = load
        for job_id in job_ids:
            job = self.jobs[job_id]
            weight_g += sign * job.weight_g
            volume_ml += sign * job.volume_ml
            parcels += sign * job.parcels
        return weight_g, volume_ml, parcels

    def _limits(self) -> Iterator[str]:
        vehicle, route = self.vehicle, self.route
        if vehicle.max_jobs is not None and sum(1 for _ in route.job_ids()) > vehicle.max_jobs:
            yield "too_many_jobs"
        if vehicle.max_distance_m is not None and self.distance_m > vehicle.max_distance_m:
            yield "too_far"
        if vehicle.max_duration_s is not None and self.duration_s > vehicle.max_duration_s:
            yield "too_long"
        if route.distance_m != self.distance_m:
            yield "wrong_distance"


def _trips(jobs: Mapping[str, Job], route: PlannedRoute) -> tuple[tuple[str, ...], ...]:
    trips: list[list[str]] = [[]]
    for visit in route.visits:
        if visit.kind is VisitKind.RELOAD:
            trips.append([])
        elif visit.kind is VisitKind.DROPOFF:
            trips[-1] += (job_id for job_id in visit.job_ids if jobs[job_id].pickup is None)
    return tuple(map(tuple, trips))


def _steps(route: PlannedRoute) -> Iterator[Step]:
    """What is done one after the other, job by job."""
    for visit in route.visits:
        named = ("",) if visit.kind is VisitKind.RELOAD else visit.job_ids
        yield from ((visit.kind, job_id) for job_id in named)


def _distance_m(problem: Problem, vehicle: Vehicle, route: PlannedRoute) -> int:
    rows = problem.travel[vehicle.kind].distance_m
    stops = (vehicle.start, *(visit.place for visit in route.visits), vehicle.end)
    known = [place for place in stops if place is not None]
    return sum(rows[a][b] for a, b in pairwise(known))
