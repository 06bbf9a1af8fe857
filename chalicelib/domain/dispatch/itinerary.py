"""How does a route change? Pure steps over its stops.

Stops are never taken out, only skipped, so that a route tells afterwards what was planned and what
came of it. A route has at most one open return stop, and it comes last.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.events import Event

#: What handing a few parcels over the hub's counter takes [s].
RETURN_SERVICE_S = 180


def with_stop(route: Route, changed: Stop) -> Route:
    """The route with one stop replaced."""
    stops = tuple(changed if stop.id == changed.id else stop for stop in route.stops)
    return replace(route, stops=stops)


def door_of(stop_id: str, delivery: Delivery, at: datetime) -> Stop:
    """The stop that hands a delivery over: at its door, or at the pickup point that it goes to."""
    return Stop(
        id=stop_id,
        kind=StopKind.DROPOFF,
        place_name="",
        position=delivery.dropoff,
        deliveries=(DeliveryRef(delivery.merchant_id, delivery.id),),
        planned_arrival_at=at,
        service_s=delivery.service_s,
        window=delivery.window,
        weight_g=delivery.parcel.weight_g,
        volume_ml=delivery.parcel.volume_ml,
        door=delivery.door,
        pickup_point_id=delivery.pickup_point_id,
        needs=delivery.needs,
    )


def one_visit_each(stops: Iterable[Stop]) -> list[Stop]:
    """The stops, with those that follow each other at one pickup point as one."""
    made: list[Stop] = []
    for stop in stops:
        if made and are_one_visit(made[-1], stop):
            made[-1] = joined(made[-1], stop)
        else:
            made.append(stop)
    return made


def are_one_visit(stop: Stop, following: Stop) -> bool:
    """Whether both are handed over at one pickup point: one walk in, one tap."""
    return stop.pickup_point_id is not None and stop.pickup_point_id == following.pickup_point_id


def joined(stop: Stop, following: Stop) -> Stop:
    """One stop of two at one pickup point; the promise that ends first counts for both."""
    windows = [window for window in (stop.window, following.window) if window is not None]
    return replace(
        stop,
        deliveries=(*stop.deliveries, *following.deliveries),
        service_s=stop.service_s + following.service_s,
        window=min(windows, key=lambda window: window.end_at, default=None),
        weight_g=stop.weight_g + following.weight_g,
        volume_ml=stop.volume_ml + following.volume_ml,
        needs=stop.needs | following.needs,
    )


def with_return(
    route: Route, refs: Collection[DeliveryRef], hub: Hub, new_stop_id: Callable[[], str]
) -> Route:
    """The route with these parcels added to the return at its end."""
    for stop in route.stops:
        if stop.kind is StopKind.RETURN and not stop.status.is_over:
            added = tuple(ref for ref in refs if ref not in stop.deliveries)
            return with_stop(route, replace(stop, deliveries=(*stop.deliveries, *added)))
    stop = Stop(
        id=new_stop_id(),
        kind=StopKind.RETURN,
        place_name=hub.name,
        position=hub.position,
        deliveries=tuple(refs),
        planned_arrival_at=route.ends_at,
        service_s=RETURN_SERVICE_S,
    )
    return replace(route, stops=(*route.stops, stop))


def without_return(route: Route, refs: Collection[DeliveryRef]) -> Route:
    """The route with these parcels no longer on the way back; an empty return is skipped."""
    for stop in route.stops:
        if stop.kind is StopKind.RETURN and not stop.status.is_over:
            return with_stop(route, _without(stop, refs))
    return route


def loads_at(doors: Iterable[Stop]) -> dict[DeliveryRef, tuple[int, int]]:
    """What each delivery that is handed over there weighs [g] and takes [ml]: of several parcels at
    one pickup point, each counts as much as the others."""
    return {
        ref: (stop.weight_g // len(stop.deliveries), stop.volume_ml // len(stop.deliveries))
        for stop in doors
        for ref in stop.deliveries
    }


def without_deliveries(route: Route, refs: Collection[DeliveryRef]) -> Route:
    """The route without some deliveries that fell away; stops that became empty are skipped."""
    doors = (stop for stop in route.stops if stop.kind is StopKind.DROPOFF)
    loads = {ref: load for ref, load in loads_at(doors).items() if ref in refs}
    stops = tuple(
        stop
        if stop.status.is_over or stop.kind is StopKind.RETURN
        else _without(_lighter(stop, loads), refs)
        for stop in route.stops
    )
    return replace(route, stops=stops)


def without_door(route: Route, ref: DeliveryRef) -> Route:
    """The route that still picks it up, or has it on board, and brings it to no door yet."""
    stops = tuple(
        stop if stop.status.is_over or stop.kind is StopKind.PICKUP else _without(stop, [ref])
        for stop in route.stops
    )
    return replace(route, stops=stops)


def with_door(route: Route, ref: DeliveryRef, delivery: Delivery) -> Route:
    """The route with one delivery's door, window and size as they now are."""
    parcel = delivery.parcel
    for stop in route.stops:
        if stop.kind is not StopKind.DROPOFF or ref not in stop.deliveries or stop.status.is_over:
            continue
        if stop.pickup_point_id is not None:
            # It stays where it is, and what it weighs is not one parcel's.
            continue
        grown_g, grown_ml = parcel.weight_g - stop.weight_g, parcel.volume_ml - stop.volume_ml
        door = replace(
            stop,
            position=delivery.dropoff,
            window=delivery.window,
            weight_g=parcel.weight_g,
            volume_ml=parcel.volume_ml,
            needs=delivery.needs,
        )
        route = with_stop(route, door)
        for pickup in route.stops:
            if pickup.kind is StopKind.PICKUP and ref in pickup.deliveries:
                route = with_stop(route, _grown(pickup, grown_g, grown_ml))
    return route


