"""How long was a driver there on a day, and what did it bring? One item per driver and day.

Days are the hub's. Time on duty is a list of spans, pay a sum for each route: both are put in place
by name (the span's start, the route), so that hearing of one twice changes nothing and a day can be
counted again from its statements. Matching goes by the shift under way (``match_terms``), not by
these.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from chalicelib.kit.hours import instant, local_day
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DayRecord:
    """``duty``: spans by their starts; ``earned``: minor units by route; both grow only."""

    driver_id: str
    day: date
    duty: Mapping[datetime, datetime] = field(default_factory=dict)
    earned: Mapping[str, int] = field(default_factory=dict)
    version: int = 0

    @property
    def online_s(self) -> int:
        return sum(int((end - start).total_seconds()) for start, end in self.duty.items())

    @property
    def earned_minor(self) -> int:
        return sum(self.earned.values())


def add_duty(
    uow: UnitOfWork, driver_id: str, start_at: datetime, end_at: datetime, timezone: str
) -> None:
    """Note a span of duty, cut at the hub's midnights."""
    while start_at < end_at:
        day = local_day(start_at, timezone)
        until = min(end_at, instant(day + timedelta(days=1), 0, timezone))
        record = load(uow, driver_id, day)
        _save(uow, record, replace(record, duty={**record.duty, start_at: until}))
        start_at = until


def set_earned(uow: UnitOfWork, driver_id: str, day: date, route_id: str, minor: int) -> None:
    """Note what a route brought; what was noted for it before is put right."""
    record = load(uow, driver_id, day)
    _save(uow, record, replace(record, earned={**record.earned, route_id: minor}))


def load(uow: UnitOfWork, driver_id: str, day: date) -> DayRecord:
    """A driver's day; an empty one if nothing happened."""
    item = uow.get(crew_keys.day_record(driver_id, day))
    return DayRecord(driver_id, day) if item is None else _from_item(item)


def load_many(uow: UnitOfWork, driver_ids: Iterable[str], day: date) -> dict[str, DayRecord]:
    """The same day of many drivers, by driver."""
    wanted = {crew_keys.day_record(one, day): one for one in driver_ids}
    found = uow.get_many(wanted)
    return {
        driver_id: _from_item(found[key]) if key in found else DayRecord(driver_id, day)
        for key, driver_id in wanted.items()
    }


def online_by_day(uow: UnitOfWork, driver_id: str, days: Iterable[date]) -> dict[date, int]:
    """Seconds on duty on each of these days."""
    wanted = {crew_keys.day_record(driver_id, day): day for day in days}
    found = uow.get_many(wanted)
    return {wanted[key]: _from_item(item).online_s for key, item in found.items()}


def _save(uow: UnitOfWork, before: DayRecord, after: DayRecord) -> None:
    if after != before:
        item = _to_item(replace(after, version=before.version + 1))
        uow.put(crew_keys.day_record(after.driver_id, after.day), item, expect=before.version)


def _to_item(record: DayRecord) -> Item:
    return {
        "driver_id": record.driver_id,
        "day": record.day.isoformat(),
        "duty": {write_instant(start): write_instant(end) for start, end in record.duty.items()},
        "earned": dict(record.earned),
        "version": record.version,
    }


def _from_item(item: Item) -> DayRecord:
    return DayRecord(
        driver_id=item["driver_id"],
        day=date.fromisoformat(item["day"]),
        duty={read_instant(start): read_instant(end) for start, end in item["duty"].items()},
        earned=dict(item["earned"]),
        version=item["version"],
    )
