"""How many orders does a shop expect on which day, and what can the network hold?

A shop says it ahead, so that drivers can be found; it promises nothing and reserves nothing. One
item for each hub, day and shop, so the desk reads a day's forecasts of all shops together. Said
again it counts anew; said after its deadline it is kept, and marked so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.coverage import capacity, rules, store
from chalicelib.domain.coverage.model import Promise
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import Invalid
from chalicelib.kit.hours import instant, local_day
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import portal_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: Until when it helps: shifts are planned a week ahead. Source: our choice.
NOTICE_DAYS = 7
#: How far ahead it can be said: a season.
DAYS_AHEAD = 180
MOST_ORDERS = 100_000
#: What is read at once.
MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Forecast:
    """``is_late``: said after the deadline of its day."""

    hub_id: str
    merchant_id: str
    day: date
    orders: int
    said_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Room:
    """What a hub promises for a day: ``places`` None where nobody counts, ``taken`` of them; when
    nothing is delivered, ``is_open`` is false."""

    day: date
    is_open: bool
    places: int | None
    taken: int


def deadline(day: date, hub: Hub) -> datetime:
    """Until when a day should be foretold."""
    return instant(day - timedelta(days=NOTICE_DAYS), 0, hub.timezone)


def say(
    uow: UnitOfWork, hub: Hub, merchant_id: str, expected: Mapping[date, int]
) -> list[Forecast]:
    """Keep what a shop expects; nothing expected takes a day back. The same again changes nothing.

    Raises
    ------
    Invalid
        If a day is over, or too far ahead.
    """
    today = local_day(uow.now, hub.timezone)
    for day in expected:
        if not today <= day <= today + timedelta(days=DAYS_AHEAD):
            wrong = {"field": f"{day}", "error": f"between today and {DAYS_AHEAD} days ahead"}
            raise Invalid("the day cannot be foretold", fields=[wrong])
    known = {one.day: one for one in of_merchant(uow, hub.id, merchant_id, expected)}
    for day, orders in expected.items():
        before = known.get(day)
        if orders == (before.orders if before else 0):
            continue
        key = portal_keys.forecast(hub.id, merchant_id, f"{day:%Y%m%d}")
        if not orders:
            uow.delete(key, expect=None)
            known.pop(day)
            continue
        late = uow.now >= deadline(day, hub)
        known[day] = Forecast(hub.id, merchant_id, day, orders, uow.now, late)
        uow.put(key, _to_item(known[day]), expect=None, expires_at=_end(uow, day, hub))
    return [known[day] for day in sorted(known)]


def of_merchant(
    uow: UnitOfWork, hub_id: str, merchant_id: str, days: Iterable[date]
) -> list[Forecast]:
    """What a shop said of these days, in their order."""
    keys = [portal_keys.forecast(hub_id, merchant_id, f"{day:%Y%m%d}") for day in days]
    return sorted((_from_item(one) for one in uow.get_many(keys).values()), key=lambda one: one.day)


def of_hub(uow: UnitOfWork, hub_id: str, first: date, last: date) -> list[Forecast]:
    """What all shops of a hub said of these days: by day, then by shop."""
    pk, found, after = portal_keys.forecasts(hub_id), [], None
    while True:
        page = uow.query(TableName.CORE, pk, sk_from=f"{first:%Y%m%d}", limit=500, after=after)
        found += [_from_item(item) for item in page.items]
        after = page.cursor
        if after is None or (found and found[-1].day > last):
            return [one for one in found if one.day <= last]


def room(uow: UnitOfWork, hub: Hub, days: Iterable[date]) -> list[Room]:
    """What the hub itself promises for each day, and how much of it is taken."""
    promises = rules.promises(hub, store.load_directory(uow, hub.id).rules, None, None)
    return [_room(uow, promises, day) for day in days]


def _room(uow: UnitOfWork, promises: tuple[Promise, ...], day: date) -> Room:
    if not promises:
        return Room(day, True, None, 0)
    calendar, places = promises[0].calendar, promises[0].capacity_per_day
    taken = 0
    if places is not None:
        counts = capacity.counts_of(uow, promises[:1], day)
        taken = sum(one.day for one in counts.values())
    return Room(day, calendar.is_working_day(day), places, taken)


def _end(uow: UnitOfWork, day: date, hub: Hub) -> datetime:
    """It may go a month after its day."""
    left = instant(day, 0, hub.timezone) - uow.now
    return uow.wall_now + max(left, timedelta()) + timedelta(days=31)


def _to_item(one: Forecast) -> dict[str, Any]:
    return {
        "hub_id": one.hub_id,
        "merchant_id": one.merchant_id,
        "day": one.day.isoformat(),
        "orders": one.orders,
        "said_at": write_instant(one.said_at),
        "is_late": one.is_late,
    }


def _from_item(item: Mapping[str, Any]) -> Forecast:
    return Forecast(
        hub_id=item["hub_id"],
        merchant_id=item["merchant_id"],
        day=date.fromisoformat(item["day"]),
        orders=item["orders"],
        said_at=read_instant(item["said_at"]),
        is_late=item["is_late"],
    )
