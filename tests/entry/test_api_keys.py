"""A merchant looks after its own keys, and one key cannot call without end."""

from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import lists
from chalicelib.kit.timewindow import read_instant
from tests.entry.conftest import Doors


@pytest.fixture
def shop(doors: Doors):
    """A new merchant: its id, and how it calls with its first key."""
    merchant = {
        "name": "Buchladen",
        "hub_id": doors.hub_id,
        "platforms": ["generic"],
        "stores": [
            {
                "external_id": "1",
                "name": "Buchladen",
                "address": "Markt 1",
                "latitude": 51.21,
                "longitude": 9.41,
            }
        ],
    }
    opened = doors.operate("POST", "/v1/merchants", merchant).body
    return opened["id"], opened["api_key"]


def test_a_key_is_shown_once_and_works(doors: Doors, shop) -> None:
    _, first = shop
    made = doors.call("POST", "/v1/api-keys", {"name": "desk", "scopes": ["settings:read"]}, first)
    assert made.status == 201
    listed = doors.call("GET", "/v1/api-keys", token=made.body["api_key"])
    assert {key["name"] for key in listed.body["api_keys"]} == {"first key", "desk"}
    assert made.body["api_key"] not in listed.raw.decode()
    assert first not in listed.raw.decode()


def test_a_narrow_key_makes_no_wide_one(doors: Doors, shop) -> None:
    _, first = shop
    narrow = {"name": "settings", "scopes": ["settings:write"]}
    key = doors.call("POST", "/v1/api-keys", narrow, first).body["api_key"]
    for scopes in (None, ["deliveries:write"]):
        wanted = {"name": "more"} | ({"scopes": scopes} if scopes else {})
        assert doors.call("POST", "/v1/api-keys", wanted, key).status == 403
    listed = doors.call("GET", "/v1/api-keys", token=first).body["api_keys"]
    first_id = next(one["id"] for one in listed if one["name"] == "first key")
    assert doors.call("POST", f"/v1/api-keys/{first_id}/rotate", {}, key).status == 403


def test_a_key_that_is_ended_opens_nothing(doors: Doors, shop) -> None:
    _, first = shop
    made = doors.call("POST", "/v1/api-keys", {"name": "leaked"}, first).body
    path = f"/v1/api-keys/{made['id']}"
    assert doors.call("DELETE", path, token=first).status == 204
    assert doors.call("GET", "/v1/api-keys", token=made["api_key"]).status == 401
    assert doors.call("DELETE", path, token=first).status == 404


def test_the_desk_helps_a_merchant_that_lost_its_key(doors: Doors, shop) -> None:
    merchant_id, _ = shop
    made = doors.operate("POST", f"/v1/merchants/{merchant_id}/api-keys", {"name": "again"})
    assert doors.call("GET", "/v1/api-keys", token=made.body["api_key"]).status == 200


def test_calls_are_counted_and_end_at_the_limit(doors: Doors, shop, monkeypatch) -> None:
    """One program that runs wild is told when to come back, and its neighbours notice nothing."""
    merchant_id, first = shop
    few = wiring.settings().model_copy(update={"calls_per_minute": 3})
    monkeypatch.setattr(wiring, "settings", lambda: few)
    made = doors.operate("POST", f"/v1/merchants/{merchant_id}/api-keys", {"name": "other"})
    told = [doors.call("GET", "/v1/api-keys", token=first) for _ in range(4)]
    assert [answer.status for answer in told] == [200, 200, 200, 429]
    left = [answer.headers.get("RateLimit-Remaining") for answer in told[:3]]
    assert left == ["2", "1", "0"]
    assert told[3].body["code"] == "rate_limited"
    assert 1 <= int(told[3].headers["Retry-After"]) <= 60
    assert doors.call("GET", "/v1/api-keys", token=made.body["api_key"]).status == 200
    doors.stage.clock.advance(minutes=1)
    assert doors.call("GET", "/v1/api-keys", token=first).status == 200


FORM = {
    "external_id": "T-1",
    "dropoff": {
        "name": "Mara Vogel",
        "phone_number": "0171 3920009",
        "address": {"line1": "Am Markt 3", "city": "Kassel", "country": "DE"},
        "latitude": 51.224,
        "longitude": 9.415,
    },
    "items": [{"quantity": 1, "weight_g": 350}],
}


def test_a_test_key_tries_everything_and_reaches_nobody(doors: Doors, shop) -> None:
    """Its deliveries live in a double of the merchant: in no wave, and unseen by live keys."""
    _, first = shop
    made = doors.call("POST", "/v1/api-keys", {"name": "try", "live": False}, first).body
    key = made["api_key"]
    assert key.startswith("lm_test_")
    delivery = doors.call("POST", "/v1/deliveries", FORM, key).body
    path = f"/v1/deliveries/{delivery['id']}"
    assert doors.call("GET", path, token=first).status == 404
    waiting = lists.pending_refs(wiring.unit_of_work(), doors.hub_id)
    assert delivery["id"] not in {one["delivery_id"] for one in waiting}
    advance = f"/v1/test/deliveries/{delivery['id']}/advance"
    assert doors.call("POST", advance, {"to": "delivered"}, key).body["status"] == "delivered"
    assert doors.call("POST", advance, {"to": "planned"}, key).status == 409
    assert doors.call("POST", advance, {"to": "cancelled"}, key).status == 422


def test_a_live_delivery_is_not_brought_anywhere_by_a_key(doors: Doors, shop) -> None:
    _, first = shop
    delivery = doors.call("POST", "/v1/deliveries", FORM, first).body
    advance = f"/v1/test/deliveries/{delivery['id']}/advance"
    assert doors.call("POST", advance, {"to": "delivered"}, first).status == 403


def test_a_test_key_makes_only_test_keys_and_its_stores_follow(doors: Doors, shop) -> None:
    merchant_id, first = shop
    key = doors.call("POST", "/v1/api-keys", {"name": "try", "live": False}, first).body["api_key"]
    again = doors.call("POST", "/v1/api-keys", {"name": "more"}, key).body
    assert again["api_key"].startswith("lm_test_")
    doors.operate("PATCH", f"/v1/merchants/{merchant_id}", {"promise_s": 1800})
    delivery = doors.call("POST", "/v1/deliveries", FORM, again["api_key"]).body
    start, end = (delivery["window"][name] for name in ("start_time", "end_time"))
    assert read_instant(end) - read_instant(start) == timedelta(minutes=30)
