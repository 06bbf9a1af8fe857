"""A quote becomes one delivery at its price, once, in time, and only as it was quoted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.coverage import store as coverage_store
from chalicelib.domain.deliveries import lists
from chalicelib.domain.intake.order import Contact
from chalicelib.domain.merchants.model import Store
from chalicelib.domain.pricing.agreed import load_agreed
from chalicelib.domain.quotes.model import Quote, QuoteState
from chalicelib.kit.errors import (
    DuplicateDelivery,
    ExpiredQuote,
    MismatchedQuote,
    NoCapacityLeft,
    NotFound,
    StaleVersion,
    UsedQuote,
)
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.keys import Key
from tests.builders import DOOR_AT, NOON, STORE_AT
from tests.domain.quotes.counter import (
    ADDRESS,
    OTHER_ADDRESS,
    PARCEL,
    Counter,
    an_acceptance,
    an_ask,
    by_night,
    two_hours,
)


def made(counter: Counter) -> list[str]:
    day, _ = lists.list_day(counter.begin(), "mer_1", NOON.date(), limit=9, after=None)
    return [one.id for one in day]


def test_the_delivery_is_as_quoted_and_keeps_the_price(counter: Counter) -> None:
    quote = counter.quote()
    counter.clock.advance(minutes=14)
    delivery = counter.accept(quote)
    assert (delivery.pickup, delivery.dropoff, delivery.parcel, delivery.window) == (
        quote.pickup,
        quote.dropoff,
        quote.parcel,
        quote.window,
    )
    agreed = load_agreed(counter.begin(), "mer_1", delivery.id)
    assert (agreed.price, agreed.quote_id) == (quote.price, quote.id)
    kept = counter.load(quote)
    assert kept.state(counter.clock.now()) is QuoteState.ACCEPTED
    assert kept.delivery_id == delivery.id


def test_the_price_is_the_quoted_one_whatever_became_of_the_surge(counter: Counter) -> None:
    quote = counter.quote()
    counter.run(
        lambda uow: uow.put(
            coverage_store.keys.surge("hub_1"),
            {
                "permille": 2000,
                "pressure_permille": 3000,
                "open_stops": 9,
                "free_capacity": 1,
                "before_permille": 1900,
                "at": "2026-11-27T12:00:00.000Z",
                "version": 9,
            },
            expect=None,
        )
    )
    assert counter.quote(window=TimeWindow(NOON, NOON + timedelta(hours=8))).surge_permille > 1000
    delivery = counter.accept(quote)
    assert load_agreed(counter.begin(), "mer_1", delivery.id).price == quote.price


def test_the_same_acceptance_again_is_the_same_delivery(counter: Counter) -> None:
    """Also when the reply was lost and the quote has expired meanwhile."""
    quote = counter.quote()
    first = counter.accept(quote)
    counter.clock.advance(hours=2)
    assert counter.accept(quote).id == first.id
    assert made(counter) == [first.id]


@pytest.mark.parametrize(
    "other",
    [
        {"order_id": "A-2"},
        {"contact": Contact("Somebody Else", Phone("+491713920009"))},
        {"contact": Contact("Mara Vogel", Phone("+491713920010"))},
        {"notes": "third floor"},
    ],
    ids=["another order", "another name", "another phone", "other notes"],
)
def test_another_acceptance_of_a_used_quote_names_the_delivery(
    counter: Counter, other: dict[str, object]
) -> None:
    quote = counter.quote()
    first = counter.accept(quote)
    with pytest.raises(UsedQuote) as refused:
        counter.accept(quote, **other)
    assert refused.value.extra == {"delivery_id": first.id}
    assert made(counter) == [first.id]


def test_two_acceptances_at_once_make_one_delivery(counter: Counter) -> None:
    """The one who loses the race is run again, and gets what the winner made."""
    quote = counter.quote()
    one, other = counter.begin(), counter.begin()
    won = counter.accept_in(one, quote.id, an_acceptance())
    counter.accept_in(other, quote.id, an_acceptance())
    one.commit()
    with pytest.raises(StaleVersion):
        other.commit()
    assert counter.accept(quote).id == won.id
    assert made(counter) == [won.id]


class Meanwhile:
    """The tables of somebody who is slow: once the quote was read, something happens."""

    def __init__(self, tables: Any, quote: Quote, happens: Callable[[], object]) -> None:
        self._tables, self._quote, self._happens = tables, quote, [happens]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def get(self, key: Key) -> Any:
        found = self._tables.get(key)
        if self._quote.id in f"{key.pk}{key.sk}" and self._happens:
            self._happens.pop()()
        return found


def test_an_acceptance_between_two_reads_of_another_is_no_other_order(counter: Counter) -> None:
    """Not "this order has a delivery already": it is run again, and gets that very delivery."""
    quote = counter.quote()
    late = counter.begin()
    late._tables = Meanwhile(late._tables, quote, lambda: counter.accept(quote))  # type: ignore[assignment]
    with pytest.raises(StaleVersion):
        counter.accept_in(late, quote.id, an_acceptance())
    assert [counter.accept(quote).id] == made(counter)


def test_two_orders_that_race_for_one_quote_make_one_delivery(counter: Counter) -> None:
    quote = counter.quote()
    one, other = counter.begin(), counter.begin()
    won = counter.accept_in(one, quote.id, an_acceptance())
    counter.accept_in(other, quote.id, an_acceptance(order_id="A-2"))
    one.commit()
    with pytest.raises(StaleVersion):
        other.commit()
    with pytest.raises(UsedQuote):
        counter.accept(quote, order_id="A-2")
    assert made(counter) == [won.id]


def test_a_quote_cannot_be_accepted_at_the_instant_it_expires(counter: Counter) -> None:
    early, late = counter.quote(), counter.quote()
    counter.clock.advance(minutes=15, milliseconds=-1)
    assert counter.accept(early)
    counter.clock.advance(milliseconds=1)
    with pytest.raises(ExpiredQuote) as refused:
        counter.accept(late, order_id="A-2")
    assert refused.value.extra == {"expired_at": "2026-11-27T12:15:00.000Z"}


def test_a_quote_that_nobody_gave_is_not_found(counter: Counter) -> None:
    with pytest.raises(NotFound):
        counter.run(lambda uow: counter.accept_in(uow, "qte_unknown", an_acceptance()))


def test_an_order_that_has_a_delivery_gets_no_second_one(counter: Counter) -> None:
    first = counter.accept(counter.quote())
    with pytest.raises(DuplicateDelivery) as refused:
        counter.accept(counter.quote())
    assert refused.value.extra == {"delivery_id": first.id}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": OTHER_ADDRESS}, "dropoff"),
        ({"position": LatLng(51.23, 9.42)}, "dropoff"),
        ({"parcel": Parcel(701, 3500, 2)}, "items"),
        ({"window": TimeWindow(NOON, NOON + timedelta(hours=7))}, "window"),
        ({"store_external_id": "second"}, "store_external_id"),
        ({"store_external_id": "nowhere"}, "store_external_id"),
    ],
)
def test_what_differs_from_the_quote_is_named(
    counter: Counter, changes: dict[str, object], field: str
) -> None:
    second = Store("str_2", "second", "Blumen Roth, Hafen", "Kai 1", STORE_AT)
    counter.merchant = replace(counter.merchant, stores=(*counter.merchant.stores, second))
    quote = counter.quote()
    with pytest.raises(MismatchedQuote) as refused:
        counter.accept(quote, **changes)
    assert [one["field"] for one in refused.value.fields] == [field]
    assert made(counter) == []


def test_what_is_repeated_as_quoted_is_no_difference(counter: Counter) -> None:
    quote = counter.quote()
    spelt = replace(ADDRESS, line1="LINDENWEG  7 ")
    assert counter.accept(
        quote,
        address=spelt,
        position=DOOR_AT,
        parcel=PARCEL,
        window=quote.window,
        store_external_id="main",
    )


def test_a_quote_by_coordinates_takes_an_address_that_lies_there(counter: Counter) -> None:
    """The recipient's address was not known at the checkout's map, and is looked up now."""
    quote = counter.quote(address=None)
    counter.gazetteer.position = LatLng(51.25, 9.42)
    with pytest.raises(MismatchedQuote):
        counter.accept(quote)
    counter.gazetteer.position = LatLng(51.2201, 9.42)
    assert counter.accept(quote).dropoff == DOOR_AT


def test_an_accepted_quote_takes_its_counted_place(counter: Counter) -> None:
    """Two were quoted the last one: the second is told so."""
    counter.promise(replace(two_hours(), capacity_per_window=1))
    wish = TimeWindow(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    first, second = counter.quote(window=wish), counter.quote(window=wish)
    taken = counter.accept(first)
    assert taken.booking is not None
    with pytest.raises(NoCapacityLeft):
        counter.accept(second, order_id="A-2")


def test_two_who_race_for_the_last_place_get_one(counter: Counter) -> None:
    counter.promise(replace(two_hours(), capacity_per_window=1))
    wish = TimeWindow(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    first, second = counter.quote(window=wish), counter.quote(window=wish)
    one, other = counter.begin(), counter.begin()
    counter.accept_in(one, first.id, an_acceptance())
    counter.accept_in(other, second.id, an_acceptance(order_id="A-2"))
    one.commit()
    with pytest.raises(StaleVersion):
        other.commit()
    with pytest.raises(NoCapacityLeft):
        counter.accept(second, order_id="A-2")
    assert len(made(counter)) == 1


def test_a_cut_off_that_passes_meanwhile_does_not_break_the_promise(counter: Counter) -> None:
    """It was quoted before four o'clock, and is accepted ten minutes after."""
    counter.promise(by_night(), capacity_per_day=5)
    counter.clock.advance(hours=2, minutes=55)
    quote = counter.quote()
    counter.clock.advance(minutes=10)
    assert counter.accept(quote).window == quote.window


def test_everything_of_an_acceptance_is_one_commit(counter: Counter) -> None:
    quote = counter.quote()
    uow = counter.begin()
    counter.accept_in(uow, quote.id, an_acceptance())
    # Quote, delivery, price, recipient, order lock, link, the order's number for the look-up and
    # for its shop.
    assert uow.write_count == 8
    assert made(counter) == []
    assert counter.load(quote).delivery_id is None


def test_asking_reserves_nothing(counter: Counter) -> None:
    uow = counter.begin()
    counter.quote_in(uow, an_ask())
    # Quote, surge, day sheet: drawn because there was none.
    assert uow.write_count == 3
