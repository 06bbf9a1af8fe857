"""Use cases of shifts: plan, cancel, begin; and what the clock has to tell of them.

One guard item per driver is written with every change, so that two shifts planned at once cannot
overlap. Everything about one shift is news of the shift.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.drivers import crew_rules, shifts, store
from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.model import BreakWindow
from chalicelib.domain.drivers.shifts import Refusal, Shift, ShiftStatus
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

BY_DRIVER, BY_DESK = "driver", "desk"
#: So far back the driver's own list goes.
SHOWN_BACK = timedelta(days=7)
_MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class NewShift:
    start_at: datetime
    end_at: datetime
    breaks: tuple[BreakWindow, ...] = ()
    vehicle_id: str | None = None


def plan(uow: UnitOfWork, driver_id: str, new: NewShift, by: str) -> Shift:
    """Plan a shift; the very same one again is the one that is there.

    Raises
    ------
    NotFound
    Invalid
        If it is no shift, or names somebody else's vehicle.
    Conflict
        With one of ``shifts.Refusal`` as ``reason``.
    """
    driver = store.load(uow, driver_id)
    if new.vehicle_id not in (None, *(one.id for one in driver.all_vehicles())):
        fields = [{"field": "vehicle_id", "error": "not one of the driver's vehicles"}]
        raise Invalid("the driver has no such vehicle", fields=fields)
    guard = _guard(uow, driver_id)
    # A week of the limits may reach six days back from a shift that is planned for today.
    others = list_from(uow, driver_id, min(new.start_at, uow.now) - timedelta(days=8))
    shift = Shift(
        id=uow.new_id("shf"),
        driver_id=driver_id,
        hub_id=driver.hub_id,
        start_at=new.start_at,
        end_at=new.end_at,
        by=by,
        breaks=new.breaks,
        vehicle_id=new.vehicle_id,
    )
    for one in others:
        if one.counts and (one.start_at, one.end_at, one.breaks) == (
            shift.start_at,
            shift.end_at,
            shift.breaks,
        ):
            return one
    rules = crew_rules.load(uow, driver.hub_id)
    hub = merchants.load_hub(uow, driver.hub_id)
    shifts.check_plan(shift, others, rules, hub.timezone, uow.now)
    uow.put(crew_keys.shift_guard(driver_id), {}, expect=guard)
    _save(uow, shift, rules, hub, "shift.planned")
    return shift


def cancel(uow: UnitOfWork, driver_id: str, shift_id: str) -> Shift:
    """Take a shift back; twice is once.

    Raises
    ------
    NotFound
    Conflict
        If it has begun.
    """
    before = find(uow, driver_id, shift_id)
    if not before.counts:
        return before
    if before.status is ShiftStatus.STARTED:
        reason = {"reason": Refusal.BEGUN.value}
        raise Conflict("the shift has begun; go off duty instead", extra=reason)
    after = replace(before, status=ShiftStatus.CANCELLED, version=before.version + 1)
    _save_again(uow, after, "shift.cancelled")
    return after


def find(uow: UnitOfWork, driver_id: str, shift_id: str) -> Shift:
    """A shift of this driver; raise NotFound."""
    shown = list_from(uow, driver_id, uow.now - SHOWN_BACK)
    found = next((one for one in shown if one.id == shift_id), None)
    if found is None:
        raise NotFound("there is no such shift")
    return found


def list_from(uow: UnitOfWork, driver_id: str, from_at: datetime) -> list[Shift]:
    """A driver's shifts that begin then or later, by start, the cancelled ones among them."""
    page = uow.query(
        TableName.CORE,
        crew_keys.shifts(driver_id),
        sk_from=write_instant(from_at),
        limit=_MOST_LISTED,
    )
    return [_from_item(item) for item in page.items]


def current(uow: UnitOfWork, driver_id: str) -> Shift | None:
    """The shift that somebody who goes on duty now goes on."""
    recent = list_from(uow, driver_id, uow.now - shifts.LONGEST)
    return next((one for one in recent if one.covers(uow.now)), None)


def begin(uow: UnitOfWork, shift: Shift) -> None:
    """Its driver is on duty."""
    if shift.status is ShiftStatus.PLANNED:
        after = replace(
            shift, status=ShiftStatus.STARTED, started_at=uow.now, version=shift.version + 1
        )
        late_s = max(0, int((uow.now - shift.start_at).total_seconds()))
        _save_again(uow, after, "shift.started", {"late_s": late_s})


