"""Things that belong to somebody: one maker for each kind of id that stands in a path.

A route with a new kind of id needs a maker here before the tests of tests/entry/test_tenants.py
pass: that is how a foreign id of it is shown to be 404 from its first day.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib import wiring
from chalicelib.domain.dispatch import offers
from chalicelib.entry.auth import Role
from tests.builders import HUB_AT, a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import Doors

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
    world = World(wiring.unit_of_work, doors.stage.clock, a_hub(id=doors.hub_id))
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


#: Prefix of an id to its maker; what is made belongs to the stage's first merchant, or to a driver.
MAKERS: Mapping[str, Callable[[Doors], Owned]] = {
    "del": a_delivery,
    "mer": a_merchant,
    "ofr": an_offer,
    "stp": a_stop,
    "whe": a_webhook_endpoint,
}


def a_stranger(doors: Doors, role: Role) -> str:
    """The credential of somebody else of the same kind."""
    return doors.a_driver()[1] if role is Role.DRIVER else doors.stage.other_api_key
