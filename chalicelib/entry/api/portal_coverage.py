"""The portal's ``/m/coverage``: where is delivered, what is promised, what it costs."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from markupsafe import Markup
from pydantic import Field

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.coverage import rules
from chalicelib.domain.coverage import store as coverage
from chalicelib.domain.coverage.model import Area, Use
from chalicelib.domain.coverage.shape import MICRO, Ring
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Nearby, Wanted
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.model import RateCard
from chalicelib.entry import portal, rest, work
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.surface import Doors
from chalicelib.web import area_map
from chalicelib.web.area_map import Outline, Point, Spot

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

_AREAS_SHOWN, _POINTS_SHOWN, _VERSIONS_SHOWN = 50, 20, 50
#: An outline on a picture of this size needs no more corners.
_CORNERS_DRAWN = 120


class CardQuery(rest.Body):
    version: Annotated[int, Field(ge=1, le=99_999_999)] | None = None


@doors.route("GET", "/m/coverage", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_portal_coverage(request: Request, caller: Caller) -> Response:
    """Show where is delivered, which times are promised, and the rate card with its versions.

    `version` shows an earlier version of the merchant's own card.
    """
    visit = portal.visit(request, caller)
    shop, hub = visit.merchant, visit.hub
    query = rest.read_cells(CardQuery, _known(portal.asked(request)))
    uow = work.begin()
    of_hub, _ = coverage.list_areas(uow, hub.id, limit=_AREAS_SHOWN, after=None)
    own, _ = coverage.list_areas(uow, shop.id, limit=_AREAS_SHOWN, after=None)
    near = pickup_points.nearest(uow, hub.position, Wanted(), _POINTS_SHOWN)
    directory = coverage.load_directory(uow, hub.id)
    current = cards.load_card(uow, shop.id)
    versions, _ = cards.list_versions(uow, shop.id, limit=_VERSIONS_SHOWN, after=None)
    card = current
    if query.version is not None:
        card = cards.load_version(uow, shop.id, query.version)
    return visit.show(
        "portal/coverage.html",
        section="coverage",
        title="Where, when and for how much",
        map=_map(shop, hub, of_hub, own, near),
        areas=of_hub,
        own=own,
        points=near,
        has_radius=not directory.delivery_areas,
        promises=rules.promises(hub, directory.rules, None, None),
        card=card,
        is_current=(card.owner, card.version) == (current.owner, current.version),
        bands=bands_of(card),
        versions=versions,
    )


def bands_of(card: RateCard) -> list[Mapping[str, Any]]:
    """The card's lists of bands, each with words for its limits and its amounts."""
    distance = [
        (f"beyond {one.from_m / 1000:g} km", one.amount_minor, one.per_km_minor)
        for one in card.distance
    ]
    units = (
        ("Weight", card.weight, 1000, "kg"),
        ("Size", card.size, 1000, "l"),
        ("Length of the promised time", card.window, 3600, "h"),
    )
    found: list[Mapping[str, Any]] = [{"name": "Distance", "rows": distance, "per_km": True}]
    for name, bands, by, unit in units:
        rows = [
            (
                "more" if one.up_to is None else f"up to {one.up_to / by:g} {unit}",
                one.amount_minor,
                0,
            )
            for one in bands
        ]
        found.append({"name": name, "rows": rows, "per_km": False})
    return [one for one in found if one["rows"]]


def _known(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in given if name in CardQuery.model_fields}


def _map(
    shop: Merchant, hub: Hub, of_hub: list[Area], own: list[Area], near: list[Nearby]
) -> Markup:
    outlines = [_outline(one, "ours") for one in of_hub if one.use is Use.DELIVERY]
    outlines += [_outline(one, "own") for one in own if one.use is Use.DELIVERY]
    spots = [Spot(one.point.name, _point(one.point.position), "point") for one in near]
    spots += [Spot(one.name, _point(one.position), "store") for one in shop.stores]
    spots.append(Spot(hub.name, _point(hub.position), "hub"))
    has_areas = any(one.look == "ours" for one in outlines)
    radius_m = 0 if has_areas else hub.radius_m
    return area_map.draw("Where we deliver", _point(hub.position), outlines, spots, radius_m)


def _outline(area: Area, look: str) -> Outline:
    return Outline(area.name, [_ring(ring) for part in area.shape.parts for ring in part], look)


def _ring(ring: Ring) -> list[Point]:
    """Its corners in degrees, thinned to what can be seen."""
    step = -(-len(ring) // _CORNERS_DRAWN)
    return [(latitude / MICRO, longitude / MICRO) for latitude, longitude in ring[::step]]


def _point(position: Any) -> Point:
    return (position.latitude, position.longitude)
