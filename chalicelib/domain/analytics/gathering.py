"""What did it come to, by all that is kept? From history, price, texts, stops and statements.

Pure functions make facts of what was read; the two use cases read it. What has not ended has no
fact. Nothing here is counted up: asked again, the same things give the same fact.
"""

from collections.abc import Mapping
from datetime import date, datetime

from chalicelib.domain.analytics import emissions, rules
from chalicelib.domain.analytics.emissions import Load, shared_out
from chalicelib.domain.analytics.model import Facts, RouteFacts, Share
from chalicelib.domain.analytics.rules import FigureRules
from chalicelib.domain.deliveries import prices
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.foretelling import latest_step
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers import statements
from chalicelib.domain.drivers.pay import LineKind, Pay
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.messaging import store as texts
from chalicelib.domain.messaging.store import Fate
from chalicelib.domain.pricing.charges import Charges
from chalicelib.domain.tracking import learning
from chalicelib.domain.tracking.learning import Lessons
from chalicelib.kit.errors import NotFound
from chalicelib.kit.hours import local_day, zone
from chalicelib.storage.unit_of_work import UnitOfWork

#: What the recipient may have got: nobody knows of the second whether it arrived.
_TEXTED = (Fate.SENT, Fate.UNKNOWN)
_DRIVEN_TO = (StopStatus.DONE, StopStatus.FAILED)


def facts_of(
    delivery: Delivery, timezone: str, *, sent: int = 0, due: Charges | None = None
) -> Facts | None:
    """What a delivery came to; None while it is under way, and for a test."""
    if not delivery.status.is_final or not delivery.live:
        return None
    ended_at = latest_step(delivery).at
    at_point = delivery.status is Status.COLLECTED
    brought_at = _brought_at(delivery, ended_at)
    on_time = order_to_door_s = None
    if brought_at is not None:
        # At the door it is what the API tells as well.
        on_time = brought_at < delivery.window.end_at if at_point else delivery.is_on_time
        order_to_door_s = int((brought_at - delivery.created_at).total_seconds())
    handed_over = delivery.status is Status.DELIVERED
    return Facts(
        delivery_id=delivery.id,
        merchant_id=delivery.merchant_id,
        hub_id=delivery.hub_id,
        zone_id=delivery.zone_id,
        status=delivery.status.value,
        created_at=delivery.created_at,
        ended_at=ended_at,
        day=local_day(ended_at, timezone),
        hour=ended_at.astimezone(zone(timezone)).hour,
        on_time=on_time,
        order_to_door_s=order_to_door_s,
        attempts=len(delivery.attempts) + handed_over,
        failures=tuple(one.reason.value for one in delivery.attempts),
        driver_id=delivery.driver_id,
        route_id=delivery.route_id,
        at_point=at_point,
        parcels=delivery.parcel.count,
        texts=sent,
        net_minor=None if due is None else due.total_minor - due.tax_minor,
        currency=None if due is None else due.currency,
        version=delivery.version,
    )


def _brought_at(delivery: Delivery, ended_at: datetime) -> datetime | None:
    """When it reached the door, or the pickup point: when it is fetched is not up to us."""
    if delivery.status is Status.DELIVERED:
        return ended_at
    if delivery.status is not Status.COLLECTED:
        return None
    laid = [entry.at for entry in delivery.history if entry.what == "at_pickup_point"]
    return laid[-1] if laid else None


def days_of(delivery: Delivery, timezone: str) -> set[date]:
    """Every day on which it ever ended, taken back or not: where a fact of it may stand."""
    return {local_day(one.at, timezone) for one in delivery.history if one.status.is_final}


