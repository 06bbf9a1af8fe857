"""What a manager sees of the desk's people, and what the last of them cannot do."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import invites, store
from chalicelib.domain.accounts.invites import Choice
from chalicelib.domain.accounts.model import Audience, DeskRole, TeamRole
from chalicelib.kit import passwords
from chalicelib.kit.timewindow import read_instant
from tests.entry.conftest import Doors
from tests.entry.visitors import a_person, a_visitor

PASSWORD = "four words in a row"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is tested elsewhere."""
    monkeypatch.setattr(passwords, "_LOG_N", 4)
    monkeypatch.setattr(passwords, "_P", 1)


def follow(audience: Audience, link: str) -> None:
    """What whoever has the link does."""
    uow = wiring.unit_of_work()
    choice = Choice(audience, link.rpartition("/")[2], PASSWORD)
    invites.choose_password(uow, choice, None)
    uow.commit()


def listed(doors: Doors, person_id: str) -> dict[str, Any]:
    answer = doors.operate("GET", "/v1/accounts")
    assert answer.body["can_mail"] is False, "nobody has named a sender here"
    return next(dict(one) for one in answer.body["accounts"] if one["id"] == person_id)


def invited(doors: Doors, email: str, **more: Any) -> dict[str, Any]:
    new = {"name": "Marta Roth", "email": email, "role": "dispatcher", **more}
    made = doors.operate("POST", "/v1/accounts", new)
    assert made.status == 201, made.raw
    return dict(made.body)


def test_the_list_says_how_each_invite_stands(doors: Doors) -> None:
    made = invited(doors, "one@desk.example")
    until = made["invite_expires_at"]
    assert listed(doors, made["id"])["invite_expires_at"] == until
    now = wiring.unit_of_work().wall_now
    assert 71 * 3600 < (read_instant(until) - now).total_seconds() <= 72 * 3600
    follow(Audience.DESK, made["invite_url"])
    after = listed(doors, made["id"])
    assert (after["invite_expires_at"], after["has_password"]) == (None, True)
    again = doors.operate("POST", f"/v1/accounts/{made['id']}/invite").body
    assert listed(doors, made["id"])["invite_expires_at"] == again["invite_expires_at"]
    doors.stage.clock.advance(hours=73)
    assert listed(doors, made["id"])["invite_expires_at"] is None, "whatever DynamoDB still has"


def test_whoever_is_let_in_no_more_has_no_link_and_gets_none(doors: Doors) -> None:
    made = invited(doors, "two@desk.example")
    path = f"/v1/accounts/{made['id']}"
    ended = doors.operate("PATCH", path, {"active": False}).body
    assert (ended["active"], ended["invite_expires_at"]) == (False, None)
    refused = doors.operate("POST", f"{path}/invite")
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert doors.operate("PATCH", path, {"active": True}).status == 200
    assert doors.operate("POST", f"{path}/invite").status == 201


def test_whoever_never_came_in_does_not_stand_in_for_the_last_who_can(doors: Doors) -> None:
    """Else a team would be left to somebody whose invite has expired."""
    merchant_id = "mer_01m83qpnc10y2w525st46371nr"
    second = a_person(doors.stage, TeamRole.OWNER, merchant_id)
    first = a_person(doors.stage, TeamRole.OWNER, merchant_id)
    path = f"/v1/accounts/{first.id}"
    follow(Audience.TEAM, doors.operate("POST", f"{path}/invite").body["invite_url"])
    for change in ({"active": False}, {"role": "viewer"}):
        kept = doors.operate("PATCH", path, change)
        assert (kept.status, kept.body["code"]) == (409, "last_of_its_role")
    link = doors.operate("POST", f"/v1/accounts/{second.id}/invite").body["invite_url"]
    follow(Audience.TEAM, link)
    assert doors.operate("PATCH", path, {"active": False}).status == 200
    assert not store.load(wiring.unit_of_work(), first.id).active


def test_a_dispatcher_sees_none_of_it(doors: Doors) -> None:
    dispatcher = a_visitor(doors.stage, DeskRole.DISPATCHER)
    assert dispatcher.get("/v1/me").body["role"] == "dispatcher"
    assert dispatcher.get("/v1/accounts").status == 403
