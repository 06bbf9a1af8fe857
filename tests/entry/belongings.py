"""Things that belong to somebody: one maker for each kind of id that stands in a path.

A route with a new kind of id needs a maker here before the tests of tests/entry/test_tenants.py
pass: that is how a foreign id of it is shown to be 404 from its first day.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app import app
from chalicelib import wiring
from chalicelib.domain.billing import journal
from chalicelib.domain.deliveries import proof_checks
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Assign, Deliver, PickUp, Plan
from chalicelib.domain.deliveries.requirements import NOTHING
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.shops import notices, privacy
from chalicelib.domain.shops.notices import Notice
from chalicelib.entry import work
from chalicelib.entry.auth import Role
from chalicelib.entry.path_parts import DeliveryName, PathPart
from chalicelib.entry.surface import Route, routes_of
from chalicelib.kit.timewindow import write_instant
from tests.builders import HUB_AT, a_request
from tests.builders import a_hub as a_hub_model
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import OPERATOR_KEY, Doors

HERE = {"latitude": HUB_AT.latitude, "longitude": HUB_AT.longitude}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Owned:
    """An id, and the credential of whom it belongs to."""

    id: str
    token: str


def a_delivery(doors: Doors) -> Owned:
    body = {
        "external_id": f"owned-{next(_numbers)}",
        "dropoff": {
            "name": "Ada Sommer",
            "address": {"line1": "Lindenweg 7", "city": "Neustadt", "country": "DE"},
        },
        "items": [{"weight_g": 400}],
    }
    made = doors.stage.as_merchant("POST", "/v1/deliveries", body)
    assert made.status == 201, made.raw
    return Owned(made.body["id"], doors.stage.api_key)


def an_offer(doors: Doors) -> Owned:
    """A route offered to a driver who is on duty."""
    driver_id, token = doors.a_driver()
    doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub_model(id=doors.hub_id))
    route = world.a_planned_route()
    offer_id = world.run(lambda uow: offers.make(uow, route, world.work(driver_id), 700, 45)).id
    return Owned(offer_id, token)


def a_stop(doors: Doors) -> Owned:
    """A door on a route that a driver took, reached: every tap on it is possible."""
    offer = an_offer(doors)
    doors.call("POST", f"/v1/offers/{offer.id}/accept", {}, offer.token)
    route = doors.call("GET", "/v1/driver/route", token=offer.token).body["route"]
    first, second = route["stops"][:2]
    doors.call("POST", f"/v1/stops/{first['id']}/complete", {}, offer.token)
    return Owned(second["id"], offer.token)


def a_driven_route(doors: Doors) -> Owned:
    """A route that its driver has ended: every stop of it is over, and it is paid."""
    offer = an_offer(doors)
    taken = doors.call("POST", f"/v1/offers/{offer.id}/accept", {}, offer.token)
    route = doors.call("GET", "/v1/driver/route", token=offer.token).body["route"]
    for stop in route["stops"]:
        doors.call("POST", f"/v1/stops/{stop['id']}/complete", {}, offer.token)
    return Owned(taken.body["route_id"], offer.token)


def a_shift(doors: Doors) -> Owned:
    """A shift of a driver, tomorrow."""
    _, token = doors.a_driver()
    start_at = doors.stage.clock.now() + timedelta(days=1)
    ends_at = start_at + timedelta(hours=6)
    body = {"start_at": write_instant(start_at), "end_at": write_instant(ends_at)}
    planned = doors.call("POST", "/v1/driver/shifts", body, token)
    assert planned.status == 201, planned.raw
    return Owned(planned.body["id"], token)


def _world(doors: Doors) -> World:
    return World(wiring.unit_of_work, doors.stage.clock, a_hub_model(id=doors.hub_id))


def a_rule(doors: Doors) -> Owned:
    """A driver is kept from a door."""
    driver_id, _ = doors.a_driver()
    body = {"kind": "exclude_driver", "reason": "asked for", "driver_id": driver_id}
    kept = _world(doors).a_ready_delivery(next(_numbers))
    pointer = {"merchant_id": kept.merchant_id, "delivery_id": kept.id}
    whole = {**body, "deliveries": [pointer]}
    made = doors.operate("POST", f"/v1/hubs/{doors.hub_id}/rules", whole)
    assert made.status == 201, made.raw
    return Owned(made.body["id"], OPERATOR_KEY)


def a_plan(doors: Doors) -> Owned:
    """A plan that somebody waits for."""
    made = doors.operate("POST", "/v1/plans", {"hub_id": doors.hub_id})
    assert made.status == 202, made.raw
    return Owned(made.body["id"], OPERATOR_KEY)


def a_simulation(doors: Doors) -> Owned:
    """A made-up day that somebody wants to see."""
    body = {"generated": {"parcels": 2}, "scenarios": [{"name": "as it was"}], "seeds": [1]}
    made = doors.operate("POST", "/v1/simulations", body)
    assert made.status == 202, made.raw
    return Owned(made.body["id"], OPERATOR_KEY)


def a_change(doors: Doors) -> Owned:
    """A door that was taken off its route by hand."""
    route = _world(doors).a_planned_route()
    path = f"/v1/routes/{route.id}/stops/{route.stops[1].id}/move"
    seen = doors.operate("POST", path, {"unassign": True}).body["if_version"]
    body = {"unassign": True, "preview": False, "if_version": seen}
    made = doors.operate("POST", path, body)
    assert made.status == 200, made.raw
    return Owned(made.body["change_id"], OPERATOR_KEY)


def a_device(doors: Doors) -> Owned:
    _, token = doors.a_driver()
    made = doors.call("POST", "/v1/driver/devices", {"name": "Phone"}, token)
    return Owned(made.body["id"], token)


def a_driver(doors: Doors) -> Owned:
    driver_id, _ = doors.a_driver()
    return Owned(driver_id, OPERATOR_KEY)


def a_merchant(doors: Doors) -> Owned:
    return Owned(doors.stage.merchant_id, doors.stage.api_key)


def a_webhook_endpoint(doors: Doors) -> Owned:
    """A new one in place of those before it: a merchant has ten at most."""
    everything = "/v1/webhook-endpoints"
    for one in doors.stage.as_merchant("GET", everything).body["webhook_endpoints"]:
        doors.stage.as_merchant("DELETE", f"{everything}/{one['id']}")
    made = doors.stage.as_merchant("POST", everything, {"url": "https://shop.example.com/hook"})
    assert made.status == 201, made.raw
    return Owned(made.body["id"], doors.stage.api_key)


def a_store(doors: Doors) -> Owned:
    stage = doors.stage
    shown = stage.as_merchant("GET", f"/v1/merchants/{stage.merchant_id}")
    return Owned(shown.body["stores"][0]["id"], stage.api_key)


#: Where the documents' example is of another town than the tests': only the network draws areas for
#: one hub and names zones, and what is drawn here leaves the tests' doors inside.
EXAMPLES_HERE: Mapping[str, Mapping[str, Any]] = {
    "AreaForm": {
        "hub_id": None,
        "zone": None,
        "area": {
            "type": "Polygon",
            "coordinates": [[[9.0, 51.0], [9.8, 51.0], [9.8, 51.5], [9.0, 51.5], [9.0, 51.0]]],
        },
    },
}


def a_privacy_request(doors: Doors) -> Owned:
    """A customer of the first merchant asked what we hold; only Shopify's own door makes one."""
    merchant_id = doors.stage.merchant_id
    notice = Notice(notices.Kind.DATA_REQUEST, f"request-{next(_NUMBERS)}")
    made = work.run(lambda uow: privacy.receive(uow, merchant_id, "shopify", notice))
    return Owned(made.id, doors.stage.api_key)


