"""How are facts and rollups kept? Codec and queries.

Facts lie together by hub and day (600 bytes each), so a day is read page by page; a rollup is one
item for each scope and day. What is in place already is not written again.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.analytics.model import Facts, RouteFacts, Share
from chalicelib.domain.analytics.totals import Totals
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import figure_keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: A month of last year can still be compared with this year's; longer: take the CSV along.
FACTS_KEPT = timedelta(days=400)
ROLLUPS_KEPT = timedelta(days=3 * 366)

Fact = Facts | RouteFacts


@dataclass(frozen=True, slots=True)
class Rollup:
    """The sums of one scope on one day of a hub; ``hours`` and ``zones`` are parts of it.

    ``as_of``: when the facts were read that it was made of. An hour has no spreads, only sums.
    """

    hub_id: str
    day: date
    scope: str
    sums: Totals
    hours: Mapping[int, Totals]
    zones: Mapping[str, Totals]
    as_of: datetime
    version: int = 0

    def says_the_same(self, other: "Rollup") -> bool:
        return (self.sums, self.hours, self.zones) == (other.sums, other.hours, other.zones)


def key_of(fact: Fact, day: date) -> Key:
    if isinstance(fact, RouteFacts):
        return figure_keys.route_fact(fact.hub_id, day, fact.route_id)
    name = f"{fact.merchant_id}/{fact.delivery_id}"
    return figure_keys.delivery_fact(fact.hub_id, day, name)


def put_fact(uow: UnitOfWork, fact: Fact) -> bool:
    """Put it in its place; False if what stands there says the same, or is newer."""
    key = key_of(fact, fact.day)
    item, before = _fact_to_item(fact), uow.get(key)
    if before is not None:
        newer = before["source_version"] > fact.version
        if newer or before["fact"] == item["fact"]:
            return False
    expect = 0 if before is None else before["version"]
    uow.put(key, item, expect=expect, expires_at=uow.wall_now + FACTS_KEPT)
    return True


def drop_fact(uow: UnitOfWork, key: Key) -> bool:
    """Take it from a day that it no longer belongs to; False if it does not stand there."""
    before = uow.get(key)
    if before is not None:
        uow.delete(key, expect=before["version"])
    return before is not None


def facts_of_day(uow: UnitOfWork, hub_id: str, day: date) -> tuple[list[Facts], list[RouteFacts]]:
    """Every fact of a hub's day: a thousand deliveries are some 600 kB."""
    items = uow.query_all(TableName.EPH, figure_keys.facts(hub_id, day))
    found = [_fact_from_item(item) for item in items]
    routes = [one for one in found if isinstance(one, RouteFacts)]
    return [one for one in found if isinstance(one, Facts)], routes


def save_rollup(uow: UnitOfWork, wanted: Rollup, before: Rollup | None) -> None:
    uow.put(
        figure_keys.rollup(wanted.hub_id, wanted.day, wanted.scope),
        {
            "sums": _pack(wanted.sums),
            "hours": {str(hour): _pack(one) for hour, one in wanted.hours.items()},
            "zones": {zone_id: _pack(one) for zone_id, one in wanted.zones.items()},
            "as_of": write_instant(wanted.as_of),
        },
        expect=0 if before is None else before.version,
        expires_at=uow.wall_now + ROLLUPS_KEPT,
    )


def rollups_of_day(uow: UnitOfWork, hub_id: str, day: date, kind: str = "") -> list[Rollup]:
    """All of a hub's day, or those of one kind of scope (``M#``)."""
    items = uow.query_all(TableName.EPH, *figure_keys.rollups(hub_id, day, kind))
    return [_rollup_from_item(item) for item in items]


def find_rollups(uow: UnitOfWork, wanted: Iterable[tuple[str, date, str]]) -> list[Rollup]:
    """Those that there are of hub, day and scope."""
    keys = [figure_keys.rollup(*one) for one in wanted]
    found = uow.get_many(keys)
    return [_rollup_from_item(found[key]) for key in keys if key in found]


def _fact_to_item(fact: Fact) -> Item:
    values = asdict(fact)
    for name in ("created_at", "ended_at"):
        if name in values:
            values[name] = write_instant(values[name])
    values["day"] = fact.day.isoformat()
    if isinstance(fact, RouteFacts):
        values["shares"] = [list(asdict(one).values()) for one in fact.shares]
    told = {name: value for name, value in values.items() if value not in (None, (), [])}
    return {"fact": json.dumps(told, separators=(",", ":")), "source_version": fact.version}


#: Left out of the item where nobody can say.
_MAY_BE_NONE = ("zone_id", "on_time", "order_to_door_s", "driver_id", "route_id")


def _fact_from_item(item: Mapping[str, Any]) -> Fact:
    values = json.loads(item["fact"])
    values["ended_at"] = read_instant(values["ended_at"])
    values["day"] = date.fromisoformat(values["day"])
    if item["sk"].startswith("R#"):
        values["eta_errors"] = tuple(tuple(one) for one in values.get("eta_errors", ()))
        values["shares"] = tuple(Share(*row) for row in values.get("shares", ()))
        return RouteFacts(**values)
    values["created_at"] = read_instant(values["created_at"])
    values["failures"] = tuple(values.get("failures", ()))
    return Facts(**{**dict.fromkeys(_MAY_BE_NONE), **values})


def _pack(sums: Totals) -> str:
    """Short, and the same for the same sums whatever the order in which they were made."""
    told: dict[str, Any] = {
        "counts": sums.counts,
        "outcomes": sums.outcomes,
        "reasons": sums.reasons,
        "door_min": _texts(sums.door_min),
        "misses_s": {str(horizon): _texts(one) for horizon, one in sums.misses_s.items()},
        "net": sums.net,
        "cost": sums.cost,
        "crew": {"/".join(key): pair for key, pair in sums.crew.items()},
    }
    known = {name: value for name, value in told.items() if value}
    return json.dumps(known, separators=(",", ":"), sort_keys=True)


def _unpack(text: str) -> Totals:
    told = json.loads(text)
    return Totals(
        counts=told.get("counts", {}),
        outcomes=told.get("outcomes", {}),
        reasons=told.get("reasons", {}),
        door_min=_numbers(told.get("door_min", {})),
        misses_s={int(h): _numbers(one) for h, one in told.get("misses_s", {}).items()},
        net=_pairs(told.get("net", {}), str),
        cost=_pairs(told.get("cost", {}), str),
        crew=_pairs(told.get("crew", {}), _crew_key),
    )


def _crew_key(text: str) -> tuple[str, str]:
    driver_id, _, currency = text.partition("/")
    return driver_id, currency


def _texts(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(edge): number for edge, number in counts.items()}


def _numbers(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(edge): number for edge, number in counts.items()}


def _pairs[K](pairs: Mapping[str, list[int]], key: Callable[[str], K]) -> dict[K, tuple[int, int]]:
    return {key(name): (first, second) for name, (first, second) in pairs.items()}


def _rollup_from_item(item: Mapping[str, Any]) -> Rollup:
    day, _, scope = item["sk"].partition("#")
    return Rollup(
        hub_id=item["pk"].removeprefix("FG#"),
        day=date.fromisoformat(day),
        scope=scope,
        sums=_unpack(item["sums"]),
        hours={int(hour): _unpack(one) for hour, one in item["hours"].items()},
        zones={zone_id: _unpack(one) for zone_id, one in item["zones"].items()},
        as_of=read_instant(item["as_of"]),
        version=item["version"],
    )
