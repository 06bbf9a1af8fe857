"""The driver's web app: its page, manifest, worker and files. It holds nobody's data."""

from typing import Annotated

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.entry.auth import public
from chalicelib.entry.known import unless_known
from chalicelib.entry.path_parts import Word
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import NotFound
from chalicelib.web import assets, driver_app

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")

_WHY = (public("the app without anybody's data"),)
#: Another content has another name.
_FOR_EVER = "public, max-age=31536000, immutable"
_HTML, _SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"

AssetName = Annotated[str, Word("file", "driver-app.0123456789ab.js")]


@doors.route(
    "GET",
    "/d",
    who=_WHY,
    answers={200: Media("text/html", "The app's shell"), 304: None},
    also_head=True,
)
def open_app(request: Request) -> Response:
    """Open the driver's app, which works without a signal once it was opened.

    [driver-app.md](driver-app.md) says how.
    """
    return _answer(request, driver_app.page(), _HTML)


@doors.route(
    "GET",
    "/d/manifest.webmanifest",
    who=_WHY,
    answers={200: Media("application/manifest+json", "How it looks on a home screen"), 304: None},
    also_head=True,
)
def app_manifest(request: Request) -> Response:
    """Tell a phone how to install the app."""
    return _answer(request, driver_app.manifest(), "application/manifest+json")


@doors.route(
    "GET",
    "/d/sw.js",
    who=_WHY,
    answers={200: Media("text/javascript", "The service worker"), 304: None},
    also_head=True,
)
def app_worker(request: Request) -> Response:
    """Get the worker that keeps the app for when there is no signal."""
    response = _answer(request, driver_app.worker(), _SCRIPT)
    # The page is beside the worker's folder, not in it.
    response.headers["Service-Worker-Allowed"] = "../d"
    return response


@doors.route(
    "GET",
    "/s/{name}",
    who=_WHY,
    answers={200: Media("*/*", "The file, of its own type"), 304: None},
    errors=(NotFound,),
    also_head=True,
)
def app_file(request: Request, name: AssetName) -> Response:
    """Get a file of the app; its name has its content's hash, so it is good for ever."""
    asset = assets.by_name().get(name)
    if asset is None:
        raise NotFound("there is no such file")
    headers = {
        "Content-Type": asset.content_type,
        "Cache-Control": _FOR_EVER,
        "ETag": f'"{asset.name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return unless_known(request, asset.content, headers)


def _answer(request: Request, body: str, content_type: str) -> Response:
    photo_url = wiring.photos().view_url("proofs/")
    headers = driver_app.headers(body, content_type, photo_url)
    return unless_known(request, body, headers)
