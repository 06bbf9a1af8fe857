"""Use cases of privacy: what do we hold of a customer, forget a customer, forget a shop.

A request is an item that says what was asked and what was done; it holds orders' numbers and no
person. Ended deliveries are redacted at once, others when they end. A shop's deliveries are walked
day by day, some at a time, each step a message of its own. What we hold of a customer is read by
the merchant, who asked for it, and is not copied anywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import lists, redaction
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Recipient
from chalicelib.domain.deliveries.redaction import Erase
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import store as intake
from chalicelib.domain.shops import store
from chalicelib.domain.shops.notices import Kind, Notice
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of a customer's orders or a shop's deliveries, so many in one commit: eight writes each at most.
STEP = 10
#: Days without a delivery that one step may skip.
_DAYS = 60
#: Nothing older is kept anywhere: recipients of ended deliveries do not outlive it.
FURTHEST_BACK = timedelta(days=400)


class Progress(StrEnum):
    RECEIVED = "received"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """What was asked, and how far it is. ``waiting``: deliveries that were under way."""

    id: str
    merchant_id: str
    platform: str
    kind: Kind
    source_id: str
    order_ids: tuple[str, ...]
    received_at: datetime
    progress: Progress = Progress.RECEIVED
    redacted: int = 0
    waiting: int = 0
    position: int = 0
    day: date | None = None
    day_cursor: str | None = None
    done_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: the request after it."""

    request: PrivacyRequest


@dataclass(frozen=True, slots=True)
class Held:
    """What we hold of one order's recipient."""

    delivery: Delivery
    recipient: Recipient | None


def receive(uow: UnitOfWork, merchant_id: str, platform: str, notice: Notice) -> PrivacyRequest:
    """Write down a request; a copy of an earlier one is that one."""
    known = load(uow, merchant_id, notice.source_id)
    if known is not None:
        return known
    is_answered_at_once = notice.kind is Kind.DATA_REQUEST
    request = PrivacyRequest(
        id=uow.new_id("prv"),
        merchant_id=merchant_id,
        platform=platform,
        kind=notice.kind,
        source_id=notice.source_id,
        order_ids=notice.order_ids,
        received_at=uow.wall_now,
        progress=Progress.DONE if is_answered_at_once else Progress.RECEIVED,
        done_at=uow.wall_now if is_answered_at_once else None,
    )
    _save(uow, request)
    return request


def advance(uow: UnitOfWork, merchant_id: str, source_id: str, erase: Erase) -> Step:
    """Do the next part of a request; raise NotFound when there is none of that id."""
    request = load(uow, merchant_id, source_id)
    if request is None:
        raise NotFound("there is no such privacy request")
    if request.progress is Progress.DONE:
        return Step(request)
    if request.kind is Kind.REDACT_CUSTOMER:
        return _forget_orders(uow, request, erase)
    return _forget_shop(uow, request, erase)


def finish(uow: UnitOfWork, ref: DeliveryRef, erase: Erase) -> None:
    """Redact a delivery whose end was waited for."""
    if redaction.is_wanted(uow, ref):
        redaction.redact(uow, ref, erase)


def what_is_held(uow: UnitOfWork, request: PrivacyRequest) -> list[Held]:
    """What we hold of the orders that a customer asks about; read, not stored."""
    found = []
    for order_id in request.order_ids:
        ref = _ref(uow, request, order_id)
        if ref is not None:
            delivery = deliveries.load(uow, ref)
            found.append(Held(delivery, deliveries.load_recipient(uow, ref)))
    return found


def _forget_orders(uow: UnitOfWork, request: PrivacyRequest, erase: Erase) -> Step:
    part = request.order_ids[request.position : request.position + STEP]
    refs = [ref for order_id in part if (ref := _ref(uow, request, order_id)) is not None]
    position = request.position + len(part)
    step = _forget(uow, replace(request, position=position), refs, erase)
    is_done = position >= len(request.order_ids)
    return _saved(uow, step, is_done=is_done)


