"""What would have to give way, by how much, so that one more job fits into the finished tours?

A *lever* loosens one rule of the job or of one vehicle and leaves the rest of the plan as it is.
The least amount is found by bisection: with it the job goes into some tour, with one unit less into
none. Every position is tried, also with one more reload where that vehicle may reload.

Units by lever: [s], [g], [ml], parcels, [m], points, or a count; costs in points.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.routing.construct import Board
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import LARGEST
from chalicelib.domain.routing.parts import Share, inward, narrowed
from chalicelib.domain.routing.problem import Job, Problem, Tour
from chalicelib.domain.routing.tasks import Tasks

#: Nobody waits or works a day longer: a lever of time that needs more is none [s].
A_DAY_S = 86_400


class Lever(StrEnum):
    """What can be loosened, in the order in which equally dear ones are told."""

    DROPOFF_LATER = "dropoff_later"  # a dropoff window ends later [s]
    DROPOFF_EARLIER = "dropoff_earlier"  # a dropoff window begins earlier [s]
    PICKUP_LATER = "pickup_later"  # the pickup window ends later [s]
    PICKUP_EARLIER = "pickup_earlier"  # the parcels are ready earlier [s]
    SHIFT_LATER = "shift_later"  # a vehicle's shift ends later [s]
    SHIFT_EARLIER = "shift_earlier"  # a vehicle's shift begins earlier [s]
    WEIGHT = "weight"  # a vehicle carries more [g]
    VOLUME = "volume"  # a vehicle carries more [ml]
    PARCELS = "parcels"  # a vehicle carries more parcels
    SKILLS = "skills"  # a vehicle gets the skills that it lacks: how many
    PERMISSION = "permission"  # a pin or an exclusion is lifted for one vehicle: 1
    JOBS = "jobs"  # a vehicle takes more jobs
    DISTANCE = "distance"  # a vehicle goes further [m]
    DURATION = "duration"  # a vehicle is away longer [s]
    VEHICLE = "vehicle"  # one more vehicle like the one named: 1
    PENALTY = "penalty"  # the job's penalty is so much [points]


#: Levers of the job itself: the least amount over all vehicles counts.
OF_THE_JOB = (
    Lever.DROPOFF_LATER,
    Lever.DROPOFF_EARLIER,
    Lever.PICKUP_LATER,
    Lever.PICKUP_EARLIER,
)

#: Levers in seconds.
OF_TIME = (*OF_THE_JOB, Lever.SHIFT_LATER, Lever.SHIFT_EARLIER, Lever.DURATION)

OF_A_VEHICLE = (
    Lever.SHIFT_LATER,
    Lever.SHIFT_EARLIER,
    Lever.WEIGHT,
    Lever.VOLUME,
    Lever.PARCELS,
    Lever.SKILLS,
    Lever.PERMISSION,
    Lever.JOBS,
    Lever.DISTANCE,
    Lever.DURATION,
)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One lever, and how far it has to be moved.

    Parameters
    ----------
    amount
        The least that helps, in the lever's unit. Of ``PENALTY`` the new penalty, of every other
        lever what is added.
    vehicle_id
        Whose rule it is, or like whom the new vehicle is; None for a rule of the job.
    window
        Which of the dropoff windows is moved; 0 for every other lever.
    added_cost
        What the routes then cost more, without any penalty [points].
    pays
        True if that is less than leaving the job (and its companions) out.
    """

    lever: Lever
    amount: int
    added_cost: int
    vehicle_id: str | None = None
    window: int = 0
    pays: bool = True


