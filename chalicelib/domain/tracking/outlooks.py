"""Use cases of expected arrivals: keep a route's outlook, tell who is near or late, learn.

Kept in ``live``, one item a route, for two days at most. Taps reach it by the relay, fixes by the
function that takes them. Both may come twice and in any order: an outlook is made from the route as
it is, and what is told of a delivery is told once for each attempt.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.tracking import eta, geofence, learning, outlook_store, whereabouts
from chalicelib.domain.tracking.eta import LateRisk, Outlook
from chalicelib.domain.tracking.forecast import Seen
from chalicelib.domain.tracking.whereabouts import Taken
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(hours=48)
_ON_THE_ROAD = (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY)
_ON_BOARD = (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)
ANNOUNCED, DELAYED = "announced", "delayed"
#: A commit holds 100 items: what is not told now is told a minute later.
_MOST_TOLD = 40


def follow_route(uow: UnitOfWork, event: Event) -> None:
    """On ``route.*``: a tap, or something that fell away; at the end of a route, its lessons."""
    try:
        route = dispatch.load_route(uow, event.subject)
    except NotFound:
        return
    before = outlook_store.load(uow, route.hub_id, route.id)
    if route.status is RouteStatus.COMPLETED:
        _learn(uow, route, before)
        if before is not None:
            outlook_store.remove(uow, before)
    elif route.status in _ON_THE_ROAD:
        outlook = _tell(uow, route, _renewed(uow, route, before))
        outlook_store.save(uow, outlook, KEPT)
    elif before is not None:
        # Nobody drives it: what was reckoned holds no more, and would be listed as late for days.
        outlook_store.remove(uow, before)


def follow_pings(uow: UnitOfWork, taken: Taken) -> None:
    """A batch of fixes: what they show of the next stop, and once a minute a new outlook.

    Written without a condition: of two batches at once the later one counts, and taps make it anew.
    """
    route_id = taken.work.route_id
    if route_id is None or not taken.points:
        return
    before = outlook_store.load(uow, taken.work.hub_id, route_id)
    visit = None if before is None else before.visit
    if before is not None:
        seen = None if visit is None else geofence.watch(visit, taken.points)
        before = replace(before, visit=seen)
        if uow.now - before.made_at < eta.RENEWED:
            if seen != visit:
                outlook_store.save(uow, before, KEPT)
            return
    route = dispatch.load_route(uow, route_id)
    if route.status in _ON_THE_ROAD:
        latest = taken.latest
        fix = None if latest is None else Seen(latest.position, latest.at)
        lessons = outlook_store.load_lessons(uow, route.hub_id)
        outlook_store.save(uow, eta.look_ahead(route, lessons, fix, before, uow.now), KEPT)


def outlook_of(uow: UnitOfWork, route: Route) -> Outlook | None:
    """The outlook of a route as of now; None when it is not on the road."""
    if route.status not in _ON_THE_ROAD:
        return None
    return _renewed(uow, route, outlook_store.load(uow, route.hub_id, route.id))


def arrival_seen_at(uow: UnitOfWork, route: Route) -> tuple[str, datetime] | None:
    """The next stop, if fixes show that it was reached and nobody tapped so; and when."""
    coming = route.next_stop()
    outlook = outlook_store.load(uow, route.hub_id, route.id)
    visit = None if outlook is None else outlook.visit
    if coming is None or visit is None or visit.stop_id != coming.id or coming.arrived_at:
        return None
    return None if visit.arrived_at is None else (coming.id, visit.arrived_at)


def late_risks(uow: UnitOfWork, hub_id: str) -> list[LateRisk]:
    """What of a hub's routes is more likely than not to be late, the most urgent first."""
    found = [
        risk
        for outlook in outlook_store.list_of_hub(uow, hub_id)
        for risk in eta.late_risks(outlook, uow.now)
    ]
    return sorted(found, key=lambda one: (one.breach_in_s, -one.late_percent, str(one.delivery)))


def _renewed(uow: UnitOfWork, route: Route, before: Outlook | None) -> Outlook:
    fix = None
    if route.driver_id is not None:
        fix = whereabouts.last_fix(uow, route.driver_id)
    seen = None if fix is None else Seen(fix.position, fix.at)
    lessons = outlook_store.load_lessons(uow, route.hub_id)
    return eta.look_ahead(route, lessons, seen, before, uow.now)


def _tell(uow: UnitOfWork, route: Route, outlook: Outlook) -> Outlook:
    """Say of each delivery that it is near, or that it will be late; each once."""
    news = [
        (ref, what)
        for one in outlook.arrivals
        if one.is_door
        for what, is_so in (
            (ANNOUNCED, one.is_near(uow.now)),
            (DELAYED, one.late_percent >= eta.FLAGGED),
        )
        if is_so
        for ref in one.deliveries
        if f"{what} {ref}" not in outlook.told
    ][:_MOST_TOLD]
    found = delivery_store.load_many(uow, dict.fromkeys(ref for ref, _ in news))
    told = []
    for ref, what in news:
        delivery = found.get(ref)
        if delivery is None or delivery.route_id != route.id or not _may_hear(delivery, what):
            continue
        found[ref] = deliveries.foretell(uow, delivery, what)
        told.append(f"{what} {ref}")
    return replace(outlook, told=(*outlook.told, *told))


def _may_hear(delivery: Delivery, what: str) -> bool:
    """Near is only what is on board."""
    return what == DELAYED or delivery.status in _ON_BOARD


def _learn(uow: UnitOfWork, route: Route, before: Outlook | None) -> None:
    """Take a finished route's lesson in, once."""
    if outlook_store.is_taken_in(uow, route.id):
        return
    lessons = outlook_store.load_lessons(uow, route.hub_id)
    seen = {} if before is None else before.seen
    outlook_store.save_lessons(uow, route, learning.learn(lessons, route, seen))
