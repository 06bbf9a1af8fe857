"""Which deliveries are there? A merchant's day, what changed since, and what waits for a wave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef, load_many
from chalicelib.kit.errors import Malformed
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import index_keys, keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def list_day(
    uow: UnitOfWork, merchant_id: str, day: date, *, limit: int, after: Cursor | None
) -> tuple[list[Delivery], Cursor | None]:
    """The deliveries that a merchant created on a day (UTC), oldest first."""
    page = uow.query(Index.LISTS, keys.merchant_day(merchant_id, day), limit=limit, after=after)
    refs = [DeliveryRef(merchant_id, item["g2sk"].rpartition("#")[2]) for item in page.items]
    found = load_many(uow, refs)
    return [found[ref] for ref in refs if ref in found], page.cursor


@dataclass(frozen=True, slots=True)
class Changed:
    """A delivery, and when we wrote down its last change."""

    delivery: Delivery
    changed_at: datetime


def list_changed(
    uow: UnitOfWork, merchant_id: str, since: datetime, *, limit: int, after: Cursor | None
) -> tuple[list[Changed], Cursor | None]:
    """A merchant's deliveries that changed at or after a time, in that order.

    One that changes between two pages comes again. The cursor is a day's and the day's own; its
    news of today are not over, so the last page of today has no cursor.

    Raises
    ------
    Malformed
        If the cursor was not made for this list.
    """
    day, after = _day_of(after, since.date()) if after else (since.date(), None)
    found: list[Changed] = []
    while day <= uow.now.date():
        page = uow.query(
            Index.NEWS,
            keys.merchant_news(merchant_id, day),
            sk_from=write_instant(since),
            limit=limit - len(found),
            after=after,
        )
        found += _changed(uow, merchant_id, page.items)
        if page.cursor is not None:
            return found, f"{day:%Y%m%d}.{page.cursor}"
        day, after = day + timedelta(days=1), None
        if len(found) == limit and day <= uow.now.date():
            return found, f"{day:%Y%m%d}."
    return found, None


def _day_of(cursor: Cursor, first: date) -> tuple[date, Cursor | None]:
    text, _, rest = cursor.partition(".")
    try:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise Malformed("the cursor is not one of ours") from error
    if day < first:
        raise Malformed("the cursor belongs to another list")
    return day, rest or None


def _changed(uow: UnitOfWork, merchant_id: str, rows: Iterable[Item]) -> list[Changed]:
    at = {}
    for row in rows:
        text, _, delivery_id = row["g4sk"].rpartition("#")
        at[DeliveryRef(merchant_id, delivery_id)] = read_instant(text)
    found = load_many(uow, at)
    return [Changed(found[ref], at[ref]) for ref in at if ref in found]


def list_address_reviews(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Delivery], Cursor | None]:
    """The deliveries of a hub that wait for an address, the most urgent first."""
    page = uow.query(Index.ATTENTION, index_keys.address_reviews(hub_id), limit=limit, after=after)
    refs = [DeliveryRef.parse(item["g3sk"].partition("#")[2]) for item in page.items]
    found = load_many(uow, refs)
    # The index may lag: who was answered meanwhile is no longer waiting.
    waiting = [found[ref] for ref in refs if ref in found]
    return [one for one in waiting if one.status is Status.ADDRESS_REVIEW], page.cursor


def pending_refs(uow: UnitOfWork, hub_id: str) -> list[dict[str, Any]]:
    """What waits for a wave at a hub: the ``pending`` maps of the index, by deadline."""
    found = [
        item["pending"]
        for shard in range(keys.PENDING_SHARDS)
        for item in uow.query_all(Index.PENDING, keys.pending(hub_id, shard))
    ]
    return sorted(found, key=lambda pending: (pending["window"]["end_at"], pending["delivery_id"]))
