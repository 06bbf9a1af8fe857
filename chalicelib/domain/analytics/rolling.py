"""Use cases of figures: put a fact in its place, order and make a day's rollups, look a day over.

The first news of a hub's day in five minutes orders one roll of it, which makes its rollups anew of
all facts that there are by then; so they lag by five minutes and cost the same whether there were
ten deliveries in them or a thousand. Every step sets what is right by now and adds nothing: a
message that comes twice changes nothing, one that comes late changes the day that it belongs to,
and one that never comes is made up for in the night (``look_over``).
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from chalicelib.domain.analytics import gathering, rollups, store, totals
from chalicelib.domain.analytics.model import CrewDay, RouteFacts
from chalicelib.domain.analytics.store import Rollup
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.today.routes_of_day import routes_of_day
from chalicelib.domain.drivers import day_records, pay_rates, statements
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import figure_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Business time between two rolls of a hub's day.
EVERY = timedelta(minutes=5)
_DUE_KEPT = timedelta(days=2)


def note_delivery(uow: UnitOfWork, ref: DeliveryRef) -> list[tuple[str, date]]:
    """Set the fact of a delivery; returns the days of hubs whose rollups are no longer right."""
    delivery = deliveries.load(uow, ref)
    hub = merchants.load_hub(uow, delivery.hub_id)
    fact = gathering.gather_delivery(uow, delivery, hub.timezone)
    changed = []
    for day in sorted(gathering.days_of(delivery, hub.timezone)):
        key = figure_keys.delivery_fact(hub.id, day, str(ref))
        is_there = fact is not None and fact.day == day
        if (not is_there) and store.drop_fact(uow, key):
            changed.append((hub.id, day))
    if fact is not None and store.put_fact(uow, fact):
        changed.append((hub.id, fact.day))
    return changed


def note_route(uow: UnitOfWork, route_id: str) -> list[tuple[str, date]]:
    """The same for a route; one whose end was taken back gets its fact when it ends again."""
    fact = gathering.gather_route(uow, route_id)
    if fact is None:
        return []
    changed = []
    for day in sorted(_other_ends(uow, fact)):
        if store.drop_fact(uow, figure_keys.route_fact(fact.hub_id, day, route_id)):
            changed.append((fact.hub_id, day))
    if store.put_fact(uow, fact):
        changed.append((fact.hub_id, fact.day))
    return changed


def _other_ends(uow: UnitOfWork, fact: RouteFacts) -> set[date]:
    """The days on which a route ended as well, and it was taken back: by what was paid for it, and
    the day before, where nobody is paid."""
    timezone = merchants.load_hub(uow, fact.hub_id).timezone
    stated = statements.list_of_route(uow, fact.driver_id, fact.route_id)
    days = {local_day(one.ended_at, timezone) for one in stated}
    return (days | {fact.day - timedelta(days=1)}) - {fact.day}


def note_crew(uow: UnitOfWork, hub_id: str, at: datetime) -> list[tuple[str, date]]:
    """A driver went off duty: of the hub's day, drivers' times have changed."""
    hub = merchants.load_hub(uow, hub_id)
    return [(hub.id, local_day(at, hub.timezone))]


def order(uow: UnitOfWork, hub_id: str, day: date) -> bool:
    """True if a rollup has to be ordered now; False while one is on its way."""
    key = figure_keys.roll_due(hub_id, day)
    item = uow.get(key)
    if item is not None and read_instant(item["due_at"]) > uow.now:
        return False
    due = {"due_at": write_instant(uow.now + EVERY)}
    version = 0 if item is None else item["version"]
    uow.put(key, due, expect=version, expires_at=uow.wall_now + _DUE_KEPT)
    return True


def begin_roll(uow: UnitOfWork, hub_id: str, day: date) -> None:
    """Before a roll reads any fact: whatever comes from now on orders another one."""
    uow.delete(figure_keys.roll_due(hub_id, day), expect=None)


def changes(uow: UnitOfWork, hub_id: str, day: date) -> list[tuple[Rollup, Rollup | None]]:
    """A hub's day made anew from its facts: the rollups that are to be written, each with what it
    replaces. Each is written alone: they need each other for nothing, and together they would cost
    twice as much; of two rolls at once, the later writer is refused and begins again."""
    hub = merchants.load_hub(uow, hub_id)
    # Before the facts: of two rolls at once, the one that read first must not write last.
    before = {one.scope: one for one in store.rollups_of_day(uow, hub.id, day)}
    facts, routes = store.facts_of_day(uow, hub.id, day)
    made = rollups.rollups_of(hub.id, day, facts, routes, crew_of(uow, hub, day), uow.now)
    for scope in before.keys() - made.keys():
        made[scope] = Rollup(hub.id, day, scope, totals.NOTHING, {}, {}, uow.now)
    found = ((one, before.get(scope)) for scope, one in sorted(made.items()))
    return [(one, old) for one, old in found if old is None or not old.says_the_same(one)]


def crew_of(uow: UnitOfWork, hub: Hub, day: date) -> list[CrewDay]:
    """The day's drivers who were on duty or earned something; none where nobody is paid."""
    rates = pay_rates.find(uow, hub.id, hub.country)
    if rates is None:
        return []
    currency = rates.default.currency
    found = []
    for page in _pages_of_drivers(uow, hub.id):
        records = day_records.load_many(uow, page, day)
        found += [
            CrewDay(one.driver_id, one.online_s, one.earned_minor, currency)
            for one in records.values()
            if one.duty or one.earned
        ]
    return found


def look_over(
    uow: UnitOfWork, hub_id: str, day: date
) -> Iterator[Callable[[UnitOfWork], list[tuple[str, date]]]]:
    """What is to be done to make a hub's day anew from what is kept, fact by fact, as use cases.

    Every delivery that has a fact, or stands on a route that was planned for the day or on the day
    before, is looked at again: a text of the morning after, a message that never came.
    """
    hub = merchants.load_hub(uow, hub_id)
    facts, routes = store.facts_of_day(uow, hub_id, day)
    refs = dict.fromkeys(DeliveryRef(one.merchant_id, one.delivery_id) for one in facts)
    route_ids = dict.fromkeys(one.route_id for one in routes)
    for planned in (day - timedelta(days=1), day):
        route_ids |= dict.fromkeys(one.id for one in routes_of_day(uow, hub, planned))
    for route_id in route_ids:
        refs |= dict.fromkeys(dispatch.load_route(uow, route_id).deliveries())
        yield partial(note_route, route_id=route_id)
    for ref in refs:
        yield partial(note_delivery, ref=ref)


def _pages_of_drivers(uow: UnitOfWork, hub_id: str) -> Iterator[list[str]]:
    after = None
    while True:
        page, after = drivers.list_of_hub(uow, hub_id, limit=100, after=after)
        yield [one.id for one in page]
        if after is None:
            return
