"""What does a route do when its deliveries or its driver change? Subscribers.

Each is idempotent: hearing of the same event again finds nothing left to do.
"""

from dataclasses import replace

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store, wages
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork


def tell_deliveries(uow: UnitOfWork, event: Event) -> None:
    """On ``route.assigned``: its deliveries have a driver, the first stop's are being fetched."""
    route = store.load_route(uow, event.subject)
    if route.driver_id is None:
        return
    coming = route.next_stop()
    first = set(coming.deliveries) if coming and coming.kind is StopKind.PICKUP else set()
    found = delivery_store.load_many(uow, route.deliveries())
    for ref, delivery in found.items():
        if delivery.status is not Status.PLANNED or delivery.route_id != route.id:
            continue
        steps: list[life.Command] = [life.Assign(event.at, route.driver_id)]
        if ref in first:
            steps.append(life.SetOutForPickup(event.at))
        deliveries.advance(uow, delivery, *steps)


def end_other_offers(uow: UnitOfWork, event: Event) -> None:
    """On ``route.assigned`` and ``route.cancelled``: nobody else needs to think about it."""
    route = store.load_route(uow, event.subject)
    others = event.data.get("other_offers") or [offer_id for offer_id, _ in route.live_offers]
    for offer_id in others:
        offers.withdraw(uow, route.id, offer_id)


def hand_deliveries_over(uow: UnitOfWork, event: Event) -> None:
    """On ``route.handed_over``: its deliveries are with another driver."""
    route = store.load_route(uow, event.subject)
    if route.driver_id is None:
        return
    for delivery in delivery_store.load_many(uow, route.deliveries()).values():
        if delivery.route_id == route.id:
            deliveries.hand_over(uow, delivery, route.driver_id)


def drop_cancelled(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.cancelled``: its stops fall away from the route that it was on."""
    delivery = delivery_store.load(uow, _ref(event))
    route = open_route_of(uow, delivery)
    if route is None or delivery.status is not Status.CANCELLED:
        return
    ref = deliveries.ref_of(delivery)
    save_change(uow, route, itinerary.without_deliveries(route, [ref]))


def bring_back(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.returning``: it is on board and must not be handed over any more."""
    delivery = delivery_store.load(uow, _ref(event))
    route = open_route_of(uow, delivery)
    if route is None or delivery.status is not Status.RETURNING:
        return
    ref = deliveries.ref_of(delivery)
    if any(ref in stop.deliveries for stop in route.stops if stop.kind is StopKind.RETURN):
        return
    if any(_was_left(stop, ref) for stop in route.stops):
        # It lies at a pickup point: the driver has it no more.
        return
    hub = merchants.load_hub(uow, route.hub_id)
    shorter = itinerary.without_deliveries(route, [ref])
    save_change(uow, route, itinerary.with_return(shorter, [ref], hub, lambda: uow.new_id("stp")))


def move_stop(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.updated``: the door may be somewhere else now, or later, or for more."""
    delivery = delivery_store.load(uow, _ref(event))
    route = open_route_of(uow, delivery)
    if route is None:
        return
    save_change(uow, route, itinerary.with_door(route, deliveries.ref_of(delivery), delivery))


def _was_left(stop: Stop, ref: DeliveryRef) -> bool:
    done = stop.kind is StopKind.DROPOFF and stop.status is StopStatus.DONE
    return done and ref in stop.deliveries


def _ref(event: Event) -> DeliveryRef:
    return DeliveryRef(event.data["merchant_id"], event.subject)


def open_route_of(uow: UnitOfWork, delivery: Delivery) -> Route | None:
    """The route that a delivery is on, unless that is over."""
    if delivery.route_id is None or not delivery.live:
        return None
    route = store.load_route(uow, delivery.route_id)
    over = route.status in (RouteStatus.COMPLETED, RouteStatus.CANCELLED)
    return None if over else route


def save_change(uow: UnitOfWork, before: Route, changed: Route) -> None:
    """Save a route whose stops changed, with its news; a driver whose route it ends is free."""
    after, events = itinerary.settle(before, changed, None, uow.now)
    if after.version == before.version:
        return
    store.save_route(uow, after, expect=before.version)
    uow.emit(*events)
    wages.settle(uow, before, after, uow.now)
    if after.status is RouteStatus.COMPLETED and after.driver_id is not None:
        work = drivers.load_work(uow, after.driver_id)
        if work.route_id == after.id:
            freed = replace(work, route_id=None, last_route_id=after.id, version=work.version + 1)
            drivers.save_work(uow, freed)
