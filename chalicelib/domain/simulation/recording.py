"""What happened at a hub on a day? Everything that replaying it needs, read from what is kept.

A day is the hub's: the routes that its waves made on it, every delivery on them, and what its
merchants ordered for that day and no route took. Reads are bounded: a hub's largest day is some
thousands of deliveries, and what is beyond a limit is refused, never cut. Nothing is read from
``pii``; see ``recorded`` for what else is left out.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.domain.analytics import store as analytics
from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Offer, Route, Wave
from chalicelib.domain.dispatch.today.routes_of_day import routes_of_day
from chalicelib.domain.drivers import day_records, rota
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.drivers.shifts import ShiftStatus
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.simulation.recorded import (
    CrewMember,
    RecordedDay,
    anonymous_delivery,
    anonymous_merchant,
    anonymous_work,
    bare,
)
from chalicelib.kit.hours import local_day, whole_day
from chalicelib.kit.simulation_errors import RecordingTooLarge
from chalicelib.kit.timewindow import TimeWindow, write_instant
from chalicelib.storage import crew_keys, figure_keys, keys, recipient_keys, travel_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: More than a hub has in a day; a recording of that size has some 6 MB packed.
MOST_ROUTES, MOST_DELIVERIES, MOST_DRIVERS, MOST_POINTS = 2_000, 20_000, 2_000, 2_000
#: A day that runs past midnight still ends.
LONGEST_DAY = timedelta(hours=36)
_PAGE = 100


def record(uow: UnitOfWork, hub_id: str, day: date) -> RecordedDay:
    """A hub's day as far as it has come.

    Raises
    ------
    NotFound
        If there is no such hub.
    RecordingTooLarge
        If the day has more than can be replayed.
    """
    hub = merchants.load_hub(uow, hub_id)
    planned = routes_of(uow, hub, day)
    facts, driven = analytics.facts_of_day(uow, hub.id, day)
    routes = [*planned, *_further(uow, planned, [one.route_id for one in driven])]
    ended = [DeliveryRef(one.merchant_id, one.delivery_id) for one in facts]
    found = _deliveries(uow, hub, day, routes, ended)
    shops = {one.merchant_id for one in found}
    return RecordedDay(
        hub_id=hub.id,
        day=day,
        recorded_at=uow.now,
        deliveries=tuple(anonymous_delivery(one) for one in found),
        routes=tuple(routes),
        offers=tuple(_offers(uow, routes)),
        waves=tuple(_waves(uow, hub, day)),
        crew=tuple(_crew(uow, hub, day, routes)),
        kept=tuple((key, bare(item)) for key, item in _kept(uow, hub, day, shops, found)),
        came_of_it=tuple(
            (key, bare(item)) for key, item in _came_of_it(uow, hub, day, routes, found)
        ),
    )


def routes_of(uow: UnitOfWork, hub: Hub, day: date) -> list[Route]:
    """The routes that the hub's waves made on a day of its own, by id."""
    found: dict[str, Route] = {}
    for one in routes_of_day(uow, hub, day):
        found[one.id] = one
        _at_most(found, MOST_ROUTES, "routes")
    return [found[one] for one in sorted(found)]


def _further(uow: UnitOfWork, planned: Sequence[Route], ids: Iterable[str]) -> list[Route]:
    """Routes of the day before that ended on this one: its figures are made of them as well."""
    known = {one.id for one in planned}
    found = uow.get_many(keys.route(one) for one in ids if one not in known)
    return sorted(map(dispatch.route_from_item, found.values()), key=lambda one: one.id)


def _deliveries(
    uow: UnitOfWork,
    hub: Hub,
    day: date,
    routes: Sequence[Route],
    ended: Iterable[DeliveryRef],
) -> list[Delivery]:
    carried = (ref for route in routes for ref in route.deliveries())
    refs = list(dict.fromkeys((*carried, *ended)))
    _at_most(refs, MOST_DELIVERIES, "deliveries")
    found = delivery_store.load_many(uow, refs)
    for one in _unplanned(uow, hub, day, refs):
        found.setdefault(deliveries.ref_of(one), one)
        _at_most(found, MOST_DELIVERIES, "deliveries")
    live = (one for one in found.values() if one.live and one.hub_id == hub.id)
    return sorted(live, key=lambda one: (one.created_at, one.id))