def relaxed(problem: Problem, job: int, how: Relaxation) -> Problem:
    """The problem with one lever moved for a job.

    Raises
    ------
    StopIteration
        If the problem lacks the vehicle that is named.
    """
    if how.vehicle_id is None:
        changed = _loosened(problem.jobs[job], how)
        jobs = (*problem.jobs[:job], changed, *problem.jobs[job + 1 :])
        return replace(problem, jobs=jobs)
    at = next(k for k, v in enumerate(problem.vehicles) if v.id == how.vehicle_id)
    vehicle = problem.vehicles[at]
    if how.lever is Lever.VEHICLE:
        return replace(problem, vehicles=(*problem.vehicles, _twin(vehicle, problem.vehicles)))
    if how.lever is Lever.PERMISSION:
        wanted = problem.jobs[job]
        free = replace(
            wanted, only_vehicle=None, not_vehicles=wanted.not_vehicles - {how.vehicle_id}
        )
        return replace(problem, jobs=(*problem.jobs[:job], free, *problem.jobs[job + 1 :]))
    stronger = _stronger(vehicle, how, problem.jobs[job])
    return replace(
        problem, vehicles=(*problem.vehicles[:at], stronger, *problem.vehicles[at + 1 :])
    )


def _twin(vehicle: Vehicle, fleet: Sequence[Vehicle]) -> Vehicle:
    """A vehicle of the same kind that has done nothing yet, under a name that nobody has."""
    names = {one.id for one in fleet}
    name = f"{vehicle.id}+"
    while name in names:
        name += "+"
    return replace(vehicle, id=name, frozen=())


def _loosened(job: Job, how: Relaxation) -> Job:
    pickup, amount = job.pickup_window, how.amount
    match how.lever:
        case Lever.PENALTY:
            return replace(job, penalty=amount)
        case Lever.PICKUP_LATER:
            later = Window(pickup.earliest_s, pickup.latest_s + amount)
            return replace(job, pickup_window=later)
        case Lever.PICKUP_EARLIER:
            earlier = Window(pickup.earliest_s - amount, pickup.latest_s)
            return replace(job, pickup_window=earlier)
    before, after = (amount, 0) if how.lever is Lever.DROPOFF_EARLIER else (0, amount)
    moved = job.dropoff_windows[how.window]
    wider = Window(moved.earliest_s - before, moved.latest_s + after)
    others = [window for k, window in enumerate(job.dropoff_windows) if k != how.window]
    return replace(job, dropoff_windows=_merged([*others, wider]))


def _merged(windows: Sequence[Window]) -> tuple[Window, ...]:
    """In order, and those that meet as one."""
    merged: list[Window] = []
    for window in sorted(windows, key=lambda one: one.earliest_s):
        if merged and window.earliest_s <= merged[-1].latest_s:
            latest_s = max(merged[-1].latest_s, window.latest_s)
            merged[-1] = Window(merged[-1].earliest_s, latest_s)
        else:
            merged.append(window)
    return tuple(merged)


def _stronger(vehicle: Vehicle, how: Relaxation, job: Job) -> Vehicle:
    shift, amount = vehicle.shift, how.amount
    match how.lever:
        case Lever.SHIFT_LATER:
            return replace(vehicle, shift=Window(shift.earliest_s, shift.latest_s + amount))
        case Lever.SHIFT_EARLIER:
            return replace(vehicle, shift=Window(shift.earliest_s - amount, shift.latest_s))
        case Lever.WEIGHT:
            return replace(vehicle, max_weight_g=vehicle.max_weight_g + amount)
        case Lever.VOLUME:
            return replace(vehicle, max_volume_ml=vehicle.max_volume_ml + amount)
        case Lever.PARCELS:
            return replace(vehicle, max_parcels=_more(vehicle.max_parcels, amount))
        case Lever.JOBS:
            return replace(vehicle, max_jobs=_more(vehicle.max_jobs, amount))
        case Lever.DISTANCE:
            return replace(vehicle, max_distance_m=_more(vehicle.max_distance_m, amount))
        case Lever.DURATION:
            return replace(vehicle, max_duration_s=_more(vehicle.max_duration_s, amount))
    return replace(vehicle, skills=vehicle.skills | job.skills)


