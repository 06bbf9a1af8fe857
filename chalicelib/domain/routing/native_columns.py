"""How does the native core see a problem? As flat arrays of 32-bit numbers (core/lm.h).

The structures mirror lm.h field by field. The core adds without looking, so that ``fits`` refuses
any problem whose sums could run over.
"""

import ctypes
from array import array
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.problem import RELOAD, Job, Problem

#: lm.h: numbers that mean "none" and "never", and the most that a sum of times may reach.
NONE, NEVER = -1, 1 << 29
#: lm.h: metres that no route ever has; a route may well be longer than ``NEVER``.
ENDLESS = 1 << 61
DIMENSIONS = 3
MOST_KINDS = 8
#: The most that a plan may cost [points], below the core's mark for a broken route.
MOST_POINTS = 1 << 56

I32 = ctypes.POINTER(ctypes.c_int32)
I64 = ctypes.POINTER(ctypes.c_int64)
U8 = ctypes.POINTER(ctypes.c_uint8)
F64 = ctypes.POINTER(ctypes.c_double)


class CoreClass(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_int32),
        ("start", ctypes.c_int32),
        ("end", ctypes.c_int32),
        ("capacity", ctypes.c_int32 * DIMENSIONS),
        ("shift_earliest", ctypes.c_int32),
        ("shift_latest", ctypes.c_int32),
        ("max_jobs", ctypes.c_int32),
        ("max_duration", ctypes.c_int32),
        ("max_distance", ctypes.c_int64),
        ("fixed", ctypes.c_int64),
        ("per_m", ctypes.c_int64),
        ("per_s", ctypes.c_int64),
        ("overtime_after", ctypes.c_int32),
        ("overtime_per_s", ctypes.c_int64),
        ("reload_place", ctypes.c_int32),
        ("reload_service", ctypes.c_int32),
        ("reload_times", ctypes.c_int32),
        ("break_first", ctypes.c_int32),
        ("break_count", ctypes.c_int32),
    )


class CoreInput(ctypes.Structure):
    _fields_ = (
        ("places", ctypes.c_int32),
        ("nodes", ctypes.c_int32),
        ("jobs", ctypes.c_int32),
        ("classes", ctypes.c_int32),
        ("vehicles", ctypes.c_int32),
        ("kinds", ctypes.c_int32),
        ("distance", ctypes.POINTER(I32)),
        ("duration", ctypes.POINTER(I32)),
        ("setup", I32),
        ("node_place", I32),
        ("node_service", I32),
        ("node_job", I32),
        ("node_role", I32),
        ("node_load", I32),
        ("window_first", I32),
        ("window_earliest", I32),
        ("window_latest", I32),
        ("node_due", I32),
        ("node_late_per_s", I64),
        ("job_pickup", I32),
        ("job_dropoff", I32),
        ("job_penalty", I64),
        ("job_release", I32),
        ("job_planned", I32),
        ("job_change_cost", I64),
        ("job_allowed", U8),
        ("class_list", ctypes.POINTER(CoreClass)),
        ("vehicle_class", I32),
        ("frozen_first", I32),
        ("frozen_node", I32),
        ("break_earliest", I32),
        ("break_latest", I32),
        ("break_duration", I32),
        ("fair_share", ctypes.c_int32),
        ("unfair_per_s", ctypes.c_int64),
    )


class CoreOptions(ctypes.Structure):
    _fields_ = (
        ("seed", ctypes.c_uint64),
        ("iterations", ctypes.c_int64),
        ("budget_s", ctypes.c_double),
        ("cpu_clock", ctypes.c_int32),
        ("heat", ctypes.c_double),
        ("vehicle_active", U8),
        ("job_active", U8),
        ("tour_first", I32),
        ("tour_node", I32),
    )


class CoreAnswer(ctypes.Structure):
    _fields_ = (
        ("tour_first", I32),
        ("tour_node", I32),
        ("cost", ctypes.c_int64),
        ("iterations", ctypes.c_int64),
        ("progress_room", ctypes.c_int32),
        ("progress_count", ctypes.c_int32),
        ("progress_s", F64),
        ("progress_cost", I64),
    )


def knows(problem: Problem) -> bool:
    """True if the core knows every rule that this problem uses, and every number fits."""
    kinds = {vehicle.kind for vehicle in problem.vehicles}
    ruled = problem.same_route or problem.pickup_order
    return not ruled and len(kinds) <= MOST_KINDS and fits(problem)


