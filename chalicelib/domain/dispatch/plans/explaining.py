"""Why is it planned where it is, or why does it wait? One delivery's answer, from what is kept.

What waits is answered by the latest wave that looked at it: the reason, the rule that stands in the
way, the cheapest way around it. What is on a route is answered by the route: what it costs there by
itself, who was asked and why, and what it would add to the other routes of the hub. Nothing is
solved; all of it is exact as of now.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.foretelling import latest_step
from chalicelib.domain.deliveries.instructing import RECIPIENT
from chalicelib.domain.deliveries.model import BY_RECOVERY, Delivery, HistoryEntry, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Offer, Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.plans import arranging
from chalicelib.domain.dispatch.plans.arranging import Cargo
from chalicelib.domain.dispatch.plans.assessing import Assessed
from chalicelib.domain.dispatch.plans.effects import Aboard, Scales
from chalicelib.domain.dispatch.plans.wishes import Bench
from chalicelib.domain.dispatch.reasons import Blocking
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rule
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.desk_errors import MoveImpossible
from chalicelib.storage.unit_of_work import UnitOfWork

#: Waves that are looked through for the last word about a delivery.
WAVES_BACK = 12
#: Other routes that it is tried on: some milliseconds each.
MOST_TRIED = 20


class State(StrEnum):
    WAITS = "waits"
    PLANNED = "planned"  # on a route
    HELD = "held"  # its address is asked for
    OVER = "over"


class Waiting(StrEnum):
    """Why it waits, where no wave has said so: beside the wave's own reasons."""

    NEXT_WAVE = "next_wave"  # no wave has looked at it since it became ready
    NOT_DUE_YET = "not_due_yet"  # its window opens beyond the hub's horizon
    PINNED_TO_ROUTE = "pinned_to_route"  # the desk wants it on a certain route


@dataclass(frozen=True, slots=True)
class Waits:
    """``from_at``: when the first wave looks at what is not due yet."""

    reason: str
    wave_id: str | None = None
    planned_at: datetime | None = None
    from_at: datetime | None = None
    blocking: Blocking | None = None


