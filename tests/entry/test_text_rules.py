"""The operator sets what texts may cost; a merchant chooses them and sees what became of each."""

from chalicelib import wiring
from chalicelib.domain.messaging import store
from chalicelib.domain.messaging.store import Claim, Fate, TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.entry import work
from tests.entry.belongings import a_delivery, a_merchant
from tests.entry.conftest import Doors


def test_the_rules_are_set_whole_and_shown_with_what_was_spent(doors: Doors) -> None:
    before = doors.operate("GET", "/v1/text-rules").body
    assert (before["per_number_hour"], before["countries"]) == (3, None)
    wanted = {"countries": ["DE", "AT", "DE"], "budget_minor": 900, "currency": "EUR"}
    after = doors.operate("PUT", "/v1/text-rules", wanted)
    assert after.body == {
        **before,
        "countries": ["AT", "DE"],
        "budget_minor": 900,
        "currency": "EUR",
    }
    assert doors.operate("PUT", "/v1/text-rules", wanted).body == after.body
    assert doors.operate("PUT", "/v1/text-rules", {"countries": ["Germany"]}).status == 422


def test_a_merchant_chooses_its_ordinary_texts(doors: Doors) -> None:
    merchant = a_merchant(doors)
    path = f"/v1/merchants/{merchant.id}"
    usual = doors.call("GET", path, token=merchant.token).body["texts"]
    assert usual == {
        "ordinary": ["out_for_delivery", "near", "delivered"],
        "most": 2,
        "tone": "kind",
    }
    chosen = {"ordinary": ["delivered"], "most": 1, "tone": "plain"}
    assert doors.call("PATCH", path, {"texts": chosen}, merchant.token).body["texts"] == chosen
    wrong = {"texts": {"ordinary": ["attempt_failed"]}}
    assert doors.call("PATCH", path, wrong, merchant.token).status == 422


def test_a_merchant_sees_what_became_of_each_text(doors: Doors) -> None:
    delivery = a_delivery(doors)
    path = f"/v1/deliveries/{delivery.id}/texts"
    assert doors.call("GET", path, token=delivery.token).body == {"texts": []}
    shown = doors.call("GET", f"/v1/deliveries/{delivery.id}", token=delivery.token)
    assert shown.status == 200
    link = {"delivery_id": delivery.id}
    merchant_id = _merchant_of(delivery.token)
    order = TextOrder(merchant_id, link["delivery_id"], "evt_x_000002", Template.NEAR)
    claim = Claim(order, Fate.SKIPPED, wiring.clock().now(), 1, "just_told")
    work.run(lambda uow: store.save(uow, claim))
    (text,) = doors.call("GET", path, token=delivery.token).body["texts"]
    assert (text["template"], text["state"], text["note"]) == ("near", "skipped", "just_told")


def _merchant_of(api_key: str) -> str:
    from chalicelib.domain.merchants import api_keys

    return api_keys.authenticate(wiring.unit_of_work(), api_key).merchant_id
