"""The desk's hands over HTTP: rules, moves with a preview, the journal, undo."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.tracking import whereabouts
from chalicelib.domain.tracking.positions import Ping
from tests.builders import STORE_AT, a_driver_at_work, a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import HUB, OPERATOR_KEY, Doors
from tests.entry.intake_stage import Answered


class Desk:
    """A hub of its own with routes, and a dispatcher."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
        self.world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=self.hub_id))

    def post(self, path: str, body: Any = None, who: str = "marta") -> Answered:
        return self.doors.call("POST", path, body, OPERATOR_KEY, {"Desk-User": who})

    def commit(self, path: str, body: dict[str, Any], who: str = "marta") -> Answered:
        seen = self.post(path, body).body["if_version"]
        return self.post(path, {**body, "preview": False, "if_version": seen}, who)


@pytest.fixture
def desk(doors: Doors) -> Desk:
    return Desk(doors)


def test_a_move_is_looked_at_committed_and_undone(desk: Desk) -> None:
    first, second = desk.world.a_planned_route(2), desk.world.a_planned_route(2)
    path = f"/v1/routes/{first.id}/stops/{first.stops[1].id}/move"
    shown = desk.post(path, {"to_route_id": second.id})
    assert (shown.status, shown.body["change_id"]) == (200, None)
    assert shown.body["if_version"] == {first.id: 1, second.id: 1}
    assert desk.world.route(first.id) == first
    moved = desk.commit(path, {"to_route_id": second.id})
    assert moved.status == 200
    # What was shown is what was done.
    for name in ("cost_delta_points", "distance_delta_m", "duration_delta_s", "deliveries"):
        assert moved.body[name] == shown.body[name]
    listed = desk.doors.operate("GET", f"/v1/hubs/{desk.hub_id}/changes").body["changes"]
    assert [(one["id"], one["by"], one["kind"]) for one in listed] == [
        (moved.body["change_id"], "marta", "move")
    ]
    undo = f"/v1/hubs/{desk.hub_id}/changes/{moved.body['change_id']}/undo"
    undone = desk.post(undo, {})
    assert (undone.status, undone.body["kind"]) == (200, "undo")
    assert desk.post(undo, {}).body == undone.body
    assert desk.world.route(first.id).stops == first.stops


def test_who_is_near_is_listed_before_a_route_is_handed_over(desk: Desk) -> None:
    world = desk.world
    route = world.an_assigned_route()
    other = a_driver_at_work("drv_2", hub_id=desk.hub_id)
    world.run(lambda uow: drivers.save_work(uow, other))
    here = [Ping(STORE_AT, world.clock.now())]
    world.run(lambda uow: whereabouts.take_in(uow, "drv_2", here))
    (near,) = desk.doors.operate("GET", f"/v1/routes/{route.id}/nearby-drivers").body["drivers"]
    assert (near["id"], near["distance_m"], near["bar"]) == ("drv_2", 0, None)
    handed = desk.post(f"/v1/routes/{route.id}/hand-over", {"driver_id": near["id"]})
    assert (handed.status, handed.body["driver_id"]) == (200, "drv_2")


def test_the_second_dispatcher_sees_a_conflict_and_who_was_first(desk: Desk) -> None:
    first, second = desk.world.a_planned_route(2), desk.world.a_planned_route(2)
    path = f"/v1/routes/{first.id}/stops/{first.stops[1].id}/move"
    seen = desk.post(path, {"unassign": True}).body["if_version"]
    desk.commit(path, {"to_route_id": second.id})
    late = desk.post(path, {"unassign": True, "preview": False, "if_version": seen}, "jo")
    assert (late.status, late.body["code"]) == (409, "preview_stale")
    assert (late.body["route_id"], late.body["by"]) == (first.id, "marta")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to_route_id": "rte_x", "unassign": True},
        {"unassign": True, "preview": False},
        {"unassign": True, "force": True},
        {"unassign": True, "if_version": {"rte_x": "1"}},
    ],
)
def test_a_move_that_is_not_whole_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    route = desk.world.a_planned_route(2)
    path = f"/v1/routes/{route.id}/stops/{route.stops[1].id}/move"
    assert desk.post(path, body).status == 422


