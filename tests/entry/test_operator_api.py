"""The operations desk's doors: set up hubs, merchants and drivers; see routes and waves."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Unserved, Wave
from chalicelib.domain.drivers import store as drivers
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import HUB, VEHICLE, Doors

MERCHANT = {
    "name": "Blumen Roth",
    "platforms": ["shopify", "generic"],
    "stores": [
        {
            "external_id": "main",
            "name": "Markt",
            "address": "Markt 1",
            "latitude": 51.21,
            "longitude": 9.41,
        }
    ],
}


def test_a_hub_is_opened_with_sensible_defaults(doors: Doors) -> None:
    opened = doors.operate("POST", "/v1/hubs", HUB)
    assert opened.status == 201
    assert opened.body["id"].startswith("hub_")
    assert (opened.body["offer_ttl_s"], opened.body["wave_horizon_s"]) == (45, 14_400)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Europe/Atlantis"),
        ("country", "Germany"),
        ("latitude", 91),
        ("longitude", "east"),
        ("radius_m", 0),
        ("offer_ttl_s", 1),
        ("name", ""),
        ("colour", "blue"),
    ],
)
def test_a_hub_that_cannot_be_is_refused_by_its_field(
    doors: Doors, field: str, value: object
) -> None:
    refused = doors.operate("POST", "/v1/hubs", {**HUB, field: value})
    assert refused.status == 422
    assert [one["field"] for one in refused.body["fields"]] == [field]


def a_merchant(doors: Doors, **changes: Any) -> Any:
    return doors.operate("POST", "/v1/merchants", {**MERCHANT, "hub_id": doors.hub_id, **changes})


def test_a_merchant_gets_a_key_and_a_secret_for_each_platform(doors: Doors) -> None:
    opened = a_merchant(doors)
    assert opened.status == 201
    assert opened.body["api_key"].startswith("lm_live_")
    assert set(opened.body["webhook_secrets"]) == {"shopify", "generic"}
    assert [store["external_id"] for store in opened.body["stores"]] == ["main"]
    listed = doors.call("GET", "/v1/deliveries", token=opened.body["api_key"])
    assert (listed.status, listed.body["deliveries"]) == (200, [])


def test_a_merchant_needs_a_hub_that_exists(doors: Doors) -> None:
    assert a_merchant(doors, hub_id="hub_unknown").status == 404
    assert a_merchant(doors, platforms=["fax"]).status == 422
    assert a_merchant(doors, stores=[]).status == 422


def test_a_webhook_secret_is_replaced(doors: Doors) -> None:
    opened = a_merchant(doors).body
    path = f"/v1/merchants/{opened['id']}/webhook-secrets"
    renewed = doors.operate("POST", f"{path}/shopify")
    assert renewed.status == 201
    assert renewed.body["secret"] != opened["webhook_secrets"]["shopify"]
    assert doors.operate("POST", f"{path}/fax").status == 404
    assert doors.operate("POST", "/v1/merchants/mer_x/webhook-secrets/shopify").status == 404


def test_a_drivers_phone_is_understood_in_the_hubs_country_and_belongs_to_one(
    doors: Doors,
) -> None:
    body = {
        "name": "Kim",
        "phone_number": "0171 39200-99",
        "hub_id": doors.hub_id,
        "vehicle": VEHICLE,
    }
    assert doors.operate("POST", "/v1/drivers", body).status == 201
    again = doors.operate("POST", "/v1/drivers", {**body, "phone_number": "+49 171 3920099"})
    assert again.status == 409
    doors.call("POST", "/v1/driver/codes", {"phone_number": "+491713920099"})
    assert len(doors.texts.to("+491713920099")) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"hub_id": "hub_unknown"}, 404),
        ({"phone_number": "12"}, 422),
        ({"vehicle": {**VEHICLE, "kind": "balloon"}}, 422),
        ({"vehicle": {**VEHICLE, "max_weight_g": 0}}, 422),
        ({"name": " "}, 422),
        ({"name": "\u202e"}, 422),
    ],
)
def test_a_driver_that_cannot_be_is_refused(
    doors: Doors, changes: dict[str, Any], status: int
) -> None:
    body = {
        "name": "Kim",
        "phone_number": doors.a_phone(),
        "hub_id": doors.hub_id,
        "vehicle": VEHICLE,
    }
    assert doors.operate("POST", "/v1/drivers", {**body, **changes}).status == status


def test_routes_of_a_hub_are_listed_page_by_page(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=hub_id))
    planned = {world.a_planned_route().id for _ in range(3)}
    first = doors.operate("GET", f"/v1/routes?hub_id={hub_id}&limit=2").body
    cursor = first["next_cursor"]
    rest = doors.operate("GET", f"/v1/routes?hub_id={hub_id}&limit=2&cursor={cursor}").body
    listed = [route["id"] for route in (*first["routes"], *rest["routes"])]
    assert sorted(listed) == sorted(planned)
    assert [stop["kind"] for stop in first["routes"][0]["stops"]] == [
        "pickup",
        "dropoff",
        "dropoff",
    ]
    other = doors.operate("GET", f"/v1/routes?hub_id={doors.hub_id}&cursor={cursor}")
    assert (other.status, other.body["code"]) == (400, "malformed_request")


def test_a_wave_says_what_it_left_out_and_why(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=hub_id))
    left = world.a_ready_delivery()
    wave = Wave(
        id="wav_1",
        hub_id=hub_id,
        slot="2026-11-27T13",
        planned_at=doors.stage.clock.now(),
        engine="none",
        route_ids=(),
        served=0,
        unserved=(Unserved(world.refs[0], "no_vehicle"),),
        left_out=1,
        dropped=0,
    )
    world.run(lambda uow: dispatch.save_wave(uow, wave))
    listed = doors.operate("GET", f"/v1/waves?hub_id={hub_id}").body
    (wave_told,) = listed["waves"]
    (told,) = wave_told["unserved"]
    assert (told["delivery_id"], told["reason"]) == (left.id, "no_vehicle")
    assert (told["until"], told["explanation"]) == (None, None)
    assert (wave_told["sent"], wave_told["held"]) == ([], [])
    assert listed["next_cursor"] is None


@pytest.mark.parametrize("query", ["", "?hub_id=", "?hub_id=h&limit=0", "?hub_id=h&day=tomorrow"])
def test_a_list_that_is_asked_for_wrongly_is_refused(doors: Doors, query: str) -> None:
    for path in ("/v1/routes", "/v1/waves"):
        assert doors.operate("GET", f"{path}{query}").status == 422


def test_a_driver_who_was_enrolled_is_off_duty(doors: Doors) -> None:
    work = drivers.load_work(wiring.unit_of_work(), doors.enrol(doors.a_phone()))
    assert not work.on_duty
    assert not work.is_free
