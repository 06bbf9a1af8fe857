"""What is remembered for the desk? Events that no state shows later, and what somebody saw to.

A flag is named after its event, so hearing of it twice makes one, and settling it settles that one
and none that comes after. Whether it still matters is asked of the thing itself when it is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.attention.model import Kind
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import office_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=14)
#: Of a hub: flags and settlements that are read, each.
MOST_READ = 500
#: A settlement is kept a little longer than it counts.
AFTERWARDS = timedelta(hours=1)

_KINDS = {
    "locker.refused": Kind.LOCKER_REFUSED,
    "notification.lost": Kind.LOST_TEXT,
    "webhook_endpoint.disabled": Kind.WEBHOOK_OFF,
}


#: What is settled of these is settled for good.
EVENTS_ALONE = frozenset(_KINDS.values())


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that happened; ``about``: ids and codes of it, never a person's data."""

    id: str
    kind: Kind
    hub_id: str
    at: datetime
    about: dict[str, str]


@dataclass(frozen=True, slots=True)
class Settled:
    """Somebody saw to it; it is not shown until then."""

    item_id: str
    by: str
    why: str
    at: datetime
    until: datetime


def hear(uow: UnitOfWork, event: Event) -> None:
    """On one of the events above; a test's delivery needs nobody."""
    kind, merchant_id = _KINDS[event.type], event.data["merchant_id"]
    about = {"merchant_id": str(merchant_id)}
    try:
        if kind is Kind.WEBHOOK_OFF:
            hub_id = merchants.load_merchant(uow, merchant_id).hub_id
            about |= {"endpoint_id": event.subject, "reason": str(event.data["reason"])}
        else:
            ref = DeliveryRef(merchant_id, event.data["delivery_id"])
            delivery = deliveries.load(uow, ref)
            if not delivery.live:
                return
            hub_id = delivery.hub_id
            named = ("delivery_id", "point_id", "template")
            about |= {name: str(event.data[name]) for name in named if name in event.data}
    except NotFound:
        return
    save(uow, Flag(f"{kind}.{event.id.removeprefix('evt_')}", kind, hub_id, event.at, about))


def save(uow: UnitOfWork, flag: Flag) -> None:
    item: Item = {
        "id": flag.id,
        "kind": flag.kind.value,
        "hub_id": flag.hub_id,
        "at": write_instant(flag.at),
        "about": flag.about,
    }
    key = office_keys.flag(flag.hub_id, flag.id)
    uow.put(key, item, expect=None, expires_at=uow.wall_now + KEPT)


def settle(uow: UnitOfWork, hub_id: str, settled: Settled) -> None:
    """Not to be shown for a while; the same again says it anew."""
    item: Item = {
        "item_id": settled.item_id,
        "by": settled.by,
        "why": settled.why,
        "at": write_instant(settled.at),
        "until": write_instant(settled.until),
    }
    kept = settled.until - uow.now + AFTERWARDS
    key = office_keys.settled(hub_id, settled.item_id)
    uow.put(key, item, expect=None, expires_at=uow.wall_now + kept)


def read(uow: UnitOfWork, hub_id: str) -> tuple[list[Flag], list[Settled]]:
    """What was flagged at a hub, and what was settled there and still is."""
    rows: list[Item] = []
    for prefix in ("F#", "S#"):
        page = uow.query(TableName.CORE, office_keys.attention(hub_id), prefix, limit=MOST_READ)
        rows += page.items
    # DynamoDB deletes what has expired within days, not seconds.
    live = [row for row in rows if row["expires"] > uow.wall_now.timestamp()]
    flags = [_flag_from_item(row) for row in live if "item_id" not in row]
    settled = [_settled_from_item(row) for row in live if "item_id" in row]
    return flags, [one for one in settled if one.until > uow.now]


def hidden(settled: Iterable[Settled]) -> frozenset[str]:
    return frozenset(one.item_id for one in settled)


def _flag_from_item(item: Item) -> Flag:
    return Flag(
        id=item["id"],
        kind=Kind(item["kind"]),
        hub_id=item["hub_id"],
        at=read_instant(item["at"]),
        about=dict(item["about"]),
    )


def _settled_from_item(item: Item) -> Settled:
    return Settled(
        item_id=item["item_id"],
        by=item["by"],
        why=item["why"],
        at=read_instant(item["at"]),
        until=read_instant(item["until"]),
    )
