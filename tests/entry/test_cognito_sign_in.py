"""With a directory the pages are the same: they ask for the code, and its token opens the doors."""

import re
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from chalicelib import wiring
from chalicelib.domain.accounts.model import DeskRole
from chalicelib.domain.accounts.signing_in import MOST_FOR_AN_ACCOUNT
from chalicelib.kit.identity import Issuer, Step, Wanted
from tests.entry.conftest import Doors
from tests.entry.test_sign_in_pages import PASSWORD, cookie_of, invited, path_of, send
from tests.entry.visitors import a_visitor

CODE = "123456"
ADDRESS = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x"


class FakeDirectory:
    """Keeps passwords, asks for a code, signs with RS256."""

    def __init__(self, doors: Doors) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.passwords: dict[str, str] = {}
        self.enrolled: set[str] = set()
        self._doors = doors

    def issuer(self, audience: str) -> Issuer:
        return Issuer(
            ADDRESS, f"client-{audience}", "RS256", lambda kid: self.key if kid == "k1" else None
        )

    def start_over(self, audience: str, person_id: str, password: str) -> None:
        self.passwords[person_id] = password
        self.enrolled.discard(person_id)

    def set_password(self, audience: str, person_id: str, password: str) -> None:
        self.passwords[person_id] = password

    def sign_in(self, audience: str, person_id: str, password: str) -> str | Step | None:
        if self.passwords.get(person_id) != password:
            return None
        if person_id in self.enrolled:
            return Step(Wanted.CODE, person_id)
        return Step(Wanted.ENROL, person_id, "ABCD2345")

    def answer(self, audience: str, person_id: str, step: Step, code: str) -> str | None:
        if code != CODE or step.session != person_id:
            return None
        self.enrolled.add(person_id)
        now_s = int(self._doors.stage.clock.wall_now().timestamp())
        claims = {
            "iss": ADDRESS,
            "aud": f"client-{audience}",
            "sub": "a-uuid",
            "cognito:username": person_id,
            "token_use": "id",
            "iat": now_s,
            "exp": now_s + 8 * 3600,
            "jti": f"jti-{now_s}",
        }
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)


@pytest.fixture
def directory(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> FakeDirectory:
    made = FakeDirectory(doors)
    doors.stage.clock.advance(minutes=16)
    monkeypatch.setattr(wiring, "directory", lambda: made)
    return made


def step_of(page: bytes) -> str:
    found = re.search(r'name="step" value="([^"]+)"', page.decode())
    assert found is not None
    return found[1]


def test_password_then_code_opens_the_console_once(doors: Doors, directory: FakeDirectory) -> None:
    account = invited(doors, email="second@proof.example")
    assert send(doors, path_of(account["invite_url"]), password=PASSWORD).status == 303
    fields: dict[str, Any] = {"email": account["email"], "password": PASSWORD, "next": "ops"}
    assert send(doors, "/ops/sign-in", **{**fields, "password": "wrong one here"}).status == 401
    asked = send(doors, "/ops/sign-in", **fields)
    assert asked.status == 200
    assert b"ABCD2345" in asked.raw
    wrong = send(doors, "/ops/sign-in", step=step_of(asked.raw), code="000000")
    assert wrong.status == 401
    assert b"start again" in wrong.raw
    used = send(doors, "/ops/sign-in", step=step_of(asked.raw), code=CODE)
    assert used.status == 401, "a step is used up by its first answer"
    again = send(doors, "/ops/sign-in", **fields)
    entered = send(doors, "/ops/sign-in", step=step_of(again.raw), code=CODE)
    assert (entered.status, entered.headers["Location"]) == (303, "../ops")
    cookie = {"Cookie": cookie_of(entered)}
    assert doors.stage.call("GET", "/v1/hubs", b"", cookie).status == 200
    later = send(doors, "/ops/sign-in", **fields)
    assert b"ABCD2345" not in later.raw, "the authenticator is set up"
    doors.stage.clock.advance(minutes=4)
    assert send(doors, "/ops/sign-in", step=step_of(later.raw), code=CODE).status == 401


def test_codes_of_others_shut_nobody_out(doors: Doors, directory: FakeDirectory) -> None:
    """A code names a step and no address: a whole shift that signs in at once shares no count."""
    account = invited(doors, email="shift@proof.example")
    send(doors, path_of(account["invite_url"]), password=PASSWORD)
    asked = send(doors, "/ops/sign-in", email=account["email"], password=PASSWORD)
    for number in range(MOST_FOR_AN_ACCOUNT):
        assert send(doors, "/ops/sign-in", step=f"other-{number}", code=CODE).status == 401
    assert send(doors, "/ops/sign-in", step=step_of(asked.raw), code=CODE).status == 303


def test_a_local_token_opens_nothing_where_the_directory_signs(
    doors: Doors, directory: FakeDirectory
) -> None:
    assert a_visitor(doors.stage, DeskRole.MANAGER).get("/v1/hubs").status == 401


def test_an_account_that_was_ended_gets_no_code_page(
    doors: Doors, directory: FakeDirectory
) -> None:
    account = invited(doors, email="ended@proof.example")
    send(doors, path_of(account["invite_url"]), password=PASSWORD)
    doors.operate("PATCH", f"/v1/accounts/{account['id']}", {"active": False})
    answered = send(doors, "/ops/sign-in", email=account["email"], password=PASSWORD)
    assert answered.status == 401
