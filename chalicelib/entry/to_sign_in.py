"""Where does somebody sign in, and where do they go on to afterwards?

All ways are relative, because a stage's path stands before them on API Gateway, and ``next`` only
ever names a page of the same audience: a link to the sign-in cannot lead anybody elsewhere.
"""

import re
from urllib.parse import quote, urlencode

from chalice.app import Request, Response

from chalicelib.domain.accounts.model import Audience
from chalicelib.entry import forms
from chalicelib.web import account_pages

#: The first part of the paths of each audience's pages.
SECTIONS = {Audience.DESK: "ops", Audience.TEAM: "m"}
_LONGEST_NEXT = 512
#: A path below the section, without empty or dotted parts, and a query.
_NEXT = r"{section}(?:/(?!\.)[A-Za-z0-9_.~-]+)*(?:\?[A-Za-z0-9_.~%=&+:,-]*)?"


def lead(request: Request, audience: Audience) -> Response:
    """303 to the sign-in, which goes on to the page that was asked for."""
    up = "../" * (_path(request).count("/") - 1)
    place = f"{up}{SECTIONS[audience]}/sign-in"
    wanted = _asked_for(request)
    on = {"next": wanted} if request.method in ("GET", "HEAD") else {}
    return forms.go(place, on if safe_next(audience, on.get("next", "")) == wanted else {})


def refuse(audience: Audience) -> Response:
    """403 in words, for whoever has signed in and may not see the page."""
    html = account_pages.not_for_you(audience is Audience.DESK)
    return Response(body=html, status_code=403, headers=account_pages.headers(html))


def safe_next(audience: Audience, text: str) -> str:
    """The page to go on to, seen from the root of the stage; the section's first for a bad one."""
    section = SECTIONS[audience]
    is_ours = len(text) <= _LONGEST_NEXT and re.fullmatch(_NEXT.format(section=section), text)
    return text if is_ours else section


def _asked_for(request: Request) -> str:
    query = request.query_params
    pairs = [(name, one) for name in query or () for one in query.getlist(name)]
    path = _path(request)[1:]
    for name, text in (request.uri_params or {}).items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _path(request: Request) -> str:
    return str((request.context or {}).get("resourcePath", "/"))
