"""What does somebody want changed? Wishes of the desk, from what they name to what they would do.

A wish reads what it needs through its ``Bench`` and says what it would do; it writes nothing. The
same wish serves the preview and the commit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, Stop, StopKind
from chalicelib.domain.dispatch.plans import arranging
from chalicelib.domain.dispatch.plans.arranging import Cargo, impossible
from chalicelib.domain.dispatch.plans.assessing import Distances, Ground
from chalicelib.domain.dispatch.plans.effects import Arrangement, Effect, Scales
from chalicelib.domain.dispatch.plans.journal import ChangeKind, Went
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork


class Bench:
    """One change in work: what it has read of a hub, and what it is weighed with."""

    def __init__(self, uow: UnitOfWork, hub: Hub, roads: Roads) -> None:
        self.uow = uow
        self.hub = hub
        self._roads = roads
        self.loaded: dict[DeliveryRef, Delivery] = {}

    def route(self, route_id: str) -> Route:
        """A route of this hub that can be changed; raise NotFound or MoveImpossible."""
        route = store.load_route(self.uow, route_id)
        if route.hub_id != self.hub.id:
            raise NotFound("there is no such route")
        arranging.must_be_editable(route)
        return route

    def cargo(self, stops: Iterable[Stop]) -> list[Cargo]:
        """What the doors of some stops take."""
        doors = [(ref, stop) for stop in stops for ref in stop.deliveries]
        self.load(ref for ref, _ in doors)
        return [Cargo.of(self._known(ref), stop, self.stop_id) for ref, stop in doors]

    def load(self, refs: Iterable[DeliveryRef]) -> None:
        missing = [ref for ref in refs if ref not in self.loaded]
        self.loaded |= delivery_store.load_many(self.uow, missing)

    def stop_id(self) -> str:
        return self.uow.new_id("stp")

    def scales(self, routes: Sequence[Route]) -> Scales:
        rules = rule_store.counting(self.uow, self.hub.id)
        if rules.every:
            # Rules may be about doors; without any, nobody asks where these are.
            self.load(ref for route in routes for ref in route.deliveries())
        works = {work.driver_id: work for work in drivers.list_on_duty(self.uow, self.hub.id)}
        for route in routes:
            if route.driver_id is not None and route.driver_id not in works:
                works[route.driver_id] = drivers.load_work(self.uow, route.driver_id)
        doors = {ref: one.door_key for ref, one in self.loaded.items()}
        local = self.uow.now.astimezone(ZoneInfo(self.hub.timezone))
        ground = Ground(self.hub, self.uow.now, works)
        return Scales(ground, Distances(self._roads, local), rules, doors)

    def _known(self, ref: DeliveryRef) -> Delivery:
        if ref not in self.loaded:
            raise NotFound("there is no such delivery")
        return self.loaded[ref]


#: From what can be read to what is wanted.
Wish = Callable[[Bench], Effect]


def move(route_id: str, stop_id: str, to_route: str | None, before_stop: str | None) -> Wish:
    """A door to another place of its route, to another route, or (None) to nobody.

    Without ``before_stop`` it goes where it makes the least late and costs least.
    """

    def wish(bench: Bench) -> Effect:
        source = bench.route(route_id)
        door = arranging.door_of(source, stop_id)
        # Several where they are handed over together, at a pickup point.
        cargo = bench.cargo([door])
        if to_route == source.id:
            return _within(bench, source, cargo, before_stop)
        shorter = arranging.without(source, cargo)
        went = tuple(Went(one.ref, source.id, to_route) for one in cargo)
        if to_route is None:
            scales = bench.scales([source])
            return scales.weigh(Arrangement(ChangeKind.MOVE, ((source, shorter),), went))
        target = bench.route(to_route)
        scales = bench.scales([source, target])
        if len(cargo) == 1:
            longer = _with(scales, bench, target, cargo[0], before_stop)
        else:
            longer = _with_all(scales, bench, target, cargo, before_stop)
        pairs = ((source, shorter), (target, longer))
        return scales.weigh(Arrangement(ChangeKind.MOVE, pairs, went))

    return wish


def _within(bench: Bench, route: Route, cargo: Sequence[Cargo], before_stop: str | None) -> Effect:
    """Another place on the same route; what is on board moves its door alone."""
    scales = bench.scales([route])
    door = cargo[0].door
    rest = replace(route, stops=tuple(stop for stop in route.stops if stop.id != door.id))
    last = arranging.returns_from(rest)
    picked_up_at = max(_pickup_position(rest, one.ref) for one in cargo)
    first = max(arranging.locked(route), 1 + picked_up_at)
    at = None if before_stop is None else _position(rest, before_stop)
    if at is not None and not first <= at <= last:
        raise impossible("door_before_pickup", "there the parcel is not on board yet")
    options = range(first, last + 1) if at is None else [at]
    every = [replace(rest, stops=(*rest.stops[:k], door, *rest.stops[k:])) for k in options]
    weighed = [scales.weigh(Arrangement(ChangeKind.MOVE, ((route, one),), ())) for one in every]
    return min(weighed, key=lambda one: (one.routes[0].after.late_in_all_s, one.cost_delta))


def _pickup_position(route: Route, ref: DeliveryRef) -> int:
    """Where it is picked up; -1 where that lies behind the route's memory."""
    found = [
        at
        for at, stop in enumerate(route.stops)
        if ref in stop.deliveries and stop.kind is StopKind.PICKUP
    ]
    return max(found, default=-1)


