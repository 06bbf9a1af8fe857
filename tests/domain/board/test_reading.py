"""A hub's day in one reading, and what changed of it, for next to nothing while nothing does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.board import cursor, reading
from chalicelib.domain.board.model import Day, News
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.dispatch.today import marks
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Person
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.tracking import outlooks, whereabouts
from chalicelib.domain.tracking.positions import Ping
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.phone import Phone
from chalicelib.listeners import SUBSCRIBERS
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, a_hub, a_merchant
from tests.domain.dispatch.conftest import World
from tests.strict_notebook import StrictNotebook


class Board:
    """A console beside a world whose news is marked as the relay does it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cursor = ""
        self.marked = 0

    def load(self) -> Day:
        self.hear()
        day = reading.day(self.world.begin(), self.world.hub)
        self.cursor = day.cursor
        # What was read with the day is told once more at first.
        self.poll()
        self.poll()
        return day

    def hear(self) -> None:
        heard, self.marked = self.world.heard[self.marked :], len(self.world.heard)
        for event in heard:
            if any(one.name == "board" for one in SUBSCRIBERS.get(event.type, ())):
                uow = self.world.begin()
                marks.note_event(uow, event)
                uow.commit()

    def poll(self) -> News:
        self.hear()
        self.world.clock.advance(seconds=5)
        hub_id = self.world.hub.id
        told = reading.news(self.world.begin(), hub_id, cursor.read(hub_id, self.cursor))
        self.cursor = told.cursor
        return told


@pytest.fixture
def board(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> Board:
    world = World(begin, clock, a_hub())
    world.run(lambda uow: merchants.save_hub(uow, world.hub))
    world.run(lambda uow: merchants.save_merchant(uow, a_merchant()))
    kim = Person("Kim", Phone("+4917139200010"))
    world.run(lambda uow: drivers.save_person(uow, "drv_1", kim))
    return Board(world)


def test_the_day_has_its_routes_drivers_and_what_waits(board: Board) -> None:
    route = board.world.an_assigned_route()
    waiting = board.world.a_ready_delivery(9)
    day = board.load()
    assert [one.route.id for one in day.routes] == [route.id]
    assert [(one.work.driver_id, one.name) for one in day.drivers] == [("drv_1", "Kim")]
    assert [one.ref.delivery_id for one in day.waiting] == [waiting.id]
    assert day.merchants == {"mer_1": "Blumen Roth"}


def test_the_day_is_the_one_on_the_hubs_wall(begin, clock: FrozenClock) -> None:
    """In Los Angeles it is five in the afternoon, and in Greenwich tomorrow: what was driven since
    the morning is still there."""
    world = World(begin, clock, a_hub(timezone="America/Los_Angeles"))
    world.run(lambda uow: merchants.save_hub(uow, world.hub))
    world.run(lambda uow: merchants.save_merchant(uow, a_merchant()))
    driven = world.an_assigned_route()
    over = replace(driven, status=RouteStatus.COMPLETED, version=driven.version + 1)
    free = replace(world.work(), route_id=None, version=world.work().version + 1)
    world.run(lambda uow: dispatch.save_route(uow, over))
    world.run(lambda uow: drivers.save_work(uow, free))
    clock.advance(hours=13)
    day = reading.day(world.begin(), world.hub)
    assert [one.route.id for one in day.routes] == [driven.id]
    clock.advance(hours=7)
    assert reading.day(world.begin(), world.hub).routes == ()


def test_nothing_is_told_while_nothing_changes(board: Board) -> None:
    board.world.an_assigned_route()
    board.load()
    told = board.poll()
    assert (told.routes, told.drivers, told.waiting, told.gone) == ((), (), (), ())


def test_a_poll_reads_one_query_while_nobody_is_on_duty(
    board: Board, tables: StrictNotebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.load()
    read: list[str] = []
    for name in ("query", "get", "get_many"):
        monkeypatch.setattr(tables, name, noted(name, getattr(tables, name), read))
    board.poll()
    assert read == ["query"]


def noted(name: str, ask: Callable[..., Any], read: list[str]) -> Callable[..., Any]:
    def asked(first: Any, *rest: Any, **named: Any) -> Any:
        # Nothing is asked of DynamoDB for no keys.
        if first:
            read.append(name)
        return ask(first, *rest, **named)

    return asked


def test_a_route_that_changes_is_told_whole(board: Board) -> None:
    board.load()
    route = board.world.an_assigned_route()
    told = board.poll()
    assert [one.route.id for one in told.routes] == [route.id]
    assert [one.name for one in told.drivers] == ["Kim"]
    assert board.poll().routes == ()


def test_what_begins_to_wait_and_what_waits_no_more_is_told(board: Board) -> None:
    board.load()
    made = board.world.a_ready_delivery(5)
    assert [one.ref.delivery_id for one in board.poll().waiting] == [made.id]
    ref, command = (
        board.world.refs[0],
        Cancel(board.world.clock.now(), CancelReason.CUSTOMER_REQUEST),
    )
    board.world.run(lambda uow: deliveries.carry_out(uow, ref, command))
    told = board.poll()
    assert (told.waiting, told.gone) == ((), (made.id,))


def test_fixes_move_the_driver_and_renew_what_is_expected(board: Board) -> None:
    route = board.world.an_assigned_route()
    event = next(one for one in board.world.heard if one.type == "route.assigned")
    board.world.run(lambda uow: outlooks.follow_route(uow, event))
    board.load()
    board.world.clock.advance(seconds=90)

    def fix(uow: UnitOfWork) -> None:
        ping = Ping(HUB_AT, board.world.clock.now())
        outlooks.follow_pings(uow, whereabouts.take_in(uow, "drv_1", [ping]))

    board.world.run(fix)
    told = [board.poll() for _ in range(cursor.TURNS)]
    assert [one.route_id for news in told for one in news.outlooks] == [route.id]
    assert [fix.position for news in told for fix in (news.fixes or {}).values()] == [HUB_AT]


def test_who_stayed_away_too_long_reads_the_day_anew(board: Board) -> None:
    board.load()
    board.world.clock.advance(seconds=int(timedelta(minutes=26).total_seconds()))
    assert not board.poll().is_told


def test_too_many_changes_are_a_new_day(board: Board) -> None:
    board.load()
    many = [f"rte_{number}" for number in range(reading.MOST_CHANGED + 1)]

    def note(uow: UnitOfWork) -> None:
        for one in many[:90]:
            marks.note(uow, board.world.hub.id, marks.Thing.ROUTE, one)

    board.world.run(note)
    many = many[90:]
    board.world.run(note)
    assert not board.poll().is_told


def test_another_hubs_route_is_not_shown(board: Board) -> None:
    board.load()
    route = board.world.a_planned_route()
    board.marked = len(board.world.heard)
    other = replace(board.world.hub, id="hub_2")
    uow = board.world.begin()
    marks.note(uow, other.id, marks.Thing.ROUTE, route.id)
    uow.commit()
    board.world.clock.advance(seconds=5)
    heard = cursor.first(marks.now_ms(board.world.begin()), [])
    assert reading.news(board.world.begin(), other.id, heard).routes == ()
