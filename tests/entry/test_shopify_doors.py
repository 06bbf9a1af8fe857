"""Shopify at the doors: connections, notices, requests, rates; each as Shopify calls them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import listeners, wiring
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.shops import store as shops
from chalicelib.domain.shops import telling
from chalicelib.domain.shops.model import State
from chalicelib.domain.shops.news import EVENTS
from chalicelib.gateways.queues import Queue
from chalicelib.gateways.shopify import ShopifyShops
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopUnavailable,
)
from tests.builders import SERVER_KEY
from tests.domain.intake.shops import golden, hmac_base64, written
from tests.domain.shops.counter import FakeShops
from tests.entry.intake_stage import Answered, Stage, a_stage

SHOP = "https://vases.myshopify.com"
FORM = {
    "shop": "vases.myshopify.com",
    "credentials": {"access_token": "shpat_1", "client_secret": "app-secret-of-today"},
    "settings": {"notify_customer": "no"},
}


class Shops(FakeShops):
    """Knows Shopify's addresses, as the real gateway does."""

    def address(self, shop: str) -> str:
        return ShopifyShops().address(shop)


@dataclass
class FakeQueues:
    sent: list[tuple[Queue, dict[str, Any]]] = field(default_factory=list)

    def send(self, queue: Queue, message: Mapping[str, Any], *, delay_s: float = 0) -> None:
        self.sent.append((queue, dict(message)))

    def tasks(self) -> list[str]:
        return [message["task"] for queue, message in self.sent if queue is Queue.SHOPS]


@dataclass
class Place:
    stage: Stage
    shops: Shops
    queues: FakeQueues

    def connect(self, **changes: Any) -> Answered:
        return self.stage.as_merchant("PUT", "/v1/connections/shopify", {**FORM, **changes})

    def state(self) -> Any:
        return self.stage.as_merchant("GET", "/v1/connections/shopify").body

    def send(
        self, topic: str, payload: Any, secret: str = "app-secret-of-today", **headers: str
    ) -> Answered:
        body = written(payload)
        signed = {
            "X-Shopify-Hmac-Sha256": hmac_base64(body, secret),
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": "vases.myshopify.com",
            **headers,
        }
        return self.stage.webhook("shopify", body, signed)


@pytest.fixture
def place(aws: None) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "shopify-doors") as stage:
        made = Place(stage, Shops(), FakeQueues())
        patch.setattr(wiring, "shop_gateways", lambda: {"shopify": made.shops})
        patch.setattr(wiring, "queues", lambda: made.queues)
        yield made


def test_a_shop_is_connected_and_its_credentials_are_never_seen_again(place: Place) -> None:
    connected = place.connect()
    assert connected.status == 200
    assert connected.body["shop"] == SHOP
    assert connected.body["state"] == "connected"
    assert connected.body["settings"] == {"notify_customer": "no"}
    assert connected.body["webhook_url"].endswith(f"/webhooks/shopify/{place.stage.merchant_id}")
    for answered in (connected, place.stage.as_merchant("GET", "/v1/connections/shopify")):
        assert "shpat_1" not in answered.raw.decode()
        assert "app-secret" not in answered.raw.decode()
    assert place.queues.tasks() == ["catch_up"]


def test_credentials_that_the_shop_refuses_are_not_kept(place: Place) -> None:
    place.shops.errors = [ShopRefused("the access token lacks the scope read_orders")]
    refused = place.connect()
    assert (refused.status, refused.body["code"]) == (422, "shop_refused")
    assert place.stage.as_merchant("GET", "/v1/connections/shopify").status == 404


def test_a_platform_that_is_down_is_no_reason_to_refuse_good_credentials(place: Place) -> None:
    place.shops.errors = [ShopUnavailable("the shop did not answer")]
    assert place.connect().body["last_error"]["code"] == "shop_unavailable"
    assert place.state()["state"] == "connected"


@pytest.mark.parametrize(
    ("changes", "field_name"),
    [
        ({"credentials": {}}, "credentials.access_token"),
        ({"credentials": {"access_token": "t", "password": "x"}}, "credentials.password"),
        ({"settings": {"colour": "red"}}, "settings.colour"),
        ({"settings": {"notify_customer": "maybe"}}, "settings.notify_customer"),
    ],
)
def test_what_a_connection_lacks_is_named(
    place: Place, changes: dict[str, Any], field_name: str
) -> None:
    answered = place.connect(**changes)
    assert answered.status == 422
    assert [one["field"] for one in answered.body["fields"]] == [field_name]


