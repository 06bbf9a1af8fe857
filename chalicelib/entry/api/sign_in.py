"""Sign-in and sign-out of the console and of the portal, and the links to choose a password.

Two sets of doors, one for each audience, that do the same. Nothing that is typed here is ever
logged, and what is wrong is never said more closely than "that did not work".
"""

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts import invites, sessions, signing_in
from chalicelib.domain.accounts.invites import Choice
from chalicelib.domain.accounts.model import Audience, DeskRole, Person, TeamRole
from chalicelib.domain.accounts.signing_in import Attempt, Next
from chalicelib.entry import forms, password_notices, signed_in, to_sign_in, work
from chalicelib.entry.api.pages import PAGE
from chalicelib.entry.auth import Role as CallerRole
from chalicelib.entry.auth import Who, desk_page, portal_page, public
from chalicelib.entry.path_parts import LinkToken
from chalicelib.entry.surface import Doors, Media
from chalicelib.entry.whence import whence
from chalicelib.kit.account_errors import InviteExpired
from chalicelib.kit.errors import Invalid, NotAllowed, TooManyRequests, Unauthenticated
from chalicelib.storage.unit_of_work import UnitOfWork
from chalicelib.web import account_pages
from chalicelib.web.account_pages import Place

bp = Blueprint(__name__)
doors = Doors(bp, tag="Accounts")

_ANYBODY = (public("asks who is there"),)
_INVITED = (Who(CallerRole.RECIPIENT, why="the link of the invite is the credential"),)
_WRONG = Media("text/html", "That did not work: the same page again")
_OFTEN = Media("text/html", "Too many tries: the same page again")
_PLACES = {Audience.DESK: account_pages.DESK, Audience.TEAM: account_pages.TEAM}
_SIGNED = {200: PAGE, 303: None, 401: _WRONG, 403: _WRONG, 429: _OFTEN}
_CHOSEN = {303: None, 403: _WRONG, 410: _WRONG, 422: _WRONG}


@doors.route("GET", "/ops/sign-in", who=_ANYBODY, answers={200: PAGE}, also_head=True)
def ask_desk(request: Request) -> Response:
    """Show the console's sign-in; `next` is the page to go on to, below `/ops` only."""
    return _ask(request, Audience.DESK)


@doors.route("GET", "/m/sign-in", who=_ANYBODY, answers={200: PAGE}, also_head=True)
def ask_member(request: Request) -> Response:
    """Show the portal's sign-in; `next` is the page to go on to, below `/m` only."""
    return _ask(request, Audience.TEAM)


@doors.form("/ops/sign-in", who=_ANYBODY, answers=_SIGNED)
def sign_in_to_desk(request: Request, raw_body: bytes) -> Response:
    """Sign in to the console by `email` and `password`, and where the page asks for it by `code`.

    The answer sets a cookie that no script can read, good for eight hours. Ten tries in a quarter
    of an hour for one account; an unknown address and a wrong password are answered alike.
    """
    return _sign_in(request, raw_body, Audience.DESK)


@doors.form("/m/sign-in", who=_ANYBODY, answers=_SIGNED)
def sign_in_to_portal(request: Request, raw_body: bytes) -> Response:
    """Sign in to the portal, as to the console."""
    return _sign_in(request, raw_body, Audience.TEAM)


@doors.form("/ops/sign-out", who=(desk_page(DeskRole.VIEWER),), answers={303: None})
def sign_out_of_desk(request: Request, raw_body: bytes) -> Response:
    """End this browser's session of the console for good, also for a copy of its token."""
    return _sign_out(request, Audience.DESK)


@doors.form("/m/sign-out", who=(portal_page(TeamRole.VIEWER),), answers={303: None})
def sign_out_of_portal(request: Request, raw_body: bytes) -> Response:
    """End this browser's session of the portal for good."""
    return _sign_out(request, Audience.TEAM)


@doors.route("GET", "/ops/invite/{token}", who=_INVITED, answers={200: PAGE, 410: _WRONG})
def open_desk_invite(token: LinkToken) -> Response:
    """Show the form to choose a password for the console."""
    return _open(Audience.DESK, token)


@doors.route("GET", "/m/invite/{token}", who=_INVITED, answers={200: PAGE, 410: _WRONG})
def open_team_invite(token: LinkToken) -> Response:
    """Show the form to choose a password for the portal."""
    return _open(Audience.TEAM, token)