def fits(problem: Problem) -> bool:
    """True if no sum of the problem's numbers can run over in the core.

    Bounds: loads together, one leg with setup and handling, and the end of every shift stay below
    ``NEVER``; all costs at their worst together below ``MOST_POINTS``.
    """
    jobs, vehicles = problem.jobs, problem.vehicles
    used = {vehicle.kind for vehicle in vehicles}
    legs = [problem.travel[kind] for kind in used]
    longest_s = max((max(one.duration_s.cells, default=0) for one in legs), default=0)
    longest_m = max((max(one.distance_m.cells, default=0) for one in legs), default=0)
    setup_s = max((place.setup_s for place in problem.places), default=0)
    handling_s = max((max(j.pickup_service_s, j.dropoff_service_s) for j in jobs), default=0)
    reloads = [v.reload for v in vehicles if v.reload is not None]
    handling_s = max([handling_s, *(reload.service_s for reload in reloads)])
    breaks = [rest for v in vehicles for rest in v.breaks]
    times = [longest_s + setup_s + handling_s, *(vehicle.shift.latest_s for vehicle in vehicles)]
    times += [rest.window.latest_s + rest.duration_s for rest in breaks]
    loads = (
        sum(j.weight_g for j in jobs),
        sum(j.volume_ml for j in jobs),
        sum(j.parcels for j in jobs),
    )
    legs_in_all = 2 * len(jobs) + 2 * len(vehicles) + sum(reload.max_times for reload in reloads)
    fairness = 0 if problem.fairness is None else problem.fairness.cost_per_s
    points = sum(
        j.price_of_leaving_out + j.change_cost + j.late_cost_per_s * 2 * NEVER for j in jobs
    )
    points += sum(
        v.fixed_cost + (v.cost_per_s + v.overtime_cost_per_s + fairness) * 2 * NEVER
        for v in vehicles
    )
    points += max((v.cost_per_m for v in vehicles), default=0) * longest_m * legs_in_all
    return max([longest_m, *loads, *times]) < NEVER and points < MOST_POINTS


def zeros(code: str, count: int) -> array[int]:
    return array(code, bytes(array(code).itemsize * count))


def at(values: array[int], pointer: Any) -> Any:
    """A pointer to an array's memory, which the caller keeps alive."""
    address = values.buffer_info()[0] if len(values) else 0
    return ctypes.cast(address, pointer)


