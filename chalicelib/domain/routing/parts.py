"""What is a part of a problem, and how does its answer go back into the whole?

A part is a problem of its own, with jobs, vehicles and places renumbered and only the travel it
needs. The whole may be an ``Outline``, a problem that has no travel at all. Parts that hold every
job and vehicle once, and part nothing that is bound together (see ``decompose``), keep the rules of
the whole when each keeps its own; and their costs add up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.matrix import Travel
from chalicelib.domain.routing.plan import Plan, VisitKind
from chalicelib.domain.routing.problem import (
    RELOAD,
    Fairness,
    Job,
    Place,
    Problem,
    Tour,
    job_of,
)
from chalicelib.domain.routing.travel import Roads


@dataclass(frozen=True, slots=True)
class Share:
    """Which jobs and vehicles of the whole a part has: indices, in the part's order."""

    jobs: tuple[int, ...]
    vehicles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A problem without travel: the matrix of 10,000 places would take 400 MB. See ``Problem``."""

    epoch_at: datetime
    places: tuple[Place, ...]
    vehicles: tuple[Vehicle, ...]
    jobs: tuple[Job, ...]
    same_route: tuple[tuple[int, ...], ...] = ()
    pickup_order: tuple[tuple[int, int], ...] = ()
    fairness: Fairness | None = None

    @classmethod
    def of(cls, problem: Problem) -> "Outline":
        return cls(
            problem.epoch_at,
            problem.places,
            problem.vehicles,
            problem.jobs,
            problem.same_route,
            problem.pickup_order,
            problem.fairness,
        )

    @property
    def everything(self) -> Share:
        return Share(tuple(range(len(self.jobs))), tuple(range(len(self.vehicles))))

    def part(self, share: Share, tours: Sequence[Tour], roads: Roads) -> tuple[Problem, list[Tour]]:
        """As ``part`` does, with travel between the part's places computed by ``roads``.

        Roads are asked for departure at ``epoch_at``, in its own zone: give it the hub's.
        """

        def travel(places: Sequence[int], kind: str) -> Travel:
            points = [self.places[place].position for place in places]
            return roads(points, self.epoch_at, kind)

        return _cut(self, share, travel), inward(share, tours)


def part(problem: Problem, share: Share, tours: Sequence[Tour]) -> tuple[Problem, list[Tour]]:
    """Cut a share out of a problem, as a problem of its own with its block of each matrix.

    Parameters
    ----------
    share
        One of ``cluster_jobs`` or ``group_routes``, or any that parts nothing that is bound.
    tours
        One per vehicle of the whole problem; empty where nothing is planned.

    Returns
    -------
    The problem, its places, vehicles and jobs in their order in the whole; and the tours of its
    vehicles in its own numbers.

    Raises
    ------
    KeyError
        If a tour, a frozen stop or a group needs a job that the share does not have.
    """

    def travel(places: Sequence[int], kind: str) -> Travel:
        whole = problem.travel[kind]
        return Travel(whole.duration_s.block(places), whole.distance_m.block(places))

    return _cut(Outline.of(problem), share, travel), inward(share, tours)


def merge(tours: Sequence[Tour], share: Share, answer: Sequence[Tour]) -> list[Tour]:
    """Put a part's tours, in its own numbers, in the place of its vehicles' tours."""
    merged = list(tours)
    for vehicle, tour in zip(share.vehicles, answer, strict=True):
        merged[vehicle] = _renumbered(tour, lambda job: share.jobs[job])
    return merged


def narrowed[Whole: (Problem, Outline)](whole: Whole, share: Share) -> Whole:
    """A share's jobs and vehicles alone, renumbered; places, and travel if there is any, stay.

    Raises
    ------
    KeyError
        If a frozen stop or a group needs a job that the share does not have.
    """
    job_at = {job: index for index, job in enumerate(share.jobs)}
    groups = [group for group in whole.same_route if any(job in job_at for job in group)]
    orders = [pair for pair in whole.pickup_order if pair[0] in job_at and pair[1] in job_at]
    vehicles = [whole.vehicles[vehicle] for vehicle in share.vehicles]
    return replace(
        whole,
        jobs=tuple(whole.jobs[job] for job in share.jobs),
        vehicles=tuple(
            replace(one, frozen=_renumbered(one.frozen, job_at.__getitem__)) for one in vehicles
        ),
        same_route=tuple(tuple(job_at[job] for job in group) for group in groups),
        pickup_order=tuple((job_at[first], job_at[second]) for first, second in orders),
    )


def inward(share: Share, tours: Sequence[Tour]) -> list[Tour]:
    """The tours of a share's vehicles in its own numbers.

    Raises
    ------
    KeyError
        If a tour needs a job that the share does not have.
    """
    job_at = {job: index for index, job in enumerate(share.jobs)}
    return [_renumbered(tours[vehicle], job_at.__getitem__) for vehicle in share.vehicles]


def _cut(
    outline: Outline, share: Share, travel_of: Callable[[Sequence[int], str], Travel]
) -> Problem:
    small = narrowed(outline, share)
    places = sorted(set(_places(small.jobs, small.vehicles)))
    place_at = {place: index for index, place in enumerate(places)}
    kinds = sorted({vehicle.kind for vehicle in small.vehicles})
    return Problem(
        epoch_at=small.epoch_at,
        places=tuple(small.places[place] for place in places),
        vehicles=tuple(_moved_vehicle(vehicle, place_at) for vehicle in small.vehicles),
        jobs=tuple(
            replace(
                job,
                pickup=None if job.pickup is None else place_at[job.pickup],
                dropoff=place_at[job.dropoff],
            )
            for job in small.jobs
        ),
        travel={kind: travel_of(places, kind) for kind in kinds},
        same_route=small.same_route,
        pickup_order=small.pickup_order,
        fairness=small.fairness,
    )


def _places(jobs: Iterable[Job], vehicles: Iterable[Vehicle]) -> Iterator[int]:
    for job in jobs:
        yield from (stop for stop in (job.pickup, job.dropoff) if stop is not None)
    for vehicle in vehicles:
        yield from (end for end in (vehicle.start, vehicle.end) if end is not None)
        if vehicle.reload is not None:
            yield vehicle.reload.place


def _moved_vehicle(vehicle: Vehicle, place_at: Mapping[int, int]) -> Vehicle:
    reload = vehicle.reload
    return replace(
        vehicle,
        start=None if vehicle.start is None else place_at[vehicle.start],
        end=None if vehicle.end is None else place_at[vehicle.end],
        reload=None if reload is None else replace(reload, place=place_at[reload.place]),
    )


def _renumbered(tour: Tour, number: Callable[[int], int]) -> Tour:
    return tuple(RELOAD if task == RELOAD else 2 * number(job_of(task)) + task % 2 for task in tour)


def tours_of(problem: Problem, plan: Plan) -> list[Tour]:
    """A plan as tours, one per vehicle of the problem: what a warm start takes."""
    job_at = {job.id: index for index, job in enumerate(problem.jobs)}
    tours: dict[str, Tour] = {}
    for route in plan.routes:
        tour: list[int] = []
        for visit in route.visits:
            if visit.kind is VisitKind.RELOAD:
                tour.append(RELOAD)
            else:
                side = 0 if visit.kind is VisitKind.PICKUP else 1
                tour += [2 * job_at[job_id] + side for job_id in visit.job_ids]
        tours[route.vehicle_id] = tuple(tour)
    return [tours.get(vehicle.id, ()) for vehicle in problem.vehicles]
