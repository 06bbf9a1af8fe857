"""How connections, marks and what was told are kept, and the seal on credentials."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.shops.model import Connection, Failure, Mark, State, Told
from chalicelib.domain.shops.news import News, of_delivery
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound
from chalicelib.kit.shop_calls import Access
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import Index, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def seal_credentials(
    server_key: bytes, merchant_id: str, platform: str, credentials: Mapping[str, str]
) -> str:
    """Credentials as they may be stored, of use to this merchant and platform only."""
    plain = json.dumps(dict(credentials), sort_keys=True)
    return tokens.seal(server_key, plain, _context(merchant_id, platform))


def open_credentials(server_key: bytes, connection: Connection) -> dict[str, str]:
    """The credentials in the clear, for a gateway and nobody else."""
    context = _context(connection.merchant_id, connection.platform)
    plain = tokens.unseal(server_key, connection.sealed_credentials, context)
    return {str(name): str(value) for name, value in json.loads(plain).items()}


def access(server_key: bytes, connection: Connection) -> Access:
    """What a gateway needs to call the shop, for the length of one call."""
    credentials = open_credentials(server_key, connection)
    return Access(connection.shop, credentials, connection.settings)


def load_connection(uow: UnitOfWork, merchant_id: str, platform: str) -> Connection | None:
    item = uow.get(keys.connection(merchant_id, platform))
    if item is None:
        return None
    return Connection(
        merchant_id=merchant_id,
        platform=platform,
        shop=item["shop"],
        sealed_credentials=item["sealed_credentials"],
        settings=item["settings"],
        version=item["version"],
        state=State(item["state"]),
        connected_at=_read(item["connected_at"]),
        failure=_failure_from_item(item["failure"]),
    )


def save_connection(uow: UnitOfWork, connection: Connection) -> Connection:
    """Save a connection that still carries the version it was loaded with; returns it as saved."""
    saved = replace(connection, version=connection.version + 1)
    uow.put(
        keys.connection(saved.merchant_id, saved.platform),
        {
            "shop": saved.shop,
            "sealed_credentials": saved.sealed_credentials,
            "settings": dict(saved.settings),
            "state": saved.state.value,
            "connected_at": _write(saved.connected_at),
            "failure": _failure_to_item(saved.failure),
            "version": saved.version,
        },
        expect=connection.version,
    )
    return saved


def delete_connection(uow: UnitOfWork, connection: Connection) -> None:
    uow.delete(
        keys.connection(connection.merchant_id, connection.platform), expect=connection.version
    )


def load_mark(uow: UnitOfWork, merchant_id: str, platform: str) -> Mark | None:
    item = uow.get(keys.poll_mark(merchant_id, platform))
    if item is None:
        return None
    return Mark(
        merchant_id=merchant_id,
        platform=platform,
        until=read_instant(item["until"]),
        polled_at=read_instant(item["polled_at"]),
        failure=_failure_from_item(item["failure"]),
        version=item["version"],
    )


def save_mark(uow: UnitOfWork, mark: Mark) -> None:
    """Save a mark that still carries the version it was loaded with (0 when it is new)."""
    polled_at = write_instant(mark.polled_at)
    uow.put(
        keys.poll_mark(mark.merchant_id, mark.platform),
        {
            "until": write_instant(mark.until),
            "polled_at": polled_at,
            "failure": _failure_to_item(mark.failure),
            "version": mark.version + 1,
            "g3pk": keys.POLLED_SHOPS,
            "g3sk": f"{polled_at}#{mark.merchant_id}#{mark.platform}",
        },
        expect=mark.version,
    )


def delete_mark(uow: UnitOfWork, merchant_id: str, platform: str) -> None:
    uow.delete(keys.poll_mark(merchant_id, platform), expect=None)


def longest_unpolled(uow: UnitOfWork, *, limit: int) -> list[tuple[str, str]]:
    """Merchant and platform of the shops that were not looked at for longest."""
    page = uow.query(Index.ATTENTION, keys.POLLED_SHOPS, limit=limit)
    parts = [item["g3sk"].split("#") for item in page.items]
    return [(merchant_id, platform) for _, merchant_id, platform in parts]


def load_told(uow: UnitOfWork, merchant_id: str, delivery_id: str, platform: str) -> Told:
    """What the shop has heard of a delivery; a blank record when that is nothing."""
    item = uow.get(keys.shop_told(merchant_id, delivery_id, platform))
    if item is None:
        return Told(merchant_id, delivery_id, platform)
    return Told(
        merchant_id=merchant_id,
        delivery_id=delivery_id,
        platform=platform,
        told_version=item["told_version"],
        status=item["status"],
        reference=item["reference"],
        told_at=_read(item["told_at"]),
        claimed_version=item["claimed_version"],
        claimed_until=_read(item["claimed_until"]),
        failure=_failure_from_item(item["failure"]),
        version=item["version"],
    )


def save_told(uow: UnitOfWork, told: Told) -> Told:
    """Save a record that still carries the version it was loaded with; returns it as saved."""
    saved = replace(told, version=told.version + 1)
    uow.put(
        keys.shop_told(told.merchant_id, told.delivery_id, told.platform),
        {
            "told_version": told.told_version,
            "status": told.status,
            "reference": told.reference,
            "told_at": _write(told.told_at),
            "claimed_version": told.claimed_version,
            "claimed_until": _write(told.claimed_until),
            "failure": _failure_to_item(told.failure),
            "version": saved.version,
        },
        expect=told.version,
    )
    return saved


def save_untold(uow: UnitOfWork, news: News) -> None:
    """Note that a delivery's shop has to hear of it once it is connected again."""
    key = keys.untold(news.merchant_id, news.platform, news.delivery_id)
    uow.put(key, {"delivery_id": news.delivery_id}, expect=None)


def list_untold(uow: UnitOfWork, merchant_id: str, platform: str, *, limit: int) -> list[str]:
    pk, prefix = keys.untold_of(merchant_id, platform)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit)
    return [item["delivery_id"] for item in page.items]


def delete_untold(uow: UnitOfWork, merchant_id: str, platform: str, delivery_id: str) -> None:
    uow.delete(keys.untold(merchant_id, platform, delivery_id), expect=None)


def current_news(uow: UnitOfWork, merchant_id: str, delivery_id: str) -> News | None:
    """What there is to tell of a delivery as it stands; None when it is gone."""
    try:
        return of_delivery(deliveries.load(uow, DeliveryRef(merchant_id, delivery_id)))
    except NotFound:
        return None


def _write(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _context(merchant_id: str, platform: str) -> str:
    return f"{merchant_id}/{platform}"


def _failure_to_item(failure: Failure | None) -> Item | None:
    if failure is None:
        return None
    return {"code": failure.code, "detail": failure.detail, "at": write_instant(failure.at)}


def _failure_from_item(item: Item | None) -> Failure | None:
    if item is None:
        return None
    return Failure(item["code"], item["detail"], read_instant(item["at"]))
