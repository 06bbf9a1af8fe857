"""The doors of coverage: who may draw what, what a checkout is told, in which words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.kit.geo import LatLng
from tests.builders import DOOR_AT, HUB_AT
from tests.domain.coverage.outlines import a_polygon, a_square
from tests.entry.conftest import HUB, Doors
from tests.entry.intake_stage import Answered
from tests.entry.test_operator_api import MERCHANT

AROUND = a_square(51.1, 9.2, 51.3, 9.6)
CLASSES = [
    {"service": "same_day", "cut_off": "14:00"},
    {"service": "next_day", "cut_off": "20:00"},
    {"service": "scheduled", "cut_off": "24:00", "window_s": 7200, "capacity_per_window": 1},
]


class Shop:
    """A hub of its own with one merchant, so that no test sees the areas of another."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.hub_id = doors.operate("POST", "/v1/hubs", {**HUB, "country": "DE"}).body["id"]
        opened = doors.operate("POST", "/v1/merchants", {**MERCHANT, "hub_id": self.hub_id}).body
        self.id, self.key = opened["id"], opened["api_key"]

    def ask(self, method: str, path: str, body: Any = None) -> Answered:
        return self.doors.call(method, path, body, self.key)

    def operate(self, method: str, path: str, body: Any = None) -> Answered:
        return self.doors.operate(method, path, body)

    def draw(self, **changes: Any) -> Answered:
        form = {"name": "Mitte", "area": AROUND, "hub_id": self.hub_id} | changes
        return self.operate("POST", "/v1/service-areas", form)

    def promise(self, **changes: Any) -> Answered:
        form = {"classes": CLASSES} | changes
        return self.operate("PUT", f"/v1/hubs/{self.hub_id}/promises", form)

    def coverage(self, position: LatLng = DOOR_AT) -> Any:
        found = self.ask("GET", f"/v1/coverage?lat={position.latitude}&lng={position.longitude}")
        assert found.status == 200
        return found.body

    def windows(self, **query: Any) -> Any:
        place = {"lat": DOOR_AT.latitude, "lng": DOOR_AT.longitude} | query
        text = "&".join(f"{name}={value}" for name, value in place.items() if value is not None)
        found = self.ask("GET", f"/v1/delivery-windows?{text}")
        assert found.status == 200
        return found.body


@pytest.fixture
def shop(doors: Doors) -> Shop:
    return Shop(doors)


class PostalCodes:
    def centre(self, *, postal_code: str, country: str, near: LatLng) -> LatLng | None:
        return DOOR_AT if (postal_code, country) == ("34117", "DE") else None


@pytest.fixture(autouse=True)
def postal_codes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(wiring, "hasty_places", PostalCodes)
    return


def test_a_drawn_area_is_answered_as_it_is_kept(shop: Shop) -> None:
    drawn = shop.draw(zone="inner", priority=3)
    assert drawn.status == 201
    assert drawn.body["area"] == AROUND
    assert (drawn.body["zone_id"], drawn.body["priority"]) == ("inner", 3)
    assert 600_000_000 < drawn.body["area_m2"] < 640_000_000
    path = f"/v1/service-areas/{drawn.body['id']}"
    assert shop.operate("GET", path).body == drawn.body
    listed = shop.operate("GET", f"/v1/service-areas?hub_id={shop.hub_id}").body
    assert listed == {"service_areas": [drawn.body], "next_cursor": None}


def test_a_checkout_is_told_where_we_deliver_and_in_which_zone(shop: Shop) -> None:
    drawn = shop.draw(zone="inner").body
    shop.promise()
    assert shop.coverage() == {
        "covered": True,
        "reason": None,
        "latitude": DOOR_AT.latitude,
        "longitude": DOOR_AT.longitude,
        "zone_id": "inner",
        "area_ids": [drawn["id"]],
        "services": ["same_day", "next_day", "scheduled"],
    }
    outside = shop.coverage(LatLng(52, 9))
    assert (outside["covered"], outside["reason"]) == (False, "outside_service_area")
    assert outside["services"] == []


