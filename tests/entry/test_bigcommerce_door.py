"""BigCommerce's door: a hook is believed by its header, answered at once, fetched afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection, State
from chalicelib.entry.functions import update_shops
from chalicelib.gateways.bigcommerce import BigCommerceShops
from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.queues import Queue
from tests.builders import NOON, SERVER_KEY
from tests.domain.intake.shops import golden_text, written
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.gateways.bigcommerce_server import TOKEN, BigCommerce, a_bigcommerce
from tests.gateways.loopback import Said


@dataclass
class FakeQueues:
    sent: list[tuple[Queue, dict[str, Any]]] = field(default_factory=list)

    def send(self, queue: Queue, message: dict[str, Any], *, delay_s: float = 0) -> None:
        self.sent.append((queue, message))


@dataclass
class Town:
    """A stage, a store on loopback that it is connected to, and the queue between them."""

    stage: Stage
    bigcommerce: BigCommerce
    queues: FakeQueues

    def hook(self, order_id: int, hash_: str = "h", **headers: str) -> Answered:
        hook = golden_text("bigcommerce_hook")
        hook |= {"data": {"type": "order", "id": order_id}, "hash": f"{hash_}-{order_id}"}
        secret = {"X-Lastmile-Secret": self.stage.secrets["bigcommerce"]}
        return self.stage.webhook("bigcommerce", written(hook), {**secret, **headers})

    def fetch(self) -> list[str]:
        """Let the function work off the queue once; the messages that failed come back."""
        sent, self.queues.sent = self.queues.sent, []
        records = [
            {
                "messageId": str(number),
                "body": json.dumps(message),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:1:shops",
            }
            for number, (_, message) in enumerate(sent)
        ]
        reply = update_shops.update_shops({"Records": records}, None)
        failed = [one["itemIdentifier"] for one in reply["batchItemFailures"]]
        self.queues.sent = [sent[int(number)] for number in failed]
        return failed

    def delivery_of(self, order_id: int) -> dict[str, Any] | None:
        page = self.stage.as_merchant("GET", "/v1/deliveries?limit=100").body
        found = [one for one in page["deliveries"] if one["external_id"] == str(order_id)]
        return found[0] if found else None

    def connection(self) -> Connection:
        uow = wiring.unit_of_work()
        found = store.load_connection(uow, self.stage.merchant_id, "bigcommerce")
        assert found is not None
        return found


@pytest.fixture(scope="module")
def town(aws: None) -> Iterator[Town]:
    with (
        pytest.MonkeyPatch.context() as patch,
        a_stage(patch, "bigcommerce") as stage,
        a_bigcommerce() as bigcommerce,
    ):
        queues = FakeQueues()
        gateway = BigCommerceShops(GuardedHttp(may_be_loopback=True))
        patch.setattr(wiring, "queues", lambda: queues)
        patch.setattr(wiring, "shop_gateways", lambda: {"bigcommerce": gateway})
        yield Town(stage, bigcommerce, queues)


@pytest.fixture(autouse=True)
def connected(town: Town) -> None:
    town.queues.sent.clear()
    town.bigcommerce.moods.clear()
    uow = wiring.unit_of_work()
    merchant_id = town.stage.merchant_id
    before = store.load_connection(uow, merchant_id, "bigcommerce")
    sealed = store.seal_credentials(SERVER_KEY, merchant_id, "bigcommerce", {"access_token": TOKEN})
    connection = Connection(
        merchant_id,
        "bigcommerce",
        town.bigcommerce.shop,
        sealed,
        {},
        version=0 if before is None else before.version,
        connected_at=NOON,
    )
    store.save_connection(uow, connection)
    uow.commit()


def test_a_hook_is_answered_before_the_store_is_asked_and_fetched_afterwards(town: Town) -> None:
    town.bigcommerce.add(250)
    asked = len(town.bigcommerce.asked)
    answered = town.hook(250)
    assert (answered.status, answered.body) == (200, {"outcome": "queued"})
    assert len(town.bigcommerce.asked) == asked
    assert [queue for queue, _ in town.queues.sent] == [Queue.SHOPS]
    assert town.fetch() == []
    delivery = town.delivery_of(250)
    assert delivery is not None
    assert delivery["platform"] == "bigcommerce"
    assert delivery["parcel"]["weight_g"] == 500


def test_a_hook_that_comes_again_is_the_same_hook(town: Town) -> None:
    """Again before it was fetched, and again afterwards: one delivery, fetched once."""
    town.bigcommerce.add(251)
    town.hook(251)
    town.hook(251)
    assert town.fetch() == []
    assert town.bigcommerce.paths().count("orders/251") == 1
    calls = len(town.bigcommerce.asked)
    again = town.hook(251)
    assert again.body["outcome"] == "created"
    assert again.body["delivery_id"] == (town.delivery_of(251) or {})["id"]
    assert town.queues.sent == []
    assert len(town.bigcommerce.asked) == calls


def test_a_store_that_does_not_answer_loses_nothing(town: Town) -> None:
    town.bigcommerce.add(252)
    town.hook(252)
    town.bigcommerce.moods = [Said(503, b"")]
    assert town.fetch() == ["0"]
    assert town.delivery_of(252) is None
    assert town.fetch() == []
    assert town.delivery_of(252) is not None


def test_a_cancelled_order_cancels_its_delivery(town: Town) -> None:
    town.bigcommerce.add(253)
    town.hook(253)
    town.fetch()
    town.bigcommerce.orders["253"] |= {
        "status_id": 5,
        "date_modified": "Fri, 27 Nov 2026 12:00:00 +0000",
    }
    town.hook(253, "status")
    town.fetch()
    delivery = town.delivery_of(253)
    assert delivery is not None
    assert (delivery["status"], delivery["reason"]) == ("cancelled", "customer_request")


def test_hooks_out_of_order_end_in_the_newest_state(town: Town) -> None:
    """Each fetch reads the order as it is, so an old hook brings the newest version."""
    town.bigcommerce.add(254, status_id=5)
    town.hook(254, "later")
    town.hook(254, "created")
    town.fetch()
    assert town.delivery_of(254) is None


def test_an_order_that_is_gone_or_not_paid_makes_nothing(town: Town) -> None:
    town.bigcommerce.add(255, status_id=7)
    town.hook(255)
    town.hook(256)
    assert town.fetch() == []
    assert town.delivery_of(255) is None


def test_refused_credentials_break_the_connection_where_the_merchant_can_see_it(
    town: Town,
) -> None:
    town.bigcommerce.add(257)
    town.hook(257)
    town.bigcommerce.moods = [Said(401, {})]
    assert town.fetch() == []
    broken = town.connection()
    assert broken.state is State.BROKEN
    assert broken.failure is not None
    assert broken.failure.code == "shop_refused"
    town.hook(257)
    assert town.fetch() == []
    assert town.delivery_of(257) is None


def test_an_answer_that_makes_no_sense_is_shown_and_not_tried_for_ever(town: Town) -> None:
    order = town.bigcommerce.add(258)
    order["status_id"] = "eleven"
    town.hook(258)
    assert town.fetch() == []
    failure = town.connection().failure
    assert failure is not None
    assert failure.code == "validation_error"


@pytest.mark.parametrize("secret", ["", "wrong", "whsec_"])
def test_without_the_secret_nothing_is_queued(town: Town, secret: str) -> None:
    answered = town.hook(259, **{"X-Lastmile-Secret": secret})
    assert (answered.status, answered.body["code"]) == (401, "bad_signature")
    assert town.queues.sent == []


def test_a_hook_about_a_cart_is_acknowledged(town: Town) -> None:
    hook = golden_text("bigcommerce_hook") | {"scope": "store/cart/created"}
    headers = {"X-Lastmile-Secret": town.stage.secrets["bigcommerce"]}
    answered = town.stage.webhook("bigcommerce", written(hook), headers)
    assert answered.body == {"outcome": "ignored", "code": "topic"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"scope": NaN}', b"\xff", b"[" * 50_000])
def test_nonsense_under_the_right_secret_is_the_senders_fault(town: Town, body: bytes) -> None:
    headers = {"X-Lastmile-Secret": town.stage.secrets["bigcommerce"]}
    assert town.stage.webhook("bigcommerce", body, headers).status in (400, 422)
