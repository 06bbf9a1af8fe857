"""At the door, through the doors of the API: asked, refused, priced, changed, told to everybody."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.domain.intake.shops import golden, hmac_base64, written
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.test_deliveries_api import ask
from tests.entry.test_quotes_api import a_quote, accept

CASH = {"amount_minor": 4590, "currency": "EUR"}
CARD = {
    "currency": "EUR",
    "base_minor": 490,
    "cash_on_delivery": {"flat_minor": 150, "permille": 10},
}
#: 150 and one per cent of 45.90, half up.
FEE_MINOR = 196


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "door") as made:
        card = {"merchant_id": made.merchant_id, **CARD}
        assert made.as_merchant("POST", "/v1/rate-cards", card, "operator").status == 201
        yield made


def charges(stage: Stage, delivery_id: str) -> dict[str, int]:
    shown = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}/charges").body
    return {line["kind"]: line["amount_minor"] for line in shown["lines"]} | {
        "total": shown["total_minor"]
    }


def code(answered: Answered) -> tuple[int, str, str]:
    return answered.status, answered.body["code"], answered.body["reason"]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"pin": True}, "leave_at_door_with_pin"),
        ({"signature": True}, "leave_at_door_with_signature"),
        ({"id_min_age": 18}, "leave_at_door_with_id"),
        ({"cash_on_delivery": CASH}, "leave_at_door_with_cash"),
    ],
)
def test_leave_at_door_excludes_what_needs_somebody(
    stage: Stage, wish: dict[str, Any], reason: str
) -> None:
    wishes = {"action": "leave_at_door", **wish}
    refused = (422, "impossible_requirements", reason)
    assert code(ask(stage, f"L-{reason}", requirements=wishes)) == refused
    form = {"dropoff": {"latitude": 51.224, "longitude": 9.415}, "items": [{"weight_g": 350}]}
    quoted = stage.as_merchant("POST", "/v1/quotes", {**form, "requirements": wishes})
    assert code(quoted) == refused


def test_cash_comes_in_the_merchants_currency_and_is_paid_for(stage: Stage) -> None:
    foreign = ask(stage, "C-1", requirements={"cash_on_delivery": {**CASH, "currency": "USD"}})
    assert code(foreign) == (422, "impossible_requirements", "cash_currency_mismatch")
    made = ask(stage, "C-1", requirements={"cash_on_delivery": {"amount_minor": 4590}}).body
    assert made["requirements"]["cash_on_delivery"] == CASH
    assert charges(stage, made["id"]) == {
        "base": 490,
        "cash_on_delivery": FEE_MINOR,
        "total": 490 + FEE_MINOR,
    }


def test_a_tip_is_kept_changed_and_taken_back(stage: Stage) -> None:
    made = ask(stage, "T-1", tip_minor=300).body
    assert made["tip"] == {"amount_minor": 300, "currency": "EUR"}
    path = f"/v1/deliveries/{made['id']}"
    tips = [
        stage.as_merchant("PATCH", path, change).body["tip"]
        for change in ({"tip_minor": 450}, {"dropoff": {"notes": "Ring"}}, {"tip_minor": 0})
    ]
    assert tips == [{"amount_minor": 450, "currency": "EUR"}] * 2 + [None]
    assert stage.as_merchant("PATCH", path, {"tip_minor": -1}).status == 422


@pytest.mark.parametrize("amount", [0, -1, 100_000_001, "45.90", None])
def test_an_amount_that_cannot_be_collected_is_a_wrong_field(stage: Stage, amount: Any) -> None:
    wish = {"cash_on_delivery": {"amount_minor": amount}}
    refused = ask(stage, "C-2", requirements=wish)
    assert (refused.status, refused.body["code"]) == (422, "validation_error")


def test_a_quote_has_the_fee_of_its_cash_and_is_accepted_with_that(stage: Stage) -> None:
    quote = a_quote(stage, requirements={"cash_on_delivery": CASH})
    assert quote["fee"] == 490 + FEE_MINOR
    assert quote["requirements"]["cash_on_delivery"] == CASH
    other = {"cash_on_delivery": {**CASH, "amount_minor": 4591}}
    differs = accept(stage, quote["id"], "Q-1", requirements=other)
    assert differs.body["code"] == "mismatched_quote"
    assert differs.body["fields"][0]["field"] == "requirements.cash_on_delivery"
    made = accept(stage, quote["id"], "Q-1", requirements={"pin": True})
    assert made.body["requirements"] == {
        "action": "meet_at_door",
        "pin": True,
        "signature": False,
        "photo": False,
        "id_min_age": None,
        "barcode": False,
        "geofence_m": None,
        "cash_on_delivery": CASH,
    }
    assert accept(stage, quote["id"], "Q-1", requirements={"pin": True}).raw == made.raw
    assert accept(stage, quote["id"], "Q-1").body["code"] == "used_quote"


def test_other_cash_before_the_pickup_has_another_fee_and_nothing_else_moves(stage: Stage) -> None:
    made = ask(stage, "E-1", requirements={"pin": True}).body
    path = f"/v1/deliveries/{made['id']}"
    changed = stage.as_merchant("PATCH", path, {"requirements": {"cash_on_delivery": CASH}}).body
    assert changed["requirements"]["cash_on_delivery"] == CASH
    assert changed["requirements"]["pin"] is True
    assert charges(stage, made["id"])["total"] == 490 + FEE_MINOR
    none = stage.as_merchant("PATCH", path, {"requirements": {"cash_on_delivery": None}}).body
    assert none["requirements"]["cash_on_delivery"] is None
    assert charges(stage, made["id"]) == {"base": 490, "total": 490}
    refused = stage.as_merchant("PATCH", path, {"requirements": {"action": "leave_at_door"}})
    assert code(refused) == (422, "impossible_requirements", "leave_at_door_with_pin")
    left = {"action": "leave_at_door", "pin": False}
    assert stage.as_merchant("PATCH", path, {"requirements": left}).body["requirements"] == {
        **made["requirements"],
        "action": "leave_at_door",
        "pin": False,
        "photo": True,
    }


def test_what_is_usual_counts_where_an_order_says_nothing(stage: Stage) -> None:
    path = f"/v1/merchants/{stage.merchant_id}"
    usual = {"action": "meet_at_door", "photo": True, "id_min_age": 18}
    set_up = stage.as_merchant("PATCH", path, {"door": usual}).body["door"]
    assert set_up == {
        **usual,
        **{"pin": False, "signature": False, "barcode": False, "geofence_m": None},
    }
    made = ask(stage, "U-1").body["requirements"]
    assert (made["photo"], made["id_min_age"]) == (True, 18)
    waived = ask(stage, "U-2", requirements={"id_min_age": None}).body["requirements"]
    assert (waived["photo"], waived["id_min_age"]) == (True, None)
    impossible = stage.as_merchant(
        "PATCH", path, {"door": {"action": "leave_at_door", "pin": True}}
    )
    assert impossible.status == 422
    stage.as_merchant("PATCH", path, {"door": {}})
    assert ask(stage, "U-3").body["requirements"]["photo"] is False


def send_woocommerce(stage: Stage, **changes: Any) -> dict[str, Any]:
    body = written(golden("woocommerce") | changes)
    signature = hmac_base64(body, stage.secrets["woocommerce"])
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": signature}
    return dict(stage.webhook("woocommerce", body, headers).body)


def test_a_shops_cash_on_delivery_is_collected(stage: Stage) -> None:
    taken = send_woocommerce(stage, id=901, payment_method="cod")
    shown = stage.as_merchant("GET", f"/v1/deliveries/{taken['delivery_id']}").body
    assert shown["requirements"]["cash_on_delivery"] == {"amount_minor": 4180, "currency": "EUR"}


def test_a_shops_contradiction_stands_among_the_rejections(stage: Stage) -> None:
    wish = [{"id": 1, "key": "Leave-At-Door", "value": "yes"}]
    refused = send_woocommerce(stage, id=902, payment_method="cod", meta_data=wish)
    assert (refused["outcome"], refused["code"]) == ("rejected", "leave_at_door_with_cash")
    told = stage.as_merchant("GET", "/v1/rejections").body["rejections"]
    assert [one["code"] for one in told] == ["leave_at_door_with_cash"]


def test_a_spreadsheet_says_it_in_columns(stage: Stage) -> None:
    table = (
        "external_id,name,line1,city,pin,id_min_age,action,cash_minor\n"
        "S-1,Ada,Am Markt 3,Kassel,yes,18,,4590\n"
        "S-2,Ada,Am Markt 3,Kassel,yes,,leave_at_door,\n"
        "S-3,Ada,Am Markt 3,Kassel,perhaps,,,\n"
    )
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {stage.api_key}"}
    told = stage.call("POST", "/v1/deliveries/import", table.encode(), headers).body["rows"]
    assert [row["result"] for row in told] == ["created", "refused", "refused"]
    assert [row.get("code") for row in told[1:]] == ["leave_at_door_with_pin", "validation_error"]
    made = stage.as_merchant("GET", f"/v1/deliveries/{told[0]['delivery_id']}").body
    assert made["requirements"]["pin"] is True
    assert made["requirements"]["cash_on_delivery"] == CASH
