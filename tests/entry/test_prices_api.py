"""Rate cards and charges at the door: who may, what is refused, and that every cent is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from tests.builders import NOON
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.test_deliveries_api import a_form

CARD: dict[str, Any] = {
    "currency": "EUR",
    "name": "Winter",
    "base_minor": 390,
    "distance": [{"from_m": 0, "per_km_minor": 45}],
    "weight": [{"up_to_g": 5000, "amount_minor": 0}, {"up_to_g": None, "amount_minor": 120}],
    "cash_on_delivery": {"flat_minor": 150, "permille": 10},
    "return_leg": {"permille": 600},
    "tax": {"permille": 190},
}
JOB: dict[str, Any] = {"distance_m": 3400, "weight_g": 1200}


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "prices") as made:
        yield made


def operate(stage: Stage, method: str, path: str, body: Any = None) -> Answered:
    raw = b"" if body is None else json.dumps(body).encode()
    return stage.call(method, path, raw, {"Authorization": "Bearer operator"})


def save(stage: Stage, **changes: Any) -> Answered:
    return operate(stage, "POST", "/v1/rate-cards", {**CARD, **changes})


def promise(stage: Stage, external_id: str) -> str:
    made = stage.as_merchant("POST", "/v1/deliveries", a_form(external_id))
    assert made.status == 201
    return str(made.body["id"])


def charges(stage: Stage, delivery_id: str) -> Any:
    shown = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}/charges")
    assert shown.status == 200
    return shown.body


def live(stage: Stage, delivery_id: str, *commands: life.Command) -> None:
    uow = wiring.unit_of_work()
    deliveries.carry_out(uow, DeliveryRef(stage.merchant_id, delivery_id), *commands)
    uow.commit()


def test_a_delivery_is_priced_by_the_built_in_card_until_there_is_another(stage: Stage) -> None:
    """First in the module: nobody has saved a card yet."""
    shown = charges(stage, promise(stage, "P-1"))
    assert shown["agreed"]["rate_card"] == {"owner": "built_in", "version": 1}
    assert shown["agreed"]["quote_id"] is None
    assert shown["total_minor"] == sum(line["amount_minor"] for line in shown["lines"]) >= 490
    card = stage.as_merchant("GET", "/v1/rate-cards/1?owner=built_in").body
    assert (card["owner"], card["base_minor"]) == ("built_in", 490)
    listed = stage.as_merchant("GET", "/v1/rate-cards").body
    assert (listed["current"], listed["rate_cards"]) == (card, [])


def test_a_card_counts_from_when_it_is_saved_and_promises_keep_theirs(stage: Stage) -> None:
    before = promise(stage, "P-2")
    saved = save(stage, merchant_id=stage.merchant_id)
    assert (saved.status, saved.body["owner"]) == (201, "merchant")
    assert saved.body["valid_from"] == "2026-11-27T12:00:00.000Z"
    after = promise(stage, "P-3")
    assert charges(stage, before)["agreed"]["rate_card"]["owner"] == "built_in"
    assert charges(stage, after)["agreed"]["rate_card"] == {
        "owner": "merchant",
        "version": saved.body["version"],
    }


def test_a_merchant_reads_all_versions_of_its_own_card(stage: Stage) -> None:
    first = save(stage, merchant_id=stage.merchant_id, base_minor=400).body
    second = save(stage, merchant_id=stage.merchant_id, base_minor=410).body
    assert second["version"] == first["version"] + 1
    listed = stage.as_merchant("GET", "/v1/rate-cards").body
    assert listed["current"] == second
    assert listed["rate_cards"][:2] == [second, first]
    shown = stage.as_merchant("GET", f"/v1/rate-cards/{first['version']}").body
    assert shown == first
    page = stage.as_merchant("GET", "/v1/rate-cards?limit=1").body
    rest = stage.as_merchant("GET", f"/v1/rate-cards?limit=1&cursor={page['next_cursor']}").body
    assert [page["rate_cards"], rest["rate_cards"]] == [[second], [first]]


def test_the_networks_card_counts_for_whoever_has_none(stage: Stage) -> None:
    saved = save(stage, base_minor=700).body
    assert saved["owner"] == "network"
    theirs = stage.as_merchant("GET", "/v1/rate-cards", key=stage.other_api_key).body
    assert theirs["current"] == saved
    assert theirs["rate_cards"] == []
    desk = operate(stage, "GET", "/v1/rate-cards").body
    assert desk["rate_cards"][0] == saved
    path = f"/v1/rate-cards/{saved['version']}?owner=network"
    assert stage.as_merchant("GET", path).body == saved


def test_another_merchants_card_is_simply_not_found(stage: Stage) -> None:
    version = save(stage, merchant_id=stage.merchant_id).body["version"]
    for path in (
        f"/v1/rate-cards?merchant_id={stage.merchant_id}",
        f"/v1/rate-cards/{version}?merchant_id={stage.merchant_id}",
        f"/v1/rate-cards/{version}",
    ):
        foreign = stage.as_merchant("GET", path, key=stage.other_api_key)
        assert (foreign.status, foreign.body["code"]) == (404, "not_found")
    named = stage.as_merchant("GET", f"/v1/rate-cards?merchant_id={stage.merchant_id}")
    assert named.status == 200


@pytest.mark.parametrize("version", ["0", "01", "x", "-1", "+1", "²", "999999999", "99999999"])
def test_a_version_that_cannot_be_is_not_found(stage: Stage, version: str) -> None:
    assert operate(stage, "GET", f"/v1/rate-cards/{version}").status == 404


def test_a_card_is_for_a_merchant_that_exists(stage: Stage) -> None:
    for merchant_id in ("mer_nobody", "network", "built_in"):
        assert save(stage, merchant_id=merchant_id).status == 404


def test_the_operator_reads_any_merchants_card_and_nobodys_is_not_found(stage: Stage) -> None:
    saved = save(stage, merchant_id=stage.merchant_id).body
    listed = operate(stage, "GET", f"/v1/rate-cards?merchant_id={stage.merchant_id}").body
    assert listed["current"] == saved
    path = f"/v1/rate-cards/{saved['version']}?merchant_id={stage.merchant_id}"
    assert operate(stage, "GET", path).body == saved
    assert operate(stage, "GET", "/v1/rate-cards?merchant_id=mer_nobody").status == 404
    assert operate(stage, "GET", "/v1/rate-cards?owner=merchant").status == 404


def test_a_test_key_pays_by_its_merchants_card_from_the_first_day(stage: Stage) -> None:
    """Whoever tries out a checkout must see the prices that the live key will see."""
    first = save(stage, merchant_id=stage.merchant_id, base_minor=421).body
    made = stage.as_merchant("POST", "/v1/api-keys", {"name": "try", "live": False})
    assert made.status == 201

    def current() -> int:
        shown = stage.as_merchant("GET", "/v1/rate-cards", key=made.body["api_key"])
        return int(shown.body["current"]["base_minor"])

    assert current() == first["base_minor"]
    save(stage, merchant_id=stage.merchant_id, base_minor=422)
    assert current() == 422


def test_charges_are_found_by_the_shops_own_id_too(stage: Stage) -> None:
    delivery_id = promise(stage, "P-9")
    assert charges(stage, "ext:P-9") == charges(stage, delivery_id)


def test_only_the_operator_sets_prices(stage: Stage) -> None:
    body = {**CARD, "merchant_id": stage.merchant_id}
    assert stage.as_merchant("POST", "/v1/rate-cards", body).status == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "euro"}, "currency"),
        ({"base_minor": -1}, "base_minor"),
        ({"base_minor": 10**30}, "base_minor"),
        ({"weight": [{"up_to_g": 5, "amount_minor": 0}]}, "weight.0.up_to_g"),
        (
            {
                "weight": [
                    {"up_to_g": 5, "amount_minor": 9},
                    {"up_to_g": None, "amount_minor": 8},
                ]
            },
            "weight.1.amount_minor",
        ),
        ({"distance": [{"from_m": 9}, {"from_m": 9}]}, "distance.1.from_m"),
        ({"pickup_point_discount": {"permille": 1001}}, "pickup_point_discount"),
        ({"most_surge_permille": 2001}, "most_surge_permille"),
        ({"tax": {"permille": 1001}}, "tax.permille"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_card_that_cannot_be_right_is_refused_by_its_field(
    stage: Stage, changes: dict[str, Any], field: str
) -> None:
    refused = save(stage, **changes)
    assert (refused.status, refused.body["code"]) == (422, "validation_error")
    assert refused.body["fields"][0]["field"] == field


def test_a_draft_is_tried_and_nothing_is_kept(stage: Stage) -> None:
    before = operate(stage, "GET", "/v1/rate-cards").body
    tried = operate(stage, "POST", "/v1/rate-cards/preview", {"rate_card": CARD, "job": JOB})
    assert tried.status == 200
    assert {one["kind"]: one["amount_minor"] for one in tried.body["components"]} == {
        "base": 390,
        "distance": 4 * 45,
        "weight": 0,
        "tax": 108,
    }
    assert (tried.body["fee_minor"], tried.body["total_minor"]) == (570, 678)
    assert tried.body["stage_fees_minor"] == {
        "redelivery": 0,
        "return_leg": 342,
        "cancellation": 0,
    }
    assert operate(stage, "GET", "/v1/rate-cards").body == before


def test_a_preview_without_a_draft_is_made_by_the_card_that_counts(stage: Stage) -> None:
    save(stage, merchant_id=stage.merchant_id, base_minor=123)
    own = stage.as_merchant("POST", "/v1/rate-cards/preview", {"job": JOB}).body
    assert own["components"][0]["amount_minor"] == 123
    save(stage, base_minor=124)
    desk = operate(stage, "POST", "/v1/rate-cards/preview", {"job": JOB}).body
    assert desk["components"][0]["amount_minor"] == 124


def test_cash_in_another_currency_is_refused(stage: Stage) -> None:
    cash = {"amount_minor": 5000, "currency": "USD"}
    body = {"rate_card": CARD, "job": {**JOB, "cash_on_delivery": cash}}
    refused = operate(stage, "POST", "/v1/rate-cards/preview", body)
    assert (refused.status, refused.body["code"]) == (409, "currency_mismatch")
    body["job"]["cash_on_delivery"]["currency"] = "EUR"
    assert operate(stage, "POST", "/v1/rate-cards/preview", body).status == 200


def test_charges_name_the_event_the_fault_and_the_payer(stage: Stage) -> None:
    save(stage, merchant_id=stage.merchant_id)
    delivery_id = promise(stage, "P-4")
    agreed = charges(stage, delivery_id)
    live(
        stage,
        delivery_id,
        life.Plan(NOON, "rte_1"),
        life.Assign(NOON, "drv_1"),
        life.PickUp(NOON),
        life.FailAttempt(NOON, FailureReason.CUSTOMER_REFUSED),
        life.Return(NOON, "customer_refused"),
        life.ReceiveReturn(NOON),
    )
    shown = charges(stage, delivery_id)
    (fee,) = [line for line in shown["lines"] if line["event"] is not None]
    assert (fee["kind"], fee["payer"], fee["party_at_fault"]) == ("return", "merchant", "recipient")
    told = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}/events").body["events"]
    (cause,) = [event for event in told if event["type"] == "delivery.returning"]
    assert fee["event"] == {name: cause[name] for name in ("id", "type", "at", "reason")}
    net = sum(line["amount_minor"] for line in shown["lines"] if line["kind"] != "tax")
    assert net == fee["amount_minor"] + sum(
        line["amount_minor"] for line in agreed["lines"] if line["kind"] != "tax"
    )
    assert shown["tax_minor"] == (net * 190 * 2 + 1000) // 2000
    assert shown["total_minor"] == net + shown["tax_minor"]
    assert (agreed["is_final"], shown["is_final"]) == (False, True)


def test_a_delivery_that_was_cancelled_in_time_is_free(stage: Stage) -> None:
    delivery_id = promise(stage, "P-5")
    stage.as_merchant("POST", f"/v1/deliveries/{delivery_id}/cancel")
    shown = charges(stage, delivery_id)
    assert (shown["total_minor"], shown["tax_minor"]) == (0, 0)
    assert shown["agreed"]["total_minor"] > 0


def test_somebody_elses_charges_are_simply_not_found(stage: Stage) -> None:
    path = f"/v1/deliveries/{promise(stage, 'P-8')}/charges"
    assert stage.as_merchant("GET", path, key=stage.other_api_key).status == 404
    assert stage.as_merchant("GET", f"/v1/deliveries/del_{'0' * 26}/charges").status == 404
