"""What people look at: templates, and the headers that keep them safe.

Pages are rendered on the server and work without JavaScript; the style sheet, and the module of a
page that has one, stand inside of each page, and the content security policy names them by their
hashes, so nothing else can be slipped in.
No page asks a third party for anything. Source: CSP Level 3, section 8 (hashes).
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chalicelib.kit.languages import ENGLISH, Translator

_TEMPLATES = Path(__file__).parent / "templates"
_MODULES = Path(__file__).parent / "modules"
#: Comments that stand on lines of their own, and indentation.
ONLY_FOR_US = re.compile(r"^[ \t]*(?://.*\n|/\*[\s\S]*?\*/[ \t]*\n)|^[ \t]+", re.M)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = lambda sheet="page": Markup(style(sheet))  # noqa: S704 - ours
    environment.globals["module"] = lambda name: Markup(module(name))  # noqa: S704 - our own file
    return environment


@cache
def style(sheet: str = "page") -> str:
    """A style sheet, without the indentation and the notes that only we need.

    Every sheet but the first stands on its colours and letters; ``portal+charts`` are two of them.
    """
    names = ("page",) if sheet == "page" else ("page", *sheet.split("+"))
    lines = [
        line.strip()
        for name in names
        for line in (_TEMPLATES / f"{name}.css").read_text(encoding="utf-8").splitlines()
    ]
    return "\n".join(line for line in lines if not line.startswith("/*"))


@cache
def style_hash(sheet: str = "page") -> str:
    return _hash(style(sheet))


@cache
def module(name: str) -> str:
    """One of our ES modules as it stands inside of a page: without notes and indentation."""
    return ONLY_FOR_US.sub("", (_MODULES / name).read_text(encoding="utf-8"))


@cache
def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b64encode(digest).decode("ascii")


def render(template: str, *, t: Translator = ENGLISH, **values: object) -> str:
    """Render a page that speaks by ``t``; a value that the template wants and does not get is an
    error."""
    return _environment().get_template(template).render(t=t, **values)


def headers(
    html: str,
    *,
    photo_url: str | None = None,
    sheet: str = "page",
    form_module: str | None = None,
    has_forms: bool = False,
    upload_url: str | None = None,
    t: Translator | None = None,
    live_module: str | None = None,
    framed_by: tuple[str, ...] = (),
) -> dict[str, str]:
    """The headers of a page: what it may load (a photo's origin, if given), and who may keep it.

    ``form_module``: the page has a form, this module, and may ask where the phone is.
    ``upload_url``: where a form of it sends a picture.
    ``t``: who spoke on it, where that depends on who asked. ``live_module``: it has this module,
    which asks us for news and loads our files. ``framed_by``: origins that may show it in a frame.
    """
    images = "data:"
    if photo_url is not None:
        parts = urlsplit(photo_url)
        images = f"'self' {parts.scheme}://{parts.netloc} data:"
    inline = form_module or live_module
    files = " 'self'" if live_module else ""
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{style_hash(sheet)}'{files}",
        f"img-src {images}",
        *([f"script-src 'sha256-{_hash(module(inline))}'{files}"] if inline else []),
        *(["connect-src 'self'"] if live_module else []),
        "base-uri 'none'",
        f"form-action {_form_targets(has_forms or form_module is not None, upload_url)}",
        f"frame-ancestors {' '.join(framed_by) or "'none'"}",
    )
    geolocation = "()" if form_module is None else "(self)"
    spoken = {} if t is None else {"Content-Language": t.language, "Vary": "Accept-Language"}
    return spoken | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "ETag": etag(html),
        "Permissions-Policy": f"camera=(), geolocation={geolocation}, microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }


def _form_targets(has_forms: bool, upload_url: str | None) -> str:
    if upload_url is None:
        return "'self'" if has_forms else "'none'"
    parts = urlsplit(upload_url)
    return f"'self' {parts.scheme}://{parts.netloc}"


def etag(html: str) -> str:
    return f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
