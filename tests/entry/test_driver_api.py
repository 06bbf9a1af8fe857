"""The driver's doors: duty, offers, stops; what is another driver's is not there."""

import re
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.instructing import instruct
from chalicelib.domain.deliveries.instructions import IfMissed, Instructions
from chalicelib.domain.deliveries.requirements import NOTHING, Requirements
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.drivers import store as drivers
from chalicelib.kit.geo import LatLng
from tests.builders import DOOR_AT, HUB_AT, a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import Doors

HERE = {"latitude": HUB_AT.latitude, "longitude": HUB_AT.longitude}


# -- duty, positions, offers ---------------------------------------------------------------------


def test_on_and_off_duty(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    on = doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    assert on.body["on_duty"] is True
    assert on.body["shift_ends_at"] is not None
    assert drivers.load_work(wiring.unit_of_work(), driver_id).position == HUB_AT
    off = doors.call("POST", "/v1/driver/duty", {"on_duty": False, **HERE}, token)
    assert off.body["on_duty"] is False


def test_pings_are_taken_in_batches(doors: Doors) -> None:
    _, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    doors.stage.clock.advance(minutes=2)
    at = doors.stage.clock.now().isoformat()
    pings = [{**HERE, "at": at, "accuracy_m": metres, "speed_mps": 4.0} for metres in (8.5, 300)]
    taken = doors.call("POST", "/v1/driver/location", {"pings": pings}, token)
    refused = [{"index": 1, "reason": "imprecise"}]
    assert (taken.status, taken.body) == (202, {"kept": 1, "thinned": 0, "refused": refused})
    assert doors.call("POST", "/v1/driver/location", {"pings": []}, token).status == 422


def an_offer(doors: Doors, requirements: Requirements = NOTHING) -> tuple[World, str, str, str]:
    """A route offered to a driver: world, driver's id, token, offer's id."""
    driver_id, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))
    world.requirements = requirements
    route = world.a_planned_route()
    offer_id = world.run(lambda uow: offers.make(uow, route, world.work(driver_id), 700, 45)).id
    return world, driver_id, token, offer_id


def test_an_offer_says_what_it_asks_for_and_not_where_anybody_lives(doors: Doors) -> None:
    _, _, token, offer_id = an_offer(doors)
    shown = doors.call("GET", "/v1/driver/offers", token=token).body["offers"]
    assert [offer["id"] for offer in shown] == [offer_id]
    assert (shown[0]["stops"], shown[0]["deliveries"]) == (3, 2)
    near = shown[0]["ends_near"]
    assert LatLng(near["latitude"], near["longitude"]).distance_m(DOOR_AT) < 1500
    assert not re.search(r"Ada|Lindenweg|\+4915", str(shown))


def test_another_drivers_offer_is_not_there(doors: Doors) -> None:
    _, _, token, offer_id = an_offer(doors)
    _, stranger = doors.a_driver()
    for answer in ("accept", "decline"):
        assert doors.call("POST", f"/v1/offers/{offer_id}/{answer}", {}, stranger).status == 404
    assert doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token).status == 200


def test_a_yes_twice_is_one_yes_and_a_no_after_it_is_too_late(doors: Doors) -> None:
    _, _, token, offer_id = an_offer(doors)
    answers = [doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token) for _ in range(2)]
    assert [answered.status for answered in answers] == [200, 200]
    assert answers[0].raw == answers[1].raw
    late = doors.call("POST", f"/v1/offers/{offer_id}/decline", {}, token)
    assert late.status in (404, 409)


def test_a_no_ends_the_offer(doors: Doors) -> None:
    _, _, token, offer_id = an_offer(doors)
    no = doors.call("POST", f"/v1/offers/{offer_id}/decline", {"reason": "too_far"}, token)
    assert no.body == {"offer_id": offer_id, "status": "declined"}
    assert doors.call("GET", "/v1/driver/offers", token=token).body["offers"] == []
    assert doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token).status == 404


def test_an_offer_ends_by_our_clock(doors: Doors) -> None:
    _, _, token, offer_id = an_offer(doors)
    doors.stage.clock.advance(seconds=45)
    assert doors.call("GET", "/v1/driver/offers", token=token).body["offers"] == []
    late = doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token)
    assert (late.status, late.body["code"]) == (409, "offer_expired")


# -- the road ------------------------------------------------------------------------------------


def on_the_road(
    doors: Doors, requirements: Requirements = NOTHING
) -> tuple[str, list[dict[str, Any]]]:
    _, _, token, offer_id = an_offer(doors, requirements)
    assert doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token).status == 200
    return token, doors.call("GET", "/v1/driver/route", token=token).body["route"]["stops"]