def _more(limit: int | None, amount: int) -> int | None:
    return None if limit is None else limit + amount


# -- trying --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scene:
    """One vehicle with its tour, and jobs that go together and want to join; all renumbered.

    Parameters
    ----------
    unit
        The jobs; the first of them is the one that asks.
    """

    problem: Problem
    tour: Tour
    unit: tuple[int, ...]

    @classmethod
    def of(
        cls, problem: Problem, tours: Sequence[Tour], vehicle: int, unit: Sequence[int]
    ) -> "Scene":
        aboard = {task // 2 for task in tours[vehicle] if task >= 0}
        share = Share((*unit, *sorted(aboard)), (vehicle,))
        return cls(narrowed(problem, share), inward(share, tours)[0], tuple(range(len(unit))))

    @property
    def vehicle(self) -> Vehicle:
        return self.problem.vehicles[0]

    def added_cost(self, how: Relaxation | None = None) -> int | None:
        """What the cheapest way to join adds [points]; None if there is no way."""
        problem = self.problem if how is None else relaxed(self.problem, self.unit[0], how)
        at = len(problem.vehicles) - 1
        board = Board(Tasks.of(problem), [self.tour, ()][: at + 1])
        joined = board.together(self.unit, at, enough=None)
        return None if joined is None else joined.added_cost

    def moves(self, lever: Lever) -> Iterator[tuple[Relaxation, int]]:
        """A lever by nothing, for each window that it may move, and the most it may be moved."""
        job, vehicle = self.problem.jobs[self.unit[0]], self.vehicle
        name = vehicle.id if lever in OF_A_VEHICLE else None
        if lever in (Lever.DROPOFF_LATER, Lever.DROPOFF_EARLIER):
            for k, window in enumerate(job.dropoff_windows):
                later = lever is Lever.DROPOFF_LATER
                most = vehicle.shift.latest_s - window.latest_s if later else window.earliest_s
                yield Relaxation(lever, 0, 0, name, k), min(A_DAY_S, most)
        else:
            yield Relaxation(lever, 0, 0, name), self._most(lever, job, vehicle)

    def _most(self, lever: Lever, job: Job, vehicle: Vehicle) -> int:
        """How far a lever may be moved; 0 or less if there is nothing to move.

        No load is larger than all jobs on one heap.
        """
        jobs, shift = self.problem.jobs, vehicle.shift
        pickup = job.pickup_window
        banned = vehicle.id in job.not_vehicles or job.only_vehicle not in (None, vehicle.id)
        most: dict[Lever, int] = {
            Lever.PICKUP_LATER: job.pickup is not None and shift.latest_s - pickup.latest_s,
            Lever.PICKUP_EARLIER: pickup.earliest_s,
            Lever.SHIFT_LATER: A_DAY_S,
            Lever.SHIFT_EARLIER: shift.earliest_s,
            Lever.WEIGHT: sum(one.weight_g for one in jobs),
            Lever.VOLUME: sum(one.volume_ml for one in jobs),
            Lever.PARCELS: vehicle.max_parcels is not None and sum(one.parcels for one in jobs),
            Lever.SKILLS: len(job.skills - vehicle.skills),
            Lever.PERMISSION: int(banned),
            Lever.JOBS: vehicle.max_jobs is not None and len(jobs),
            Lever.DISTANCE: vehicle.max_distance_m is not None and LARGEST,
            Lever.DURATION: vehicle.max_duration_s is not None and A_DAY_S,
        }
        return min(A_DAY_S, most[lever]) if lever in OF_TIME else most[lever]


def least(fits: Callable[[int], bool], most: int) -> int | None:
    """The least amount from 1 to ``most`` that fits while one less does not; 0 does not fit."""
    if most < 1 or not fits(most):
        return None
    short = 0
    while most - short > 1:
        middle = (short + most) // 2
        if fits(middle):
            most = middle
        else:
            short = middle
    return most
