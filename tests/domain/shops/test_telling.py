"""A shop hears what became of its orders: in order, once, never an older thing after a newer."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.shops import news as shop_news
from chalicelib.domain.shops import store, telling
from chalicelib.domain.shops.model import State
from chalicelib.domain.shops.news import News
from chalicelib.domain.shops.telling import Fate, Office, tell
from chalicelib.kit import tokens
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from tests.builders import NOON, SERVER_KEY, a_delivery, a_request
from tests.domain.shops.counter import Counter


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    made.connect()
    return made


def office(counter: Counter) -> Office:
    return Office(counter.commit, {"shopify": counter.shops}, SERVER_KEY, "https://track.example")


def news(version: int, status: Status = Status.PICKED_UP, delivery_id: str = "del_1") -> News:
    at = NOON + timedelta(minutes=version)
    return News("mer_1", delivery_id, "shopify", "9001", version, status, at)


def test_the_shop_hears_where_the_parcel_can_be_followed(counter: Counter) -> None:
    assert tell(office(counter), news(6)) is Fate.TOLD
    (told,) = counter.shops.told
    assert (told.order_id, told.tracking_number, told.status) == (
        "9001",
        "del_1",
        "CARRIER_PICKED_UP",
    )
    token = tokens.tracking_token(SERVER_KEY, "del_1")
    assert told.tracking_url == f"https://track.example/t/{token}"
    assert told.notify_customer
    assert told.creates


def test_later_news_knows_what_the_platform_calls_our_shipment(counter: Counter) -> None:
    tell(office(counter), news(6))
    tell(office(counter), news(9, Status.DELIVERED))
    assert [one.reference for one in counter.shops.told] == ["", "shipment-1"]


def test_a_merchant_may_mail_its_customers_itself(counter: Counter) -> None:
    counter.connect(notify_customer="no")
    tell(office(counter), news(6))
    assert not counter.shops.told[0].notify_customer


def test_the_same_news_twice_is_told_once(counter: Counter) -> None:
    assert [tell(office(counter), news(6)) for _ in range(2)] == [Fate.TOLD, Fate.SUPERSEDED]
    assert len(counter.shops.told) == 1


def test_older_news_is_dropped(counter: Counter) -> None:
    tell(office(counter), news(9, Status.DELIVERED))
    assert tell(office(counter), news(6)) is Fate.SUPERSEDED
    assert [one.status for one in counter.shops.told] == ["DELIVERED"]


def test_newer_news_waits_while_an_older_one_is_being_told(counter: Counter) -> None:
    """Two workers: the call of the older may end last, and must not have the last word."""
    met: list[Fate] = []
    counter.shops.while_telling = lambda: met.append(
        tell(office(counter), news(9, Status.DELIVERED))
    )
    assert tell(office(counter), news(6)) is Fate.TOLD
    assert met == [Fate.BUSY]
    assert tell(office(counter), news(9, Status.DELIVERED)) is Fate.TOLD
    assert [one.status for one in counter.shops.told] == ["CARRIER_PICKED_UP", "DELIVERED"]


def test_older_news_gives_way_to_a_newer_that_is_being_told(counter: Counter) -> None:
    met: list[Fate] = []
    counter.shops.while_telling = lambda: met.append(tell(office(counter), news(6)))
    tell(office(counter), news(9, Status.DELIVERED))
    assert met == [Fate.SUPERSEDED]


def test_a_worker_that_died_while_telling_stops_nobody_for_long(counter: Counter) -> None:
    uow = counter.begin()
    telling._claim(uow, news(6))
    uow.commit()
    assert tell(office(counter), news(7, Status.EN_ROUTE_TO_DROPOFF)) is Fate.BUSY
    counter.clock.advance(seconds=telling.CLAIMED_FOR.total_seconds())
    assert tell(office(counter), news(7, Status.EN_ROUTE_TO_DROPOFF)) is Fate.TOLD


def test_a_platform_that_does_not_answer_is_tried_again(counter: Counter) -> None:
    counter.shops.errors = [ShopUnavailable("the shop asked us to slow down")]
    with pytest.raises(ShopUnavailable):
        tell(office(counter), news(6))
    failure = counter.connection().failure
    assert failure is not None
    assert (failure.code, counter.connection().state) == ("shop_unavailable", State.CONNECTED)
    assert tell(office(counter), news(6)) is Fate.TOLD


def test_what_the_platform_rejects_is_seen_and_not_tried_again(counter: Counter) -> None:
    counter.shops.errors = [ShopRejected("the shop has no such order")]
    assert tell(office(counter), news(6)) is Fate.REJECTED
    assert tell(office(counter), news(6)) is Fate.SUPERSEDED
    failure = counter.connection().failure
    assert failure is not None
    assert failure.detail == "the shop has no such order"
    assert counter.connection().state is State.CONNECTED


def test_a_token_that_was_taken_back_breaks_the_connection_and_loses_no_news(
    counter: Counter,
) -> None:
    """The merchant sees it, nothing is tried meanwhile, and the shop hears how things ended."""
    delivery = counter.commit(lambda uow: deliveries.create(uow, a_request()))
    counter.shops.errors = [ShopRefused("the shop no longer takes our access token")]
    assert tell(office(counter), news(3, delivery_id=delivery.id)) is Fate.WAITS
    assert counter.connection().state is State.BROKEN
    assert tell(office(counter), news(4, Status.DELIVERED, delivery.id)) is Fate.WAITS
    assert counter.shops.told == []

    counter.connect()
    (again,) = telling.waiting_news(counter.begin(), "mer_1", "shopify", limit=10)
    assert (again.delivery_id, again.status) == (delivery.id, Status.READY)
    counter.commit(lambda uow: telling.forget_waiting(uow, again))
    assert telling.waiting_news(counter.begin(), "mer_1", "shopify", limit=10) == []


def test_new_credentials_are_not_broken_by_the_end_of_the_old_ones(counter: Counter) -> None:
    """The refusal of the old token arrives after the merchant has connected the shop anew."""
    counter.shops.while_telling = lambda: counter.connect() and None
    counter.shops.errors = [ShopRefused()]
    tell(office(counter), news(6))
    assert counter.connection().state is State.CONNECTED


def test_nothing_is_told_where_nothing_is_connected() -> None:
    counter = Counter()
    assert tell(office(counter), news(6)) is Fate.NOT_CONNECTED
    assert counter.tables.items == {}


@pytest.mark.parametrize("status", [Status.READY, Status.PLANNED, Status.RETURNING])
def test_what_the_platform_has_no_word_for_is_not_told(counter: Counter, status: Status) -> None:
    assert tell(office(counter), news(6, status)) is Fate.NOT_CONNECTED
    assert counter.shops.told == []


def test_a_cancellation_before_the_pickup_makes_no_shipment() -> None:
    after, events = lifecycle.apply(a_delivery(), life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST))
    told = shop_news.of_event(events[0])
    assert told is not None
    assert (told.word, told.creates) == ("FAILURE", False)
    assert shop_news.of_delivery(after) == told


def test_news_is_the_same_after_its_way_through_the_queue() -> None:
    assert News.from_message(news(6).to_message()) == news(6)


WAY = (
    (6, Status.PICKED_UP),
    (7, Status.EN_ROUTE_TO_DROPOFF),
    (9, Status.DELIVERED),
    (10, Status.ARRIVED_AT_DROPOFF),
    (11, Status.ATTEMPT_FAILED),
    (17, Status.RETURNED),
)


@given(data=st.data())
def test_however_the_queue_shuffles_and_repeats_the_shop_hears_versions_in_order(
    data: st.DataObject,
) -> None:
    copies = data.draw(st.lists(st.sampled_from(WAY), max_size=4))
    arrivals = data.draw(st.permutations([*WAY, *copies]))
    faults = data.draw(st.lists(st.booleans(), min_size=len(arrivals), max_size=len(arrivals)))
    counter = Counter()
    counter.connect()
    late = []
    for (version, status), is_down in zip(arrivals, faults, strict=True):
        if is_down:
            counter.shops.errors = [ShopUnavailable()]
        try:
            tell(office(counter), news(version, status))
        except ShopUnavailable:
            late.append((version, status))
        counter.shops.errors = []
    for version, status in late:
        tell(office(counter), news(version, status))
    heard = [one.happened_at for one in counter.shops.told]
    assert heard == sorted(set(heard))
    assert counter.shops.told[-1].status == "FAILURE"


def test_what_a_shop_heard_is_kept_beside_the_delivery(counter: Counter) -> None:
    tell(office(counter), news(6))
    told = store.load_told(counter.begin(), "mer_1", "del_1", "shopify")
    assert (told.told_version, told.status, told.reference) == (6, "picked_up", "shipment-1")
