"""What is the dispatchers' console made of? Its page, and what that page may load.

The page is a shell: what it shows comes from the API with the session of whoever looks. Every link
in it is relative, because a stage's path stands in front of it on API Gateway's own address.
"""

from functools import cache
from urllib.parse import urlsplit

from chalicelib import web
from chalicelib.web import assets

_APP = "static/ops/app.js"
_STYLE = "static/ops/app.css"


@cache
def page() -> str:
    """The shell."""
    return web.render(
        "ops/console.html",
        app=assets.served(_APP),
        modules=assets.below(_APP),
        style=assets.served(_STYLE),
        icon=assets.served("static/ops/icon.svg"),
    )


def files() -> list[str]:
    """Every module of the console, loaded at once or later: what its budget counts."""
    return [
        name
        for name in assets.by_name()
        if name.endswith(".js") and name.startswith(("ops-", "map-", "vendor-ui", "vendor-leaflet"))
    ]


def headers(body: str, pictures_url: str = "") -> dict[str, str]:
    """Our own files and API, and pictures from where that url leads; nobody may frame it."""
    parts = urlsplit(pictures_url)
    pictures = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data: blob:{pictures}",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-cache",
        "ETag": web.etag(body),
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