def list_of_hub(uow: UnitOfWork, hub: Hub, day: date) -> list[Shift]:
    """The shifts of a hub that reach into a day of its own, by start; without cancelled ones."""
    found = []
    for when in (day - timedelta(days=1), day):
        rows = uow.query_all(Index.LISTS, crew_keys.hub_shifts(hub.id, when))
        wanted = [Key(TableName.CORE, row["pk"], row["sk"]) for row in rows]
        items = uow.get_many(wanted)
        found += [_from_item(items[key]) for key in wanted if key in items]
    return [
        one
        for one in found
        if one.counts
        and local_day(one.start_at, hub.timezone) <= day
        and local_day(one.end_at - timedelta(seconds=1), hub.timezone) >= day
    ]


def look_at(uow: UnitOfWork, key: Key) -> str | None:
    """What the clock does about one shift that is due: remind, or report that nobody came.

    Returns
    -------
    What was told; None when there was nothing to tell (any more).
    """
    item = uow.get(key)
    if item is None:
        return None
    shift = _from_item(item)
    rules = crew_rules.load(uow, shift.hub_id)
    due_at = shift.due_at(rules)
    if due_at is None or due_at > uow.now:
        return None
    if shift.start_at > uow.now:
        what, after = "shift.reminded", replace(shift, reminded=True)
    elif uow.now < shift.start_at + timedelta(seconds=rules.late_after_s):
        # Nobody is reminded of what has begun: the next look is at who is late.
        what, after = "", replace(shift, reminded=True)
    else:
        what, after = "shift.start_missed", replace(shift, reminded=True, reported_late=True)
    _save_again(uow, replace(after, version=shift.version + 1), what)
    return what or None


def _guard(uow: UnitOfWork, driver_id: str) -> int:
    item = uow.get(crew_keys.shift_guard(driver_id))
    return 0 if item is None else int(item["version"])


def _save_again(
    uow: UnitOfWork, shift: Shift, what: str, more: Mapping[str, Any] | None = None
) -> None:
    rules, hub = crew_rules.load(uow, shift.hub_id), merchants.load_hub(uow, shift.hub_id)
    _save(uow, shift, rules, hub, what, more)


def _save(
    uow: UnitOfWork,
    shift: Shift,
    rules: CrewRules,
    hub: Hub,
    what: str,
    more: Mapping[str, Any] | None = None,
) -> None:
    start = write_instant(shift.start_at)
    key = crew_keys.shift(shift.driver_id, start, shift.id)
    item = _to_item(shift)
    if shift.counts:
        day = local_day(shift.start_at, hub.timezone)
        item |= {"g2pk": crew_keys.hub_shifts(shift.hub_id, day), "g2sk": key.sk}
    due_at = shift.due_at(rules)
    if due_at is not None:
        item |= {"g3pk": crew_keys.CLOCK, "g3sk": f"{write_instant(due_at)}#{shift.id}"}
    uow.put(key, item, expect=shift.version - 1, subject=shift.id)
    data = {"hub_id": shift.hub_id, "driver_id": shift.driver_id, "starts_at": start}
    if what:
        news = {**data, **(more or {})}
        uow.emit(Event(what, shift.id, shift.version, uow.now, news))


def _to_item(shift: Shift) -> Item:
    started = shift.started_at
    return {
        "id": shift.id,
        "driver_id": shift.driver_id,
        "hub_id": shift.hub_id,
        "start_at": write_instant(shift.start_at),
        "end_at": write_instant(shift.end_at),
        "by": shift.by,
        "breaks": store.breaks_to_item(shift.breaks),
        "vehicle_id": shift.vehicle_id,
        "status": shift.status.value,
        "started_at": None if started is None else write_instant(started),
        "reminded": shift.reminded,
        "reported_late": shift.reported_late,
        "version": shift.version,
    }


def _from_item(item: Item) -> Shift:
    started = item["started_at"]
    return Shift(
        id=item["id"],
        driver_id=item["driver_id"],
        hub_id=item["hub_id"],
        start_at=read_instant(item["start_at"]),
        end_at=read_instant(item["end_at"]),
        by=item["by"],
        breaks=store.breaks_from_item(item["breaks"]),
        vehicle_id=item["vehicle_id"],
        status=ShiftStatus(item["status"]),
        started_at=None if started is None else read_instant(started),
        reminded=item["reminded"],
        reported_late=item["reported_late"],
        version=item["version"],
    )
