"""How does a new plan come to be? What waits, and what no driver has yet, is solved anew.

Routes that wait for a driver are opened again together with what waits; those on offer or with a
driver stay, and so do those that the desk has pinned something to. The present plan is the solver's
first answer, and a change of driver has its price, so what need not change does not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.plans.arranging import Cargo, without
from chalicelib.domain.dispatch.plans.assessing import Assessed, Distances, Ground, assess
from chalicelib.domain.dispatch.plans.proposals import (
    LeftOut,
    Moved,
    Proposal,
    Proposed,
    Step,
    Sum,
    Why,
    diff,
    orders_of,
)
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rules
from chalicelib.domain.dispatch.rules.eligibility import bar
from chalicelib.domain.dispatch.waves import departures, planning
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.dispatch.waves.blocking import blocked
from chalicelib.domain.dispatch.waves.forming import (
    Pending,
    due_deliveries,
    pending_of,
    with_hours,
)
from chalicelib.domain.dispatch.waves.planning import Snapshot, Solve
from chalicelib.domain.dispatch.waves.urgency import PICKUP_SERVICE_S
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.plan import Plan, Reason
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.travel import Roads
from chalicelib.storage.unit_of_work import UnitOfWork

#: One worker solves it: more is for waves, which many share (see ``fanout``).
MOST_PLANNED = 3000
#: Deliveries on one proposed route: with the routes that they come from, one commit of 100 items.
MOST_ON_ROUTE = 80

#: Makes ids: ``new_id("rte")``.
NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot with the routes that are planned anew, and who was to take them."""

    snapshot: Snapshot
    routes: tuple[Route, ...]
    stand_ins: Mapping[str, str]


def open_plan(uow: UnitOfWork, hub: Hub) -> Opened:
    """Read what waits, what no driver has, and who could drive."""
    rules = rule_store.counting(uow, hub.id)
    waiting = [
        route for route in store.list_unassigned(uow, hub.id) if route.status is RouteStatus.PLANNED
    ]
    loaded = delivery_store.load_many(uow, (ref for one in waiting for ref in one.deliveries()))
    pinned = rules.pinned_routes()
    routes = [one for one in waiting if one.id not in pinned and _is_settled(one, loaded)]
    due = [one for one in due_deliveries(uow, hub) if rules.route_of(one.ref) is None]
    planned = [pending_of(loaded[ref]) for route in routes for ref in route.deliveries()]
    due += with_hours(uow, hub, planned)
    staying = [route for route in waiting if route not in routes]
    available = planning.who_could(uow, hub, [route.vehicle_kind for route in staying])
    stand_ins = _stand_ins(routes, [one.work for one in available if one.work.is_free])
    before = {stand_ins[one.id]: tuple(one.deliveries()) for one in routes if one.id in stand_ins}
    # Whoever asks for a plan wants it all on routes; what they have fetches at stops of its own.
    rules_of_waves = replace(hub.waves, holds_back=False, most_trips=1)
    sends_all = replace(hub, waves=rules_of_waves)
    snapshot = Snapshot(sends_all, uow.now, tuple(due), available, before, rules)
    return Opened(snapshot, tuple(routes), stand_ins)


def propose(opened: Opened, plan_id: str, roads: Roads, solve: Solve, new_id: NewId) -> Proposal:
    """Solve it, and say what would change; pure but for the functions that it is given."""
    snapshot = opened.snapshot
    by_job = {str(one.ref): one for one in snapshot.due}
    was_on = {ref: route.id for route in opened.routes for ref in route.deliveries()}
    problem, plan = _solved(opened, roads, solve)
    left_out = _left_out(snapshot, problem, plan, was_on)
    proposed = [
        _proposed(opened, draft, driver_id, by_job, new_id)
        for draft, driver_id in _drafts(snapshot, problem, plan, plan_id)
    ]
    local = snapshot.at.astimezone(ZoneInfo(snapshot.hub.timezone))
    scales = _Scales(Ground(snapshot.hub, snapshot.at, {}), Distances(roads, local))
    old = {route.id: scales.of(route) for route in opened.routes}
    new = {one.route.id: scales.of(one.route) for one in proposed}
    routes = tuple(
        replace(one, cost=new[one.route.id].cost, late_s=new[one.route.id].late_in_all_s)
        for one in proposed
    )
    continues = {one.route.id: one.continues for one in routes if one.continues is not None}
    change = diff(orders_of(opened.routes), orders_of([one.route for one in routes]), continues)
    drivers_of = {**opened.stand_ins, **{one.route.id: one.driver_id for one in routes}}
    moved = tuple(
        scales.moved(step, by_job, old, new, drivers_of, snapshot.rules) for step in change.steps
    )
    return Proposal(
        made_at=snapshot.at,
        engine=plan.engine,
        routes=routes,
        left_out=left_out,
        ended=change.ended,
        moved=moved,
        before=_sum(old.values()),
        after=_sum(new.values()),
        versions={one.ref: one.version for one in snapshot.due},
        was_on=was_on,
    )


