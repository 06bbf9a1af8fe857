"""What does the board look like? The answers of entry.api.board, written and documented."""

from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.board.model import Day, News, OnDuty, OnRoute, Waits
from chalicelib.domain.dispatch.model import RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.tracking.eta import Outlook
from chalicelib.domain.tracking.whereabouts import Fix
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant

_CURSOR = "MTc5NTY4MDAwMDAwMC4wMTIzNDU2Nzg5YWJjZGVmLjAuMS4yaGI"


class BoardStop(rest.Answer):
    """``expected_at``, and the chance to miss ``window``, only while it lies ahead."""

    id: str
    kind: StopKind
    status: StopStatus
    place_name: str
    latitude: float
    longitude: float
    deliveries: list[str]
    merchants: list[str]
    window: list[AwareDatetime] | None
    planned_arrival_at: AwareDatetime
    service_s: int
    arrived_at: AwareDatetime | None
    done_at: AwareDatetime | None
    failure: str | None
    expected_at: AwareDatetime | None
    late_percent: int | None


class BoardRoute(rest.Answer):
    id: str
    status: RouteStatus
    version: int
    driver_id: str | None
    offered_to: list[str]
    vehicle_kind: VehicleKind
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    distance_m: int
    duration_s: int
    load_weight_g: int
    asked: int
    alerted_at: AwareDatetime | None
    stops: list[BoardStop]


class BoardDriver(rest.Answer):
    """A driver on duty, or of one of the routes."""

    id: str
    name: str
    vehicle_kind: VehicleKind
    on_duty: bool
    shift_ends_at: AwareDatetime | None
    route_id: str | None


class BoardPosition(rest.Answer):
    driver_id: str
    latitude: float
    longitude: float
    at: AwareDatetime


class BoardWaiting(rest.Answer):
    """A delivery on no route; ``reason`` is the last wave's, ``until`` where it waits by choice."""

    id: str
    merchant_id: str
    pickup_name: str
    latitude: float
    longitude: float
    window: list[AwareDatetime]
    weight_g: int
    volume_ml: int
    attempts: int
    to_pickup_point: bool
    reason: str | None
    until: AwareDatetime | None


class Expected(rest.Answer):
    """The stops ahead of a route: stop, seconds after ``at``, chance to be late [%]."""

    route_id: str
    stops: list[tuple[str, int, int]]


class BoardAnswer(rest.Answer):
    """A hub's day. ``is_whole``: false where it has more routes than a board holds."""

    hub_id: str
    at: AwareDatetime
    cursor: str
    is_whole: bool
    routes: list[BoardRoute]
    drivers: list[BoardDriver]
    positions: list[BoardPosition]
    waiting: list[BoardWaiting]
    merchants: dict[str, str]

    model_config = rest.example(
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        at="2026-11-23T10:20:00.000Z",
        cursor=_CURSOR,
        is_whole=True,
        routes=[],
        drivers=[],
        positions=[],
        waiting=[],
        merchants={},
    )


class BoardChanges(rest.Answer):
    """What changed. With ``reload`` it is too much, or too long ago: read the board anew.

    ``gone``: deliveries that wait no more. A list or map that has nothing is left out.
    """

    at: AwareDatetime
    cursor: str
    reload: bool = False
    routes: list[BoardRoute] | None = None
    expected: list[Expected] | None = None
    drivers: list[BoardDriver] | None = None
    positions: list[BoardPosition] | None = None
    waiting: list[BoardWaiting] | None = None
    gone: list[str] | None = None
    merchants: dict[str, str] | None = None

    model_config = rest.example(at="2026-11-23T10:20:05.000Z", cursor=_CURSOR)


def write_day(hub_id: str, day: Day) -> dict[str, Any]:
    return {
        "hub_id": hub_id,
        "at": write_instant(day.at),
        "cursor": day.cursor,
        "is_whole": day.is_whole,
        "routes": [_route(one) for one in day.routes],
        "drivers": [_driver(one) for one in day.drivers],
        "positions": _positions(day.fixes),
        "waiting": [_waits(one) for one in day.waiting],
        "merchants": day.merchants,
    }


