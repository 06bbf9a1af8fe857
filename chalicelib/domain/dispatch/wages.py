"""What is a driver promised for a route, and what is owed for it at its end?

The promise is made with the offer, by the rates of that moment, and stands on it. At the end it is
kept: way and time are paid as they were planned (or as they became, if stops were added), every
stop that was driven to is paid, a stop that fell away is paid as if it had been driven, one where
nobody took the parcel by the rule for it, and waiting past the free time by the minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.prices import way_m
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import (
    Offer,
    Route,
    RouteStatus,
    Stop,
    StopKind,
    StopStatus,
)
from chalicelib.domain.drivers import pay_rates, statements
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import (
    LineKind,
    Pay,
    PayRates,
    at_least,
    floor_of,
    pay_of,
    waiting_of,
    with_line,
    with_tips,
)
from chalicelib.domain.drivers.pay_by_stop import StopEnd, Visit, by_stop
from chalicelib.domain.drivers.statements import Happened, Statement
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer at one stop than this is a tap that was forgotten [s].
MOST_WAIT_S = 3600
#: Writes of a commit beside which statement, day, the driver's work and the tap's mark find no
#: room: 100 at most.
_FULL_ABOVE = 96


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed, and the rates to go by for what nobody could know."""

    rates: PayRates
    pay: Pay


def agree(
    uow: UnitOfWork, route: Route, kind: VehicleKind, bonus_minor: int = 0
) -> Agreement | None:
    """What a route pays with this kind of vehicle, as things stand.

    Returns
    -------
    None where the operator has set no rates and we know no currency of the country.
    """
    rates = _rates(uow, merchants.load_hub(uow, route.hub_id), kind)
    if rates is None:
        return None
    stops = sum(not stop.status.is_over for stop in route.stops)
    pay = pay_of(rates, stops, route.distance_m, route.duration_s, bonus_minor)
    return Agreement(rates, pay)


def settle(uow: UnitOfWork, before: Route, after: Route, at: datetime) -> None:
    """Write the statement of a route that has just ended, or whose end was taken back.

    It belongs into the commit of that change, so that there is no end without pay; where that
    commit is full (96 parcels at the last stop), :func:`settle_ended` does it a moment later.
    """
    ended = after.status is RouteStatus.COMPLETED
    if ended == (before.status is RouteStatus.COMPLETED) or uow.write_count > _FULL_ABOVE:
        return
    _write(uow, after, at)


def settle_ended(uow: UnitOfWork, event: Event) -> None:
    """On ``route.completed``: the same, for a route whose statement did not fit; else nothing."""
    route = store.load_route(uow, event.subject)
    if route.status is RouteStatus.COMPLETED and route.version == event.version:
        _write(uow, route, event.at)


def _write(uow: UnitOfWork, after: Route, at: datetime) -> None:
    ended = after.status is RouteStatus.COMPLETED
    if after.driver_id is None:
        return
    hub = merchants.load_hub(uow, after.hub_id)
    offer = _offer(uow, after)
    rates = _rates_of(uow, offer, hub, after)
    if rates is None:
        return
    agreed = None if offer is None else offer.pay
    nothing = Pay(rates.currency, (), rates.version)
    tips = _tips(uow, after, rates) if ended else {}
    pay = owed(after, rates, agreed, sum(tips.values())) if ended else nothing
    worked_s = engaged_s(after, 0 if offer is None else offer.approach_s) if ended else 0
    statement = Statement(
        id="",
        driver_id=after.driver_id,
        route_id=after.id,
        hub_id=hub.id,
        revision=0,
        day=at.date(),
        ended_at=at,
        pay=pay,
        change_minor=0,
        agreed=agreed,
        happened=replace(happened(after), engaged_s=worked_s) if ended else Happened(),
        reopened=not ended,
        stops=by_stop(pay, rates, visits(after, tips)) if ended else (),
        floor_minor=floor_of(rates, worked_s),
    )
    statements.write(uow, statement, hub.timezone)


def _tips(uow: UnitOfWork, route: Route, rates: PayRates) -> dict[str, int]:
    """By stop, tips for what was handed over there; one in another currency than the hub pays in
    is not mixed in.

    Read only now: a tip may be given as long as the parcel is not picked up.
    """
    doors = (one for one in route.stops if one.kind is StopKind.DROPOFF)
    # Of two stops of one parcel, the last is where it was handed over.
    where = {
        ref: one.id for one in doors if one.status is StopStatus.DONE for ref in one.deliveries
    }
    found: dict[str, int] = {}
    for ref, delivery in delivery_store.load_many(uow, list(where)).items():
        tip = delivery.tip
        if tip is not None and tip.currency == rates.currency:
            found[where[ref]] = found.get(where[ref], 0) + tip.amount_minor
    return found