# -- reading ---------------------------------------------------------------------------------------


def _is_settled(route: Route, loaded: Mapping[DeliveryRef, Delivery]) -> bool:
    """Whether every delivery of it knows that it is on it: news may be on its way."""
    refs = list(route.deliveries())
    return bool(refs) and all(
        ref in loaded and loaded[ref].status is Status.PLANNED and loaded[ref].route_id == route.id
        for ref in refs
    )


def _stand_ins(routes: Sequence[Route], free: Sequence[Work]) -> dict[str, str]:
    """By route the driver who stands in for whoever will take it: the first who could."""
    left = list(free)
    found = {}
    for route in sorted(routes, key=lambda one: (one.starts_at, one.id)):
        able = next((work for work in left if _could(work, route)), None)
        if able is not None:
            left.remove(able)
            found[route.id] = able.driver_id
    return found


def _could(work: Work, route: Route) -> bool:
    return bar(route, work, route.starts_at, refusals=False) is None


# -- solving ---------------------------------------------------------------------------------------


def _solved(opened: Opened, roads: Roads, solve: Solve) -> tuple[Problem, Plan]:
    snapshot = opened.snapshot
    outline = planning.build_outline(snapshot)
    shorter = tuple(replace(one, max_jobs=MOST_ON_ROUTE) for one in outline.vehicles)
    outline = replace(outline, vehicles=shorter)
    problem, tours = outline.part(outline.everything, _tours(opened), roads)
    return problem, solve(problem, tours if any(tours) else None)


def _tours(opened: Opened) -> list[Tour]:
    """The routes as they are now, as tours of their stand-ins."""
    job_at = {one.ref: index for index, one in enumerate(opened.snapshot.due)}
    tours: dict[str, Tour] = {}
    for route in opened.routes:
        if route.id in opened.stand_ins:
            tours[opened.stand_ins[route.id]] = tuple(
                2 * job_at[ref] + (0 if stop.kind is StopKind.PICKUP else 1)
                for stop in route.stops
                if not stop.status.is_over
                for ref in stop.deliveries
            )
    return [tours.get(one.work.driver_id, ()) for one in opened.snapshot.available]


def _left_out(
    snapshot: Snapshot, problem: Problem, plan: Plan, was_on: Mapping[DeliveryRef, str]
) -> tuple[LeftOut, ...]:
    refs = {str(one.ref): one.ref for one in snapshot.due}
    if not snapshot.available:
        reason = Reason.NO_VEHICLE.value
        return tuple(LeftOut(ref, reason, was_on.get(ref)) for ref in refs.values())
    why = blocked(problem, plan)
    return tuple(
        LeftOut(
            refs[one.job_id],
            one.reason.value,
            was_on.get(refs[one.job_id]),
            why.get(one.job_id),
        )
        for one in plan.unserved
    )


def _drafts(
    snapshot: Snapshot, problem: Problem, plan: Plan, plan_id: str
) -> list[tuple[RouteDraft, str]]:
    drafts = departures.drafts_of(snapshot, problem, plan, plan_id)
    driven = [route.vehicle_id for route in plan.routes if route.visits]
    return list(zip(drafts, driven, strict=True))


def _proposed(
    opened: Opened,
    draft: RouteDraft,
    driver_id: str,
    by_job: Mapping[str, Pending],
    new_id: NewId,
) -> Proposed:
    """The draft as a route: the one that there is, if nothing changes."""
    before = {driver: route_id for route_id, driver in opened.stand_ins.items()}
    old = next((one for one in opened.routes if one.id == before.get(driver_id)), None)
    stops = itinerary.one_visit_each(_stop(stop, by_job, new_id) for stop in draft.stops)
    plan = [(stop.kind, stop.deliveries) for stop in stops]
    if old is not None and plan == [
        (stop.kind, stop.deliveries) for stop in old.stops if not stop.status.is_over
    ]:
        return Proposed(old, driver_id, None, True, Cost(), 0)
    route = Route(
        id=new_id("rte"),
        hub_id=draft.hub_id,
        wave_id=draft.wave_id,
        vehicle_kind=draft.vehicle_kind,
        load_weight_g=draft.load_weight_g,
        load_volume_ml=draft.load_volume_ml,
        status=RouteStatus.PLANNED,
        version=0,
        planned_at=opened.snapshot.at,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        distance_m=draft.distance_m,
        duration_s=draft.duration_s,
        stops=tuple(stops),
        refused_by=_refused(opened, draft),
        only_driver_id=draft.only_driver_id,
        barred_drivers=draft.barred_drivers,
    )
    return Proposed(route, driver_id, None if old is None else old.id, False, Cost(), 0)


