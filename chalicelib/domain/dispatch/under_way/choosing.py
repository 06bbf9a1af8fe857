"""May a driver do another stop first? Whoever stands in the street knows what a plan does not.

The shop opens at ten, the lift is broken, a recipient asks for half an hour: the driver says which
stop comes next, and why. Nothing is dropped; the stops that it overtakes come after it, in their
order. A promise that would be kept today is not broken for it: then the desk decides. Its tap may
come late and twice, like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.plans import assessing
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import travel
from chalicelib.kit.errors import Conflict
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork


class WhyFirst(StrEnum):
    """Why another stop comes first."""

    CLOSED = "closed"  # where the plan leads, nobody is there yet
    ASKED = "asked"  # a recipient or a shop asked for it
    ACCESS = "access"  # no way in, no place to stop
    NEARER = "nearer"  # it lies on the way
    OTHER = "other"


def put_first(
    uow: UnitOfWork, driver_id: str, stop_id: str, why: WhyFirst, at: datetime | None = None
) -> Route:
    """Make a stop of the driver's route the next one.

    Raises
    ------
    NotFound
        If the driver's route has no such stop.
    Conflict
        If it cannot come next; ``reason`` says why: ``stop_over``, ``return_is_last``,
        ``door_before_pickup``, or ``promise_broken`` with the ``deliveries`` that would be late.
    """
    route, stop = driving.find_stop(uow, driver_id, stop_id)
    if stop.status.is_over or route.status not in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY):
        raise _refused("stop_over", "the stop is over")
    after = _with_first(route, stop)
    if after.stops == route.stops:
        return route
    hub = merchants.load_hub(uow, route.hub_id)
    before, after = _timed(route, hub, uow.now), _timed(after, hub, uow.now)
    missed, late = set(assessing.missed(before)), assessing.missed(after)
    broken = [ref for ref in late if ref not in missed]
    if broken:
        extra = {"deliveries": [ref.delivery_id for ref in broken]}
        raise _refused("promise_broken", "somebody would be late; ask the desk", extra)
    return _save(uow, route, after, stop, why, len(missed), len(late), min(at or uow.now, uow.now))


def _with_first(route: Route, stop: Stop) -> Route:
    """The stop before all that is open, but behind where the driver is just now."""
    rest = [one for one in route.stops if one.id != stop.id]
    at = next((k for k, one in enumerate(rest) if one.status is StopStatus.PENDING), len(rest))
    if stop.status is StopStatus.ARRIVED or at >= len(rest):
        return route
    if stop.kind is StopKind.RETURN:
        raise _refused("return_is_last", "what is brought back is brought back last")
    ahead = {ref for one in rest[at:] if one.kind is StopKind.PICKUP for ref in one.deliveries}
    if stop.kind is StopKind.DROPOFF and ahead.intersection(stop.deliveries):
        raise _refused("door_before_pickup", "its parcel is not on board yet")
    return replace(route, stops=(*rest[:at], stop, *rest[at:]))


def _timed(route: Route, hub: Hub, at: datetime) -> Route:
    """The route as it goes on from where the driver was last, by the usual model of the town."""
    coming = route.next_stop()
    assert coming is not None
    over = [one for one in route.stops if one.status.is_over]
    here = over[-1].position if over else coming.position
    if coming.status is StopStatus.PENDING and here != coming.position:
        local = at.astimezone(ZoneInfo(hub.timezone))
        way = travel.matrix((here, coming.position), local, route.vehicle_kind.value)
        left_at = max(at, over[-1].done_at or at)
        arrives_at = left_at + timedelta(seconds=way.duration_s[0][1])
        stops = tuple(
            replace(one, planned_arrival_at=arrives_at) if one.id == coming.id else one
            for one in route.stops
        )
        route = replace(route, stops=stops)
    return assessing.retimed(route, hub, at)


def _save(
    uow: UnitOfWork,
    before: Route,
    after: Route,
    stop: Stop,
    why: WhyFirst,
    late_before: int,
    late_after: int,
    at: datetime,
) -> Route:
    route = replace(after, version=before.version + 1)
    store.save_route(uow, route)
    if before.status is RouteStatus.UNDER_WAY and stop.kind is not StopKind.RETURN:
        _set_out(uow, route, stop.deliveries, stop.kind, at)
    data = {
        "hub_id": route.hub_id,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "saved_s": int((before.ends_at - route.ends_at).total_seconds()),
        "saved_m": 0,
        "late_before": late_before,
        "late_after": late_after,
        "first_stop_id": stop.id,
        "why": why.value,
    }
    uow.emit(Event("route.reordered", route.id, route.version, uow.now, data))
    return route


def _set_out(
    uow: UnitOfWork, route: Route, refs: Sequence[DeliveryRef], kind: StopKind, at: datetime
) -> None:
    """Tell the deliveries of the stop that the driver is on the way to them."""
    step = life.SetOutForPickup(at) if kind is StopKind.PICKUP else life.SetOutForDropoff(at)
    for delivery in delivery_store.load_many(uow, refs).values():
        may = delivery.status in lifecycle.TRANSITIONS[type(step)][0]
        if may and delivery.route_id == route.id:
            deliveries.advance(uow, delivery, step)


def _refused(reason: str, detail: str, more: Mapping[str, object] | None = None) -> Conflict:
    return Conflict(detail, extra={"reason": reason, **(more or {})})
