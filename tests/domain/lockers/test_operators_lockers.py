"""Lockers of others: what they keep is what the delivery needs, whatever gets lost on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, Delivery, Status
from chalicelib.domain.dispatch.under_way import driving, rerouting
from chalicelib.domain.lockers import elsewhere, holds, news, settling
from chalicelib.domain.lockers.holds import HoldState
from chalicelib.domain.lockers.news import Became, Told, Word
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.pickup_points import operators, room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import LockerOperator, OperatedBy, PickupPoint
from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.lockers import HttpLockers
from chalicelib.kit import tokens
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Upstream
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from local.lockers import LoopbackLockers, serving
from tests.builders import NOON, SERVER_KEY, a_hub
from tests.domain.dispatch.conftest import World
from tests.domain.pickup_points.test_room import a_point

PLACES = {("ST-1", "large"): 1, ("ST-2", "large"): 1}


@dataclass
class Street:
    """A world with two lockers of one operator, served on loopback."""

    world: World
    theirs: LoopbackLockers
    operator: LockerOperator
    points: tuple[PickupPoint, PickupPoint]

    def settle(self, number: int = 0) -> None:
        calls = HttpLockers(GuardedHttp(may_be_loopback=True))
        office = settling.Office(self.world.run, calls, SERVER_KEY)
        settling.settle(office, self.world.refs[number])

    def redirect(self, point: PickupPoint, number: int = 0) -> Delivery:
        delivery = self.world.delivery(number)
        return self.world.run(lambda uow: rerouting.redirect(uow, delivery, point))

    def states(self, number: int = 0) -> dict[str, HoldState]:
        found = holds.load_all(self.world.begin(), self.world.refs[number])
        return {one.point_id: one.state for one in found}

    def hear(self, word: Word, number: int = 0) -> Became:
        delivery = self.world.delivery(number)
        name = f"{delivery.id}.{self.points[0].id}"
        told = Told(word, name, self.world.clock.now())
        return self.world.run(lambda uow: news.take_in(uow, self.operator.id, told))


def a_street(begin: Callable[[], UnitOfWork], clock: FrozenClock, base_url: str) -> Street:
    world = World(begin, clock, a_hub())
    world.run(lambda uow: merchants.save_hub(uow, world.hub))
    operator = world.run(lambda uow: operators.connect(uow, "Schließfach AG", base_url))
    theirs = LoopbackLockers(dict(PLACES), tokens.locker_secret(SERVER_KEY, operator.id))
    ours = a_point(small=0, large=2)
    points = tuple(
        replace(ours, id=f"pup_{n}", operator=OperatedBy(operator.id, f"ST-{n}")) for n in (1, 2)
    )
    for point in points:
        world.run(lambda uow, point=point: pickup_points.save(uow, point))
    return Street(world, theirs, operator, (points[0], points[1]))


@pytest.fixture
def street(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> Iterator[Street]:
    theirs = LoopbackLockers({})
    with serving(theirs) as base_url:
        made = a_street(begin, clock, base_url)
        theirs.compartments, theirs.secret = made.theirs.compartments, made.theirs.secret
        made.theirs = theirs
        yield made


def test_a_compartment_is_kept_there_and_given_free_again(street: Street) -> None:
    made = street.world.a_ready_delivery()
    first, second = street.points
    street.redirect(first)
    for _ in range(2):
        street.settle()
    (kept,) = street.theirs.reserved.values()
    assert (kept["point"], kept["size"]) == ("ST-1", "large")
    assert kept["collect_code"] == tokens.collection_code(SERVER_KEY, made.id)
    hold = holds.load(street.world.begin(), street.world.refs[0], first.id)
    assert hold is not None
    assert hold.open_code == kept["open_code"]
    assert len(street.theirs.calls) == 1
    street.redirect(second)
    street.settle()
    assert [one["point"] for one in street.theirs.reserved.values()] == ["ST-2"]
    delivery = street.world.delivery()
    cancel = Cancel(NOON, CancelReason.CUSTOMER_REQUEST)
    street.world.run(lambda uow: deliveries.advance(uow, delivery, cancel))
    street.settle()
    assert street.theirs.reserved == {}
    assert set(street.states().values()) == {HoldState.RELEASED}


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_kept_twice(
    street: Street,
) -> None:
    street.world.a_ready_delivery()
    street.redirect(street.points[0])
    street.theirs.loses_answers = 1
    with pytest.raises(Upstream):
        street.settle()
    assert street.states() == {"pup_1": HoldState.WANTED}
    street.settle()
    assert street.states() == {"pup_1": HoldState.HELD}
    assert len(street.theirs.reserved) == 1


def test_whoever_changes_its_mind_while_an_answer_is_lost_keeps_one_place(street: Street) -> None:
    street.world.a_ready_delivery()
    street.redirect(street.points[0])
    street.theirs.loses_answers = 1
    with pytest.raises(Upstream):
        street.settle()
    street.redirect(street.points[1])
    street.settle()
    assert [one["point"] for one in street.theirs.reserved.values()] == ["ST-2"]


@pytest.mark.parametrize("dies", [False, True])
def test_whoever_comes_back_while_the_place_is_given_free_gets_one_again(
    street: Street, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """The operator gave it free and we took it for held: the courier's code opened nothing."""
    street.world.a_ready_delivery()
    first, second = street.points
    street.redirect(first)
    street.settle()
    street.redirect(second)
    answer = street.theirs.answer

    def answer_late(method: str, *asked: Any) -> Any:
        answered = answer(method, *asked)
        if method == "DELETE":
            monkeypatch.setattr(street.theirs, "answer", answer)
            street.redirect(first)
            return None if dies else answered
        return answered

    monkeypatch.setattr(street.theirs, "answer", answer_late)
    if dies:
        with pytest.raises(Upstream):
            street.settle()
    street.settle()
    assert [one["point"] for one in street.theirs.reserved.values()] == ["ST-1"]
    hold = holds.load(street.world.begin(), street.world.refs[0], first.id)
    assert hold is not None
    assert (
        hold.open_code == street.theirs.reserved[f"{street.world.delivery().id}.pup_1"]["open_code"]
    )


