"""Who chooses a password? Whoever has the link of an invite: once, within 72 hours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.domain.accounts import store
from chalicelib.domain.accounts.model import Audience, Person
from chalicelib.kit import passwords, tokens
from chalicelib.kit.account_errors import InviteExpired
from chalicelib.kit.errors import Invalid, NotFound
from chalicelib.kit.identity import Directory
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Choice:
    """The link's token and the password that was typed."""

    audience: Audience
    token: str
    password: str


def open_invite(uow: UnitOfWork, audience: Audience, token: str) -> Person:
    """Whose invite it is.

    Raises
    ------
    InviteExpired
        Also for one that never was: which of it is not said.
    """
    hashed = tokens.hash_secret(token)
    item = uow.get(office_keys.invite(hashed))
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        raise InviteExpired
    try:
        person = store.load(uow, item["person_id"])
    except NotFound as error:
        raise InviteExpired from error
    if not person.active or person.audience is not audience or person.invite_hash != hashed:
        raise InviteExpired
    return person


def open_until(uow: UnitOfWork, people: Iterable[Person]) -> dict[str, datetime]:
    """Until when the link of each works, by the person's id; who has no open one is left out."""
    keys = {one.id: office_keys.invite(one.invite_hash) for one in people if one.invite_hash}
    items = uow.get_many(keys.values())
    ends = {
        person_id: datetime.fromtimestamp(int(items[key]["expires"]), UTC)
        for person_id, key in keys.items()
        if key in items
    }
    # DynamoDB deletes what has expired within days, not seconds.
    return {person_id: end for person_id, end in ends.items() if end > uow.wall_now}


def choose_password(uow: UnitOfWork, choice: Choice, directory: Directory | None) -> Person:
    """Set the password and use the link up; whoever had one before is signed out everywhere.

    Raises
    ------
    InviteExpired
    Invalid
        ``detail`` says what is wrong with the password.
    """
    person = open_invite(uow, choice.audience, choice.token)
    wrong = passwords.fault(choice.password, email=person.email)
    if wrong:
        raise Invalid(wrong, fields=[{"field": "password", "error": wrong}])
    if directory is not None:
        directory.start_over(person.audience, person.id, choice.password)
    else:
        hashed = passwords.hash_password(choice.password)
        uow.put(office_keys.password(person.id), {"hash": hashed}, expect=None)
    uow.delete(office_keys.invite(person.invite_hash), expect=1)
    after = replace(
        person,
        has_password=True,
        invite_hash="",
        # Nobody could have signed in before there was a password.
        sessions_end_at=uow.wall_now if person.has_password else person.sessions_end_at,
        version=person.version + 1,
    )
    store.save(uow, after)
    return after
