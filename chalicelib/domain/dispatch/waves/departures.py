"""What becomes of a wave's plan? Routes that leave now, and what waits, each with its reason.

``sending`` says which routes leave; this turns those into drafts and writes down why, and until
when the rest may wait. A wave that one worker solved and one that was shared out go the same way,
the latter route by route. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    Departure,
    Route,
    StopKind,
    Unserved,
)
from chalicelib.domain.dispatch.reasons import Blocking, Sent
from chalicelib.domain.dispatch.waves import planning, sending
from chalicelib.domain.dispatch.waves.adoption import Outcome, PlannedStop, RouteDraft
from chalicelib.domain.dispatch.waves.blocking import blocked
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.dispatch.waves.planning import Snapshot, Solve
from chalicelib.domain.dispatch.waves.sending import Load
from chalicelib.domain.dispatch.waves.urgency import Verdict, last_cut_off
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Reason, Visit, VisitKind
from chalicelib.domain.routing.problem import Problem
from chalicelib.domain.routing.travel import Roads

#: Of a delivery whose planned route waits; not the optimizer's word, so not its ``Reason``.
ROUTE_WAITS = "route_waits"

#: Reasons of the optimizer's that are a choice to wait where a delivery need not go yet.
_BY_CHOICE = {Reason.NOT_WORTH_THE_DETOUR.value, ROUTE_WAITS}


@dataclass(frozen=True, slots=True)
class Planned:
    """``held``: planned routes that do not leave; their deliveries are among the unserved."""

    engine: str
    drafts: tuple[RouteDraft, ...]
    unserved: tuple[Unserved, ...]
    held: tuple[Departure, ...] = ()
    notes: tuple[str, ...] = ()

    def became(self, adopted: Sequence[tuple[Route | None, int]]) -> Outcome:
        """What came of it: each draft's route, and how many of its deliveries were dropped."""
        dropped = sum(number for _, number in adopted)
        return Outcome(
            engine=self.engine,
            routes=tuple(route for route, _ in adopted if route is not None),
            served=sum(len(draft.versions) for draft in self.drafts) - dropped,
            dropped=dropped,
            unserved=self.unserved,
            held=self.held,
        )


def plan_wave(snapshot: Snapshot, wave_id: str, roads: Roads, solve: Solve) -> Planned:
    """Turn a snapshot into route drafts; pure but for the functions that it is given."""
    if not snapshot.available:
        nobody = tuple(Unserved(one.ref, Reason.NO_VEHICLE.value) for one in snapshot.due)
        return Planned("none", (), nobody)
    outline = planning.build_outline(snapshot)
    tours = planning.tours_before(snapshot)
    problem, initial = outline.part(outline.everything, tours, roads)
    plan = solve(problem, initial if any(initial) else None)
    desk = Desk.of(snapshot, wave_id)
    drafts, held, waiting = desk.sort_out(problem, plan)
    left = [(one.job_id, one.reason.value) for one in plan.unserved]
    unserved = desk.explained([*left, *waiting], blocked(problem, plan, desk.needs_a_reason))
    return Planned(plan.engine, drafts, unserved, held, plan.notes)