def _unplanned(
    uow: UnitOfWork, hub: Hub, day: date, planned: Iterable[DeliveryRef]
) -> Iterator[Delivery]:
    """What was ordered for this day and no route of it took: cancelled, or nobody could."""
    span = whole_day(day, hub.timezone)
    known = set(planned)
    merchants_there = {ref.merchant_id for ref in known}
    merchants_there |= {one["merchant_id"] for one in lists.pending_refs(uow, hub.id)}
    for merchant_id in sorted(merchants_there):
        for when in TimeWindow(span.start_at - timedelta(days=1), span.end_at).utc_days():
            after: Cursor | None = None
            while True:
                page, after = lists.list_day(uow, merchant_id, when, limit=_PAGE, after=after)
                for one in page:
                    is_new = deliveries.ref_of(one) not in known and one.route_id is None
                    if is_new and one.window.overlaps(span):
                        yield one
                if after is None:
                    break


def _offers(uow: UnitOfWork, routes: Iterable[Route]) -> Iterator[Offer]:
    for route in routes:
        if route.asked:
            # Why somebody was asked is for explanations; an answer needs none.
            yield from (replace(one, why=None) for one in dispatch.list_offers(uow, route.id))


def _waves(uow: UnitOfWork, hub: Hub, day: date) -> list[Wave]:
    """Newest first in the list, so what is younger than the day is passed over."""
    found: list[Wave] = []
    after: Cursor | None = None
    while True:
        page, after = dispatch.list_waves(uow, hub.id, limit=_PAGE, after=after)
        days = [local_day(one.planned_at, hub.timezone) for one in page]
        found += [one for one, when in zip(page, days, strict=True) if when == day]
        if after is None or (days and days[-1] < day):
            return found[::-1]


def _crew(uow: UnitOfWork, hub: Hub, day: date, routes: Sequence[Route]) -> Iterator[CrewMember]:
    ids = _drivers(uow, hub) | {one.driver_id for one in routes if one.driver_id is not None}
    records = day_records.load_many(uow, ids, day)
    works = uow.get_many(keys.driver_work(one) for one in ids)
    for driver_id in sorted(ids):
        item = works.get(keys.driver_work(driver_id))
        if item is None:
            continue
        work = drivers.work_from_item(item)
        mine = [one for one in routes if one.driver_id == driver_id]
        duty = _duty(uow, hub, day, work, records[driver_id], mine)
        if duty:
            yield CrewMember(anonymous_work(work), duty)


def _drivers(uow: UnitOfWork, hub: Hub) -> set[str]:
    ids: set[str] = set()
    after: Cursor | None = None
    while True:
        page, after = drivers.list_of_hub(uow, hub.id, limit=_PAGE, after=after)
        ids |= {one.id for one in page}
        _at_most(ids, MOST_DRIVERS, "drivers")
        if after is None:
            return ids


def _duty(
    uow: UnitOfWork,
    hub: Hub,
    day: date,
    work: Work,
    record: day_records.DayRecord,
    routes: Sequence[Route],
) -> tuple[TimeWindow, ...]:
    """When somebody was on duty: what was noted, what is still going on, or what was driven."""
    spans = [TimeWindow(start, end) for start, end in sorted(record.duty.items()) if start < end]
    since, today = work.on_duty_since, whole_day(day, hub.timezone)
    if since is not None and today.contains(since):
        until = min(work.shift_ends_at or today.end_at, since + LONGEST_DAY)
        spans.append(TimeWindow(since, max(until, uow.now, since + timedelta(minutes=1))))
    if not spans and routes:
        begins = min(one.planned_at for one in routes)
        spans.append(TimeWindow(begins, max(_last_tap(one) for one in routes)))
    return tuple(spans)


def _last_tap(route: Route) -> datetime:
    taps = [at for stop in route.stops for at in (stop.arrived_at, stop.done_at) if at is not None]
    return max([route.ends_at, *taps])