@doors.form("/ops/invite/{token}", who=_INVITED, answers=_CHOSEN)
def choose_desk_password(request: Request, token: LinkToken, raw_body: bytes) -> Response:
    """Choose a `password` of at least 12 characters; the link is used up."""
    return _choose(request, Audience.DESK, token, raw_body)


@doors.form("/m/invite/{token}", who=_INVITED, answers=_CHOSEN)
def choose_team_password(request: Request, token: LinkToken, raw_body: bytes) -> Response:
    """Choose a `password` of at least 12 characters; the link is used up."""
    return _choose(request, Audience.TEAM, token, raw_body)


def _ask(request: Request, audience: Audience) -> Response:
    query = request.query_params or {}
    onward = to_sign_in.safe_next(audience, query.get("next", ""))
    return _page(
        account_pages.sign_in(_PLACES[audience], onward=onward, said=query.get("said", ""))
    )


def _sign_in(request: Request, raw_body: bytes, audience: Audience) -> Response:
    given = forms.fields(raw_body)
    place = _PLACES[audience]
    onward = to_sign_in.safe_next(audience, given.get("next", ""))
    email = given.get("email", "")[:254]
    caller, hop = whence(request)
    attempt = Attempt(audience, email, given.get("password", "")[:512], caller, hop)
    server_key = wiring.vault().server_key()
    try:
        # Else somebody could sign others in to an account of theirs, and read what they do there.
        signed_in.prove_same_origin(request)
        signing_in.count(work.begin(), attempt, server_key)
    except NotAllowed:
        return _page(account_pages.sign_in(place, onward=onward, said="wrong"), 403)
    except TooManyRequests:
        return _page(account_pages.sign_in(place, onward=onward, said="often", email=email), 429)
    if "step" in given:
        token = _finish(audience, given)
        said = "code"
    else:
        found = work.run(
            lambda uow: signing_in.sign_in(uow, attempt, server_key, wiring.directory())
        )
        if isinstance(found, Next):
            return _page(
                account_pages.code(place, onward=onward, step=found.token, secret=found.step.secret)
            )
        token, said = found, "wrong"
    if token is None:
        return _page(account_pages.sign_in(place, onward=onward, said=said, email=email), 401)
    _forget_session(request, audience)
    return _with_cookie(forms.go(f"../{onward}"), signed_in.set_cookie(audience, token))


def _finish(audience: Audience, given: dict[str, str]) -> str | None:
    directory = wiring.directory()
    if directory is None:
        return None
    step, code = given["step"][:64], given.get("code", "")[:6]
    return work.run(lambda uow: signing_in.finish(uow, audience, step, code, directory))


def _sign_out(request: Request, audience: Audience) -> Response:
    _forget_session(request, audience)
    answer = forms.go("sign-in", {"said": "left"})
    return _with_cookie(answer, signed_in.drop_cookie(audience))


def _forget_session(request: Request, audience: Audience) -> None:
    """End the session that the browser still had, if any: none outlives the next one."""
    token = signed_in.cookie_of(request, audience)
    if not token:
        return
    known = signed_in.issuer(audience)
    try:
        work.run(lambda uow: sessions.end(uow, token, known))
    except Unauthenticated:
        return


def _open(audience: Audience, token: str) -> Response:
    place = _PLACES[audience]
    try:
        person = work.read(lambda uow: invites.open_invite(uow, audience, token))
    except InviteExpired:
        return _over(place)
    return _page(account_pages.invite(place, name=person.name, email=person.email))


def _choose(request: Request, audience: Audience, token: str, raw_body: bytes) -> Response:
    place = _PLACES[audience]
    choice = Choice(audience, token, forms.fields(raw_body).get("password", "")[:512])

    def choose(uow: UnitOfWork) -> Person:
        return invites.choose_password(uow, choice, wiring.directory())

    try:
        signed_in.prove_same_origin(request)
        password_notices.tell(work.run(choose))
    except NotAllowed:
        return _over(place, 403)
    except InviteExpired:
        return _over(place)
    except Invalid as error:
        person = work.read(lambda uow: invites.open_invite(uow, audience, token))
        html = account_pages.invite(place, name=person.name, email=person.email, said=error.detail)
        return _page(html, 422)
    return forms.go("../sign-in", {"said": "chosen"})


def _over(place: Place, status: int = 410) -> Response:
    return _page(account_pages.over(place), status)


def _page(html: str, status: int = 200) -> Response:
    return Response(body=html, status_code=status, headers=account_pages.headers(html))


def _with_cookie(response: Response, cookie: str) -> Response:
    response.headers["Set-Cookie"] = cookie
    return response
