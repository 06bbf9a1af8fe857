"""Which streets stand on a map? Those of the hub's street file, drawn once for a door or a route.

A worker reads a hub's file once, and keeps the last pictures. Without a file, or when it cannot be
had in two seconds, the map is plain: a page never waits for its background.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chalicelib import wiring
from chalicelib.domain.routing.street_lines import Lines, StreetLines
from chalicelib.domain.routing.streets import StreetsUnreadable
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import Upstream
from chalicelib.kit.geo import LatLng
from chalicelib.web import svgmap
from chalicelib.web.track_page import PLAIN, Streets


def around(hub_id: str, door: LatLng) -> Streets:
    """The streets around a door."""
    try:
        return _drawn(hub_id, door)
    except (Upstream, StreetsUnreadable) as error:
        logger.warning("no streets on the map", hub_id=hub_id, why=str(error))
        return PLAIN


def tile(hub_id: str, zoom: int, x: int, y: int) -> dict[str, Any]:
    """The streets of a tile of the usual grid, for a map that can be moved."""
    try:
        town = _town(hub_id)
    except (Upstream, StreetsUnreadable) as error:
        logger.warning("no streets on the map", hub_id=hub_id, why=str(error))
        town = None
    if town is None:
        return {"main": [], "side": [], "credit": ""}
    main, side = town[0].tile(zoom, x, y)
    return {"main": main, "side": side, "credit": town[1]}


@dataclass(frozen=True, slots=True)
class RouteStreets:
    """The streets of a route, told in metres east and south of the middle."""

    middle: LatLng
    lines: Lines
    credit: str


def along(hub_id: str, places: tuple[LatLng, ...]) -> RouteStreets | None:
    """The streets of a route, or None where none are known."""
    try:
        town = _town(hub_id)
    except (Upstream, StreetsUnreadable) as error:
        logger.warning("no streets on the map", hub_id=hub_id, why=str(error))
        return None
    if town is None:
        return None
    lines, credit = town
    return RouteStreets(*lines.along(places), credit)


@lru_cache(maxsize=256)
def _drawn(hub_id: str, door: LatLng) -> Streets:
    town = _town(hub_id)
    if town is None:
        return PLAIN
    lines, credit = town
    return Streets(svgmap.paths(lines.around(door)), credit)


@lru_cache(maxsize=4)
def _town(hub_id: str) -> tuple[StreetLines, str] | None:
    found = wiring.hasty_street_files().load_with_credit(hub_id)
    return None if found is None else (StreetLines(found[0]), found[1])
