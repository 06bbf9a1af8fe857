"""How outlooks and lessons are kept: codec and queries."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.today import marks
from chalicelib.domain.dispatch.today.marks import Thing
from chalicelib.domain.tracking.eta import Arrival, Outlook
from chalicelib.domain.tracking.geofence import Visit
from chalicelib.domain.tracking.learning import Count, Lessons
from chalicelib.domain.tracking.shifted import Shift, Why
from chalicelib.domain.tracking.windows import Shown, Window
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import road_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Once a route is learned from, nobody hears of its end again.
MARK_KEPT = timedelta(days=90)


def load(uow: UnitOfWork, hub_id: str, route_id: str) -> Outlook | None:
    item = uow.get(road_keys.arrivals(hub_id, route_id))
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        return None
    return _from_item(item)


def load_many(uow: UnitOfWork, hub_id: str, route_ids: list[str]) -> dict[str, Outlook]:
    """The outlooks that there are of these routes."""
    wanted = {road_keys.arrivals(hub_id, route_id): route_id for route_id in route_ids}
    return {
        wanted[key]: _from_item(item)
        for key, item in uow.get_many(wanted).items()
        if item["expires"] > uow.wall_now.timestamp()
    }


def save(uow: UnitOfWork, outlook: Outlook, kept: timedelta) -> None:
    uow.put(
        road_keys.arrivals(outlook.hub_id, outlook.route_id),
        to_item(outlook),
        expect=None,
        expires_at=uow.wall_now + kept,
    )
    marks.note(uow, outlook.hub_id, Thing.ARRIVALS, outlook.route_id)


def remove(uow: UnitOfWork, outlook: Outlook) -> None:
    uow.delete(road_keys.arrivals(outlook.hub_id, outlook.route_id), expect=None)


def list_of_hub(uow: UnitOfWork, hub_id: str) -> list[Outlook]:
    rows = uow.query_all(TableName.LIVE, road_keys.arrivals_of(hub_id))
    # DynamoDB deletes what has expired within days, not seconds.
    return [_from_item(row) for row in rows if row["expires"] > uow.wall_now.timestamp()]


def load_lessons(uow: UnitOfWork, hub_id: str) -> Lessons:
    item = uow.get(road_keys.lessons(hub_id))
    if item is None:
        return Lessons()
    return Lessons(
        handling={kind: Count(*counted) for kind, counted in item["handling"].items()},
        errors=tuple(tuple(map(int, row.split(","))) for row in item["errors"]),
        version=item["version"],
    )


def is_taken_in(uow: UnitOfWork, route_id: str) -> bool:
    return uow.get(road_keys.lesson_taken(route_id)) is not None


def save_lessons(uow: UnitOfWork, route: Route, lessons: Lessons) -> None:
    """Save what a route taught, with the mark that it was taken in: both or none."""
    item: Item = {
        "handling": {
            kind: [count.stops, count.total_s] for kind, count in lessons.handling.items()
        },
        "errors": [",".join(map(str, row)) for row in lessons.errors],
        "version": lessons.version + 1,
    }
    uow.put(road_keys.lessons(route.hub_id), item, expect=lessons.version)
    mark = {"at": write_instant(uow.now), "version": 1}
    key = road_keys.lesson_taken(route.id)
    uow.put(key, mark, expect=0, expires_at=uow.wall_now + MARK_KEPT)


def to_item(outlook: Outlook) -> Item:
    visit = outlook.visit
    return {
        "route_id": outlook.route_id,
        "hub_id": outlook.hub_id,
        "driver_id": outlook.driver_id,
        "made_at": write_instant(outlook.made_at),
        "arrivals": [_arrival_to_item(one) for one in outlook.arrivals],
        "visit": None if visit is None else _visit_to_item(visit),
        "seen": {
            stop_id: [write_instant(arrived_at), write_instant(left_at)]
            for stop_id, (arrived_at, left_at) in outlook.seen.items()
        },
        "told": list(outlook.told),
    }


def _from_item(item: Item) -> Outlook:
    return Outlook(
        route_id=item["route_id"],
        hub_id=item["hub_id"],
        driver_id=item["driver_id"],
        made_at=read_instant(item["made_at"]),
        arrivals=tuple(_arrival_from_item(one) for one in item["arrivals"]),
        visit=None if item["visit"] is None else _visit_from_item(item["visit"]),
        seen={
            stop_id: (read_instant(arrived), read_instant(left))
            for stop_id, (arrived, left) in item["seen"].items()
        },
        told=tuple(item["told"]),
    )


def _arrival_to_item(one: Arrival) -> dict[str, Any]:
    window, shown = one.window, one.shown
    return {
        "stop": one.stop_id,
        "deliveries": [str(ref) for ref in one.deliveries],
        "door": one.is_door,
        "doors_before": one.doors_before,
        "window": [_write(at) for at in (window.p10_at, window.p50_at, window.p90_at)],
        "shown": [_write(shown.start_at), _write(shown.end_at)],
        "margins": [shown.margin_before_s, shown.margin_after_s],
        "until": _write(one.promised_until),
        "late": one.late_percent,
        "shift": None if one.shift is None else _shift_to_item(one.shift),
    }


def _arrival_from_item(item: dict[str, Any]) -> Arrival:
    window = [read_instant(at) for at in item["window"]]
    start_at, end_at = (read_instant(at) for at in item["shown"])
    return Arrival(
        stop_id=item["stop"],
        deliveries=tuple(DeliveryRef.parse(ref) for ref in item["deliveries"]),
        is_door=item["door"],
        doors_before=item["doors_before"],
        window=Window(*window),
        shown=Shown(start_at, end_at, *item["margins"]),
        promised_until=_read(item["until"]),
        late_percent=item["late"],
        # Outlooks from before there were shifts live for two days.
        shift=None if item.get("shift") is None else _shift_from_item(item["shift"]),
    )


def _shift_to_item(shift: Shift) -> dict[str, Any]:
    times = [write_instant(at) for at in (shift.at, shift.start_at, shift.end_at)]
    return {"times": times, "why": shift.why.value, "later": shift.is_later}


def _shift_from_item(item: dict[str, Any]) -> Shift:
    at, start_at, end_at = (read_instant(one) for one in item["times"])
    return Shift(at, Why(item["why"]), start_at, end_at, item["later"])


def _visit_to_item(visit: Visit) -> dict[str, Any]:
    times = (visit.near_since, visit.arrived_at, visit.left_at, visit.outside_since)
    return {
        "stop": visit.stop_id,
        "position": str(visit.position),
        "times": [_write(at) for at in times],
        "outside": visit.outside,
    }


def _visit_from_item(item: dict[str, Any]) -> Visit:
    near_since, arrived_at, left_at, outside_since = (_read(at) for at in item["times"])
    return Visit(
        stop_id=item["stop"],
        position=LatLng.parse(item["position"]),
        near_since=near_since,
        arrived_at=arrived_at,
        left_at=left_at,
        outside=item["outside"],
        outside_since=outside_since,
    )


def _write(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)
