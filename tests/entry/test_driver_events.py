"""Taps in batches: what a phone kept in the stairwell counts once, in order, at its own time."""

import gzip
from datetime import timedelta
from typing import Any

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.kit.timewindow import read_instant, write_instant
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import Doors
from tests.entry.test_driver_api import HERE, on_the_road, states


def a_tap(kind: str, stop_id: str, number: int = 1, **body: Any) -> dict[str, Any]:
    return {"id": f"tap-{kind}-{number:04d}", "kind": kind, "stop_id": stop_id, "body": body}


def send(doors: Doors, token: str, *taps: Any) -> Any:
    return doors.call("POST", "/v1/driver/events", {"events": list(taps)}, token)


def statuses(answered: Any) -> list[int]:
    assert answered.status == 200, answered.raw
    return [result["status"] for result in answered.body["results"]]


def histories(stops: list[dict[str, Any]], token: str, doors: Doors) -> list[list[str]]:
    """What happened to the deliveries of a route, door by door."""
    route_id = doors.call("GET", "/v1/driver/route", token=token).body["route"]["id"]
    route = dispatch.load_route(wiring.unit_of_work(), route_id)
    return [
        [entry.what for entry in deliveries.load(wiring.unit_of_work(), ref).history]
        for ref in route.deliveries()
    ]


def test_a_whole_route_comes_in_one_batch_and_ends(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    taps = [
        a_tap(kind, stop["id"], number)
        for number, stop in enumerate(stops)
        for kind in ("arrive", "complete")
    ]
    answered = send(doors, token, *taps)
    assert statuses(answered) == [200] * len(taps)
    last = answered.body["results"][-1]["after"]
    assert last["route"]["status"] == "completed"
    assert last["next_stop_id"] is None
    assert doors.call("GET", "/v1/driver/route", token=token).body["route"] is None


def test_a_batch_that_comes_again_changes_nothing_even_with_an_undo_in_it(doors: Doors) -> None:
    """Played again, the arrival would be an arrival once more: the undo has reopened the stop."""
    token, stops = on_the_road(doors)
    first = stops[0]["id"]
    batch = [a_tap("arrive", first), a_tap("undo", first), a_tap("arrive", first, 2)]
    answers = [send(doors, token, *batch), send(doors, token, *batch)]
    assert [statuses(answered) for answered in answers] == [[200] * 3] * 2
    told = histories(stops, token, doors)
    assert [one.count("arrived_at_pickup") for one in told] == [2] * len(told)
    assert [one.count("undone") for one in told] == [1] * len(told)


def test_each_tap_counts_at_its_own_time(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    tapped_at = doors.stage.clock.now() + timedelta(seconds=30)
    doors.stage.clock.advance(minutes=10)
    send(doors, token, a_tap("arrive", stops[0]["id"], at=write_instant(tapped_at)))
    route_id = doors.call("GET", "/v1/driver/route", token=token).body["route"]["id"]
    stop = dispatch.load_route(wiring.unit_of_work(), route_id).stops[0]
    assert stop.arrived_at == read_instant(write_instant(tapped_at))


def test_one_that_is_refused_stops_none_of_the_others(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    door = stops[1]["id"]
    answered = send(
        doors,
        token,
        a_tap("arrive", "stp_01m83qpnc10y2w525st46371np"),
        {"id": "x"},
        a_tap("complete", stops[0]["id"]),
        a_tap("complete", door, 2, proofs=[{"kind": "pin", "pin": "no"}]),
        a_tap("fail", door, 3, reason="customer_unavailable"),
    )
    assert statuses(answered) == [404, 422, 200, 422, 200]
    assert states(doors, token)["dropoff"] == ["failed", "pending"]


def test_one_that_was_refused_may_come_again_and_count(doors: Doors) -> None:
    """Only what counted is kept: a PIN may be typed wrong and then right under the same id."""
    token, stops = on_the_road(doors)
    tap = a_tap("complete", stops[0]["id"])
    assert statuses(send(doors, token, {**tap, "body": {"at": "yesterday"}})) == [422]
    assert statuses(send(doors, token, tap)) == [200]


def test_a_foreign_drivers_taps_find_nothing(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    _, stranger = doors.a_driver()
    assert statuses(send(doors, stranger, a_tap("arrive", stops[0]["id"]))) == [404]
    assert states(doors, token)["pickup"] == ["pending"]


def test_an_id_of_one_driver_is_not_taken_from_another(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    other_token, other_stops = on_the_road(doors)
    assert statuses(send(doors, token, a_tap("arrive", stops[0]["id"]))) == [200]
    assert statuses(send(doors, other_token, a_tap("arrive", other_stops[0]["id"]))) == [200]
    assert states(doors, other_token)["pickup"] == ["arrived"]


def test_more_than_a_hundred_taps_come_in_turns(doors: Doors) -> None:
    token, stops = on_the_road(doors)
    taps = [a_tap("arrive", stops[0]["id"], number) for number in range(101)]
    assert send(doors, token, *taps).status == 422


def test_a_route_of_fifty_doors_is_one_small_download(doors: Doors) -> None:
    """A phone with one bar loads the whole day before it goes into the cellar."""
    driver_id, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))
    route = world.a_planned_route(50)
    offer_id = world.run(lambda uow: offers.make(uow, route, world.work(driver_id), 700, 45)).id
    assert doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token).status == 200
    shown = doors.call("GET", "/v1/driver/route", token=token)
    assert len(shown.body["route"]["stops"]) == 51
    packed = len(gzip.compress(shown.raw, 9))
    print(f"a route of 50 doors: {len(shown.raw)} bytes, {packed} gzipped")
    assert packed <= 10_000