@pytest.mark.parametrize("shop", ["evil.example", "127.0.0.1", "http://169.254.169.254"])
def test_a_shop_elsewhere_is_refused_before_anything_is_called(place: Place, shop: str) -> None:
    place.shops.errors = [ShopUnavailable("must not be asked")]
    answered = place.connect(shop=shop)
    assert (answered.status, answered.body["code"]) == (422, "shop_address_refused")
    assert len(place.shops.errors) == 1


def test_settings_change_without_the_credentials(place: Place) -> None:
    place.connect()
    kept = place.connect(credentials={}, settings={"takes_test_orders": "yes"})
    assert kept.body["settings"] == {"takes_test_orders": "yes"}
    connection = shops.load_connection(wiring.unit_of_work(), place.stage.merchant_id, "shopify")
    assert connection is not None
    assert shops.open_credentials(SERVER_KEY, connection) == {"access_token": "shpat_1"}


def test_a_merchant_sees_its_own_connection_only(place: Place) -> None:
    place.connect()
    other = place.stage.other_api_key
    for method in ("GET", "DELETE"):
        assert place.stage.as_merchant(method, "/v1/connections/shopify", key=other).status == 404
    assert place.state()["state"] == "connected"


def test_a_connection_can_be_taken_off(place: Place) -> None:
    place.connect()
    assert place.stage.as_merchant("DELETE", "/v1/connections/shopify").status == 204
    assert place.stage.as_merchant("GET", "/v1/connections/shopify").status == 404
    assert place.stage.as_merchant("DELETE", "/v1/connections/shopify").status == 404
    assert shops.longest_unpolled(wiring.unit_of_work(), limit=9) == []


def test_the_apps_secret_signs_webhooks_and_the_one_before_it_for_a_while(place: Place) -> None:
    """After a rotation Shopify may sign with the old secret for up to an hour."""
    place.connect()
    tomorrow = {"access_token": "shpat_2", "client_secret": "app-secret-of-tomorrow"}
    place.connect(credentials=tomorrow)
    for number, secret in enumerate(("app-secret-of-today", "app-secret-of-tomorrow")):
        answered = place.send("orders/create", golden("shopify", id=100 + number), secret)
        assert answered.body["outcome"] == "created"
    place.connect(credentials={**tomorrow, "client_secret": "app-secret-of-the-day-after"})
    old = place.send("orders/create", golden("shopify", id=109))
    assert (old.status, old.body["code"]) == (401, "bad_signature")


def test_a_webhook_of_another_shop_of_the_same_app_is_not_this_shops(place: Place) -> None:
    place.connect()
    headers = {"X-Shopify-Shop-Domain": "other.myshopify.com"}
    answered = place.send("orders/create", golden("shopify"), **headers)
    assert (answered.status, answered.body["code"]) == (401, "bad_signature")


def test_an_uninstalled_app_closes_the_connection_and_deliveries_go_on(place: Place) -> None:
    place.connect()
    made = place.send("orders/create", golden("shopify"))
    body = {"id": 548380009, "name": "Vases", "myshopify_domain": "vases.myshopify.com"}
    assert place.send("app/uninstalled", body).body == {"outcome": "accepted"}
    state = place.state()
    assert (state["state"], state["last_error"]["code"]) == ("closed", "shop_refused")
    shown = place.stage.as_merchant("GET", f"/v1/deliveries/{made.body['delivery_id']}")
    assert shown.body["status"] == "ready"
    # Shopify says it again, and the merchant installs the app again.
    assert place.send("app/uninstalled", body).body["outcome"] == "ignored"
    assert place.connect().body["state"] == "connected"


def test_an_old_uninstall_does_not_close_a_new_connection(place: Place) -> None:
    place.connect()
    late = {"X-Shopify-Triggered-At": "2026-11-27T11:00:00.000000Z"}
    assert place.send("app/uninstalled", {"id": 1}, **late).body["code"] == "not_connected"
    assert place.state()["state"] == "connected"


def test_an_edit_has_its_order_fetched(place: Place) -> None:
    edit = {"order_edit": {"id": 1, "order_id": 9007199254740993123, "line_items": {}}}
    assert place.send("orders/edited", edit, place.stage.secrets["shopify"]).body == {
        "outcome": "ignored",
        "code": "order_edit",
    }
    place.connect()
    assert place.send("orders/edited", edit).body == {"outcome": "accepted"}
    assert place.queues.sent[-1][1] == {
        "task": "fetch",
        "merchant_id": place.stage.merchant_id,
        "platform": "shopify",
        "order_id": "9007199254740993123",
    }


