"""Elsewhere, later, back: through the doors, for the merchant and for the desk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import collecting, store
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.move_errors import ExtensionRefused
from local.lockers import LoopbackLockers
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.test_deliveries_api import ask
from tests.entry.test_point_deliveries import POINT, a_point, bring, held, operate

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


def a_lockers_operator(stage: Stage) -> tuple[str, LoopbackLockers]:
    body = {"name": "Schließfach AG", "base_url": "https://lockers.example.com/api/"}
    made = operate(stage, "POST", "/v1/locker-operators", body)
    assert (made.status, made.body["base_url"]) == (201, "https://lockers.example.com/api")
    listed = operate(stage, "GET", "/v1/locker-operators").body["operators"]
    assert made.body in listed
    return made.body["id"], LoopbackLockers({}, made.body["secret"])


def test_an_operator_tells_of_its_own_lockers_and_nobody_else_does(stage: Stage) -> None:
    operator_id, theirs = a_lockers_operator(stage)
    point = a_point(stage, operator={"operator_id": operator_id, "name_there": "ST-1"})
    delivery_id = an_order(stage, "M-7")
    move(stage, delivery_id, "redirect", {"pickup_point_id": point})
    picked_up(stage, delivery_id)
    now = wiring.unit_of_work().wall_now
    name = f"{delivery_id}.{point}"
    outcomes = []
    for word in ("parcel.collected", "parcel.deposited", "door.left_open"):
        headers, raw = theirs.told(word, name, now, now)
        heard = stage.call("POST", f"/lockers/{operator_id}/events", raw, headers)
        outcomes.append((heard.status, heard.body["outcome"]))
    assert outcomes == [(200, "taken"), (200, "known"), (200, "known")]
    shown = stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}").body
    assert shown["status"] == "collected"
    headers, raw = theirs.told("parcel.collected", name, now, now)
    other, _ = a_lockers_operator(stage)
    assert stage.call("POST", f"/lockers/{other}/events", raw, headers).status == 401
    assert stage.call("POST", "/lockers/lop_0/events", raw, headers).status == 401


def test_a_point_of_an_operator_that_nobody_connected_is_not_opened(stage: Stage) -> None:
    whose = {"operator_id": "lop_00000000000000000000000000", "name_there": "ST-1"}
    refused = operate(stage, "POST", "/v1/pickup-points", {**POINT, "operator": whose})
    assert refused.status == 404
    bad = {"name": "Nobody", "base_url": "http://10.0.0.1/"}
    assert operate(stage, "POST", "/v1/locker-operators", bad).status == 422


def test_it_is_kept_longer_once_while_others_have_room(stage: Stage) -> None:
    point = a_point(stage, compartments=[{**ONE_SMALL[0], "count": 2}])
    first, second = an_order(stage, "M-8"), an_order(stage, "M-9")
    for delivery_id in (first, second):
        move(stage, delivery_id, "redirect", {"pickup_point_id": point})
    bring(stage, first)
    with pytest.raises(ExtensionRefused):
        keep_longer(stage, first)
    move(stage, second, "cancel")
    before = stage.as_merchant("GET", f"/v1/deliveries/{first}").body["collect_by"]
    kept = keep_longer(stage, first)
    assert kept.collect_by == datetime.fromisoformat(before) + collecting.KEPT_LONGER
    with pytest.raises(ExtensionRefused):
        keep_longer(stage, first)


def keep_longer(stage: Stage, delivery_id: str) -> Delivery:
    uow = wiring.unit_of_work()
    delivery = store.load(uow, DeliveryRef(stage.merchant_id, delivery_id))
    kept = collecting.keep_longer(uow, delivery)
    uow.commit()
    return kept


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
