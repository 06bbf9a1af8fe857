"""How do stops go from one route to another? Pure steps over routes, times left as they were.

What a driver has done, and the stop that comes next, stay where they are. A pickup is not the door:
as long as nobody has arrived there, it may lose and gain parcels, as long as it stays a stop. A
return to the hub stays the last stop. Every step keeps each delivery on exactly one route; whether
it is wise is for ``assessing`` to tell.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary
from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    Route,
    RouteStatus,
    Stop,
    StopKind,
    StopStatus,
)
from chalicelib.domain.dispatch.waves.urgency import PICKUP_SERVICE_S
from chalicelib.kit.desk_errors import MoveImpossible
from chalicelib.kit.geo import LatLng

#: Makes ids of stops.
NewId = Callable[[], str]

#: Deliveries that one change may move: a commit holds 100 items, and undoing takes four more.
MOST_AT_ONCE = 94

EDITABLE = (RouteStatus.PLANNED, RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Cargo:
    """What has to be known of a delivery to move it."""

    ref: DeliveryRef
    pickup_name: str
    pickup_at: LatLng
    pickup_service_s: int
    weight_g: int
    volume_ml: int
    door: Stop
    door_key: str | None = None

    @classmethod
    def of(cls, delivery: Delivery, door: Stop | None, new_id: NewId) -> "Cargo":
        """``door``: the stop that it has; a new one without."""
        ref = DeliveryRef(delivery.merchant_id, delivery.id)
        parcel = delivery.parcel
        return cls(
            ref=ref,
            pickup_name=delivery.pickup.name,
            pickup_at=delivery.pickup.position,
            pickup_service_s=PICKUP_SERVICE_S * parcel.count,
            weight_g=parcel.weight_g,
            volume_ml=parcel.volume_ml,
            door=door or itinerary.door_of(new_id(), delivery, delivery.window.start_at),
            door_key=delivery.door_key,
        )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a delivery goes in: positions in the list of stops before anything is added.

    ``pickup`` None: it joins the pickup at ``joins``.
    """

    door: int
    pickup: int | None
    joins: str | None = None


def must_be_editable(route: Route) -> None:
    """Raise MoveImpossible for a route that is on offer, or over."""
    if route.status is RouteStatus.OFFERED:
        raise impossible("route_offered", "a driver is being asked about the route")
    if route.status not in EDITABLE:
        raise impossible("route_over", f"the route is {route.status}")


def locked(route: Route) -> int:
    """How many stops at the front stay as they are: those that are over, and the next one."""
    open_at = [at for at, stop in enumerate(route.stops) if not stop.status.is_over]
    if not open_at:
        return len(route.stops)
    return open_at[0] if route.driver_id is None else open_at[0] + 1


def returns_from(route: Route) -> int:
    """Where an open return begins; the number of stops if there is none."""
    for at, stop in enumerate(route.stops):
        if stop.kind is StopKind.RETURN and not stop.status.is_over:
            return at
    return len(route.stops)


def door_of(route: Route, stop_id: str) -> Stop:
    """The recipient's door that is to be moved.

    Raises
    ------
    MoveImpossible
        If it is no open door behind the next stop.
    """
    for at, stop in enumerate(route.stops):
        if stop.id == stop_id:
            if stop.kind is not StopKind.DROPOFF:
                raise impossible("not_a_door", "only doors go to other routes; reorder the route")
            if stop.status.is_over or at < locked(route):
                raise impossible("stop_locked", "the stop is done, or the driver is on the way")
            return stop
    raise impossible("no_such_stop", "the route has no such stop")


def without(route: Route, cargo: Sequence[Cargo]) -> Route:
    """The route without some deliveries that were not picked up yet.

    Raises
    ------
    MoveImpossible
        If one of them is on board, or the next stop would vanish.
    """
    gone = {one.ref: one for one in cargo}
    fixed = locked(route)
    stops: list[Stop] = []
    for at, stop in enumerate(route.stops):
        mine = [ref for ref in stop.deliveries if ref in gone]
        if not mine or stop.kind is StopKind.RETURN:
            stops.append(stop)
            continue
        left = tuple(ref for ref in stop.deliveries if ref not in gone)
        if stop.status is not StopStatus.PENDING:
            raise impossible("on_board", "the parcel is on board of the route's driver")
        if at < fixed and not left and _remains(route, gone):
            raise impossible("stop_locked", "the driver is on the way to where it is picked up")
        if left:
            stops.append(_lighter(stop, left, [gone[ref] for ref in mine]))
    return replace(route, stops=tuple(stops))


