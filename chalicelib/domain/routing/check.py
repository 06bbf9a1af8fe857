"""Is this plan true? An independent judge that recomputes everything an engine claims.

It shares no code with the engines nor with ``schedule``: it reads the problem and the plan, walks
each route stop by stop (``judge`` and ``timekeeper``), and collects findings. Every plan passes it
before anybody sees it. Its time grows with the number of visits alone.

Looked at here, across routes: every job is served once or left once, companions stay together,
nobody who is under way is forgotten, and each part of the cost. Codes are stable:

====================== =========================================================================
unknown_vehicle        the problem has no such vehicle
vehicle_used_twice     two routes of one vehicle
unknown_job            the problem has no such job
job_twice              picked up, handed over or left more than once, or both served and left
job_halved             only picked up, or only handed over
job_lost               neither served nor left
job_has_no_pickup      loaded at the hub, and yet picked up somewhere
routes_out_of_order    not in the order of the problem's vehicles
unserved_out_of_order  not in the order of the problem's jobs
companions_parted      a group of ``same_route`` is not on one route, nor wholly left
pickups_out_of_order   on one route, but against ``pickup_order``
frozen_vehicle_unused  a vehicle under way has no route
wrong_cost             one part of the cost; ``where`` says which
====================== =========================================================================
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.judge import RouteJudge
from chalicelib.domain.routing.plan import Plan, PlannedRoute, VisitKind
from chalicelib.domain.routing.problem import Job, Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a stable ``code``, and where."""

    code: str
    where: str


class InfeasiblePlan(Exception):
    """The plan breaks its problem; ``findings`` says how. A fault of ours, never of a caller."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{found.code} at {found.where}" for found in findings[:10]))
        self.findings = findings


def check(problem: Problem, plan: Plan) -> None:
    """Return when the plan is true.

    Raises
    ------
    InfeasiblePlan
        With every finding.
    """
    found = findings(problem, plan)
    if found:
        raise InfeasiblePlan(found)


def findings(problem: Problem, plan: Plan) -> tuple[Finding, ...]:
    """Everything that is wrong with the plan; empty when nothing is.

    Whatever the plan says, this returns. Unknown and doubled names, and lost jobs, are told alone,
    for they make the rest meaningless.
    """
    jobs = {job.id: job for job in problem.jobs}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    found = list(_census(jobs, vehicles, plan))
    if found:
        return tuple(found)
    judges = [
        RouteJudge.of(problem, jobs, vehicles[route.vehicle_id], route) for route in plan.routes
    ]
    for judge in judges:
        found.extend(Finding(code, where) for code, where in judge.faults())
    found.extend(_order(problem, plan))
    found.extend(_company(problem, plan))
    found.extend(_cost(problem, jobs, judges, plan))
    return tuple(found)


def _census(
    jobs: Mapping[str, Job], vehicles: Mapping[str, Vehicle], plan: Plan
) -> Iterator[Finding]:
    used = Counter(route.vehicle_id for route in plan.routes)
    for vehicle_id, times in used.items():
        if vehicle_id not in vehicles:
            yield Finding("unknown_vehicle", vehicle_id)
        elif times > 1:
            yield Finding("vehicle_used_twice", vehicle_id)
    handled: dict[VisitKind, Counter[str]] = {kind: Counter() for kind in VisitKind}
    for route in plan.routes:
        for visit in route.visits:
            handled[visit.kind].update(visit.job_ids)
    left = Counter(unserved.job_id for unserved in plan.unserved)
    named = {job_id for count in (*handled.values(), left) for job_id in count}
    for job_id in sorted(named - jobs.keys()):
        yield Finding("unknown_job", job_id)
    picked_up, handed_over = handled[VisitKind.PICKUP], handled[VisitKind.DROPOFF]
    for job_id, job in jobs.items():
        code = _fate(job, picked_up[job_id], handed_over[job_id], left[job_id])
        if code is not None:
            yield Finding(code, job_id)


def _fate(job: Job, picked_up: int, handed_over: int, left: int) -> str | None:
    """What is wrong with how often a job is picked up, handed over and left."""
    if job.pickup is None and picked_up:
        return "job_has_no_pickup"
    if max(picked_up, handed_over, left) > 1:
        return "job_twice"
    if job.pickup is not None and picked_up != handed_over:
        return "job_halved"
    if handed_over and left:
        return "job_twice"
    return None if handed_over or left else "job_lost"


def _order(problem: Problem, plan: Plan) -> Iterator[Finding]:
    vehicle_at = {vehicle.id: at for at, vehicle in enumerate(problem.vehicles)}
    for before, after in pairwise(route.vehicle_id for route in plan.routes):
        if vehicle_at[before] > vehicle_at[after]:
            yield Finding("routes_out_of_order", after)
    job_at = {job.id: at for at, job in enumerate(problem.jobs)}
    for before, after in pairwise(unserved.job_id for unserved in plan.unserved):
        if job_at[before] > job_at[after]:
            yield Finding("unserved_out_of_order", after)


def _company(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Rules between jobs, and vehicles that may not stay behind."""
    on = {job_id: route.vehicle_id for route in plan.routes for job_id in route.job_ids()}
    turn = {job_id: turn for route in plan.routes for turn, job_id in enumerate(_pickups(route))}
    names = [job.id for job in problem.jobs]
    for group in problem.same_route:
        if len({on.get(names[job]) for job in group}) > 1:
            yield Finding("companions_parted", " ".join(names[job] for job in group))
    for first, second in problem.pickup_order:
        one, other = names[first], names[second]
        if one in on and on[one] == on.get(other) and turn[one] > turn[other]:
            yield Finding("pickups_out_of_order", f"{one} {other}")
    used = {route.vehicle_id for route in plan.routes}
    for vehicle in problem.vehicles:
        if vehicle.frozen and vehicle.id not in used:
            yield Finding("frozen_vehicle_unused", vehicle.id)


