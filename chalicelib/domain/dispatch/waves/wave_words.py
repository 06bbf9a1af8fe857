"""How is a wave's decision told to a person? One sentence, with times on the hub's wall.

Codes are for programs, sentences for the operations desk; both say the same. Pure.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.dispatch.model import Departure, Unserved
from chalicelib.domain.dispatch.reasons import MustGo, Sent
from chalicelib.domain.dispatch.waves.departures import ROUTE_WAITS
from chalicelib.domain.merchants.model import Hub

_WHY = {
    MustGo.NO_WAITING: "this hub sends everything",
    MustGo.PROMISE: "would miss its promise by waiting for the next wave",
    MustGo.SECOND_TRY: "has been at the door before",
    MustGo.CUT_OFF: "was ready by the cut-off",
    MustGo.DESK: "is to leave soon, says the desk",
    MustGo.DRIVERS: "is due when there is more work than the drivers on duty have time",
}


def of_route(hub: Hub, route: Departure) -> str:
    """E.g. ``sent now because it is 83 % full``."""
    if route.sent is None:
        rest = f"its route is only {route.full_percent} % full"
        return f"waits until {clock(hub, route.at)} because nothing on it has to leave and {rest}"
    if route.sent is Sent.NO_WAITING:
        return f"sent now because {_WHY[MustGo.NO_WAITING]}"
    if route.sent is Sent.FULL:
        return f"sent now because it is {route.full_percent} % full"
    if route.sent is Sent.CUT_OFF:
        return f"sent now because the cut-off of {clock(hub, route.at)} is over"
    which = f"{route.must_go} of its {route.deliveries} deliveries must go"
    why = f"{route.first.delivery_id} {_WHY[route.why or MustGo.PROMISE]}"
    return f"sent now because {which}: {why}"


def of_delivery(hub: Hub, one: Unserved) -> str | None:
    """E.g. ``waits until 14:35 because ...``; None where it does not wait by choice."""
    if one.until is None:
        return None
    why = (
        "its route is not full enough yet"
        if one.reason == ROUTE_WAITS
        else "no route of this wave comes near enough"
    )
    return f"waits until {clock(hub, one.until)} because {why}"


def clock(hub: Hub, at: datetime) -> str:
    """The hub's wall clock."""
    return f"{at.astimezone(ZoneInfo(hub.timezone)):%H:%M}"