_NUMBERS = itertools.count(1)


def a_hub(doors: Doors) -> Owned:
    return Owned(doors.hub_id, OPERATOR_KEY)


def made_by(name: str) -> Callable[[Doors], Owned]:
    """A maker that sends the example of the route that makes one."""
    route = next(one for one in routes_of(app) if one.name == name)

    def make(doors: Doors) -> Owned:
        token = doors.stage.api_key if Role.MERCHANT in route.roles else OPERATOR_KEY
        made = doors.call(route.method, route.path, example(route), token)
        assert made.status == 201, made.raw
        return Owned(made.body["id"], token)

    return make


def example(route: Route) -> Any:
    """The documented body of a route; None where it takes none."""
    if route.body is None:
        return None
    extra: Any = route.body.model_config["json_schema_extra"]
    here = {**extra["examples"][0], **EXAMPLES_HERE.get(route.body.__name__, {})}
    return {name: value for name, value in here.items() if value is not None}


def prefix_of(part: PathPart) -> str:
    """Of what kind the ids of a part of a path are; nothing for words and numbers."""
    return "del" if isinstance(part, DeliveryName) else getattr(part, "prefix", "")


def prefixes(route: Route) -> set[str]:
    return {prefix_of(part) for part in route.parts.values()} - {""}


def path_with(route: Route, ids: Mapping[str, str]) -> str:
    """The route's path with these ids, by prefix; examples where it has no ids."""
    path = route.path
    for name, part in route.parts.items():
        prefix = prefix_of(part)
        shown = ids[prefix] if prefix else str(part.schema()["examples"][0])
        path = path.replace(f"{{{name}}}", shown)
    return path


