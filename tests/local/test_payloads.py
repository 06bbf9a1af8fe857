"""The demo's webhooks: what real platforms would send, judged without the code that reads them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import phonenumbers
import pytest
from standardwebhooks import Webhook as Judge
from standardwebhooks import WebhookVerificationError

from local.demo import payloads
from local.demo.payloads import Purchase
from local.town.places import House

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOUSE = House("Mühlenstraße", "12", "34509", "Neustadt", "DE", 51.17, 9.31)


def _purchase(number: int = 3) -> Purchase:
    return Purchase(
        number=number,
        order_id=820_982_911_946_154_508,
        name="Ada Öztürk",
        phone="+491713920023",
        house=HOUSE,
        goods=(("Rosen & Tulpen", 1100, 2), ("Vase", 900, 1)),
        store=1,
        note="Bitte klingeln",
    )


def _hmac(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_shopify_signs_the_raw_body_with_the_text_of_the_secret() -> None:
    hook = payloads.shopify("mer_1", "secret", _purchase(), AT)
    assert hook.headers["X-Shopify-Hmac-SHA256"] == _hmac("secret", hook.body)
    assert hook.headers["X-Shopify-Topic"] == "orders/create"
    assert hook.path == "/webhooks/shopify/mer_1"


def test_shopify_ids_keep_their_last_digits() -> None:
    """As floats, ids beyond 2^53 would end in other digits."""
    body = payloads.shopify("mer_1", "secret", _purchase(), AT).body
    assert json.loads(body)["id"] == 820_982_911_946_154_508
    assert b"820982911946154508" in body


def test_shopify_weighs_in_grams_per_unit_and_has_the_doors_coordinates() -> None:
    order = json.loads(payloads.shopify("mer_1", "secret", _purchase(), AT).body)
    assert [(line["grams"], line["quantity"]) for line in order["line_items"]] == [
        (1100, 2),
        (900, 1),
    ]
    assert order["total_weight"] == 0
    shown = order["shipping_address"]
    assert (shown["latitude"], shown["longitude"]) == (HOUSE.latitude, HOUSE.longitude)


@pytest.mark.parametrize("number", range(4))
def test_messy_phones_are_still_the_same_phone(number: int) -> None:
    order = json.loads(payloads.shopify("mer_1", "secret", _purchase(number), AT).body)
    parsed = phonenumbers.parse(order["shipping_address"]["phone"], "DE")
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert written == "+491713920023"


def test_events_of_one_order_differ_by_topic_and_keep_their_ids_when_sent_again() -> None:
    def event(topic: str) -> str:
        hook = payloads.shopify("mer_1", "secret", _purchase(), AT, topic=topic)
        return hook.headers["X-Shopify-Event-Id"]

    assert event("orders/create") == event("orders/create")
    assert event("orders/create") != event("orders/cancelled")


def test_woocommerce_has_its_headers_no_weights_and_the_phone_in_billing_only() -> None:
    hook = payloads.woocommerce("mer_1", "secret", _purchase(), AT)
    assert hook.headers["X-WC-Webhook-Signature"] == _hmac("secret", hook.body)
    assert hook.headers["X-WC-Webhook-Topic"] == "order.created"
    assert hook.headers["X-WC-Webhook-Event"] == "created"
    order = json.loads(hook.body)
    assert order["status"] == "processing"
    assert "phone" not in order["shipping"]
    assert order["billing"]["phone"]
    assert not any("weight" in line or "grams" in line for line in order["line_items"])
    assert order["line_items"][0]["name"] == "Rosen &amp; Tulpen"
    assert order["date_modified_gmt"] == "2026-11-27T08:30:00"


def test_the_woocommerce_ping_is_a_form_without_a_signature() -> None:
    hook = payloads.woocommerce_ping("mer_1")
    assert hook.body.startswith(b"webhook_id=")
    assert not any("signature" in name.lower() for name in hook.headers)


def _judged(hook: payloads.Webhook, body: bytes | None = None) -> Any:
    return Judge(SECRET).verify(body or hook.body, dict(hook.headers))


def test_the_official_library_believes_our_standard_webhooks() -> None:
    """Its signature carries the real time, although the order's own times are of another day."""
    hook = payloads.generic("mer_1", SECRET, _purchase(), AT)
    message = _judged(hook)
    assert message["type"] == "order.created"
    assert message["data"]["external_id"] == "820982911946154508"
    assert message["data"]["dropoff"]["phone_number"] == "+491713920023"


def test_the_official_library_refuses_a_changed_body() -> None:
    hook = payloads.generic("mer_1", SECRET, _purchase(), AT)
    with pytest.raises(WebhookVerificationError):
        _judged(hook, hook.body.replace(b"Vase", b"Vasen"))
