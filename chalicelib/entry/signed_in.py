"""Who has signed in? A person's token, from the header or from a cookie, and what a cookie needs.

A cookie goes along with whatever a browser sends, so with one everything that could change
something has to prove that it comes from a page of ours (OWASP, Cross-Site Request Forgery
Prevention: Fetch Metadata, with Origin for browsers that lack it). Names with ``__Host-`` bind the
cookie to this very host: no neighbour can plant one. Source: RFC 6265bis, sections 4.1.3 and 5.5.
"""

from urllib.parse import urlsplit

from chalice.app import Request

from chalicelib import wiring
from chalicelib.domain.accounts import sessions
from chalicelib.domain.accounts.model import Audience, Person
from chalicelib.entry import work
from chalicelib.kit.errors import NotAllowed, Unauthenticated
from chalicelib.kit.identity import Issuer

COOKIES = {Audience.DESK: "__Host-lastmile-desk", Audience.TEAM: "__Host-lastmile-team"}
#: They change nothing, whoever makes a browser send them.
HARMLESS = ("GET", "HEAD")


def cookie_of(request: Request, audience: Audience) -> str:
    """The token in this audience's cookie; empty without one."""
    given: str = (request.headers or {}).get("cookie", "")
    for pair in given.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIES[audience]:
            return value
    return ""


def set_cookie(audience: Audience, token: str) -> str:
    """The ``Set-Cookie`` of a new session."""
    lives_s = int(sessions.SESSION_LIVES.total_seconds())
    return f"{COOKIES[audience]}={token}; Max-Age={lives_s}; {_FLAGS}"


def drop_cookie(audience: Audience) -> str:
    return f"{COOKIES[audience]}=; Max-Age=0; {_FLAGS}"


_FLAGS = "Path=/; Secure; HttpOnly; SameSite=Strict"


def issuer(audience: Audience) -> Issuer:
    """Whose tokens count for an audience."""
    directory = wiring.directory()
    if directory is not None:
        return directory.issuer(audience)
    return sessions.own_issuer(audience, wiring.vault().server_key())


def person_of(audience: Audience, token: str) -> Person | None:
    """Whose token it is; None for everything that opens nothing here: which of it is not said."""
    if token.count(".") != 2:
        return None
    known = issuer(audience)
    try:
        return work.read(lambda uow: sessions.authenticate(uow, audience, token, known))
    except Unauthenticated:
        return None


def prove_same_origin(request: Request) -> None:
    """Raise NotAllowed unless a page of ours sent it, or it can change nothing."""
    if request.method in HARMLESS:
        return
    headers = request.headers or {}
    fetched_from: str = headers.get("sec-fetch-site", "")
    if fetched_from:
        if fetched_from == "same-origin":
            return
        raise NotAllowed("with a cookie, only our own pages may send this")
    origin: str = headers.get("origin", "")
    if origin not in _own_origins(headers.get("host", "")):
        raise NotAllowed("with a cookie, only our own pages may send this")


def _own_origins(host: str) -> set[str]:
    """Where our pages are: as the operator says, and as the browser asked for."""
    public = urlsplit(wiring.settings().public_base_url)
    own = {f"{public.scheme}://{public.netloc}"} if public.netloc else set()
    return own | ({f"https://{host}"} if host else set())
