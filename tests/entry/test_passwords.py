"""Whoever has signed in changes the password: with the old one, for every session, and counted."""

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import renewing, signing_in
from chalicelib.domain.accounts.model import Audience, DeskRole, TeamRole
from chalicelib.kit import passwords
from chalicelib.kit.identity import Step, Wanted
from chalicelib.storage import office_keys
from tests.builders import SERVER_KEY
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered
from tests.entry.portal_pages import words
from tests.entry.test_cognito_sign_in import CODE, FakeDirectory, directory  # noqa: F401
from tests.entry.visitors import Visitor, a_person, a_token, a_visitor

OLD, NEW = "four words in a row", "five other words in a row"
PLACES = {"ops": ("/v1/hubs", DeskRole.VIEWER), "m": ("/v1/deliveries", TeamRole.VIEWER)}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is tested elsewhere."""
    monkeypatch.setattr(passwords, "_LOG_N", 4)
    monkeypatch.setattr(passwords, "_P", 1)


def somebody(doors: Doors, place: str) -> Visitor:
    """Somebody who has signed in and whose password is ``OLD``."""
    visitor = a_visitor(doors.stage, PLACES[place][1])
    uow = wiring.unit_of_work()
    hashed = passwords.hash_password(OLD)
    uow.put(office_keys.password(visitor.person.id), {"hash": hashed}, expect=None)
    uow.commit()
    return visitor


def change(
    visitor: Visitor, place: str, old: str = OLD, new: str = NEW, again: str = ""
) -> Answered:
    return visitor.send(f"/{place}/password", old=old, new=new, again=again or new)


def kept_hash(visitor: Visitor) -> str:
    item = wiring.tables().get(office_keys.password(visitor.person.id))
    assert item is not None
    return str(item["hash"])


@pytest.mark.parametrize("place", PLACES)
def test_a_new_password_ends_every_other_session_and_keeps_this_browser(
    doors: Doors, place: str
) -> None:
    visitor = somebody(doors, place)
    doors.stage.clock.advance(seconds=3)
    elsewhere = Visitor(doors.stage, visitor.person, a_token(visitor.person))
    assert visitor.get(f"/{place}/password").status == 200
    answered = change(visitor, place)
    assert (answered.status, answered.headers["Location"]) == (303, "password?said=changed")
    assert passwords.fits(NEW, kept_hash(visitor))
    for old_one in (visitor, elsewhere):
        assert old_one.get(PLACES[place][0]).status == 401
    cookie = str(answered.headers["Set-Cookie"])
    assert "HttpOnly" in cookie
    token = cookie.partition(";")[0].partition("=")[2]
    here = Visitor(doors.stage, visitor.person, token)
    assert here.get(PLACES[place][0]).status == 200
    assert "has changed" in words(here.get(f"/{place}/password?said=changed").raw.decode())


WRONG = {
    "the old one": ({"old": "not this one at all"}, "not right"),
    "too short": ({"new": "short"}, "at least 12"),
    "typed twice": ({"again": "something else here"}, "differ"),
    "the same": ({"new": OLD}, "that you have"),
    "nothing": ({"old": "", "new": "", "again": ""}, "that you have"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_and_changes_nothing(doors: Doors, place: str, what: str) -> None:
    visitor = somebody(doors, place)
    before = kept_hash(visitor)
    changes, told = WRONG[what]
    answered = change(visitor, place, **changes)
    assert answered.status == 422
    html = answered.raw.decode()
    assert told in words(html)
    assert OLD not in html
    assert kept_hash(visitor) == before
    assert visitor.get(PLACES[place][0]).status == 200


def test_an_open_session_cannot_be_used_to_guess(doors: Doors) -> None:
    visitor = somebody(doors, "m")
    doors.stage.clock.advance(minutes=16)
    again = Visitor(doors.stage, visitor.person, a_token(visitor.person))
    statuses = [change(again, "m", old=f"guess number {n}").status for n in range(6)]
    assert statuses == [422] * renewing.MOST_TRIES + [429]
    late = change(again, "m")
    assert (late.status, int(late.headers["Retry-After"]) > 0) == (429, True)
    assert passwords.fits(OLD, kept_hash(visitor))


def test_another_site_cannot_send_the_form(doors: Doors) -> None:
    visitor = somebody(doors, "m")
    body = f"old={OLD}&new={NEW}&again={NEW}".replace(" ", "+").encode()
    sent = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "cross-site",
    }
    assert visitor.call("POST", "/m/password", body, sent).status == 403
    assert passwords.fits(OLD, kept_hash(visitor))


def test_nothing_that_was_typed_is_logged(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    visitor = somebody(doors, "ops")
    change(visitor, "ops", old="a wrong old one")
    change(visitor, "ops")
    logged = str([record.__dict__ for record in caplog.records])
    assert "/ops/password" in logged
    for secret in (OLD, NEW, "a wrong old one", visitor.person.email):
        assert secret not in logged


def test_with_a_directory_the_old_one_is_tried_there_and_the_authenticator_stays(
    doors: Doors,
    directory: FakeDirectory,  # noqa: F811 - the fixture
) -> None:
    person = a_person(doors.stage, DeskRole.DISPATCHER)
    directory.passwords[person.id] = OLD
    directory.enrolled.add(person.id)
    token = directory.answer("desk", person.id, Step(Wanted.CODE, person.id), CODE)
    visitor = Visitor(doors.stage, person, str(token))
    assert change(visitor, "ops", old="not this one at all").status == 422
    answered = change(visitor, "ops")
    assert (answered.status, answered.headers["Location"]) == (303, "sign-in?said=chosen")
    assert "Max-Age=0" in answered.headers["Set-Cookie"]
    assert directory.passwords[visitor.person.id] == NEW
    assert visitor.person.id in directory.enrolled
    assert visitor.get("/v1/hubs").status == 401


def test_whoever_changed_a_password_may_sign_in_within_the_same_second(doors: Doors) -> None:
    """Tokens count whole seconds, and so does the end of all sessions."""
    visitor = somebody(doors, "m")
    uow = wiring.unit_of_work()
    person = renewing.renew(uow, visitor.person, NEW, None)
    uow.commit()
    attempt = signing_in.Attempt(Audience.TEAM, person.email, NEW)
    token = signing_in.sign_in(wiring.unit_of_work(), attempt, SERVER_KEY, None)
    assert isinstance(token, str)
    assert Visitor(doors.stage, person, token).get("/v1/deliveries").status == 200
