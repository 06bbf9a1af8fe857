"""Which figures were asked for, and which rollups hold them? Bounded reads, one item a day.

A hub's today is one read. What is asked for over days and hubs reads one rollup for each, and is
refused beyond ``MOST_ROLLUPS``; nothing is worked out from facts while somebody waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.analytics import store, totals
from chalicelib.domain.analytics.rollups import DRIVER, HUB, MERCHANT, ZONE
from chalicelib.domain.analytics.store import Rollup
from chalicelib.domain.analytics.totals import Totals
from chalicelib.kit.errors import Invalid
from chalicelib.storage.unit_of_work import UnitOfWork

#: Ten batches of a hundred; about a second.
MOST_ROLLUPS = 1000
#: Of lists of a day (every driver of a hub), which are queries of their own.
MOST_LISTS = 120


class GroupBy(StrEnum):
    DAY = "day"
    HOUR = "hour"
    ZONE = "zone"
    HUB = "hub"
    DRIVER = "driver"
    MERCHANT = "merchant"


_KINDS = {GroupBy.ZONE: ZONE, GroupBy.DRIVER: DRIVER, GroupBy.MERCHANT: MERCHANT}


@dataclass(frozen=True, slots=True)
class Question:
    """Days from the first to the last, at some hubs; of one merchant, zone or driver, or of all."""

    first: date
    last: date
    hub_ids: tuple[str, ...]
    group_by: GroupBy | None = None
    merchant_id: str | None = None
    zone_id: str | None = None
    driver_id: str | None = None

    @property
    def scope(self) -> str:
        if self.merchant_id is not None:
            return f"{MERCHANT}{self.merchant_id}"
        if self.driver_id is not None:
            return f"{DRIVER}{self.driver_id}"
        return HUB if self.zone_id is None else f"{ZONE}{self.zone_id}"

    def days(self) -> Iterable[date]:
        ahead = range((self.last - self.first).days + 1)
        return (self.first + timedelta(days=one) for one in ahead)


@dataclass(frozen=True, slots=True)
class Row:
    """``key``: the day, hour, zone, hub, driver or merchant; None for everything together."""

    key: str | None
    sums: Totals


@dataclass(frozen=True, slots=True)
class Found:
    """``as_of``: when the newest of the facts in it were read; None where there are none."""

    rows: tuple[Row, ...]
    as_of: datetime | None


def answer(uow: UnitOfWork, asked: Question) -> Found:
    """The sums that were asked for, by key.

    Raises
    ------
    Invalid
        If there are no such sums, or it is too much at once.
    """
    _check(asked)
    found = _rollups(uow, asked)
    parts: dict[str | None, list[Totals]] = {} if asked.group_by else {None: []}
    for one in found:
        for key, sums in _cut(asked, one):
            parts.setdefault(key, []).append(sums)
    rows = (Row(key, totals.added(parts[key])) for key in sorted(parts, key=str))
    kept = tuple(row for row in rows if row.key is None or row.sums != totals.NOTHING)
    return Found(kept, max((one.as_of for one in found), default=None))


def _check(asked: Question) -> None:
    filters = [asked.merchant_id, asked.zone_id, asked.driver_id]
    given = sum(one is not None for one in filters)
    of_zones = asked.merchant_id is not None and asked.driver_id is None
    if given > 1 and not (given == 2 and of_zones):
        _refuse("driver_id", "figures are kept of a merchant, a zone or a driver, one at a time")
    if asked.group_by in _KINDS and given:
        is_kept = asked.group_by is GroupBy.ZONE and given == 1 and of_zones
        if not is_kept or asked.merchant_id is None:
            _refuse("group_by", f"{asked.group_by} is kept of whole hubs, zones also of merchants")
    if given == 2 and asked.group_by is GroupBy.HOUR:
        _refuse("group_by", "hours of one merchant in one zone are not kept")
    days = (asked.last - asked.first).days + 1
    is_list = asked.group_by in _KINDS and not given
    most = MOST_LISTS if is_list else MOST_ROLLUPS
    if days * len(asked.hub_ids) > most:
        _refuse("from", f"days times hubs: {most} at most; ask for fewer, or for one hub")


def _refuse(field: str, error: str) -> None:
    raise Invalid(error, fields=[{"field": field, "error": error}])


def _rollups(uow: UnitOfWork, asked: Question) -> list[Rollup]:
    kind = _KINDS.get(asked.group_by) if asked.group_by else None
    places = [(hub_id, day) for hub_id in asked.hub_ids for day in asked.days()]
    if kind is not None and asked.scope == HUB:
        return [
            one for hub_id, day in places for one in store.rollups_of_day(uow, hub_id, day, kind)
        ]
    return store.find_rollups(uow, [(hub_id, day, asked.scope) for hub_id, day in places])


def _cut(asked: Question, one: Rollup) -> Iterable[tuple[str | None, Totals]]:
    """The parts of a rollup that belong to the answer, by their key."""
    sums = one.sums
    if asked.merchant_id is not None and asked.zone_id is not None:
        sums = one.zones.get(asked.zone_id, totals.NOTHING)
    match asked.group_by:
        case None:
            return [(None, sums)]
        case GroupBy.DAY:
            return [(one.day.isoformat(), sums)]
        case GroupBy.HUB:
            return [(one.hub_id, sums)]
        case GroupBy.HOUR:
            return [(f"{hour:02d}", part) for hour, part in one.hours.items()]
        case GroupBy.ZONE if asked.merchant_id is not None:
            return list(one.zones.items())
    return [(one.scope.partition("#")[2], sums)]