@dataclass(frozen=True, slots=True)
class OnRoute:
    """``alone``: the route's cost less that without this delivery, by part."""

    route: Route
    door: Stop
    doors_before: int
    late_s: int
    alone: Cost
    alone_m: int
    alone_s: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What it would add to another route at the best place there."""

    route: Route
    added_cost: int
    added_m: int
    added_s: int
    late_s: int
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    delivery: Delivery
    state: State
    waits: Waits | None = None
    on_route: OnRoute | None = None
    offers: tuple[Offer, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    rules: tuple[Rule, ...] = ()

    def by_hand(self) -> list[HistoryEntry]:
        """What the desk, or a plan that it committed, did to it."""
        machines = (None, RECIPIENT, BY_RECOVERY)
        return [entry for entry in self.delivery.history if entry.by not in machines]


def explain(
    uow: UnitOfWork, ref: DeliveryRef, roads_of: Callable[[str], Roads], *, for_desk: bool
) -> Explanation:
    """Say why; raise NotFound unless the merchant has this delivery.

    ``roads_of`` tells the roads of a hub. ``for_desk`` also looks at the hub's other routes, and at
    the desk's rules.
    """
    delivery = delivery_store.load(uow, ref)
    hub, roads = merchants.load_hub(uow, delivery.hub_id), roads_of(delivery.hub_id)
    told = Explanation(delivery, _state(delivery))
    if told.state is State.WAITS:
        told = replace(told, waits=_waits(uow, hub, ref, delivery))
    elif told.state is State.PLANNED and delivery.route_id is not None:
        told = _planned(uow, hub, told, delivery.route_id, roads)
    if not for_desk:
        return told
    about = rule_store.counting(uow, hub.id).about(Aboard(ref, delivery.door_key))
    bench = Bench(uow, hub, roads)
    return replace(
        told, rules=tuple(about), elsewhere=tuple(_elsewhere(bench, delivery, told.on_route))
    )


def _state(delivery: Delivery) -> State:
    if delivery.status is Status.READY:
        return State.WAITS
    if delivery.status in (Status.CREATED, Status.ADDRESS_REVIEW):
        return State.HELD
    return State.OVER if delivery.status.is_final or delivery.route_id is None else State.PLANNED


# -- what waits ------------------------------------------------------------------------------------


def _waits(uow: UnitOfWork, hub: Hub, ref: DeliveryRef, delivery: Delivery) -> Waits:
    if rule_store.counting(uow, hub.id).route_of(ref) is not None:
        return Waits(Waiting.PINNED_TO_ROUTE)
    due_at = delivery.window.start_at - timedelta(seconds=hub.wave_horizon_s)
    if due_at > uow.now:
        return Waits(Waiting.NOT_DUE_YET, from_at=due_at)
    ready_at = latest_step(delivery).at
    waves, _ = store.list_waves(uow, hub.id, limit=WAVES_BACK, after=None)
    for wave in waves:
        if wave.planned_at < ready_at:
            break
        for one in wave.unserved:
            if one.delivery == ref:
                return Waits(one.reason, wave.id, wave.planned_at, None, one.blocking)
    return Waits(Waiting.NEXT_WAVE)


# -- what is on a route ----------------------------------------------------------------------------


def _planned(
    uow: UnitOfWork, hub: Hub, told: Explanation, route_id: str, roads: Roads
) -> Explanation:
    route = store.load_route(uow, route_id)
    ref = DeliveryRef(told.delivery.merchant_id, told.delivery.id)
    door = next(
        (stop for stop in route.stops if stop.kind is StopKind.DROPOFF and ref in stop.deliveries),
        None,
    )
    offers = tuple(store.list_offers(uow, route_id))
    if door is None or door.status.is_over:
        return replace(told, offers=offers)
    scales = Bench(uow, hub, roads).scales([route])
    whole = scales.assess(route)
    rest = scales.assess(_without(route, told.delivery, door))
    ahead = route.stops[: route.stops.index(door)]
    on_route = OnRoute(
        route=whole.route,
        door=next(stop for stop in whole.route.stops if stop.id == door.id),
        doors_before=sum(
            1 for stop in ahead if stop.kind is StopKind.DROPOFF and not stop.status.is_over
        ),
        late_s=whole.late_s.get(ref, 0),
        alone=_less(whole, rest),
        alone_m=whole.route.distance_m - rest.route.distance_m,
        alone_s=whole.route.duration_s - rest.route.duration_s,
    )
    return replace(told, on_route=on_route, offers=offers)


def _without(route: Route, delivery: Delivery, door: Stop) -> Route:
    """The route without it; without its door alone where its parcel is on board."""
    cargo = Cargo.of(delivery, door, lambda: "none")
    try:
        return arranging.without(route, [cargo])
    except MoveImpossible:
        return replace(route, stops=tuple(stop for stop in route.stops if stop.id != door.id))


def _less(whole: Assessed, rest: Assessed) -> Cost:
    return Cost(
        vehicles=whole.cost.vehicles - rest.cost.vehicles,
        distance=whole.cost.distance - rest.cost.distance,
        duration=whole.cost.duration - rest.cost.duration,
    )


# -- the other routes ------------------------------------------------------------------------------


def _elsewhere(bench: Bench, delivery: Delivery, here: OnRoute | None) -> Iterable[Elsewhere]:
    """What it would cost on the hub's other routes, the cheapest first."""
    loose = (Status.READY, Status.PLANNED, Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP)
    if delivery.status not in loose or not delivery.live:
        return []
    own = None if here is None else here.route.id
    routes = [one for one in _open_routes(bench) if one.id != own][:MOST_TRIED]
    if not routes:
        return []
    scales = bench.scales(routes)
    cargo = Cargo.of(delivery, None if here is None else here.door, bench.stop_id)
    found = [one for route in routes if (one := _tried(scales, route, cargo)) is not None]
    return sorted(found, key=lambda one: (one.late_s, one.added_cost, one.route.id))


def _open_routes(bench: Bench) -> list[Route]:
    uow, hub = bench.uow, bench.hub
    waiting = [
        route for route in store.list_unassigned(uow, hub.id) if route.status is RouteStatus.PLANNED
    ]
    works = drivers.list_on_duty(uow, hub.id)
    running = (store.load_route(uow, work.route_id) for work in works if work.route_id)
    return [*waiting, *(route for route in running if route.status in arranging.EDITABLE)]


def _tried(scales: Scales, route: Route, cargo: Cargo) -> Elsewhere | None:
    try:
        longer = scales.assess(scales.best(route, cargo, lambda: "new"))
    except MoveImpossible:
        return None
    now = scales.assess(route)
    return Elsewhere(
        route=route,
        added_cost=longer.cost.driven - now.cost.driven,
        added_m=longer.route.distance_m - now.route.distance_m,
        added_s=longer.route.duration_s - now.route.duration_s,
        late_s=longer.late_in_all_s - now.late_in_all_s,
        limits=tuple(limit.value for limit in longer.limits if limit not in now.limits),
    )
