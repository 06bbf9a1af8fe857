"""Who is at hand at a hub? Drivers who are free, and those who soon will be; where, from when.

A driver on the last stops of a route is worth waiting for when everybody else is far: taking them
into account is what makes late commitment pay (docs/benchmarks.md, Grubhub). Whoever holds an offer
is not at hand: the answer is not known yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.dispatch.today.last_seen import last_positions
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Drivers who are free within this time are reckoned with.
LOOK_AHEAD = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A driver as matching sees one: where, and from when."""

    work: Work
    at: LatLng | None
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody on duty at a hub, the routes that they are on, and where they were last seen."""

    works: tuple[Work, ...]
    routes: Mapping[str, Route]
    positions: Mapping[str, LatLng]


def muster(uow: UnitOfWork, hub: Hub) -> Crew:
    """Read who is on duty, doing what, where."""
    works = drivers.list_on_duty(uow, hub.id)
    found = uow.get_many(keys.route(work.route_id) for work in works if work.route_id)
    routes = {route.id: route for route in map(store.route_from_item, found.values())}
    return Crew(tuple(works), routes, last_positions(uow, works))


def at_hand(crew: Crew, now: datetime) -> list[Candidate]:
    """Who is free now, or within :data:`LOOK_AHEAD`; pure."""
    found = []
    for work in crew.works:
        if work.is_free:
            found.append(Candidate(work, crew.positions.get(work.driver_id) or work.position, now))
        elif work.on_duty and work.route_id is not None:
            soon = _after_route(work, crew.routes.get(work.route_id), now)
            if soon is not None and soon.free_at <= now + LOOK_AHEAD:
                found.append(soon)
    return found


def _after_route(work: Work, route: Route | None, now: datetime) -> Candidate | None:
    """The driver at the end of the route under way; None when that cannot be told."""
    if route is None or route.status is not RouteStatus.UNDER_WAY:
        return None
    ahead = [stop for stop in route.stops if not stop.status.is_over]
    if not ahead:
        return None
    return Candidate(work, ahead[-1].position, max(now, route.ends_at + lateness(route)))


def lateness(route: Route) -> timedelta:
    """How much later than planned the driver came to the last stop visited."""
    visited: Sequence[timedelta] = [
        stop.arrived_at - stop.planned_arrival_at
        for stop in route.stops
        if stop.arrived_at is not None
    ]
    return visited[-1] if visited else timedelta(0)
