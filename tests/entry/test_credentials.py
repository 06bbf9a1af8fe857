"""Every door that is not public on purpose asks who is there; nobody's junk is a fault of ours."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from app import app
from chalicelib import wiring
from chalicelib.domain.accounts.model import DeskRole, TeamRole
from chalicelib.domain.merchants import api_keys
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry.auth import Role
from chalicelib.entry.forms import FORM
from chalicelib.entry.surface import Route, routes_of
from chalicelib.kit import tokens
from tests.builders import NOON, SERVER_KEY
from tests.entry.conftest import OPERATOR_KEY, Doors
from tests.entry.intake_stage import Answered
from tests.entry.visitors import a_visitor

ROUTES = list(routes_of(app))
BEARERS = [route for route in ROUTES if any(role.has_bearer for role in route.roles)]


def name(route: Route) -> str:
    return route.name


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "x_1", path)


def an_access_token(key: bytes, **changes: Any) -> str:
    claims = {
        "iss": "lastmile",
        "aud": "driver",
        "sub": "drv_1",
        "iat": int(NOON.timestamp()),
        "exp": int((NOON + timedelta(minutes=15)).timestamp()),
        "jti": "jti_1",
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key))


OURS = tokens.derive_key(SERVER_KEY, "driver-token")
UNSIGNED = "eyJhbGciOiJub25lIn0." + an_access_token(OURS).split(".")[1] + "."
FORGED = {
    "nonsense": "nonsense",
    "another key": an_access_token(b"k" * 32),
    "the server's key itself": an_access_token(SERVER_KEY),
    "no signature": UNSIGNED,
    "expired": an_access_token(OURS, exp=int(NOON.timestamp()) - 1),
    "without an end": an_access_token(OURS, exp=None),
    "for somebody else": an_access_token(OURS, aud="merchant"),
    "by somebody else": an_access_token(OURS, iss="else"),
    "about nobody": an_access_token(OURS, sub=None),
    "without an id": an_access_token(OURS, jti=None),
    "a merchant key of nobody": "lm_live_" + "a" * 43,
    "very long": "a" * 100_000,
    "not ascii": "ü" * 40,
}


def is_said_on_a_page(route: Route, answered: Answered) -> bool:
    """Whether a form was answered with a page that a person can read, or leads on to one."""
    if FORM not in route.accepts:
        return False
    if answered.status == 303:
        return "Location" in answered.headers
    return (
        answered.status in route.answers
        and answered.headers.get("Content-Type", "").startswith("text/html")
        and answered.raw.startswith(b"<!doctype html>")
    )


def is_a_problem(answered: Answered, status: int) -> bool:
    return (
        answered.status == status
        and answered.headers["Content-Type"] == "application/problem+json"
        and answered.body["status"] == status
        and {"type", "title", "code", "request_id"} <= set(answered.body)
    )


@pytest.mark.parametrize("route", BEARERS, ids=name)
def test_nobody_enters_without_a_credential(doors: Doors, route: Route) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {OPERATOR_KEY}"}):
        answered = doors.call(route.method, filled(route.path), {}, headers=headers)
        assert is_a_problem(answered, 401)
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", BEARERS, ids=name)
def test_nobody_enters_with_a_forged_credential(doors: Doors, route: Route) -> None:
    for token in FORGED.values():
        assert is_a_problem(doors.call(route.method, filled(route.path), {}, token), 401)


def test_our_own_token_would_have_been_let_in(doors: Doors) -> None:
    """Else the forged ones would prove nothing."""
    driver_id, _ = signed_in(doors)
    answered = doors.call("GET", "/v1/driver/offers", token=an_access_token(OURS, sub=driver_id))
    assert answered.status == 200


def signed_in(doors: Doors) -> tuple[str, str]:
    """The stage's driver; signed in once, before any rule about texts was changed."""
    if id(doors) not in _SIGNED_IN:
        _SIGNED_IN[id(doors)] = doors.a_driver()
    return _SIGNED_IN[id(doors)]


def credentials(doors: Doors) -> dict[Role, str]:
    _, driver = signed_in(doors)
    return {Role.OPERATOR: OPERATOR_KEY, Role.DRIVER: driver, Role.MERCHANT: doors.stage.api_key}


