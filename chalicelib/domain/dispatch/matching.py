"""Whom do we ask? Routes and free drivers, matched per hub.

Hard filters first: vehicle of the planned kind that carries the load, shift that lasts, no refusal
of this very route before. Then the cost in seconds: how long the driver takes to the first stop,
minus how long the route has been waiting, so that nothing starves. Then one optimal assignment.
Source: reference figures of the field, two hours as the price of an unassigned route.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.dispatch import assignment, offers, store
from chalicelib.domain.dispatch.last_seen import last_positions
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork

UNASSIGNED_S = 2 * 3600
#: Crow-flight speed of the approach [m/s]: 15 to 25 km/h in a city, detours included.
APPROACH_SPEED = {
    VehicleKind.VAN: 5.5,
    VehicleKind.CAR: 6.0,
    VehicleKind.CARGO_BIKE: 3.6,
    VehicleKind.WALKER: 1.2,
}
#: A shift may end this much before the plan's end without the driver being passed over.
SHIFT_GRACE = timedelta(minutes=15)
#: A route that nobody took this long after its planned start is planned anew, but not before ...
GIVE_UP_AFTER = timedelta(hours=1)
#: ... so many drivers had the time to answer, one after the other.
OFFERS_BEFORE_GIVING_UP = 3


@dataclass(frozen=True, slots=True)
class Match:
    route: Route
    work: Work
    approach_m: int


def match(
    routes: Sequence[Route],
    works: Sequence[Work],
    positions: Mapping[str, LatLng],
    now: datetime,
) -> list[Match]:
    """Match waiting routes with free drivers; pure.

    Parameters
    ----------
    positions
        Last known position by driver; without one, where the driver went on duty.
    """
    waiting = [route for route in routes if route.status is RouteStatus.PLANNED]
    free = [work for work in works if work.is_free]
    if not waiting or not free:
        return []
    costs = [
        [_cost_s(route, work, positions, now, spurned=_spurned(route, free)) for work in free]
        for route in waiting
    ]
    unassigned = [UNASSIGNED_S + _age_s(route, now) for route in waiting]
    # Waiting makes a route dearer to leave, which is the same as cheaper to take.
    chosen = assignment.assign(costs, unassigned)
    return [
        Match(route, free[column], _approach_m(route, free[column], positions))
        for route, column in zip(waiting, chosen, strict=True)
        if column is not None
    ]


def expired(uow: UnitOfWork, hub: Hub) -> list[tuple[str, str]]:
    """Offers of a hub whose time is over: ``(route_id, offer_id)``, for the sweep."""
    found = []
    for route in store.list_unassigned(uow, hub.id):
        if route.status is RouteStatus.OFFERED and route.offer_id is not None:
            offer = store.load_offer(uow, route.id, route.offer_id)
            if offer.expires_at <= uow.now:
                found.append((route.id, offer.id))
    return found


def overdue(uow: UnitOfWork, hub: Hub) -> list[str]:
    """Routes of a hub that waited too long for a driver."""
    patience = max(GIVE_UP_AFTER, timedelta(seconds=OFFERS_BEFORE_GIVING_UP * hub.offer_ttl_s))
    return [
        route.id
        for route in store.list_unassigned(uow, hub.id)
        if route.status is RouteStatus.PLANNED and route.starts_at + patience < uow.now
    ]


def find_matches(uow: UnitOfWork, hub: Hub) -> list[Match]:
    """Match what waits at a hub now; nothing is written."""
    routes = store.list_unassigned(uow, hub.id)
    works = drivers.list_on_duty(uow, hub.id)
    return match(routes, works, last_positions(uow, works), uow.now)


def offer_match(uow: UnitOfWork, found: Match, hub: Hub) -> None:
    """Make the offer of one match; the commit fails if route or driver changed meanwhile."""
    offers.make(uow, found.route, found.work, found.approach_m, hub.offer_ttl_s)


def _spurned(route: Route, free: Sequence[Work]) -> bool:
    """Whether every free driver has refused it: then they may be asked again."""
    able = [work for work in free if route.allows(work.driver_id)]
    return all(work.driver_id in route.refused_by for work in able)


def _cost_s(
    route: Route, work: Work, positions: Mapping[str, LatLng], now: datetime, *, spurned: bool
) -> int | None:
    vehicle = work.vehicle
    refused = work.driver_id in route.refused_by and not spurned
    carries = (
        route.load_weight_g <= vehicle.max_weight_g
        and route.load_volume_ml <= vehicle.max_volume_ml
    )
    if refused or not carries or vehicle.kind is not route.vehicle_kind:
        return None
    if not route.allows(work.driver_id):
        return None
    if work.shift_ends_at is not None and work.shift_ends_at + SHIFT_GRACE < _end_if_taken(
        route, now
    ):
        return None
    return round(_approach_m(route, work, positions) / APPROACH_SPEED[vehicle.kind])


def _end_if_taken(route: Route, now: datetime) -> datetime:
    return max(route.ends_at, now + timedelta(seconds=route.duration_s))


def _approach_m(route: Route, work: Work, positions: Mapping[str, LatLng]) -> int:
    coming = route.next_stop()
    where = positions.get(work.driver_id) or work.position
    if coming is None or where is None:
        return 0
    return where.distance_m(coming.position)


def _age_s(route: Route, now: datetime) -> int:
    return max(0, int((now - route.planned_at).total_seconds()))
