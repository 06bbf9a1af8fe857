"""How does somebody who has signed in change the password? ``/ops/password`` and ``/m/password``.

Nothing that is typed is logged or shown again. Whoever changed it stays signed in on this browser
by a new session, and nowhere else; with Cognito, whose tokens only Cognito issues, the sign-in is
next.
"""

from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts import renewing, sessions
from chalicelib.domain.accounts.model import Audience, DeskRole, TeamRole
from chalicelib.domain.accounts.renewing import Renewal
from chalicelib.entry import forms, password_notices, portal, signed_in, work
from chalicelib.entry.api.pages import PAGE
from chalicelib.entry.auth import Caller, desk_page, portal_page
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import LastmileError, TooManyRequests, Unauthenticated
from chalicelib.kit.passwords import SHORTEST
from chalicelib.web import account_pages

bp = Blueprint(__name__)
doors = Doors(bp, tag="Accounts")

DESK, TEAM = (desk_page(DeskRole.VIEWER),), (portal_page(TeamRole.VIEWER),)
_WRONG = Media("text/html", "That did not work: the same page again")
_CHANGED = {303: None, 200: PAGE, 422: _WRONG, 429: _WRONG}
_OFTEN = "Those were many tries. Please wait a quarter of an hour; nothing has changed."

#: Shows the form; with what is wrong, its status and how long to wait.
Show = Callable[[str, int], Response]


@doors.route("GET", "/ops/password", who=DESK, answers={200: PAGE})
def ask_desk_password(request: Request, caller: Caller) -> Response:
    """Show the form to change one's own password at the desk."""
    return _desk_page(request, caller)("", 200)


@doors.form("/ops/password", who=DESK, answers=_CHANGED)
def change_desk_password(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Change one's own password: `old`, `new` and `again`.

    Every other session ends. Five tries in a quarter of an hour.
    """
    return _change(request, caller, raw_body, Audience.DESK, _desk_page(request, caller))


@doors.route("GET", "/m/password", who=TEAM, answers=portal.PAGES)
def ask_team_password(request: Request, caller: Caller) -> Response:
    """Show the form to change one's own password for the portal."""
    return _team_page(request, caller)("", 200)


@doors.form("/m/password", who=TEAM, answers=portal.FORMS)
def change_team_password(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Change one's own password for the portal, as at the desk."""
    return _change(request, caller, raw_body, Audience.TEAM, _team_page(request, caller))


def _change(
    request: Request, caller: Caller, raw_body: bytes, audience: Audience, show: Show
) -> Response:
    person = portal.person_of(caller)
    given = forms.fields(raw_body)
    typed = Renewal(*(given.get(name, "")[:512] for name in ("old", "new", "again")))
    directory, server_key = wiring.directory(), wiring.vault().server_key()
    try:
        renewing.check(person, typed)
        renewing.prove(work.begin(), person, typed.old, server_key, directory)
    except TooManyRequests as error:
        response = show(_OFTEN, error.status)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    except LastmileError as error:
        if error.status >= 500:
            raise
        return show(error.detail, error.status)
    try:
        after = work.run(lambda uow: renewing.renew(uow, person, typed.new, directory))
    except Unauthenticated:
        # The same form twice at once: the other answer has the new session.
        return forms.go("password", {"said": "changed"})
    password_notices.tell(after)
    if directory is not None:
        answer = forms.go("sign-in", {"said": "chosen"})
        answer.headers["Set-Cookie"] = signed_in.drop_cookie(audience)
        return answer
    answer = forms.go("password", {"said": "changed"})
    token = sessions.issue(work.begin(), after, server_key)
    answer.headers["Set-Cookie"] = signed_in.set_cookie(audience, token)
    return answer


def _desk_page(request: Request, caller: Caller) -> Show:
    person = portal.person_of(caller)

    def show(wrong: str, status: int) -> Response:
        html = account_pages.password(
            account_pages.DESK, email=person.email, wrong=wrong, is_changed=_is_changed(request)
        )
        return Response(body=html, status_code=status, headers=account_pages.headers(html))

    return show


def _team_page(request: Request, caller: Caller) -> Show:
    visit = portal.visit(request, caller)

    def show(wrong: str, status: int) -> Response:
        return visit.show(
            "portal/password.html",
            section="password",
            title="Change your password",
            status=status,
            email=visit.person.email,
            shortest=SHORTEST,
            wrong=wrong,
            is_changed=_is_changed(request),
        )

    return show


def _is_changed(request: Request) -> bool:
    return request.method == "GET" and portal.asked(request).get("said") == "changed"
