"""The desk's list of what needs a person; every suggestion in it is a call that the API takes."""

import inspect
import re
import sys
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from app import app
from chalicelib import wiring
from chalicelib.domain.attention import calls, flags
from chalicelib.domain.attention.model import Call
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.entry import rest
from chalicelib.entry.auth import Role
from chalicelib.entry.surface import Route, routes_of
from chalicelib.kit.events import Event
from chalicelib.kit.ids import new_id
from tests.builders import HUB_AT, NOON
from tests.entry.belongings import a_delivery
from tests.entry.conftest import Doors

REF = DeliveryRef(new_id("mer", NOON), new_id("del", NOON))
ROUTE, HUB, DRIVER = new_id("rte", NOON), new_id("hub", NOON), new_id("drv", NOON)
EVERY_CALL = [
    *(calls.release(ROUTE, reason) for reason in (ReleaseReason.NO_SHOW, ReleaseReason.DESK)),
    calls.hand_over(ROUTE, DRIVER),
    calls.ring(DRIVER),
    calls.watch(ROUTE),
    calls.take_off(ROUTE, new_id("stp", NOON)),
    calls.put_on(ROUTE, REF),
    calls.plan_anew(HUB),
    calls.shifts(HUB),
    calls.lift_rule(HUB, new_id("rul", NOON)),
    calls.explain(REF),
    calls.other_times(REF),
    calls.home(REF),
    calls.send_back(REF),
    calls.look_at_address(REF),
    calls.take_candidate(REF, 0),
    calls.take_place(REF, HUB_AT),
    calls.look_at_proofs(HUB),
    calls.judge(new_id("prc", NOON), is_good=True),
    calls.judge(new_id("prc", NOON), is_good=False),
    *(calls.remedy(REF, one) for one in (Remedy.ANOTHER_DAY, Remedy.RETURN)),
    calls.look_at_recovery(REF),
    calls.look_at_case(new_id("sup", NOON)),
    calls.give_back(new_id("dsp", NOON), 290),
    calls.look_at_dispute(new_id("dsp", NOON)),
    calls.redrive("messages"),
    calls.look_at_dead_letters("messages"),
    calls.settle(HUB, "lost_text.x"),
]


def route_for(call: Call) -> Route:
    """The one declared route that such a call would reach."""
    pieces = urlsplit(call.path).path.split("/")

    def fits(route: Route) -> bool:
        wanted = route.path.split("/")
        return len(wanted) == len(pieces) and all(
            one.startswith("{") or one == other for one, other in zip(wanted, pieces, strict=True)
        )

    found = [one for one in routes_of(app) if one.method == call.method and fits(one)]
    return min(found, key=lambda one: one.path.count("{"))


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: f"{call.method}-{call.words}")
def test_every_suggestion_is_a_call_that_the_api_takes_from_the_desk(call: Call) -> None:
    route = route_for(call)
    assert Role.OPERATOR in route.roles
    if route.body is not None and (call.body is not None or route.needs_body):
        rest.parse_value(route.body, call.body)
    if route.query is not None:
        route.query.model_validate(dict(parse_qsl(urlsplit(call.path).query)), strict=False)
    assert call.previews == bool(call.body and call.body.get("preview"))


def test_every_suggestion_that_there_is_was_looked_at() -> None:
    there = {name for name, one in vars(calls).items() if inspect.isfunction(one)}
    tried = set(re.findall(r"calls\.(\w+)\(", inspect.getsource(sys.modules[__name__])))
    assert there - tried == set()


def a_lost_text(doors: Doors) -> str:
    """A text of a delivery of the stage's merchant, of which nobody knows whether it arrived."""
    made = a_delivery(doors)
    data = {
        "merchant_id": doors.stage.merchant_id,
        "delivery_id": made.id,
        "template": "out_for_delivery",
    }
    now = doors.stage.clock.now()
    uow = wiring.unit_of_work()
    flags.hear(uow, Event("notification.lost", f"{made.id}.3.out_for_delivery", 2, now, data))
    uow.commit()
    shown = doors.operate("GET", f"/v1/merchants/{doors.stage.merchant_id}")
    return str(shown.body["hub_id"])


def test_polling_costs_nothing_until_something_changes(doors: Doors) -> None:
    hub_id = a_lost_text(doors)
    path = f"/v1/attention?hub_id={hub_id}"
    first = doors.operate("GET", path)
    assert first.status == 200
    (item,) = first.body["items"]
    assert (item["kind"], item["minutes_to_breach"]) == ("lost_text", 15)
    known = {"If-None-Match": first.headers["ETag"]}
    doors.stage.clock.at += timedelta(minutes=2)
    again = doors.call("GET", path, token="operator", headers=known)
    assert (again.status, again.raw) == (304, b"")
    assert doors.operate("GET", path).body["items"][0]["minutes_to_breach"] == 13
    settle = item["action"]
    assert settle["words"] == "I have seen to it"
    body = {"reason": "rang her"}
    done = doors.call(
        settle["method"], settle["path"], body, "operator", headers={"Desk-User": "marta"}
    )
    assert (done.status, done.body["by"], done.body["reason"]) == (200, "marta", "rang her")
    changed = doors.call("GET", path, token="operator", headers=known)
    assert (changed.status, changed.body["items"]) == (200, [])


def test_what_cannot_be_a_thing_cannot_be_settled(doors: Doors) -> None:
    path = f"/v1/hubs/{doors.hub_id}/attention"
    assert doors.operate("POST", f"{path}/nonsense.1/settle", {}).status == 404
    assert doors.operate("POST", f"{path}/late_risk.{'x' * 200}/settle", {}).status == 404
    assert doors.operate("GET", f"/v1/attention?hub_id={new_id('hub', NOON)}").status == 404
