"""Use case of seeking: which orders of a shop changed without our hearing of it?

Webhooks are at least once in principle and lost in practice, so each connected shop is asked what
changed since its mark, with an overlap. What we know in that version is skipped without fetching;
the rest goes through the very intake that webhooks go through, so an order whose webhook comes
after all is known by then. The mark moves only over orders that were taken in; a run ends at its
bounds and the next one goes on from the mark.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.intake import store as intake
from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection, Failure, Mark, State
from chalicelib.domain.shops.platforms import Gateways, ShopGateway
from chalicelib.domain.shops.telling import Commit
from chalicelib.kit.errors import (
    LastmileError,
    Malformed,
    Upstream,
)
from chalicelib.kit.shop_calls import Access, Changed, FoundOrder
from chalicelib.kit.shop_errors import (
    ShopError,
    ShopRefused,
)
from chalicelib.storage.unit_of_work import UnitOfWork

#: Clocks of two machines, and a platform's search that lags behind its orders.
OVERLAP = timedelta(minutes=10)
PAGE = 50
#: Orders that one shop may cost one run; the rest waits for the next.
MOST_ORDERS = 100

#: Take in an order of a connection as if its webhook had come.
TakeIn = Callable[[Connection, FoundOrder], object]


@dataclass(frozen=True, slots=True)
class Search:
    """What seeking needs besides a shop."""

    commit: Commit
    gateways: Gateways
    server_key: bytes
    take_in: TakeIn
    is_out_of_time: Callable[[], bool]


@dataclass(slots=True)
class Sought:
    """What one shop's turn found; ``until``: everything before was looked at."""

    until: datetime | None = None
    looked_at: int = 0
    taken_in: int = 0
    #: Orders that cannot be read; they are skipped, or they would stop the mark for ever.
    unreadable: list[str] = field(default_factory=list)
    failure: str | None = None


def first_mark(connection: Connection, now: datetime) -> Mark:
    """A shop's orders are ours from when it was connected."""
    return Mark(connection.merchant_id, connection.platform, until=now, polled_at=now)


def seek(search: Search, merchant_id: str, platform: str) -> Sought:
    """Give one shop its turn."""
    connection, mark, now = search.commit(lambda uow: _begin(uow, merchant_id, platform))
    if connection is None or mark is None:
        return Sought()
    sought = Sought(until=mark.until)
    failed: LastmileError | None = None
    if connection.is_usable:
        try:
            _walk(search, connection, mark, now, sought)
        except (ShopError, Upstream) as error:
            failed, sought.failure = error, error.code
    search.commit(lambda uow: _end(uow, connection, sought, failed))
    return sought


def _begin(
    uow: UnitOfWork, merchant_id: str, platform: str
) -> tuple[Connection | None, Mark | None, datetime]:
    connection = store.load_connection(uow, merchant_id, platform)
    if connection is None or connection.state is State.CLOSED:
        store.delete_mark(uow, merchant_id, platform)
        return None, None, uow.wall_now
    return connection, store.load_mark(uow, merchant_id, platform), uow.wall_now


def _walk(
    search: Search, connection: Connection, mark: Mark, now: datetime, sought: Sought
) -> None:
    """Page through what changed, noting how far everything was looked at."""
    gateway = search.gateways[connection.platform]
    access = store.access(search.server_key, connection)
    cursor: str | None = None
    since, fresh = mark.until - OVERLAP, 0
    while True:
        page = gateway.changed_orders(access, since, limit=PAGE, cursor=cursor)
        known = search.commit(partial(_known, connection=connection, changed=page.orders))
        for changed in page.orders:
            # What is not ours comes again in every overlap: the bound counts beyond the mark, or a
            # shop with many of those would stay where it is.
            is_fresh = changed.updated_at > mark.until
            if (is_fresh and fresh >= MOST_ORDERS) or search.is_out_of_time():
                return
            before = sought.taken_in
            _look_at(search, gateway, access, connection, changed, known, sought)
            fresh += (sought.taken_in - before) if is_fresh else 0
            sought.until = max(mark.until, changed.updated_at)
        if page.cursor is None:
            sought.until = max(mark.until, now)
            return
        cursor = page.cursor


def _look_at(
    search: Search,
    gateway: ShopGateway,
    access: Access,
    connection: Connection,
    changed: Changed,
    known: dict[str, datetime],
    sought: Sought,
) -> None:
    newest = known.get(changed.order_id)
    if newest is None or newest < changed.updated_at:
        found = changed.order or gateway.order(access, changed.order_id)
        if found is not None:
            try:
                search.take_in(connection, found)
                sought.taken_in += 1
            except Malformed:
                sought.unreadable.append(changed.order_id)
    sought.looked_at += 1


def _known(
    uow: UnitOfWork, connection: Connection, changed: tuple[Changed, ...]
) -> dict[str, datetime]:
    """The newest version of each order that we have heard of."""
    ids = [one.order_id for one in changed]
    return intake.newest_versions(uow, connection.merchant_id, connection.platform, ids)


def _end(
    uow: UnitOfWork, connection: Connection, sought: Sought, failed: LastmileError | None
) -> None:
    """Move the mark, and show the merchant what stopped us."""
    mark = store.load_mark(uow, connection.merchant_id, connection.platform)
    if mark is None:
        return
    failure = None
    if failed is not None:
        failure = Failure(failed.code, failed.detail or failed.title, uow.wall_now)
        now = store.load_connection(uow, connection.merchant_id, connection.platform)
        if now is not None and now.sealed_credentials == connection.sealed_credentials:
            breaks = isinstance(failed, ShopRefused)
            store.save_connection(uow, now.with_failure(failure, breaks=breaks))
    until = mark.until if sought.until is None else max(mark.until, sought.until)
    store.save_mark(uow, replace(mark, until=until, polled_at=uow.wall_now, failure=failure))
