"""Who may sign in: the desk's own people, and those of a merchant's team.

For managers and the operator's key; owners see to their own team in the portal.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field

from chalicelib import wiring
from chalicelib.domain.accounts import invites, people, store
from chalicelib.domain.accounts.model import DESK_TEAM, DeskRole, Person
from chalicelib.domain.accounts.people import Invited, NewPerson
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller
from chalicelib.entry.invites_out import Handed, can_mail, hand_over
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.account_errors import EmailTaken, LastOfItsRole
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Accounts")

PersonId = Annotated[str, IdOf("prs", "account")]
Role = Literal["viewer", "dispatcher", "manager", "staff", "owner"]
_ACCOUNT: dict[str, Any] = {
    "id": "prs_01m83qpnc10y2w525st46371np",
    "name": "Marta Roth",
    "email": "marta@lastmile.example",
    "role": "dispatcher",
    "merchant_id": None,
    "active": True,
    "has_password": False,
    "signed_in_on": None,
    "created_at": "2026-11-27T08:17:33.057Z",
    "invite_expires_at": "2026-11-30T08:17:33.000Z",
}
_INVITE: dict[str, Any] = {
    "invite_url": "https://lastmile.example/ops/invite/px7eWHVhU9wi_SMsg1KjkgAAAAAAAAAAAAAAAAAAAAA",
    "mailed": False,
}


class NewAccount(rest.Body):
    """``merchant_id`` makes a member of that merchant's team, else it is somebody of the desk.

    ``mail``: whether the link is mailed, where the operator has named a sender.
    """

    name: rest.Name
    email: Annotated[str, Field(min_length=3, max_length=254)]
    role: Role
    merchant_id: Annotated[str, Field(max_length=64)] | None = None
    mail: bool = True

    model_config = rest.example(
        name="Marta Roth", email="marta@lastmile.example", role="dispatcher"
    )


class AccountChange(rest.Body):
    """What is left out stays."""

    role: Role | None = None
    active: bool | None = None

    model_config = rest.example(role="manager")


class InviteForm(rest.Body):
    """``mail``: whether the link is mailed, where the operator has named a sender."""

    mail: bool = True

    model_config = rest.example(mail=False)


class WhoseAccounts(rest.Body):
    """Whose team; left out: the desk."""

    merchant_id: Annotated[str, Field(max_length=64)] | None = None


class Account(rest.Answer):
    """Somebody who may sign in; `signed_in_on` is the day of the last sign-in.

    `invite_expires_at`: until when the link to choose a password works; null where none is open.
    """

    id: str
    name: str
    email: str
    role: Role
    merchant_id: str | None
    active: bool
    has_password: bool
    signed_in_on: str | None
    created_at: AwareDatetime
    invite_expires_at: AwareDatetime | None

    model_config = rest.example(**_ACCOUNT)


class InvitedAccount(Account):
    """An account, and the link to choose a password: good once, for 72 hours. It is shown this
    once, and null where it was ``mailed``."""

    invite_url: str | None
    mailed: bool

    model_config = rest.example(**_ACCOUNT, **_INVITE)


class AccountList(rest.Answer):
    """Everybody of a team, oldest first; `can_mail`: whether the operator has named a sender."""

    accounts: list[Account]
    can_mail: bool

    model_config = rest.example(accounts=[_ACCOUNT], can_mail=True)


class Me(rest.Answer):
    """Who is calling, and as what; for the operator's key `id` is null."""

    id: str | None
    name: str
    role: Role

    model_config = rest.example(id=_ACCOUNT["id"], name="Marta Roth", role="dispatcher")


@doors.route("GET", "/v1/me", who=(OPERATOR,), answers={200: Me})
def show_me(caller: Caller) -> Mapping[str, Any]:
    """Show who of the desk has signed in, and the role."""
    person = caller.person
    if person is None:
        return {"id": None, "name": caller.called or "desk", "role": DeskRole.MANAGER.value}
    return {"id": person.id, "name": person.name, "role": person.role.value}