def test_a_postal_code_is_as_good_as_its_middle(shop: Shop) -> None:
    found = shop.ask("GET", "/v1/coverage?postal_code=34117")
    assert (found.body["covered"], found.body["latitude"]) == (True, DOOR_AT.latitude)
    unknown = shop.ask("GET", "/v1/coverage?postal_code=34117&country=FR").body
    assert (unknown["covered"], unknown["reason"]) == (False, "unknown_location")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lat=51",
        "lng=9",
        "lat=91&lng=9",
        "lat=nan&lng=9",
        "lat=51&lng=inf",
        "lat=51&lng=9&postal_code=34117",
        "postal_code=1",
        "postal_code=34117&country=de",
        "lat=51&lng=9&colour=blue",
    ],
)
def test_a_place_that_cannot_be_is_refused(shop: Shop, query: str) -> None:
    for path in ("coverage", "delivery-windows"):
        assert shop.ask("GET", f"/v1/{path}?{query}").status == 422


def test_what_no_area_can_be_is_refused_with_its_reason(shop: Shop) -> None:
    bow = [[9, 51], [9.1, 51.1], [9.1, 51], [9, 51.1], [9, 51]]
    refused = shop.draw(area={"type": "Polygon", "coordinates": [bow]})
    assert (refused.status, refused.body["code"]) == (422, "unusable_area")
    assert refused.body["reason"] == "ring_crosses_itself"
    assert shop.draw(area=[]).body["code"] == "validation_error"


def test_an_area_of_the_largest_size_is_drawn(shop: Shop) -> None:
    outline = a_polygon(3, 4_999, 20_000, HUB_AT, roughness=0.02)
    drawn = shop.draw(area={"type": "Feature", "properties": {}, "geometry": outline})
    assert drawn.status == 201
    assert shop.coverage()["area_ids"] == [drawn.body["id"]]


def test_an_area_is_redrawn_and_erased(shop: Shop) -> None:
    path = f"/v1/service-areas/{shop.draw().body['id']}"
    there = a_square(51.5, 9.3, 51.6, 9.5)
    again = shop.operate("PUT", path, {"name": "North", "area": there})
    assert (again.status, again.body["name"], again.body["area"]) == (200, "North", there)
    assert not shop.coverage()["covered"]
    erased = shop.operate("DELETE", path)
    assert (erased.status, erased.raw) == (204, b"")
    assert shop.coverage()["covered"]
    assert shop.operate("DELETE", path).status == 404


def test_an_area_stays_with_its_owner(shop: Shop) -> None:
    path = f"/v1/service-areas/{shop.draw().body['id']}"
    moved = shop.operate("PUT", path, {"name": "x", "area": AROUND, "merchant_id": shop.id})
    assert moved.status == 409


def test_a_merchant_narrows_where_it_sells(shop: Shop) -> None:
    shop.draw()
    narrow = {"name": "Only here", "area": a_square(51.195, 9.395, 51.205, 9.405)}
    drawn = shop.ask("POST", "/v1/service-areas", narrow)
    assert (drawn.status, drawn.body["merchant_id"]) == (201, shop.id)
    assert shop.coverage()["reason"] == "outside_merchant_area"
    own = shop.ask("GET", "/v1/service-areas").body["service_areas"]
    assert [area["id"] for area in own] == [drawn.body["id"]]
    network = shop.ask("GET", f"/v1/service-areas?hub_id={shop.hub_id}").body["service_areas"]
    assert len(network) == 1
    path = f"/v1/service-areas/{drawn.body['id']}"
    assert shop.ask("PUT", path, {"name": "All", "area": AROUND}).status == 200
    assert shop.ask("DELETE", path).status == 204


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "inner"}, "zone"),
        ({"priority": 9}, "priority"),
        ({"use": "pricing"}, "use"),
        ({"promises": {}}, "promises"),
        ({"hub_id": "hub_x"}, "hub_id"),
        ({"merchant_id": "mer_x"}, "merchant_id"),
    ],
)
def test_a_merchant_sets_nothing_that_is_the_networks(
    shop: Shop, changes: dict[str, Any], field: str
) -> None:
    refused = shop.ask("POST", "/v1/service-areas", {"name": "x", "area": AROUND, **changes})
    assert refused.status == 422
    assert [one["field"] for one in refused.body["fields"]] == [field]