class Columns:
    """A problem as ``lm_input``; its arrays live as long as it does."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.kept: list[array[int]] = []
        self.task_of = [t for index, job in enumerate(problem.jobs) for t in job.tasks(index)]
        self.node_of = {task: node for node, task in enumerate(self.task_of)}
        self.names = {vehicle.id: index for index, vehicle in enumerate(problem.vehicles)}
        self.input = CoreInput()
        self.input.places = len(problem.places)
        self.input.nodes = len(self.task_of)
        self.input.jobs = len(problem.jobs)
        self.input.vehicles = len(problem.vehicles)
        self._roads()
        self._nodes()
        self._jobs()
        self._fleet()

    def _keep(self, values: Iterable[int], code: str = "i") -> Any:
        kept = array(code, values)
        self.kept.append(kept)
        return at(kept, {"i": I32, "q": I64, "B": U8}[code])

    def _roads(self) -> None:
        self.kinds = sorted({vehicle.kind for vehicle in self.problem.vehicles})
        self.input.kinds = len(self.kinds)
        pointers = I32 * max(1, len(self.kinds))
        travel = [self.problem.travel[kind] for kind in self.kinds]
        self.rows = (
            pointers(*(at(one.distance_m.cells, I32) for one in travel)),
            pointers(*(at(one.duration_s.cells, I32) for one in travel)),
        )
        self.input.distance = ctypes.cast(self.rows[0], ctypes.POINTER(I32))
        self.input.duration = ctypes.cast(self.rows[1], ctypes.POINTER(I32))
        self.input.setup = self._keep(place.setup_s for place in self.problem.places)

    def _nodes(self) -> None:
        jobs, given = self.problem.jobs, self.input
        both = [(jobs[task // 2], task % 2 == 0) for task in self.task_of]
        given.node_place = self._keep(_place(job, pickup) for job, pickup in both)
        given.node_service = self._keep(
            job.pickup_service_s if pickup else job.dropoff_service_s for job, pickup in both
        )
        given.node_job = self._keep(task // 2 for task in self.task_of)
        given.node_role = self._keep(
            1 if pickup else 0 if job.pickup is None else 2 for job, pickup in both
        )
        given.node_load = self._keep(
            amount for job, _ in both for amount in (job.weight_g, job.volume_ml, job.parcels)
        )
        windows = [(job.pickup_window,) if pickup else job.dropoff_windows for job, pickup in both]
        first = [0]
        for some in windows:
            first.append(first[-1] + len(some))
        given.window_first = self._keep(first)
        given.window_earliest = self._keep(min(w.earliest_s, NEVER) for ws in windows for w in ws)
        given.window_latest = self._keep(min(w.latest_s, NEVER) for ws in windows for w in ws)
        soft = [
            not pickup and job.due_s is not None and job.late_cost_per_s > 0 for job, pickup in both
        ]
        given.node_due = self._keep(
            min(job.due_s or 0, NEVER) if is_soft else NEVER
            for (job, _), is_soft in zip(both, soft, strict=True)
        )
        given.node_late_per_s = self._keep(
            (
                job.late_cost_per_s if is_soft else 0
                for (job, _), is_soft in zip(both, soft, strict=True)
            ),
            "q",
        )

    def _jobs(self) -> None:
        jobs, given = self.problem.jobs, self.input
        given.job_pickup = self._keep(self.node_of.get(2 * j, NONE) for j in range(len(jobs)))
        given.job_dropoff = self._keep(self.node_of[2 * j + 1] for j in range(len(jobs)))
        # The core knows planned vehicles by number. Of one that is not here it hears nothing: then
        # every vehicle costs the change, so that leaving the job out saves it, and so it is told.
        known = {None, *self.names}
        self.moved_anyway = [0 if job.planned_vehicle in known else job.change_cost for job in jobs]
        given.job_penalty = self._keep(
            (
                job.price_of_leaving_out - moved
                for job, moved in zip(jobs, self.moved_anyway, strict=True)
            ),
            "q",
        )
        given.job_release = self._keep(min(job.release_s, NEVER) for job in jobs)
        given.job_planned = self._keep(
            self.names.get(job.planned_vehicle or "", NONE) if job.change_cost else NONE
            for job in jobs
        )
        given.job_change_cost = self._keep((job.change_cost for job in jobs), "q")

    def _fleet(self) -> None:
        problem, given = self.problem, self.input
        named = {name for job in problem.jobs for name in (job.only_vehicle, *job.not_vehicles)}
        classes: dict[Vehicle, int] = {}
        members: list[Vehicle] = []
        chosen = []
        for vehicle in problem.vehicles:
            key = _likeness(vehicle, named)
            if key not in classes:
                classes[key] = len(members)
                members.append(vehicle)
            chosen.append(classes[key])
        given.classes = len(members)
        given.vehicle_class = self._keep(chosen)
        breaks = [rest for vehicle in members for rest in vehicle.breaks]
        given.break_earliest = self._keep(rest.window.earliest_s for rest in breaks)
        given.break_latest = self._keep(rest.window.latest_s for rest in breaks)
        given.break_duration = self._keep(rest.duration_s for rest in breaks)
        made, first = [], 0
        for vehicle in members:
            made.append(self._class(vehicle, first))
            first += len(vehicle.breaks)
        self.classes = (CoreClass * max(1, len(made)))(*made)
        given.class_list = ctypes.cast(self.classes, ctypes.POINTER(CoreClass))
        given.job_allowed = self._keep(
            (job.allows(vehicle) for job in problem.jobs for vehicle in members), "B"
        )
        frozen = [
            [NONE if task == RELOAD else self.node_of[task] for task in vehicle.frozen]
            for vehicle in problem.vehicles
        ]
        firsts = [0]
        for nodes in frozen:
            firsts.append(firsts[-1] + len(nodes))
        given.frozen_first = self._keep(firsts)
        given.frozen_node = self._keep(node for nodes in frozen for node in nodes)
        given.fair_share = NEVER if problem.fairness is None else problem.fairness.share_s
        given.unfair_per_s = 0 if problem.fairness is None else problem.fairness.cost_per_s

    def _class(self, vehicle: Vehicle, first_break: int) -> CoreClass:
        reload = vehicle.reload
        return CoreClass(
            self.kinds.index(vehicle.kind),
            NONE if vehicle.start is None else vehicle.start,
            NONE if vehicle.end is None else vehicle.end,
            (ctypes.c_int32 * DIMENSIONS)(
                min(vehicle.max_weight_g, 2 * NEVER),
                min(vehicle.max_volume_ml, 2 * NEVER),
                2 * NEVER if vehicle.max_parcels is None else min(vehicle.max_parcels, 2 * NEVER),
            ),
            vehicle.shift.earliest_s,
            vehicle.shift.latest_s,
            _or_never(vehicle.max_jobs),
            _or_never(vehicle.max_duration_s),
            ENDLESS if vehicle.max_distance_m is None else min(vehicle.max_distance_m, ENDLESS),
            vehicle.fixed_cost,
            vehicle.cost_per_m,
            vehicle.cost_per_s,
            vehicle.overtime_after_s,
            vehicle.overtime_cost_per_s,
            NONE if reload is None else reload.place,
            0 if reload is None else reload.service_s,
            0 if reload is None else reload.max_times,
            first_break,
            len(vehicle.breaks),
        )


def _place(job: Job, pickup: bool) -> int:
    return job.pickup if pickup and job.pickup is not None else job.dropoff


def _or_never(limit: int | None) -> int:
    return NEVER if limit is None else min(limit, NEVER)


def _likeness(vehicle: Vehicle, named: set[str | None]) -> Vehicle:
    """Vehicles with equal likeness are interchangeable for everything that the core decides."""
    return replace(vehicle, id=vehicle.id if vehicle.id in named else "", frozen=())