def _remains(route: Route, gone: Collection[DeliveryRef]) -> bool:
    """Whether anything of the route is left: one that has not begun may go as a whole."""
    return route.status is RouteStatus.UNDER_WAY or any(
        ref not in gone for ref in route.deliveries()
    )


def _lighter(stop: Stop, left: tuple[DeliveryRef, ...], gone: Sequence[Cargo]) -> Stop:
    return replace(
        stop,
        deliveries=left,
        weight_g=max(0, stop.weight_g - sum(one.weight_g for one in gone)),
        volume_ml=max(0, stop.volume_ml - sum(one.volume_ml for one in gone)),
        service_s=max(0, stop.service_s - sum(one.pickup_service_s for one in gone)),
    )


def spots(route: Route, cargo: Cargo, door: int | None = None) -> Iterator[Spot]:
    """Where a delivery can go in; with ``door``, only before that stop's position.

    Where its parcels are picked up anyhow, it joins; a second stop there would be a detour.
    """
    first, last = locked(route), returns_from(route)
    if door is not None:
        _must_be_between(route, door)
    for at in range(first, last + 1) if door is None else (door,):
        joined = [stop.id for stop in route.stops[:at] if _joinable(stop, cargo)]
        yield from (Spot(at, None, stop_id) for stop_id in joined)
        if not joined:
            yield from (Spot(at, pickup) for pickup in range(first, at + 1))


def with_cargo(route: Route, cargo: Cargo, spot: Spot, new_id: NewId) -> Route:
    """The route with a delivery more.

    Raises
    ------
    MoveImpossible
        If it has as many as one commit holds.
    """
    _must_be_room(route, 1)
    stops = list(route.stops)
    stops.insert(spot.door, cargo.door)
    if spot.pickup is None:
        stops = [_heavier(stop, cargo) if stop.id == spot.joins else stop for stop in stops]
    else:
        stops.insert(spot.pickup, _pickup(cargo, new_id))
    return replace(route, stops=tuple(stops))


def _joinable(stop: Stop, cargo: Cargo) -> bool:
    pending = stop.kind is StopKind.PICKUP and stop.status is StopStatus.PENDING
    return pending and stop.position == cargo.pickup_at


def _heavier(stop: Stop, cargo: Cargo) -> Stop:
    return replace(
        stop,
        deliveries=(*stop.deliveries, cargo.ref),
        weight_g=stop.weight_g + cargo.weight_g,
        volume_ml=stop.volume_ml + cargo.volume_ml,
        service_s=stop.service_s + cargo.pickup_service_s,
    )


def _pickup(cargo: Cargo, new_id: NewId) -> Stop:
    return Stop(
        id=new_id(),
        kind=StopKind.PICKUP,
        place_name=cargo.pickup_name,
        position=cargo.pickup_at,
        deliveries=(cargo.ref,),
        planned_arrival_at=cargo.door.planned_arrival_at,
        service_s=cargo.pickup_service_s,
        weight_g=cargo.weight_g,
        volume_ml=cargo.volume_ml,
    )


def reordered(route: Route, order: Sequence[str]) -> Route:
    """The route with its movable stops in another order.

    Parameters
    ----------
    order
        The ids of all stops behind the locked ones, a return at the end left out.

    Raises
    ------
    MoveImpossible
        If it names other stops, or a door before its pickup.
    """
    first, last = locked(route), returns_from(route)
    movable = {stop.id: stop for stop in route.stops[first:last]}
    if len(order) != len(movable) or set(order) != movable.keys():
        raise impossible("other_stops", "name every stop that can still move, each once")
    stops = (*route.stops[:first], *(movable[one] for one in order), *route.stops[last:])
    seen: set[DeliveryRef] = set()
    picked_up_here = {
        ref for stop in stops if stop.kind is StopKind.PICKUP for ref in stop.deliveries
    }
    for stop in stops:
        if stop.kind is StopKind.PICKUP:
            seen.update(stop.deliveries)
        elif stop.kind is StopKind.DROPOFF and (set(stop.deliveries) & picked_up_here) - seen:
            raise impossible("door_before_pickup", "a parcel is picked up before it is handed over")
    return replace(route, stops=stops)


