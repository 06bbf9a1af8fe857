"""What people look at: templates, and the headers that keep them safe.

Pages are rendered on the server and work without JavaScript; the one style sheet stands inside of
each page, and the content security policy names it by its hash, so nothing else can be slipped in.
No page asks a third party for anything. Source: CSP Level 3, section 8 (hashes).
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(style())  # noqa: S704 - our own file
    return environment


@cache
def style() -> str:
    """The style sheet, without the indentation and the notes that only we need."""
    lines = (_TEMPLATES / "page.css").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if not line.strip().startswith("/*"))


@cache
def style_hash() -> str:
    digest = hashlib.sha256(style().encode()).digest()
    return base64.b64encode(digest).decode("ascii")


def render(template: str, **values: object) -> str:
    """Render a page; a value that the template wants and does not get is an error."""
    return _environment().get_template(template).render(**values)


def headers(html: str, *, photo_url: str | None = None) -> dict[str, str]:
    """The headers of a page: what it may load (a photo's origin, if given), and who may keep it."""
    images = "data:"
    if photo_url is not None:
        parts = urlsplit(photo_url)
        images = f"'self' {parts.scheme}://{parts.netloc} data:"
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{style_hash()}'",
        f"img-src {images}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "ETag": etag(html),
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }


def etag(html: str) -> str:
    return f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
