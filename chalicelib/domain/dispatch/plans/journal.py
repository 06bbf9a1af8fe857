"""What was changed by hand, by whom, and what was it like before? One entry per commit.

An entry is written in the transaction of its change and holds each touched route before and after
it, so that it can be taken back, and so that the second of two dispatchers is told who was first.
"""

import json
import zlib
from base64 import b85decode, b85encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import desk_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=90)


class ChangeKind(StrEnum):
    MOVE = "move"  # a door to another route or place, or to nobody
    PLACE = "place"  # a waiting delivery onto a route
    REORDER = "reorder"
    SPLIT = "split"
    MERGE = "merge"
    PLAN = "plan"  # one route of a plan that was committed
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Touched:
    """One route, before and after; ``before`` None: the change made it."""

    before: Route | None
    after: Route


@dataclass(frozen=True, slots=True)
class Went:
    """A delivery that changed its route; None: it waits for a wave."""

    ref: DeliveryRef
    from_route: str | None
    to_route: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry. ``plan_id``: the plan that it is a part of."""

    id: str
    hub_id: str
    kind: ChangeKind
    by: str
    reason: str
    forced: bool
    at: datetime
    routes: tuple[Touched, ...]
    went: tuple[Went, ...]
    plan_id: str | None = None
    undoes: str | None = None
    undone_by: str | None = None
    version: int = 1


def load(uow: UnitOfWork, hub_id: str, change_id: str) -> Change:
    item = uow.get(desk_keys.change(hub_id, change_id))
    if item is None:
        raise NotFound("there is no such change")
    return _from_item(item)


def save(uow: UnitOfWork, change: Change) -> None:
    uow.put(
        desk_keys.change(change.hub_id, change.id),
        _to_item(change),
        expect=change.version - 1,
        expires_at=uow.wall_now + KEPT,
    )


def list_changes(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Change], Cursor | None]:
    """The changes of a hub, newest first."""
    pk, prefix = desk_keys.changes(hub_id)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after, newest_first=True)
    return [_from_item(item) for item in page.items], page.cursor


def last_of_route(uow: UnitOfWork, hub_id: str, route_id: str) -> Change | None:
    """The latest change by hand of a route, if it is among the hub's last few."""
    recent, _ = list_changes(uow, hub_id, limit=20, after=None)
    return next((one for one in recent if any(t.after.id == route_id for t in one.routes)), None)


def _to_item(change: Change) -> Item:
    item: Item = {
        "id": change.id,
        "hub_id": change.hub_id,
        "kind": change.kind.value,
        "by": change.by,
        "reason": change.reason,
        "forced": change.forced,
        "at": write_instant(change.at),
        "routes": _pack(
            [
                [
                    None if one.before is None else store.route_to_item(one.before),
                    store.route_to_item(one.after),
                ]
                for one in change.routes
            ]
        ),
        "went": [[str(one.ref), one.from_route, one.to_route] for one in change.went],
        "version": change.version,
    }
    named = {"plan_id": change.plan_id, "undoes": change.undoes, "undone_by": change.undone_by}
    return item | {name: value for name, value in named.items() if value is not None}


def _from_item(item: Item) -> Change:
    return Change(
        id=item["id"],
        hub_id=item["hub_id"],
        kind=ChangeKind(item["kind"]),
        by=item["by"],
        reason=item["reason"],
        forced=item["forced"],
        at=read_instant(item["at"]),
        routes=tuple(
            Touched(
                None if before is None else store.route_from_item(before),
                store.route_from_item(after),
            )
            for before, after in _unpack(item["routes"])
        ),
        went=tuple(
            Went(DeliveryRef.parse(ref), from_route, to_route)
            for ref, from_route, to_route in item["went"]
        ),
        plan_id=item.get("plan_id"),
        undoes=item.get("undoes"),
        undone_by=item.get("undone_by"),
        version=item["version"],
    )


def _pack(document: list[list[Item | None]]) -> str:
    """As text: an item of core is also read from its stream, which spells bytes otherwise."""
    return b85encode(zlib.compress(json.dumps(document).encode())).decode()


def _unpack(text: str) -> list[tuple[Item | None, Item]]:
    document: list[tuple[Item | None, Item]] = json.loads(zlib.decompress(b85decode(text)))
    return document
