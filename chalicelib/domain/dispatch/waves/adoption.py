"""How does a plan become real? Route by route, each in one transaction.

Nothing was locked while the solver worked. A route is committed with a condition on every one of
its deliveries; what was cancelled, moved or taken by another wave meanwhile is dropped from it, and
the rest is committed. A process that dies leaves whole routes or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    Departure,
    Route,
    RouteStatus,
    Stop,
    StopKind,
    Unserved,
    Wave,
)
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.kit.errors import Conflict
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import total
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop as the plan has it, before it has an id."""

    kind: StopKind
    place_name: str
    position: LatLng
    deliveries: tuple[DeliveryRef, ...]
    planned_arrival_at: datetime
    service_s: int


@dataclass(frozen=True, slots=True)
class RouteDraft:
    """A route as the plan has it.

    ``load_weight_g`` and ``load_volume_ml`` are the most on board at once, which is less than the
    sum where parcels are dropped before others are picked up. ``versions`` are those of the
    snapshot that was solved. Who may take it: see ``Route``.
    """

    hub_id: str
    wave_id: str
    vehicle_kind: VehicleKind
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    duration_s: int
    load_weight_g: int
    load_volume_ml: int
    stops: tuple[PlannedStop, ...]
    versions: Mapping[DeliveryRef, int]
    departure: Departure | None = None
    only_driver_id: str | None = None
    barred_drivers: tuple[str, ...] = ()


def adopt_route(uow: UnitOfWork, draft: RouteDraft) -> tuple[Route | None, int]:
    """Make one planned route real.

    Returns
    -------
    The route, or None when nothing of it was left; and how many deliveries were dropped.
    """
    if len(draft.versions) > MOST_DELIVERIES:
        raise ValueError(f"a route of {len(draft.versions)} deliveries; split it")
    loaded = delivery_store.load_many(uow, draft.versions)
    fresh = {
        ref: delivery
        for ref, delivery in loaded.items()
        if delivery.status is Status.READY and delivery.version == draft.versions[ref]
    }
    dropped = len(draft.versions) - len(fresh)
    if not fresh:
        return None, dropped
    route_id = uow.new_id("rte")
    route = Route(
        id=route_id,
        hub_id=draft.hub_id,
        wave_id=draft.wave_id,
        vehicle_kind=draft.vehicle_kind,
        load_weight_g=draft.load_weight_g,
        load_volume_ml=draft.load_volume_ml,
        status=RouteStatus.PLANNED,
        version=1,
        planned_at=uow.now,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        distance_m=draft.distance_m,
        duration_s=draft.duration_s,
        stops=tuple(_stops(uow, draft, fresh)),
        departure=draft.departure,
        only_driver_id=draft.only_driver_id,
        barred_drivers=draft.barred_drivers,
    )
    store.save_route(uow, route)
    for delivery in fresh.values():
        deliveries.advance(uow, delivery, life.Plan(uow.now, route_id))
    data = {"hub_id": route.hub_id, "wave_id": route.wave_id, "deliveries": len(fresh)}
    uow.emit(Event("route.planned", route.id, 1, uow.now, data))
    return route, dropped


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wave: the routes that are real, and what stays behind."""

    engine: str
    routes: tuple[Route, ...]
    served: int
    dropped: int
    unserved: tuple[Unserved, ...]
    held: tuple[Departure, ...] = ()


def record_wave(uow: UnitOfWork, hub_id: str, wave_id: str, slot: str, outcome: Outcome) -> None:
    """Write down what a planning run did; once, for a wave has one record."""
    store.save_wave(
        uow,
        Wave(
            id=wave_id,
            hub_id=hub_id,
            slot=slot,
            planned_at=uow.now,
            engine=outcome.engine,
            route_ids=tuple(route.id for route in outcome.routes),
            served=outcome.served,
            unserved=outcome.unserved,
            left_out=len(outcome.unserved),
            dropped=outcome.dropped,
            sent=tuple(route.departure for route in outcome.routes),
            held=outcome.held,
        ),
    )
    data = {
        "hub_id": hub_id,
        "routes": len(outcome.routes),
        "unserved": len(outcome.unserved),
    }
    uow.emit(Event("wave.planned", wave_id, 1, uow.now, data))


def routes_of_wave(uow: UnitOfWork, hub_id: str, wave_id: str, since: datetime) -> list[Route]:
    """Routes that a wave has made real already: for whoever carries on where a worker died.

    Read from an index, which may lag by a moment.
    """
    found: dict[str, Route] = {}
    for day in sorted({since.date(), uow.now.date()}):
        after: Cursor | None = None
        while True:
            routes, after = store.list_hub_day(uow, hub_id, day, limit=100, after=after)
            found |= {route.id: route for route in routes if route.wave_id == wave_id}
            if after is None:
                break
    return list(found.values())


def give_up(uow: UnitOfWork, route_id: str) -> Route:
    """End a route that no driver took in time; its deliveries wait for the next wave.

    Raises
    ------
    Conflict
        If a driver has it, or is being asked.
    """
    route = store.load_route(uow, route_id)
    if route.status is not RouteStatus.PLANNED:
        raise Conflict("the route is not waiting for a driver")
    for delivery in delivery_store.load_many(uow, route.deliveries()).values():
        if delivery.status is Status.PLANNED and delivery.route_id == route.id:
            deliveries.advance(uow, delivery, life.Unplan(uow.now))
    ended = itinerary.without_deliveries(route, tuple(route.deliveries()))
    ended = replace(ended, status=RouteStatus.CANCELLED, version=route.version + 1)
    store.save_route(uow, ended)
    uow.emit(Event("route.cancelled", route.id, ended.version, uow.now, {"hub_id": route.hub_id}))
    return ended


def _stops(uow: UnitOfWork, draft: RouteDraft, fresh: Mapping[DeliveryRef, Delivery]) -> list[Stop]:
    stops: list[Stop] = []
    for planned in draft.stops:
        refs = tuple(ref for ref in planned.deliveries if ref in fresh)
        if not refs:
            continue
        load = total(fresh[ref].parcel for ref in refs)
        is_door = planned.kind is StopKind.DROPOFF
        stop = Stop(
            id=uow.new_id("stp"),
            kind=planned.kind,
            place_name=planned.place_name,
            position=planned.position,
            deliveries=refs,
            planned_arrival_at=planned.planned_arrival_at,
            service_s=planned.service_s,
            window=fresh[refs[0]].window if is_door else None,
            weight_g=load.weight_g if load else 0,
            volume_ml=load.volume_ml if load else 0,
            door=fresh[refs[0]].door if is_door else None,
            pickup_point_id=fresh[refs[0]].pickup_point_id if is_door else None,
            needs=fresh[refs[0]].needs if is_door else frozenset(),
        )
        stops.append(stop)
    return itinerary.one_visit_each(stops)
