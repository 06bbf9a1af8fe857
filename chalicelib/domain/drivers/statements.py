"""What was a driver paid for a route? Statements: one per end of a route, never changed.

A statement says what was agreed and what happened. A route whose end was taken back gets one over
nothing ("reopened"), and another when it ends again: the last one counts, and payouts can be made
of them all by their ids, since each says by how much it changes the one before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.drivers import day_records
from chalicelib.domain.drivers.pay import Pay
from chalicelib.domain.drivers.pay_by_stop import StopPay, stop_from_item, stop_to_item
from chalicelib.domain.drivers.pay_items import pay_from_item, pay_to_item
from chalicelib.kit.errors import NotFound
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Happened:
    """What the route was in the end: of its stops, its way and its time.

    ``duration_s``: from the first tap to the last; ``engaged_s``: from when its driver had to set
    out.
    """

    done_stops: int = 0
    failed_stops: int = 0
    skipped_stops: int = 0
    distance_m: int = 0
    duration_s: int = 0
    engaged_s: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """``revision`` counts from 1; ``change_minor`` is the difference to the one before.

    ``agreed``: None where there was no offer, or no rates when it was made. ``stops``: which stop
    brought how much of ``pay``; statements of before they were kept have none. ``floor_minor``:
    what the engaged time is worth by the hourly floor; no part of the pay.
    """

    id: str
    driver_id: str
    route_id: str
    hub_id: str
    revision: int
    day: date
    ended_at: datetime
    pay: Pay
    change_minor: int
    agreed: Pay | None = None
    happened: Happened = Happened()
    reopened: bool = False
    stops: tuple[StopPay, ...] = ()
    floor_minor: int = 0


def write(uow: UnitOfWork, wanted: Statement, timezone: str) -> Statement | None:
    """Write the next statement of a route; None if the last one says the same already."""
    last = find_last(uow, wanted.driver_id, wanted.route_id)
    same = last is not None and (last.pay, last.reopened) == (wanted.pay, wanted.reopened)
    if same or (last is None and wanted.reopened):
        return None
    before = 0 if last is None else last.pay.total_minor
    revision = 1 if last is None else last.revision + 1
    # A correction belongs to the day that it corrects.
    day = local_day(wanted.ended_at, timezone) if last is None else last.day
    made = Statement(
        id=uow.new_id("pst"),
        driver_id=wanted.driver_id,
        route_id=wanted.route_id,
        hub_id=wanted.hub_id,
        revision=revision,
        day=day,
        ended_at=wanted.ended_at,
        pay=wanted.pay,
        change_minor=wanted.pay.total_minor - before,
        agreed=wanted.agreed,
        happened=wanted.happened,
        reopened=wanted.reopened,
        stops=wanted.stops,
        floor_minor=wanted.floor_minor,
    )
    key = crew_keys.statement(made.driver_id, made.route_id, made.revision)
    uow.put(key, _to_item(made), expect=0)
    day_records.set_earned(uow, made.driver_id, day, made.route_id, made.pay.total_minor)
    return made


def find_last(uow: UnitOfWork, driver_id: str, route_id: str) -> Statement | None:
    """The statement that counts; one that was reopened counts as nothing."""
    every = list_of_route(uow, driver_id, route_id)
    return every[-1] if every else None


def list_of_route(uow: UnitOfWork, driver_id: str, route_id: str) -> list[Statement]:
    """All statements of a driver's route, the last one last."""
    pk, prefix = crew_keys.statements_of_route(driver_id, route_id)
    return [_from_item(item) for item in uow.query_all(TableName.CORE, pk, prefix)]


def load_route(uow: UnitOfWork, driver_id: str, route_id: str) -> list[Statement]:
    """As :func:`list_of_route`; raise NotFound when this driver has none of it."""
    found = list_of_route(uow, driver_id, route_id)
    if not found:
        raise NotFound("there is no such route")
    return found


def list_days(uow: UnitOfWork, driver_id: str, first: date, last: date) -> list[Statement]:
    """What counts of the hub's days from the first to the last, by day and end.

    An index may lag by moments; who needs one route to the point asks for it.
    """
    rows = list(_rows(uow, driver_id, first, last))
    wanted = [Key(TableName.CORE, row["pk"], row["sk"]) for row in rows]
    found = uow.get_many(wanted)
    every = [_from_item(found[key]) for key in wanted if key in found]
    counting = {one.route_id: one for one in sorted(every, key=lambda one: one.revision)}
    return sorted(
        (one for one in counting.values() if not one.reopened),
        key=lambda one: (one.day, one.ended_at, one.route_id),
    )


def page_of(
    uow: UnitOfWork, driver_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Statement], Cursor | None]:
    """What counts, the newest day first; a page may be shorter than it could be, where something
    was corrected. An index may lag by moments."""
    pk = crew_keys.statements_by_end(driver_id)
    page = uow.query(Index.LISTS, pk, limit=limit, after=after, newest_first=True)
    wanted = [Key(TableName.CORE, row["pk"], row["sk"]) for row in page.items]
    found = uow.get_many(wanted)
    every = [_from_item(found[key]) for key in wanted if key in found]
    following = {
        one.id: crew_keys.statement(one.driver_id, one.route_id, one.revision + 1) for one in every
    }
    corrected = uow.get_many(following.values())
    counting = [one for one in every if not one.reopened and following[one.id] not in corrected]
    return counting, page.cursor


def _rows(uow: UnitOfWork, driver_id: str, first: date, last: date) -> Iterator[Item]:
    pk = crew_keys.statements_by_end(driver_id)
    past = (last + timedelta(days=1)).isoformat()
    after = None
    while True:
        page = uow.query(Index.LISTS, pk, sk_from=first.isoformat(), limit=500, after=after)
        for row in page.items:
            if row["g2sk"] >= past:
                return
            yield row
        after = page.cursor
        if after is None:
            return


def _to_item(made: Statement) -> Item:
    happened = made.happened
    return {
        "id": made.id,
        "driver_id": made.driver_id,
        "route_id": made.route_id,
        "hub_id": made.hub_id,
        "revision": made.revision,
        "day": made.day.isoformat(),
        "ended_at": write_instant(made.ended_at),
        "pay": pay_to_item(made.pay),
        "change_minor": made.change_minor,
        "agreed": None if made.agreed is None else pay_to_item(made.agreed),
        "happened": [
            happened.done_stops,
            happened.failed_stops,
            happened.skipped_stops,
            happened.distance_m,
            happened.duration_s,
            happened.engaged_s,
        ],
        "reopened": made.reopened,
        "stops": [stop_to_item(one) for one in made.stops],
        "floor_minor": made.floor_minor,
        "g2pk": crew_keys.statements_by_end(made.driver_id),
        "g2sk": f"{made.day.isoformat()}#{made.route_id}#{made.revision:04d}",
        "version": 1,
    }


def _from_item(item: dict[str, Any]) -> Statement:
    agreed = item["agreed"]
    return Statement(
        id=item["id"],
        driver_id=item["driver_id"],
        route_id=item["route_id"],
        hub_id=item["hub_id"],
        revision=item["revision"],
        day=date.fromisoformat(item["day"]),
        ended_at=read_instant(item["ended_at"]),
        pay=pay_from_item(item["pay"]),
        change_minor=item["change_minor"],
        agreed=None if agreed is None else pay_from_item(agreed),
        happened=Happened(*item["happened"]),
        reopened=item["reopened"],
        stops=tuple(stop_from_item(one) for one in item.get("stops", ())),
        floor_minor=item.get("floor_minor", 0),
    )