def owed(route: Route, rates: PayRates, agreed: Pay | None, tips_minor: int = 0) -> Pay:
    """What a route pays that ended like this; pure. Tips make up for nothing that was promised."""
    done = happened(route)
    stops, failed = done.done_stops + done.skipped_stops, done.failed_stops
    bonus = 0 if agreed is None else agreed.amount_of(LineKind.BONUS)
    distance_m, duration_s = route.distance_m, route.duration_s
    if agreed is not None:
        distance_m = max(distance_m, agreed.quantity_of(LineKind.DISTANCE))
        duration_s = max(duration_s, agreed.quantity_of(LineKind.TIME))
    pay = pay_of(rates, stops, distance_m, duration_s, bonus, failed_stops=failed)
    if agreed is not None:
        # What was taken off the route meanwhile was promised; that a stop failed was not foreseen.
        promised = pay_of(
            rates,
            max(0, agreed.quantity_of(LineKind.STOPS) - failed),
            agreed.quantity_of(LineKind.DISTANCE),
            agreed.quantity_of(LineKind.TIME),
            bonus,
            failed_stops=failed,
        )
        pay = at_least(pay, promised)
    return with_tips(with_line(pay, waiting_of(rates, waits_s(route))), tips_minor)


def happened(route: Route) -> Happened:
    """What a route was in the end."""
    counts = dict.fromkeys(StopStatus, 0)
    for stop in _paid_stops(route):
        counts[stop.status] += 1
    times = [at for stop in route.stops for at in (stop.arrived_at, stop.done_at) if at is not None]
    duration_s = int((max(times) - min(times)).total_seconds()) if times else 0
    return Happened(
        done_stops=counts[StopStatus.DONE],
        failed_stops=counts[StopStatus.FAILED],
        skipped_stops=counts[StopStatus.SKIPPED],
        distance_m=route.distance_m,
        duration_s=duration_s,
    )


def visits(route: Route, tips: Mapping[str, int]) -> list[Visit]:
    """The stops of a route that has ended, with what weighs their shares of its way and time: the
    estimated road from the stop before, and what was planned to get there and to handle it."""
    found = []
    before: Stop | None = None
    for stop in _paid_stops(route):
        if not stop.status.is_over:
            continue
        time_s = stop.service_s
        if before is not None:
            ahead_s = int((stop.planned_arrival_at - before.planned_arrival_at).total_seconds())
            time_s += max(0, ahead_s - before.service_s)
        way = 0 if before is None else way_m(before.position, stop.position)
        ids = tuple(ref.delivery_id for ref in stop.deliveries)
        end, tip_minor = StopEnd(stop.status.value), tips.get(stop.id, 0)
        kind = stop.kind.value
        found.append(Visit(stop.id, kind, end, ids, way, time_s, wait_s(stop), tip_minor))
        before = stop
    return found


def engaged_s(route: Route, approach_s: int) -> int:
    """How long a route that has ended took its driver: from when he or she had to set out (at once
    after accepting, or later for a start that lay ahead) to the last tap.

    A stop counts for its planned handling and an hour at most: the rest is a forgotten tap.
    """
    times = [at for stop in route.stops for at in (stop.arrived_at, stop.done_at) if at is not None]
    if not times:
        return 0
    begun_at = min(times)
    if route.expected_at is not None:
        begun_at = min(begun_at, route.expected_at - timedelta(seconds=approach_s))
    forgotten_s = sum(max(0, _beyond_s(stop) - MOST_WAIT_S) for stop in route.stops)
    return max(0, int((max(times) - begun_at).total_seconds()) - forgotten_s)


def waits_s(route: Route) -> list[int]:
    """How long each stop took beyond its planned handling."""
    return [wait_s(stop) for stop in _paid_stops(route)]


def wait_s(stop: Stop) -> int:
    return min(MOST_WAIT_S, _beyond_s(stop))


def _beyond_s(stop: Stop) -> int:
    """How long a stop took beyond its planned handling."""
    if stop.arrived_at is None or stop.done_at is None:
        return 0
    spent_s = int((stop.done_at - stop.arrived_at).total_seconds())
    return max(0, spent_s - stop.service_s)


def _paid_stops(route: Route) -> list[Stop]:
    """A way back that was not needed any more is no stop."""
    return [
        stop
        for stop in route.stops
        if not (stop.kind is StopKind.RETURN and stop.status is StopStatus.SKIPPED)
    ]


def _offer(uow: UnitOfWork, route: Route) -> Offer | None:
    """The offer that was accepted; None for a route that was given without one."""
    if route.offer_id is None:
        return None
    try:
        return store.load_offer(uow, route.id, route.offer_id)
    except NotFound:
        return None


def _rates_of(uow: UnitOfWork, offer: Offer | None, hub: Hub, route: Route) -> PayRates | None:
    if offer is not None and offer.rates is not None:
        return offer.rates
    return _rates(uow, hub, route.vehicle_kind)


def _rates(uow: UnitOfWork, hub: Hub, kind: VehicleKind) -> PayRates | None:
    found = pay_rates.find(uow, hub.id, hub.country)
    return None if found is None else found.of(kind)