def test_an_order_that_may_mix_methods_is_taken_in_and_looked_at_again(place: Place) -> None:
    place.connect()
    lines = [{"code": "delivery"}, {"code": "pickup in store"}]
    answered = place.send("orders/create", golden("shopify", shipping_lines=lines))
    assert answered.body["outcome"] == "created"
    assert place.queues.tasks() == ["catch_up", "fetch"]


def test_a_customers_request_to_see_its_data_is_answered_to_the_merchant(place: Place) -> None:
    place.connect()
    place.send("orders/create", golden("shopify", id=299938))
    asked = {
        "shop_id": 954889,
        "shop_domain": "vases.myshopify.com",
        "orders_requested": [299938, 280263],
        "customer": {"id": 191167, "email": "ida@example.com", "phone": "555-625-1199"},
        "data_request": {"id": 9999},
    }
    assert place.send("customers/data_request", asked).body == {"outcome": "accepted"}
    listed = place.stage.as_merchant("GET", "/v1/privacy-requests").body["privacy_requests"]
    assert [(one["kind"], one["state"]) for one in listed] == [("data_request", "done")]
    assert "ida@example.com" not in json.dumps(listed)
    shown = place.stage.as_merchant("GET", f"/v1/privacy-requests/{listed[0]['id']}").body
    assert [(one["external_id"], one["name"]) for one in shown["held"]] == [
        ("299938", "Ida Brandt")
    ]
    foreign = place.stage.as_merchant(
        "GET", f"/v1/privacy-requests/{listed[0]['id']}", key=place.stage.other_api_key
    )
    assert foreign.status == 404


def test_a_redaction_is_written_down_and_queued(place: Place) -> None:
    place.connect()
    body = {"shop_domain": "vases.myshopify.com", "orders_to_redact": [1], "customer": {"id": 1}}
    for _ in range(2):
        assert place.send("customers/redact", body).body == {"outcome": "accepted"}
    assert place.queues.tasks() == ["catch_up", "privacy", "privacy"]
    listed = place.stage.as_merchant("GET", "/v1/privacy-requests").body["privacy_requests"]
    assert [(one["kind"], one["external_ids"]) for one in listed] == [("redact_customer", ["1"])]


def test_privacy_topics_with_a_wrong_signature_are_401_as_shopify_demands(place: Place) -> None:
    for topic in ("customers/data_request", "customers/redact", "shop/redact"):
        assert place.send(topic, {"shop_id": 1}, "wrong").status == 401


def test_a_test_order_waits_for_the_merchants_word(place: Place) -> None:
    place.connect()
    order = golden("shopify", id=77, test=True)
    assert place.send("orders/create", order).body["code"] == "test_order"
    place.connect(settings={"takes_test_orders": "yes"})
    assert place.send("orders/create", order).body["outcome"] == "created"


def ask(place: Place, body: bytes, secret: str = "app-secret-of-today") -> Answered:
    path = f"/webhooks/shopify/{place.stage.merchant_id}/fulfillment_order_notification"
    headers = {"X-Shopify-Hmac-Sha256": hmac_base64(body, secret)}
    return place.stage.call("POST", path, body, headers)


def test_a_fulfilment_service_is_told_that_something_is_asked(place: Place) -> None:
    place.connect()
    for kind in (b'{"kind":"FULFILLMENT_REQUEST"}', b'{"kind":"CANCELLATION_REQUEST"}'):
        assert ask(place, kind).body == {"outcome": "accepted"}
    assert place.queues.tasks() == ["catch_up", "requests", "requests"]
    assert ask(place, b'{"kind":"FULFILLMENT_HOLD"}').body["outcome"] == "ignored"
    assert ask(place, b'{"kind":"FULFILLMENT_REQUEST"}', "wrong").status == 401
    assert ask(place, b"{").status == 400


def test_every_event_that_a_shop_hears_of_is_subscribed_to() -> None:
    heard = {
        name
        for name, subscribers in listeners.SUBSCRIBERS.items()
        if "shops" in {one.name for one in subscribers}
    }
    assert heard == set(EVENTS)


def test_a_connection_that_broke_is_seen_with_its_reason(place: Place) -> None:
    place.connect()
    uow = wiring.unit_of_work()
    connection = shops.load_connection(uow, place.stage.merchant_id, "shopify")
    assert connection is not None
    telling.note(uow, connection, ShopRefused("the shop no longer takes our access token"))
    uow.commit()
    state = place.state()
    assert (state["state"], state["last_error"]["code"]) == ("broken", "shop_refused")
    assert State(state["state"]) is State.BROKEN
    merchant = merchant_store.load_merchant(wiring.unit_of_work(), place.stage.merchant_id)
    assert len(merchant.sealed_secrets["shopify"]) == 2
