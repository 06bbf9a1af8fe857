"""BigCommerce's checkout: who may ask, what it shows, and that it never breaks a checkout."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.domain.intake.shops import written
from tests.entry.intake_stage import Answered, Stage, a_stage


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "bcrates") as made:
        yield made


def asked(stage: Stage, **changes: Any) -> dict[str, Any]:
    """A request in BigCommerce's documented shape; changes go to its item."""
    side = {"units": "cm", "value": 10}
    item = {
        "sku": "SKU-100",
        "variant_id": "1",
        "product_id": "1",
        "name": "Tea",
        "length": side,
        "width": side,
        "height": side,
        "weight": {"units": "g", "value": 250},
        "discounted_price": {"currency": "EUR", "amount": "10"},
        "declared_value": {"currency": "EUR", "amount": "10"},
        "quantity": 2,
        "attributes": [],
    }
    return {
        "base_options": {
            "origin": {"zip": "34117", "country_iso2": "DE", "address_type": "commercial"},
            "destination": {
                "street_1": "Lindenweg 7",
                "zip": "34117",
                "city": "Kassel",
                "country_iso2": "DE",
                "address_type": "residential",
            },
            "items": [item | changes],
            "store_id": "abcde",
            "request_context": {"reference_values": [{"name": "cart_id", "value": "8"}]},
        },
        "connection_options": {"key": stage.secrets["bigcommerce"]},
        "zone_options": {},
        "rate_options": [],
    }


def call(stage: Stage, path: str, body: Any, merchant_id: str | None = None) -> Answered:
    raw = body if isinstance(body, bytes) else written(body)
    return stage.call("POST", f"/rates/bigcommerce/{merchant_id or stage.merchant_id}/{path}", raw)


def test_a_checkout_inside_the_area_is_offered_a_price_and_a_time(stage: Stage) -> None:
    answered = call(stage, "rate", asked(stage))
    assert answered.status == 200
    (carrier,) = answered.body["carrier_quotes"]
    assert carrier["carrier_info"] == {"code": "lastmile", "display_name": "Lastmile"}
    (quote,) = carrier["quotes"]
    assert quote["cost"]["currency"] == "EUR"
    assert quote["cost"]["amount"] > 0
    assert round(quote["cost"]["amount"] * 100) == pytest.approx(quote["cost"]["amount"] * 100)
    assert quote["code"] == quote["rate_id"] == "standard"
    assert quote["transit_time"] == {"units": "HOURS", "duration": 8}
    assert quote["dispatch_date"].endswith("+01:00")
    assert answered.body["messages"] == []
    again = call(stage, "rate", asked(stage))
    assert again.body == answered.body


def test_the_cost_is_what_a_quote_of_the_same_parcel_says(stage: Stage) -> None:
    quote = stage.as_merchant(
        "POST",
        "/v1/quotes",
        {
            "dropoff": {
                "address": {
                    "line1": "Lindenweg 7",
                    "city": "Kassel",
                    "postal_code": "34117",
                    "country": "DE",
                }
            },
            "items": [{"quantity": 2, "weight_g": 250, "volume_ml": 1000}],
        },
    )
    assert quote.status == 201
    (carrier,) = call(stage, "rate", asked(stage)).body["carrier_quotes"]
    amount = carrier["quotes"][0]["cost"]["amount"]
    assert round(amount * 100) == quote.body["fee"]


def test_outside_of_the_area_there_are_no_quotes_and_no_error(stage: Stage) -> None:
    far = asked(stage)
    far["base_options"]["destination"] |= {"zip": "10115", "city": "Berlin"}
    stage.places.position, before = None, stage.places.position
    try:
        answered = call(stage, "rate", far)
    finally:
        stage.places.position = before
    assert answered.status == 200
    assert (answered.body["carrier_quotes"], answered.body["messages"]) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": 90_000, "weight": {"units": "g", "value": 90_000}},
        {"weight": {"units": "stone", "value": 3}},
        {"weight": {"units": "oz", "value": 0}},
    ],
)
def test_an_odd_cart_never_breaks_a_checkout(stage: Stage, changes: dict[str, Any]) -> None:
    assert call(stage, "rate", asked(stage, **changes)).status == 200


def test_what_cannot_be_read_is_a_message_beside_no_quotes(stage: Stage) -> None:
    answered = call(stage, "rate", asked(stage, quantity=-1))
    assert answered.status == 200
    assert answered.body["carrier_quotes"] == []
    assert [message["type"] for message in answered.body["messages"]] == ["ERROR"]


def test_without_the_key_nobody_is_told_anything(stage: Stage) -> None:
    good = asked(stage)
    for key in (None, "", "wrong", 7, stage.secrets["shopify"]):
        body = good | {"connection_options": {"key": key}}
        assert call(stage, "rate", body).body["code"] == "bad_signature"
    without = {name: value for name, value in good.items() if name != "connection_options"}
    unknown = call(stage, "rate", good, "mer_" + "0" * 26)
    assert {call(stage, "rate", without).status, unknown.status} == {401}


def test_the_connection_is_right_or_says_why(stage: Stage) -> None:
    right = {"connection_options": {"key": stage.secrets["bigcommerce"]}}
    answered = call(stage, "check_connection_options", right)
    assert (answered.status, answered.body) == (200, {"valid": True, "messages": []})
    for body, merchant_id in (
        ({"connection_options": {"key": "wrong"}}, None),
        ({}, None),
        (right, "mer_" + "0" * 26),
        (right, "nobody"),
    ):
        wrong = call(stage, "check_connection_options", body, merchant_id)
        assert wrong.status == 200
        assert wrong.body["valid"] is False
        assert wrong.body["messages"][0]["type"] == "ERROR"


@pytest.mark.parametrize("path", ["rate", "check_connection_options"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"connection_options": NaN}', b"\xff", b"[" * 99_000]
)
def test_nonsense_is_the_senders_fault(stage: Stage, path: str, body: bytes) -> None:
    assert call(stage, path, body).status in (400, 401, 422)


def test_a_checkout_waits_for_no_more_than_it_must(stage: Stage) -> None:
    """The quickest of 30 warm calls: the machine may do other things as well, but not always."""
    times = []
    for _ in range(30):
        started = time.perf_counter()
        call(stage, "rate", asked(stage))
        times.append(time.perf_counter() - started)
    assert min(times) < 1.0


def test_a_quote_of_assumed_weights_can_be_accepted(stage: Stage) -> None:
    """What was assumed is part of the parcel that was quoted, and must come back as it was."""
    address = {"line1": "Lindenweg 7", "city": "Kassel", "postal_code": "34117", "country": "DE"}
    asked_for = {"dropoff": {"address": address}, "items": [{"quantity": 2}]}
    quote = stage.as_merchant("POST", "/v1/quotes", asked_for).body
    assert quote["parcel"]["assumed_count"] == 2
    accepted = stage.as_merchant(
        "POST",
        f"/v1/quotes/{quote['id']}/accept",
        {
            "external_id": "assumed",
            "dropoff": {"name": "Ada", "address": address},
            "items": [{"quantity": 2}],
        },
    )
    assert accepted.status == 201
