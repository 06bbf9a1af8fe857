"""How connections and marks are kept: codec and queries, and the seal on credentials."""

import json
from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.shops.model import Connection, Failure, Mark, State
from chalicelib.kit import tokens
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import Index
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


def load_connection(uow: UnitOfWork, merchant_id: str, platform: str) -> Connection | None:
    item = uow.get(keys.connection(merchant_id, platform))
    if item is None:
        return None
    connected_at = item["connected_at"]
    return Connection(
        merchant_id=merchant_id,
        platform=platform,
        shop=item["shop"],
        sealed_credentials=item["sealed_credentials"],
        settings=item["settings"],
        version=item["version"],
        state=State(item["state"]),
        connected_at=None if connected_at is None else read_instant(connected_at),
        failure=_failure_from_item(item["failure"]),
    )


def save_connection(uow: UnitOfWork, connection: Connection) -> Connection:
    """Save a connection that still carries the version it was loaded with; returns it as saved."""
    saved = replace(connection, version=connection.version + 1)
    at = saved.connected_at
    uow.put(
        keys.connection(saved.merchant_id, saved.platform),
        {
            "shop": saved.shop,
            "sealed_credentials": saved.sealed_credentials,
            "settings": dict(saved.settings),
            "state": saved.state.value,
            "connected_at": None if at is None else write_instant(at),
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
