"""The checkout's own door: quoted, accepted once, at that price, by the one it was quoted to."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.pricing.agreed import load_agreed
from tests.entry.intake_stage import Answered, Stage, a_stage

ADDRESS = {"line1": "Am Markt 3", "city": "Kassel", "postal_code": "34117", "country": "DE"}
AT = {"latitude": 51.224, "longitude": 9.415}
ITEMS = [{"name": "Book", "quantity": 2, "weight_g": 350}]
TO = {"name": "Mara Vogel", "phone_number": "0171 3920009", "address": ADDRESS}


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "quotes") as made:
        yield made


def ask(stage: Stage, **changes: Any) -> Answered:
    form = {"dropoff": {"address": ADDRESS, **AT}, "items": ITEMS, **changes}
    return stage.as_merchant("POST", "/v1/quotes", form)


def a_quote(stage: Stage, **changes: Any) -> dict[str, Any]:
    asked = ask(stage, **changes)
    assert asked.status == 201, asked.body
    return dict(asked.body)


def accept(stage: Stage, quote_id: str, external_id: str, **more: Any) -> Answered:
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    body = {"external_id": external_id, "dropoff": TO, **more}
    return stage.as_merchant("POST", f"/v1/quotes/{quote_id}/accept", body, **headers)


def code(answered: Answered) -> tuple[int, str]:
    return answered.status, answered.body["code"]


def test_a_quote_explains_its_fee_to_the_cent(stage: Stage) -> None:
    quote = a_quote(stage)
    assert quote["fee"] == sum(one["amount_minor"] for one in quote["fee_components"])
    assert quote["currency"] == "EUR"
    assert quote["state"] == "open"
    assert quote["windows"][0]["fee"] == quote["fee"]
    shown = stage.as_merchant("GET", f"/v1/quotes/{quote['id']}").body
    assert shown == {name: value for name, value in quote.items() if name != "windows"}


def test_accepting_makes_the_delivery_at_that_price(stage: Stage) -> None:
    quote = a_quote(stage)
    made = accept(stage, quote["id"], "Q-1")
    assert made.status == 201
    assert made.body["window"] == quote["window"]
    agreed = load_agreed(wiring.unit_of_work(), stage.merchant_id, made.body["id"])
    assert (agreed.price.total_minor, agreed.quote_id) == (quote["fee"], quote["id"])
    shown = stage.as_merchant("GET", f"/v1/quotes/{quote['id']}").body
    assert (shown["state"], shown["delivery_id"]) == ("accepted", made.body["id"])


def test_the_same_acceptance_again_is_the_same_delivery(stage: Stage) -> None:
    quote = a_quote(stage)
    first = accept(stage, quote["id"], "Q-2")
    again = accept(stage, quote["id"], "Q-2")
    assert (again.status, again.body) == (201, first.body)
    other = accept(stage, quote["id"], "Q-2b")
    assert code(other) == (409, "used_quote")
    assert other.body["delivery_id"] == first.body["id"]


def test_a_key_gets_the_first_answer_byte_for_byte(stage: Stage) -> None:
    quote = a_quote(stage)
    first = accept(stage, quote["id"], "Q-3", key="once")
    stage.clock.advance(minutes=1)
    assert accept(stage, quote["id"], "Q-3", key="once").raw == first.raw
    assert code(accept(stage, quote["id"], "Q-3b", key="once")) == (409, "idempotency_mismatch")


def test_an_expired_quote_is_gone(stage: Stage) -> None:
    quote = a_quote(stage)
    stage.clock.advance(minutes=15)
    assert code(accept(stage, quote["id"], "Q-4")) == (410, "expired_quote")
    shown = stage.as_merchant("GET", f"/v1/quotes/{quote['id']}").body
    assert shown["state"] == "expired"


def test_what_differs_is_named(stage: Stage) -> None:
    quote = a_quote(stage)
    elsewhere = {**TO, "address": {**ADDRESS, "line1": "Hafen 9"}}
    refused = accept(stage, quote["id"], "Q-5", dropoff=elsewhere, items=[{"weight_g": 9000}])
    assert code(refused) == (409, "mismatched_quote")
    assert [one["field"] for one in refused.body["fields"]] == ["items", "dropoff"]


def test_a_delivery_may_name_its_quote(stage: Stage) -> None:
    quote = a_quote(stage)
    form = {"external_id": "Q-6", "dropoff": TO, "items": ITEMS, "quote_id": quote["id"]}
    made = stage.as_merchant("POST", "/v1/deliveries", form)
    assert made.status == 201
    agreed = load_agreed(wiring.unit_of_work(), stage.merchant_id, made.body["id"])
    assert agreed.quote_id == quote["id"]
    # Accepted either way, it is one delivery.
    assert accept(stage, quote["id"], "Q-6").body["id"] == made.body["id"]
    unknown = {**form, "external_id": "Q-7", "quote_id": "no such"}
    assert code(stage.as_merchant("POST", "/v1/deliveries", unknown)) == (404, "not_found")


def test_another_merchants_quote_is_not_there(stage: Stage) -> None:
    path = f"/v1/quotes/{a_quote(stage)['id']}"
    other = stage.other_api_key
    assert code(stage.as_merchant("GET", path, key=other)) == (404, "not_found")
    body = {"external_id": "Q-8", "dropoff": TO}
    refused = stage.as_merchant("POST", f"{path}/accept", body, key=other)
    assert code(refused) == (404, "not_found")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropoff": {"latitude": 45.4, "longitude": -75.7}}, "outside_service_area"),
        ({"service": "next_day"}, "service_not_offered"),
        ({"store_external_id": "nowhere"}, "unknown_store"),
        ({"items": [{"quantity": 3, "weight_g": 1_000_000}]}, "too_heavy"),
        (
            {"window": {"start_time": "2026-11-20T10:00Z", "end_time": "2026-11-20T11:00Z"}},
            "window_impossible",
        ),
    ],
)
def test_no_quote_says_why(stage: Stage, changes: dict[str, Any], reason: str) -> None:
    refused = ask(stage, **changes)
    assert code(refused) == (422, "address_undeliverable")
    assert refused.body["reason"] == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"dropoff": {}},
        {"dropoff": {"latitude": 51.2}},
        {"dropoff": {"latitude": 91, "longitude": 9}},
        {"items": []},
        {"store_id": "str_" + "0" * 26},
        {"service": "by_drone"},
        {"surprise": 1},
    ],
)
def test_a_wrong_field_is_named(stage: Stage, changes: dict[str, Any]) -> None:
    refused = ask(stage, **changes)
    assert code(refused) == (422, "validation_error")
    assert refused.body["fields"]


def test_a_store_may_be_named_by_our_id(stage: Stage) -> None:
    store_id = a_quote(stage)["pickup"]["id"]
    assert a_quote(stage, store_id=store_id)["pickup"]["id"] == store_id


def test_who_is_not_signed_in_gets_no_quote(stage: Stage) -> None:
    assert stage.call("POST", "/v1/quotes", b"{}").status == 401
