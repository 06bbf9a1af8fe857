"""A shop that hands orders to us as its fulfilment service gets an answer to each of them."""

from typing import Any

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.shops.model import Connection
from chalicelib.domain.shops.requests import Clerk, answer_requests
from chalicelib.kit.shop_calls import FoundOrder, Requested, Wish
from chalicelib.storage import keys
from tests.builders import NOON, SERVER_KEY, a_request
from tests.domain.shops.counter import Counter

FULFIL = Requested("fo_1", "9001", Wish.FULFIL)
CANCEL = Requested("fo_1", "9001", Wish.CANCEL)
CREATED = Outcome(Result.CREATED, "del_9")
REFUSED = Outcome(Result.REJECTED, None, "outside_service_area", "The address lies outside.")


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    made.connect()
    return made


def answers(counter: Counter, *asked: Requested, outcome: Outcome = CREATED) -> list[Any]:
    taken: list[str] = []

    def take_in(connection: Connection, found: FoundOrder) -> Outcome:
        taken.append(found.order_id)
        return outcome

    counter.shops.wishes = list(asked)
    clerk = Clerk(counter.commit, {"shopify": counter.shops}, SERVER_KEY, take_in)
    answer_requests(clerk, "mer_1", "shopify")
    return [*counter.shops.answers, *taken]


def a_known_order(counter: Counter, *steps: life.Command) -> Delivery:
    def make(uow: Any) -> Delivery:
        delivery = deliveries.create(uow, a_request(external_id="9001"))
        lock = {"state": "promised", "source_updated_at": "2026-11-27T12:00:00.000Z"}
        uow.put(
            keys.order("mer_1", "shopify", "9001"),
            {**lock, "delivery_id": delivery.id, "refusal": None},
            expect=0,
        )
        return delivery

    delivery = counter.commit(make)
    if steps:
        ref = DeliveryRef("mer_1", delivery.id)
        return counter.commit(lambda uow: deliveries.carry_out(uow, ref, *steps))
    return delivery


def test_an_order_that_its_webhook_brought_before_is_accepted(counter: Counter) -> None:
    a_known_order(counter)
    assert answers(counter, FULFIL) == [("fo_1", "accepted")]


def test_an_order_that_we_never_heard_of_is_fetched_taken_in_and_accepted(
    counter: Counter,
) -> None:
    counter.shops.found["9001"] = FoundOrder("9001", NOON, "orders/updated", b"{}")
    assert answers(counter, FULFIL) == [("fo_1", "accepted"), "9001"]


def test_an_order_that_we_cannot_deliver_is_rejected_with_the_reason(counter: Counter) -> None:
    counter.shops.found["9001"] = FoundOrder("9001", NOON, "orders/updated", b"{}")
    told = answers(counter, FULFIL, outcome=REFUSED)
    assert told[0] == ("fo_1", "The address lies outside.")


def test_an_order_that_is_gone_is_rejected(counter: Counter) -> None:
    assert answers(counter, FULFIL) == [("fo_1", "The shop has no such order.")]


def test_a_cancellation_in_time_ends_the_delivery(counter: Counter) -> None:
    delivery = a_known_order(counter)
    assert answers(counter, CANCEL) == [("fo_1", "accepted")]
    after = delivery_store.load(counter.begin(), DeliveryRef("mer_1", delivery.id))
    assert after.status is Status.CANCELLED
    assert answers(counter, FULFIL)[1] == ("fo_1", "The delivery of this order is over.")


def test_a_cancellation_after_the_pickup_is_rejected_and_changes_nothing(
    counter: Counter,
) -> None:
    way = (life.Plan(NOON, "rte_1"), life.Assign(NOON, "drv_1"), life.PickUp(NOON))
    delivery = a_known_order(counter, *way)
    (answer,) = answers(counter, CANCEL)
    assert answer[1].startswith("The parcel is with its driver")
    after = delivery_store.load(counter.begin(), DeliveryRef("mer_1", delivery.id))
    assert after.status is Status.PICKED_UP


def test_cancelling_what_never_was_a_delivery_is_accepted(counter: Counter) -> None:
    assert answers(counter, CANCEL) == [("fo_1", "accepted")]