def test_what_cannot_be_moved_says_why(desk: Desk) -> None:
    route = desk.world.a_planned_route(2)
    refused = desk.post(f"/v1/routes/{route.id}/stops/{route.stops[0].id}/move", {"unassign": True})
    assert (refused.status, refused.body["code"]) == (409, "move_impossible")
    assert refused.body["reason"] == "not_a_door"
    elsewhere = Desk(desk.doors).world.a_planned_route(1)
    foreign = desk.post(
        f"/v1/routes/{route.id}/stops/{route.stops[1].id}/move", {"to_route_id": elsewhere.id}
    )
    assert foreign.status == 404


def test_a_route_is_reordered_split_and_merged(desk: Desk) -> None:
    route = desk.world.a_planned_route(3)
    ids = [stop.id for stop in route.stops]
    order = {"order": [ids[0], ids[3], ids[2], ids[1]]}
    assert desk.commit(f"/v1/routes/{route.id}/order", order).status == 200
    parted = desk.commit(f"/v1/routes/{route.id}/split", {"stop_id": ids[2]})
    assert parted.status == 200
    new = next(one["route_id"] for one in parted.body["routes"] if one["before"] is None)
    merged = desk.commit(f"/v1/routes/{route.id}/merge", {"with_route_id": new})
    assert [one["route_status"] for one in merged.body["routes"]] == ["planned", "cancelled"]
    assert len(list(desk.world.route(route.id).deliveries())) == 3


def test_a_waiting_delivery_is_put_onto_a_route(desk: Desk) -> None:
    route = desk.world.a_planned_route(1)
    desk.world.a_ready_delivery(7)
    ref = desk.world.refs[-1]
    body = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}
    placed = desk.commit(f"/v1/routes/{route.id}/deliveries", body)
    assert (placed.status, placed.body["kind"]) == (200, "place")
    again = desk.post(f"/v1/routes/{route.id}/deliveries", body)
    assert (again.status, again.body["reason"]) == (409, "not_waiting")


def test_a_rule_is_made_listed_kept_and_deleted(desk: Desk) -> None:
    route, other = desk.world.a_planned_route(1), desk.world.a_planned_route(1)
    ref = desk.world.refs[0]
    pointer = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}
    rules = f"/v1/hubs/{desk.hub_id}/rules"
    body = {
        "kind": "pin_to_route",
        "reason": "heavy, goes with the lift",
        "deliveries": [pointer],
        "route_id": route.id,
    }
    made = desk.post(rules, body)
    assert (made.status, made.body["by"]) == (201, "marta")
    assert desk.doors.operate("GET", rules).body["rules"] == [made.body]
    clash = desk.post(rules, {**body, "route_id": other.id})
    assert (clash.body["code"], clash.body["rule_id"]) == ("rule_conflict", made.body["id"])
    path = f"/v1/routes/{route.id}/stops/{route.stops[1].id}/move"
    shown = desk.post(path, {"to_route_id": other.id}).body
    assert [one["code"] for one in shown["violations"]] == ["rule_pin_to_route"]
    assert desk.commit(path, {"to_route_id": other.id}).body["code"] == "rule_broken"
    forced = {"to_route_id": other.id, "force": True, "reason": "the lift broke"}
    assert desk.commit(path, forced).status == 200
    assert desk.doors.operate("DELETE", f"{rules}/{made.body['id']}").status == 204
    assert desk.doors.operate("DELETE", f"{rules}/{made.body['id']}").status == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "pin_to_driver"},
        {"kind": "together"},
        {"kind": "leave_by"},
        {"kind": "exclude_driver"},
        {"reason": " "},
        {"driver_id": "drv_x"},
    ],
)
def test_a_rule_that_is_not_whole_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    pointer = {"merchant_id": "mer_1", "delivery_id": "del_1"}
    body = {"kind": "pin_to_route", "reason": "x", "deliveries": [pointer], "route_id": "rte_1"}
    assert desk.post(f"/v1/hubs/{desk.hub_id}/rules", {**body, **changes}).status == 422


def test_a_rule_is_about_what_is_here(desk: Desk) -> None:
    pointer = {"merchant_id": "mer_1", "delivery_id": "del_1"}
    body = {"kind": "leave_by", "reason": "x", "deliveries": [pointer]}
    body["leave_by_at"] = "2026-11-27T15:00:00Z"
    assert desk.post(f"/v1/hubs/{desk.hub_id}/rules", body).status == 404