def kept(doors: Doors, prefix: str) -> Owned:
    """One thing of a kind that the whole stage shares: of some a merchant may have only so many."""
    key = (id(doors), prefix)
    if key not in _KEPT:
        _KEPT[key] = MAKERS[prefix](doors)
    return _KEPT[key]


_KEPT: dict[tuple[int, str], Owned] = {}


def keep_all(doors: Doors) -> None:
    """Make one of each kind before anybody uses up what a merchant may have."""
    for prefix in MAKERS:
        kept(doors, prefix)


def owned(doors: Doors, route: Route) -> dict[str, Owned]:
    """One new thing for every id in a route's path."""
    unknown = prefixes(route) - set(MAKERS)
    assert not unknown, f"say in tests/entry/belongings.py how a {unknown} comes to be"
    return {prefix: MAKERS[prefix](doors) for prefix in sorted(prefixes(route))}


def a_proof_check(doors: Doors) -> Owned:
    """A handover that was never photographed as it should be: the desk has to look."""
    uow = wiring.unit_of_work()
    request = replace(a_request(), requirements=replace(NOTHING, geofence_m=50))
    made = deliveries.create(uow, request)
    uow.commit()
    ref = deliveries.ref_of(made)
    at = doors.stage.clock.now()
    steps = (Plan(at, "rte_1"), Assign(at, "drv_1"), PickUp(at), Deliver(at, ()))
    work.run(lambda uow: deliveries.carry_out(uow, ref, *steps))
    check = work.run(lambda uow: proof_checks.assess(uow, ref))
    assert check is not None
    return Owned(check.id, OPERATOR_KEY)


def a_case(doors: Doors) -> Owned:
    """A merchant's problem with one of its deliveries."""
    delivery = a_delivery(doors)
    body = {"delivery_id": delivery.id, "kind": "other", "text": "Where is it?"}
    made = doors.stage.as_merchant("POST", "/v1/support-cases", body)
    assert made.status == 201, made.raw
    return Owned(made.body["id"], doors.stage.api_key)


def a_voucher(doors: Doors) -> Owned:
    """A payment that the desk noted."""
    body = {"amount_minor": 100, "currency": "EUR", "reference": f"owned-{next(_numbers)}"}
    path = f"/v1/merchants/{doors.stage.merchant_id}/payments"
    made = doors.operate("POST", path, body)
    assert made.status == 202, made.raw
    return Owned(made.body["id"], OPERATOR_KEY)


def a_dispute(doors: Doors) -> Owned:
    """A merchant says that what a delivery was charged is wrong."""
    delivery = a_delivery(doors)
    ref = DeliveryRef(doors.stage.merchant_id, delivery.id)
    at = doors.stage.clock.now()
    steps = (Plan(at, "rte_1"), Assign(at, "drv_1"), PickUp(at), Deliver(at, ()))
    work.run(lambda uow: deliveries.carry_out(uow, ref, *steps))
    work.run(lambda uow: journal.book_delivery(uow, ref, "evt_1"))
    body = {"delivery_id": delivery.id, "reason": "late", "text": "It came at nine."}
    made = doors.stage.as_merchant("POST", "/v1/disputes", body)
    assert made.status == 201, made.raw
    return Owned(made.body["id"], doors.stage.api_key)


#: Prefix of an id to its maker; what is made belongs to the stage's first merchant, or to a driver.
MAKERS: Mapping[str, Callable[[Doors], Owned]] = {
    "del": a_delivery,
    "mer": a_merchant,
    "ofr": an_offer,
    "stp": a_stop,
    "rte": a_driven_route,
    "shf": a_shift,
    "rul": a_rule,
    "chg": a_change,
    "pln": a_plan,
    "sim": a_simulation,
    "prv": a_privacy_request,
    "prc": a_proof_check,
    "sup": a_case,
    "vch": a_voucher,
    "dsp": a_dispute,
    "str": a_store,
    "dev": a_device,
    "drv": a_driver,
    "hub": a_hub,
    "key": made_by("create_api_key"),
    "prs": made_by("create_account"),
    "whe": a_webhook_endpoint,
    "qte": made_by("ask_quote"),
    "zon": made_by("draw_service_area"),
    "pup": made_by("open_pickup_point"),
}


#: What the network has is there for everybody.
SHARED = {"pup", "hub"}


def a_stranger(doors: Doors, role: Role) -> str:
    """The credential of somebody else of the same kind."""
    return doors.a_driver()[1] if role is Role.DRIVER else doors.stage.other_api_key
