"""Use cases of the board: read a hub's whole day, or what changed of it.

Both only read. A poll in which nothing changed costs one query of the marks, and one of who is on
duty while somebody is; [docs/console.md] has the figures.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from zlib import crc32

from chalicelib.domain.board import cursor
from chalicelib.domain.board.cursor import TURNS, Heard
from chalicelib.domain.board.model import Day, News, OnDuty, OnRoute, Waits
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Unserved
from chalicelib.domain.dispatch.today import marks
from chalicelib.domain.dispatch.today.marks import Mark, Thing
from chalicelib.domain.dispatch.today.routes_of_day import routes_of_day
from chalicelib.domain.dispatch.waves import forming
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.tracking import outlook_store, whereabouts
from chalicelib.domain.tracking.whereabouts import Fix
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import local_day
from chalicelib.storage.unit_of_work import UnitOfWork

#: Routes on a board; a hub with more is for more than one dispatcher.
MOST_ROUTES = 400
#: Things that changed between two polls; with more, the day is read anew.
MOST_CHANGED = 120
_ON_THE_ROAD = (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY)


def day(uow: UnitOfWork, hub: Hub) -> Day:
    """Everything that a dispatcher of this hub sees."""
    now_ms = marks.now_ms(uow)
    # Marks first: what changes while the rest is read is told by the first poll.
    heard = cursor.first(now_ms, marks.since(uow, hub.id, now_ms - 2 * cursor.OVERLAP_MS) or [])
    works = drivers.list_on_duty(uow, hub.id)
    routes, is_whole = _routes(uow, hub, works)
    outlooks = {one.route_id: one for one in outlook_store.list_of_hub(uow, hub.id)}
    waiting = _waiting(uow, hub.id, forming.all_pending(uow, hub.id))
    refs = [ref for route in routes for ref in route.deliveries()]
    refs += [one.ref for one in waiting]
    heard = replace(heard, somebody=bool(works))
    return Day(
        at=uow.now,
        cursor=cursor.write(hub.id, heard),
        routes=tuple(OnRoute(route, outlooks.get(route.id)) for route in routes),
        drivers=_drivers(uow, works, {one.driver_id for one in routes if one.driver_id}),
        fixes=whereabouts.last_fixes(uow, [work.driver_id for work in works]),
        waiting=tuple(waiting),
        merchants=_merchants(uow, refs),
        is_whole=is_whole,
    )


def news(uow: UnitOfWork, hub_id: str, heard: Heard) -> News:
    """What changed since a console was told last."""
    now_ms = marks.now_ms(uow)
    too_old = heard.is_too_old(now_ms)
    found = None if too_old else marks.since(uow, hub_id, heard.reads_from_ms)
    if found is None:
        return News(uow.now, cursor.write(hub_id, heard), is_told=False)
    upto, fresh = cursor.advance(heard, now_ms, found)
    ids = _by_thing(fresh)
    if sum(len(ids[thing]) for thing in (Thing.ROUTE, Thing.DRIVER, Thing.DELIVERY)) > MOST_CHANGED:
        return News(uow.now, cursor.write(hub_id, heard), is_told=False)
    told = News(uow.now, "")
    if ids[Thing.ROUTE] or ids[Thing.ARRIVALS]:
        told = _with_routes(uow, hub_id, told, ids)
    if ids[Thing.DELIVERY]:
        told = _with_deliveries(uow, hub_id, told, ids[Thing.DELIVERY])
    fixes, somebody = _fixes(uow, hub_id, upto, is_changed=bool(ids[Thing.DRIVER]))
    upto = replace(upto, turn=(upto.turn + 1) % TURNS, somebody=somebody)
    return replace(
        _with_drivers(uow, told, ids[Thing.DRIVER]),
        fixes=fixes,
        cursor=cursor.write(hub_id, upto),
    )


def _by_thing(fresh: Iterable[Mark]) -> dict[Thing, list[str]]:
    ids: dict[Thing, dict[str, None]] = {thing: {} for thing in Thing}
    for mark in fresh:
        ids[mark.thing][mark.id] = None
    return {thing: list(one) for thing, one in ids.items()}


def _routes(uow: UnitOfWork, hub: Hub, works: list[Work]) -> tuple[list[Route], bool]:
    """Today's routes, and those of before that somebody still drives or nobody has yet."""
    ours = routes_of_day(uow, hub, local_day(uow.now, hub.timezone))
    found = {route.id: route for route in islice(ours, MOST_ROUTES)}
    is_whole = next(ours, None) is None
    found |= {route.id: route for route in dispatch.list_unassigned(uow, hub.id)}
    driven = [work.route_id for work in works if work.route_id and work.route_id not in found]
    found |= dispatch.load_routes(uow, driven)
    return sorted(found.values(), key=lambda one: (one.starts_at, one.id)), is_whole


