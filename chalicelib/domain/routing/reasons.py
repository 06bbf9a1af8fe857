"""Why does a job stay behind? Simple tests on the problem and the finished tours.

The answer does not depend on which engine planned: it asks first whether any vehicle could do the
job alone, then whether its companions could, then whether it still fits beside the others. Codes:
``plan.Reason``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.domain.routing.construct import Board, companions
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.plan import Reason
from chalicelib.domain.routing.problem import RELOAD, Tour, job_of
from chalicelib.domain.routing.schedule import drive
from chalicelib.domain.routing.tasks import Legs, Tasks, carries

#: A shift that never ends: ten years [s].
ENDLESS = Window(0, 315_576_000)


def reasons_left_out(tasks: Tasks, tours: Sequence[Tour], jobs: Iterable[int]) -> list[Reason]:
    """For each of some jobs that no tour has, the first reason that holds."""
    board = Board(tasks, tours)
    bound = companions(tasks.problem)
    aboard = {job_of(task) for tour in tours for task in tour if task != RELOAD}
    return [
        _alone(tasks, job) or _beside_others(board, job, bound[job] - aboard - {job})
        for job in jobs
    ]


def can_go_alone(tasks: Tasks, job: int) -> bool:
    """True if some vehicle could do this job if it were the only one, and so for its companions.

    What is frozen counts as possible, and whoever has to go with it: it is under way, and cannot be
    left out. Where they cannot join it after all, no plan is feasible, and ``check`` says so.
    """
    frozen = {task for vehicle in tasks.problem.vehicles for task in vehicle.frozen}
    unit = [job]
    if any(job in group for group in tasks.problem.same_route):
        unit = sorted(companions(tasks.problem)[job])
    if any(not frozen.isdisjoint(tasks.problem.jobs[one].tasks(one)) for one in unit):
        return True
    return all(_alone(tasks, one) is None for one in unit)


def _alone(tasks: Tasks, job: int) -> Reason | None:
    """Why no vehicle could do the job even if there were nothing else to do; None if one could."""
    vehicles, wanted = tasks.problem.vehicles, tasks.problem.jobs[job]
    if any(_could(tasks, vehicle, job) for vehicle in vehicles):
        return None
    tour = wanted.tasks(job)
    if not vehicles:
        return Reason.NO_VEHICLE
    allowed = [vehicle for vehicle in vehicles if wanted.allows(vehicle)]
    if not allowed:
        return Reason.NO_VEHICLE_ALLOWED
    fitting = [vehicle for vehicle in allowed if carries(tasks, vehicle, tour)]
    if not fitting:
        return Reason.NO_VEHICLE_LARGE_ENOUGH
    if any(drive(Legs(tasks, vehicle), tour) for vehicle in fitting):
        return Reason.ROUTE_TOO_LONG
    if any(drive(Legs(tasks, _tireless(vehicle)), tour) for vehicle in fitting):
        return Reason.OUTSIDE_SHIFT
    return Reason.WINDOW_TOO_EARLY


def _could(tasks: Tasks, vehicle: Vehicle, job: int) -> bool:
    tour = tasks.problem.jobs[job].tasks(job)
    if not (tasks.problem.jobs[job].allows(vehicle) and carries(tasks, vehicle, tour)):
        return False
    driven = drive(Legs(tasks, vehicle), tour)
    return driven is not None and driven.within(vehicle)


def _beside_others(board: Board, job: int, others: frozenset[int]) -> Reason:
    if any(_alone(board.tasks, other) for other in others):
        return Reason.COMPANION_LEFT_OUT
    if board.cheapest((job, *sorted(others)), enough=1) is None:
        return Reason.CAPACITY_EXHAUSTED
    return Reason.NOT_WORTH_THE_DETOUR


def _tireless(vehicle: Vehicle) -> Vehicle:
    """Somebody who is there at any hour and needs no rest."""
    return replace(vehicle, shift=ENDLESS, breaks=())
