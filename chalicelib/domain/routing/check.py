"""Is this plan true? An independent judge that recomputes everything an engine claims.

It shares no code with the engines nor with ``schedule``: it reads the problem and the plan, walks
each route stop by stop, and collects findings. Every plan passes it before anybody sees it.

Checked: each job at most once and either served or unserved; pickup before dropoff on one route;
weight, volume and number of jobs; windows; driving, setup and handling times between visits; shift;
distance, peak load and each part of the cost.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.routing.plan import Cost, Plan, PlannedRoute, Visit, VisitKind
from chalicelib.domain.routing.problem import MANDATORY_PENALTY, Job, Problem, Vehicle


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
    """Everything that is wrong with the plan; empty when nothing is."""
    jobs = {job.id: job for job in problem.jobs}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    found = list(_census(jobs, vehicles, plan))
    if found:
        # Unknown or doubled names make the rest meaningless.
        return tuple(found)
    for route in plan.routes:
        judge = _RouteJudge(problem, jobs, vehicles[route.vehicle_id], route)
        found.extend(judge.findings())
    found.extend(_cost(problem, jobs, vehicles, plan))
    return tuple(found)


def _census(jobs: dict[str, Job], vehicles: dict[str, Vehicle], plan: Plan) -> Iterator[Finding]:
    used = Counter(route.vehicle_id for route in plan.routes)
    for vehicle_id, times in used.items():
        if vehicle_id not in vehicles:
            yield Finding("unknown_vehicle", vehicle_id)
        elif times > 1:
            yield Finding("vehicle_used_twice", vehicle_id)
    handled: Counter[tuple[str, VisitKind]] = Counter(
        (job_id, visit.kind)
        for route in plan.routes
        for visit in route.visits
        for job_id in visit.job_ids
    )
    left = Counter(unserved.job_id for unserved in plan.unserved)
    for job_id in sorted({job_id for job_id, _ in handled} | set(left)):
        if job_id not in jobs:
            yield Finding("unknown_job", job_id)
    for job_id in jobs:
        both = (handled[job_id, VisitKind.PICKUP], handled[job_id, VisitKind.DROPOFF])
        if max(*both, left[job_id]) > 1:
            yield Finding("job_twice", job_id)
        elif both[0] != both[1]:
            yield Finding("job_halved", job_id)
        elif both[0] + left[job_id] != 1:
            yield Finding("job_lost" if not left[job_id] else "job_twice", job_id)


@dataclass(frozen=True, slots=True)
class _RouteJudge:
    problem: Problem
    jobs: dict[str, Job]
    vehicle: Vehicle
    route: PlannedRoute

    def findings(self) -> Iterator[Finding]:
        if not self.route.visits:
            yield Finding("empty_route", self.vehicle.id)
            return
        for position, visit in enumerate(self.route.visits):
            where = f"{self.vehicle.id}[{position}]"
            yield from (Finding(code, where) for code in self._visit(visit))
        yield from (Finding(code, self.vehicle.id) for code in self._loads())
        yield from (Finding(code, self.vehicle.id) for code in self._times())
        if self.route.distance_m != self._distance_m():
            yield Finding("wrong_distance", self.vehicle.id)

    def _visit(self, visit: Visit) -> Iterator[str]:
        """Windows, places and handling within one visit."""
        if not visit.job_ids:
            yield "empty_visit"
        if visit.kind is VisitKind.DROPOFF and len(visit.job_ids) > 1:
            yield "several_recipients"
        now_s = visit.start_s
        for job_id in visit.job_ids:
            job = self.jobs[job_id]
            pickup = visit.kind is VisitKind.PICKUP
            if visit.place != (job.pickup if pickup else job.dropoff):
                yield "wrong_place"
            windows = (job.pickup_window,) if pickup else job.dropoff_windows
            # Within a visit a later job may wait for its own release.
            begins = [max(now_s, w.earliest_s) for w in windows if now_s <= w.latest_s]
            if not begins or (job_id == visit.job_ids[0] and begins[0] != now_s):
                yield "outside_window"
            now_s = begins[0] if begins else now_s
            now_s += job.pickup_service_s if pickup else job.dropoff_service_s
        if visit.departure_s < now_s:
            yield "handling_too_short"

    def _loads(self) -> Iterator[str]:
        aboard: set[str] = set()
        most_g = most_ml = 0
        for visit in self.route.visits:
            for job_id in visit.job_ids:
                if visit.kind is VisitKind.PICKUP:
                    aboard.add(job_id)
                elif job_id in aboard:
                    aboard.remove(job_id)
                else:
                    yield "dropoff_before_pickup"
                most_g = max(most_g, sum(self.jobs[one].weight_g for one in aboard))
                most_ml = max(most_ml, sum(self.jobs[one].volume_ml for one in aboard))
        if aboard:
            yield "left_aboard"
        if most_g > self.vehicle.max_weight_g or most_ml > self.vehicle.max_volume_ml:
            yield "overloaded"
        if (most_g, most_ml) != (self.route.load_weight_g, self.route.load_volume_ml):
            yield "wrong_load"
        most_jobs = self.vehicle.max_jobs
        if most_jobs is not None and len(list(self.route.job_ids())) > most_jobs:
            yield "too_many_jobs"

    def _times(self) -> Iterator[str]:
        """Driving, setup and shift, from the start over every visit to the end."""
        drive_s = self.problem.travel[self.vehicle.kind].duration_s
        here, free_s = self.vehicle.start, self.route.start_s
        for position, visit in enumerate(self.route.visits):
            leg_s = 0 if here is None else drive_s[here][visit.place]
            stays = position > 0 and here == visit.place
            if visit.arrival_s < free_s + leg_s:
                yield "faster_than_travel"
            setup_s = 0 if stays else self.problem.places[visit.place].setup_s
            if visit.start_s < visit.arrival_s + setup_s:
                yield "setup_too_short"
            if visit.departure_s < visit.start_s:
                yield "handling_too_short"
            here, free_s = visit.place, visit.departure_s
        end = self.vehicle.end
        home_s = 0 if end is None or here is None else drive_s[here][end]
        if self.route.end_s != free_s + home_s:
            yield "wrong_end"
        shift = self.vehicle.shift
        if self.route.start_s < shift.earliest_s or self.route.end_s > shift.latest_s:
            yield "outside_shift"

    def _distance_m(self) -> int:
        rows = self.problem.travel[self.vehicle.kind].distance_m
        total, here = 0, self.vehicle.start
        for visit in self.route.visits:
            total += 0 if here is None else rows[here][visit.place]
            here = visit.place
        end = self.vehicle.end
        return total + (0 if end is None or here is None else rows[here][end])


def _cost(
    problem: Problem, jobs: dict[str, Job], vehicles: dict[str, Vehicle], plan: Plan
) -> Iterator[Finding]:
    used = [(vehicles[route.vehicle_id], route) for route in plan.routes]
    left = [jobs[unserved.job_id].penalty for unserved in plan.unserved]
    true = Cost(
        vehicles=sum(vehicle.fixed_cost for vehicle, _ in used),
        distance=sum(vehicle.cost_per_m * route.distance_m for vehicle, route in used),
        duration=sum(v.cost_per_s * (route.end_s - route.start_s) for v, route in used),
        penalties=sum(MANDATORY_PENALTY if p is None else p for p in left),
    )
    if plan.cost != true:
        yield Finding("wrong_cost", f"{plan.cost} is {true}")
