"""A merchant changes its mind before the pickup; what it does not name stays as it is."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Assign, PickUp, Plan
from chalicelib.domain.deliveries.store import DeliveryRef
from tests.builders import NOON
from tests.entry.intake_stage import Stage, a_stage
from tests.entry.test_deliveries_api import ask


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "edits") as made:
        yield made


def shown(stage: Stage, delivery_id: str) -> dict:
    body = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}").body
    # What the recipient thought of it is no part of what can be changed.
    assert body.pop("rating") is None
    return body


def edit(stage: Stage, delivery_id: str, body: dict):
    return stage.as_merchant("PATCH", f"/v1/deliveries/{delivery_id}", body)


def test_only_what_is_named_changes(stage: Stage) -> None:
    made = ask(stage, "E-1").body
    before = shown(stage, made["id"])
    after = edit(stage, made["id"], {"dropoff": {"notes": "Ring twice"}}).body
    assert after["dropoff"] == {**before["dropoff"], "notes": "Ring twice"}
    assert after["window"] == before["window"]
    assert after["version"] == before["version"] + 1
    assert shown(stage, made["id"]) == after


def test_the_same_edit_again_changes_nothing(stage: Stage) -> None:
    made = ask(stage, "E-2").body
    change = {"dropoff": {"name": "Mara V.", "phone_number": "0171 3920008"}}
    first = edit(stage, made["id"], change).body
    assert first["dropoff"]["phone_number"] == "+491713920008"
    assert edit(stage, made["id"], change).body == first
    assert edit(stage, made["id"], {}).body == first


def test_a_window_moves_and_an_impossible_one_does_not(stage: Stage) -> None:
    made = ask(stage, "E-3").body
    later = {"start_time": "2026-11-28T09:00:00Z", "end_time": "2026-11-28T12:00:00Z"}
    moved = edit(stage, made["id"], {"window": later}).body
    assert moved["window"]["end_time"] == "2026-11-28T12:00:00.000Z"
    past = {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-20T12:00:00Z"}
    refused = edit(stage, made["id"], {"window": past})
    assert (refused.status, refused.body["reason"]) == (422, "window_impossible")
    assert shown(stage, made["id"]) == moved
    rejected = stage.as_merchant("GET", "/v1/rejections").body["rejections"]
    assert made["id"] not in {one["delivery_id"] for one in rejected}


def test_a_phone_that_cannot_be_one_is_refused(stage: Stage) -> None:
    made = ask(stage, "E-4").body
    refused = edit(stage, made["id"], {"dropoff": {"phone_number": "12"}})
    assert refused.status == 422
    assert refused.body["fields"][0]["field"] == "dropoff.phone_number"


def test_a_parcel_on_its_way_is_not_changed(stage: Stage) -> None:
    made = ask(stage, "E-5").body
    uow = wiring.unit_of_work()
    ref = DeliveryRef(stage.merchant_id, made["id"])
    deliveries.carry_out(uow, ref, Plan(NOON, "rte_1"), Assign(NOON, "drv_1"), PickUp(NOON))
    uow.commit()
    refused = edit(stage, made["id"], {"dropoff": {"notes": "Ring twice"}})
    assert (refused.status, refused.body["code"]) == (409, "illegal_transition")
    assert refused.body["delivery_status"] == "picked_up"


def test_an_order_is_edited_by_the_shops_own_id(stage: Stage) -> None:
    made = ask(stage, "E-6").body
    changed = edit(stage, "ext:E-6", {"dropoff": {"notes": "Back door"}})
    assert changed.body["id"] == made["id"]
    assert edit(stage, "ext:nobody", {}).status == 404
