"""How is something sent again, or for a try? Replays by event and by time, and test messages.

A replay is the same message under the same id with the whole schedule before it: a receiver that
remembers ids does nothing twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.callbacks import catalogue, payload, sending, store
from chalicelib.domain.callbacks.model import EndpointRef, Message, MessageState
from chalicelib.kit.errors import Malformed, NotFound, WebhookEndpointDisabled
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.unit_of_work import UnitOfWork

#: Messages of one commit: each is up to three writes.
PAGE = 25


@dataclass(frozen=True, slots=True)
class Replay:
    """A span of events, [start_at, end_at), to be sent again; ``after``: where to go on."""

    ref: EndpointRef
    start_at: datetime
    end_at: datetime
    only_failed: bool
    after: Cursor | None = None

    def to_message(self) -> dict[str, Any]:
        return {
            "merchant_id": self.ref.merchant_id,
            "endpoint_id": self.ref.endpoint_id,
            "from": write_instant(self.start_at),
            "to": write_instant(self.end_at),
            "only_failed": self.only_failed,
            "after": self.after,
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "Replay":
        try:
            return cls(
                EndpointRef(message["merchant_id"], message["endpoint_id"]),
                read_instant(message["from"]),
                read_instant(message["to"]),
                bool(message["only_failed"]),
                message["after"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed("this is no order of a replay") from error


def expect_enabled(uow: UnitOfWork, ref: EndpointRef) -> None:
    """Raise NotFound or WebhookEndpointDisabled unless something can be sent there."""
    _, endpoint = store.load_endpoint(uow, ref)
    if not endpoint.is_enabled:
        raise WebhookEndpointDisabled("enable it first")


def replay_event(uow: UnitOfWork, ref: EndpointRef, event_id: str) -> Message:
    """Send one event again; one that is on its way already stays so.

    Raises
    ------
    NotFound
        If the endpoint, or this event in its log, does not exist.
    WebhookEndpointDisabled
    """
    expect_enabled(uow, ref)
    message = store.find_message(uow, ref, event_id)
    if message is None:
        raise NotFound("this endpoint has no such event in its log")
    return _again(uow, message)


def replay_page(uow: UnitOfWork, replay: Replay) -> tuple[int, Replay | None]:
    """Send a page of a span again; how many, and what is left to do.

    An endpoint that is gone or disabled meanwhile ends it.
    """
    endpoint = store.load_book(uow, replay.ref.merchant_id).find(replay.ref.endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return 0, None
    found, cursor = store.list_messages(
        uow, replay.ref, limit=PAGE, after=replay.after, since=replay.start_at
    )
    inside = [one for one in found if one.at < replay.end_at]
    chosen = [one for one in inside if not (replay.only_failed and _was_delivered(one))]
    for message in chosen:
        _again(uow, message)
    if cursor is None or len(inside) < len(found):
        return len(chosen), None
    return len(chosen), replace(replay, after=cursor)


def send_test(uow: UnitOfWork, ref: EndpointRef) -> Message:
    """Send an event that means nothing, whatever the endpoint wants.

    Raises
    ------
    NotFound, WebhookEndpointDisabled
    """
    expect_enabled(uow, ref)
    _, endpoint = store.load_endpoint(uow, ref)
    event = Event(catalogue.TEST, uow.new_id("tst"), 1, uow.now, {"endpoint_id": ref.endpoint_id})
    return sending.add(uow, endpoint, event, payload.test_data(event))


def _was_delivered(message: Message) -> bool:
    return message.state is MessageState.DELIVERED


def _again(uow: UnitOfWork, message: Message) -> Message:
    if message.state is MessageState.PENDING:
        return message
    again = replace(
        message,
        state=MessageState.PENDING,
        due_at=uow.now,
        tries_in_round=0,
        version=message.version + 1,
    )
    store.move_message(uow, message, again)
    return again
