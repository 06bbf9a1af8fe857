"""Six webhooks of one Shopify order in any order, with copies, end in one and the same state.

All 720 orders of arrival go through the reader and the desk as the door sends them: created unpaid,
paid, updated, edited, cancelled, and an update that is older than all but the first. A second set
leaves the cancellation out, so that the newest version must win.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import service, shopify, store
from chalicelib.domain.intake.order import NotForUs, Order, Refusal, defaults_of
from chalicelib.domain.merchants.model import Merchant
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage import keys
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON, SERVER_KEY, a_hub, a_merchant
from tests.domain.intake.shops import Gazetteer, golden, shopify_headers, written

ORDER_ID = "9007199254740993123"
EDIT = {"order_edit": {"id": 1, "order_id": int(ORDER_ID), "line_items": {"additions": []}}}


def a_webhook(topic: str, event: str, **changes: Any) -> tuple[dict[str, str], bytes]:
    body = written(golden("shopify", **changes))
    return shopify_headers(body, topic, event), body


def at(minute: int) -> str:
    return f"2026-11-27T12:{minute:02d}:00+01:00"


CREATED = a_webhook("orders/create", "e1", updated_at=at(1), financial_status="pending")
PAID = a_webhook("orders/paid", "e2", updated_at=at(3), note="Ring once")
UPDATED = a_webhook("orders/updated", "e3", updated_at=at(5), note="Ring three times")
EDITED = (shopify_headers(written(EDIT), "orders/edited", "e4"), written(EDIT))
AFTER_EDIT = a_webhook(
    "orders/updated",
    "e4",
    updated_at=at(4),
    line_items=[{"quantity": 1, "grams": 700}],
)
CANCELLED = a_webhook("orders/cancelled", "e5", updated_at=at(6), cancelled_at=at(6))
OLDER = a_webhook("orders/updated", "e6", updated_at=at(2), note="Do not ring")

Webhook = tuple[dict[str, str], bytes]


class Door:
    """Reads and takes in as the edge does, over tables of its own."""

    def __init__(self) -> None:
        self.tables = Notebook()
        self.merchant: Merchant = a_merchant()
        self.gazetteer = Gazetteer()

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, FrozenClock(NOON))

    def send(self, webhook: Webhook) -> None:
        order = shopify.parse(*webhook, defaults_of(self.merchant, a_hub()))
        if not isinstance(order, NotForUs):
            self.take_in(order)

    def take_in(self, order: Order) -> None:
        uow = self.begin()
        service.receive(uow, self.merchant, a_hub(), order, self.gazetteer, SERVER_KEY)
        uow.commit()

    def state(self) -> tuple[Any, ...]:
        """What the merchant sees in the end: one lock, at most one living delivery."""
        item = self.tables.get(keys.order(self.merchant.id, "shopify", ORDER_ID))
        assert item is not None
        seen = (item["state"], item["source_updated_at"], self.refusals())
        if item["delivery_id"] is None:
            return (*seen, None)
        ref = DeliveryRef(self.merchant.id, item["delivery_id"])
        delivery = delivery_store.load(self.begin(), ref)
        if delivery.status is Status.CANCELLED:
            return (*seen, None)
        recipient = delivery_store.load_recipient(self.begin(), ref)
        return (*seen, delivery.status, delivery.window, delivery.parcel, recipient)

    def refusals(self) -> list[str]:
        found, _ = store.list_rejections(self.begin(), self.merchant.id, limit=100, after=None)
        return [one.code for one in found if one.code != Refusal.ORDER_CANCELLED]


def end_of(arrivals: Sequence[Webhook]) -> tuple[Any, ...]:
    door = Door()
    for webhook in arrivals:
        door.send(webhook)
    return door.state()


SIX = (CREATED, PAID, UPDATED, EDITED, CANCELLED, OLDER)


def test_all_720_orders_of_six_webhooks_with_copies_end_in_one_state() -> None:
    states = {}
    for number, arrivals in enumerate(itertools.permutations(SIX)):
        # Each arrival brings a copy of an earlier webhook along, another one each time.
        again = arrivals[number % 6 : number % 6 + 2]
        states[repr(end_of([*arrivals, *again]))] = arrivals
    assert len(states) == 1
    (state,) = states
    assert state.startswith("('cancelled', '2026-11-27T11:06:00.000Z'")


def test_without_a_cancellation_the_newest_version_wins_in_every_order() -> None:
    ends = []
    for number, arrivals in enumerate(itertools.permutations([*SIX[:4], AFTER_EDIT, OLDER])):
        copies = (arrivals[number % 6], arrivals[-1])
        ends.append(end_of([*arrivals, *copies]))
    assert all(end == ends[0] for end in ends)
    assert ends[0][0] == "promised"
    assert ends[0][-1].notes == "Ring three times"


@pytest.mark.parametrize("topic", ["orders/paid", "orders/updated"])
def test_a_payment_alone_brings_the_order_in(topic: str) -> None:
    """``orders/create`` of an unpaid order is forgotten: what pays it must be enough."""
    door = Door()
    door.send(CREATED)
    assert door.tables.items == {}
    door.send(a_webhook(topic, "e9", updated_at=at(3)))
    assert door.state()[0] == "promised"
