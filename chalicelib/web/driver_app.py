"""What is the driver's app made of? Its page, its manifest, its worker, and what they may do.

The page is a shell without anybody's data: the same for everybody, kept by the phone, and filled
from what the phone knows. Every link in it is relative, because a stage's path stands in front of
it on API Gateway's own address.
"""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib import web
from chalicelib.kit.languages import Language
from chalicelib.web import assets

_APP = "static/driver/app.js"
_STYLE = "static/driver/app.css"
#: Loaded when they are first needed, and kept for when there is no signal.
_LATER = (
    "static/driver/map.js",
    "static/map/lines.js",
    "static/map/style.js",
    "static/driver/streets.js",
    "static/driver/pay.js",
    "static/driver/shifts.js",
    "static/driver/duty.js",
    "static/driver/help.js",
    "static/driver/sheet.js",
    "static/driver/languages.js",
    "static/driver/signature.js",
    "static/driver/way.js",
    "static/driver/scanner.js",
    "static/driver/reading.js",
    "static/driver/messages.js",
    "static/driver/sign-in.js",
    "static/driver/trouble.js",
    "vendor/leaflet.js",
    "vendor/leaflet.css",
    "vendor/jsqr.js",
)
_ICONS = (("192", "any"), ("512", "any"), ("512", "maskable"))


@cache
def page() -> str:
    """The shell."""
    return web.render(
        "driver_app.html",
        app=assets.served(_APP),
        modules=assets.below(_APP),
        style=assets.served(_STYLE),
        icon=assets.served("static/driver/icon.svg"),
    )


def shell() -> list[str]:
    """What the app needs to start, as addresses relative to the stage's root."""
    names = [*assets.below(_APP), assets.served(_STYLE), assets.served("static/driver/icon.svg")]
    return ["d", *(f"s/{name}" for name in names)]


def later() -> list[str]:
    """What it needs later: the map, the pay, the reader of codes, and what few stops need."""
    return [f"s/{assets.served(path)}" for path in _LATER]


def words() -> dict[str, str]:
    """What it says, by language; a phone fetches the one that it speaks."""
    return {tag: f"s/{assets.served(f'static/driver/words/{tag}.json')}" for tag in Language}


@cache
def manifest() -> str:
    """How the app looks on a phone's home screen."""
    svg = {"src": f"../s/{assets.served('static/driver/icon.svg')}", "sizes": "any"}
    icons = [
        {"src": _data(size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in _ICONS
    ]
    told = {
        "name": "Lastmile for drivers",
        "short_name": "Lastmile",
        "id": "../d",
        "start_url": "../d",
        "scope": "../d",
        "display": "standalone",
        "orientation": "portrait-primary",
        "background_color": "#f4f1ea",
        "theme_color": "#17604a",
        "icons": [{**svg, "type": "image/svg+xml"}, *icons],
    }
    return json.dumps(told, indent=1)


def _data(size: str) -> str:
    """A picture as a part of the text."""
    content = (Path(__file__).parent / f"static/driver/icon-{size}.png").read_bytes()
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"


@cache
def worker() -> str:
    """The service worker: our own file, told what to keep."""
    files = {"shell": shell(), "later": later(), "words": words()}
    version = hashlib.sha256((page() + json.dumps(files)).encode()).hexdigest()[:12]
    own = (Path(__file__).parent / "static/driver/worker/sw.js").read_text(encoding="utf-8")
    return f"const KEPT = {json.dumps({'version': version, **files})};\n{own}"


def headers(body: str, content_type: str, photo_url: str) -> dict[str, str]:
    """Who may do what: our own files and our own API, and the bucket that photos are sent to."""
    bucket = urlsplit(photo_url)
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        f"connect-src 'self' {bucket.scheme}://{bucket.netloc}",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Type": content_type,
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-cache",
        "ETag": web.etag(body),
        "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
