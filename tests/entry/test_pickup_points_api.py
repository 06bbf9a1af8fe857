"""The doors of pickup points: the operator manages them, merchants read them."""

from typing import Any

import pytest

from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered

POINT = {
    "name": "Station",
    "kind": "locker",
    "line1": "Station Square 1",
    "city": "Kassel",
    "postal_code": "34117",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "compartments": [{"size": "small", "count": 9, "max_weight_g": 5_000, "max_volume_ml": 9_000}],
}


def ask(doors: Doors, method: str, path: str, body: Any = None) -> Answered:
    return doors.call(method, path, body, doors.stage.api_key)


def test_pickup_points_are_the_operators_to_manage_and_a_merchants_to_read(doors: Doors) -> None:
    here = {**POINT, "latitude": -33.1, "longitude": 18.1}
    opened = doors.operate("POST", "/v1/pickup-points", here)
    assert opened.status == 201
    path = f"/v1/pickup-points/{opened.body['id']}"
    near = "/v1/pickup-points?lat=-33.11&lng=18.1"
    [found] = ask(doors, "GET", near).body["pickup_points"]
    assert found == {**opened.body, "distance_m": found["distance_m"]}
    assert 1_000 < found["distance_m"] < 1_200
    assert found["open_now"]
    assert ask(doors, "GET", path).body == opened.body
    assert ask(doors, "GET", f"{near}&max_weight_g=6000").body["pickup_points"] == []
    for method in ("POST", "PUT", "DELETE"):
        where = "/v1/pickup-points" if method == "POST" else path
        assert ask(doors, method, where, here).status == 401
    changed = doors.operate("PUT", path, {**here, "active": False})
    assert (changed.status, changed.body["open_now"]) == (200, False)
    assert ask(doors, "GET", near).body["pickup_points"] == []
    assert opened.body["id"] in [
        one["id"] for one in doors.operate("GET", "/v1/pickup-points").body["pickup_points"]
    ]
    assert doors.operate("DELETE", path).status == 204
    assert ask(doors, "GET", path).status == 404


def test_hours_of_a_counter_tell_whether_it_is_open(doors: Doors) -> None:
    """Noon of a Friday on the stage, 13:00 there."""
    counter = {**POINT, "kind": "counter", "latitude": -33.5, "longitude": 18.5}
    hours = {"friday": [{"opens": "09:00", "closes": "12:30"}]}
    opened = doors.operate("POST", "/v1/pickup-points", {**counter, "hours": hours}).body
    assert (opened["hours"]["friday"], opened["open_now"]) == (hours["friday"], False)
    assert (
        doors.operate("POST", "/v1/pickup-points", {**counter, "hours": {"friday": [{}]}}).status
        == 422
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"compartments": []},
        {"latitude": 91},
        {"kind": "drone"},
        {"country": "Germany"},
        {"name": " "},
        {"hours": {"monday": [{"opens": "12:00", "closes": "09:00"}]}},
    ],
)
def test_a_pickup_point_that_cannot_be_is_refused(doors: Doors, changes: dict[str, Any]) -> None:
    form = {**POINT, "latitude": 51.2, "longitude": 9.4} | changes
    assert doors.operate("POST", "/v1/pickup-points", form).status == 422
