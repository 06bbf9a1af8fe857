"""How are endpoints and messages kept?

Endpoints are one item per merchant in ``core``, so that their end is told like any other change.
Everything that passes is in ``eph`` for thirty days: a message by time, a pointer to it by its
event, another one by when it is due, the line to the endpoint, and which endpoints to wake when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.callbacks.message_items import (
    line_from_item,
    line_to_item,
    message_from_item,
    message_to_item,
)
from chalicelib.domain.callbacks.model import (
    Book,
    DisabledReason,
    Endpoint,
    EndpointRef,
    EndpointStatus,
    Line,
    Message,
    Secret,
)
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor, write_cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message's place in the order in which its endpoint is to get them."""

    due_at: datetime
    at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Wake:
    """An endpoint for which something is due by the end of a minute."""

    minute: datetime
    ref: EndpointRef


def load_book(uow: UnitOfWork, merchant_id: str) -> Book:
    """A merchant's endpoints; an empty book if there are none."""
    item = uow.get(keys.webhook_endpoints(merchant_id))
    return Book(merchant_id) if item is None else _book_from_item(item)


def load_endpoint(uow: UnitOfWork, ref: EndpointRef) -> tuple[Book, Endpoint]:
    """Raise NotFound unless this merchant has this endpoint."""
    book = load_book(uow, ref.merchant_id)
    endpoint = book.find(ref.endpoint_id)
    if endpoint is None:
        raise NotFound("there is no such webhook endpoint")
    return book, endpoint


def save_book(uow: UnitOfWork, book: Book, *, about: str | None = None) -> None:
    """Save; ``about``: the endpoint that an event of this unit tells of."""
    item = {
        "merchant_id": book.merchant_id,
        "endpoints": [_endpoint_to_item(one) for one in book.endpoints],
        "version": book.version,
    }
    key = keys.webhook_endpoints(book.merchant_id)
    uow.put(key, item, expect=book.version - 1, subject=about)


def load_line(uow: UnitOfWork, ref: EndpointRef) -> Line:
    item = uow.get(keys.webhook_line(ref.merchant_id, ref.endpoint_id))
    return Line(ref) if item is None else line_from_item(ref, item)


def save_line(uow: UnitOfWork, line: Line) -> None:
    """Save the next version of a line that was loaded."""
    uow.put(
        keys.webhook_line(line.ref.merchant_id, line.ref.endpoint_id),
        line_to_item(line) | {"version": line.version + 1},
        expect=line.version,
        expires_at=uow.wall_now + KEPT,
    )


def find_message(uow: UnitOfWork, ref: EndpointRef, event_id: str) -> Message | None:
    """The message about an event, if this endpoint was ever to get one."""
    place = uow.get(keys.webhook_of_event(ref.merchant_id, ref.endpoint_id, event_id))
    return None if place is None else load_message(uow, ref, read_instant(place["at"]), event_id)


def load_message(uow: UnitOfWork, ref: EndpointRef, at: datetime, event_id: str) -> Message | None:
    key = keys.webhook(ref.merchant_id, ref.endpoint_id, write_instant(at), event_id)
    item = uow.get(key)
    return None if item is None else message_from_item(ref, item)


def add_message(uow: UnitOfWork, message: Message) -> None:
    """Save a new message; refused at commit if the event has one already."""
    ref = message.ref
    uow.put(
        keys.webhook_of_event(ref.merchant_id, ref.endpoint_id, message.event_id),
        {"at": write_instant(message.at)},
        expect=0,
        expires_at=uow.wall_now + KEPT,
    )
    _put_message(uow, message)
    _put_waiting(uow, message)


def move_message(uow: UnitOfWork, before: Message, after: Message) -> None:
    """Save a changed message, and its place among those that wait."""
    _put_message(uow, after)
    if before.due_at is not None and before.due_at != after.due_at:
        uow.delete(_waiting_key(before, before.due_at), expect=None)
    _put_waiting(uow, after)


def first_waiting(uow: UnitOfWork, ref: EndpointRef) -> Waiting | None:
    page = uow.query(
        TableName.EPH, keys.webhooks_waiting(ref.merchant_id, ref.endpoint_id), limit=1
    )
    for item in page.items:
        return Waiting(read_instant(item["due_at"]), read_instant(item["at"]), item["event_id"])
    return None


def forget_waiting(uow: UnitOfWork, ref: EndpointRef, waiting: Waiting) -> None:
    """Take a place away whose message is no longer there."""
    due = write_instant(waiting.due_at)
    key = keys.webhook_waiting(ref.merchant_id, ref.endpoint_id, due, waiting.event_id)
    uow.delete(key, expect=None)