def a_token(doors: Doors, route: Route) -> str:
    """A credential that the route lets in; any where it asks for none."""
    return next(
        (token for role, token in credentials(doors).items() if role in route.roles), OPERATOR_KEY
    )


@pytest.mark.parametrize("route", BEARERS, ids=name)
def test_one_audiences_credential_opens_no_other_audiences_door(doors: Doors, route: Route) -> None:
    for role, token in credentials(doors).items():
        status = doors.call(route.method, filled(route.path), b"[", token).status
        assert (status == 401) is (role not in route.roles), (role, status)


_SIGNED_IN: dict[int, tuple[str, str]] = {}

junk = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"[" * 2000,
            b'{"a":NaN}',
            b'{"latitude":1e999}',
            b'{"name":"\\ud800"}',
            b'{"n":' + b"9" * 5000 + b"}",
            b"\xff\xfe{}",
            b'{"a":1,"a":2}',
            b"null",
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "name",
                        "at",
                        "pings",
                        "on_duty",
                        "latitude",
                        "proofs",
                        "reason",
                        "vehicle",
                        "",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
#: What is wrong is said on the page that a person sees, BigCommerce's desk.
SAYS_NO_KINDLY = {"check_connection_options"}
#: Takes back what is the caller's own: there is neither a body nor an id that could be wrong.
READS_NOTHING = {"forget_home"}
#: A change of what is there for everybody: without a field it changes nothing, and that is fine;
#: or closes the month before, which is closed every night.
MAY_CHANGE_NOTHING = {"change_text_rules", "set_figure_rules", "close_period"}
WRITES = [
    route
    for route in ROUTES
    if route.method != "GET" and route.name not in SAYS_NO_KINDLY | READS_NOTHING
]


@pytest.mark.parametrize("route", WRITES, ids=name)
def test_junk_is_answered_with_a_problem_and_never_our_fault(doors: Doors, route: Route) -> None:
    token = a_token(doors, route)

    @settings(max_examples=25)
    @given(junk)
    def send(body: bytes) -> None:
        headers = {"Content-Type": route.accepts[0]}
        answered = doors.call(route.method, filled(route.path), body, token, headers)
        if is_said_on_a_page(route, answered):
            return
        if route.name in MAY_CHANGE_NOTHING and answered.status in (200, 202):
            return
        assert 400 <= answered.status < 500
        assert is_a_problem(answered, answered.status)

    send()


@pytest.mark.parametrize("route", WRITES, ids=name)
def test_a_body_past_the_cap_is_refused_before_it_is_read(doors: Doors, route: Route) -> None:
    body = b" " * max(300 * 1024, route.largest_body_bytes + 1)
    headers = {"Content-Type": route.accepts[0]}
    if any(role.is_page for role in route.roles):
        audience_role = TeamRole.OWNER if Role.TEAM in route.roles else DeskRole.MANAGER
        answered = a_visitor(doors.stage, audience_role).call(
            route.method, filled(route.path), body, headers
        )
    else:
        token = a_token(doors, route)
        answered = doors.call(route.method, filled(route.path), body, token, headers)
    assert 400 <= answered.status < 500


@pytest.mark.parametrize(
    "route", [route for route in BEARERS if Role.MERCHANT in route.roles], ids=name
)
def test_a_key_opens_only_what_its_scopes_say(doors: Doors, route: Route) -> None:
    """A key without a list of scopes may do everything; one with a list only that."""
    needed = next(who.scope for who in route.who if who.role is Role.MERCHANT)
    for scopes in ([], [one.value for one in Scope if one is not needed]):
        answered = doors.call(route.method, filled(route.path), b"[", a_key(doors, scopes))
        assert is_a_problem(answered, 403)
        assert answered.body["code"] == "authorization_error"
    let_in = doors.call(route.method, filled(route.path), b"[", a_key(doors, [needed]))
    assert let_in.status not in (401, 403)


def a_key(doors: Doors, scopes: list[str]) -> str:
    """An API key of the first merchant with these scopes; made once, a merchant has few."""
    known = doors.keys.get(tuple(scopes))
    if known is not None:
        return known
    uow = wiring.unit_of_work()
    wanted = frozenset(Scope(one) for one in scopes)
    issued = api_keys.issue(uow, doors.stage.merchant_id, "test", scopes=wanted)
    uow.commit()
    return doors.keys.setdefault(tuple(scopes), issued.text)
