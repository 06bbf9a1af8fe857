"""Use cases of positions: take a phone's batch in, tell where a driver is, show a route's trail.

Kept in ``live`` and nowhere else: the latest fix for a quarter of an hour, the line in its cell,
and the trail of the route under way for two days. Nothing is taken of a driver who is off duty, and
what is left of him goes when he goes: on duty is when he agreed to be seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.dispatch.today import last_seen
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.tracking import positions
from chalicelib.domain.tracking.positions import Ping, Point, Refusal, Sorted
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys, road_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

FIX_KEPT = timedelta(minutes=15)
TRAIL_KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Fix:
    """The last position that we believe, and the cell that the driver stands in since."""

    position: LatLng
    at: datetime
    version: int
    cell: str = ""
    in_cell_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch; ``points`` are the fixes that lead on from the last one, by time."""

    work: Work
    kept: int
    thinned: int
    refused: tuple[tuple[int, Refusal], ...]
    points: tuple[Point, ...] = ()
    latest: Point | None = None


def take_in(uow: UnitOfWork, driver_id: str, pings: Sequence[Ping]) -> Taken:
    """Take a batch in.

    Raises
    ------
    NotFound
        If there is no such driver.
    Refused
        At commit, if another batch of the same driver came between; then run it again.
    """
    work = drivers.load_work(uow, driver_id)
    since = on_duty_since(work, uow.now)
    if since is None:
        refused = tuple((index, Refusal.OFF_DUTY) for index in range(len(pings)))
        return Taken(work, 0, 0, refused)
    fix = _load(uow, driver_id)
    found = positions.sort_out(pings, _known(uow, work, fix, pings), since, uow.now)
    if found.kept:
        _keep(uow, work, fix, found)
    latest = max((*_points(fix), *found.believed), key=lambda one: one.at, default=None)
    kept = len(found.kept)
    # What comes late is of the way behind, and says nothing of where the driver is now.
    points = tuple(point for point in found.believed if fix is None or point.at > fix.at)
    return Taken(work, kept, len(found.believed) - kept, found.refused, points, latest)


def on_duty_since(work: Work, now: datetime) -> datetime | None:
    """Since when a driver may be seen; None while he may not.

    A route lasts until it is done, whatever the shift said.
    """
    is_over = work.shift_ends_at is not None and work.shift_ends_at <= now
    if not work.on_duty or (is_over and work.route_id is None):
        return None
    return work.on_duty_since or now - positions.OLDEST


def last_fix(uow: UnitOfWork, driver_id: str) -> Fix | None:
    """The driver's last fix; None when there is none, or only one that has expired."""
    item = uow.get(keys.position(driver_id))
    # DynamoDB deletes what has expired within days, not seconds.
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        return None
    return _from_item(item)


def last_fixes(uow: UnitOfWork, driver_ids: Iterable[str]) -> dict[str, Fix]:
    """Drivers' last fixes, of those who have one that has not expired."""
    places = {keys.position(driver_id): driver_id for driver_id in driver_ids}
    found = uow.get_many(places).items()
    now = uow.wall_now.timestamp()
    return {places[key]: _from_item(item) for key, item in found if item["expires"] > now}


def trail_of(uow: UnitOfWork, route_id: str) -> list[Point]:
    """Where a route has led, by time."""
    rows = uow.query_all(TableName.LIVE, road_keys.trail_of(route_id))
    points = {point.at: point for row in rows for point in map(_read_point, row["points"])}
    return [points[at] for at in sorted(points)]


def forget(uow: UnitOfWork, event: Event) -> None:
    """On ``driver.off_duty``: nobody is to know where he is any more."""
    if drivers.load_work(uow, event.subject).on_duty:
        return
    fix = _load(uow, event.subject)
    if fix is None:
        return
    uow.delete(keys.position(event.subject), expect=None)
    if fix.cell:
        last_seen.take_out_of_cell(uow, event.data["hub_id"], event.subject, fix.cell)


def _known(uow: UnitOfWork, work: Work, fix: Fix | None, pings: Sequence[Ping]) -> Sequence[Point]:
    """What a batch is judged against: for one that comes late, the whole trail of the route."""
    if fix is None or all(ping.at > fix.at for ping in pings):
        return _points(fix)
    trail = [] if work.route_id is None else trail_of(uow, work.route_id)
    return (*trail, *_points(fix))


def _keep(uow: UnitOfWork, work: Work, fix: Fix | None, found: Sorted) -> None:
    newest = found.believed[-1]
    if fix is None or newest.at > fix.at:
        cell = last_seen.cell_of(newest.position)
        in_cell_at = None if fix is None or fix.cell != cell else fix.in_cell_at
        if in_cell_at is None or uow.now - in_cell_at >= last_seen.LINE_RENEWED:
            in_cell_at, before = uow.now, None if fix is None else fix.cell or None
            last_seen.place_in_cell(uow, work.hub_id, work.driver_id, cell, before, FIX_KEPT)
        version = 1 if fix is None else fix.version + 1
        fix = Fix(newest.position, newest.at, version, cell, in_cell_at)
        uow.put(
            keys.position(work.driver_id),
            _to_item(fix),
            expect=version - 1,
            expires_at=uow.wall_now + FIX_KEPT,
        )
    if work.route_id is not None:
        uow.put(
            road_keys.trail(work.route_id, write_instant(found.kept[0].at)),
            {"points": [_write_point(point) for point in found.kept]},
            expect=None,
            expires_at=uow.wall_now + TRAIL_KEPT,
        )


def _load(uow: UnitOfWork, driver_id: str) -> Fix | None:
    item = uow.get(keys.position(driver_id))
    return None if item is None else _from_item(item)


def _points(fix: Fix | None) -> tuple[Point, ...]:
    return () if fix is None else (Point(fix.position, fix.at),)


def _write_point(point: Point) -> str:
    return f"{write_instant(point.at)} {point.position}"


def _read_point(text: str) -> Point:
    at, _, position = text.partition(" ")
    return Point(LatLng.parse(position), read_instant(at))


def _to_item(fix: Fix) -> Item:
    return {
        "position": str(fix.position),
        "at": write_instant(fix.at),
        "version": fix.version,
        "cell": fix.cell,
        "in_cell_at": None if fix.in_cell_at is None else write_instant(fix.in_cell_at),
    }


def _from_item(item: Item) -> Fix:
    since = item.get("in_cell_at")
    return Fix(
        position=LatLng.parse(item["position"]),
        at=read_instant(item["at"]),
        version=item["version"],
        cell=item.get("cell", ""),
        in_cell_at=None if since is None else read_instant(since),
    )