def split(
    route: Route, cargo: Sequence[Cargo], route_id: str, new_id: NewId
) -> tuple[Route, Route]:
    """Two routes: these deliveries belong to a new one that waits for a driver.

    Parameters
    ----------
    cargo
        What the second part hands over (see :func:`doors_from`).
    """
    first = without(route, cargo)
    if not any(True for _ in first.deliveries()):
        raise impossible("nothing_left", "the first part would be empty")
    second = replace(
        route,
        id=route_id,
        status=RouteStatus.PLANNED,
        version=0,
        driver_id=None,
        offer_id=None,
        refused_by=(),
        ignored_by=(),
        live_offers=(),
        asked=0,
        released=0,
        expected_at=None,
        alerted_at=None,
        stops=(),
    )
    return first, filled(second, route, cargo, new_id)


def doors_from(route: Route, stop_id: str) -> tuple[Stop, ...]:
    """The open doors from a stop on.

    Raises
    ------
    MoveImpossible
        If there is no such stop behind the locked ones.
    """
    ids = [stop.id for stop in route.stops]
    at = ids.index(stop_id) if stop_id in ids else -1
    if at < 0:
        raise impossible("no_such_stop", "the route has no such stop")
    if at < locked(route):
        raise impossible("stop_locked", "the stop is done, or the driver is on the way")
    found = tuple(stop for stop in route.stops[at:] if stop.kind is StopKind.DROPOFF)
    if not found:
        raise impossible("nothing_left", "there is no door from that stop on")
    return _few(tuple(stop for stop in found if not stop.status.is_over))


def open_doors(route: Route) -> tuple[Stop, ...]:
    """The doors that are still ahead."""
    return tuple(
        stop for stop in route.stops if stop.kind is StopKind.DROPOFF and not stop.status.is_over
    )


def merged(into: Route, other: Route, cargo: Sequence[Cargo], new_id: NewId) -> Route:
    """One route of two: what the other, which has no driver, would have done comes last."""
    if other.status is not RouteStatus.PLANNED:
        raise impossible("route_has_driver", "the route that is merged in has a driver")
    _must_be_room(into, len(cargo))
    _few(cargo)
    return filled(into, other, cargo, new_id)


def with_all(route: Route, cargo: Sequence[Cargo], at: int, new_id: NewId) -> Route:
    """The route with all that one stop hands over, which goes before the stop at this position.

    Raises
    ------
    MoveImpossible
        If nothing goes there, or it has as many as one commit holds.
    """
    _must_be_room(route, len(cargo))
    _must_be_between(route, at)
    before, fetched = list(route.stops[:at]), list[Stop]()
    for one in cargo:
        for stops in (before, fetched):
            there = next((k for k, stop in enumerate(stops) if _joinable(stop, one)), None)
            if there is not None:
                stops[there] = _heavier(stops[there], one)
                break
        else:
            fetched.append(_pickup(one, new_id))
    return replace(route, stops=(*before, *fetched, cargo[0].door, *route.stops[at:]))


def filled(route: Route, source: Route, cargo: Sequence[Cargo], new_id: NewId) -> Route:
    """The route with deliveries appended, in the order of the source's stops: pickups where the
    source had them, each with what goes along."""
    by_ref = {one.ref: one for one in cargo}
    last = returns_from(route)
    added: list[Stop] = []
    for stop in source.stops:
        mine = [by_ref[ref] for ref in stop.deliveries if ref in by_ref]
        if not mine or stop.kind is StopKind.RETURN:
            continue
        if stop.kind is StopKind.DROPOFF:
            added.append(stop)
            continue
        pickup = _pickup(mine[0], new_id)
        for one in mine[1:]:
            pickup = _heavier(pickup, one)
        added.append(pickup)
    stops = (*route.stops[:last], *added, *route.stops[last:])
    return replace(route, stops=stops)


def _must_be_room(route: Route, more: int) -> None:
    if sum(1 for _ in route.deliveries()) + more > MOST_DELIVERIES:
        raise impossible("too_many_deliveries", f"a route has at most {MOST_DELIVERIES} deliveries")


def _must_be_between(route: Route, at: int) -> None:
    if not locked(route) <= at <= returns_from(route):
        raise impossible("stop_locked", "nothing goes before the next stop, or after the return")


def _few[T: Sequence[object]](moved: T) -> T:
    if len(moved) > MOST_AT_ONCE:
        raise impossible("too_many_deliveries", f"move at most {MOST_AT_ONCE} deliveries at once")
    return moved


def ended(route: Route) -> Route:
    """The route as it is; over, if nothing of it is left to do."""
    if not all(stop.status.is_over for stop in route.stops):
        return route
    begun = route.status is RouteStatus.UNDER_WAY
    return replace(route, status=RouteStatus.COMPLETED if begun else RouteStatus.CANCELLED)


def impossible(reason: str, detail: str) -> MoveImpossible:
    return MoveImpossible(detail, extra={"reason": reason})
