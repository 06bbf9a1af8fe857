"""Can a driver who is on the road take it along? For an order that cannot wait for a wave.

The hub's day sheet names the cheapest place in microseconds; the route that it names is then read
and looked at again, for the sheet may be some seconds old. What is over and the driver's next stop
stay, and so does every promise, by the clock of all plans (``plans.assessing``). Where a driver who
has no route yet would be cheaper, nothing joins: that is a route of its own, and a wave makes it.

Units: [s], [m], points (see ``routing.problem``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.plans import assessing
from chalicelib.domain.dispatch.plans.effects import Aboard
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rules
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.dispatch.today.day_sheets import Ground, draw, levels
from chalicelib.domain.dispatch.waves.forming import pending_of
from chalicelib.domain.dispatch.waves.urgency import PICKUP_SERVICE_S, PICKUP_SETUP_S, cannot_wait
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.daysheet import Row, Sheet, Waiting
from chalicelib.domain.routing.detours import Gap, Newcomer
from chalicelib.domain.routing.plane import Plane
from chalicelib.domain.routing.squeeze import Fit, Squeeze
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: Routes that are looked at again before it is left to the next wave.
MOST_TRIES = 3


def newcomer(
    sheet: Sheet, pickup: Place, door: LatLng, parcel: Parcel, *, now_s: int, service_s: int
) -> Newcomer:
    """One delivery as a day sheet sees it."""
    plane = Plane(LatLng(sheet.latitude_e6 / 1e6, sheet.longitude_e6 / 1e6))
    return Newcomer(
        pickup=plane.spot(pickup.position),
        dropoff=plane.spot(door),
        weight_g=parcel.weight_g,
        volume_ml=parcel.volume_ml,
        now_s=max(0, now_s),
        pickup_setup_s=PICKUP_SETUP_S,
        pickup_service_s=PICKUP_SERVICE_S * parcel.count,
        dropoff_service_s=service_s,
    )


@dataclass(frozen=True, slots=True)
class Joined:
    """A route with one delivery more, not saved yet; what it adds to the way."""

    route: Route
    extra_s: int
    extra_m: int


def join_if_pressing(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.ready``: what cannot wait for a wave joins a route now, if one can take it.

    Heard of twice, it joins once: it is not ready any more. The desk's rules are kept, and whom a
    driver does not drive for. A rehearsal is told by the news alone.
    """
    if not event.data.get("live", True):
        return
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    delivery = delivery_store.load(uow, ref)
    if delivery.status is Status.READY and delivery.live:
        hub = merchants.load_hub(uow, delivery.hub_id)
        if cannot_wait(hub, uow.now, pending_of(delivery)):
            join(uow, hub, delivery)


def join(uow: UnitOfWork, hub: Hub, delivery: Delivery) -> Route | None:
    """Put a ready delivery on the route under way that it lengthens least; None if none can."""
    ref = deliveries.ref_of(delivery)
    rules: Rules | None = None
    aboard = Aboard(ref, delivery.door_key)
    for route_id in routes_to_try(sheet_store.read(uow, hub), delivery, uow.now):
        loaded = _load(uow, route_id)
        if loaded is None or delivery.merchant_id in loaded[1].blocks:
            continue
        if not delivery.needs <= loaded[1].skills:
            continue
        # Most of the time there is nobody to try: then nobody asks for the rules either.
        if rules is None:
            rules = rule_store.counting(uow, hub.id)
        if rules.breaches(loaded[0], [aboard], [ref]):
            continue
        joined = extend(*loaded, hub, delivery, uow.now, lambda: uow.new_id("stp"))
        if joined is not None and loaded[1].papers_are_good(joined.route.ends_at):
            return _save(uow, delivery, joined)
    return None


def extend(
    route: Route,
    work: Work,
    hub: Hub,
    delivery: Delivery,
    at: datetime,
    new_stop_id: Callable[[], str],
) -> Joined | None:
    """The route with a delivery where it adds least; None where a promise would be broken. Pure."""
    sheet = draw(Ground(hub, at, (work,), (route,), {}, ()))
    found = _fit(sheet, delivery, at)
    if found is None:
        return None
    longer = _with_stops(route, delivery, found.gap, at, new_stop_id)
    if longer is None:
        return None
    held = levels(longer).values()
    before, timed = (assessing.retimed(one, hub, at) for one in (route, longer))
    # The sheet counts in steps: by the exact times it may be some seconds too late after all.
    if not set(assessing.missed(timed)) <= set(assessing.missed(before)):
        return None
    return Joined(
        route=replace(
            timed,
            load_weight_g=max(route.load_weight_g, *(weight_g for weight_g, _ in held)),
            load_volume_ml=max(route.load_volume_ml, *(volume_ml for _, volume_ml in held)),
            distance_m=route.distance_m + max(0, found.extra_m),
            duration_s=int((timed.ends_at - route.starts_at).total_seconds()),
            version=route.version + 1,
        ),
        extra_s=found.extra_s,
        extra_m=found.extra_m,
    )


