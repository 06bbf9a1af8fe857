"""The desk's drivers, and the drivers themselves: profile, vehicles, papers, blocks, sessions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.drivers import crew_rules, store
from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.entry import work
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import HUB, VEHICLE, Doors

BIKE = {"kind": "cargo_bike", "max_weight_g": 100_000, "max_volume_ml": 300_000}
HERE = {"latitude": 51.2, "longitude": 9.4}


def on_duty(doors: Doors, token: str, **more: Any) -> Any:
    return doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE, **more}, token)


@pytest.fixture
def strict(doors: Doors) -> Iterator[None]:
    """A hub that asks van drivers for a licence."""
    rules = CrewRules({VehicleKind.VAN: frozenset({DocumentKind.DRIVING_LICENCE})}, version=1)
    before = work.read(lambda uow: crew_rules.load(uow, doors.hub_id)).version
    wanted = CrewRules(rules.required, version=before + 1)
    work.run(lambda uow: crew_rules.save(uow, doors.hub_id, wanted))
    yield
    work.run(lambda uow: crew_rules.save(uow, doors.hub_id, CrewRules(version=before + 2)))


def test_a_driver_is_shown_and_changed(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    path = f"/v1/drivers/{driver_id}"
    shown = doors.operate("GET", path).body
    assert [one["kind"] for one in shown["vehicles"]] == ["van"]
    van = shown["vehicles"][0]
    wanted = {
        "name": "Kim Lind",
        "skills": ["cash", "age_check"],
        "vehicles": [{**BIKE, "plate": "KS-AB 12"}, {**VEHICLE, "id": van["id"]}],
    }
    changed = doors.operate("PATCH", path, wanted)
    assert changed.status == 200, changed.raw
    assert changed.body["skills"] == ["age_check", "cash"]
    assert [one["kind"] for one in changed.body["vehicles"]] == ["cargo_bike", "van"]
    assert changed.body["vehicles"][0]["plate"] == "KS-AB 12"
    assert changed.body["vehicles"][1]["id"] == van["id"]
    assert doors.operate("GET", path).body == changed.body
    kept = work.read(lambda uow: store.load_work(uow, driver_id))
    assert kept.skills == {"cash", "age_check"}
    mine = doors.call("GET", "/v1/driver/profile", token=token).body
    assert (mine["name"], mine["home"]) == ("Kim Lind", None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"vehicles": []}, 422),
        ({"vehicles": [{**VEHICLE, "id": "veh_01m83qpnbb853jczmpgmk52m8t"}]}, 422),
        ({"skills": ["Age Check"]}, 422),
        ({"hub_id": "hub_unknown"}, 404),
        ({"phone_number": "12"}, 422),
        ({"colour": "blue"}, 422),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    doors: Doors, changes: dict[str, Any], status: int
) -> None:
    driver_id, _ = doors.a_driver()
    assert doors.operate("PATCH", f"/v1/drivers/{driver_id}", changes).status == status


def test_a_hubs_drivers_are_listed_page_by_page(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    made = set()
    for _ in range(3):
        body = {"name": "Kim", "phone_number": doors.a_phone(), "hub_id": hub_id}
        made.add(doors.operate("POST", "/v1/drivers", {**body, "vehicle": VEHICLE}).body["id"])
    first = doors.operate("GET", f"/v1/drivers?hub_id={hub_id}&limit=2").body
    cursor = first["next_cursor"]
    rest = doors.operate("GET", f"/v1/drivers?hub_id={hub_id}&limit=2&cursor={cursor}").body
    assert {one["id"] for one in (*first["drivers"], *rest["drivers"])} == made


def test_a_new_phone_signs_in_and_the_old_one_does_not(doors: Doors) -> None:
    old, new = doors.a_phone(), doors.a_phone()
    driver_id = doors.enrol(old)
    assert doors.operate("PATCH", f"/v1/drivers/{driver_id}", {"phone_number": new}).status == 200
    assert doors.sign_in(new)["access_token"]
    doors.call("POST", "/v1/driver/codes", {"phone_number": old})
    assert doors.texts.to(old) == []
    other = doors.enrol(doors.a_phone())
    taken = doors.operate("PATCH", f"/v1/drivers/{other}", {"phone_number": new})
    assert taken.status == 409


def test_who_is_deactivated_is_out_at_once_and_stays_out(doors: Doors) -> None:
    phone = doors.a_phone()
    driver_id = doors.enrol(phone)
    opened = doors.sign_in(phone)
    assert on_duty(doors, opened["access_token"]).status == 200
    ended = doors.operate("POST", f"/v1/drivers/{driver_id}/deactivate")
    assert (ended.status, ended.body["active"]) == (200, False)
    again = doors.operate("POST", f"/v1/drivers/{driver_id}/deactivate")
    assert again.body == ended.body
    refreshing = {"refresh_token": opened["refresh_token"]}
    assert on_duty(doors, opened["access_token"]).status == 401
    assert doors.call("POST", "/v1/driver/tokens/refresh", refreshing).status == 401
    texts = len(doors.texts.to(phone))
    doors.call("POST", "/v1/driver/codes", {"phone_number": phone})
    assert len(doors.texts.to(phone)) == texts
    assert not work.read(lambda uow: store.load_work(uow, driver_id)).on_duty
    # A new start needs a new sign-in: what was handed out before stays dead.
    assert doors.operate("POST", f"/v1/drivers/{driver_id}/activate").body["active"]
    assert doors.call("POST", "/v1/driver/tokens/refresh", refreshing).status == 401


def test_nobody_is_deactivated_on_the_road(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    on_duty(doors, token)
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))
    route = world.a_planned_route()
    offer = world.run(lambda uow: offers.make(uow, route, world.work(driver_id), 700, 45))
    doors.call("POST", f"/v1/offers/{offer.id}/accept", {}, token)
    refused = doors.operate("POST", f"/v1/drivers/{driver_id}/deactivate")
    assert (refused.status, refused.body["code"]) == (409, "driver_busy")


def test_the_offer_says_what_it_pays_before_anybody_says_yes(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    on_duty(doors, token)
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))
    route = world.a_planned_route()
    world.run(lambda uow: offers.make(uow, route, world.work(driver_id), 700, 45, 150))
    (shown,) = doors.call("GET", "/v1/driver/offers", token=token).body["offers"]
    pay = shown["pay"]
    # 3 stops, 9 km, 50 min by the built-in rates of Germany, and a bonus.
    assert [(one["kind"], one["amount_minor"]) for one in pay["lines"]] == [
        ("stops", 120),
        ("distance", 315),
        ("time", 1250),
        ("bonus", 150),
    ]
    assert (pay["currency"], pay["total_minor"]) == ("EUR", 1835)


@pytest.mark.usefixtures("strict")
def test_without_a_good_paper_nobody_goes_on_duty(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    path = f"/v1/drivers/{driver_id}/documents"
    missing = on_duty(doors, token)
    assert (missing.status, missing.body["code"]) == (409, "document_missing")
    assert (missing.body["document"], missing.body["reason"]) == ("driving_licence", "missing")
    today = doors.stage.clock.now().date()
    paper = {"kind": "driving_licence", "expires_on": (today + timedelta(days=90)).isoformat()}
    handed_in = doors.call("POST", "/v1/driver/documents", paper, token)
    assert (handed_in.status, handed_in.body["documents"][0]["verified"]) == (201, False)
    assert on_duty(doors, token).body["reason"] == "not_verified"
    checked = {"documents": [{**paper, "verified": True}]}
    assert doors.operate("PUT", path, checked).status == 200
    assert on_duty(doors, token).status == 200
    ended = {**paper, "expires_on": (today - timedelta(days=2)).isoformat(), "verified": True}
    doors.operate("PUT", path, {"documents": [ended]})
    late = on_duty(doors, token)
    assert (late.status, late.body["code"]) == (409, "document_expired")


@pytest.mark.usefixtures("strict")
def test_who_loses_a_paper_on_duty_gets_no_offers_any_more(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    path = f"/v1/drivers/{driver_id}/documents"
    paper = {"kind": "driving_licence", "expires_on": "2030-01-01", "verified": True}
    doors.operate("PUT", path, {"documents": [paper]})
    assert on_duty(doors, token).status == 200
    doors.operate("PUT", path, {"documents": []})
    now = doors.stage.clock.now()
    assert not work.read(lambda uow: store.load_work(uow, driver_id)).papers_are_good(now)


def test_a_vehicle_is_chosen_with_duty(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    path = f"/v1/drivers/{driver_id}"
    van = doors.operate("GET", path).body["vehicles"][0]
    changed = doors.operate("PATCH", path, {"vehicles": [{**VEHICLE, "id": van["id"]}, BIKE]})
    bike = changed.body["vehicles"][1]
    assert on_duty(doors, token, vehicle_id=bike["id"]).status == 200
    kept = work.read(lambda uow: store.load_work(uow, driver_id))
    assert kept.vehicle.kind is VehicleKind.CARGO_BIKE
    # The one of the last time, unless another is named.
    on_duty(doors, token)
    assert work.read(lambda uow: store.load_work(uow, driver_id)).vehicle == kept.vehicle
    wrong = on_duty(doors, token, vehicle_id="veh_01m83qpnbb853jczmpgmk52m8t")
    assert (wrong.status, wrong.body["fields"][0]["field"]) == (422, "vehicle_id")


def test_blocks_are_set_by_the_desk_and_reach_the_work(doors: Doors) -> None:
    driver_id, _ = doors.a_driver()
    path = f"/v1/drivers/{driver_id}/blocks"
    block = {"merchant_id": doors.stage.merchant_id, "by": "Ida", "why": "asked for"}
    first = doors.operate("PUT", path, {"blocks": [block]}).body["blocks"]
    assert [one["merchant_id"] for one in first] == [doors.stage.merchant_id]
    hub_block = {"hub_id": doors.hub_id, "by": "Ida", "why": "too far"}
    second = doors.operate("PUT", path, {"blocks": [block, hub_block]}).body["blocks"]
    assert second[0] == first[0]
    kept = work.read(lambda uow: store.load_work(uow, driver_id))
    assert kept.blocks == {doors.stage.merchant_id, doors.hub_id}
    both = {**block, "hub_id": doors.hub_id}
    assert doors.operate("PUT", path, {"blocks": [both]}).status == 422
    unknown = {**block, "merchant_id": "mer_unknown"}
    assert doors.operate("PUT", path, {"blocks": [unknown]}).status == 404


def test_home_is_the_drivers_own_and_leaves_the_people_table_only_roughly(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    home = {"latitude": 51.234567, "longitude": 9.456789}
    assert doors.call("PUT", "/v1/driver/home", home, token).body["home"] == home
    kept = work.read(lambda uow: store.load_work(uow, driver_id))
    assert str(kept.home_near) == "51.230000,9.460000"
    assert "home" not in doors.operate("GET", f"/v1/drivers/{driver_id}").body
    assert doors.call("DELETE", "/v1/driver/home", token=token).body["home"] is None
    assert work.read(lambda uow: store.load_work(uow, driver_id)).home_near is None
