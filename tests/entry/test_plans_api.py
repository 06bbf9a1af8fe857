"""Plans over HTTP: asked for, solved by the solver's function, looked at, committed, taken back."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.entry.functions.solve_wave import solve_wave
from tests.builders import a_driver_at_work, a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import HUB, OPERATOR_KEY, Doors
from tests.entry.intake_stage import Answered
from tests.entry.lambda_stage import Context, from_queue, json


class Desk:
    """A hub of its own with two routes that one driver could do in one."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
        self.world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=self.hub_id))
        work = a_driver_at_work(f"drv_{self.hub_id}", hub_id=self.hub_id)
        self.world.run(lambda uow: wiring_save(uow, work))
        self.routes = [self.world.a_planned_route(2), self.world.a_planned_route(1)]

    def post(self, path: str, body: Any = None) -> Answered:
        return self.doors.call("POST", path, body, OPERATOR_KEY, {"Desk-User": "marta"})

    def ask(self, *, dry_run: bool = True) -> str:
        asked = self.post("/v1/plans", {"hub_id": self.hub_id, "dry_run": dry_run})
        assert (asked.status, asked.body["status"]) == (202, "queued")
        return str(asked.body["id"])

    def solve(self, plan_id: str) -> None:
        message = {"hub_id": self.hub_id, "plan_id": plan_id}
        assert wiring.queues().sent[-1] == ("waves", message)  # type: ignore[attr-defined]
        for _ in range(2):
            # Messages come twice.
            done = solve_wave(from_queue(json.dumps(message)), Context())
            assert done == {"batchItemFailures": []}

    def plan(self, plan_id: str) -> Any:
        shown = self.doors.operate("GET", f"/v1/plans/{plan_id}")
        assert shown.status == 200
        return shown.body


def wiring_save(uow: Any, work: Any) -> None:
    from chalicelib.domain.drivers import store as drivers

    drivers.save_work(uow, work)


@pytest.fixture(scope="module")
def desk(doors: Doors) -> Desk:
    return Desk(doors)


def test_a_plan_is_asked_for_solved_committed_and_taken_back(desk: Desk) -> None:
    plan_id = desk.ask()
    early = desk.post(f"/v1/plans/{plan_id}/commit")
    assert (early.status, early.body["plan_status"]) == (409, "queued")
    desk.solve(plan_id)
    shown = desk.plan(plan_id)
    assert (shown["status"], shown["by"]) == ("proposed", "marta")
    proposal = shown["proposal"]
    assert proposal["before"]["routes"] == 2
    assert (proposal["unserved"], proposal["stale"]) == ([], [])
    assert {one["why"] for one in proposal["moved"]} <= {"cheaper_there", "makes_room"}
    assert {route.status for route in map(desk.world.route, [r.id for r in desk.routes])} == {
        "planned"
    }
    committed = desk.post(f"/v1/plans/{plan_id}/commit", {})
    assert (committed.status, committed.body["status"]) == (200, "committed")
    assert committed.body["commit"]["dropped"] == []
    again = desk.post(f"/v1/plans/{plan_id}/commit", {})
    assert again.body["commit"] == committed.body["commit"]
    undone = desk.post(f"/v1/plans/{plan_id}/undo", {})
    assert len(undone.body["changes"]) == len(committed.body["commit"]["changes"])
    assert [desk.world.route(one.id).stops for one in desk.routes] == [
        one.stops for one in desk.routes
    ]


def test_without_a_dry_run_it_is_committed_at_once(desk: Desk) -> None:
    plan_id = desk.ask(dry_run=False)
    desk.solve(plan_id)
    shown = desk.plan(plan_id)
    assert (shown["status"], shown["commit"]["is_done"]) == ("committed", True)
    routes = [one["route_id"] for one in shown["proposal"]["routes"]]
    assert sum(len(list(desk.world.route(one).deliveries())) for one in routes) == 3


def test_an_old_proposal_is_void(desk: Desk) -> None:
    plan_id = desk.ask()
    desk.doors.stage.clock.advance(minutes=31)
    gone = desk.doors.operate("GET", f"/v1/plans/{plan_id}")
    assert (gone.status, gone.body["code"]) == (410, "plan_expired")


def test_a_plan_is_of_a_hub_that_exists(desk: Desk) -> None:
    assert desk.post("/v1/plans", {"hub_id": "hub_x"}).status == 404
    assert desk.doors.operate("GET", f"/v1/plans/{'pln_' + '0' * 26}").status == 404
