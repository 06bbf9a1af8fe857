"""What is the recipient's page made of? Its parts, its map, and what it may load.

``track.html`` puts the parts of ``templates/track`` together. What the recipient may ask for
(``actions``) and what was said (``talk``) have a part each, and each its own value: a part shows
nothing where its value is None. What changes often is told by itself (:func:`news`), with the
``page`` that it belongs to: another one means that the page's parts are worth fetching anew.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from chalicelib import web
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Translator
from chalicelib.web import assets, svgmap

MODULE, SHEET = "track.js", "track"
_CODE = "static/track/map.js"


@dataclass(frozen=True, slots=True)
class Streets:
    """What a map is drawn on: the paths of the streets, and whom they are owed to."""

    paths: Markup
    credit: str = ""


#: No street is known.
PLAIN = Streets(Markup(""))


@dataclass(frozen=True, slots=True)
class Map:
    """The picture, in metres around the door."""

    latitude: float
    longitude: float
    door_name: str
    dot: tuple[int, int] | None
    streets: Markup
    credit: str
    code: str

    @property
    def frame(self) -> str:
        return svgmap.frame(self.dot)

    @property
    def pixel(self) -> str:
        return f"{svgmap.pixel(self.dot):.3f}"


def page(
    t: Translator,
    view: Any,
    token: str,
    *,
    streets: Streets | None = None,
    actions: object = None,
    talk: object = None,
) -> str:
    """The page's HTML, spoken by ``t``; ``streets``: those around the view's place."""
    return web.render(
        "track.html",
        t=t,
        view=view,
        token=token,
        map=_map(view, streets or PLAIN),
        page_version=version(view),
        actions=actions,
        talk=talk,
    )


def glance(t: Translator, view: Any) -> str:
    """What a look-up shows: the same page without links, forms and map, and without a script."""
    return web.render("glance.html", t=t, view=view, map=None, token="")


def headers(html: str, t: Translator, *, photo_url: str | None = None) -> dict[str, str]:
    """The page's headers: its forms lead to ourselves, its module asks us and loads our map."""
    return web.headers(
        html, photo_url=photo_url, has_forms=True, t=t, sheet=SHEET, live_module=MODULE
    )


def version(view: Any) -> str:
    """Names all of the view but what :func:`news` tells."""
    still = replace(
        view,
        eyebrow="",
        headline="",
        day="",
        hours="",
        lead="",
        near=(),
        shift="",
        dot=None,
        poll_s=None,
        stops_before=None if view.stops_before is None else 0,
        updated_at="",
    )
    named = repr((still, bool(view.day)))
    return hashlib.sha256(named.encode()).hexdigest()[:10]


def news(view: Any, page_version: str) -> Mapping[str, Any]:
    """What changes while the page stays."""
    place = view.place
    return {
        "page": page_version,
        "eyebrow": view.eyebrow,
        "day": view.day,
        "title": view.hours or view.headline,
        "lead": view.lead,
        "near": list(view.near),
        "shift": view.shift,
        "stops_before": view.stops_before,
        "dot": list(place.position.offset_m(view.dot)) if place and view.dot else None,
        "poll_s": view.poll_s,
    }


def _map(view: Any, streets: Streets) -> Map | None:
    if view.place is None:
        return None
    door: LatLng = view.place.position
    return Map(
        latitude=door.latitude,
        longitude=door.longitude,
        door_name=view.place.name,
        dot=None if view.dot is None else door.offset_m(view.dot),
        streets=streets.paths,
        credit=streets.credit,
        code=f"../s/{assets.served(_CODE)}",
    )
