"""Which texts wait for the morning? A list in ``eph`` by when they are due, looked at every minute.

A queue holds a message for a quarter of an hour at most. The list holds orders, not texts: what is
said, and whether it is still true, is found out when the text is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.messaging.store import TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.unit_of_work import UnitOfWork

_KEPT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Held:
    due_at: datetime
    order: TextOrder

    @property
    def key(self) -> Key:
        order = self.order
        return keys.held_text(
            write_instant(self.due_at),
            order.merchant_id,
            order.delivery_id,
            order.event_id,
            order.template.value,
        )


def hold(uow: UnitOfWork, order: TextOrder, due_at: datetime) -> None:
    """Have a text ordered again when its time has come."""
    uow.put(
        Held(due_at, order).key,
        {"due_at": write_instant(due_at), **order.to_message()},
        expect=None,
        expires_at=uow.wall_now + _KEPT,
    )


def due(uow: UnitOfWork, *, limit: int) -> list[Held]:
    """What may be sent by now, the longest due first."""
    page = uow.query(TableName.EPH, keys.HELD_TEXTS, limit=limit)
    found = [
        Held(
            read_instant(item["due_at"]),
            TextOrder(
                item["merchant_id"],
                item["delivery_id"],
                item["event_id"],
                Template(item["template"]),
            ),
        )
        for item in page.items
    ]
    return [one for one in found if one.due_at <= uow.now]


def forget(uow: UnitOfWork, held: Sequence[Held]) -> None:
    for one in held:
        uow.delete(one.key, expect=None)
