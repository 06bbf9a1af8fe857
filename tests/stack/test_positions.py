"""Pings on the deployed stack: past the web function, in a role of their own; outlooks follow."""

from typing import Any

from local.seed import CENTRE
from tests.stack.town import Place, Town, wait_until


def ping(town: Town, token: str, latitude: float) -> Any:
    fix = {"latitude": latitude, "longitude": CENTRE[1], "at": town.clock.now().isoformat()}
    return town.call("POST", "/v1/driver/location", {"pings": [fix]}, token)


def accepted_route(town: Town, place: Place, token: str) -> str:
    town.order_many(place, 3)
    town.ask_for_wave(place, "wav_positions")

    offer = town.offers(token)[0]
    taken = town.call("POST", f"/v1/offers/{offer['id']}/accept", {}, token)
    assert taken.status == 200, taken.raw
    return str(offer["route_id"])


def test_pings_have_a_function_of_their_own_and_outlooks_follow(town: Town) -> None:
    place = town.open_place("Positions")
    (driver,) = town.on_duty(place, 1)
    token = town.token(driver)
    route_id = accepted_route(town, place, token)

    heard = ping(town, token, CENTRE[0])
    assert heard.status == 202, heard.raw
    assert heard.body["kept"] == 1
    assert town.workers("take_positions")

    device = town.call("POST", "/v1/driver/devices", {"name": "Spare"}, token).body
    path = "/v1/" + device["url"].partition("/v1/")[2]
    said = {"_type": "location", "tst": int(town.clock.now().timestamp()), "lat": CENTRE[0] + 0.01}
    heard = town.call("POST", path, {**said, "lon": CENTRE[1], "acc": 5})
    assert (heard.status, heard.body) == (200, [])
    by_query = f"{path}?lat={CENTRE[0]}&lon={CENTRE[1]}&timestamp={said['tst'] - 1}"
    assert town.call("GET", by_query).status == 200

    operator = town.stack.operator_key
    shown = town.call("GET", f"/v1/routes/{route_id}/eta", token=operator).body
    assert [stop["stops_before"] for stop in shown["stops"]] == [0, 0, 1, 2]
    for tap in ("arrive", "complete"):
        stop = shown["stops"][0]["stop_id"]
        assert town.call("POST", f"/v1/stops/{stop}/{tap}", {}, token).status == 200
    # The relay makes the outlook anew and tells, under its own role, that the driver is near.
    first = shown["stops"][1]["delivery_ids"][0]

    def announced() -> bool:
        events = town.call("GET", f"/v1/deliveries/{first}/events", token=place.api_key).body
        return "delivery.announced" in [event["type"] for event in events["events"]]

    assert wait_until(announced)
    assert town.call("GET", f"/v1/late-risks?hub_id={place.hub_id}", token=operator).status == 200