def test_a_merchant_does_not_touch_what_the_network_drew_for_it(shop: Shop) -> None:
    """A dear zone could be erased, else."""
    drawn = shop.draw(hub_id=None, merchant_id=shop.id, use="pricing", zone="islands").body
    path = f"/v1/service-areas/{drawn['id']}"
    assert shop.coverage()["zone_id"] == "islands"
    assert shop.ask("GET", path).status == 200
    assert shop.ask("DELETE", path).status == 409
    assert shop.ask("PUT", path, {"name": "x", "area": AROUND}).status == 409


def test_foreign_areas_are_not_found(doors: Doors, shop: Shop) -> None:
    other = Shop(doors)
    theirs = other.ask("POST", "/v1/service-areas", {"name": "x", "area": AROUND}).body["id"]
    networks = shop.draw().body["id"]
    for area_id in (theirs, networks, "zon_01m83qpnc10y2w525st46371np", "zon_x"):
        path = f"/v1/service-areas/{area_id}"
        for method, body in (
            ("GET", None),
            ("PUT", {"name": "x", "area": AROUND}),
            ("DELETE", None),
        ):
            assert shop.ask(method, path, body).status == 404, (method, area_id)
    assert shop.ask("GET", f"/v1/service-areas?hub_id={other.hub_id}").status == 404
    assert shop.ask("GET", f"/v1/service-areas?merchant_id={other.id}").status == 404


def test_an_operator_names_one_owner_that_exists(shop: Shop) -> None:
    assert shop.draw(hub_id=None).status == 422
    assert shop.draw(merchant_id=shop.id).status == 422
    assert shop.draw(hub_id="hub_x").status == 404
    assert shop.draw(hub_id=None, merchant_id="mer_x").status == 404
    assert shop.draw(hub_id=None, merchant_id=shop.id, promises={}).status == 422
    assert shop.operate("GET", "/v1/service-areas").status == 422


def test_promises_are_answered_as_they_were_set(shop: Shop) -> None:
    hours = {"monday": [{"opens": "08:00", "closes": "24:00"}]}
    form = {
        "classes": [
            {
                "service": "scheduled",
                "cut_off": "24:00",
                "lead_days": 2,
                "horizon_days": 9,
                "window_s": 7200,
                "notice_s": 60,
                "capacity_per_window": 4,
            }
        ],
        "timezone": "Europe/Paris",
        "hours": hours,
        "holidays": ["2026-12-25"],
        "capacity_per_day": 40,
    }
    assert shop.promise(**form).body == form
    path = f"/v1/hubs/{shop.hub_id}/promises"
    assert shop.operate("GET", path).body == form
    assert shop.operate("PUT", path, {}).body["classes"] == []
    assert shop.operate("PUT", "/v1/hubs/hub_01m83qpn8tsfztk8g4j2we32hb/promises", {}).status == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": [{"service": "same_day", "cut_off": "25:00"}]},
        {"classes": [{"service": "same_day", "cut_off": "14:00", "lead_days": 1}]},
        {"classes": [{"service": "express", "cut_off": "14:00"}]},
        {"classes": [{"service": "scheduled", "cut_off": "14:00", "window_s": 3601}]},
        {"hours": {"monday": [{"opens": "09:00", "closes": "09:00"}]}},
        {
            "hours": {
                "monday": [
                    {"opens": "09:00", "closes": "12:00"},
                    {"opens": "11:00", "closes": "13:00"},
                ]
            }
        },
        {"holidays": ["2026-02-30"]},
        {"timezone": "Europe/Atlantis"},
        {"capacity_per_day": -1},
    ],
)
def test_promises_that_cannot_be_kept_are_refused(shop: Shop, changes: dict[str, Any]) -> None:
    assert shop.promise(**changes).status == 422


