"""How are a message and a line written down?"""

from datetime import datetime

from chalicelib.domain.callbacks.model import EndpointRef, Line, Message, MessageState, Try
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage.table import Item


def _write(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def message_to_item(message: Message) -> Item:
    return {
        "event_id": message.event_id,
        "type": message.type,
        "at": write_instant(message.at),
        "body": message.body,
        "state": message.state.value,
        "due_at": _write(message.due_at),
        "tries": [
            {
                "at": write_instant(one.at),
                "status": one.status,
                "error": one.error,
                "duration_ms": one.duration_ms,
            }
            for one in message.tries
        ],
        "tries_in_round": message.tries_in_round,
        "version": message.version,
    }


def message_from_item(ref: EndpointRef, item: Item) -> Message:
    return Message(
        ref=ref,
        event_id=item["event_id"],
        type=item["type"],
        at=read_instant(item["at"]),
        body=item["body"],
        state=MessageState(item["state"]),
        due_at=_read(item["due_at"]),
        tries=tuple(
            Try(read_instant(one["at"]), one["status"], one["error"], one["duration_ms"])
            for one in item["tries"]
        ),
        tries_in_round=item["tries_in_round"],
        version=item["version"],
    )


def line_to_item(line: Line) -> Item:
    return {
        "busy_until": _write(line.busy_until),
        "knocked": line.knocked,
        "failures": line.failures,
        "paused_until": _write(line.paused_until),
        "failing_since": _write(line.failing_since),
        "last_failure_at": _write(line.last_failure_at),
    }


def line_from_item(ref: EndpointRef, item: Item) -> Line:
    return Line(
        ref=ref,
        version=item["version"],
        busy_until=_read(item["busy_until"]),
        knocked=item["knocked"],
        failures=item["failures"],
        paused_until=_read(item["paused_until"]),
        failing_since=_read(item["failing_since"]),
        last_failure_at=_read(item["last_failure_at"]),
    )
