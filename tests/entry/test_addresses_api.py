"""Doubtful addresses by API: the desk decides, the merchant corrects, the foreign is not there."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.merchants import store
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind
from tests.builders import DOOR_AT
from tests.entry.conftest import Doors

STREET = Found(PlaceKind.STREET, DOOR_AT, 0.8, "Lindenweg", "34117", "Kassel")
HOUSE = Found(PlaceKind.POINT, LatLng(51.222, 9.423), 0.75, "Lindenweg 70", "34117", "Kassel", True)
AREA = Found(PlaceKind.POSTAL_CODE, DOOR_AT, 1.0, extent=Extent(51.18, 9.38, 51.26, 9.46))
LOST = {"line1": "Lindenweg 700", "city": "Kassel", "postal_code": "34117", "country": "DE"}
KNOWN = {**LOST, "line1": "Am Markt 3"}


@pytest.fixture(autouse=True)
def half_known_town(doors: Doors) -> None:
    doors.stage.places.answers |= {"Lindenweg 700": (STREET, HOUSE), "": (AREA,)}


def order(doors: Doors, external_id: str, **dropoff: Any) -> dict[str, Any]:
    form = {
        "external_id": external_id,
        "dropoff": {"name": "Mara Vogel", "address": LOST, **dropoff},
        "items": [{"quantity": 1}],
    }
    answered = doors.stage.as_merchant("POST", "/v1/deliveries", form)
    assert answered.status == 201
    return dict(answered.body)


def path(delivery: dict[str, Any]) -> str:
    return f"/v1/deliveries/{delivery['id']}/address"


def as_merchant(doors: Doors, delivery: dict[str, Any], **decision: Any) -> Any:
    return doors.stage.as_merchant("POST", path(delivery), decision)


def operate(doors: Doors, delivery: dict[str, Any], **decision: Any) -> Any:
    body = {"merchant_id": doors.stage.merchant_id, **decision}
    return doors.operate("POST", path(delivery), body)


def hub_of(doors: Doors) -> str:
    """The hub of the stage's merchant, not the one that the doors opened."""
    return store.load_merchant(wiring.unit_of_work(), doors.stage.merchant_id).hub_id


def test_a_full_address_is_ready_at_once(doors: Doors) -> None:
    made = order(doors, "A-full", address=KNOWN)
    assert (made["status"], made["dropoff"]["confidence"]) == ("ready", "accept")


def test_the_merchant_sees_what_waits_and_why(doors: Doors) -> None:
    made = order(doors, "A-why")
    assert (made["status"], made["reason"]) == ("address_review", "street_only")
    assert made["dropoff"]["confidence"] == "ask"
    state = doors.stage.as_merchant("GET", path(made)).body
    assert (state["reason"], state["due_at"]) == ("street_only", "2026-11-27T18:00:00.000Z")
    labels = [(one["label"], one["is_door"]) for one in state["review"]["candidates"]]
    assert labels == [("Lindenweg, 34117 Kassel", False), ("Lindenweg 70, 34117 Kassel", True)]


def test_the_merchant_corrects_the_address_and_the_parcel_goes_on(doors: Doors) -> None:
    made = order(doors, "A-mend")
    decided = as_merchant(doors, made, decision="correct", address=KNOWN)
    assert (decided.status, decided.body["result"]) == (200, "settled")
    assert (decided.body["status"], decided.body["confidence"]) == ("ready", "confirmed")
    shown = doors.stage.as_merchant("GET", f"/v1/deliveries/{made['id']}").body
    assert shown["dropoff"]["address"]["line1"] == "Am Markt 3"
    again = as_merchant(doors, made, decision="correct", address=KNOWN)
    assert (again.status, again.body["result"]) == (200, "over")


def test_the_desk_lists_what_waits_and_accepts_a_candidate(doors: Doors) -> None:
    made = order(doors, "A-desk")
    listed = doors.operate("GET", f"/v1/address-reviews?hub_id={hub_of(doors)}").body
    rows = {row["delivery_id"]: row for row in listed["address_reviews"]}
    assert rows[made["id"]]["merchant_id"] == doors.stage.merchant_id
    assert rows[made["id"]]["overdue"] is False
    decided = operate(doors, made, decision="accept", candidate=1)
    assert (decided.body["result"], decided.body["latitude"]) == ("settled", 51.222)
    listed = doors.operate("GET", f"/v1/address-reviews?hub_id={hub_of(doors)}").body
    assert made["id"] not in {row["delivery_id"] for row in listed["address_reviews"]}


