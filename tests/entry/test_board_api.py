"""The console's own routes: the day, its changes, one opened delivery, the streets."""

import json

from chalicelib import wiring
from chalicelib.domain.dispatch.today import marks
from chalicelib.domain.dispatch.today.marks import Thing
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import Doors
from tests.entry.visitors import Visitor

RECIPIENT = ("Ada Sommer", "Lindenweg", "+4915112345678", "second floor")


def a_world(doors: Doors) -> World:
    return World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))


def board_of(doors: Doors) -> dict:
    answered = doors.operate("GET", f"/ops/board?hub_id={doors.hub_id}")
    assert answered.status == 200, answered.raw
    return answered.body


def test_the_board_names_drivers_and_no_recipient(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    here = {"on_duty": True, "latitude": 51.2, "longitude": 9.4}
    assert doors.call("POST", "/v1/driver/duty", here, token).status == 200
    world = a_world(doors)
    world.a_planned_route()
    world.a_ready_delivery(77)
    board = board_of(doors)
    assert {"Kim"} == {one["name"] for one in board["drivers"] if one["id"] == driver_id}
    assert len(board["routes"][0]["stops"]) == 3
    assert board["waiting"]
    assert [text for text in RECIPIENT if text in json.dumps(board)] == []


def test_changes_lead_from_cursor_to_cursor(doors: Doors) -> None:
    world = a_world(doors)
    since = board_of(doors)["cursor"]
    for _ in range(2):
        doors.stage.clock.advance(seconds=15)
        path = f"/ops/changes?hub_id={doors.hub_id}&since={since}"
        since = doors.operate("GET", path).body["cursor"]
    route = world.a_planned_route()
    uow = wiring.unit_of_work()
    marks.note(uow, doors.hub_id, Thing.ROUTE, route.id)
    uow.commit()
    doors.stage.clock.advance(seconds=5)
    told = doors.operate("GET", f"/ops/changes?hub_id={doors.hub_id}&since={since}").body
    assert [one["id"] for one in told["routes"]] == [route.id]
    assert "waiting" not in told


def test_an_old_cursor_says_load_again(doors: Doors) -> None:
    since = board_of(doors)["cursor"]
    doors.stage.clock.advance(seconds=26 * 60)
    told = doors.operate("GET", f"/ops/changes?hub_id={doors.hub_id}&since={since}").body
    assert told["reload"] is True


def test_what_is_no_cursor_is_malformed(doors: Doors) -> None:
    told = doors.operate("GET", f"/ops/changes?hub_id={doors.hub_id}&since=nonsense")
    assert (told.status, told.body["code"]) == (400, "malformed_request")


def test_a_hub_that_is_not_there_has_no_board(doors: Doors) -> None:
    assert doors.operate("GET", "/ops/board?hub_id=hub_nowhere").status == 404


def test_opening_a_delivery_names_its_recipient(doors: Doors) -> None:
    made = a_world(doors).a_ready_delivery(78)
    path = f"/ops/deliveries/{made.id}?merchant_id={made.merchant_id}"
    opened = doors.operate("GET", path).body
    assert opened["dropoff"]["name"] == "Ada Sommer"
    assert doors.operate("GET", path.replace("mer_1", "mer_2")).status == 404


def test_merchants_and_strangers_stay_outside(doors: Doors) -> None:
    for path in (
        f"/ops/board?hub_id={doors.hub_id}",
        f"/ops/changes?hub_id={doors.hub_id}&since=x",
    ):
        assert doors.call("GET", path).status == 401
        assert doors.call("GET", path, token=doors.stage.api_key).status == 401


def test_whoever_has_signed_in_opens_the_console_and_its_day(
    doors: Doors, desk_client: Visitor
) -> None:
    assert desk_client.get("/ops").status == 200
    assert desk_client.get(f"/ops/board?hub_id={doors.hub_id}").status == 200
    assert doors.call("GET", "/ops").status == 303


def test_a_hub_without_a_street_file_has_plain_tiles(doors: Doors) -> None:
    path = f"/ops/streets?hub_id={doors.hub_id}&zoom=15&x=17240&y=10930"
    assert doors.operate("GET", path).body == {"main": [], "side": [], "credit": ""}