def place(ref: DeliveryRef, route_id: str, before_stop: str | None) -> Wish:
    """A delivery that waits onto a route."""

    def wish(bench: Bench) -> Effect:
        target = bench.route(route_id)
        bench.load([ref])
        delivery = bench.loaded.get(ref)
        if delivery is None or delivery.hub_id != bench.hub.id or not delivery.live:
            raise NotFound("there is no such delivery at this hub")
        if delivery.status is not Status.READY:
            raise impossible("not_waiting", f"the delivery is {delivery.status}")
        cargo = Cargo.of(delivery, None, bench.stop_id)
        scales = bench.scales([target])
        longer = _with(scales, bench, target, cargo, before_stop)
        went = (Went(ref, None, route_id),)
        return scales.weigh(Arrangement(ChangeKind.PLACE, ((target, longer),), went))

    return wish


def reorder(route_id: str, order: Sequence[str]) -> Wish:
    """The movable stops of a route in another order."""

    def wish(bench: Bench) -> Effect:
        route = bench.route(route_id)
        after = arranging.reordered(route, order)
        return bench.scales([route]).weigh(Arrangement(ChangeKind.REORDER, ((route, after),), ()))

    return wish


def split(route_id: str, stop_id: str) -> Wish:
    """From a stop on a route of its own, for another driver."""

    def wish(bench: Bench) -> Effect:
        route = bench.route(route_id)
        cargo = bench.cargo(arranging.doors_from(route, stop_id))
        new_id = bench.uow.new_id("rte")
        first, second = arranging.split(route, cargo, new_id, bench.stop_id)
        # It can leave at once; the plan's start was that of the whole.
        second = replace(second, planned_at=bench.uow.now, starts_at=bench.uow.now)
        went = tuple(Went(one.ref, route.id, new_id) for one in cargo)
        pairs = ((route, first), (None, second))
        return bench.scales([route]).weigh(Arrangement(ChangeKind.SPLIT, pairs, went))

    return wish


def merge(into_id: str, other_id: str) -> Wish:
    """What another route, which has no driver, would have done comes at the end of this one."""

    def wish(bench: Bench) -> Effect:
        into, other = bench.route(into_id), bench.route(other_id)
        if into.id == other.id:
            raise impossible("same_route", "a route cannot be merged with itself")
        cargo = bench.cargo(arranging.open_doors(other))
        longer = arranging.merged(into, other, cargo, bench.stop_id)
        emptied = arranging.without(other, cargo)
        went = tuple(Went(one.ref, other.id, into.id) for one in cargo)
        pairs = ((into, longer), (other, emptied))
        return bench.scales([into, other]).weigh(Arrangement(ChangeKind.MERGE, pairs, went))

    return wish


def _with(
    scales: Scales, bench: Bench, route: Route, cargo: Cargo, before_stop: str | None
) -> Route:
    if before_stop is None:
        return scales.best(route, cargo, bench.stop_id)
    at = _position(route, before_stop)
    ranked = [
        arranging.with_cargo(route, cargo, spot, bench.stop_id)
        for spot in arranging.spots(route, cargo, at)
    ]
    return min(ranked, key=scales.rank)


def _with_all(
    scales: Scales, bench: Bench, route: Route, cargo: Sequence[Cargo], before_stop: str | None
) -> Route:
    first, last = arranging.locked(route), arranging.returns_from(route)
    places = range(first, last + 1) if before_stop is None else [_position(route, before_stop)]

    def tried(at: int) -> tuple[int, int]:
        return scales.rank(arranging.with_all(route, cargo, at, lambda: "new"))

    best = min(places, key=tried)
    return arranging.with_all(route, cargo, best, bench.stop_id)


def _position(route: Route, stop_id: str) -> int:
    for at, stop in enumerate(route.stops):
        if stop.id == stop_id:
            return at
    raise impossible("no_such_stop", "the route has no such stop")
