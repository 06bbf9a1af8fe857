"""How does a wave become a problem? From what is due and who could drive it to jobs and vehicles.

The snapshot is read once; the solver works on it without holding anything. Vehicles are the drivers
on duty: free ones now, busy ones when their route should end, less those that waiting routes will
take. What must go is mandatory, what can wait has its price (``urgency``). Where a plan existed
before, the new one starts from it and pays for each change. What its plan becomes: ``departures``.
Money is in points (see routing.problem).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import MOST_DELIVERIES, RouteStatus
from chalicelib.domain.dispatch.rules import crew, rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rules
from chalicelib.domain.dispatch.waves.forming import Pending, due_deliveries
from chalicelib.domain.dispatch.waves.urgency import (
    LONGEST_LEAD_S,
    PICKUP_SERVICE_S,
    PICKUP_SETUP_S,
    Hands,
    Verdict,
    verdicts,
)
from chalicelib.domain.drivers import crew_rules
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.fleet import Reload, Vehicle, Window
from chalicelib.domain.routing.parts import Outline
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Job, Place, Problem, Tour
from chalicelib.domain.routing.travel import Roads
from chalicelib.storage.unit_of_work import UnitOfWork

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

#: Parcels that wait so near to the hub wait at the hub [m].
AT_THE_HUB_M = 50

#: Later than anybody drives [s].
_FAR_S = 1 << 30


@dataclass(frozen=True, slots=True)
class Availability:
    """A driver who could take a route, and from when."""

    work: Work
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is due at a hub at an instant, and who could drive it.

    ``before``: the plan that this one follows, by driver's id: deliveries in the order of their
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


def take_snapshot(uow: UnitOfWork, hub: Hub) -> Snapshot:
    """Read what is due at a hub and who could drive it."""
    waiting = store.list_unassigned(uow, hub.id)
    taken = [route.vehicle_kind for route in waiting if route.status is RouteStatus.PLANNED]
    available = who_could(uow, hub, taken)
    rules = rule_store.counting(uow, hub.id)
    # What the desk wants on a certain route waits for it, and takes no other.
    due = tuple(one for one in due_deliveries(uow, hub) if rules.route_of(one.ref) is None)
    fairness = crew_rules.load(uow, hub.id).fairness_permille
    return Snapshot(hub, uow.now, due, available, fairness_permille=fairness, rules=rules)


def who_could(uow: UnitOfWork, hub: Hub, taken: Iterable[VehicleKind]) -> tuple[Availability, ...]:
    """Who could drive a new route of a hub, and from when.

    Parameters
    ----------
    taken
        The kinds of vehicle that routes of an earlier plan wait for: each takes a free driver.
    """
    waited_for = list(taken)
    found = []
    for work in drivers.list_on_duty(uow, hub.id):
        if not work.papers_are_good(uow.now) or hub.id in work.blocks:
            continue
        if work.is_free and work.vehicle.kind in waited_for:
            waited_for.remove(work.vehicle.kind)
        else:
            found.append(Availability(work, free_from(uow, work)))
    return tuple(found)


def judged(snapshot: Snapshot) -> tuple[Verdict, ...]:
    """What must go and what the rest is worth, in the order of ``snapshot.due``."""
    hands = []
    for one in snapshot.available:
        _, per_m, per_s = COSTS[one.work.vehicle.kind]
        ends_at = one.work.shift_ends_at
        until_s = _FAR_S if ends_at is None else _seconds(snapshot, ends_at)
        kind = one.work.vehicle.kind.value
        hands.append(Hands(kind, per_m, per_s, _starts_s(snapshot, one), until_s))
    pressed = {one.ref for one in snapshot.due if snapshot.rules.leave_by(one.ref) is not None}
    return verdicts(snapshot.hub, snapshot.at, snapshot.due, hands, pressed)


def is_loaded_at_hub(hub: Hub, pending: Pending) -> bool:
    """True if it waits at the hub, and vehicles may come back there for more."""
    if hub.waves.most_trips == 1:
        return False
    at_m = hub.position.distance_m(pending.pickup.position)
    return pending.pickup.id == hub.id or at_m <= AT_THE_HUB_M


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
    hub_at = None
    if any(is_loaded_at_hub(snapshot.hub, one) for one in snapshot.due):
        hub_at = len(places)
        places.append(Place(snapshot.hub.position))
    for pending, verdict in zip(snapshot.due, judged(snapshot), strict=True):
        pickup = None
        if not is_loaded_at_hub(snapshot.hub, pending):
            if pending.pickup.id not in pickup_at:
                pickup_at[pending.pickup.id] = len(places)
                places.append(Place(pending.pickup.position, PICKUP_SETUP_S))
            pickup = pickup_at[pending.pickup.id]
        dropoff = len(places)
        places.append(Place(pending.dropoff))
        job = _job(snapshot, pending, verdict, pickup, dropoff)
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
        vehicles=tuple(_vehicle(snapshot, one, hub_at) for one in snapshot.available),
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
        fetched = [job for job in jobs if not is_loaded_at_hub(snapshot.hub, snapshot.due[job])]
        tours.append((*(2 * job for job in fetched), *(2 * job + 1 for job in jobs)))
    return tours


def free_from(uow: UnitOfWork, work: Work) -> datetime:
    """When a driver can begin something new, as far as the plan says."""
    busy_with = work.route_id or (work.offer and work.offer[0])
    if busy_with is None:
        return uow.now
    return max(uow.now, store.load_route(uow, busy_with).ends_at)


def _starts_s(snapshot: Snapshot, available: Availability) -> int:
    lead_s = min(snapshot.hub.offer_ttl_s, LONGEST_LEAD_S)
    return max(lead_s, _seconds(snapshot, available.from_at))


def _job(
    snapshot: Snapshot, pending: Pending, verdict: Verdict, pickup: int | None, dropoff: int
) -> Job:
    horizon_s = snapshot.hub.wave_horizon_s
    opens_s = _seconds(snapshot, pending.window.start_at)
    closes_s = _seconds(snapshot, pending.window.end_at)
    # Handing over begins inside the window and must not end after it.
    latest_s = closes_s - pending.service_s - 1
    if latest_s <= opens_s:
        # Overdue already: late is better than never, and the sooner the better.
        opens_s, latest_s = 0, 2 * horizon_s
    job = Job(
        id=str(pending.ref),
        pickup=pickup,
        dropoff=dropoff,
        pickup_window=Window(0, 4 * 86_400),
        dropoff_windows=_hours(snapshot, pending) or (Window(opens_s, latest_s),),
        pickup_service_s=0 if pickup is None else PICKUP_SERVICE_S * pending.parcel.count,
        dropoff_service_s=pending.service_s,
        weight_g=pending.parcel.weight_g,
        volume_ml=pending.parcel.volume_ml,
        skills=pending.needs,
        penalty=verdict.penalty,
    )
    return _ruled(snapshot, pending, job) if snapshot.rules.every else job


def _hours(snapshot: Snapshot, pending: Pending) -> tuple[Window, ...]:
    """When a pickup point takes it, handing over included; nothing for a door, or a shut point."""
    spans = [
        (max(0, _seconds(snapshot, span.start_at)), _seconds(snapshot, span.end_at))
        for span in pending.open_at
    ]
    within = [(opens_s, closes_s - pending.service_s - 1) for opens_s, closes_s in spans]
    return tuple(Window(opens_s, latest_s) for opens_s, latest_s in within if opens_s < latest_s)


def _ruled(snapshot: Snapshot, pending: Pending, job: Job) -> Job:
    """The job with what the desk's rules say of it."""
    rules = snapshot.rules
    leave_by_at = rules.leave_by(pending.ref)
    if leave_by_at is not None:
        # Too late already: then the sooner the better, and never for want of a window.
        by_s = _seconds(snapshot, leave_by_at)
        window = Window(0, by_s) if by_s > 0 else job.pickup_window
        job = replace(job, pickup_window=window)
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


def _vehicle(snapshot: Snapshot, available: Availability, hub_at: int | None) -> Vehicle:
    """``hub_at``: the place where it is loaded, and comes back to; None: it begins at a store."""
    hub, work = snapshot.hub, available.work
    starts_s, reload = _starts_s(snapshot, available), None
    if hub_at is not None:
        starts_s += hub.waves.reload_s
        reload = Reload(hub_at, hub.waves.reload_s, hub.waves.most_trips - 1)
    ends_s = starts_s + hub.wave_horizon_s
    for until in (work.shift_ends_at, work.papers_end_at):
        # Nobody drives past the end of a licence, whatever the shift says.
        if until is not None:
            ends_s = min(ends_s, _seconds(snapshot, until))
    fixed, per_m, per_s = COSTS[work.vehicle.kind]
    return Vehicle(
        id=work.driver_id,
        kind=work.vehicle.kind.value,
        start=hub_at,
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
        reload=reload,
    )


def _seconds(snapshot: Snapshot, at: datetime) -> int:
    return max(0, round((at - snapshot.at).total_seconds()))