def _pickups(route: PlannedRoute) -> Iterator[str]:
    for visit in route.visits:
        if visit.kind is VisitKind.PICKUP:
            yield from visit.job_ids


def _cost(
    problem: Problem, jobs: Mapping[str, Job], judges: list[RouteJudge], plan: Plan
) -> Iterator[Finding]:
    true = Cost(
        vehicles=sum(judge.vehicle.fixed_cost for judge in judges),
        distance=sum(judge.vehicle.cost_per_m * judge.distance_m for judge in judges),
        duration=sum(judge.vehicle.cost_per_s * judge.duration_s for judge in judges),
        overtime=sum(
            judge.vehicle.overtime_cost_per_s
            * max(0, judge.duration_s - judge.vehicle.overtime_after_s)
            for judge in judges
        ),
        lateness=sum(_lateness(jobs, route) for route in plan.routes),
        fairness=_fairness(problem, judges),
        changes=sum(
            jobs[job_id].change_cost
            for route in plan.routes
            for job_id in route.job_ids()
            if jobs[job_id].planned_vehicle not in (None, route.vehicle_id)
        ),
        penalties=sum(jobs[unserved.job_id].price_of_leaving_out for unserved in plan.unserved),
    )
    for part in fields(Cost):
        claimed, truly = getattr(plan.cost, part.name), getattr(true, part.name)
        if claimed != truly:
            yield Finding("wrong_cost", f"{part.name}: {claimed}, truly {truly}")


def _lateness(jobs: Mapping[str, Job], route: PlannedRoute) -> int:
    """What handing over after ``due_s`` costs on one route [points]."""
    return sum(
        job.late_cost_per_s * max(0, visit.start_s - job.due_s)
        for visit in route.visits
        if visit.kind is VisitKind.DROPOFF
        for job in (jobs[job_id] for job_id in visit.job_ids)
        if job.due_s is not None
    )


def _fairness(problem: Problem, judges: list[RouteJudge]) -> int:
    fairness = problem.fairness
    if fairness is None:
        return 0
    return sum(fairness.cost_per_s * max(0, j.duration_s - fairness.share_s) for j in judges)
