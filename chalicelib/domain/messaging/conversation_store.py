"""How is a conversation kept? Its head in ``core`` without a word, its messages in ``pii``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=30)


class Side(StrEnum):
    RECIPIENT = "recipient"
    DRIVER = "driver"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Message:
    """``number`` counts from 1 in a conversation; ``canned`` is said in its reader's language."""

    number: int
    side: Side
    text: str
    canned: str | None
    at: datetime
    sender_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known of a conversation beside its words; ``told_at``: when the recipient was."""

    ref: DeliveryRef
    id: str = ""
    count: int = 0
    last_at: datetime | None = None
    last_side: Side | None = None
    told_at: datetime | None = None
    version: int = 0


def load(uow: UnitOfWork, ref: DeliveryRef) -> Conversation:
    item = uow.get(keys.conversation(ref.merchant_id, ref.delivery_id))
    return Conversation(ref) if item is None else _from_item(ref, item)


def load_many(uow: UnitOfWork, refs: list[DeliveryRef]) -> dict[DeliveryRef, Conversation]:
    """Those that there are."""
    places = {keys.conversation(ref.merchant_id, ref.delivery_id): ref for ref in refs}
    found = uow.get_many(places)
    return {places[key]: _from_item(places[key], item) for key, item in found.items()}


def save(uow: UnitOfWork, one: Conversation) -> None:
    item = {
        "id": one.id,
        "count": one.count,
        "last_at": one.last_at and write_instant(one.last_at),
        "last_side": one.last_side and one.last_side.value,
        "told_at": one.told_at and write_instant(one.told_at),
        "version": one.version,
    }
    key = keys.conversation(one.ref.merchant_id, one.ref.delivery_id)
    uow.put(key, item, expect=one.version - 1, subject=one.id)


def add(uow: UnitOfWork, ref: DeliveryRef, message: Message) -> None:
    uow.put(
        keys.message(ref.merchant_id, ref.delivery_id, message.number),
        {
            "number": message.number,
            "side": message.side.value,
            "text": message.text,
            "canned": message.canned,
            "at": write_instant(message.at),
            "sender_id": message.sender_id,
        },
        expect=0,
        expires_at=uow.wall_now + KEPT,
    )


def list_messages(uow: UnitOfWork, ref: DeliveryRef) -> list[Message]:
    pk, prefix = keys.messages(ref.merchant_id, ref.delivery_id)
    return [
        Message(
            number=int(item["number"]),
            side=Side(item["side"]),
            text=item["text"],
            canned=item["canned"],
            at=read_instant(item["at"]),
            sender_id=item["sender_id"],
        )
        for item in uow.query_all(TableName.PII, pk, prefix)
    ]


def _from_item(ref: DeliveryRef, item: Item) -> Conversation:
    last_at, told_at, last_side = item["last_at"], item["told_at"], item["last_side"]
    return Conversation(
        ref=ref,
        id=item["id"],
        count=int(item["count"]),
        last_at=last_at and read_instant(last_at),
        last_side=last_side and Side(last_side),
        told_at=told_at and read_instant(told_at),
        version=int(item["version"]),
    )
