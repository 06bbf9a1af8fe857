"""How routes, offers and waves are kept: codec and queries."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.deliveries.model import DoorKind, FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import (
    MOST_LISTED,
    Departure,
    Level,
    Offer,
    OfferStatus,
    Route,
    RouteStatus,
    RunnerUp,
    Stop,
    StopKind,
    StopStatus,
    Unserved,
    Wave,
    Why,
)
from chalicelib.domain.dispatch.reasons import Blocking, MustGo, Sent
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay_items import pay_from_item, pay_to_item
from chalicelib.domain.drivers.pay_rates import rates_from_item, rates_to_item
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Routes and deliveries tell what happened; how it was planned and offered is of passing interest.
WAVES_KEPT = timedelta(days=90)
OFFERS_KEPT = timedelta(days=90)


def load_route(uow: UnitOfWork, route_id: str) -> Route:
    item = uow.get(keys.route(route_id))
    if item is None:
        raise NotFound("there is no such route")
    return route_from_item(item)


def load_routes(uow: UnitOfWork, route_ids: Iterable[str]) -> dict[str, Route]:
    """Those that there are, by id."""
    found = uow.get_many(keys.route(route_id) for route_id in route_ids)
    return {item["id"]: route_from_item(item) for item in found.values()}


def save_route(uow: UnitOfWork, route: Route, *, expect: int | None = None) -> None:
    """Save; ``expect`` is the loaded version when several steps were taken at once."""
    expected = route.version - 1 if expect is None else expect
    uow.put(keys.route(route.id), route_to_item(route), expect=expected, subject=route.id)


def list_unassigned(uow: UnitOfWork, hub_id: str) -> list[Route]:
    """Routes of a hub that wait for a driver or for an answer, by start; read from the items."""
    return _load_listed(uow, uow.query_all(Index.ATTENTION, keys.unassigned_routes(hub_id)))


def list_hub_day(
    uow: UnitOfWork, hub_id: str, day: date, *, limit: int, after: Cursor | None
) -> tuple[list[Route], Cursor | None]:
    page = uow.query(Index.LISTS, keys.hub_day(hub_id, day), limit=limit, after=after)
    return _load_listed(uow, list(page.items)), page.cursor


def _load_listed(uow: UnitOfWork, rows: list[Item]) -> list[Route]:
    wanted = [row["pk"].removeprefix("R#") for row in rows]
    found = load_routes(uow, wanted)
    return [found[route_id] for route_id in wanted if route_id in found]


def load_offer(uow: UnitOfWork, route_id: str, offer_id: str) -> Offer:
    item = uow.get(keys.offer(route_id, offer_id))
    if item is None:
        raise NotFound("there is no such offer")
    return offer_from_item(item)


def list_offers(uow: UnitOfWork, route_id: str) -> list[Offer]:
    """Whom a route was offered to, oldest first."""
    items = uow.query_all(TableName.CORE, *keys.offers(route_id))
    return [offer_from_item(item) for item in items]


def save_offer(uow: UnitOfWork, offer: Offer) -> None:
    uow.put(
        keys.offer(offer.route_id, offer.id),
        offer_to_item(offer),
        expect=offer.version - 1,
        subject=offer.id,
        expires_at=uow.wall_now + OFFERS_KEPT,
    )


def find_wave(uow: UnitOfWork, hub_id: str, wave_id: str) -> Wave | None:
    item = uow.get(keys.wave(hub_id, wave_id))
    return None if item is None else wave_from_item(item)


def save_wave(uow: UnitOfWork, wave: Wave) -> None:
    uow.put(
        keys.wave(wave.hub_id, wave.id),
        wave_to_item(wave),
        expect=0,
        subject=wave.id,
        expires_at=uow.wall_now + WAVES_KEPT,
    )


def list_waves(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Wave], Cursor | None]:
    pk, prefix = keys.waves(hub_id)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after, newest_first=True)
    return [wave_from_item(item) for item in page.items], page.cursor


def route_to_item(route: Route) -> Item:
    item: Item = {
        "id": route.id,
        "hub_id": route.hub_id,
        "wave_id": route.wave_id,
        "vehicle_kind": route.vehicle_kind.value,
        "load_weight_g": route.load_weight_g,
        "load_volume_ml": route.load_volume_ml,
        "status": route.status.value,
        "version": route.version,
        "planned_at": write_instant(route.planned_at),
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "stops": [_stop_to_item(stop) for stop in route.stops],
        "driver_id": route.driver_id,
        "offer_id": route.offer_id,
        "refused_by": list(route.refused_by),
        "departure": route.departure and _departure_to_item(route.departure),
        "live_offers": [list(one) for one in route.live_offers],
        "ignored_by": list(route.ignored_by),
        "asked": route.asked,
        "released": route.released,
        "expected_at": None if route.expected_at is None else write_instant(route.expected_at),
        "alerted_at": None if route.alerted_at is None else write_instant(route.alerted_at),
        "g2pk": keys.hub_day(route.hub_id, route.planned_at.date()),
        "g2sk": route.id,
    }
    if route.only_driver_id is not None:
        item["only_driver_id"] = route.only_driver_id
    if route.barred_drivers:
        item["barred_drivers"] = list(route.barred_drivers)
    if route.status in (RouteStatus.PLANNED, RouteStatus.OFFERED):
        item["g3pk"] = keys.unassigned_routes(route.hub_id)
        item["g3sk"] = f"{write_instant(route.starts_at)}#{route.id}"
    return item


def route_from_item(item: Item) -> Route:
    return Route(
        id=item["id"],
        hub_id=item["hub_id"],
        wave_id=item["wave_id"],
        vehicle_kind=VehicleKind(item["vehicle_kind"]),
        load_weight_g=item["load_weight_g"],
        load_volume_ml=item["load_volume_ml"],
        status=RouteStatus(item["status"]),
        version=item["version"],
        planned_at=read_instant(item["planned_at"]),
        starts_at=read_instant(item["starts_at"]),
        ends_at=read_instant(item["ends_at"]),
        distance_m=item["distance_m"],
        duration_s=item["duration_s"],
        stops=tuple(_stop_from_item(stop) for stop in item["stops"]),
        driver_id=item["driver_id"],
        offer_id=item["offer_id"],
        refused_by=tuple(item["refused_by"]),
        departure=_departure_from_item(item["departure"]) if item.get("departure") else None,
        live_offers=tuple((one[0], one[1]) for one in item.get("live_offers", ())),
        ignored_by=tuple(item.get("ignored_by", ())),
        asked=item.get("asked", 0),
        released=item.get("released", 0),
        expected_at=_instant(item.get("expected_at")),
        alerted_at=_instant(item.get("alerted_at")),
        only_driver_id=item.get("only_driver_id"),
        barred_drivers=tuple(item.get("barred_drivers", ())),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _stop_to_item(stop: Stop) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": stop.id,
        "kind": stop.kind.value,
        "place_name": stop.place_name,
        "position": str(stop.position),
        "deliveries": [str(ref) for ref in stop.deliveries],
        "planned_arrival_at": write_instant(stop.planned_arrival_at),
        "service_s": stop.service_s,
        "status": stop.status.value,
    }
    if stop.arrived_at is not None:
        item["arrived_at"] = write_instant(stop.arrived_at)
    if stop.done_at is not None:
        item["done_at"] = write_instant(stop.done_at)
    if stop.failure is not None:
        item["failure"] = stop.failure.value
    if stop.window is not None:
        item["window"] = stop.window.to_item()
    if stop.pickup_point_id is not None:
        item["pickup_point_id"] = stop.pickup_point_id
    if stop.weight_g or stop.volume_ml:
        item["load"] = [stop.weight_g, stop.volume_ml]
    if stop.door is not None:
        item["door"] = stop.door.value
    if stop.needs:
        item["needs"] = sorted(stop.needs)
    return item


def _stop_from_item(item: dict[str, Any]) -> Stop:
    arrived_at, done_at, failure = item.get("arrived_at"), item.get("done_at"), item.get("failure")
    weight_g, volume_ml = item.get("load", (0, 0))
    return Stop(
        id=item["id"],
        kind=StopKind(item["kind"]),
        place_name=item["place_name"],
        position=LatLng.parse(item["position"]),
        deliveries=tuple(DeliveryRef.parse(ref) for ref in item["deliveries"]),
        planned_arrival_at=read_instant(item["planned_arrival_at"]),
        service_s=item["service_s"],
        status=StopStatus(item["status"]),
        arrived_at=None if arrived_at is None else read_instant(arrived_at),
        done_at=None if done_at is None else read_instant(done_at),
        failure=None if failure is None else FailureReason(failure),
        window=TimeWindow.from_item(item["window"]) if "window" in item else None,
        weight_g=weight_g,
        volume_ml=volume_ml,
        pickup_point_id=item.get("pickup_point_id"),
        door=DoorKind(item["door"]) if "door" in item else None,
        needs=frozenset(item.get("needs", ())),
    )


def offer_to_item(offer: Offer) -> Item:
    return {
        "id": offer.id,
        "route_id": offer.route_id,
        "driver_id": offer.driver_id,
        "status": offer.status.value,
        "version": offer.version,
        "made_at": write_instant(offer.made_at),
        "expires_at": write_instant(offer.expires_at),
        "approach_m": offer.approach_m,
        "reason": offer.reason,
        "approach_s": offer.approach_s,
        "level": offer.level.value,
        "why": None if offer.why is None else _why_to_item(offer.why),
        "pay": None if offer.pay is None else pay_to_item(offer.pay),
        "rates": None if offer.rates is None else rates_to_item(offer.rates),
    }


def offer_from_item(item: Item) -> Offer:
    pay, rates = item.get("pay"), item.get("rates")
    return Offer(
        id=item["id"],
        route_id=item["route_id"],
        driver_id=item["driver_id"],
        status=OfferStatus(item["status"]),
        version=item["version"],
        made_at=read_instant(item["made_at"]),
        expires_at=read_instant(item["expires_at"]),
        approach_m=item["approach_m"],
        reason=item["reason"],
        approach_s=item.get("approach_s", 0),
        level=Level(item.get("level", Level.EXCLUSIVE)),
        why=None if item.get("why") is None else _why_from_item(item["why"]),
        pay=None if pay is None else pay_from_item(pay),
        rates=None if rates is None else rates_from_item(rates),
    )


def _why_to_item(why: Why) -> dict[str, Any]:
    return {
        "terms": dict(why.terms),
        "runners_up": [[one.driver_id, dict(one.terms)] for one in why.runners_up],
        "considered": why.considered,
        "ruled_out": dict(why.ruled_out),
    }


def _why_from_item(item: dict[str, Any]) -> Why:
    return Why(
        terms=item["terms"],
        runners_up=tuple(RunnerUp(driver_id, terms) for driver_id, terms in item["runners_up"]),
        considered=item["considered"],
        ruled_out=item["ruled_out"],
    )


def wave_to_item(wave: Wave) -> Item:
    return {
        "id": wave.id,
        "hub_id": wave.hub_id,
        "slot": wave.slot,
        "planned_at": write_instant(wave.planned_at),
        "engine": wave.engine,
        "route_ids": list(wave.route_ids),
        "served": wave.served,
        "unserved": [_unserved_to_item(one) for one in wave.unserved[:MOST_LISTED]],
        "left_out": wave.left_out,
        "dropped": wave.dropped,
        "sent": [one and _departure_to_item(one) for one in wave.sent],
        "held": [_departure_to_item(one) for one in wave.held[:MOST_LISTED]],
    }


def wave_from_item(item: Item) -> Wave:
    return Wave(
        id=item["id"],
        hub_id=item["hub_id"],
        slot=item["slot"],
        planned_at=read_instant(item["planned_at"]),
        engine=item["engine"],
        route_ids=tuple(item["route_ids"]),
        served=item["served"],
        unserved=tuple(map(_unserved_from_item, item["unserved"])),
        left_out=item["left_out"],
        dropped=item["dropped"],
        # Waves of before sent everything.
        sent=tuple(one and _departure_from_item(one) for one in item.get("sent", ())),
        held=tuple(map(_departure_from_item, item.get("held", ()))),
    )


def _unserved_to_item(one: Unserved) -> dict[str, Any]:
    item: dict[str, Any] = {"delivery": str(one.delivery), "reason": one.reason}
    if one.blocking is not None:
        item["blocking"] = one.blocking.to_item()
    if one.until is not None:
        item["until"] = write_instant(one.until)
    return item


def _unserved_from_item(item: dict[str, Any]) -> Unserved:
    until = item.get("until")
    return Unserved(
        DeliveryRef.parse(item["delivery"]),
        item["reason"],
        Blocking.from_item(item["blocking"]) if "blocking" in item else None,
        None if until is None else read_instant(until),
    )


def _departure_to_item(one: Departure) -> dict[str, Any]:
    return {
        "sent": one.sent and one.sent.value,
        "deliveries": one.deliveries,
        "must_go": one.must_go,
        "full_percent": one.full_percent,
        "first": str(one.first),
        "why": one.why and one.why.value,
        "at": write_instant(one.at),
    }


def _departure_from_item(item: dict[str, Any]) -> Departure:
    return Departure(
        sent=item["sent"] and Sent(item["sent"]),
        deliveries=item["deliveries"],
        must_go=item["must_go"],
        full_percent=item["full_percent"],
        first=DeliveryRef.parse(item["first"]),
        why=item["why"] and MustGo(item["why"]),
        at=read_instant(item["at"]),
    )
