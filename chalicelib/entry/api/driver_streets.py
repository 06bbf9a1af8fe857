"""Which streets stand on the driver's map? Those around the route under way, in one download."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.drivers import store as drivers
from chalicelib.entry import rest, street_map, work
from chalicelib.entry.auth import DRIVER
from chalicelib.entry.surface import Doors
from chalicelib.web import svgmap

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")


class StreetsAnswer(rest.Answer):
    """Streets in metres east and south of the middle, as the `d` of a path.

    Each line is `M12 34l5 6 7-8`: a corner, then steps. Without a route, or where the hub has no
    street file, the middle is null and there are no lines.
    """

    middle: rest.Positioned | None
    main: str
    side: str
    credit: str

    model_config = rest.example(
        middle={"latitude": 52.5253, "longitude": 13.409},
        main="M-400 12l310 4 290-9",
        side="M-80-200l12 190M60 5l3 140",
        credit="© OpenStreetMap contributors",
    )


@doors.route("GET", "/v1/driver/streets", who=(DRIVER,), answers={200: StreetsAnswer})
def show_streets(driver_id: str) -> Mapping[str, Any]:
    """Show the streets around the route under way: main ones, and side ones near its stops.

    For the map, so that it is there without a signal: ask once for each route.
    """
    uow = work.begin()
    route_id = drivers.load_work(uow, driver_id).route_id
    route = None if route_id is None else dispatch.load_route(uow, route_id)
    places = () if route is None else tuple(stop.position for stop in route.stops)
    found = street_map.along(route.hub_id, places) if route and places else None
    if found is None:
        return {"middle": None, "main": "", "side": "", "credit": ""}
    middle = {"latitude": found.middle.latitude, "longitude": found.middle.longitude}
    lines = found.lines
    return {
        "middle": middle,
        "main": svgmap.written(lines.main),
        "side": svgmap.written(lines.side),
        "credit": found.credit,
    }