def test_the_driver_sees_the_doors_of_the_route_and_nobody_else_does(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    assert [stop["kind"] for stop in stops] == ["pickup", "dropoff", "dropoff"]
    assert stops[1]["name"] == "Ada Sommer"
    assert "name" not in stops[0]
    _, stranger = doors.a_driver()
    assert doors.call("GET", "/v1/driver/route", token=stranger).body["route"] is None
    assert doors.call("GET", "/v1/driver/route", token=token).status == 200


def test_the_driver_sees_what_the_recipient_says_to_the_driver(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    assert stops[1]["deliveries"][0]["instructions"] is None
    route_id = doors.call("GET", "/v1/driver/route", token=token).body["route"]["id"]
    uow = wiring.unit_of_work()
    ref = dispatch.load_route(uow, route_id).stops[1].deliveries[0]
    person = delivery_store.load_recipient(uow, ref)
    assert person is not None
    said = Instructions("4711#", safe_place="behind the shed")
    instruct(uow, delivery_store.load(uow, ref), person, said, IfMissed.SAFE_PLACE)
    uow.commit()
    shown = doors.call("GET", "/v1/driver/route", token=token).body["route"]["stops"][1]
    (parcel,) = shown["deliveries"]
    assert parcel["instructions"]["gate_code"] == "4711#"
    assert parcel["instructions"]["if_missed"] == "safe_place"
    assert parcel["requirements"]["action"] == "leave_at_door"
    for action in ("arrive", "complete"):
        doors.call("POST", f"/v1/stops/{stops[0]['id']}/{action}", {}, token)
    # A phone that had not heard of it hands over in person, without a photo.
    in_person = doors.call("POST", f"/v1/stops/{shown['id']}/complete", {}, token)
    assert in_person.status == 200


def test_a_foreign_drivers_stop_is_not_there(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    others, _ = on_the_road(doors)
    bodies: dict[str, dict[str, Any]] = {
        "arrive": {},
        "complete": {},
        "fail": {"reason": "customer_unavailable"},
        "undo": {},
        "proofs": {"content_type": "image/jpeg", "size_bytes": 1000},
    }
    for action, body in bodies.items():
        foreign = doors.call("POST", f"/v1/stops/{stops[0]['id']}/{action}", body, others)
        unknown = doors.call("POST", f"/v1/stops/stp_unknown/{action}", body, others)
        assert (foreign.status, foreign.body["code"]) == (404, "not_found"), action
        without = [{**one.body, "request_id": ""} for one in (foreign, unknown)]
        assert without[0] == without[1], "a foreign stop answers as one that never was"
    assert doors.call("POST", f"/v1/stops/{stops[0]['id']}/arrive", {}, token).status == 200


def test_taps_are_idempotent_and_lead_to_the_next_stop(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    first = stops[0]["id"]
    for action in ("arrive", "complete"):
        taps = [doors.call("POST", f"/v1/stops/{first}/{action}", {}, token) for _ in range(2)]
        assert [tap.status for tap in taps] == [200, 200]
        assert taps[0].body == taps[1].body
    assert taps[0].body["stop"] == {"id": first, "status": "done"}
    assert taps[0].body["next_stop_id"] == stops[1]["id"]


def test_a_driver_with_a_route_stays_on_duty(doors: Doors) -> None:
    token, _ = on_the_road(doors)
    off = doors.call("POST", "/v1/driver/duty", {"on_duty": False, **HERE}, token)
    assert (off.status, off.body["code"]) == (409, "driver_busy")


def test_a_failed_door_adds_a_return_and_an_undo_takes_it_back(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    for action in ("arrive", "complete"):
        doors.call("POST", f"/v1/stops/{stops[0]['id']}/{action}", {}, token)
    door = stops[1]["id"]
    reason = {"reason": "customer_unavailable"}
    failed = doors.call("POST", f"/v1/stops/{door}/fail", reason, token)
    assert failed.body["stop"]["status"] == "failed"
    assert states(doors, token) == {
        "pickup": ["done"],
        "dropoff": ["failed", "pending"],
        "return": ["pending"],
    }
    assert doors.call("POST", f"/v1/stops/{door}/undo", {}, token).status == 200
    assert states(doors, token)["dropoff"] == ["pending", "pending"]
    assert states(doors, token)["return"] == ["skipped"]


def states(doors: Doors, token: str) -> dict[str, list[str]]:
    """The statuses of the route's stops, by kind, in their order."""
    found: dict[str, list[str]] = {}
    for stop in doors.call("GET", "/v1/driver/route", token=token).body["route"]["stops"]:
        found.setdefault(stop["kind"], []).append(stop["status"])
    return found


def test_an_undo_comes_within_five_minutes(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    doors.call("POST", f"/v1/stops/{stops[0]['id']}/arrive", {}, token)
    doors.stage.clock.advance(minutes=5, seconds=1)
    late = doors.call("POST", f"/v1/stops/{stops[0]['id']}/undo", {}, token)
    assert (late.status, late.body["code"]) == (409, "undo_too_late")


def handed_over(doors: Doors, **completion: Any) -> LatLng | None:
    """Complete a door with a name; returns where the proof says that the phone was."""
    token, stops = on_the_road(doors)
    for action in ("arrive", "complete"):
        doors.call("POST", f"/v1/stops/{stops[0]['id']}/{action}", {}, token)
    if "ping" in completion:
        ping = {**completion.pop("ping"), "at": doors.stage.clock.now().isoformat()}
        assert doors.call("POST", "/v1/driver/location", {"pings": [ping]}, token).body["kept"]
        doors.stage.clock.advance(seconds=completion.pop("later_s"))
    body = {"proofs": [{"kind": "name", "name": "A. Sommer"}], **completion}
    done = doors.call("POST", f"/v1/stops/{stops[1]['id']}/complete", body, token)
    assert done.status == 200
    route = dispatch.load_route(wiring.unit_of_work(), done.body["route"]["id"])
    stop = route.stop(stops[1]["id"])
    assert stop is not None
    (proof,) = delivery_store.load(wiring.unit_of_work(), stop.deliveries[0]).proofs
    return proof.position


NEAR = {"latitude": 51.2001, "longitude": 9.4001}


def test_a_proof_says_where_the_phone_was(doors: Doors) -> None:
    assert handed_over(doors, position=NEAR) == LatLng(51.2001, 9.4001)


@pytest.mark.parametrize(("later_s", "counts"), [(30, True), (91, False)])
def test_without_a_position_a_fresh_ping_counts(doors: Doors, later_s: int, counts: bool) -> None:
    """An old one is of another door; better nothing is learned than the wrong house."""
    found = handed_over(doors, ping=NEAR, later_s=later_s)
    assert found == (LatLng(51.2001, 9.4001) if counts else None)
