"""A failed delivery by the API: explained, overridden by merchant and desk, listed for the desk."""

from dataclasses import dataclass

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.merchants import api_keys
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.recovery import deciding
from chalicelib.entry import work
from chalicelib.storage import keys
from tests.builders import a_hub as a_hub_model
from tests.builders import a_merchant
from tests.domain.dispatch.conftest import World
from tests.entry.belongings import HERE
from tests.entry.conftest import Doors


@dataclass
class Failed:
    """A delivery whose door stayed shut, and the key of its merchant."""

    delivery_id: str
    stop_id: str
    key: str
    driver: str

    @property
    def path(self) -> str:
        return f"/v1/deliveries/{self.delivery_id}/recovery"


@pytest.fixture
def failed(doors: Doors) -> Failed:
    """Driven by the API, decided as the relay does."""
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub_model(id=doors.hub_id))
    if wiring.unit_of_work().get(keys.merchant("mer_1")) is None:
        work.run(lambda uow: merchants.save_merchant(uow, a_merchant(hub_id=doors.hub_id)))
    key = work.run(lambda uow: api_keys.issue(uow, "mer_1", "test", scopes=None, live=True)).text
    driver_id, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    route = world.a_planned_route()
    offer_id = world.an_offer(route, world.work(driver_id))
    doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token)
    shown = doors.call("GET", "/v1/driver/route", token=token).body["route"]
    first, door = shown["stops"][:2]
    doors.call("POST", f"/v1/stops/{first['id']}/complete", {}, token)
    body = {"reason": "customer_unavailable"}
    assert doors.call("POST", f"/v1/stops/{door['id']}/fail", body, token).status == 200
    ref = next(one for one in world.refs if one.delivery_id == door["deliveries"][0]["id"])
    work.run(lambda uow: deciding.begin(uow, deliveries.load(uow, ref)))
    return Failed(ref.delivery_id, door["id"], key, token)


def test_the_merchant_reads_what_was_weighed_and_what_was_chosen(
    doors: Doors, failed: Failed
) -> None:
    shown = doors.call("GET", failed.path, token=failed.key)
    assert shown.status == 200, shown.raw
    assert shown.body["by"] == "system"
    assert shown.body["party_at_fault"] == "recipient"
    assert len(shown.body["options"]) == 9
    chosen = next(one for one in shown.body["options"] if one["remedy"] == shown.body["remedy"])
    assert chosen["cost_minor"] == sum(chosen["terms_minor"].values())
    assert [one["why_not"] for one in shown.body["open_options"]] == [None] * len(
        shown.body["open_options"]
    )


def test_the_merchant_chooses_and_the_desk_has_the_last_word(doors: Doors, failed: Failed) -> None:
    mine = doors.call("POST", failed.path, {"remedy": "another_day"}, failed.key)
    assert (mine.status, mine.body["by"]) == (200, "merchant")
    path = f"{failed.path}?merchant_id=mer_1"
    theirs = doors.operate("POST", path, {"remedy": "return", "reason": "by phone"})
    assert theirs.body["choices"][-1]["why"] == "by phone"
    late = doors.call("POST", failed.path, {"remedy": "again_today"}, failed.key)
    assert (late.status, late.body["code"]) == (409, "recovery_settled")


def test_what_is_out_of_the_question_says_why(doors: Doors, failed: Failed) -> None:
    refused = doors.call("POST", failed.path, {"remedy": "dispose"}, failed.key)
    assert (refused.status, refused.body["code"]) == (409, "remedy_not_allowed")
    assert refused.body["why_not"] == "forbidden_by_merchant"


def test_the_desk_sees_what_is_open(doors: Doors, failed: Failed) -> None:
    listed = doors.operate("GET", f"/v1/recoveries?hub_id={doors.hub_id}&limit=100")
    assert failed.delivery_id in [one["delivery_id"] for one in listed.body["recoveries"]]
    assert (
        doors.call("GET", f"/v1/recoveries?hub_id={doors.hub_id}", token=failed.key).status == 401
    )


def test_a_tap_that_is_taken_back_leaves_nothing_to_choose(doors: Doors, failed: Failed) -> None:
    undone = doors.call("POST", f"/v1/stops/{failed.stop_id}/undo", {}, failed.driver)
    assert undone.status == 200, undone.raw
    gone = doors.call("GET", failed.path, token=failed.key)
    assert (gone.status, gone.body["code"]) == (409, "nothing_failed")


def test_a_merchant_sets_what_may_become_of_its_parcels(doors: Doors) -> None:
    path = f"/v1/merchants/{doors.stage.merchant_id}"
    body = {"recovery": {"allows": ["another_day"], "most_attempts": 2}}
    changed = doors.stage.as_merchant("PATCH", path, body)
    assert changed.status == 200, changed.raw
    assert changed.body["recovery"]["allows"] == ["another_day"]
    wrong = doors.stage.as_merchant("PATCH", path, {"recovery": {"most_attempts": 4}})
    assert wrong.status == 422