def test_where_they_are_full_it_goes_to_the_next_point(street: Street) -> None:
    for number in range(2):
        street.world.a_ready_delivery(number)
        street.redirect(street.points[0], number)
        street.settle(number)
    assert street.states(1) == {"pup_1": HoldState.REFUSED}
    (refused,) = [one for one in street.world.heard if one.type == "locker.refused"]
    for _ in range(2):
        street.world.run(lambda uow: elsewhere.move_on(uow, refused))
    street.settle(1)
    after = street.world.delivery(1)
    assert (after.pickup_point_id, after.history[-1].by) == ("pup_2", elsewhere.BY)
    assert street.states(1) == {"pup_1": HoldState.REFUSED, "pup_2": HoldState.HELD}
    assert len(room.load(street.world.begin(), "pup_1").held) == 1


def test_where_everybody_is_full_it_goes_home_again(street: Street) -> None:
    street.theirs.compartments.clear()
    street.world.a_ready_delivery()
    street.redirect(street.points[0])
    for _ in range(2):
        street.settle()
        told = [one for one in street.world.heard if one.type == "locker.refused"]
        street.world.run(lambda uow, told=told: elsewhere.move_on(uow, told[-1]))
    after = street.world.delivery()
    assert (after.pickup_point_id, after.status) == (None, Status.READY)


def test_a_wrong_signature_keeps_nothing(street: Street) -> None:
    street.theirs.secret = tokens.locker_secret(SERVER_KEY, "lop_somebody_else")
    street.world.a_ready_delivery()
    street.redirect(street.points[0])
    with pytest.raises(Upstream):
        street.settle()
    assert street.theirs.reserved == {}


def lying_there(street: Street) -> None:
    route = street.world.an_assigned_route(1)
    street.world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    street.redirect(street.points[0])


def test_their_word_counts_whenever_it_comes(street: Street) -> None:
    lying_there(street)
    assert street.hear(Word.EXPIRED) is Became.KNOWN
    assert street.hear(Word.DEPOSITED) is Became.TAKEN
    assert street.world.delivery().status is Status.AT_PICKUP_POINT
    assert street.hear(Word.DEPOSITED) is Became.KNOWN
    assert street.hear(Word.COLLECTED) is Became.TAKEN
    for late in (Word.DEPOSITED, Word.COLLECTED, Word.EXPIRED, Word.FETCHED):
        assert street.hear(late) is Became.KNOWN
    assert street.world.delivery().status is Status.COLLECTED
    assert room.load(street.world.begin(), "pup_1").held == {}


@pytest.mark.parametrize("year", [1, 2020])
def test_an_operators_clock_that_is_years_behind_sends_nothing_back_at_once(
    street: Street, year: int
) -> None:
    lying_there(street)
    name = f"{street.world.delivery().id}.pup_1"
    told = Told(Word.DEPOSITED, name, datetime(year, 1, 1, tzinfo=UTC))
    street.world.run(lambda uow: news.take_in(uow, street.operator.id, told))
    collect_by = street.world.delivery().collect_by
    assert collect_by is not None
    assert collect_by > street.world.clock.now()


def test_nobody_speaks_about_anothers_locker(street: Street) -> None:
    lying_there(street)
    told = Told(Word.COLLECTED, f"{street.world.delivery().id}.pup_1", NOON)
    became = street.world.run(lambda uow: news.take_in(uow, "lop_other", told))
    assert became is Became.UNKNOWN
    assert street.hear(Word.DOOR_LEFT_OPEN) is Became.KNOWN


WORDS = st.lists(st.sampled_from([*Word]), min_size=1, max_size=8)


@given(WORDS)
def test_in_any_order_and_number_the_words_end_where_the_parcel_is(words: list[Word]) -> None:
    """Collected is the end; else expired turns it back; else it lies there."""
    clock, tables = FrozenClock(NOON), Notebook()
    numbers = iter(range(10_000))

    def begin() -> UnitOfWork:
        return UnitOfWork(tables, clock, lambda prefix, _: f"{prefix}_{next(numbers):026d}")

    street = a_street(begin, clock, "http://127.0.0.1:1")
    lying_there(street)
    for word in words:
        street.hear(word)
    ends = [one for one in words if one is not Word.DOOR_LEFT_OPEN]
    put_in = next(
        (n for n, one in enumerate(ends) if one in (Word.DEPOSITED, Word.COLLECTED)), None
    )
    expected = {Status.EN_ROUTE_TO_DROPOFF}
    if put_in is not None:
        expected = {Status.AT_PICKUP_POINT, Status.COLLECTED, Status.RETURNING, Status.RETURNED}
        rest = ends[put_in:]
        first = next((one for one in rest if one in (Word.COLLECTED, Word.EXPIRED)), None)
        if first is Word.COLLECTED:
            expected = {Status.COLLECTED}
        elif first is None:
            expected = {Status.AT_PICKUP_POINT}
        else:
            expected = {Status.RETURNING, Status.RETURNED}
    assert street.world.delivery().status in expected
