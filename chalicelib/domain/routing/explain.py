"""Why is this job not in the plan, and what does that one cost? For merchants and dispatchers.

For a job that was left out: the reason, the rule that stands in the way, and everything that alone
would let it go along, cheapest first, with the exact amount (see ``relax``). For a job that is
served: what the plan would save without it. Pure: the same plan gives the same answers.

Costs in points (see ``problem``).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from chalicelib.domain.routing.construct import companions
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.parts import tours_of
from chalicelib.domain.routing.plan import Plan, Reason
from chalicelib.domain.routing.problem import (
    MANDATORY_PENALTY,
    RELOAD,
    Problem,
    Tour,
    job_of,
)
from chalicelib.domain.routing.relax import (
    OF_A_VEHICLE,
    OF_THE_JOB,
    Lever,
    Relaxation,
    Scene,
    least,
)
from chalicelib.domain.routing.schedule import drive, price
from chalicelib.domain.routing.tasks import Legs, Tasks, jobs_on


class Constraint(StrEnum):
    """Which rule stands in the way: stable codes."""

    DROPOFF_WINDOW = "dropoff_window"
    PICKUP_WINDOW = "pickup_window"
    SHIFT = "shift"
    WEIGHT = "weight"
    VOLUME = "volume"
    PARCELS = "parcels"
    SKILLS = "skills"
    PERMISSION = "permission"  # a pin or an exclusion
    JOBS = "jobs"
    DISTANCE = "distance"
    DURATION = "duration"
    FLEET = "fleet"  # only another vehicle would help
    PENALTY = "penalty"  # none: it was not worth it
    COMPANION = "companion"  # whoever goes with it cannot
    SEVERAL = "several"  # no single lever would do


BEHIND = {
    Lever.DROPOFF_LATER: Constraint.DROPOFF_WINDOW,
    Lever.DROPOFF_EARLIER: Constraint.DROPOFF_WINDOW,
    Lever.PICKUP_LATER: Constraint.PICKUP_WINDOW,
    Lever.PICKUP_EARLIER: Constraint.PICKUP_WINDOW,
    Lever.SHIFT_LATER: Constraint.SHIFT,
    Lever.SHIFT_EARLIER: Constraint.SHIFT,
    Lever.WEIGHT: Constraint.WEIGHT,
    Lever.VOLUME: Constraint.VOLUME,
    Lever.PARCELS: Constraint.PARCELS,
    Lever.SKILLS: Constraint.SKILLS,
    Lever.PERMISSION: Constraint.PERMISSION,
    Lever.JOBS: Constraint.JOBS,
    Lever.DISTANCE: Constraint.DISTANCE,
    Lever.DURATION: Constraint.DURATION,
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a job is not in the plan.

    Parameters
    ----------
    relaxations
        What alone would let it go along, by added cost, then by lever; the first is the cheapest.
    """

    job_id: str
    reason: Reason
    constraint: Constraint
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What the plan would save without a job.

    Parameters
    ----------
    saving
        Cost of its route less that of the route without it, by part; a part may be negative.
        Penalties are not in it. None if the rest could not be driven: with travel that is quicker
        by a detour, or where a break then falls badly.
    """

    job_id: str
    vehicle_id: str
    saving: Cost | None


@dataclass(frozen=True, slots=True)
class Explanations:
    """In the order of ``Plan.unserved``; and of the routes and their dropoffs."""

    left_out: tuple[LeftOut, ...]
    served: tuple[Served, ...]


def explain(
    problem: Problem, plan: Plan, *, job_ids: Collection[str] | None = None
) -> Explanations:
    """Explain a plan that ``check`` has passed.

    Parameters
    ----------
    job_ids
        Which jobs; None for all. A left-out job takes some ms per vehicle, with long tours of
        pairs some 100 ms.
    """
    tours = tours_of(problem, plan)
    number = {job.id: index for index, job in enumerate(problem.jobs)}
    return Explanations(
        tuple(
            _left_out(problem, tours, number[one.job_id], one.reason)
            for one in plan.unserved
            if job_ids is None or one.job_id in job_ids
        ),
        tuple(
            one for one in _all_served(problem, tours) if job_ids is None or one.job_id in job_ids
        ),
    )


# -- left out ------------------------------------------------------------------------------------


def _left_out(problem: Problem, tours: Sequence[Tour], job: int, reason: Reason) -> LeftOut:
    others = sorted(companions(problem)[job] - {job})
    unit = (job, *others)
    price_of_leaving_out = sum(problem.jobs[one].price_of_leaving_out for one in unit)
    scenes = [Scene.of(problem, tours, at, unit) for at in range(len(tours))]
    now = [cost for cost in (scene.added_cost() for scene in scenes) if cost is not None]
    if now:
        found = list(_worth_it(problem, job, scenes, min(now), price_of_leaving_out))
    else:
        found = list(_possible(scenes))
    told = tuple(
        replace(one, pays=one.lever is Lever.PENALTY or one.added_cost < price_of_leaving_out)
        for one in sorted(found, key=_rank)
    )
    return LeftOut(problem.jobs[job].id, reason, _constraint(reason, bool(now), told), told)


def _rank(one: Relaxation) -> tuple[int, int]:
    return one.added_cost, list(Lever).index(one.lever)


def _constraint(reason: Reason, fits: bool, told: Sequence[Relaxation]) -> Constraint:
    if reason is Reason.COMPANION_LEFT_OUT:
        return Constraint.COMPANION
    if fits:
        return Constraint.PENALTY
    for one in told:
        if one.lever in BEHIND:
            return BEHIND[one.lever]
    return Constraint.FLEET if told or reason is Reason.NO_VEHICLE else Constraint.SEVERAL


def _worth_it(
    problem: Problem, job: int, scenes: Sequence[Scene], added_cost: int, worth: int
) -> Iterator[Relaxation]:
    """It fits and does not pay: a higher penalty, or a vehicle for which it would.

    Nothing where it does pay, and an engine missed it.
    """
    if added_cost < worth:
        return
    wanted = problem.jobs[job]
    rest = worth - wanted.price_of_leaving_out
    penalty = (added_cost - rest) // (1 + wanted.priority) + 1
    if penalty <= MANDATORY_PENALTY:
        yield Relaxation(Lever.PENALTY, penalty, added_cost)
    yield from (one for one in _another_vehicle(scenes) if one.added_cost < worth)


def _possible(scenes: Sequence[Scene]) -> Iterator[Relaxation]:
    for lever in OF_THE_JOB:
        yield from _of_the_job(scenes, lever)
    for lever in OF_A_VEHICLE:
        found = [one for scene in scenes for one in _in(scene, lever)]
        yield from sorted(found, key=lambda one: (one.added_cost, one.amount))[:1]
    yield from _another_vehicle(scenes)


def _of_the_job(scenes: Sequence[Scene], lever: Lever) -> Iterator[Relaxation]:
    """The least amount with any vehicle, and what the cheapest vehicle then costs."""
    best: Relaxation | None = None
    for scene in scenes:
        for one in _in(scene, lever, None if best is None else best.amount):
            key = (one.amount, one.added_cost)
            if best is None or key < (best.amount, best.added_cost):
                best = one
    if best is not None:
        yield best


def _in(scene: Scene, lever: Lever, enough: int | None = None) -> Iterator[Relaxation]:
    """How far a lever has to be moved for one vehicle, if that is no more than ``enough``."""
    for still, most in scene.moves(lever):
        # Skills and permissions are given as a whole.
        whole = lever in (Lever.SKILLS, Lever.PERMISSION)
        limit = most if enough is None else min(most, enough)

        def fits(amount: int, move: Relaxation = still) -> bool:
            return scene.added_cost(replace(move, amount=amount)) is not None

        amount = (limit if limit and fits(limit) else None) if whole else least(fits, limit)
        if amount is not None:
            moved = replace(still, amount=amount)
            added_cost = scene.added_cost(moved)
            assert added_cost is not None
            yield replace(moved, added_cost=added_cost)


def _another_vehicle(scenes: Sequence[Scene]) -> Iterator[Relaxation]:
    """One more of the vehicle that does it cheapest."""
    best: Relaxation | None = None
    tried = set()
    for scene in scenes:
        like = replace(scene.vehicle, id="", frozen=())
        if like in tried:
            continue
        tried.add(like)
        one = Relaxation(Lever.VEHICLE, 1, 0, scene.vehicle.id)
        added_cost = scene.added_cost(one)
        if added_cost is not None and (best is None or added_cost < best.added_cost):
            best = replace(one, added_cost=added_cost)
    if best is not None:
        yield best


# -- served --------------------------------------------------------------------------------------


def _all_served(problem: Problem, tours: Sequence[Tour]) -> Iterator[Served]:
    tasks = Tasks.of(problem)
    for vehicle, tour in zip(problem.vehicles, tours, strict=True):
        legs = Legs(tasks, vehicle)
        whole = _cost(legs, tour)
        for task in tour:
            if task != RELOAD and task % 2:
                job = job_of(task)
                rest = _cost(legs, _without(tasks, tour, job, len(vehicle.frozen)))
                saving = None if whole is None or rest is None else _minus(whole, rest)
                yield Served(problem.jobs[job].id, vehicle.id, saving)


def _without(tasks: Tasks, tour: Tour, job: int, frozen: int) -> Tour:
    """The tour without a job, nor a reload that brought nothing else; frozen reloads stay."""
    shorter: list[int] = []
    for at, task in enumerate(tour):
        if task == RELOAD and at >= frozen:
            following = tour[at + 1 :]
            trip = following[: following.index(RELOAD)] if RELOAD in following else following
            brought = {job_of(one) for one in trip if one != RELOAD and tasks.release_s[one] >= 0}
            if brought == {job}:
                continue
        if task == RELOAD or job_of(task) != job:
            shorter.append(task)
    return tuple(shorter)


def _cost(legs: Legs, tour: Tour) -> Cost | None:
    """Limits of metres and hours are not looked at: a shorter tour only seems to break them."""
    if not jobs_on(tour):
        return Cost()
    driven = drive(legs, tour)
    return None if driven is None else price(legs, tour, driven)


def _minus(one: Cost, other: Cost) -> Cost:
    return Cost(*(getattr(one, part.name) - getattr(other, part.name) for part in fields(Cost)))