@doors.route(
    "POST",
    "/v1/accounts",
    who=(MANAGER,),
    answers={201: InvitedAccount},
    errors=(EmailTaken, Conflict, NotFound),
)
def create_account(body: NewAccount) -> Mapping[str, Any]:
    """Let somebody sign in: at the desk, or in a merchant's team.

    The link to choose a password is mailed where the operator has named a sender (`EmailSender`),
    and shown otherwise, or with `mail` false: hand it on yourself. An e-mail address has one
    account at the desk and one in one team. Roles at the desk: viewer, dispatcher, manager; in a
    team: viewer, staff, owner.
    """
    server_key = wiring.vault().server_key()
    new = NewPerson(body.name, body.email, body.role, body.merchant_id)

    def make(uow: UnitOfWork) -> Invited:
        if body.merchant_id is not None:
            merchant_store.load_merchant(uow, body.merchant_id)
        return people.invite(uow, new, server_key)

    return _write_handed(hand_over(work.run(make), by_mail=body.mail))


@doors.route("GET", "/v1/accounts", who=(MANAGER,), answers={200: AccountList})
def list_accounts(query: WhoseAccounts) -> Mapping[str, Any]:
    """List who may sign in at the desk, or in a merchant's team."""
    uow = work.begin()
    found = store.list_team(uow, query.merchant_id or DESK_TEAM)
    until = invites.open_until(uow, found)
    return {
        "accounts": [_write(one, until.get(one.id)) for one in found],
        "can_mail": can_mail(),
    }


@doors.route(
    "PATCH",
    "/v1/accounts/{person_id}",
    who=(MANAGER,),
    answers={200: Account},
    errors=(LastOfItsRole, Conflict),
)
def change_account(person_id: PersonId, body: AccountChange) -> Mapping[str, Any]:
    """Give somebody another role, or let them in no more: it counts with their next request.

    A team keeps at least one manager or owner.
    """

    def change(uow: UnitOfWork) -> Person:
        person = store.load(uow, person_id)
        if body.role is not None:
            person = people.change_role(uow, person, body.role)
        if body.active is not None:
            switch = people.reactivate if body.active else people.deactivate
            person = switch(uow, person)
        return person

    return _show(work.run(change))


@doors.route(
    "POST",
    "/v1/accounts/{person_id}/invite",
    who=(MANAGER,),
    answers={201: InvitedAccount},
    errors=(Conflict,),
)
def invite_account_again(person_id: PersonId, body: InviteForm) -> Mapping[str, Any]:
    """Make a new link to choose a password, also for a forgotten one; those before it are void."""
    invited = work.run(lambda uow: people.invite_again(uow, store.load(uow, person_id)))
    return _write_handed(hand_over(invited, by_mail=body.mail))


@doors.route("POST", "/v1/accounts/{person_id}/sign-out", who=(MANAGER,), answers={200: Account})
def sign_account_out(person_id: PersonId) -> Mapping[str, Any]:
    """End all sessions of somebody at once, on every device."""
    return _show(work.run(lambda uow: people.sign_out_everywhere(uow, store.load(uow, person_id))))


def _write_handed(handed: Handed) -> dict[str, Any]:
    return {
        **_show(handed.invited.person),
        "invite_url": handed.link or None,
        "mailed": handed.is_mailed,
    }


def _show(person: Person) -> dict[str, Any]:
    """Somebody as of now, with the invite that is open."""
    return _write(person, invites.open_until(work.begin(), [person]).get(person.id))


def _write(person: Person, until: datetime | None) -> dict[str, Any]:
    day = person.signed_in_on
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "merchant_id": person.merchant_id,
        "active": person.active,
        "has_password": person.has_password,
        "signed_in_on": None if day is None else day.isoformat(),
        "created_at": write_instant(person.created_at),
        "invite_expires_at": None if until is None else write_instant(until),
    }