def settle(
    before: Route, after: Route, stop_id: str | None, at: datetime
) -> tuple[Route, list[Event]]:
    """Give the change its versions, its status and its news.

    One event per version: that the route started, that parcels came back to the hub, that it was
    completed or came to nothing; ``route.updated`` when it is none of them.
    """
    if after == before:
        return before, []
    news: list[tuple[str, dict[str, object]]] = []
    stop = None if stop_id is None else after.stop(stop_id)
    if stop is not None and before.status is RouteStatus.ASSIGNED:
        after = replace(after, status=RouteStatus.UNDER_WAY)
        news.append(("started", {}))
    if stop is not None and stop.kind is StopKind.RETURN and stop.status is StopStatus.DONE:
        came_back = [str(ref) for ref in stop.deliveries]
        news.append(("parcels_returned", {"deliveries": came_back}))
    if all(one.status.is_over for one in after.stops):
        taken = after.driver_id is not None
        status = RouteStatus.COMPLETED if taken else RouteStatus.CANCELLED
        after = replace(after, status=status)
        news.append((status.value, {}))
    data = {"hub_id": after.hub_id, "wave_id": after.wave_id, "driver_id": after.driver_id}
    named = news or [("updated", {})]
    events = [
        Event(f"route.{what}", after.id, before.version + number, at, {**data, **more})
        for number, (what, more) in enumerate(named, start=1)
    ]
    return replace(after, version=before.version + len(events)), events


def _lighter(stop: Stop, loads: Mapping[DeliveryRef, tuple[int, int]]) -> Stop:
    """A pickup without what is not picked up any more; a door keeps what its parcel weighs."""
    if stop.kind is not StopKind.PICKUP:
        return stop
    gone = [loads[ref] for ref in stop.deliveries if ref in loads]
    return _grown(stop, -sum(g for g, _ in gone), -sum(ml for _, ml in gone))


def _grown(stop: Stop, weight_g: int, volume_ml: int) -> Stop:
    return replace(
        stop,
        weight_g=max(0, stop.weight_g + weight_g),
        volume_ml=max(0, stop.volume_ml + volume_ml),
    )


def _without(stop: Stop, refs: Iterable[DeliveryRef]) -> Stop:
    gone = set(refs)
    left = tuple(ref for ref in stop.deliveries if ref not in gone)
    if left == stop.deliveries:
        return stop
    if left:
        return replace(stop, deliveries=left)
    # What fell away stays readable on the skipped stop.
    return replace(stop, status=StopStatus.SKIPPED)
