"""What is a recorded day, and how does it travel? One JSON document that a laptop can replay.

It holds what is kept of a hub's day in the form in which it is kept: deliveries with their
histories, routes, offers, waves, who drove when, and the settings that were in force. So a file of
last year reads as items of last year do. No names, phones, addresses or notes are in it, no order
numbers and no credentials; where parcels went is, as positions. ``FORMAT`` counts changes that an
older reader would misunderstand.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import BY_RECOVERY, Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Offer, Route, Wave
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.domain.drivers.model import Work
from chalicelib.kit.errors import Invalid
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item

FORMAT = 1
_KIND = "lastmile.recorded_day"
#: What an item carries for its table alone.
_OF_THE_TABLE = ("pk", "sk", "writer", "events", "expires")
_OF_INDEXES = tuple(f"g{number}{part}" for number in range(1, 5) for part in ("pk", "sk"))


@dataclass(frozen=True, slots=True)
class CrewMember:
    """A driver: what he or she drives and can do, and the spans of the day on duty."""

    work: Work
    duty: tuple[TimeWindow, ...]


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """A hub's day.

    ``kept``: settings and what was learned, put back as they were: the hub, its merchants, rates,
    cards, rules, paces, pickup points, agreed prices. ``came_of_it``: what else the day's figures
    are made of, and no other day's: statements of pay, drivers' time, the fate of texts.
    """

    hub_id: str
    day: date
    recorded_at: datetime
    deliveries: tuple[Delivery, ...]
    routes: tuple[Route, ...]
    offers: tuple[Offer, ...]
    waves: tuple[Wave, ...]
    crew: tuple[CrewMember, ...]
    kept: tuple[tuple[Key, Item], ...]
    came_of_it: tuple[tuple[Key, Item], ...] = ()

    def own(self) -> "RecordedDay":
        """Without what only ended on this day: routes of the day before, parcels that were fetched
        at a point or taken back after their own day. That is told, and not played again."""
        hub = self.item(keys.hub(self.hub_id))
        assert hub is not None
        days = [local_day(one.planned_at, hub["timezone"]) for one in self.routes]
        routes = [one for one, day in zip(self.routes, days, strict=True) if day == self.day]
        theirs = {ref for route in routes for ref in route.deliveries()}
        played = tuple(
            one
            for one in self.deliveries
            if one.route_id is None or DeliveryRef(one.merchant_id, one.id) in theirs
        )
        return replace(self, routes=tuple(routes), deliveries=played)

    def item(self, key: Key) -> Item | None:
        return next((item for one, item in self.kept if one == key), None)


def write(day: RecordedDay) -> bytes:
    """The day as JSON in UTF-8; the same day is the same bytes."""
    document = {
        "kind": _KIND,
        "format": FORMAT,
        "hub_id": day.hub_id,
        "day": day.day.isoformat(),
        "recorded_at": write_instant(day.recorded_at),
        "deliveries": [_plain(delivery_store.to_item(one)) for one in day.deliveries],
        "routes": [_plain(dispatch.route_to_item(one)) for one in day.routes],
        "offers": [_plain(dispatch.offer_to_item(one)) for one in day.offers],
        "waves": [_plain(dispatch.wave_to_item(one)) for one in day.waves],
        "crew": [
            {
                "work": _plain(drivers.work_to_item(one.work)),
                "duty": [span.to_item() for span in one.duty],
            }
            for one in day.crew
        ],
        "kept": _write_items(day.kept),
        "came_of_it": _write_items(day.came_of_it),
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def read(document: bytes) -> RecordedDay:
    """What ``write`` wrote.

    Raises
    ------
    Invalid
        If it is no recorded day, or one of a later version of this program.
    """
    try:
        told = json.loads(document)
        if told["kind"] != _KIND or told["format"] > FORMAT:
            raise Invalid("the file is no recorded day that this version can read")
        return _read(told)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Invalid("the file is no recorded day") from error


def pack(day: RecordedDay) -> bytes:
    return zlib.compress(write(day), 6)


def unpack(packed: bytes) -> RecordedDay:
    return read(zlib.decompress(packed))


def _read(told: Mapping[str, Any]) -> RecordedDay:
    return RecordedDay(
        hub_id=told["hub_id"],
        day=date.fromisoformat(told["day"]),
        recorded_at=read_instant(told["recorded_at"]),
        deliveries=tuple(map(delivery_store.from_item, told["deliveries"])),
        routes=tuple(map(dispatch.route_from_item, told["routes"])),
        offers=tuple(map(dispatch.offer_from_item, told["offers"])),
        waves=tuple(map(dispatch.wave_from_item, told["waves"])),
        crew=tuple(
            CrewMember(
                drivers.work_from_item(one["work"]),
                tuple(map(TimeWindow.from_item, one["duty"])),
            )
            for one in told["crew"]
        ),
        kept=_read_items(told["kept"]),
        came_of_it=_read_items(told["came_of_it"]),
    )


def _write_items(items: Sequence[tuple[Key, Item]]) -> list[list[Any]]:
    return [[key.table.value, key.pk, key.sk, item] for key, item in items]


def _read_items(told: Sequence[Any]) -> tuple[tuple[Key, Item], ...]:
    return tuple((Key(TableName(table), pk, sk), dict(item)) for table, pk, sk, item in told)


def bare(item: Item) -> Item:
    """An item without what its table adds."""
    return {name: value for name, value in item.items() if name not in _OF_THE_TABLE}


def _plain(item: Item) -> Item:
    dropped = (*_OF_INDEXES, "pending")
    return {name: value for name, value in bare(item).items() if name not in dropped}


def anonymous_delivery(delivery: Delivery) -> Delivery:
    """Without the shop's own numbers, what was shown at the door, and who at the desk did what."""
    history = tuple(
        entry if entry.by in (None, BY_RECOVERY) else replace(entry, by=None)
        for entry in delivery.history
    )
    return replace(delivery, external_id="", order_name="", proofs=(), history=history)


def anonymous_work(work: Work) -> Work:
    """A driver as a day begins for one: what is driven and what can be done, no home, no habits."""
    return replace(
        work,
        on_duty=False,
        offer=None,
        route_id=None,
        last_route_id=None,
        declined=None,
        lost=None,
        habits=Habits(),
        no_shows=0,
        earned_minor=0,
        home_near=None,
        on_duty_since=None,
        shift_id=None,
        breaks=(),
        version=1,
    )


def anonymous_merchant(item: Item) -> Item:
    """A merchant without its secrets and the addresses of its stores."""
    stores: Sequence[Item] = item["stores"]
    emptied: Item = {"sealed_secrets": {}, "widget_origins": []}
    return {**item, **emptied, "stores": [{**store, "address": ""} for store in stores]}
