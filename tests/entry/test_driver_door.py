"""The driver at a door: what it asks for is listed, and the stop is not done without it."""

from typing import Any

import pytest

from chalicelib.domain.deliveries import codes
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.kit import tokens
from tests.builders import SERVER_KEY
from tests.entry.conftest import Doors
from tests.entry.test_driver_api import on_the_road


def test_a_door_lists_what_it_asks_for_and_is_not_done_without_it(doors: Doors) -> None:
    token, stops = on_the_road(doors, Requirements(pin=True, id_min_age=18))
    asked = stops[1]["deliveries"][0]["requirements"]
    assert (asked["pin"], asked["id_min_age"], asked["cash_on_delivery"]) == (True, 18, None)
    assert "requirements" not in stops[0]["deliveries"][0]
    doors.call("POST", f"/v1/stops/{stops[0]['id']}/complete", {}, token)
    path = f"/v1/stops/{stops[1]['id']}/complete"
    pin = tokens.delivery_pin(SERVER_KEY, stops[1]["deliveries"][0]["id"])
    shown = {"kind": "id_age", "min_age": 21}
    lacking = doors.call("POST", path, {"proofs": [shown]}, token)
    assert (lacking.status, lacking.body["code"]) == (409, "proof_missing")
    assert lacking.body["missing"] == ["pin"]
    wrong = {"kind": "pin", "pin": f"{(int(pin) + 1) % 10_000:04d}"}
    refused = doors.call("POST", path, {"proofs": [shown, wrong]}, token)
    assert (refused.status, refused.body["code"]) == (409, "wrong_pin")
    whole = {"proofs": [shown, {"kind": "pin", "pin": pin}]}
    taps = [doors.call("POST", path, whole, token) for _ in range(2)]
    assert [tap.status for tap in taps] == [200, 200]
    assert taps[0].body == taps[1].body


def test_after_five_wrong_pins_the_right_one_waits_for_the_next_hour(doors: Doors) -> None:
    """Four digits are guessed in ten thousand tries: nobody gets them."""
    token, stops = on_the_road(doors, Requirements(pin=True))
    doors.call("POST", f"/v1/stops/{stops[0]['id']}/complete", {}, token)
    path = f"/v1/stops/{stops[1]['id']}/complete"
    pin = tokens.delivery_pin(SERVER_KEY, stops[1]["deliveries"][0]["id"])
    wrong = {"proofs": [{"kind": "pin", "pin": f"{(int(pin) + 1) % 10_000:04d}"}]}
    for _ in range(codes.MOST_TRIES):
        assert doors.call("POST", path, wrong, token).body["code"] == "wrong_pin"
    right = {"proofs": [{"kind": "pin", "pin": pin}]}
    assert doors.call("POST", path, right, token).body["code"] == "wrong_pin"


@pytest.mark.parametrize(
    "proofs",
    [
        [{"kind": "pin"}],
        [{"kind": "pin", "pin": "0000", "name": "A"}],
        [{"kind": "id_age", "min_age": 0}],
        [{"kind": "cash", "cash_minor": -1}],
        [{"kind": "name", "name": "A"}, {"kind": "name", "name": "B"}],
        [{"kind": "photo", "proof_id": "prf_never_announced"}],
    ],
)
def test_a_proof_that_is_none_is_refused(doors: Doors, proofs: list[dict[str, Any]]) -> None:
    token, stops = on_the_road(doors)
    doors.call("POST", f"/v1/stops/{stops[0]['id']}/complete", {}, token)
    body = {"proofs": proofs}
    assert doors.call("POST", f"/v1/stops/{stops[1]['id']}/complete", body, token).status == 422


def test_a_signature_is_announced_as_one(doors: Doors) -> None:
    """The photo of a parcel is no signature, whatever the tap says."""
    token, stops = on_the_road(doors, Requirements(signature=True))
    doors.call("POST", f"/v1/stops/{stops[0]['id']}/complete", {}, token)
    path = f"/v1/stops/{stops[1]['id']}"
    picture = {"content_type": "image/png", "size_bytes": 900}
    ids = {
        kind: doors.call("POST", f"{path}/proofs", {**picture, "kind": kind}, token).body[
            "proof_id"
        ]
        for kind in ("photo", "signature")
    }
    for announced, status in (("photo", 422), ("signature", 200)):
        body = {"proofs": [{"kind": "signature", "proof_id": ids[announced]}]}
        assert doors.call("POST", f"{path}/complete", body, token).status == status
