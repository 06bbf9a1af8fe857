"""What of a hub's day has changed lately? A line for each change, so that consoles read only that.

A mark says which thing changed, never what it became: whoever hears of it reads the thing. It is
written without a condition by whoever changes something or hears of a change, in wall time, and
lives for half an hour. Two changes in one millisecond are two lines; one thing twice in it is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.events import Event
from chalicelib.storage import board_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(minutes=30)
#: More marks than these since somebody looked are not worth reading one by one.
MOST = 3000


class Thing(StrEnum):
    ROUTE = "R"
    ARRIVALS = "E"  # of a route: when its stops are expected
    DRIVER = "V"
    DELIVERY = "D"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something changed; ``at_ms`` is when whoever wrote it began, in wall time."""

    at_ms: int
    thing: Thing
    id: str


def note(uow: UnitOfWork, hub_id: str, thing: Thing, thing_id: str) -> None:
    """Say that something of a hub's day changes with this unit."""
    key = board_keys.board_mark(hub_id, now_ms(uow), f"{thing.value}#{thing_id}")
    uow.put(key, {}, expect=None, expires_at=uow.wall_now + KEPT)


def note_event(uow: UnitOfWork, event: Event) -> None:
    """On news of routes, offers, duty and of deliveries that begin or cease to wait."""
    noun, hub_id = event.type.partition(".")[0], event.data["hub_id"]
    if noun == "route":
        note(uow, hub_id, Thing.ROUTE, event.subject)
    elif noun == "offer":
        note(uow, hub_id, Thing.ROUTE, event.data["route_id"])
    elif noun == "driver":
        note(uow, hub_id, Thing.DRIVER, event.subject)
    else:
        ref = DeliveryRef(event.data["merchant_id"], event.subject)
        note(uow, hub_id, Thing.DELIVERY, str(ref))


def since(uow: UnitOfWork, hub_id: str, at_ms: int) -> list[Mark] | None:
    """The marks from an instant on, by time; None when they are too many."""
    found: list[Mark] = []
    after: Cursor | None = None
    while len(found) <= MOST:
        page = uow.query(
            TableName.LIVE,
            board_keys.board_marks(hub_id),
            sk_from=board_keys.marked_from(at_ms),
            limit=1000,
            after=after,
        )
        found += [_read(item["sk"]) for item in page.items]
        after = page.cursor
        if after is None:
            return found
    return None


def now_ms(uow: UnitOfWork) -> int:
    return int(uow.wall_now.timestamp() * 1000)


def digest(marks: Iterable[Mark]) -> str:
    """Tells one set of marks from another."""
    text = "\n".join(sorted(f"{one.at_ms}#{one.thing}#{one.id}" for one in marks))
    return sha256(text.encode()).hexdigest()[:16]


def _read(sk: str) -> Mark:
    at, thing, thing_id = sk.split("#", 2)
    return Mark(int(at), Thing(thing), thing_id)
