"""From the tap on the road to the shop's order, and back, with a Shopify on loopback."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.shops import connecting
from chalicelib.entry import relay
from chalicelib.entry.functions.receive_partner_events import receive_partner_events
from chalicelib.entry.functions.reconcile_orders import reconcile_orders
from chalicelib.entry.functions.update_shops import update_shops
from chalicelib.gateways.queues import Queue
from chalicelib.gateways.shopify import ShopifyShops
from chalicelib.kit.events import Event
from tests.builders import NOON
from tests.domain.intake.shops import golden, hmac_base64, written
from tests.entry.intake_stage import Stage, a_stage
from tests.entry.lambda_stage import TICK, Context, from_queue
from tests.gateways.shopify_server import TOKEN, Shopify, a_part, a_shopify, an_order

SECRET = "the-apps-secret"


@dataclass
class FakeQueues:
    """The queue of shops' tasks; the others' messages are of no interest here."""

    waiting: list[dict[str, Any]] = field(default_factory=list)

    def send(self, queue: Queue, message: Mapping[str, Any], *, delay_s: float = 0) -> None:
        if queue is Queue.SHOPS:
            self.waiting.append(json.loads(json.dumps(message)))


@dataclass
class Town:
    stage: Stage
    shop: Shopify
    queues: FakeQueues

    def work(self) -> list[Any]:
        """Empty the queue; the ids of messages that came back."""
        failed: list[Any] = []
        while self.queues.waiting:
            bodies = [json.dumps(one) for one in self.queues.waiting]
            self.queues.waiting.clear()
            failed += update_shops(from_queue(*bodies), Context())["batchItemFailures"]
        return failed

    def order_by_webhook(self, number: int = 9001) -> str:
        body = written(golden("shopify", id=number, updated_at="2026-11-27T12:00:00+01:00"))
        headers = {
            "X-Shopify-Hmac-Sha256": hmac_base64(body, SECRET),
            "X-Shopify-Topic": "orders/create",
        }
        return str(self.stage.webhook("shopify", body, headers).body["delivery_id"])

    def happens(self, delivery_id: str, *steps: life.Command) -> None:
        """Carry steps out and relay their events, as the stream would."""
        ref = DeliveryRef(self.stage.merchant_id, delivery_id)
        for step in steps:
            uow = wiring.unit_of_work()
            deliveries.carry_out(uow, ref, step)
            events: list[Event] = list(uow._events)
            uow.commit()
            for event in events:
                relay.relay(event, send_alone=pytest.fail)

    def connection(self) -> Any:
        return self.stage.as_merchant("GET", "/v1/connections/shopify").body


@pytest.fixture
def town(aws: None) -> Iterator[Town]:
    with (
        pytest.MonkeyPatch.context() as patch,
        a_stage(patch, "shop-functions") as stage,
        a_shopify() as shop,
    ):
        made = Town(stage, shop, FakeQueues())
        gateway = ShopifyShops(may_be_loopback=True, pause=lambda _: None)
        patch.setattr(wiring, "shop_gateways", lambda: {"shopify": gateway})
        patch.setattr(wiring, "queues", lambda: made.queues)
        boto3.client("s3").create_bucket(Bucket="shop-functions-proofs")
        form = {
            "shop": shop.base_url,
            "credentials": {"access_token": TOKEN, "client_secret": SECRET},
        }
        assert stage.as_merchant("PUT", "/v1/connections/shopify", form).status == 200
        made.work()
        yield made


WAY = (
    life.Plan(NOON, "rte_1"),
    life.Assign(NOON, "drv_1"),
    life.PickUp(NOON),
    life.SetOutForDropoff(NOON),
    life.ArriveAtDropoff(NOON),
    life.Deliver(NOON),
)


def test_a_delivered_parcel_is_a_fulfilled_order_with_our_link(town: Town) -> None:
    town.shop.add(an_order())
    delivery_id = town.order_by_webhook()
    town.happens(delivery_id, *WAY)
    assert town.work() == []
    (made,) = town.shop.fulfilments()
    assert made["trackingInfo"][0]["number"] == delivery_id
    assert made["trackingInfo"][0]["url"].startswith("https://track.example/t/")
    assert town.shop.told() == ["CARRIER_PICKED_UP", "OUT_FOR_DELIVERY", "DELIVERED"]


def test_news_that_comes_twice_and_out_of_order_is_told_once_and_in_order(town: Town) -> None:
    town.shop.add(an_order())
    town.happens(town.order_by_webhook(), *WAY)
    news = list(town.queues.waiting)
    town.queues.waiting[:] = [news[1], news[0], news[1], *news[::-1], news[0]]
    town.work()
    assert town.shop.told() == ["OUT_FOR_DELIVERY", "DELIVERED"]
    assert len(town.shop.fulfilments()) == 1


def test_a_shop_that_is_down_leaves_the_message_in_the_queue(town: Town) -> None:
    town.shop.add(an_order())
    town.happens(town.order_by_webhook(), *WAY[:3])
    message = json.dumps(town.queues.waiting[0])
    town.shop.fail_with = [503]
    came_back = update_shops(from_queue(message), Context())["batchItemFailures"]
    assert came_back == [{"itemIdentifier": "message-0"}]
    assert town.connection()["last_error"]["code"] == "shop_unavailable"
    assert town.work() == []
    assert town.shop.told() == ["CARRIER_PICKED_UP"]


def test_a_revoked_token_is_seen_and_new_credentials_tell_what_waited(town: Town) -> None:
    town.shop.add(an_order())
    town.shop.token = "shpat_of_tomorrow"
    delivery_id = town.order_by_webhook()
    town.happens(delivery_id, *WAY)
    assert town.work() == []
    state = town.connection()
    assert (state["state"], state["waiting"]) == ("broken", 1)
    form = {
        "shop": town.shop.base_url,
        "credentials": {"access_token": "shpat_of_tomorrow", "client_secret": SECRET},
    }
    town.stage.as_merchant("PUT", "/v1/connections/shopify", form)
    assert town.work() == []
    state = town.connection()
    assert (state["state"], state["waiting"], state["last_error"]) == ("connected", 0, None)
    assert town.shop.told() == ["DELIVERED"]


def test_an_order_whose_webhook_never_came_is_found_on_schedule(town: Town) -> None:
    town.shop.add(an_order(9002, updatedAt="2026-11-27T12:00:00Z"))
    town.shop.add(an_order(9003, updatedAt="2026-11-27T11:59:00Z", test=True))
    told = reconcile_orders(TICK, Context())
    assert told == {"shops": 1, "looked_at": 2, "taken_in": 2, "failed": 0}
    listed = town.stage.as_merchant("GET", "/v1/deliveries").body["deliveries"]
    assert [one["external_id"] for one in listed] == ["9002"]
    again = reconcile_orders(TICK, Context())
    assert again["taken_in"] == 1, "a test order leaves no trace, so it is looked at again"
    assert len(town.stage.as_merchant("GET", "/v1/deliveries").body["deliveries"]) == 1


def test_a_request_to_our_fulfilment_service_is_accepted_and_another_rejected(town: Town) -> None:
    far = an_order(9005)
    far["shippingAddress"] |= {"latitude": None, "longitude": None}
    town.shop.add(
        an_order(9004, fulfillmentOrders={"nodes": [a_part(9004, "l", request="SUBMITTED")]})
    )
    far["fulfillmentOrders"]["nodes"][0]["requestStatus"] = "SUBMITTED"
    town.shop.add(far)
    town.stage.places.position = None
    town.queues.waiting.append(
        {"task": "requests", "merchant_id": town.stage.merchant_id, "platform": "shopify"}
    )
    assert town.work() == []
    answers = [(part["requestStatus"], part.get("message")) for part in town.shop.parts()]
    assert answers[0][0] == "ACCEPTED"
    assert answers[1] == ("REJECTED", "The address could not be found on the map.")


def test_a_mixed_order_is_fetched_and_its_parcel_shrinks(town: Town) -> None:
    line = "gid://shopify/LineItem/90011"
    parts = [
        a_part(9001, line, "SHIPPING", quantity=1, place=1),
        a_part(9001, line, "PICK_UP", quantity=1, place=2),
    ]
    town.shop.add(an_order(9001, fulfillmentOrders={"nodes": parts}))
    body = written(
        golden(
            "shopify",
            id=9001,
            updated_at="2026-11-27T11:00:00Z",
            shipping_lines=[{"code": "a"}, {"code": "b"}],
        )
    )
    headers = {
        "X-Shopify-Hmac-Sha256": hmac_base64(body, SECRET),
        "X-Shopify-Topic": "orders/create",
    }
    made = town.stage.webhook("shopify", body, headers).body
    before = town.stage.as_merchant("GET", f"/v1/deliveries/{made['delivery_id']}").body
    assert town.work() == []
    after = town.stage.as_merchant("GET", f"/v1/deliveries/{made['delivery_id']}").body
    assert (before["parcel"]["weight_g"], after["parcel"]["weight_g"]) == (2200, 400)


def partner_event(topic: str, payload: Any, **changes: Any) -> dict[str, Any]:
    """As Shopify puts it on the bus: the body and the headers of the webhook."""
    metadata = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": "vases.myshopify.com",
        "X-Shopify-Hmac-SHA256": "not checked: nobody else can write to this bus",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Event-Id": "evt-9",
        **changes.pop("metadata", {}),
    }
    return {
        **TICK,
        "detail-type": "shopifyWebhook",
        "source": "aws.partner/shopify.com/1830279/lastmile",
        "detail": {"metadata": metadata, "payload": payload},
        **changes,
    }


@pytest.fixture
def by_bus(town: Town) -> Town:
    """The shop by its name, as the bus calls it."""
    # Its credentials cannot be tried here: it is kept as one whose credentials were tried.
    wanted = connecting.Wanted(
        merchant_id=town.stage.merchant_id,
        platform="shopify",
        shop="https://vases.myshopify.com",
        credentials={"access_token": TOKEN, "client_secret": SECRET},
        settings={},
    )
    uow = wiring.unit_of_work()
    connecting.connect(uow, wanted, wiring.vault().server_key())
    uow.commit()
    return town


def test_an_order_by_the_bus_and_by_webhook_is_one_delivery(by_bus: Town) -> None:
    order = golden("shopify", id=9007199254740993123)
    event = partner_event("orders/create", order)
    assert receive_partner_events(event, Context()) == {"outcome": "created"}
    body = written(order)
    headers = {
        "X-Shopify-Hmac-Sha256": hmac_base64(body, SECRET),
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Event-Id": "evt-9",
    }
    assert by_bus.stage.webhook("shopify", body, headers).body["outcome"] == "created"
    listed = by_bus.stage.as_merchant("GET", "/v1/deliveries").body["deliveries"]
    assert [one["external_id"] for one in listed] == ["9007199254740993123"]


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (partner_event("orders/create", {}, source="aws.s3"), "source"),
        (
            partner_event(
                "orders/create", {}, metadata={"X-Shopify-Shop-Domain": "x.myshopify.com"}
            ),
            "unknown_shop",
        ),
        (
            partner_event("orders/create", {}, metadata={"X-Shopify-Shop-Domain": "evil.example"}),
            "unknown_shop",
        ),
        (partner_event("orders/create", {"id": 1}), "validation_error"),
        (partner_event("orders/create", None), "validation_error"),
        (partner_event("products/update", {"id": 1}), "topic"),
        (partner_event("app/uninstalled", {"id": 1}), "accepted"),
        ({**TICK, "source": "aws.partner/shopify.com/1/x"}, "unknown_shop"),
    ],
)
def test_what_the_bus_brings_is_judged_and_never_sent_again_in_vain(
    by_bus: Town, event: dict[str, Any], outcome: str
) -> None:
    assert receive_partner_events(event, Context()) == {"outcome": outcome}


def test_a_customer_is_forgotten_when_the_delivery_ends(town: Town) -> None:
    delivery_id = town.order_by_webhook()
    ref = DeliveryRef(town.stage.merchant_id, delivery_id)
    body = written({"shop_domain": "x", "orders_to_redact": [9001], "customer": {"id": 1}})
    headers = {
        "X-Shopify-Hmac-Sha256": hmac_base64(body, SECRET),
        "X-Shopify-Topic": "customers/redact",
    }
    assert town.stage.webhook("shopify", body, headers).body == {"outcome": "accepted"}
    assert town.work() == []
    assert delivery_store.load_recipient(wiring.unit_of_work(), ref) is not None
    town.happens(delivery_id, life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST))
    assert town.work() == []
    assert delivery_store.load_recipient(wiring.unit_of_work(), ref) is None
    (request,) = town.stage.as_merchant("GET", "/v1/privacy-requests").body["privacy_requests"]
    assert (request["state"], request["waiting"]) == ("done", 1)


def test_a_message_that_is_none_of_ours_comes_back(town: Town) -> None:
    for body in ("{}", '{"task": "dance"}', "[1]", '{"task": "tell"}'):
        came_back = update_shops(from_queue(body), Context())["batchItemFailures"]
        assert len(came_back) == 1