def route_facts_of(
    route: Route,
    carried: Mapping[DeliveryRef, Delivery],
    hub: Hub,
    pay: Pay | None,
    by: FigureRules,
) -> RouteFacts | None:
    """What a route came to; None unless it is completed and somebody drove it."""
    taps = [at for stop in route.stops for at in (stop.arrived_at, stop.done_at) if at is not None]
    if route.status is not RouteStatus.COMPLETED or route.driver_id is None or not taps:
        return None
    ended_at = max(taps)
    driven = [stop for stop in route.stops if stop.status in _DRIVEN_TO]
    tips_minor = 0 if pay is None else pay.amount_of(LineKind.TIPS)
    cost_minor = 0 if pay is None else pay.total_minor - tips_minor
    return_m = prices.way_m(driven[-1].position, hub.position) if driven else 0
    co2e_mg = emissions.round_mg(
        by.of(route.vehicle_kind),
        route.distance_m,
        return_m,
        route.load_weight_g,
        by.return_permille,
    )
    return RouteFacts(
        route_id=route.id,
        hub_id=route.hub_id,
        driver_id=route.driver_id,
        vehicle_kind=route.vehicle_kind.value,
        ended_at=ended_at,
        day=local_day(ended_at, hub.timezone),
        hour=ended_at.astimezone(zone(hub.timezone)).hour,
        doors=sum(stop.kind is StopKind.DROPOFF for stop in driven),
        duration_s=int((ended_at - min(taps)).total_seconds()),
        distance_m=route.distance_m,
        return_m=return_m,
        cost_minor=cost_minor,
        tips_minor=tips_minor,
        currency=None if pay is None else pay.currency,
        co2e_mg=co2e_mg,
        eta_errors=_misses(route),
        shares=_shares(driven, carried, route.distance_m, cost_minor, co2e_mg),
        rules_version=by.version,
        version=route.version,
    )


def _misses(route: Route) -> tuple[tuple[int, int], ...]:
    """Forecasts as a hub would make them that has learned nothing: what it learned later must not
    change what a day came to."""
    found = learning.looked_back(route, Lessons())
    return tuple((round(horizon_s), round(miss_s)) for horizon_s, miss_s in found)


def _shares(
    driven: list[Stop],
    carried: Mapping[DeliveryRef, Delivery],
    distance_m: int,
    cost_minor: int,
    co2e_mg: int,
) -> tuple[Share, ...]:
    """Way and emissions by transport activity, the cost alike: a stop is a stop."""
    # The last stop that was driven to for it: one that goes elsewhere stands on its door as well.
    last = {
        ref: stop for stop in driven if stop.kind is StopKind.DROPOFF for ref in stop.deliveries
    }
    known = [(carried[ref], stop) for ref, stop in last.items() if ref in carried]
    loads = [
        Load(one.parcel.count, round(one.pickup.position.distance_m(stop.position)))
        for one, stop in known
    ]
    activity = [load.activity for load in loads]
    ways, gases = shared_out(distance_m, activity), shared_out(co2e_mg, activity)
    costs = shared_out(cost_minor, [1] * len(known))
    return tuple(
        Share(
            delivery_id=one.id,
            merchant_id=one.merchant_id,
            zone_id=one.zone_id,
            parcels=one.parcel.count,
            brought=stop.status is StopStatus.DONE,
            distance_m=way,
            cost_minor=cost,
            co2e_mg=gas,
        )
        for (one, stop), way, cost, gas in zip(known, ways, costs, gases, strict=True)
    )


def gather_delivery(uow: UnitOfWork, delivery: Delivery, timezone: str) -> Facts | None:
    """Read what a delivery's fact is made of: its price and its texts."""
    if not delivery.status.is_final or not delivery.live:
        return None
    claims = texts.list_texts(uow, delivery.merchant_id, delivery.id)
    try:
        due = prices.bill(uow, delivery).charges
    except NotFound:
        # No price was ever agreed for it.
        due = None
    return facts_of(delivery, timezone, sent=sum(one.fate in _TEXTED for one in claims), due=due)


def gather_route(uow: UnitOfWork, route_id: str) -> RouteFacts | None:
    """Read what a route's fact is made of: its deliveries, its statement, the factors."""
    route = dispatch.load_route(uow, route_id)
    if route.status is not RouteStatus.COMPLETED or route.driver_id is None:
        return None
    hub = merchants.load_hub(uow, route.hub_id)
    stated = statements.list_of_route(uow, route.driver_id, route.id)
    pay = stated[-1].pay if stated and not stated[-1].reopened else None
    carried = deliveries.load_many(uow, route.deliveries())
    return route_facts_of(route, carried, hub, pay, rules.load(uow))