def _forget_shop(uow: UnitOfWork, request: PrivacyRequest, erase: Erase) -> Step:
    """One page of one day, or the next day that has any; then the connection itself."""
    last_day = request.received_at.date()
    day = request.day or last_day - FURTHEST_BACK
    cursor = None if request.day_cursor is None else Cursor(request.day_cursor)
    for _ in range(_DAYS):
        found, after = lists.list_day(uow, request.merchant_id, day, limit=STEP, after=cursor)
        refs = [
            DeliveryRef(one.merchant_id, one.id)
            for one in found
            if one.platform == request.platform
        ]
        if after is None:
            day, cursor = day + timedelta(days=1), None
        else:
            cursor = after
        if refs or day > last_day:
            break
    moved = replace(request, day=day, day_cursor=None if cursor is None else str(cursor))
    step = _forget(uow, moved, refs, erase)
    is_done = day > last_day
    if is_done:
        _forget_connection(uow, request)
    return _saved(uow, step, is_done=is_done)


def _forget(
    uow: UnitOfWork, request: PrivacyRequest, refs: Iterable[DeliveryRef], erase: Erase
) -> Step:
    redacted = waiting = 0
    for ref in refs:
        is_done = redaction.redact(uow, ref, erase)
        redacted += is_done
        waiting += not is_done
    counted = replace(
        request, redacted=request.redacted + redacted, waiting=request.waiting + waiting
    )
    return Step(counted)


def _forget_connection(uow: UnitOfWork, request: PrivacyRequest) -> None:
    connection = store.load_connection(uow, request.merchant_id, request.platform)
    if connection is not None and not connection.is_usable:
        store.delete_connection(uow, connection)
        store.delete_mark(uow, request.merchant_id, request.platform)


def _ref(uow: UnitOfWork, request: PrivacyRequest, order_id: str) -> DeliveryRef | None:
    lock = intake.find_lock(uow, request.merchant_id, request.platform, order_id)
    if lock is None or lock.delivery_id is None:
        return None
    return DeliveryRef(request.merchant_id, lock.delivery_id)


def _saved(uow: UnitOfWork, step: Step, *, is_done: bool) -> Step:
    request = step.request
    if is_done:
        request = replace(request, progress=Progress.DONE, done_at=uow.wall_now)
    _save(uow, request)
    return replace(step, request=request)


def load(uow: UnitOfWork, merchant_id: str, source_id: str) -> PrivacyRequest | None:
    item = uow.get(keys.privacy_request(merchant_id, source_id))
    return None if item is None else _from_item(item)


def find(uow: UnitOfWork, merchant_id: str, request_id: str) -> PrivacyRequest | None:
    """A request by the id that the merchant knows; there are few of them."""
    pk, prefix = keys.privacy_requests(merchant_id)
    items = uow.query_all(TableName.CORE, pk, prefix)
    return next((_from_item(item) for item in items if item["id"] == request_id), None)


def list_requests(
    uow: UnitOfWork, merchant_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[PrivacyRequest], Cursor | None]:
    pk, prefix = keys.privacy_requests(merchant_id)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after)
    return [_from_item(item) for item in page.items], page.cursor


def _save(uow: UnitOfWork, request: PrivacyRequest) -> None:
    done_at, day = request.done_at, request.day
    uow.put(
        keys.privacy_request(request.merchant_id, request.source_id),
        {
            "id": request.id,
            "merchant_id": request.merchant_id,
            "platform": request.platform,
            "kind": request.kind.value,
            "source_id": request.source_id,
            "order_ids": list(request.order_ids),
            "received_at": write_instant(request.received_at),
            "progress": request.progress.value,
            "redacted": request.redacted,
            "waiting": request.waiting,
            "position": request.position,
            "day": None if day is None else day.isoformat(),
            "day_cursor": request.day_cursor,
            "done_at": None if done_at is None else write_instant(done_at),
            "version": request.version + 1,
        },
        expect=request.version,
    )


def _from_item(item: Item) -> PrivacyRequest:
    done_at, day = item["done_at"], item["day"]
    return PrivacyRequest(
        id=item["id"],
        merchant_id=item["merchant_id"],
        platform=item["platform"],
        kind=Kind(item["kind"]),
        source_id=item["source_id"],
        order_ids=tuple(item["order_ids"]),
        received_at=read_instant(item["received_at"]),
        progress=Progress(item["progress"]),
        redacted=item["redacted"],
        waiting=item["waiting"],
        position=item["position"],
        day=None if day is None else date.fromisoformat(day),
        day_cursor=item["day_cursor"],
        done_at=None if done_at is None else read_instant(done_at),
        version=item["version"],
    )