def list_messages(
    uow: UnitOfWork,
    ref: EndpointRef,
    *,
    limit: int,
    after: Cursor | None = None,
    since: datetime | None = None,
) -> tuple[list[Message], Cursor | None]:
    """Messages by the time of their event: newest first, or from ``since`` on."""
    pk, prefix = keys.webhooks(ref.merchant_id, ref.endpoint_id)
    if after is None and since is not None:
        # A key that nothing has, right before the first that counts.
        after = write_cursor({"pk": pk, "sk": f"{prefix}{write_instant(since)}"})
    page = uow.query(
        TableName.EPH, pk, prefix, limit=limit, after=after, newest_first=since is None
    )
    return [message_from_item(ref, item) for item in page.items], page.cursor


def wake_at(uow: UnitOfWork, ref: EndpointRef, due_at: datetime) -> None:
    """See to it that somebody looks at an endpoint by the end of the minute of ``due_at``."""
    minute = due_at.replace(second=0, microsecond=0)
    if minute < due_at:
        minute += timedelta(minutes=1)
    uow.put(
        keys.webhook_wake(write_instant(minute), ref.merchant_id, ref.endpoint_id),
        {
            "minute": write_instant(minute),
            "merchant_id": ref.merchant_id,
            "endpoint_id": ref.endpoint_id,
        },
        expect=None,
        expires_at=uow.wall_now + KEPT,
    )


def due_wakes(uow: UnitOfWork, *, limit: int) -> list[Wake]:
    """Endpoints to be woken by now, the longest overdue first."""
    page = uow.query(TableName.EPH, keys.WEBHOOK_WAKES, limit=limit)
    found = [
        Wake(read_instant(item["minute"]), EndpointRef(item["merchant_id"], item["endpoint_id"]))
        for item in page.items
    ]
    return [wake for wake in found if wake.minute <= uow.now]


def forget_wakes(uow: UnitOfWork, wakes: Sequence[Wake]) -> None:
    for wake in wakes:
        key = keys.webhook_wake(
            write_instant(wake.minute), wake.ref.merchant_id, wake.ref.endpoint_id
        )
        uow.delete(key, expect=None)


def _put_message(uow: UnitOfWork, message: Message) -> None:
    ref = message.ref
    uow.put(
        keys.webhook(ref.merchant_id, ref.endpoint_id, write_instant(message.at), message.event_id),
        message_to_item(message),
        expect=message.version - 1,
        expires_at=uow.wall_now + KEPT,
    )


def _put_waiting(uow: UnitOfWork, message: Message) -> None:
    if message.due_at is None:
        return
    uow.put(
        _waiting_key(message, message.due_at),
        {
            "due_at": write_instant(message.due_at),
            "at": write_instant(message.at),
            "event_id": message.event_id,
        },
        expect=None,
        expires_at=uow.wall_now + KEPT,
    )


def _waiting_key(message: Message, due_at: datetime) -> keys.Key:
    ref = message.ref
    due = write_instant(due_at)
    return keys.webhook_waiting(ref.merchant_id, ref.endpoint_id, due, message.event_id)


def _endpoint_to_item(endpoint: Endpoint) -> Item:
    reason, disabled_at = endpoint.disabled_reason, endpoint.disabled_at
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "status": endpoint.status.value,
        "secrets": [
            {"sealed": one.sealed, "ends_at": one.ends_at and write_instant(one.ends_at)}
            for one in endpoint.secrets
        ],
        "created_at": write_instant(endpoint.created_at),
        "version": endpoint.version,
        "disabled_reason": reason and reason.value,
        "disabled_at": disabled_at and write_instant(disabled_at),
    }


def _book_from_item(item: Item) -> Book:
    merchant_id = item["merchant_id"]
    endpoints = tuple(_endpoint_from_item(merchant_id, one) for one in item["endpoints"])
    return Book(merchant_id, endpoints, item["version"])


def _endpoint_from_item(merchant_id: str, item: Item) -> Endpoint:
    reason, disabled_at = item["disabled_reason"], item["disabled_at"]
    return Endpoint(
        id=item["id"],
        merchant_id=merchant_id,
        url=item["url"],
        events=tuple(item["events"]),
        description=item["description"],
        status=EndpointStatus(item["status"]),
        secrets=tuple(
            Secret(one["sealed"], one["ends_at"] and read_instant(one["ends_at"]))
            for one in item["secrets"]
        ),
        created_at=read_instant(item["created_at"]),
        version=item["version"],
        disabled_reason=reason and DisabledReason(reason),
        disabled_at=disabled_at and read_instant(disabled_at),
    )
