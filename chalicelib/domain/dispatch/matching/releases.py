"""What if the driver does not come, or cannot go on? Release before the pickup, hand-over after it.

Before anything is picked up a route can be released: its deliveries are planned again, it keeps its
stops, and it is offered first of all. Once parcels are on board the stops are locked to whoever has
them; then only a hand-over from driver to driver helps, which the desk orders. Both go by the
route's version: a driver who arrives in that very moment keeps the route.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.matching.candidates import Crew
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopStatus
from chalicelib.domain.dispatch.rules import eligibility
from chalicelib.domain.dispatch.rules.eligibility import bar
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.asking import Asking
from chalicelib.kit.desk_errors import DriverUnsuitable, StopsLocked
from chalicelib.kit.errors import Conflict, DriverBusy
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork

#: A driver so close to the first stop has come, whether or not there was a tap.
THERE_M = 300

_TO_PICKUP = frozenset({Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP})


class ReleaseReason(StrEnum):
    NO_SHOW = "no_show"
    DRIVER_REQUEST = "driver_request"
    BREAKDOWN = "breakdown"
    DESK = "desk"


def no_shows(crew: Crew, asking: Asking, now: datetime) -> list[str]:
    """Routes whose driver should have begun and is nowhere near; pure."""
    return [
        route.id
        for route in crew.routes.values()
        if _is_overdue(route, asking, now)
        and not is_there(route, crew.positions.get(route.driver_id or ""))
    ]


def release_no_show(uow: UnitOfWork, route_id: str, asking: Asking) -> Route | None:
    """Release a route whose driver did not come; None if he or she did, in the meantime."""
    route = store.load_route(uow, route_id)
    if not _is_overdue(route, asking, uow.now):
        return None
    return _release(uow, route, ReleaseReason.NO_SHOW)


def release(uow: UnitOfWork, route_id: str, reason: ReleaseReason) -> Route:
    """Take a route from its driver before the pickup; it is offered again, first of all.

    Raises
    ------
    StopsLocked
        If parcels are on board.
    Conflict
        If no driver has it.
    """
    route = store.load_route(uow, route_id)
    _must_be_taken(route)
    if any(stop.status in (StopStatus.DONE, StopStatus.FAILED) for stop in route.stops):
        raise StopsLocked
    return _release(uow, route, reason)


def hand_over(uow: UnitOfWork, route_id: str, driver_id: str, insists: str = "") -> Route:
    """Give a route, as far as it is driven, to another driver, who has to meet the first.

    Parameters
    ----------
    insists
        Why the desk wants it though a hard filter says no; what the law forbids stays forbidden.

    Raises
    ------
    DriverBusy
        If the other one has a route, or is being asked about one.
    DriverUnsuitable
        If the other one is not on duty, or a hard filter stops him or her.
    Conflict
        If no driver has the route.
    """
    route = store.load_route(uow, route_id)
    _must_be_taken(route)
    if route.driver_id == driver_id:
        return route
    other = drivers.load_work(uow, driver_id)
    if not other.on_duty:
        raise DriverUnsuitable("the driver is not on duty", extra={"bar": "off_duty"})
    if not other.is_free:
        raise DriverBusy("the driver has a route, or is being asked about one")
    # The desk decides, whatever was refused before; what cannot be done stays impossible.
    barred = bar(route, other, uow.now, refusals=False)
    forbidden = eligibility.forbidden(route, other, uow.now)
    if forbidden or (barred and not insists):
        extra = {"bar": forbidden or barred, "may_insist": forbidden is None}
        raise DriverUnsuitable(extra=extra)
    before = drivers.load_work(uow, route.driver_id or "")
    if before.route_id == route.id:
        drivers.save_work(uow, replace(before, route_id=None, version=before.version + 1))
    drivers.save_work(uow, replace(other, route_id=route.id, version=other.version + 1))
    after = replace(route, driver_id=driver_id, version=route.version + 1)
    store.save_route(uow, after)
    more = {"from_driver_id": route.driver_id}
    if barred is not None:
        more |= {"bar": barred.value, "insisted": insists}
    uow.emit(_news("route.handed_over", after, uow.now, more))
    return after


def _release(uow: UnitOfWork, route: Route, reason: ReleaseReason) -> Route:
    driver_id = route.driver_id or ""
    for delivery in delivery_store.load_many(uow, route.deliveries()).values():
        if delivery.status in _TO_PICKUP and delivery.route_id == route.id:
            again = (life.Unassign(uow.now, reason), life.Plan(uow.now, route.id))
            deliveries.advance(uow, delivery, *again)
    stops = tuple(
        replace(stop, status=StopStatus.PENDING, arrived_at=None)
        if stop.status is StopStatus.ARRIVED
        else stop
        for stop in route.stops
    )
    after = replace(
        route,
        status=RouteStatus.PLANNED,
        driver_id=None,
        offer_id=None,
        stops=stops,
        refused_by=tuple(sorted({*route.refused_by, driver_id})),
        released=route.released + 1,
        expected_at=None,
        version=route.version + 1,
    )
    store.save_route(uow, after)
    work = drivers.load_work(uow, driver_id)
    if work.route_id == route.id:
        drivers.save_work(uow, _without_route(work, reason))
    more = {"from_driver_id": driver_id, "reason": reason.value}
    uow.emit(_news("route.released", after, uow.now, more))
    return after


def _without_route(work: Work, reason: ReleaseReason) -> Work:
    missed = work.no_shows + (reason is ReleaseReason.NO_SHOW)
    return replace(work, route_id=None, no_shows=missed, version=work.version + 1)


def _must_be_taken(route: Route) -> None:
    if route.status not in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY):
        raise Conflict(f"the route is {route.status}", extra={"route_status": route.status})


def _is_overdue(route: Route, asking: Asking, now: datetime) -> bool:
    if route.status is not RouteStatus.ASSIGNED:
        return False
    return now >= given_up_at(route, asking)


def given_up_at(route: Route, asking: Asking) -> datetime:
    """When a driver who has not come is not waited for any longer."""
    return (route.expected_at or route.starts_at) + timedelta(seconds=asking.no_show_after_s)


def is_there(route: Route, where: LatLng | None) -> bool:
    coming = route.next_stop()
    return coming is not None and where is not None and _near(where, coming.position)


def _near(one: LatLng, other: LatLng) -> bool:
    return one.distance_m(other) <= THERE_M


def _news(what: str, route: Route, at: datetime, more: Mapping[str, object]) -> Event:
    data = {"hub_id": route.hub_id, "wave_id": route.wave_id, "driver_id": route.driver_id}
    return Event(what, route.id, route.version, at, {**data, **more})
