"""Use cases of telling a shop what became of its orders: once, in order, at least once.

For each delivery a record says what its shop was told last. Whoever tells claims the record first,
for as long as a call may take: an older version finds a newer one claimed and is dropped, a newer
one finds an older being told and comes back shortly. So no shop ever hears an older status after a
newer one. What a broken connection could not be told waits, one item per delivery, until the
merchant connects the shop again; then it is told as it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection, Failure, State, Told
from chalicelib.domain.shops.news import News
from chalicelib.domain.shops.platforms import Gateways
from chalicelib.kit import tokens
from chalicelib.kit.errors import (
    LastmileError,
)
from chalicelib.kit.shop_calls import Telling
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than one telling takes: a question, two changes, and waits for an empty bucket between.
CLAIMED_FOR = timedelta(seconds=90)


class Fate(StrEnum):
    """What became of one piece of news."""

    TOLD = "told"
    #: A newer version was told, or is being told.
    SUPERSEDED = "superseded"
    #: An older version is being told right now: come again.
    BUSY = "busy"
    NOT_CONNECTED = "not_connected"
    #: It waits for the merchant to connect the shop again.
    WAITS = "waits"
    #: The platform will not hear it, for good; the connection's last error says why.
    REJECTED = "rejected"


class Commit(Protocol):
    """Run a use case and commit it (entry.work.run)."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Office:
    """What telling needs besides the news."""

    commit: Commit
    gateways: Gateways
    server_key: bytes
    public_base_url: str


@dataclass(frozen=True, slots=True)
class _Claim:
    connection: Connection
    told: Told


def tell(office: Office, news: News) -> Fate:
    """Tell one piece of news to the delivery's shop.

    Raises
    ------
    ShopUnavailable
        If the platform did not answer; the claim is given back, so the queue may try again.
    """
    claim = office.commit(lambda uow: _claim(uow, news))
    if isinstance(claim, Fate):
        return claim
    try:
        reference = _call(office, claim, news)
    except ShopRefused as error:
        refused = error
        office.commit(lambda uow: _put_aside(uow, claim, news, refused))
        return Fate.WAITS
    except ShopRejected as error:
        rejected = error
        office.commit(lambda uow: _settle(uow, claim, news, "", rejected))
        return Fate.REJECTED
    except ShopUnavailable as error:
        unavailable = error
        office.commit(lambda uow: _give_back(uow, claim, unavailable))
        raise
    office.commit(lambda uow: _settle(uow, claim, news, reference, None))
    return Fate.TOLD


def waiting_news(uow: UnitOfWork, merchant_id: str, platform: str, *, limit: int) -> list[News]:
    """What waits for a connection, as things stand now; nothing of deliveries that are gone."""
    waiting = store.list_untold(uow, merchant_id, platform, limit=limit)
    return [news for one in waiting if (news := store.current_news(uow, merchant_id, one))]


def forget_waiting(uow: UnitOfWork, news: News) -> None:
    """It waits no more: it is in the queue."""
    store.delete_untold(uow, news.merchant_id, news.platform, news.delivery_id)


def _claim(uow: UnitOfWork, news: News) -> _Claim | Fate:
    connection = store.load_connection(uow, news.merchant_id, news.platform)
    if connection is None or news.word is None:
        return Fate.NOT_CONNECTED
    told = store.load_told(uow, news.merchant_id, news.delivery_id, news.platform)
    newest = max(told.told_version, told.claimed_version)
    if news.version < newest or news.version == told.told_version:
        return Fate.SUPERSEDED
    if not connection.is_usable:
        if connection.state is State.BROKEN:
            store.save_untold(uow, news)
            return Fate.WAITS
        return Fate.NOT_CONNECTED
    is_claimed = told.claimed_until is not None and uow.wall_now < told.claimed_until
    if is_claimed:
        return Fate.BUSY
    claimed = replace(told, claimed_version=news.version, claimed_until=uow.wall_now + CLAIMED_FOR)
    return _Claim(connection, store.save_told(uow, claimed))


def _call(office: Office, claim: _Claim, news: News) -> str:
    connection = claim.connection
    token = tokens.tracking_token(office.server_key, news.delivery_id)
    telling = Telling(
        order_id=news.order_id,
        tracking_number=news.delivery_id,
        tracking_url=f"{office.public_base_url}/t/{token}",
        status=news.word or "",
        happened_at=news.at,
        notify_customer=connection.settings.get("notify_customer", "yes") == "yes",
        creates=news.creates,
        reference=claim.told.reference,
    )
    gateway = office.gateways[connection.platform]
    return gateway.tell(store.access(office.server_key, connection), telling)


def _settle(
    uow: UnitOfWork, claim: _Claim, news: News, reference: str, error: LastmileError | None
) -> None:
    """Remember what the shop has heard, or will never hear."""
    told = replace(
        claim.told,
        told_version=news.version,
        status=news.status.value,
        reference=reference or claim.told.reference,
        told_at=uow.wall_now,
        claimed_until=None,
        failure=None if error is None else _failure(error, uow.wall_now),
    )
    store.save_told(uow, told)
    if error is not None:
        _note(uow, claim.connection, error, breaks=False)


def _put_aside(uow: UnitOfWork, claim: _Claim, news: News, error: LastmileError) -> None:
    store.save_told(uow, replace(claim.told, claimed_version=0, claimed_until=None))
    store.save_untold(uow, news)
    _note(uow, claim.connection, error, breaks=True)


def _give_back(uow: UnitOfWork, claim: _Claim, error: LastmileError) -> None:
    store.save_told(uow, replace(claim.told, claimed_version=0, claimed_until=None))
    _note(uow, claim.connection, error, breaks=False)


def note(uow: UnitOfWork, connection: Connection, error: LastmileError) -> None:
    """Show the merchant what went wrong with its shop; a refusal breaks the connection."""
    _note(uow, connection, error, breaks=isinstance(error, ShopRefused))


def _note(uow: UnitOfWork, connection: Connection, error: LastmileError, *, breaks: bool) -> None:
    """Show the merchant what went wrong, unless it has connected the shop anew meanwhile."""
    now = store.load_connection(uow, connection.merchant_id, connection.platform)
    if now is None or now.sealed_credentials != connection.sealed_credentials:
        return
    store.save_connection(uow, now.with_failure(_failure(error, uow.wall_now), breaks=breaks))


def _failure(error: LastmileError, at: datetime) -> Failure:
    return Failure(error.code, error.detail or error.title, at)
