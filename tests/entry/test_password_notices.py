"""Whose password was set hears of it: once for a change, without a secret, whatever the way was."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import letters, renewing
from chalicelib.domain.accounts.model import Audience
from chalicelib.kit.errors import Unauthenticated
from chalicelib.kit.mail import Mail
from tests.builders import NOON
from tests.entry.conftest import Doors
from tests.entry.test_invites_out import FakeEmails, emails  # noqa: F401
from tests.entry.test_passwords import (  # noqa: F401
    NEW,
    OLD,
    PLACES,
    change,
    cheap_hashes,
    kept_hash,
    somebody,
)
from tests.entry.test_sign_in_pages import PASSWORD, path_of, send


@pytest.fixture
def mails(emails: FakeEmails) -> FakeEmails:  # noqa: F811 - the fixture
    return emails


def invited(doors: Doors, email: str) -> dict[str, Any]:
    new = {"name": "Marta Roth", "email": email, "role": "viewer", "mail": False}
    return dict(doors.operate("POST", "/v1/accounts", new).body)


@pytest.mark.parametrize("place", PLACES)
def test_ones_own_change_is_told_once_and_without_a_secret(
    doors: Doors, mails: FakeEmails, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = somebody(doors, place)
    assert change(visitor, place, old="not this one at all").status == 422
    assert mails.sent == [], "nothing has changed"
    assert change(visitor, place).status == 303
    ((address, mail),) = mails.sent
    assert address == visitor.person.email
    assert "was set on " in mail.text
    for secret in (OLD, NEW, visitor.person.name, "http"):
        assert secret not in mail.text + mail.html + mail.subject
    logged = str([record.__dict__ for record in caplog.records])
    assert "'by_email': 'sent'" in logged
    assert address not in logged


def test_an_invite_that_is_taken_and_a_new_link_are_told_once_each(
    doors: Doors, mails: FakeEmails
) -> None:
    made = invited(doors, "nora@desk.example")
    first = path_of(made["invite_url"])
    assert send(doors, first, password="short").status == 422
    assert send(doors, first, password=PASSWORD).status == 303
    assert send(doors, first, password=PASSWORD).status == 410
    assert [address for address, _ in mails.sent] == ["nora@desk.example"]
    again = doors.operate("POST", f"/v1/accounts/{made['id']}/invite", {"mail": False}).body
    assert send(doors, path_of(again["invite_url"]), password=NEW).status == 303
    assert [address for address, _ in mails.sent] == ["nora@desk.example"] * 2


def test_a_link_that_never_was_tells_nobody(doors: Doors, mails: FakeEmails) -> None:
    made = invited(doors, "nils@desk.example")
    link = path_of(made["invite_url"])
    assert send(doors, link[:-4] + "AAAA", password=PASSWORD).status == 410
    assert send(doors, link, {"Sec-Fetch-Site": "cross-site"}, password=PASSWORD).status == 403
    assert mails.sent == []


@pytest.mark.parametrize("how", ["takes", "fails"])
def test_the_password_counts_whatever_becomes_of_the_mail(
    doors: Doors, mails: FakeEmails, how: str
) -> None:
    setattr(mails, how, how == "fails")
    visitor = somebody(doors, "m")
    before = kept_hash(visitor)
    assert change(visitor, "m").status == 303
    assert kept_hash(visitor) != before


def test_the_same_form_twice_at_once_is_one_change_and_one_mail(
    doors: Doors, mails: FakeEmails, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = somebody(doors, "m")
    real, others = renewing.prove, []

    def prove(*told: Any) -> None:
        real(*told)
        if not others:
            others.append(None)
            others.append(change(visitor, "m"))

    monkeypatch.setattr(renewing, "prove", prove)
    late = change(visitor, "m")
    assert others[1].headers["Set-Cookie"]
    assert (late.status, late.headers["Location"]) == (303, "password?said=changed")
    assert "Set-Cookie" not in late.headers, "the other answer has the new session"
    assert len(mails.sent) == 1


def test_a_session_that_was_ended_meanwhile_changes_nothing(doors: Doors) -> None:
    visitor = somebody(doors, "m")
    path = f"/v1/accounts/{visitor.person.id}/sign-out"
    assert doors.operate("POST", path).status == 200
    with pytest.raises(Unauthenticated):
        renewing.renew(wiring.unit_of_work(), visitor.person, NEW, None)


@pytest.mark.parametrize("audience", Audience)
def test_the_letter_says_when_and_whom_to_ask(audience: Audience) -> None:
    mail: Mail = letters.changed(audience, NOON)
    assert f"{NOON:%Y-%m-%d at %H:%M} UTC" in mail.text
    assert ("manager" in mail.text) == (audience is Audience.DESK)
    assert "http" not in mail.text + mail.html
    assert mail.subject.isascii()
