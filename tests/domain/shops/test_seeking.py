"""Orders whose webhook never came are found, taken in once, and no shop starves another."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.lists import list_day
from chalicelib.domain.intake import service as intake
from chalicelib.domain.intake import shopify as reader
from chalicelib.domain.intake.order import NotForUs, defaults_of
from chalicelib.domain.shops import seeking, store
from chalicelib.domain.shops.model import Connection, Mark, State
from chalicelib.domain.shops.seeking import OVERLAP, Search, Sought, first_mark, seek
from chalicelib.kit.shop_calls import FoundOrder
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopUnavailable,
)
from tests.builders import NOON, SERVER_KEY, a_hub, a_merchant
from tests.domain.intake.shops import Gazetteer, golden, written
from tests.domain.shops.counter import Counter


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    connection = made.connect()
    made.commit(lambda uow: store.save_mark(uow, first_mark(connection, NOON)))
    return made


def put_in_shop(counter: Counter, number: int, at: datetime, **changes: Any) -> FoundOrder:
    payload = golden("shopify", id=number, updated_at=at.isoformat(), **changes)
    found = FoundOrder(str(number), at, "orders/updated", written(payload))
    counter.shops.found[found.order_id] = found
    return found


def take_in(counter: Counter) -> Callable[[Connection, FoundOrder], object]:
    def one(connection: Connection, found: FoundOrder) -> object:
        headers = {"x-shopify-topic": found.topic}
        order = reader.parse(headers, found.body, defaults_of(a_merchant(), a_hub()))
        if isinstance(order, NotForUs):
            return order
        return counter.commit(
            lambda uow: intake.receive(uow, a_merchant(), a_hub(), order, Gazetteer(), SERVER_KEY)
        )

    return one


def turn(counter: Counter, seconds_left: int = 1000) -> Sought:
    left = iter(range(seconds_left, -1, -1))
    search = Search(
        counter.commit,
        {"shopify": counter.shops},
        SERVER_KEY,
        take_in(counter),
        lambda: next(left) <= 0,
    )
    return seek(search, "mer_1", "shopify")


def mark_of(counter: Counter) -> Mark:
    mark = store.load_mark(counter.begin(), "mer_1", "shopify")
    assert mark is not None
    return mark


def orders_of(counter: Counter) -> list[str]:
    found, _ = list_day(counter.begin(), "mer_1", NOON.date(), limit=1000, after=None)
    return sorted(delivery.external_id for delivery in found)


def test_an_order_whose_webhook_never_came_is_delivered(counter: Counter) -> None:
    put_in_shop(counter, 1, NOON + timedelta(minutes=1))
    counter.clock.advance(minutes=15)
    assert turn(counter).taken_in == 1
    assert orders_of(counter) == ["1"]
    assert mark_of(counter).until == NOON + timedelta(minutes=15)


def test_the_next_search_overlaps_and_fetches_nothing_twice(counter: Counter) -> None:
    put_in_shop(counter, 1, NOON + timedelta(minutes=1))
    counter.clock.advance(minutes=5)
    turn(counter)
    again = turn(counter)
    assert counter.shops.asked_since == [NOON - OVERLAP, NOON + timedelta(minutes=5) - OVERLAP]
    assert (again.looked_at, again.taken_in, counter.shops.fetched) == (1, 0, ["1"])


def test_a_change_that_nobody_told_us_of_is_taken_over(counter: Counter) -> None:
    put_in_shop(counter, 1, NOON + timedelta(minutes=1))
    turn(counter)
    put_in_shop(counter, 1, NOON + timedelta(minutes=2), note="Ring twice")
    assert turn(counter).taken_in == 1
    assert len(orders_of(counter)) == 1


def test_a_webhook_that_comes_after_all_changes_nothing(counter: Counter) -> None:
    found = put_in_shop(counter, 1, NOON)
    turn(counter)
    late = take_in(counter)(counter.connection(), found)
    assert getattr(late, "delivery_id", None) is not None
    assert orders_of(counter) == ["1"]


def test_more_orders_than_one_run_may_take_wait_for_the_next(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "MOST_ORDERS", 60)
    for number in range(1, 131):
        put_in_shop(counter, number, NOON + timedelta(seconds=20 * number))
    counter.clock.advance(hours=2)
    taken = [turn(counter).taken_in for _ in range(3)]
    assert taken == [60, 60, 10]
    assert len(orders_of(counter)) == 130


def test_many_orders_that_are_not_ours_do_not_hold_the_search_up_for_ever(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop marks hundreds as unpaid at once: within the overlap each run met the same ones."""
    monkeypatch.setattr(seeking, "MOST_ORDERS", 5)
    for number in range(1, 13):
        at = NOON + timedelta(minutes=1)
        put_in_shop(counter, number, at, financial_status="voided")
    put_in_shop(counter, 99, NOON + timedelta(minutes=3))
    counter.clock.advance(hours=2)
    for _ in range(4):
        turn(counter)
    assert orders_of(counter) == ["99"]
    assert mark_of(counter).until == NOON + timedelta(hours=2)


def test_a_run_that_is_out_of_time_goes_on_where_it_stopped(counter: Counter) -> None:
    for number in range(1, 6):
        put_in_shop(counter, number, NOON + timedelta(minutes=number))
    counter.clock.advance(hours=2)
    assert turn(counter, seconds_left=3).taken_in == 3
    assert mark_of(counter).until < NOON + timedelta(hours=2)
    turn(counter)
    assert orders_of(counter) == ["1", "2", "3", "4", "5"]


def test_an_order_that_cannot_be_read_stops_nobody(counter: Counter) -> None:
    broken = FoundOrder("1", NOON, "orders/updated", b'{"id": 1}')
    counter.shops.found["1"] = broken
    put_in_shop(counter, 2, NOON + timedelta(minutes=1))
    sought = turn(counter)
    assert (sought.unreadable, sought.taken_in) == (["1"], 1)


def test_a_shop_that_does_not_answer_keeps_its_mark_and_shows_why(counter: Counter) -> None:
    counter.shops.errors = [ShopUnavailable("the shop did not answer")]
    counter.clock.advance(minutes=5)
    assert turn(counter).failure == "shop_unavailable"
    mark = mark_of(counter)
    assert (mark.until, mark.polled_at) == (NOON, NOON + timedelta(minutes=5))
    assert mark.failure is not None
    put_in_shop(counter, 1, NOON)
    turn(counter)
    assert mark_of(counter).failure is None
    assert orders_of(counter) == ["1"]


def test_a_shop_that_refuses_us_is_broken_and_asked_no_more(counter: Counter) -> None:
    counter.shops.errors = [ShopRefused("the shop no longer takes our access token")]
    turn(counter)
    assert counter.connection().state is State.BROKEN
    turn(counter)
    assert counter.shops.asked_since == []


def test_a_shop_that_is_no_longer_connected_is_forgotten(counter: Counter) -> None:
    connection = counter.connection()
    counter.commit(lambda uow: store.delete_connection(uow, connection))
    assert turn(counter) == Sought()
    assert store.longest_unpolled(counter.begin(), limit=5) == []
