"""When routes arrive, and what will be late: for the operations desk."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint
from pydantic import AwareDatetime

from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.tracking import outlooks
from chalicelib.domain.tracking.eta import Action, Arrival, LateRisk, late_risks
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.path_parts import RouteId
from chalicelib.entry.surface import Doors
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

_ROUTE_ID = "rte_01m83qqb5cfmsa2k3w3tegjase"
_STOP_ID = "stp_01m83qqb5c9x7v3k1t5r8w2y4z"
_DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"
_RISK = {
    "delivery_id": _DELIVERY_ID,
    "route_id": _ROUTE_ID,
    "driver_id": "drv_01m83qpnc10y2w525st46371np",
    "stop_id": _STOP_ID,
    "expected_at": "2026-11-23T10:41:00.000Z",
    "promised_until": "2026-11-23T10:30:00.000Z",
    "late_percent": 86,
    "breach_in_s": 1260,
    "action": "call_driver",
}


class HubQuery(rest.Body):
    hub_id: rest.Name


class Risk(rest.Answer):
    """`late_percent` is the chance to miss the promise, `breach_in_s` the time until it is missed.

    From 50 % on it is listed; from 80 % on `action` is more than `watch`.
    """

    delivery_id: str
    route_id: str
    driver_id: str
    stop_id: str
    expected_at: AwareDatetime
    promised_until: AwareDatetime
    late_percent: int
    breach_in_s: int
    action: Action


class LateRisks(rest.Answer):
    """What is more likely than not to be late, the most urgent first."""

    late_risks: list[Risk]

    model_config = rest.example(late_risks=[_RISK])


class StopAhead(rest.Answer):
    """`expected_at` is the middle; one time in ten it is earlier than `earliest_at`, or later than
    `latest_at`. `shown` is what the recipient reads."""

    stop_id: str
    delivery_ids: list[str]
    stops_before: int
    expected_at: AwareDatetime
    earliest_at: AwareDatetime
    latest_at: AwareDatetime
    shown: list[AwareDatetime]
    promised_until: AwareDatetime | None
    late_percent: int


class RouteEta(rest.Answer):
    """The stops ahead of a route on the road; none of one that is not."""

    route_id: str
    stops: list[StopAhead]
    late_risks: list[Risk]

    model_config = rest.example(
        route_id=_ROUTE_ID,
        stops=[
            {
                "stop_id": _STOP_ID,
                "delivery_ids": [_DELIVERY_ID],
                "stops_before": 4,
                "expected_at": "2026-11-23T10:41:00.000Z",
                "earliest_at": "2026-11-23T10:36:10.000Z",
                "latest_at": "2026-11-23T10:47:40.000Z",
                "shown": ["2026-11-23T10:35:00.000Z", "2026-11-23T10:50:00.000Z"],
                "promised_until": "2026-11-23T10:30:00.000Z",
                "late_percent": 86,
            }
        ],
        late_risks=[_RISK],
    )


@doors.route("GET", "/v1/routes/{route_id}/eta", who=(OPERATOR,), answers={200: RouteEta})
def show_eta(route_id: RouteId) -> Mapping[str, Any]:
    """Show when a route reaches each stop ahead, how sure that is, and what will be late."""
    uow = work.begin()
    outlook = outlooks.outlook_of(uow, dispatch.load_route(uow, route_id))
    if outlook is None:
        return {"route_id": route_id, "stops": [], "late_risks": []}
    return {
        "route_id": route_id,
        "stops": [_stop(one) for one in outlook.arrivals],
        "late_risks": [_risk(one) for one in late_risks(outlook, uow.now)],
    }


@doors.route("GET", "/v1/late-risks", who=(OPERATOR,), answers={200: LateRisks})
def list_late_risks(query: HubQuery) -> Mapping[str, Any]:
    """List what is more likely than not to be late at a hub, by the time until it is."""
    found = work.read(lambda uow: outlooks.late_risks(uow, query.hub_id))
    return {"late_risks": [_risk(one) for one in found]}


def _stop(one: Arrival) -> dict[str, Any]:
    return {
        "stop_id": one.stop_id,
        "delivery_ids": [ref.delivery_id for ref in one.deliveries],
        "stops_before": one.doors_before,
        "expected_at": write_instant(one.window.p50_at),
        "earliest_at": write_instant(one.window.p10_at),
        "latest_at": write_instant(one.window.p90_at),
        "shown": [write_instant(one.shown.start_at), write_instant(one.shown.end_at)],
        "promised_until": one.promised_until and write_instant(one.promised_until),
        "late_percent": one.late_percent,
    }


def _risk(one: LateRisk) -> dict[str, Any]:
    return {
        "delivery_id": one.delivery.delivery_id,
        "route_id": one.route_id,
        "driver_id": one.driver_id,
        "stop_id": one.stop_id,
        "expected_at": write_instant(one.expected_at),
        "promised_until": write_instant(one.promised_until),
        "late_percent": one.late_percent,
        "breach_in_s": one.breach_in_s,
        "action": one.action.value,
    }