def _drivers(uow: UnitOfWork, works: list[Work], others: set[str]) -> tuple[OnDuty, ...]:
    """Who is on duty, and who drove one of the routes, with their names."""
    known = {work.driver_id for work in works}
    works = [*works, *drivers.load_works(uow, sorted(others - known))]
    people = drivers.load_people(uow, [work.driver_id for work in works])
    return tuple(
        OnDuty(work, people[work.driver_id].name if work.driver_id in people else "")
        for work in works
    )


def _with_routes(uow: UnitOfWork, hub_id: str, told: News, ids: dict[Thing, list[str]]) -> News:
    found = dispatch.load_routes(uow, ids[Thing.ROUTE])
    routes = [one for one in found.values() if one.hub_id == hub_id]
    wanted = dict.fromkeys(one.id for one in routes if one.status in _ON_THE_ROAD)
    wanted |= dict.fromkeys(ids[Thing.ARRIVALS])
    outlooks = outlook_store.load_many(uow, hub_id, list(wanted))
    changed = {route.id for route in routes}
    return replace(
        told,
        routes=tuple(OnRoute(route, outlooks.get(route.id)) for route in routes),
        outlooks=tuple(one for one in outlooks.values() if one.route_id not in changed),
    )


def _with_deliveries(uow: UnitOfWork, hub_id: str, told: News, ids: list[str]) -> News:
    refs = [DeliveryRef.parse(one) for one in ids]
    found = deliveries.load_many(uow, refs)
    waiting = [one for one in found.values() if _is_waiting(one, hub_id)]
    still = {one.id for one in waiting}
    reasons = _reasons(uow, hub_id) if waiting else {}
    rows = [_explained(_of_delivery(one), reasons) for one in waiting]
    return replace(
        told,
        waiting=tuple(rows),
        gone=tuple(ref.delivery_id for ref in refs if ref.delivery_id not in still),
        merchants=_merchants(uow, [row.ref for row in rows]),
    )


def _with_drivers(uow: UnitOfWork, told: News, ids: list[str]) -> News:
    """Drivers of whom a mark tells, and those whom a changed route is the first to name."""
    named = dict.fromkeys([*ids, *(one.route.driver_id or "" for one in told.routes)])
    named.pop("", None)
    if not named:
        return told
    known = _drivers(uow, [], set(named))
    off = tuple(one.work.driver_id for one in known if not one.work.on_duty)
    return replace(told, drivers=known, off_duty=off)


def _fixes(
    uow: UnitOfWork, hub_id: str, heard: Heard, *, is_changed: bool
) -> tuple[dict[str, Fix], bool]:
    """Where a quarter of the drivers are; nobody is looked for while nobody was on duty."""
    if not heard.somebody and not is_changed:
        return {}, False
    on_duty = drivers.ids_on_duty(uow, hub_id)
    turn = [one for one in on_duty if crc32(one.encode()) % TURNS == heard.turn]
    return whereabouts.last_fixes(uow, turn), bool(on_duty)


def _waiting(uow: UnitOfWork, hub_id: str, found: list[Pending]) -> list[Waits]:
    reasons = _reasons(uow, hub_id) if found else {}
    return [_explained(_of_pending(one), reasons) for one in found]


def _reasons(uow: UnitOfWork, hub_id: str) -> dict[DeliveryRef, Unserved]:
    """Why the last wave left what it left."""
    last, _ = dispatch.list_waves(uow, hub_id, limit=1, after=None)
    return {one.delivery: one for wave in last for one in wave.unserved}


def _explained(one: Waits, reasons: dict[DeliveryRef, Unserved]) -> Waits:
    why = reasons.get(one.ref)
    return one if why is None else replace(one, reason=why.reason, until=why.until)


def _is_waiting(one: Delivery, hub_id: str) -> bool:
    return one.status is Status.READY and one.live and one.hub_id == hub_id


def _of_pending(one: Pending) -> Waits:
    return Waits(
        ref=one.ref,
        pickup_name=one.pickup.name,
        dropoff=one.dropoff,
        window=one.window,
        weight_g=one.parcel.weight_g,
        volume_ml=one.parcel.volume_ml,
        attempts=one.attempts,
        to_pickup_point=one.pickup_point_id is not None,
    )


def _of_delivery(one: Delivery) -> Waits:
    return Waits(
        ref=DeliveryRef(one.merchant_id, one.id),
        pickup_name=one.pickup.name,
        dropoff=LatLng(one.dropoff.latitude, one.dropoff.longitude),
        window=one.window,
        weight_g=one.parcel.weight_g,
        volume_ml=one.parcel.volume_ml,
        attempts=len(one.attempts),
        to_pickup_point=one.pickup_point_id is not None,
    )


def _merchants(uow: UnitOfWork, refs: Iterable[DeliveryRef]) -> dict[str, str]:
    """The names of the brands."""
    return merchants.names_of(uow, sorted({ref.merchant_id for ref in refs}))
