"""What did we do with it? The inbox, the lock of each order, and rejections.

The inbox remembers what was answered to a source event for 72 hours of wall time (longer than any
platform retries). The lock of an order never expires: it names the order's one delivery and the
shop's time of the newest version that we saw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

REMEMBERED = timedelta(hours=72)


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    IGNORED = "ignored"
    #: Its order is being fetched from the shop.
    QUEUED = "queued"
    #: Not an order: a notice that is acted on, at once or by a queue.
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a webhook, as its sender reads it; no personal data."""

    result: Result
    delivery_id: str | None = None
    code: str | None = None
    detail: str | None = None


class State(StrEnum):
    PROMISED = "promised"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderLock:
    """What we know of a shop's order. ``refusal``: what the merchant was last told about it;
    ``parts``: of an order to several addresses, which part went to which (``intake.parts``)."""

    state: State
    source_updated_at: datetime
    delivery_id: str | None = None
    refusal: str | None = None
    version: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """An order that did not become what the shop asked, as the merchant reads it."""

    id: str
    at: datetime
    platform: str
    order_id: str
    order_name: str
    code: str
    detail: str
    delivery_id: str | None


def load_seen(
    uow: UnitOfWork, merchant_id: str, platform: str, source_event_id: str
) -> Outcome | None:
    """What was answered to this source event before; None when it is new."""
    item = uow.get(_inbox_key(merchant_id, platform, source_event_id))
    if item is None:
        return None
    return Outcome(Result(item["result"]), item["delivery_id"], item["code"], item["detail"])


def save_seen(uow: UnitOfWork, merchant_id: str, order: Order, outcome: Outcome) -> None:
    uow.put(
        _inbox_key(merchant_id, order.platform, order.source_event_id),
        {
            "result": outcome.result.value,
            "delivery_id": outcome.delivery_id,
            "code": outcome.code,
            "detail": outcome.detail,
        },
        expect=0,
        expires_at=uow.wall_now + REMEMBERED,
    )


def load_lock(uow: UnitOfWork, merchant_id: str, order: Order) -> OrderLock | None:
    return find_lock(uow, merchant_id, order.platform, order.order_id)


def find_lock(uow: UnitOfWork, merchant_id: str, platform: str, order_id: str) -> OrderLock | None:
    """What we know of a shop's order, by its number."""
    item = uow.get(keys.order(merchant_id, platform, order_id))
    if item is None:
        return None
    return OrderLock(
        state=State(item["state"]),
        source_updated_at=read_instant(item["source_updated_at"]),
        delivery_id=item["delivery_id"],
        refusal=item["refusal"],
        version=item["version"],
        parts={part: address for part, address in item.get("parts", ())},
    )


def newest_versions(
    uow: UnitOfWork, merchant_id: str, platform: str, order_ids: Iterable[str]
) -> dict[str, datetime]:
    """The shop's time of the newest version of each order that we have heard of at all."""
    wanted = {keys.order(merchant_id, platform, one): one for one in order_ids}
    return {
        wanted[key]: read_instant(item["source_updated_at"])
        for key, item in uow.get_many(wanted).items()
    }


def find_delivery(uow: UnitOfWork, merchant_id: str, platform: str, order_id: str) -> str | None:
    """The id of the delivery that an order became, if it became one."""
    item = uow.get(keys.order(merchant_id, platform, order_id))
    return None if item is None else item["delivery_id"]


def save_lock(uow: UnitOfWork, merchant_id: str, order: Order, lock: OrderLock) -> None:
    """Save a lock that still carries the version it was loaded with (0 when it is new)."""
    uow.put(
        keys.order(merchant_id, order.platform, order.order_id),
        {
            "state": lock.state.value,
            "source_updated_at": write_instant(lock.source_updated_at),
            "delivery_id": lock.delivery_id,
            "refusal": lock.refusal,
            "version": lock.version + 1,
            # DynamoDB's maps may not have an empty key, and the plain part has that name.
            **({"parts": [list(one) for one in lock.parts.items()]} if lock.parts else {}),
        },
        expect=lock.version,
    )


def save_rejection(
    uow: UnitOfWork, merchant_id: str, order: Order, refusal: Refusal, delivery_id: str | None
) -> None:
    """Make a refusal visible to the merchant."""
    rejection_id = uow.new_id("rej")
    at = write_instant(uow.now)
    uow.put(
        keys.rejection(merchant_id, at, rejection_id),
        {
            "id": rejection_id,
            "at": at,
            "platform": order.platform,
            "order_id": order.order_id,
            "order_name": order.order_name,
            "code": refusal.value,
            "detail": refusal.detail,
            "delivery_id": delivery_id,
        },
        expect=0,
    )


def list_rejections(
    uow: UnitOfWork, merchant_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Rejection], Cursor | None]:
    """What the merchant should look at, newest first."""
    pk, prefix = keys.rejections(merchant_id)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after, newest_first=True)
    return [_rejection_from_item(item) for item in page.items], page.cursor


def _inbox_key(merchant_id: str, platform: str, source_event_id: str) -> keys.Key:
    return keys.inbox(merchant_id, f"{platform}:{source_event_id}")


def _rejection_from_item(item: dict[str, Any]) -> Rejection:
    return Rejection(
        id=item["id"],
        at=read_instant(item["at"]),
        platform=item["platform"],
        order_id=item["order_id"],
        order_name=item["order_name"],
        code=item["code"],
        detail=item["detail"],
        delivery_id=item["delivery_id"],
    )
