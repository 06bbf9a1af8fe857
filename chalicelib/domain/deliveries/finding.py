"""Which orders does a shop ask for? By days, statuses and faults, newest first, bounded.

The list index holds keys only, so every delivery that is looked at is read. A page therefore ends
when it is full or when it has looked at as many as it may; either way its cursor says where the
next one goes on, and ``is_whole`` whether the days are through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef, load_many
from chalicelib.kit.errors import Malformed
from chalicelib.kit.timewindow import TimeWindow, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor, write_cursor
from chalicelib.storage.keys import Index
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

_READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: created in ``span``, and of those what fits the rest.

    ``late``: handed over after its promise, or still not and past it. ``failed``: with an attempt
    at the door that failed.
    """

    span: TimeWindow
    statuses: frozenset[Status] = frozenset()
    late: bool = False
    failed: bool = False
    store_id: str = ""

    def fits(self, delivery: Delivery, now: datetime) -> bool:
        return (
            (not self.statuses or delivery.status in self.statuses)
            and (not self.late or is_late(delivery, now))
            and (not self.failed or bool(delivery.attempts))
            and self.store_id in ("", delivery.pickup.id)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Some of what was asked for; ``cursor`` is None when there is no more."""

    deliveries: tuple[Delivery, ...]
    cursor: Cursor | None
    looked_at: int

    @property
    def is_whole(self) -> bool:
        return self.cursor is None


def is_late(delivery: Delivery, now: datetime) -> bool:
    """Whether its promise was missed: it came after it, or has not come and the time is over."""
    if delivery.is_on_time is not None:
        return not delivery.is_on_time
    waits = not delivery.status.is_final and delivery.status is not Status.AT_PICKUP_POINT
    return waits and now >= delivery.window.end_at


def find(
    uow: UnitOfWork,
    merchant_id: str,
    wanted: Wanted,
    *,
    limit: int,
    most_looked_at: int,
    after: Cursor | None = None,
) -> Found:
    """A page of a merchant's deliveries, the newest first.

    Raises
    ------
    Malformed
        If the cursor was not made for this list.
    """
    found: list[Delivery] = []
    looked_at = 0
    for day, rows in _pages(uow, merchant_id, wanted.span, after):
        refs = [DeliveryRef(merchant_id, _sort_key(row)[1]) for row in rows]
        loaded = load_many(uow, refs)
        for row, ref in zip(rows, refs, strict=True):
            looked_at += 1
            delivery = loaded.get(ref)
            if delivery is not None and wanted.fits(delivery, uow.now):
                found.append(delivery)
            if len(found) == limit or looked_at == most_looked_at:
                return Found(tuple(found), _cursor_at(day, row), looked_at)
    return Found(tuple(found), None, looked_at)


def _pages(
    uow: UnitOfWork, merchant_id: str, span: TimeWindow, after: Cursor | None
) -> Iterator[tuple[date, list[Item]]]:
    """The rows of the index within a span, page by page, from the newest on."""
    since, until = write_instant(span.start_at), write_instant(span.end_at)
    first, last = span.start_at.date(), (span.end_at - timedelta(milliseconds=1)).date()
    day, cursor = _opened(after, first, last) if after else (last, None)
    while day >= first:
        pk = keys.merchant_day(merchant_id, day)
        page = uow.query(
            Index.LISTS, pk, sk_from=since, limit=_READ_AT_ONCE, after=cursor, newest_first=True
        )
        rows = [row for row in page.items if _sort_key(row)[0] < until]
        if rows:
            yield day, rows
        cursor = page.cursor
        if cursor is None:
            day -= timedelta(days=1)


def _sort_key(row: Item) -> tuple[str, str]:
    """When it was created, and its id."""
    at, _, delivery_id = row["g2sk"].rpartition("#")
    return at, delivery_id


def _cursor_at(day: date, row: Item) -> Cursor:
    """Behind this row: what the index and the table want to know of it."""
    last = {name: row[name] for name in ("pk", "sk", "g2pk", "g2sk")}
    return f"{day:%Y%m%d}.{write_cursor(last)}"


def _opened(cursor: Cursor, first: date, last: date) -> tuple[date, Cursor]:
    text, _, rest = cursor.partition(".")
    try:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise Malformed("the cursor is not one of ours") from error
    if not first <= day <= last or not rest:
        raise Malformed("the cursor belongs to another list")
    return day, rest
