"""To a pickup point, through the doors: a place for each, a code for whoever collects."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import codes, collecting, store
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit import tokens
from tests.builders import DOOR_AT, SERVER_KEY
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.test_deliveries_api import ask

POINT = {
    "name": "Station",
    "kind": "locker",
    "line1": "Station Square 1",
    "city": "Kassel",
    "postal_code": "34117",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "latitude": DOOR_AT.latitude,
    "longitude": DOOR_AT.longitude,
    "compartments": [
        {"size": "small", "count": 1, "max_weight_g": 1_000, "max_volume_ml": 5_000},
        {"size": "large", "count": 1, "max_weight_g": 9_000, "max_volume_ml": 60_000},
    ],
}
HEAVY = [{"weight_g": 9_500, "volume_ml": 900}]
MIDDLE = [{"weight_g": 4_000, "volume_ml": 20_000}]


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "points") as made:
        card = {
            "merchant_id": made.merchant_id,
            "currency": "EUR",
            "base_minor": 490,
            "pickup_point_discount": {"flat_minor": 100},
        }
        assert made.as_merchant("POST", "/v1/rate-cards", card, "operator").status == 201
        yield made


def operate(stage: Stage, method: str, path: str, body: Any = None) -> Answered:
    return stage.as_merchant(method, path, body, "operator")


def a_point(stage: Stage, **changes: Any) -> str:
    opened = operate(stage, "POST", "/v1/pickup-points", {**POINT, **changes})
    assert opened.status == 201, opened.body
    return str(opened.body["id"])


def bring(stage: Stage, delivery_id: str) -> None:
    """Drive it to the point by the domain."""
    ref = DeliveryRef(stage.merchant_id, delivery_id)
    uow = wiring.unit_of_work()
    at = uow.now
    until = at + timedelta(days=7)
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at))
    deliveries.carry_out(uow, ref, *steps, life.LeaveAtPickupPoint(at, until))
    uow.commit()


def held(stage: Stage, point: str) -> dict[str, str]:
    told = operate(stage, "GET", f"/v1/pickup-points/{point}/parcels").body["parcels"]
    return {one["delivery_id"]: one["size"] for one in told}


def code_of(delivery_id: str) -> str:
    return tokens.collection_code(SERVER_KEY, delivery_id)


def collect(stage: Stage, point: str, delivery_id: str, code: str) -> Answered:
    path = f"/v1/pickup-points/{point}/parcels/{delivery_id}/collect"
    return operate(stage, "POST", path, {"code": code})


def test_each_order_gets_the_smallest_compartment_left_and_the_last_one_none(stage: Stage) -> None:
    point = a_point(stage)
    made = [ask(stage, f"P-{n}", pickup_point_id=point).body for n in range(2)]
    assert held(stage, point) == {made[0]["id"]: "small", made[1]["id"]: "large"}
    full = ask(stage, "P-2", pickup_point_id=point)
    assert (full.status, full.body["reason"]) == (422, "pickup_point_full")
    assert made[0]["pickup_point_id"] == point
    assert made[0]["dropoff"]["latitude"] == DOOR_AT.latitude
    cancelled = stage.as_merchant("POST", f"/v1/deliveries/{made[1]['id']}/cancel")
    assert cancelled.body["status"] == "cancelled"
    assert ask(stage, "P-2", pickup_point_id=point).status == 201


@pytest.mark.parametrize(
    ("changes", "order", "reason"),
    [
        ({"active": False}, {}, "unknown_pickup_point"),
        ({}, {"items": HEAVY}, "too_large_for_pickup_point"),
        ({"hours": {"monday": [{"opens": "09:00", "closes": "12:00"}]}}, {}, "pickup_point_closed"),
        ({"latitude": 48.1, "longitude": 11.6}, {}, "outside_service_area"),
    ],
)
def test_a_point_that_cannot_take_it_says_why(
    stage: Stage, changes: dict[str, Any], order: dict[str, Any], reason: str
) -> None:
    """Noon of a Friday, with a promise of eight hours."""
    point = a_point(stage, **changes)
    refused = ask(stage, f"R-{reason}", pickup_point_id=point, **order)
    assert (refused.status, refused.body["code"]) == (422, "address_undeliverable")
    assert refused.body["reason"] == reason
    assert held(stage, point) == {}


def test_an_unknown_point_and_a_service_without_one_are_refused(stage: Stage) -> None:
    unknown = ask(stage, "R-1", pickup_point_id="pup_00000000000000000000000000")
    assert unknown.body["reason"] == "unknown_pickup_point"
    assert ask(stage, "R-1", service="pickup_point").status == 422


def test_a_pickup_point_asks_for_nothing_but_its_code(stage: Stage) -> None:
    point = a_point(stage)
    for wish in ({"pin": True}, {"action": "leave_at_door"}, {"id_min_age": 18}):
        refused = ask(stage, "R-2", pickup_point_id=point, requirements=wish)
        assert refused.body["code"] == "impossible_requirements"
        assert refused.body["reason"] == "asked_at_pickup_point"


def test_a_quote_to_a_point_is_cheaper_and_takes_its_place_when_accepted(stage: Stage) -> None:
    point = a_point(stage)
    form = {"service": "pickup_point", "pickup_point_id": point, "items": MIDDLE}
    quotes = [stage.as_merchant("POST", "/v1/quotes", form).body for _ in range(2)]
    assert (quotes[0]["service"], quotes[0]["fee"]) == ("pickup_point", 390)
    assert held(stage, point) == {}
    to = {"name": "Mara", "address": {"line1": "Weg 1", "city": "Kassel", "country": "DE"}}
    accepted = [
        stage.as_merchant(
            "POST",
            f"/v1/quotes/{quote['id']}/accept",
            {"external_id": f"PQ-{n}", "dropoff": to},
        )
        for n, quote in enumerate(quotes)
    ]
    assert [one.status for one in accepted] == [201, 422]
    assert accepted[1].body["reason"] == "pickup_point_full"
    made = accepted[0].body
    assert made["pickup_point_id"] == point
    assert held(stage, point) == {made["id"]: "large"}
    charged = stage.as_merchant("GET", f"/v1/deliveries/{made['id']}/charges").body
    assert charged["total_minor"] == 390


def test_whoever_shows_the_code_collects_it_once(stage: Stage) -> None:
    point = a_point(stage)
    made = ask(stage, "C-1", pickup_point_id=point).body
    early = collect(stage, point, made["id"], code_of(made["id"]))
    assert (early.status, early.body["code"]) == (409, "illegal_transition")
    bring(stage, made["id"])
    wrong = f"{(int(code_of(made['id'])) + 1) % 10**6:06d}"
    assert collect(stage, point, made["id"], wrong).body["code"] == "wrong_collection_code"
    twice = [collect(stage, point, made["id"], code_of(made["id"])) for _ in range(2)]
    assert [one.status for one in twice] == [200, 200]
    assert twice[0].body == twice[1].body
    assert twice[0].body["status"] == "collected"
    assert held(stage, point) == {}


def test_after_five_tries_in_an_hour_the_right_code_is_wrong_too(stage: Stage) -> None:
    point = a_point(stage)
    made = ask(stage, "C-2", pickup_point_id=point).body
    bring(stage, made["id"])
    wrong = f"{(int(code_of(made['id'])) + 1) % 10**6:06d}"
    for _ in range(codes.MOST_TRIES):
        assert collect(stage, point, made["id"], wrong).status == 409
    assert collect(stage, point, made["id"], code_of(made["id"])).status == 409
    stage.clock.advance(hours=1)
    assert collect(stage, point, made["id"], code_of(made["id"])).status == 200


def test_a_parcel_is_collected_where_it_lies_and_nowhere_else(stage: Stage) -> None:
    here, there = a_point(stage), a_point(stage)
    made = ask(stage, "C-3", pickup_point_id=here).body
    bring(stage, made["id"])
    assert collect(stage, there, made["id"], code_of(made["id"])).status == 404
    path = f"/v1/pickup-points/{here}/parcels/{made['id']}/collect"
    assert stage.as_merchant("POST", path, {"code": code_of(made["id"])}).status == 401


def sweep() -> list[str]:
    """What the function does at each tick."""
    uow = wiring.unit_of_work()
    hub_id = store.load(uow, DeliveryRef(*SWEPT)).hub_id
    told = []
    for ref in list(collecting.due(uow, hub_id)):
        step = wiring.unit_of_work()
        after = collecting.take_step(step, ref)
        step.commit()
        if after is not None and ref.delivery_id == SWEPT[1]:
            told.append(after.history[-1].what)
    return told


SWEPT: list[str] = []


def test_nobody_comes_so_it_goes_back_after_a_reminder(stage: Stage) -> None:
    point = a_point(stage)
    made = ask(stage, "S-1", pickup_point_id=point).body
    bring(stage, made["id"])
    SWEPT[:] = [stage.merchant_id, made["id"]]
    stage.clock.advance(days=5, hours=23)
    assert sweep() == []
    stage.clock.advance(hours=2)
    assert sweep() == ["collection_due"]
    assert sweep() == [], "once"
    stage.clock.advance(hours=23)
    assert sweep() == ["returning"]
    assert sweep() == []
    assert held(stage, point) == {made["id"]: "small"}, "it lies there still"
    late = collect(stage, point, made["id"], code_of(made["id"]))
    assert (late.status, late.body["code"]) == (409, "illegal_transition")
    assert operate(stage, "DELETE", f"/v1/pickup-points/{point}").status == 409
    back = f"/v1/pickup-points/{point}/parcels/{made['id']}/hand-back"
    twice = [operate(stage, "POST", back) for _ in range(2)]
    assert [one.body["status"] for one in twice] == ["returned", "returned"]
    assert held(stage, point) == {}
    assert operate(stage, "DELETE", f"/v1/pickup-points/{point}").status == 204
