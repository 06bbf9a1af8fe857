"""Tracking apps post to a driver's device address; the key in it opens that and nothing else."""

from chalicelib import wiring
from chalicelib.domain.tracking import whereabouts
from tests.entry.conftest import Doors

HERE = {"latitude": 51.2, "longitude": 9.4}


def a_tracker(doors: Doors) -> tuple[str, str, str, str]:
    """A driver on duty with a device: driver, token, device and the path that its app posts to."""
    driver_id, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    made = doors.call("POST", "/v1/driver/devices", {"name": "Phone"}, token)
    assert made.status == 201, made.raw
    doors.stage.clock.advance(minutes=1)
    _, _, path = made.body["url"].partition("/v1/")
    return driver_id, token, made.body["id"], f"/v1/{path}"


def seconds(doors: Doors) -> int:
    return int(doors.stage.clock.now().timestamp())


def test_owntracks_is_heard_and_answered_with_an_empty_list(doors: Doors) -> None:
    driver_id, _, _, path = a_tracker(doors)
    said = {"_type": "location", "tst": seconds(doors), "lat": 51.21, "lon": 9.41, "acc": 5}
    heard = doors.call("POST", path, said)
    assert (heard.status, heard.body) == (200, [])
    fix = whereabouts.last_fix(wiring.unit_of_work(), driver_id)
    assert fix is not None
    assert str(fix.position) == "51.210000,9.410000"
    for nothing in ({"_type": "lwt"}, [], b""):
        assert doors.call("POST", path, nothing).body == []


def test_traccar_client_is_heard_by_query_by_form_and_in_json(doors: Doors) -> None:
    _, _, _, path = a_tracker(doors)
    form = f"lat=51.21&lon=9.41&timestamp={seconds(doors)}&speed=5"
    by_query = doors.call("GET", f"{path}?{form}")
    assert (by_query.status, by_query.body) == (200, {"kept": 1, "thinned": 0, "refused": []})
    doors.stage.clock.advance(minutes=2)
    form = f"lat=51.22&lon=9.42&timestamp={seconds(doors)}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert doors.call("POST", path, form.encode(), headers=headers).body["kept"] == 1
    doors.stage.clock.advance(minutes=2)
    coords = {"latitude": 51.23, "longitude": 9.43, "accuracy": 500, "speed": -1}
    location = {"timestamp": doors.stage.clock.now().isoformat(), "coords": coords}
    refused = doors.call("POST", path, {"location": location, "device_id": "7"}).body
    assert refused["refused"] == [{"index": 0, "reason": "imprecise"}]


def test_what_cannot_be_read_is_answered_so(doors: Doors) -> None:
    _, _, _, path = a_tracker(doors)
    assert doors.call("POST", path, b"hello").status == 400
    assert doors.call("POST", path, {"neither": 1}).status == 400


def test_a_key_that_was_taken_back_opens_nothing(doors: Doors) -> None:
    _, token, device_id, path = a_tracker(doors)
    assert [one["id"] for one in listed(doors, token)] == [device_id]
    assert doors.call("DELETE", f"/v1/driver/devices/{device_id}", token=token).status == 204
    assert listed(doors, token) == []
    assert doors.call("POST", path, {"_type": "lwt"}).status == 404


def listed(doors: Doors, token: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = doors.call("GET", "/v1/driver/devices", token=token).body[
        "devices"
    ]
    return found


def test_the_desk_takes_a_lost_phones_key_back(doors: Doors) -> None:
    driver_id, token, device_id, path = a_tracker(doors)
    of_driver = f"/v1/drivers/{driver_id}/devices"
    assert [one["id"] for one in doors.operate("GET", of_driver).body["devices"]] == [device_id]
    other, _ = doors.a_driver()
    foreign = doors.operate("DELETE", f"/v1/drivers/{other}/devices/{device_id}")
    assert foreign.status == 404
    assert doors.operate("DELETE", f"{of_driver}/{device_id}").status == 204
    assert listed(doors, token) == []
    assert doors.call("POST", path, {"_type": "lwt"}).status == 404


def test_a_driver_has_five_devices_at_most(doors: Doors) -> None:
    driver_id, _, _, _ = a_tracker(doors)
    path, body = f"/v1/drivers/{driver_id}/devices", {"name": "Spare"}
    statuses = [doors.operate("POST", path, body).status for _ in range(5)]
    assert statuses == [201] * 4 + [409]
