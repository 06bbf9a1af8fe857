"""How does a wave become routes? From what waits to a problem, and from a plan to drafts.

The snapshot is read once; the solver works on it without holding anything. Vehicles are the drivers
on duty: free ones now, busy ones when their route should end, less those that waiting routes will
take. Where a plan existed before, the new one starts from it and pays for each change. Money is in
points (see routing.problem).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import crew, rule_store, store
from chalicelib.domain.dispatch.adoption import PlannedStop, RouteDraft
from chalicelib.domain.dispatch.blocking import blocked
from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    RouteStatus,
    StopKind,
    Unserved,
)
from chalicelib.domain.dispatch.rules import Rules
from chalicelib.domain.dispatch.waves import Pending, due_deliveries
from chalicelib.domain.drivers import crew_rules
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.parts import Outline
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Reason, Visit, VisitKind
from chalicelib.domain.routing.problem import Job, Place, Problem, Tour
from chalicelib.domain.routing.travel import Roads
from chalicelib.storage.unit_of_work import UnitOfWork

#: Park, walk in, ask: once per visit to a store or hub; then so much per parcel that is loaded [s].
PICKUP_SETUP_S = 180
PICKUP_SERVICE_S = 20
#: A driver needs a moment to see and accept an offer before the route can begin.
LONGEST_LEAD_S = 600
#: Leaving out a delivery that can still wait [points]: 20 currency units, less than a route alone
#: to a far door costs, more than any detour on a route nearby.
WAIT_PENALTY = 2_000_000
#: Giving a delivery to another driver than the plan before [points]: 0.20 currency units, what 24
#: seconds of a driver cost; below that a change is noise.
CHANGE_COST = 20_000

#: Fixed [points], per metre, per second: a driver's hour at 18, a van's kilometre at 0.30.
COSTS = {
    VehicleKind.VAN: (300_000, 30, 500),
    VehicleKind.CAR: (250_000, 25, 500),
    VehicleKind.CARGO_BIKE: (150_000, 4, 500),
    VehicleKind.WALKER: (50_000, 0, 500),
}

#: From a problem, and the tours to start from if there are any.
Solve = Callable[[Problem, Sequence[Tour] | None], Plan]


@dataclass(frozen=True, slots=True)
class Availability:
    """A driver who could take a route, and from when."""

    work: Work
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is due at a hub at an instant, and who could drive it.

    ``before``: the plan that this one follows, by driver's id: deliveries in the order of their
    pickups, which is all that a warm start needs; empty without one.
    pickups, which is all that a warm start needs; empty without one. ``rules``: what the desk has
    decided beforehand. ``fairness_permille``: see ``drivers.crew_rules``.
    """

    hub: Hub
    at: datetime
    due: tuple[Pending, ...]
    available: tuple[Availability, ...]
    before: Mapping[str, tuple[DeliveryRef, ...]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    fairness_permille: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    engine: str
    drafts: tuple[RouteDraft, ...]
    unserved: tuple[Unserved, ...]
    notes: tuple[str, ...] = ()


def take_snapshot(uow: UnitOfWork, hub: Hub) -> Snapshot:
    """Read what is due at a hub and who could drive it."""
    waiting = store.list_unassigned(uow, hub.id)
    taken = [route.vehicle_kind for route in waiting if route.status is RouteStatus.PLANNED]
    available = []
    for work in drivers.list_on_duty(uow, hub.id):
        if not work.papers_are_good(uow.now) or hub.id in work.blocks:
            continue
        if work.is_free and work.vehicle.kind in taken:
            # A route of an earlier wave waits for this one.
            taken.remove(work.vehicle.kind)
        else:
            available.append(Availability(work, free_from(uow, work)))
    rules = rule_store.counting(uow, hub.id)
    # What the desk wants on a certain route waits for it, and takes no other.
    due = tuple(one for one in due_deliveries(uow, hub) if rules.route_of(one.ref) is None)
    fairness = crew_rules.load(uow, hub.id).fairness_permille
    return Snapshot(hub, uow.now, due, tuple(available), fairness_permille=fairness, rules=rules)


def plan_wave(snapshot: Snapshot, wave_id: str, roads: Roads, solve: Solve) -> Planned:
    """Turn a snapshot into route drafts; pure but for the functions that it is given."""
    if not snapshot.available:
        nobody = tuple(Unserved(one.ref, Reason.NO_VEHICLE.value) for one in snapshot.due)
        return Planned("none", (), nobody)
    outline = build_outline(snapshot)
    problem, initial = outline.part(outline.everything, tours_before(snapshot), roads)
    plan = solve(problem, initial if any(initial) else None)
    drafts = drafts_of(snapshot, problem, plan, wave_id)
    by_id = {str(one.ref): one.ref for one in snapshot.due}
    why = blocked(problem, plan)
    unserved = tuple(
        Unserved(by_id[one.job_id], one.reason.value, why.get(one.job_id)) for one in plan.unserved
    )
    return Planned(plan.engine, drafts, unserved, plan.notes)


def build_outline(snapshot: Snapshot) -> Outline:
    """State the routing problem of a snapshot, without travel; second 0 is the snapshot's time.

    Jobs are in the order of ``snapshot.due``, vehicles in that of ``snapshot.available``.
    """
    places: list[Place] = []
    pickup_at: dict[str, int] = {}
    jobs = []
    # Whose driver is not there any more has nobody to stay with.
    there = {one.work.driver_id for one in snapshot.available}
    driver_of = {
        ref: driver for driver, refs in snapshot.before.items() if driver in there for ref in refs
    }
    for pending in snapshot.due:
        if pending.pickup.id not in pickup_at:
            pickup_at[pending.pickup.id] = len(places)
            places.append(Place(pending.pickup.position, PICKUP_SETUP_S))
        dropoff = len(places)
        places.append(Place(pending.dropoff))
        job = _job(snapshot, pending, pickup_at[pending.pickup.id], dropoff)
        if pending.ref in driver_of:
            driver_id = driver_of[pending.ref]
            job = replace(job, planned_vehicle=driver_id, change_cost=CHANGE_COST)
        if blocked := crew.who_does_not_drive_for(snapshot.available, pending.ref.merchant_id):
            job = replace(job, not_vehicles=job.not_vehicles | blocked)
        jobs.append(job)
    return Outline(
        # Traffic has the hours of the town, not of Greenwich.
        epoch_at=snapshot.at.astimezone(ZoneInfo(snapshot.hub.timezone)),
        places=tuple(places),
        vehicles=tuple(_vehicle(snapshot, one) for one in snapshot.available),
        jobs=tuple(jobs),
        fairness=crew.fairness(
            snapshot.fairness_permille,
            [one.service_s for one in snapshot.due],
            len(snapshot.available),
        ),
        same_route=_together(snapshot),
    )


def build_problem(snapshot: Snapshot, roads: Roads) -> Problem:
    """State the routing problem of a snapshot with all its travel: for waves that one can solve."""
    outline = build_outline(snapshot)
    return outline.part(outline.everything, [()] * len(outline.vehicles), roads)[0]


def tours_before(snapshot: Snapshot) -> list[Tour]:
    """The plan before as tours, one per vehicle: all its pickups, then its dropoffs.

    Only an order to start from: what is not due any more is left out, and whether it can still be
    driven is for the engine to see.
    """
    job_at = {one.ref: index for index, one in enumerate(snapshot.due)}
    tours: list[Tour] = []
    for one in snapshot.available:
        refs = snapshot.before.get(one.work.driver_id, ())
        jobs = [job_at[ref] for ref in refs if ref in job_at]
        tours.append((*(2 * job for job in jobs), *(2 * job + 1 for job in jobs)))
    return tours


def drafts_of(
    snapshot: Snapshot, problem: Problem, plan: Plan, wave_id: str
) -> tuple[RouteDraft, ...]:
    """The routes of a plan as dispatch wants them; ``problem`` may be a part of the snapshot's."""
    by_id = {str(one.ref): one for one in snapshot.due}
    return tuple(
        _draft(snapshot, problem, route, wave_id, by_id) for route in plan.routes if route.visits
    )


def free_from(uow: UnitOfWork, work: Work) -> datetime:
    """When a driver can begin something new, as far as the plan says."""
    busy_with = work.route_id or (work.offer and work.offer[0])
    if busy_with is None:
        return uow.now
    return max(uow.now, store.load_route(uow, busy_with).ends_at)


def _job(snapshot: Snapshot, pending: Pending, pickup: int, dropoff: int) -> Job:
    horizon_s = snapshot.hub.wave_horizon_s
    opens_s = _seconds(snapshot, pending.window.start_at)
    closes_s = _seconds(snapshot, pending.window.end_at)
    # Handing over begins inside the window and must not end after it.
    latest_s = closes_s - pending.service_s - 1
    is_urgent = latest_s <= horizon_s
    if latest_s <= opens_s:
        # Overdue already: late is better than never, and the sooner the better.
        opens_s, latest_s = 0, 2 * horizon_s
    job = Job(
        id=str(pending.ref),
        pickup=pickup,
        dropoff=dropoff,
        pickup_window=Window(0, 4 * 86_400),
        dropoff_windows=(Window(opens_s, latest_s),),
        pickup_service_s=PICKUP_SERVICE_S * pending.parcel.count,
        dropoff_service_s=pending.service_s,
        weight_g=pending.parcel.weight_g,
        volume_ml=pending.parcel.volume_ml,
        penalty=None if is_urgent or pending.attempts else WAIT_PENALTY,
    )
    return _ruled(snapshot, pending, job) if snapshot.rules.every else job


def _ruled(snapshot: Snapshot, pending: Pending, job: Job) -> Job:
    """The job with what the desk's rules say of it."""
    rules = snapshot.rules
    leave_by_at = rules.leave_by(pending.ref)
    if leave_by_at is not None:
        # Too late already: then the sooner the better, and never for want of a window.
        by_s = _seconds(snapshot, leave_by_at)
        window = Window(0, by_s) if by_s > 0 else job.pickup_window
        job = replace(job, pickup_window=window, penalty=None)
    return replace(
        job,
        only_vehicle=rules.only_driver(pending.ref),
        not_vehicles=rules.barred(pending),
    )


def _together(snapshot: Snapshot) -> tuple[tuple[int, ...], ...]:
    """What the desk wants on one route, as far as it is due."""
    job_at = {one.ref: index for index, one in enumerate(snapshot.due)}
    groups = (
        tuple(job_at[ref] for ref in group if ref in job_at) for group in snapshot.rules.groups()
    )
    return tuple(group for group in groups if len(group) > 1)


def _vehicle(snapshot: Snapshot, available: Availability) -> Vehicle:
    hub, work = snapshot.hub, available.work
    lead_s = min(hub.offer_ttl_s, LONGEST_LEAD_S)
    starts_s = max(lead_s, _seconds(snapshot, available.from_at))
    ends_s = starts_s + hub.wave_horizon_s
    if work.shift_ends_at is not None:
        ends_s = min(ends_s, _seconds(snapshot, work.shift_ends_at))
    fixed, per_m, per_s = COSTS[work.vehicle.kind]
    return Vehicle(
        id=work.driver_id,
        kind=work.vehicle.kind.value,
        start=None,
        end=None,
        max_weight_g=work.vehicle.max_weight_g,
        max_volume_ml=work.vehicle.max_volume_ml,
        shift=Window(starts_s, max(starts_s, ends_s)),
        fixed_cost=fixed,
        cost_per_m=per_m,
        cost_per_s=per_s,
        max_jobs=MOST_DELIVERIES,
        skills=work.skills,
        breaks=crew.breaks_from(work, snapshot.at),
    )


def _draft(
    snapshot: Snapshot,
    problem: Problem,
    route: PlannedRoute,
    wave_id: str,
    by_id: dict[str, Pending],
) -> RouteDraft:
    kind = next(one.kind for one in problem.vehicles if one.id == route.vehicle_id)
    cargo = [by_id[job_id] for job_id in route.job_ids()]
    only_driver_id, barred_drivers = snapshot.rules.drivers_for(cargo)
    return RouteDraft(
        hub_id=snapshot.hub.id,
        wave_id=wave_id,
        vehicle_kind=VehicleKind(kind),
        starts_at=_at(snapshot, route.start_s),
        ends_at=_at(snapshot, route.end_s),
        distance_m=route.distance_m,
        duration_s=route.duration_s,
        load_weight_g=route.load_weight_g,
        load_volume_ml=route.load_volume_ml,
        stops=tuple(_stop(snapshot, problem, visit, by_id) for visit in route.visits),
        versions={one.ref: one.version for one in cargo},
        only_driver_id=only_driver_id,
        barred_drivers=barred_drivers,
    )


def _stop(
    snapshot: Snapshot, problem: Problem, visit: Visit, by_id: dict[str, Pending]
) -> PlannedStop:
    name = {
        VisitKind.PICKUP: by_id[visit.job_ids[0]].pickup.name if visit.job_ids else "",
        # Going back for more is a pickup like any other, at the hub.
        VisitKind.RELOAD: snapshot.hub.name,
        VisitKind.DROPOFF: "",
    }
    return PlannedStop(
        kind=StopKind.DROPOFF if visit.kind is VisitKind.DROPOFF else StopKind.PICKUP,
        place_name=name[visit.kind],
        position=problem.places[visit.place].position,
        deliveries=tuple(by_id[job_id].ref for job_id in visit.job_ids),
        planned_arrival_at=_at(snapshot, visit.arrival_s),
        service_s=visit.departure_s - visit.start_s,
    )


def _seconds(snapshot: Snapshot, at: datetime) -> int:
    return max(0, round((at - snapshot.at).total_seconds()))


def _at(snapshot: Snapshot, seconds: int) -> datetime:
    return snapshot.at + timedelta(seconds=seconds)
