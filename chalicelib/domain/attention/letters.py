"""What may the desk see of a message that was given up, and what was done with such messages?

Messages of ours name things by ids, but what a platform or AWS put around an event may hold a
person's data. So what is shown is a list of names that are known to be harmless; of everything else
only that it is there. What was redriven or thrown away is written down with who and why.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import office_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than anybody asks who threw it away.
KEPT = timedelta(days=400)
#: Of one letter; the rest is cut.
_LONGEST = 120
_MOST_NAMED = 50
NOT_SHOWN = "(not shown)"

SHOWN = frozenset(
    {
        # Ours: ids, kinds, numbers.
        *("hub_id", "wave_id", "route_id", "offer_id", "delivery_id", "delivery", "merchant_id"),
        *("driver_id", "endpoint_id", "plan_id", "event_id", "point_id", "stop_id", "check_id"),
        *("step", "task", "book", "because", "template", "driver_text", "subscriber", "event"),
        *("type", "subject", "version", "at", "data", "round", "part", "parts", "slot", "platform"),
        *("status", "reason", "attempts", "live", "month", "year", "due", "deadline", "id"),
        # Lambda's, around what it gave up. Source: Lambda developer guide, "Retaining records".
        *("requestContext", "requestId", "functionArn", "condition", "approximateInvokeCount"),
        *("responseContext", "statusCode", "functionError", "timestamp", "DDBStreamBatchInfo"),
        *("shardId", "startSequenceNumber", "endSequenceNumber", "batchSize"),
        *("approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"),
    }
)


class Deed(StrEnum):
    REDRIVEN = "redriven"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did; ``letters``: what was shown of each, by its id, of some of them."""

    queue: str
    deed: Deed
    by: str
    why: str
    at: datetime
    count: int
    letters: Mapping[str, Any]


def shown(body: str) -> Any:
    """What may be seen of a message's body."""
    try:
        return _harmless(json.loads(body), depth=0)
    except ValueError:
        return NOT_SHOWN


def _harmless(value: Any, *, depth: int) -> Any:
    if isinstance(value, dict) and depth < 6:
        known = {k: _harmless(v, depth=depth + 1) for k, v in value.items() if k in SHOWN}
        hidden = {k[:_LONGEST]: NOT_SHOWN for k in list(value)[:_MOST_NAMED] if k not in SHOWN}
        return {**known, **hidden}
    if isinstance(value, list) and depth < 6:
        return [_harmless(one, depth=depth + 1) for one in value[:20]]
    if isinstance(value, str):
        return value[:_LONGEST]
    return value if isinstance(value, int | float | bool | None) else NOT_SHOWN


def record(uow: UnitOfWork, done: Done) -> None:
    """Write down what is done, before the first message is gone for good."""
    item: Item = {
        "queue": done.queue,
        "deed": done.deed.value,
        "by": done.by,
        "why": done.why,
        "at": write_instant(done.at),
        "count": done.count,
        # Numbers of a message may be fractions, which items do not hold.
        "letters": json.dumps(dict(list(done.letters.items())[:_MOST_NAMED])),
    }
    key = office_keys.dead_letter_deed(write_instant(done.at), uow.new_id("ded"))
    uow.put(key, item, expect=0, expires_at=uow.wall_now + KEPT)


def latest(uow: UnitOfWork, limit: int) -> list[Done]:
    """What was done lately, newest first."""
    pk, prefix = office_keys.DEAD_LETTER_DEEDS
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, newest_first=True)
    return [
        Done(
            queue=item["queue"],
            deed=Deed(item["deed"]),
            by=item["by"],
            why=item["why"],
            at=read_instant(item["at"]),
            count=item["count"],
            letters=json.loads(item["letters"]),
        )
        for item in page.items
    ]
