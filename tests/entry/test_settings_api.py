"""Hubs, merchants and stores change without losing what stands."""

from typing import Any

import pytest

from tests.entry.conftest import Doors

STORE = {
    "external_id": "2",
    "name": "Buchladen Nord",
    "address": "Ring 2",
    "latitude": 51.22,
    "longitude": 9.42,
}


@pytest.fixture
def shop(doors: Doors) -> tuple[str, str]:
    """A new merchant: its path and its key."""
    merchant = {
        "name": "Buchladen",
        "hub_id": doors.hub_id,
        "platforms": ["generic", "shopify"],
        "stores": [{**STORE, "external_id": "1"}],
    }
    opened = doors.operate("POST", "/v1/merchants", merchant).body
    return f"/v1/merchants/{opened['id']}", opened["api_key"]


def test_a_merchant_sees_its_own_set_up_and_no_secret(doors: Doors, shop) -> None:
    path, key = shop
    shown = doors.call("GET", path, token=key)
    assert shown.body["platforms"] == ["generic", "shopify"]
    assert doors.operate("GET", path).body == shown.body
    assert "whsec_" not in shown.raw.decode()
    assert "sealed" not in shown.raw.decode()


def test_settings_change_one_by_one(doors: Doors, shop) -> None:
    path, key = shop
    before = doors.call("GET", path, token=key).body
    changed = doors.call("PATCH", path, {"promise_s": 7200}, key).body
    assert changed == {**before, "promise_s": 7200}
    assert doors.call("PATCH", path, {"promise_s": 7200}, key).body == changed
    assert doors.call("PATCH", path, {"promise_s": 1}, key).status == 422


def test_stores_come_and_go_and_one_stays(doors: Doors, shop) -> None:
    path, key = shop
    made = doors.call("POST", f"{path}/stores", STORE, key)
    assert made.status == 201
    assert doors.call("POST", f"{path}/stores", STORE, key).body["code"] == "conflict"
    store = f"{path}/stores/{made.body['id']}"
    moved = doors.call("PUT", store, {**STORE, "name": "Nord"}, key).body
    assert moved == {**made.body, "name": "Nord"}
    taken = {**STORE, "external_id": "1"}
    assert doors.call("PUT", store, taken, key).status == 409
    assert doors.call("DELETE", store, token=key).status == 204
    assert doors.call("DELETE", store, token=key).status == 404
    (last,) = doors.call("GET", path, token=key).body["stores"]
    assert doors.call("DELETE", f"{path}/stores/{last['id']}", token=key).status == 409


def test_a_store_out_of_reach_is_refused(doors: Doors, shop) -> None:
    path, key = shop
    far: dict[str, Any] = {**STORE, "latitude": 60.0}
    refused = doors.call("POST", f"{path}/stores", far, key)
    assert refused.status == 422
    assert refused.body["fields"][0]["field"] == "latitude"


def test_a_hub_changes_its_rules(doors: Doors) -> None:
    path = f"/v1/hubs/{doors.hub_id}"
    before = doors.operate("GET", path).body
    after = doors.operate("PATCH", path, {"offer_ttl_s": 90}).body
    assert after == {**before, "offer_ttl_s": 90}
    assert after in doors.operate("GET", "/v1/hubs").body["hubs"]
    assert doors.operate("PATCH", path, {"timezone": "Europe/Paris"}).status == 422
    doors.operate("PATCH", path, {"offer_ttl_s": before["offer_ttl_s"]})


def test_a_hub_changes_single_rules_of_its_waves(doors: Doors) -> None:
    path = f"/v1/hubs/{doors.hub_id}"
    before = doors.operate("GET", path).body
    wanted = {"cut_offs": ["18:00", "09:30", "18:00"], "tick_s": 900, "most_trips": 3}
    after = doors.operate("PATCH", path, {"waves": wanted}).body
    changed = {"cut_offs": ["09:30", "18:00"], "tick_s": 900, "most_trips": 3}
    assert after == {**before, "waves": {**before["waves"], **changed}}
    again = doors.operate("PATCH", path, {"waves": {"full_percent": 60}}).body
    assert again["waves"] == {**after["waves"], "full_percent": 60}
    assert doors.operate("GET", path).body == again
    assert doors.operate("PATCH", path, {"waves": before["waves"]}).body == before


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("tick_s", 299),
        ("tick_s", 450),
        ("cut_offs", ["24:00"]),
        ("cut_offs", ["noon"]),
        ("full_percent", 0),
        ("full_percent", 101),
        ("decay_percent_per_h", -1),
        ("safety_s", 0),
        ("most_trips", 0),
        ("holds_back", "no"),
        ("horizon", 5),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(
    doors: Doors, rule: str, value: object
) -> None:
    refused = doors.operate("PATCH", f"/v1/hubs/{doors.hub_id}", {"waves": {rule: value}})
    assert refused.status == 422
    assert [one["field"].split(".")[:2] for one in refused.body["fields"]] == [["waves", rule]]