def test_windows_of_today_with_their_cut_off(shop: Shop) -> None:
    """13:00 on a Friday in Berlin; the stage's clock moves on by minutes at most."""
    shop.promise()
    told = shop.windows()
    [today] = told["windows"]
    assert (today["service"], today["bookable"], today["left"]) == ("same_day", True, None)
    assert today["order_by"] == "2026-11-27T13:00:00.000Z"
    assert (
        told["not_offered"]
        == [
            {"service": "next_day", "reason": "not_offered"},
            {"service": "scheduled", "reason": "past_cut_off"},
        ]
        or {"service": "next_day", "reason": "not_offered"} in told["not_offered"]
    )


def test_what_is_left_of_a_window_shrinks_and_is_given_back(shop: Shop) -> None:
    shop.promise(classes=CLASSES[2:])
    [first, *_] = shop.windows(date="2026-11-28")["windows"]
    assert (first["left"], first["bookable"], first["reason"]) == (1, True, None)
    window = {"start_time": first["start_time"], "end_time": first["end_time"]}
    made = shop.ask("POST", "/v1/deliveries", a_delivery("A-1", window))
    assert made.status == 201
    [first, *_] = shop.windows(date="2026-11-28")["windows"]
    assert (first["left"], first["bookable"], first["reason"]) == (0, False, "no_capacity_left")
    refused = shop.ask("POST", "/v1/deliveries", a_delivery("A-2", window))
    assert (refused.status, refused.body["reason"]) == (422, "no_capacity_left")
    cancelled = shop.ask("POST", f"/v1/deliveries/{made.body['id']}/cancel", {})
    assert cancelled.status == 200
    assert shop.windows(date="2026-11-28")["windows"][0]["left"] == 1


def a_delivery(external_id: str, window: dict[str, str]) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "dropoff": {
            "name": "Mara Vogel",
            "phone_number": "0171 3920009",
            "address": {
                "line1": "Lindenweg 7",
                "city": "Kassel",
                "postal_code": "34117",
                "country": "DE",
            },
            "latitude": DOOR_AT.latitude,
            "longitude": DOOR_AT.longitude,
        },
        "items": [{"quantity": 1, "weight_g": 700}],
        "window": window,
    }


def test_without_promises_the_merchants_own_is_told(shop: Shop) -> None:
    [standard] = shop.windows()["windows"]
    now = wiring.clock().now()
    assert (standard["service"], standard["bookable"]) == ("standard", True)
    assert standard["end_time"].startswith(f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}")
    told = shop.windows(date="2026-12-24")
    assert (told["windows"], told["not_offered"][0]["reason"]) == ([], "not_offered")


def test_a_holiday_is_told(shop: Shop) -> None:
    shop.promise(holidays=["2026-11-30"], classes=CLASSES[1:])
    told = shop.windows(date="2026-11-30")
    assert told["windows"] == []
    assert {one["reason"] for one in told["not_offered"]} == {"holiday"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "tomorrow"])
def test_days_at_the_ends_of_the_calendar_are_no_fault_of_ours(shop: Shop, day: str) -> None:
    shop.promise()
    query = f"lat={DOOR_AT.latitude}&lng={DOOR_AT.longitude}&date={day}"
    assert shop.ask("GET", f"/v1/delivery-windows?{query}").status in (200, 422)


def test_outside_there_are_no_windows_and_a_reason(shop: Shop) -> None:
    shop.promise()
    told = shop.windows(lat=48, lng=2)
    assert (told["covered"], told["reason"], told["windows"]) == (
        False,
        "outside_service_area",
        [],
    )