def routes_to_try(sheet: Sheet, delivery: Delivery, at: datetime) -> Iterator[str]:
    """Routes under way by what the delivery adds, as long as no free driver is cheaper."""
    rows = [row for row in sheet.rows if _is_on_the_road(row) or row.fixed_cost]
    for _ in range(MOST_TRIES):
        found = _fit(replace(sheet, rows=tuple(rows)), delivery, at)
        if found is None or rows[found.row].fixed_cost:
            return
        yield rows.pop(found.row).id


def _is_on_the_road(row: Row) -> bool:
    """A driver has it: a route that is only planned or on offer begins at its first stop."""
    return not row.is_open and not row.fixed_cost


def _fit(sheet: Sheet, delivery: Delivery, at: datetime) -> Fit | None:
    passed_s = int(at.timestamp()) - sheet.at_s
    one = newcomer(
        sheet,
        delivery.pickup,
        delivery.dropoff,
        delivery.parcel,
        now_s=passed_s,
        service_s=delivery.service_s,
    )
    opens_s, latest_s = handing_over(delivery.window, delivery.service_s, at)
    # It is one of those that wait: it need not leave time for the others.
    waiting = Waiting(sheet.waiting.each_s, (), sheet.waiting.spare)
    alone = replace(sheet, waiting=waiting)
    found = Squeeze(alone, one).into(passed_s + opens_s, passed_s + latest_s)
    return found if isinstance(found, Fit) else None


def handing_over(window: TimeWindow, service_s: int, at: datetime) -> tuple[int, int]:
    """When it may begin, from ``at`` on [s]: it must not end after the window, as in planning."""
    opens_s = int((window.start_at - at).total_seconds())
    return opens_s, int((window.end_at - at).total_seconds()) - service_s - 1


def _load(uow: UnitOfWork, route_id: str) -> tuple[Route, Work] | None:
    try:
        route = store.load_route(uow, route_id)
    except NotFound:
        return None
    if route.status not in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY) or not route.driver_id:
        return None
    work = drivers.load_work(uow, route.driver_id)
    return (route, work) if work.route_id == route.id else None


def _with_stops(
    route: Route, delivery: Delivery, gap: Gap, at: datetime, new_stop_id: Callable[[], str]
) -> Route | None:
    """The stops with a pickup and a dropoff more; a pickup beside one at the same place is that."""
    ref = deliveries.ref_of(delivery)
    coming = [stop for stop in route.stops if not stop.status.is_over]
    if coming[-1].kind is StopKind.RETURN and gap.dropoff_after == len(coming) - 1:
        # What is brought back is brought back last.
        return None
    door = itinerary.door_of(new_stop_id(), delivery, at)
    longer: list[Stop] = []
    for node, stop in enumerate(coming):
        longer.append(stop)
        if node == gap.pickup_after:
            longer[-1:] = _with_pickup(stop, delivery, ref, at, new_stop_id)
        if node == gap.dropoff_after:
            longer.append(door)
    over = tuple(stop for stop in route.stops if stop.status.is_over)
    return replace(route, stops=(*over, *longer))


def _with_pickup(
    stop: Stop, delivery: Delivery, ref: DeliveryRef, at: datetime, new_stop_id: Callable[[], str]
) -> list[Stop]:
    parcel = delivery.parcel
    more_s = PICKUP_SERVICE_S * parcel.count
    is_there = stop.kind is StopKind.PICKUP and stop.position == delivery.pickup.position
    if is_there and stop.status is StopStatus.PENDING:
        return [
            replace(
                stop,
                deliveries=(*stop.deliveries, ref),
                service_s=stop.service_s + more_s,
                weight_g=stop.weight_g + parcel.weight_g,
                volume_ml=stop.volume_ml + parcel.volume_ml,
            )
        ]
    pickup = Stop(
        id=new_stop_id(),
        kind=StopKind.PICKUP,
        place_name=delivery.pickup.name,
        position=delivery.pickup.position,
        deliveries=(ref,),
        planned_arrival_at=at,
        service_s=more_s,
        weight_g=parcel.weight_g,
        volume_ml=parcel.volume_ml,
    )
    return [stop, pickup]


def _save(uow: UnitOfWork, delivery: Delivery, joined: Joined) -> Route:
    route = joined.route
    assert route.driver_id is not None
    store.save_route(uow, route)
    steps: list[life.Command] = [
        life.Plan(uow.now, route.id),
        life.Assign(uow.now, route.driver_id),
    ]
    coming = route.next_stop()
    if coming is not None and deliveries.ref_of(delivery) in coming.deliveries:
        steps.append(life.SetOutForPickup(uow.now))
    deliveries.advance(uow, delivery, *steps)
    data = {
        "hub_id": route.hub_id,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "delivery_id": delivery.id,
        "extra_s": joined.extra_s,
        "extra_m": joined.extra_m,
    }
    uow.emit(Event("route.extended", route.id, route.version, uow.now, data))
    return route