def write_news(news: News) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reload": not news.is_told,
        "routes": [_route(one) for one in news.routes],
        "expected": [_expected(one, news) for one in news.outlooks],
        "drivers": [_driver(one) for one in news.drivers],
        "positions": _positions(news.fixes or {}),
        "waiting": [_waits(one) for one in news.waiting],
        "gone": list(news.gone),
        "merchants": news.merchants or {},
    }
    some = {name: value for name, value in told.items() if value}
    return {"at": write_instant(news.at), "cursor": news.cursor, **some}


def _route(one: OnRoute) -> dict[str, Any]:
    route = one.route
    return {
        "id": route.id,
        "status": route.status.value,
        "version": route.version,
        "driver_id": route.driver_id,
        "offered_to": [driver_id for _, driver_id in route.live_offers],
        "vehicle_kind": route.vehicle_kind.value,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "load_weight_g": route.load_weight_g,
        "asked": route.asked,
        "alerted_at": route.alerted_at and write_instant(route.alerted_at),
        "stops": [_stop(stop, one) for stop in route.stops],
    }


def _stop(stop: Stop, of: OnRoute) -> dict[str, Any]:
    ahead = None if stop.status.is_over else of.arrival(stop.id)
    window = stop.window
    return {
        "id": stop.id,
        "kind": stop.kind.value,
        "status": stop.status.value,
        "place_name": stop.place_name,
        "latitude": stop.position.latitude,
        "longitude": stop.position.longitude,
        "deliveries": [ref.delivery_id for ref in stop.deliveries],
        "merchants": [ref.merchant_id for ref in stop.deliveries],
        "window": window and [write_instant(window.start_at), write_instant(window.end_at)],
        "planned_arrival_at": write_instant(stop.planned_arrival_at),
        "service_s": stop.service_s,
        "arrived_at": stop.arrived_at and write_instant(stop.arrived_at),
        "done_at": stop.done_at and write_instant(stop.done_at),
        "failure": stop.failure and stop.failure.value,
        "expected_at": ahead and write_instant(ahead.window.p50_at),
        "late_percent": ahead and ahead.late_percent,
    }


def _expected(outlook: Outlook, news: News) -> dict[str, Any]:
    return {
        "route_id": outlook.route_id,
        "stops": [
            [
                one.stop_id,
                round((one.window.p50_at - news.at).total_seconds()),
                one.late_percent,
            ]
            for one in outlook.arrivals
        ],
    }


def _driver(one: OnDuty) -> dict[str, Any]:
    work = one.work
    return {
        "id": work.driver_id,
        "name": one.name,
        "vehicle_kind": work.vehicle.kind.value,
        "on_duty": work.on_duty,
        "shift_ends_at": work.shift_ends_at and write_instant(work.shift_ends_at),
        "route_id": work.route_id,
    }


def _positions(fixes: dict[str, Fix]) -> list[dict[str, Any]]:
    return [
        {
            "driver_id": driver_id,
            "latitude": fix.position.latitude,
            "longitude": fix.position.longitude,
            "at": write_instant(fix.at),
        }
        for driver_id, fix in fixes.items()
    ]


def _waits(one: Waits) -> dict[str, Any]:
    return {
        "id": one.ref.delivery_id,
        "merchant_id": one.ref.merchant_id,
        "pickup_name": one.pickup_name,
        "latitude": one.dropoff.latitude,
        "longitude": one.dropoff.longitude,
        "window": [write_instant(one.window.start_at), write_instant(one.window.end_at)],
        "weight_g": one.weight_g,
        "volume_ml": one.volume_ml,
        "attempts": one.attempts,
        "to_pickup_point": one.to_pickup_point,
        "reason": one.reason,
        "until": one.until and write_instant(one.until),
    }
