"""When does a tour happen, and what does it cost? From an order of tasks to times and prices.

``tasks`` holds the columns and legs that this reads, ``timing`` the clock. Units: [s], [m]; cost in
points (see ``problem``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.problem import RELOAD, is_pickup, job_of
from chalicelib.domain.routing.tasks import Legs, Tasks
from chalicelib.domain.routing.timing import Timing, timed


@dataclass(frozen=True, slots=True)
class Drive:
    """A tour with its times and metres, whatever the limits of the route say."""

    timing: Timing
    distance_m: int

    @property
    def duration_s(self) -> int:
        return self.timing.end_s - self.timing.leave_s

    def within(self, vehicle: Vehicle) -> bool:
        """True if the route keeps the vehicle's metres and hours."""
        return (vehicle.max_distance_m is None or self.distance_m <= vehicle.max_distance_m) and (
            vehicle.max_duration_s is None or self.duration_s <= vehicle.max_duration_s
        )


def drive(legs: Legs, tour: Sequence[int]) -> Drive | None:
    """Drive a tour; None when a window, a break or the shift is missed. Limits are not looked at.

    The tour has at least one task.
    """
    gaps_s, distance_m = legs.driven(tour)
    timing = timed(legs.course(tour, gaps_s))
    return None if timing is None else Drive(timing, distance_m)


def drive_within(legs: Legs, tour: Sequence[int]) -> Drive | None:
    """As ``drive``, also None for an empty tour or one that passes the route's limits."""
    driven = drive(legs, tour) if tour else None
    return driven if driven is not None and driven.within(legs.vehicle) else None


def price(legs: Legs, tour: Sequence[int], driven: Drive) -> Cost:
    """The parts of the plan's cost that one driven tour makes [points]."""
    vehicle, fairness = legs.vehicle, legs.tasks.problem.fairness
    duration_s = driven.duration_s
    extra_s = max(0, duration_s - vehicle.overtime_after_s)
    unfair = 0
    if fairness is not None:
        unfair = fairness.cost_per_s * max(0, duration_s - fairness.share_s)
    return Cost(
        vehicles=vehicle.fixed_cost,
        distance=vehicle.cost_per_m * driven.distance_m,
        duration=vehicle.cost_per_s * duration_s,
        overtime=vehicle.overtime_cost_per_s * extra_s,
        lateness=_lateness(legs.tasks, tour, driven.timing.starts_s),
        fairness=unfair,
        changes=_changes(legs, tour),
    )


def _lateness(tasks: Tasks, tour: Sequence[int], starts_s: Sequence[int]) -> int:
    return sum(
        tasks.late_cost_per_s[task] * (start_s - tasks.calm_s[task])
        for task, start_s in zip(tour, starts_s, strict=True)
        if start_s > tasks.calm_s[task]
    )


def _changes(legs: Legs, tour: Sequence[int]) -> int:
    jobs, own = legs.tasks.problem.jobs, (None, legs.vehicle.id)
    return sum(
        jobs[job_of(task)].change_cost
        for task in tour
        if task != RELOAD and not is_pickup(task) and jobs[job_of(task)].planned_vehicle not in own
    )


def route_price(legs: Legs, tour: Sequence[int]) -> Cost | None:
    """Cost of a tour by part; None when it cannot be driven in time or passes metres or hours.

    Loads, and who may take what, are not looked at.
    """
    if not tour:
        return Cost()
    driven = drive_within(legs, tour)
    return None if driven is None else price(legs, tour, driven)


def route_cost(legs: Legs, tour: Sequence[int]) -> int | None:
    """Cost of a tour [points]; None as in :func:`route_price`."""
    cost = route_price(legs, tour)
    return None if cost is None else cost.driven