def drafts_of(
    snapshot: Snapshot, problem: Problem, plan: Plan, wave_id: str
) -> tuple[RouteDraft, ...]:
    """Every route of a plan as a draft, at a hub that sends everything."""
    drafts, _, _ = Desk.of(snapshot, wave_id).sort_out(problem, plan)
    return drafts


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a wave's routes are waved through or held; by job ids, which are deliveries' refs."""

    snapshot: Snapshot
    wave_id: str
    pending: dict[str, Pending]
    verdicts: dict[str, Verdict]

    @classmethod
    def of(cls, snapshot: Snapshot, wave_id: str) -> "Desk":
        ids = [str(one.ref) for one in snapshot.due]
        return cls(
            snapshot,
            wave_id,
            dict(zip(ids, snapshot.due, strict=True)),
            dict(zip(ids, planning.judged(snapshot), strict=True)),
        )

    def sort_out(
        self, problem: Problem, plan: Plan
    ) -> tuple[tuple[RouteDraft, ...], tuple[Departure, ...], list[tuple[str, str]]]:
        """Which routes leave, which wait, and whose deliveries (job id, reason) wait with them.

        ``problem`` may be a part of the snapshot's.
        """
        drafts, held, waiting = [], [], []
        vehicles = {one.id: one for one in problem.vehicles}
        for route in plan.routes:
            if not route.visits:
                continue
            vehicle = vehicles[route.vehicle_id]
            departure = self._departure(route, vehicle)
            if departure.sent is None:
                held.append(departure)
                waiting += [(job_id, ROUTE_WAITS) for job_id in route.job_ids()]
            else:
                draft = _draft(self, problem, route, vehicle)
                drafts.append(replace(draft, departure=departure))
        return tuple(drafts), tuple(held), waiting

    def needs_a_reason(self, job_id: str) -> bool:
        """Whether more is to be said than that it may wait."""
        return self.verdicts[job_id].must is not None

    def explained(
        self, left: Iterable[tuple[str, str]], why: Mapping[str, Blocking] | None = None
    ) -> tuple[Unserved, ...]:
        """What stays behind, and until when it may, in the order of the snapshot."""
        reasons = dict(left)
        found = []
        for job_id, one in self.pending.items():
            if job_id in reasons:
                verdict = self.verdicts[job_id]
                waits = verdict.must is None and reasons[job_id] in _BY_CHOICE
                blocking = (why or {}).get(job_id)
                until = verdict.until if waits else None
                found.append(Unserved(one.ref, reasons[job_id], blocking, until))
        return tuple(found)

    def _departure(self, route: PlannedRoute, vehicle: Vehicle) -> Departure:
        rules, ids = self.snapshot.hub.waves, list(route.job_ids())
        full = sending.full_percent(
            (
                Load(route.load_weight_g, vehicle.max_weight_g),
                Load(route.load_volume_ml, vehicle.max_volume_ml),
                Load(len(ids), MOST_DELIVERIES),
                Load(route.duration_s, vehicle.shift.latest_s - vehicle.shift.earliest_s),
            )
        )
        must = {job_id: why for job_id in ids if (why := self.verdicts[job_id].must) is not None}
        sent = sending.why_leave(rules, list(must.values()), full)
        first = min(must or ids, key=lambda job_id: (self.verdicts[job_id].until, job_id))
        cut_off = last_cut_off(self.snapshot.hub, self.snapshot.at)
        return Departure(
            sent=sent,
            deliveries=len(ids),
            must_go=len(must),
            full_percent=full,
            first=self.pending[first].ref,
            why=must.get(first),
            at=cut_off if sent is Sent.CUT_OFF and cut_off else self.verdicts[first].until,
        )


def _draft(desk: Desk, problem: Problem, route: PlannedRoute, vehicle: Vehicle) -> RouteDraft:
    cargo = [desk.pending[job_id] for job_id in route.job_ids()]
    only_driver_id, barred_drivers = desk.snapshot.rules.drivers_for(cargo)
    stops = [_stop(desk, problem, visit) for visit in route.visits if visit.job_ids]
    loading = _loading(desk, problem, route, vehicle)
    loading_s = loading.service_s if loading else 0
    return RouteDraft(
        hub_id=desk.snapshot.hub.id,
        wave_id=desk.wave_id,
        vehicle_kind=VehicleKind(vehicle.kind),
        starts_at=_at(desk.snapshot, route.start_s - loading_s),
        ends_at=_at(desk.snapshot, route.end_s),
        distance_m=route.distance_m,
        duration_s=route.duration_s + loading_s,
        load_weight_g=route.load_weight_g,
        load_volume_ml=route.load_volume_ml,
        stops=tuple(stops if loading is None else [loading, *stops]),
        versions={one.ref: one.version for one in cargo},
        only_driver_id=only_driver_id,
        barred_drivers=barred_drivers,
    )


def _loading(
    desk: Desk, problem: Problem, route: PlannedRoute, vehicle: Vehicle
) -> PlannedStop | None:
    """The stop at the hub that a route begins with, where its first trip is loaded there."""
    at_hub = {job.id for job in problem.jobs if job.pickup is None}
    first: list[str] = []
    for visit in route.visits:
        if visit.kind is VisitKind.RELOAD:
            break
        if visit.kind is VisitKind.DROPOFF:
            first += [job_id for job_id in visit.job_ids if job_id in at_hub]
    if not first or vehicle.start is None:
        return None
    hub = desk.snapshot.hub
    return PlannedStop(
        kind=StopKind.PICKUP,
        place_name=hub.name,
        position=hub.position,
        deliveries=tuple(desk.pending[job_id].ref for job_id in first),
        planned_arrival_at=_at(desk.snapshot, route.start_s - hub.waves.reload_s),
        service_s=hub.waves.reload_s,
    )


def _stop(desk: Desk, problem: Problem, visit: Visit) -> PlannedStop:
    name = {
        VisitKind.PICKUP: desk.pending[visit.job_ids[0]].pickup.name,
        # Going back for more is a pickup like any other, at the hub.
        VisitKind.RELOAD: desk.snapshot.hub.name,
        VisitKind.DROPOFF: "",
    }
    return PlannedStop(
        kind=StopKind.DROPOFF if visit.kind is VisitKind.DROPOFF else StopKind.PICKUP,
        place_name=name[visit.kind],
        position=problem.places[visit.place].position,
        deliveries=tuple(desk.pending[job_id].ref for job_id in visit.job_ids),
        planned_arrival_at=_at(desk.snapshot, visit.arrival_s),
        service_s=visit.departure_s - visit.start_s,
    )


def _at(snapshot: Snapshot, seconds: int) -> datetime:
    return snapshot.at + timedelta(seconds=seconds)
