"""Invites by e-mail: straight to whom they are for; shown where that does not work."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import letters
from chalicelib.domain.accounts.model import Audience
from chalicelib.entry import invites_out
from chalicelib.kit.errors import Upstream
from chalicelib.kit.mail import Mail
from tests.entry.conftest import Doors
from tests.entry.portal_pages import read, words
from tests.entry.visitors import Visitor

LINK = "https://track.example/m/invite/"


@dataclass
class FakeEmails:
    """The e-mail service."""

    sent: list[tuple[str, Mail]] = field(default_factory=list)
    takes: bool = True
    fails: bool = False

    def send(self, address: str, mail: Mail) -> bool:
        if self.fails:
            raise Upstream("lost")
        self.sent.append((address, mail))
        return self.takes


@pytest.fixture
def emails(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> FakeEmails:
    made = FakeEmails()
    monkeypatch.setattr(wiring, "emails", lambda: made)
    return made


def invite(member: Visitor, name: str) -> str:
    sent = member.send("/m/team", name=name, email=f"{name}@shop.example", role="staff")
    return read(sent)


def test_an_invite_is_mailed_and_its_link_shown_to_nobody_else(
    doors: Doors, member_client: Visitor, emails: FakeEmails, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(wiring.queues().sent)
    html = invite(member_client, "ada")
    assert LINK not in html
    assert "on its way to ada@shop.example" in words(html)
    ((address, mail),) = emails.sent
    assert address == "ada@shop.example"
    link = mail.text[mail.text.index(LINK) :].split()[0]
    assert doors.stage.call("GET", link.removeprefix("https://track.example")).status == 200
    assert len(wiring.queues().sent) == before
    logged = str([record.__dict__ for record in caplog.records])
    assert "'by_email': 'sent'" in logged
    for private in ("ada@", link.rpartition("/")[2]):
        assert private not in logged


@pytest.mark.parametrize("how", ["takes", "fails"])
def test_what_may_not_have_arrived_is_shown(
    member_client: Visitor, emails: FakeEmails, how: str
) -> None:
    setattr(emails, how, how == "fails")
    html = invite(member_client, f"b{how}")
    assert LINK in html
    assert "cannot say" in words(html)


def test_a_link_can_be_shown_instead_and_nobody_is_mailed_all_day(
    doors: Doors, member_client: Visitor, emails: FakeEmails
) -> None:
    invite(member_client, "cleo")
    listed = doors.operate("GET", f"/v1/accounts?merchant_id={doors.stage.merchant_id}")
    cleo = next(one["id"] for one in listed.body["accounts"] if one["name"] == "cleo")
    path = f"/m/team/{cleo}"
    assert LINK in read(member_client.send(path, do="link"))
    pages = [read(member_client.send(path, do="invite")) for _ in range(6)]
    assert len(emails.sent) == invites_out.MOST_MAILS_A_DAY
    assert [LINK in page for page in pages] == [False] * 4 + [True] * 2


def test_the_api_says_whether_it_mailed_and_can_be_told_not_to(
    doors: Doors, emails: FakeEmails
) -> None:
    def made(**changes: Any) -> dict[str, Any]:
        new = {"name": "Dana", "role": "viewer", **changes}
        return dict(doors.operate("POST", "/v1/accounts", new).body)

    mailed = made(email="dana@desk.example")
    assert (mailed["mailed"], mailed["invite_url"]) == (True, None)
    assert emails.sent[-1][0] == "dana@desk.example"
    shown = made(email="dora@desk.example", mail=False)
    assert shown["mailed"] is False
    assert shown["invite_url"].startswith("https://track.example/ops/invite/")
    again = f"/v1/accounts/{shown['id']}/invite"
    assert doors.operate("POST", again, {"mail": False}).body["invite_url"]
    assert doors.operate("POST", again).body["mailed"] is True
    assert len(emails.sent) == 2


@pytest.mark.parametrize("audience", Audience)
def test_a_letter_holds_our_words_and_the_link_alone(audience: Audience) -> None:
    mail = letters.invite(audience, "https://x.example/m/invite/a&b")
    assert "https://x.example/m/invite/a&b" in mail.text
    assert 'href="https://x.example/m/invite/a&amp;b"' in mail.html
    assert "\n" not in mail.subject
    assert json.dumps(mail.subject).isascii()
