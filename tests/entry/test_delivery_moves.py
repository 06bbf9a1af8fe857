"""Elsewhere, later, back: through the doors, for the merchant and for the desk."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.test_deliveries_api import ask
from tests.entry.test_point_deliveries import a_point, held, operate

ONE_SMALL = [{"size": "small", "count": 1, "max_weight_g": 1_000, "max_volume_ml": 5_000}]


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "moves") as made:
        yield made


def move(stage: Stage, delivery_id: str, what: str, body: Any = None) -> Answered:
    return stage.as_merchant("POST", f"/v1/deliveries/{delivery_id}/{what}", body)


def an_order(stage: Stage, name: str) -> str:
    made = ask(stage, name)
    assert made.status == 201, made.body
    return str(made.body["id"])


def picked_up(stage: Stage, delivery_id: str) -> None:
    uow = wiring.unit_of_work()
    ref = DeliveryRef(stage.merchant_id, delivery_id)
    at = uow.now
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at))
    deliveries.carry_out(uow, ref, *steps)
    uow.commit()


def test_to_a_point_and_home_again(stage: Stage) -> None:
    point = a_point(stage)
    delivery_id = an_order(stage, "M-1")
    for _ in range(2):
        there = move(stage, delivery_id, "redirect", {"pickup_point_id": point})
        assert (there.status, there.body["pickup_point_id"]) == (200, point), there.body
    assert list(held(stage, point)) == [delivery_id]
    home = move(stage, delivery_id, "redirect", {"to": "home"})
    assert (home.body["pickup_point_id"], held(stage, point)) == (None, {})


def test_a_full_point_says_so_and_so_does_one_that_is_not_there(stage: Stage) -> None:
    point = a_point(stage, compartments=ONE_SMALL)
    first, second = an_order(stage, "M-2"), an_order(stage, "M-3")
    assert move(stage, first, "redirect", {"pickup_point_id": point}).status == 200
    full = move(stage, second, "redirect", {"pickup_point_id": point})
    assert (full.status, full.body["code"]) == (409, "point_full")
    nowhere = move(stage, second, "redirect", {"pickup_point_id": "pup_0"})
    assert nowhere.status == 404
    assert move(stage, second, "redirect", {}).status == 422


def test_only_windows_that_are_listed_can_be_booked(stage: Stage) -> None:
    delivery_id = an_order(stage, "M-4")
    path = f"/v1/deliveries/{delivery_id}/windows"
    windows = stage.as_merchant("GET", path).body["windows"]
    wanted = {name: windows[-1][name] for name in ("start_time", "end_time")}
    for _ in range(2):
        later = move(stage, delivery_id, "reschedule", {"window": wanted})
        assert (later.status, later.body["window"]) == (200, wanted)
    own = {"start_time": wanted["start_time"], "end_time": "2026-12-24T12:00:00Z"}
    refused = move(stage, delivery_id, "reschedule", {"window": own})
    assert (refused.status, refused.body["code"]) == (409, "window_not_bookable")


def test_a_parcel_on_board_turns_back_once(stage: Stage) -> None:
    delivery_id = an_order(stage, "M-5")
    assert move(stage, delivery_id, "return", {}).body["code"] == "illegal_transition"
    picked_up(stage, delivery_id)
    for _ in range(2):
        turned = move(stage, delivery_id, "return", {"reason": "customer_request"})
        assert (turned.status, turned.body["status"]) == (200, "returning")
    gone = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}/windows").body
    assert gone == {"windows": []}


def test_the_desk_names_the_merchant_and_stands_in_the_history(stage: Stage) -> None:
    point = a_point(stage)
    delivery_id = an_order(stage, "M-6")
    path = f"/v1/deliveries/{delivery_id}/redirect"
    body = {"pickup_point_id": point}
    assert operate(stage, "POST", path, body).status == 422
    named = {**body, "merchant_id": stage.merchant_id}
    assert operate(stage, "POST", path, named).status == 200
    windows = f"/v1/deliveries/{delivery_id}/windows?merchant_id={stage.merchant_id}"
    assert operate(stage, "GET", windows).status == 200
    foreign = {**body, "merchant_id": "mer_00000000000000000000000000"}
    assert operate(stage, "POST", path, foreign).status == 404