def test_the_desk_sets_a_position_or_refuses(doors: Doors) -> None:
    placed = order(doors, "A-place")
    decided = operate(doors, placed, decision="place", latitude=51.13, longitude=9.42)
    assert decided.body["result"] == "settled"
    refused = order(doors, "A-refuse")
    operate(doors, refused, decision="refuse")
    shown = doors.stage.as_merchant("GET", f"/v1/deliveries/{refused['id']}").body
    assert (shown["status"], shown["reason"]) == ("cancelled", "undeliverable_area")


def test_a_merchants_far_pin_is_shown_to_the_desk(doors: Doors) -> None:
    made = order(doors, "A-far")
    decided = as_merchant(doors, made, decision="place", latitude=51.13, longitude=9.42)
    assert decided.body["result"] == "referred"
    assert decided.body["reason"] == "answer_out_of_reach"
    assert decided.body["review"]["proposed"]["distance_m"] > 2_000
    state = doors.operate("GET", f"{path(made)}?merchant_id={doors.stage.merchant_id}").body
    assert state["review"]["stage"] == "referred"


def test_a_correction_that_stays_unclear_says_so(doors: Doors) -> None:
    made = order(doors, "A-unclear")
    decided = as_merchant(doors, made, decision="correct", address=LOST)
    assert decided.body["result"] == "still_unclear"
    doors.stage.places.answers |= {"Nowhere 1": (), "": ()}
    decided = as_merchant(doors, made, decision="correct", address={**LOST, "line1": "Nowhere 1"})
    assert (decided.status, decided.body["reason"]) == (422, "unknown_location")


@pytest.mark.parametrize(
    "decision",
    [
        {},
        {"decision": "guess"},
        {"decision": "accept"},
        {"decision": "accept", "candidate": 0},
        {"decision": "accept", "candidate": 50},
        {"decision": "place", "latitude": 51.2},
        {"decision": "place", "latitude": 91, "longitude": 9},
        {"decision": "correct"},
        {"decision": "correct", "address": {"line1": "x", "country": "DE"}},
        {"decision": "refuse"},
        {"decision": "accept", "candidate": 1, "colour": "blue"},
    ],
)
def test_a_decision_that_says_nothing_is_refused_by_its_field(
    doors: Doors, decision: dict[str, Any]
) -> None:
    made = _OPEN.get(id(doors)) or _OPEN.setdefault(id(doors), order(doors, "A-odd"))
    refused = as_merchant(doors, made, **decision)
    assert (refused.status, refused.body["code"]) == (422, "validation_error")
    state = doors.stage.as_merchant("GET", path(made)).body
    assert state["status"] == "address_review"


_OPEN: dict[int, dict[str, Any]] = {}


def test_somebody_elses_address_is_not_there(doors: Doors) -> None:
    made = order(doors, "A-foreign")
    other = doors.stage.other_api_key
    decision = {"decision": "accept", "candidate": 1, "merchant_id": doors.stage.merchant_id}
    for answered in (
        doors.stage.as_merchant("GET", path(made), key=other),
        doors.stage.as_merchant("POST", path(made), decision, key=other),
        doors.operate("GET", f"{path(made)}?merchant_id=mer_{'0' * 26}"),
    ):
        assert (answered.status, answered.body["code"]) == (404, "not_found")


def test_the_operator_says_whose_delivery_it_is(doors: Doors) -> None:
    made = order(doors, "A-whose")
    refused = doors.operate("POST", path(made), {"decision": "accept", "candidate": 1})
    assert refused.status == 422
    assert [one["field"] for one in refused.body["fields"]] == ["merchant_id"]


def test_an_order_by_webhook_is_held_as_one_by_api_is(doors: Doors) -> None:
    """One intake for all doors; the outcome is a delivery, not a rejection."""
    made = order(doors, "A-twice")
    events = doors.stage.as_merchant("GET", f"/v1/deliveries/{made['id']}/events").body["events"]
    assert [one["type"] for one in events] == ["delivery.created", "delivery.address_review"]
    assert events[1]["reason"] == "street_only"