def _refused(opened: Opened, draft: RouteDraft) -> tuple[str, ...]:
    """Who refused most of it is not asked about the same again."""
    refused = set[str]()
    for route in opened.routes:
        shared = sum(1 for ref in route.deliveries() if ref in draft.versions)
        if 2 * shared >= len(draft.versions):
            refused.update(route.refused_by)
    return tuple(sorted(refused))


def _stop(stop: PlannedStop, by_job: Mapping[str, Pending], new_id: NewId) -> Stop:
    cargo = [by_job[str(ref)] for ref in stop.deliveries]
    return Stop(
        id=new_id("stp"),
        kind=stop.kind,
        place_name=stop.place_name,
        position=stop.position,
        deliveries=stop.deliveries,
        planned_arrival_at=stop.planned_arrival_at,
        service_s=stop.service_s,
        window=cargo[0].window if stop.kind is StopKind.DROPOFF else None,
        weight_g=sum(one.parcel.weight_g for one in cargo),
        volume_ml=sum(one.parcel.volume_ml for one in cargo),
        pickup_point_id=cargo[0].pickup_point_id if stop.kind is StopKind.DROPOFF else None,
        needs=cargo[0].needs if stop.kind is StopKind.DROPOFF else frozenset(),
    )


# -- comparing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scales:
    """One yardstick for both plans."""

    ground: Ground
    distances: Distances

    def of(self, route: Route) -> Assessed:
        return assess(route, self.ground, self.distances)

    def moved(
        self,
        step: Step,
        by_job: Mapping[str, Pending],
        old: Mapping[str, Assessed],
        new: Mapping[str, Assessed],
        drivers_of: Mapping[str, str],
        rules: Rules,
    ) -> Moved:
        pending = by_job[str(step.ref)]
        here = old.get(step.from_route or "")
        there = new.get(step.to_route or "")
        before = None if here is None else self._alone(here, pending)
        after = None if there is None else self._alone(there, pending)
        late = [0 if one is None else one.late_s.get(step.ref, 0) for one in (here, there)]
        return Moved(
            step=step,
            why=_why(step, before, after, late, ruled=bool(rules.about(pending))),
            from_driver=drivers_of.get(step.from_route or ""),
            to_driver=drivers_of.get(step.to_route or ""),
            cost_before=before,
            cost_after=after,
            late_before_s=late[0],
            late_after_s=late[1],
        )

    def _alone(self, whole: Assessed, pending: Pending) -> int:
        """What one delivery of a route costs: the route's cost less that without it."""
        door = next(
            stop
            for stop in whole.route.stops
            if stop.kind is StopKind.DROPOFF and pending.ref in stop.deliveries
        )
        parcel = pending.parcel
        cargo = Cargo(
            ref=pending.ref,
            pickup_name=pending.pickup.name,
            pickup_at=pending.pickup.position,
            pickup_service_s=PICKUP_SERVICE_S * parcel.count,
            weight_g=parcel.weight_g,
            volume_ml=parcel.volume_ml,
            door=door,
        )
        return whole.cost.driven - self.of(without(whole.route, [cargo])).cost.driven


def _why(
    step: Step, before: int | None, after: int | None, late: Sequence[int], *, ruled: bool
) -> Why:
    if step.from_route is None:
        return Why.NEWLY_PLANNED
    if step.to_route is None:
        return Why.LEFT_OUT
    if ruled:
        return Why.RULE
    if late[1] < late[0]:
        return Why.LESS_LATE
    cheaper = before is not None and after is not None and after < before
    return Why.CHEAPER_THERE if cheaper else Why.MAKES_ROOM


def _sum(routes: Iterable[Assessed]) -> Sum:
    every = list(routes)

    def total(what: Callable[[Assessed], Any]) -> int:
        return sum(map(what, every))

    return Sum(
        routes=len(every),
        cost=Cost(
            vehicles=total(lambda one: one.cost.vehicles),
            distance=total(lambda one: one.cost.distance),
            duration=total(lambda one: one.cost.duration),
        ),
        distance_m=total(lambda one: one.route.distance_m),
        duration_s=total(lambda one: one.route.duration_s),
        late_s=total(lambda one: one.late_in_all_s),
    )