def _came_of_it(
    uow: UnitOfWork, hub: Hub, day: date, routes: Sequence[Route], found: Sequence[Delivery]
) -> Iterator[tuple[Key, Item]]:
    """What the day's figures are made of beside deliveries and routes."""
    for route in routes:
        if route.driver_id is not None:
            pk, prefix = crew_keys.statements_of_route(route.driver_id, route.id)
            for item in uow.query_all(TableName.CORE, pk, prefix):
                yield Key(TableName.CORE, item["pk"], item["sk"]), item
    wanted = [crew_keys.day_record(one, day) for one in sorted(_drivers(uow, hub))]
    records = uow.get_many(wanted)
    yield from ((key, records[key]) for key in wanted if key in records)
    for one in found:
        pk = keys.delivery(one.merchant_id, one.id).pk
        for item in uow.query_all(TableName.CORE, pk, "N#"):
            # How a text fared is a number; what the carrier called it is nobody's business.
            nameless = {"note": "", "message_id": None}
            yield Key(TableName.CORE, item["pk"], item["sk"]), {**item, **nameless}


def _prices(uow: UnitOfWork, found: Iterable[Delivery]) -> Iterator[tuple[Key, Item]]:
    """What was agreed for each delivery, and the cards that it was agreed by."""
    wanted = [keys.agreed_price(one.merchant_id, one.id) for one in found]
    agreed = uow.get_many(wanted)
    yield from ((key, agreed[key]) for key in wanted if key in agreed)
    cards = {(item["card_owner"], item["card_version"]) for item in agreed.values()}
    by_card = [keys.rate_card(owner, version) for owner, version in sorted(cards)]
    kept = uow.get_many(by_card)
    yield from ((key, kept[key]) for key in by_card if key in kept)


def _kept(
    uow: UnitOfWork,
    hub: Hub,
    day: date,
    merchant_ids: Iterable[str],
    found_deliveries: Sequence[Delivery],
) -> Iterator[tuple[Key, Item]]:
    """Settings and what was learned, as items."""
    shops = sorted(merchant_ids)
    plain = [
        keys.hub(hub.id),
        crew_keys.rules(hub.id),
        crew_keys.pay_rates(hub.id),
        recipient_keys.second_visits(hub.id),
        figure_keys.figure_rules(),
        keys.current_rate_card(keys.NETWORK),
        *(keys.current_rate_card(one) for one in shops),
    ]
    found = uow.get_many(plain)
    yield from ((key, found[key]) for key in plain if key in found)
    for merchant_key, item in sorted(
        uow.get_many(keys.merchant(one) for one in shops).items(), key=lambda one: one[0].pk
    ):
        yield merchant_key, anonymous_merchant(item)
    for item in uow.query_all(TableName.CORE, travel_keys.town_paces(hub.id)):
        yield Key(TableName.CORE, item["pk"], item["sk"]), item
    for shift in rota.list_of_hub(uow, hub, day):
        key = crew_keys.shift(shift.driver_id, write_instant(shift.start_at), shift.id)
        item_ = uow.get(key)
        if item_ is not None:
            fresh = {"status": ShiftStatus.PLANNED.value, "started_at": None}
            yield key, {**item_, **fresh, "reminded": True, "reported_late": True}
    yield from _points(uow, hub)
    yield from _prices(uow, found_deliveries)


def _points(uow: UnitOfWork, hub: Hub) -> Iterator[tuple[Key, Item]]:
    after: Cursor | None = None
    seen = 0
    while True:
        page, after = pickup_points.list_all(uow, limit=_PAGE, after=after)
        seen += len(page)
        _at_most(range(seen), MOST_POINTS, "pickup points")
        near = [
            keys.pickup_point(one.id)
            for one in page
            if one.is_active and one.position.distance_m(hub.position) <= 2 * hub.radius_m
        ]
        found = uow.get_many(near)
        yield from ((key, found[key]) for key in near if key in found)
        if after is None:
            return


def _at_most(things: Sized, most: int, what: str) -> None:
    if len(things) > most:
        raise RecordingTooLarge(f"the day has more than {most} {what}")
