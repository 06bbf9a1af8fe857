"""Who has signed in enters as far as the role goes: every route, every role, every bad token."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from app import app
from chalicelib import wiring
from chalicelib.domain.accounts import people, sessions, store
from chalicelib.domain.accounts.model import AnyRole, Audience, DeskRole, TeamRole
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry.auth import TEAM_SCOPES, Role
from chalicelib.entry.surface import Route, routes_of
from tests.builders import NOON, SERVER_KEY
from tests.entry.conftest import Doors
from tests.entry.visitors import Visitor, a_visitor

ROUTES = list(routes_of(app))
#: Everything that asks for somebody: by a header, or by a page's cookie.
GUARDED = [route for route in ROUTES if any(one.has_bearer or one.is_page for one in route.roles)]
_VISITORS: dict[tuple[int, AnyRole], Visitor] = {}
ROLES: tuple[AnyRole, ...] = (*DeskRole, *TeamRole)
NOW_S = int(NOON.timestamp())


def name(route: Route) -> str:
    return route.name


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "x_1", path)


def somebody(doors: Doors, role: AnyRole) -> Visitor:
    """One of each role for the whole module."""
    key = (id(doors), role)
    if key not in _VISITORS:
        _VISITORS[key] = a_visitor(doors.stage, role)
    return _VISITORS[key]


@cache
def foreign_key() -> ECKey:
    return ECKey.generate_key("P-256")


def signed(
    visitor: Visitor,
    key: Any = None,
    algorithm: str = "ES256",
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A token as ours are, with something else in it; a claim that is None is left out."""
    ours = sessions.signing_key(SERVER_KEY)
    claims = {
        "iss": "urn:lastmile:accounts",
        "aud": visitor.person.audience.value,
        "sub": visitor.person.id,
        "cognito:username": visitor.person.id,
        "token_use": "id",
        "iat": NOW_S,
        "exp": NOW_S + 3600,
        "jti": "jti_1",
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    wanted = {"alg": algorithm, "kid": ours.thumbprint(), **(header or {})}
    return jwt.encode(wanted, claims, key or ours, algorithms=[algorithm])


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def confused(token: str) -> str:
    """Signed by what everybody may know, with the algorithm for shared secrets."""
    head = {"alg": "HS256", "kid": sessions.signing_key(SERVER_KEY).thumbprint()}
    first = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
    text = f"{first}.{token.split('.')[1]}"
    public = sessions.signing_key(SERVER_KEY).as_pem(private=False)
    digest = hmac.new(public, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


FORGERIES: dict[str, Callable[[Visitor], str]] = {
    "unsigned": lambda who: unsigned(who.token),
    "its signature cut off": lambda who: who.token.rpartition(".")[0] + ".",
    "another key under our key's id": lambda who: signed(who, foreign_key()),
    "another key under its own id": lambda who: signed(
        who, foreign_key(), header={"kid": foreign_key().thumbprint()}
    ),
    "an unknown key id": lambda who: signed(who, header={"kid": "k1"}),
    "no key id that is a text": lambda who: signed(who, header={"kid": ""}),
    "our public key as a shared secret": lambda who: confused(who.token),
    "expired": lambda who: signed(who, iat=NOW_S - 7200, exp=NOW_S),
    "without an end": lambda who: signed(who, exp=None),
    "an end that is no number": lambda who: signed(who, exp="9999999999"),
    "not yet issued": lambda who: signed(who, iat=NOW_S + 600),
    "without an audience": lambda who: signed(who, aud=None),
    "for everybody": lambda who: signed(who, aud="*"),
    "by somebody else": lambda who: signed(who, iss="urn:lastmile:else"),
    "an access token": lambda who: signed(who, token_use="access"),
    "about nobody": lambda who: signed(who, **{"cognito:username": None}),
    "about somebody who never was": lambda who: signed(who, **{"cognito:username": "prs_1"}),
    "without an id": lambda who: signed(who, jti=None),
}


def test_a_token_made_like_the_forged_ones_would_have_been_let_in(doors: Doors) -> None:
    """Else their refusal would prove nothing."""
    for role in (DeskRole.VIEWER, TeamRole.VIEWER):
        visitor = somebody(doors, role)
        path = "/v1/hubs" if role is DeskRole.VIEWER else "/v1/deliveries"
        assert doors.call("GET", path, token=signed(visitor)).status == 200


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_token_is_refused(doors: Doors, kind: str) -> None:
    for role in (DeskRole.MANAGER, TeamRole.OWNER):
        visitor = somebody(doors, role)
        token = FORGERIES[kind](visitor)
        path = "/v1/hubs" if isinstance(role, DeskRole) else "/v1/deliveries"
        assert doors.call("GET", path, token=token).status == 401
        assert replace(visitor, token=token).get(path).status == 401


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_no_forged_token_opens_any_door(doors: Doors, route: Route) -> None:
    """In the header and in the cookie, for the audience that the route is for; pages lead to the
    sign-in. That every kind of forgery is refused has a test of its own."""
    role = TeamRole.OWNER if route.roles & {Role.MERCHANT, Role.TEAM} else DeskRole.MANAGER
    path = filled(route.path)
    if not any(one.is_page for one in route.roles):
        for kind in ("unsigned", "expired"):
            token = forged(doors, kind, role)
            assert doors.call(route.method, path, {}, token).status == 401, kind
    for kind in ("another key under our key's id", "an access token"):
        forger = replace(somebody(doors, role), token=forged(doors, kind, role))
        assert is_refused(route, forger.call(route.method, path, b"{}").status), kind


def forged(doors: Doors, kind: str, role: AnyRole) -> str:
    key = (id(doors), kind, role)
    if key not in _FORGED:
        _FORGED[key] = FORGERIES[kind](somebody(doors, role))
    return _FORGED[key]


_FORGED: dict[tuple[int, str, AnyRole], str] = {}


def is_refused(route: Route, status: int) -> bool:
    return status == (303 if any(role.is_page for role in route.roles) else 401)


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_nobody_enters_without_a_session(doors: Doors, route: Route) -> None:
    assert is_refused(route, doors.stage.call(route.method, filled(route.path), b"{}").status)


def is_let_in(route: Route, role: AnyRole) -> bool:
    """What docs/accounts.md says of a role, written once more."""
    reads = route.method == "GET"
    for who in route.who:
        if who.role is Role.OPERATOR and isinstance(role, DeskRole):
            wanted = who.least or (DeskRole.VIEWER if reads else DeskRole.DISPATCHER)
            return list(DeskRole).index(role) >= list(DeskRole).index(wanted)  # type: ignore[arg-type]
        if who.role is Role.MERCHANT and isinstance(role, TeamRole):
            return who.scope in TEAM_SCOPES[role] and (reads or role is not TeamRole.VIEWER)
        if who.role in (Role.DESK, Role.TEAM) and who.least is not None:
            return role.reaches(who.least)
    return False


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_each_role_enters_where_it_may_and_nowhere_else(doors: Doors, route: Route) -> None:
    """By the cookie; of the other audience nothing opens, of the own what is too high is 403."""
    for role in ROLES:
        visitor = somebody(doors, role)
        answered = visitor.call(route.method, filled(route.path), b"[")
        of_audience = {
            Audience.DESK: {Role.OPERATOR, Role.DESK},
            Audience.TEAM: {Role.MERCHANT, Role.TEAM},
        }[visitor.person.audience]
        if not (route.roles & of_audience):
            assert is_refused(route, answered.status), (role, answered.status)
        elif is_let_in(route, role):
            assert answered.status not in (401, 500), (role, answered.status)
            assert answered.status != 403 or "role" not in answered.body.get("detail", "")
        else:
            assert answered.status == 403, (role, answered.status)


FOREIGN_PAGES: tuple[dict[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://track.example"},
)


@pytest.mark.parametrize("route", [one for one in GUARDED if one.method != "GET"], ids=name)
def test_with_a_cookie_only_our_own_pages_may_write(doors: Doors, route: Route) -> None:
    """Another site that makes a browser send it is refused, and nothing is read of the body."""
    for role in (DeskRole.MANAGER, TeamRole.OWNER):
        if is_let_in(route, role):
            visitor = somebody(doors, role)
            for headers in FOREIGN_PAGES[:2]:
                sent = {**visitor.cookie, **headers}
                answered = doors.stage.call(route.method, filled(route.path), b"{}", sent)
                assert answered.status == 403, headers


def test_whatever_does_not_say_that_it_is_ours_is_foreign(doors: Doors) -> None:
    manager = somebody(doors, DeskRole.MANAGER)
    path = f"/v1/hubs/{doors.hub_id}"
    for headers in FOREIGN_PAGES:
        sent = {**manager.cookie, **headers}
        assert doors.stage.call("PATCH", path, b"{}", sent).status == 403, headers
    for headers in ({"Origin": "https://track.example"}, {"Sec-Fetch-Site": "same-origin"}):
        sent = {**manager.cookie, **headers}
        assert doors.stage.call("PATCH", path, b"{}", sent).status == 200, headers


def test_somebody_elses_merchant_is_not_there_for_a_member(doors: Doors) -> None:
    owner = somebody(doors, TeamRole.OWNER)
    own = f"/v1/merchants/{doors.stage.merchant_id}"
    assert owner.get(own).status == 200
    stranger = a_visitor(doors.stage, TeamRole.OWNER, "mer_01m83qpnc10y2w525st46371np")
    assert stranger.get(own).status == 404


def test_a_session_ends_with_its_account_and_when_all_are_ended(doors: Doors) -> None:
    for end in (people.deactivate, people.sign_out_everywhere):
        visitor = a_visitor(doors.stage, DeskRole.VIEWER)
        assert visitor.get("/v1/hubs").status == 200
        uow = wiring.unit_of_work()
        end(uow, store.load(uow, visitor.person.id))
        uow.commit()
        assert visitor.get("/v1/hubs").status == 401
        assert doors.call("GET", "/v1/hubs", token=visitor.token).status == 401


def test_a_new_role_counts_at_once(doors: Doors) -> None:
    visitor = a_visitor(doors.stage, DeskRole.VIEWER)
    path = f"/v1/hubs/{doors.hub_id}"
    assert visitor.call("PATCH", path, b"{}").status == 403
    uow = wiring.unit_of_work()
    people.change_role(uow, store.load(uow, visitor.person.id), "manager")
    uow.commit()
    assert visitor.call("PATCH", path, b"{}").status == 200


def test_the_history_names_who_has_signed_in_whatever_the_header_says(doors: Doors) -> None:
    visitor = a_visitor(doors.stage, DeskRole.DISPATCHER)
    body = json.dumps({"hub_id": doors.hub_id}).encode()
    made = visitor.call("POST", "/v1/plans", body, {"Desk-User": "somebody else"})
    assert made.status == 202, made.raw
    shown = visitor.get(f"/v1/plans/{made.body['id']}")
    assert shown.body["by"] == "Marta Roth"


def test_a_token_ends_when_it_says(doors: Doors) -> None:
    visitor = somebody(doors, DeskRole.VIEWER)
    uow = wiring.unit_of_work()
    known = sessions.own_issuer(Audience.DESK, SERVER_KEY)
    claims = sessions.verify(visitor.token, known, uow.wall_now)
    assert claims.expires_at - claims.issued_at == sessions.SESSION_LIVES == timedelta(hours=8)
    with pytest.raises(Exception, match="credential"):
        sessions.verify(visitor.token, known, claims.expires_at)


def test_every_scope_belongs_to_the_owner() -> None:
    assert TEAM_SCOPES[TeamRole.OWNER] == frozenset(Scope)
