"""The API's own documents: OpenAPI for programs, a page for people, both from the declarations."""

import json
from functools import cache

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.entry import openapi, reference
from chalicelib.entry.auth import public
from chalicelib.entry.known import unless_known
from chalicelib.entry.surface import Doors, Media, routes_of

bp = Blueprint(__name__)
doors = Doors(bp, tag="Everybody")

_WHY = (public("it says what everybody may know"),)


@doors.route(
    "GET",
    "/openapi.json",
    who=_WHY,
    answers={200: Media("application/json", "This document"), 304: None},
    also_head=True,
)
def openapi_json(request: Request) -> Response:
    """Get this API as an OpenAPI 3.1 document."""
    text = _text(_base_url())
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": "public, max-age=300",
        "ETag": web.etag(text),
    }
    return unless_known(request, text, headers)


@doors.route(
    "GET",
    "/docs",
    who=_WHY,
    answers={200: Media("text/html", "A page that needs no script"), 304: None},
    also_head=True,
)
def docs(request: Request) -> Response:
    """Read this API on a page, with copyable curl and Python."""
    html = _page(_base_url())
    return unless_known(request, html, web.headers(html, sheet="reference"))


def _base_url() -> str:
    return wiring.settings().public_base_url.rstrip("/")


@cache
def _text(base_url: str) -> str:
    """Made when first asked for: it takes a while, and no cold start should pay for it."""
    return json.dumps(
        openapi.document(routes_of(bp.current_app), base_url), ensure_ascii=False, indent=1
    )


@cache
def _page(base_url: str) -> str:
    return web.render("reference.html", reference=reference.reference(json.loads(_text(base_url))))
