"""What is the recipient's page made of? Its parts, and what it may load.

``track.html`` puts the parts of ``templates/track`` together. What the recipient may ask for
(``actions``) and what was said (``talk``) have a part each, and each its own value: a part shows
nothing where its value is None.
"""

from chalicelib import web
from chalicelib.kit.languages import Translator


def page(
    t: Translator, view: object, token: str, *, actions: object = None, talk: object = None
) -> str:
    """The page's HTML, spoken by ``t``."""
    return web.render("track.html", t=t, view=view, token=token, actions=actions, talk=talk)


def headers(html: str, t: Translator, *, photo_url: str | None = None) -> dict[str, str]:
    """The page's headers: its forms lead to ourselves."""
    return web.headers(html, photo_url=photo_url, has_forms=True, t=t)
