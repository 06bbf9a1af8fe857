"""The desk takes a route from its driver: released before the pickup, handed over after it.

Beforehand it may ask who is near enough to take over.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import releases, relief
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.dispatch.matching.relief import Relief
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.dispatch.rules.eligibility import Bar
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.path_parts import RouteId
from chalicelib.entry.surface import Doors
from chalicelib.kit.desk_errors import DriverUnsuitable, StopsLocked
from chalicelib.kit.errors import Conflict, DriverBusy
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

_ROUTE_ID = "rte_01m83qqb5cfmsa2k3w3tegjase"
_DRIVER_ID = "drv_01m83qpnbb853jczmpgmk52m8t"


class Release(rest.Body):
    reason: ReleaseReason = ReleaseReason.DESK

    model_config = rest.example(reason="breakdown")


class HandOver(rest.Body):
    """``insist``: why, though a filter of the matching says no to this driver."""

    driver_id: rest.Name
    insist: rest.Name | None = None

    model_config = rest.example(driver_id=_DRIVER_ID)


class ChangedRoute(rest.Answer):
    """Whose the route is now; nobody's after a release."""

    id: str
    status: RouteStatus
    driver_id: str | None

    model_config = rest.example(id=_ROUTE_ID, status="under_way", driver_id=_DRIVER_ID)


class NearbyDriver(rest.Answer):
    """``distance_m``: as the crow flies, from where the driver was last seen to the next stop;
    ``bar``: what stops the driver, if anything; ``may_insist``: the desk may all the same."""

    id: str
    distance_m: int
    seen_at: rest.Instant
    is_free: bool
    bar: Bar | None
    may_insist: bool


class NearbyDrivers(rest.Answer):
    drivers: list[NearbyDriver]

    model_config = rest.example(
        drivers=[
            {
                "id": _DRIVER_ID,
                "distance_m": 840,
                "seen_at": "2026-11-23T10:36:10.000Z",
                "is_free": True,
                "bar": "capacity",
                "may_insist": True,
            }
        ]
    )


@doors.route(
    "GET", "/v1/routes/{route_id}/nearby-drivers", who=(OPERATOR,), answers={200: NearbyDrivers}
)
def list_nearby_drivers(route_id: RouteId) -> Mapping[str, Any]:
    """List who is near a route's next stop, nearest first, and could take it over.

    Drivers on duty who were seen in the last quarter of an hour, twenty at most, within 12 km at
    least.
    """
    found = work.read(lambda uow: relief.nearby(uow, dispatch.load_route(uow, route_id)))
    return {"drivers": [_nearby(one) for one in found]}


def _nearby(one: Relief) -> dict[str, Any]:
    return {
        "id": one.near.driver_id,
        "distance_m": one.near.distance_m,
        "seen_at": write_instant(one.near.seen_at),
        "is_free": one.is_free,
        "bar": one.bar,
        "may_insist": one.may_insist,
    }


@doors.route(
    "POST",
    "/v1/routes/{route_id}/release",
    who=(OPERATOR,),
    answers={200: ChangedRoute},
    errors=(Conflict, StopsLocked),
)
def release_route(route_id: RouteId, body: Release) -> Mapping[str, Any]:
    """Take a route from its driver before anything is picked up.

    It is offered again, before all others, and not to the same driver. With parcels on board it is
    `stops_locked`.
    """
    route = work.run(lambda uow: releases.release(uow, route_id, body.reason))
    return {"id": route.id, "status": route.status, "driver_id": route.driver_id}


@doors.route(
    "POST",
    "/v1/routes/{route_id}/hand-over",
    who=(OPERATOR,),
    answers={200: ChangedRoute},
    errors=(Conflict, DriverBusy, DriverUnsuitable),
)
def hand_route_over(route_id: RouteId, body: HandOver) -> Mapping[str, Any]:
    """Give a route, as far as it is driven, to another driver.

    The two have to meet; the stops that are left and the parcels on board are the other one's from
    now on. The same again changes nothing. A driver whom matching would not ask is refused as
    `driver_unsuitable`, until `insist` says why; expired papers and an age check without its skill
    stay refused.
    """
    insist = body.insist or ""
    route = work.run(lambda uow: releases.hand_over(uow, route_id, body.driver_id, insist))
    return {"id": route.id, "status": route.status, "driver_id": route.driver_id}
