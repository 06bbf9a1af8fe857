"""Why a delivery waits or is where it is: its merchant reads its own, the desk reads everything."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import RunnerUp, Unserved, Wave, Why
from chalicelib.domain.dispatch.reasons import Blocking, Relaxed
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World
from tests.entry import belongings
from tests.entry.conftest import HUB, Doors


@pytest.fixture
def world(doors: Doors) -> World:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    return World(wiring.unit_of_work, doors.stage.clock, a_hub(id=hub_id))


def explained(doors: Doors, world: World, number: int = 0) -> Any:
    ref = world.refs[number]
    path = f"/v1/deliveries/{ref.delivery_id}/explain?merchant_id={ref.merchant_id}"
    shown = doors.operate("GET", path)
    assert shown.status == 200
    return shown.body


def a_wave(world: World, why: Blocking) -> None:
    wave = Wave(
        id=world.begin().new_id("wav"),
        hub_id=world.hub.id,
        slot="2026-11-27T13",
        planned_at=world.clock.now(),
        engine="native",
        route_ids=(),
        served=0,
        unserved=(Unserved(world.refs[0], "outside_shift", why),),
        left_out=1,
        dropped=0,
    )
    world.run(lambda uow: dispatch.save_wave(uow, wave))


def test_what_waits_says_what_stands_in_the_way(doors: Doors, world: World) -> None:
    world.a_ready_delivery()
    assert explained(doors, world)["waits"]["reason"] == "next_wave"
    a_wave(world, Blocking("shift", Relaxed("shift_later", 840, 512_000, "drv_9", pays=True)))
    waits = explained(doors, world)["waits"]
    assert (waits["reason"], waits["constraint"]) == ("outside_shift", "shift")
    assert waits["relaxation"] == {
        "lever": "shift_later",
        "amount": 840,
        "added_cost_points": 512_000,
        "driver_id": "drv_9",
        "pays": True,
    }


def test_what_is_on_a_route_says_what_it_costs_and_who_was_asked(
    doors: Doors, world: World
) -> None:
    route, other = world.a_planned_route(2), world.a_planned_route(1)
    world.an_offer(route, world.a_driver(f"drv_{world.hub.id}"))
    shown = explained(doors, world, 1)
    assert (shown["state"], shown["on_route"]["doors_before"]) == ("planned", 1)
    desk = shown["desk"]
    assert desk["alone"]["cost"]["total_points"] > 0
    assert [(one["driver_id"], one["status"]) for one in desk["asked"]] == [
        (f"drv_{world.hub.id}", "made")
    ]
    assert desk["asked"][0]["why"] is None
    assert [one["route_id"] for one in desk["elsewhere"]] == [other.id]
    assert desk["elsewhere"][0]["added_cost_points"] > 0


def test_the_terms_of_the_choice_and_who_came_next_are_told_to_the_desk(
    doors: Doors, world: World
) -> None:
    route, driver = world.a_planned_route(1), world.a_driver(f"drv_why_{world.hub.id}")
    why = Why({"approach": 150, "acceptance": 216}, (RunnerUp("drv_2", {"approach": 402}),), 7)
    world.run(lambda uow: offers.make(uow, route, driver, 900, 45, why=why))
    (asked,) = explained(doors, world)["desk"]["asked"]
    assert (asked["why"]["cost_s"], asked["why"]["considered"]) == (366, 7)
    assert asked["why"]["runners_up"] == [
        {"driver_id": "drv_2", "terms_s": {"approach": 402}, "cost_s": 402}
    ]


def test_what_was_done_by_hand_is_told_to_the_desk(doors: Doors, world: World) -> None:
    route = world.a_planned_route(2)
    path = f"/v1/routes/{route.id}/stops/{route.stops[1].id}/move"
    seen = doors.operate("POST", path, {"unassign": True}).body["if_version"]
    doors.operate("POST", path, {"unassign": True, "preview": False, "if_version": seen})
    by_hand = explained(doors, world)["desk"]["by_hand"]
    assert [(one["what"], one["by"]) for one in by_hand] == [("unplanned", "desk")]


def test_a_merchant_reads_its_own_and_nothing_of_drivers(doors: Doors) -> None:
    owned = belongings.a_delivery(doors)
    path = f"/v1/deliveries/{owned.id}/explain"
    shown = doors.call("GET", path, token=owned.token)
    assert (shown.status, shown.body["desk"]) == (200, None)
    assert "drv_" not in shown.raw.decode()
    assert doors.call("GET", path, token=doors.stage.other_api_key).status == 404
    assert doors.operate("GET", path).status == 422
