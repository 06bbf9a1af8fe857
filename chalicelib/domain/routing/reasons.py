"""Why does a job stay behind? Simple tests on the problem and the finished tours.

The answer does not depend on which engine planned: it asks first whether any vehicle could do the
job alone, then whether it still fits beside the others. Codes: ``plan.Reason``.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.routing.construct import cheapest_insertion
from chalicelib.domain.routing.plan import Reason
from chalicelib.domain.routing.problem import Tour, Vehicle, Window
from chalicelib.domain.routing.schedule import Legs, Tasks, carries, starts_s

#: A shift that never ends: ten years [s].
ENDLESS = Window(0, 315_576_000)


def reason_left_out(tasks: Tasks, tours: Sequence[Tour], job: int) -> Reason:
    """Return the first reason that holds for a job that no tour has."""
    vehicles, alone = tasks.problem.vehicles, (2 * job, 2 * job + 1)
    if not vehicles:
        return Reason.NO_VEHICLE
    fitting = [vehicle for vehicle in vehicles if carries(tasks, vehicle, alone)]
    if not fitting:
        return Reason.NO_VEHICLE_LARGE_ENOUGH
    if not can_go_alone(tasks, job):
        in_time = any(starts_s(Legs(tasks, _tireless(vehicle)), alone) for vehicle in fitting)
        return Reason.OUTSIDE_SHIFT if in_time else Reason.WINDOW_TOO_EARLY
    if cheapest_insertion(tasks, tours, job) is None:
        return Reason.CAPACITY_EXHAUSTED
    return Reason.NOT_WORTH_THE_DETOUR


def can_go_alone(tasks: Tasks, job: int) -> bool:
    """True if some vehicle could do this job if it were the only one."""
    alone = (2 * job, 2 * job + 1)
    return any(
        carries(tasks, vehicle, alone) and starts_s(Legs(tasks, vehicle), alone)
        for vehicle in tasks.problem.vehicles
    )


def _tireless(vehicle: Vehicle) -> Vehicle:
    return replace(vehicle, shift=ENDLESS)
