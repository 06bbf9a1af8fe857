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
from chalicelib.kit import tokens
from tests.builders import NOON, SERVER_KEY
from tests.entry.conftest import OPERATOR_KEY, Doors
from tests.entry.intake_stage import Answered

#: Doors without a credential of ours, and why.
PUBLIC = {
    "/",  # says what this is
    "/healthz",
    "/t/{token}",  # the link is the credential
    "/t/{token}/photo",
    "/webhooks/{platform}/{merchant_id}",  # signed by the platform
    "/v1/driver/codes",  # signing in
    "/v1/driver/tokens",
    "/v1/driver/tokens/refresh",
}
#: Chalice empties the Blueprints' own lists at registration: only the app knows its routes.
GUARDED = sorted(
    (method, path)
    for path, methods in app.routes.items()
    if path not in PUBLIC
    for method in methods
)
OPERATORS = re.compile(r"/v1/(hubs|merchants|drivers|routes|waves)\b")
DRIVERS = re.compile(r"/v1/(driver|offers|stops)/")


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


def is_a_problem(answered: Answered, status: int) -> bool:
    return (
        answered.status == status
        and answered.headers["Content-Type"] == "application/problem+json"
        and answered.body["status"] == status
        and {"type", "title", "code", "request_id"} <= set(answered.body)
    )


def test_the_list_of_public_doors_is_true() -> None:
    assert set(app.routes) >= PUBLIC
    assert len(GUARDED) > 20


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_enters_without_a_credential(doors: Doors, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {OPERATOR_KEY}"}):
        answered = doors.call(method, filled(path), {}, headers=headers)
        assert is_a_problem(answered, 401)
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_enters_with_a_forged_credential(doors: Doors, method: str, path: str) -> None:
    for token in FORGED.values():
        assert is_a_problem(doors.call(method, filled(path), {}, token), 401)


def test_our_own_token_would_have_been_let_in(doors: Doors) -> None:
    """Else the forged ones would prove nothing."""
    answered = doors.call("GET", "/v1/driver/offers", token=an_access_token(OURS))
    assert answered.status == 404  # let in; there is no such driver


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_one_audiences_credential_opens_no_other_audiences_door(
    doors: Doors, method: str, path: str
) -> None:
    _, driver = _SIGNED_IN.setdefault(id(doors), doors.a_driver())
    keys = {"operator": OPERATOR_KEY, "driver": driver, "merchant": doors.stage.api_key}
    owner = "operator" if OPERATORS.match(path) else "driver" if DRIVERS.match(path) else "merchant"
    for holder, key in keys.items():
        status = doors.call(method, filled(path), b"[", key).status
        assert (status == 401) is (holder != owner), (holder, status)


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
                    ["name", "at", "pings", "on_duty", "latitude", "proof", "reason", "vehicle", ""]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
POSTS = sorted(path for path, methods in app.routes.items() if "POST" in methods)


@pytest.mark.parametrize("path", POSTS)
def test_junk_is_answered_with_a_problem_and_never_our_fault(doors: Doors, path: str) -> None:
    _, driver = _SIGNED_IN.setdefault(id(doors), doors.a_driver())
    token = (
        OPERATOR_KEY
        if OPERATORS.match(path)
        else driver
        if DRIVERS.match(path)
        else doors.stage.api_key
    )

    @settings(max_examples=25)
    @given(junk)
    def send(body: bytes) -> None:
        answered = doors.call("POST", filled(path), body, token)
        assert 400 <= answered.status < 500
        assert is_a_problem(answered, answered.status)

    send()


@pytest.mark.parametrize("path", POSTS)
def test_a_body_past_the_cap_is_refused_before_it_is_read(doors: Doors, path: str) -> None:
    _, driver = _SIGNED_IN.setdefault(id(doors), doors.a_driver())
    token = OPERATOR_KEY if OPERATORS.match(path) else driver
    token = token if OPERATORS.match(path) or DRIVERS.match(path) else doors.stage.api_key
    answered = doors.call("POST", filled(path), b" " * (300 * 1024), token)
    assert 400 <= answered.status < 500
