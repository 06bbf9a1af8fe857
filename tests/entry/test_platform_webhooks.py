"""The platforms' door: who is believed, how large it may be, what is answered."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import signing
from tests.builders import NOON, SERVER_KEY
from tests.domain.intake.shops import golden, hmac_base64, written
from tests.entry.intake_stage import Answered, Stage, a_stage


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    """One stage for the module: tests use orders of their own."""
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "webhooks") as made:
        yield made


def send_shopify(stage: Stage, payload: Any, **changes: str) -> Answered:
    body = written(payload)
    secret = changes.get("secret", stage.secrets["shopify"])
    headers = {
        "X-Shopify-Hmac-SHA256": hmac_base64(body, secret),
        "X-Shopify-Topic": changes.get("topic", "orders/create"),
        "X-Shopify-Event-Id": changes.get("event", f"evt-{payload['id']}"),
    }
    return stage.webhook("shopify", body, headers, changes.get("merchant_id"))


def send_woocommerce(stage: Stage, payload: Any, topic: str = "order.updated") -> Answered:
    body = written(payload)
    signature = hmac_base64(body, stage.secrets["woocommerce"])
    headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": signature}
    return stage.webhook("woocommerce", body, headers)


def test_a_signed_shopify_order_becomes_a_delivery(stage: Stage) -> None:
    answered = send_shopify(stage, golden("shopify"))
    assert answered.status == 200
    assert answered.body["outcome"] == "created"
    shown = stage.as_merchant("GET", f"/v1/deliveries/{answered.body['delivery_id']}")
    assert shown.body["external_id"] == "9007199254740993123"
    assert send_shopify(stage, golden("shopify")).body == answered.body


def test_a_woocommerce_order_is_located_by_its_address(stage: Stage) -> None:
    answered = send_woocommerce(stage, golden("woocommerce"))
    assert answered.body["outcome"] == "created"
    assert "Mühlgasse 12" in stage.places.asked


def test_a_generic_order_becomes_a_delivery(stage: Stage) -> None:
    body = written(golden("generic"))
    at = stage.clock.wall_now()
    headers = {
        "webhook-id": "msg_77",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.sign_standard_webhook(
            stage.secrets["generic"], "msg_77", at, body
        ),
    }
    assert stage.webhook("generic", body, headers).body["outcome"] == "created"
    stale = {**headers, "webhook-timestamp": str(int((NOON - timedelta(hours=1)).timestamp()))}
    assert stage.webhook("generic", body, stale).status == 401


def test_the_unsigned_woocommerce_ping_is_answered_and_not_acted_on(stage: Stage) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = stage.webhook("woocommerce", b"webhook_id=17", form)
    assert (answered.status, answered.body) == (200, {"outcome": "ignored", "code": "ping"})


def test_an_unknown_merchant_is_answered_exactly_like_a_bad_signature(stage: Stage) -> None:
    wrong = send_shopify(stage, golden("shopify"), secret="wrong")
    unknown = send_shopify(stage, golden("shopify"), merchant_id="mer_" + "0" * 26)
    nonsense = send_shopify(stage, golden("shopify"), merchant_id="x" * 3000)
    without = stage.webhook("shopify", written(golden("shopify")), {})
    answers = [wrong, unknown, nonsense, without]
    for answered in answers:
        answered.body.pop("request_id")
        assert answered.status == 401
        assert answered.body["code"] == "bad_signature"
    assert all(answered.body == wrong.body for answered in answers)


def test_another_merchants_secret_opens_nothing(stage: Stage) -> None:
    other = send_shopify(stage, golden("shopify"), secret=stage.secrets["generic"])
    assert other.status == 401


def test_a_rotated_secret_works_beside_the_one_before_it(stage: Stage) -> None:
    uow = wiring.unit_of_work()
    fresh = merchants.rotate_webhook_secret(uow, stage.merchant_id, Platform.SHOPIFY, SERVER_KEY)
    uow.commit()
    for number, secret in enumerate((fresh, stage.secrets["shopify"])):
        answered = send_shopify(stage, golden("shopify", id=500 + number), secret=secret)
        assert answered.body["outcome"] == "created"


def test_a_secret_that_an_earlier_server_key_sealed_opens_nothing(stage: Stage) -> None:
    """A wrong signature then, and no crash: the platform's errand is tried again."""
    merchant = merchant_store.load_merchant(wiring.unit_of_work(), stage.merchant_id)
    assert merchants.webhook_secrets(merchant, Platform.SHOPIFY, bytes(32)) == ()


def test_an_order_without_an_address_is_rejected_where_the_merchant_can_read_it(
    stage: Stage,
) -> None:
    answered = send_shopify(stage, golden("shopify", id=600, shipping_address=None))
    assert answered.status == 200
    assert answered.body["outcome"] == "rejected"
    assert answered.body["code"] == "no_shipping_address"
    listed = stage.as_merchant("GET", "/v1/rejections").body["rejections"]
    assert [one["code"] for one in listed if one["external_id"] == "600"] == ["no_shipping_address"]


def test_cancelling_ends_the_delivery(stage: Stage) -> None:
    created = send_shopify(stage, golden("shopify", id=700))
    gone = golden("shopify", id=700, cancelled_at="2026-11-27T13:00:00+01:00")
    answered = send_shopify(stage, gone, topic="orders/cancelled")
    assert answered.body == {
        "outcome": "cancelled",
        "delivery_id": created.body["delivery_id"],
    }


def test_topics_that_we_do_not_take_are_acknowledged(stage: Stage) -> None:
    answered = send_shopify(stage, golden("shopify"), topic="orders/fulfilled")
    assert (answered.status, answered.body) == (200, {"outcome": "ignored", "code": "topic"})


def test_a_body_that_is_too_large_is_refused_before_anything_else(stage: Stage) -> None:
    body = b" " * (256 * 1024 + 1)
    assert stage.webhook("shopify", body, {}).status == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"id": NaN}', b'{"id": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"id": "\xff"}'],
)
def test_a_signed_body_that_makes_no_sense_is_the_senders_fault(stage: Stage, body: bytes) -> None:
    headers = {
        "X-Shopify-Hmac-SHA256": hmac_base64(body, stage.secrets["shopify"]),
        "X-Shopify-Topic": "orders/create",
    }
    answered = stage.webhook("shopify", body, headers)
    assert answered.status in (400, 422)
    assert answered.headers["Content-Type"] == "application/problem+json"


def test_a_platform_that_does_not_exist_is_not_found(stage: Stage) -> None:
    for platform in ("magento", "api"):
        assert stage.webhook(platform, b"{}", {}).status == 404


def test_no_answer_repeats_what_the_recipient_is_called(stage: Stage) -> None:
    answered = send_shopify(stage, golden("shopify", id=800))
    text = json.dumps(answered.body)
    assert "Brandt" not in text
    assert "Lindenweg" not in text
