"""Who is added, changed and taken away? Each by somebody who may; a team keeps one chief."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.accounts import sessions, store
from chalicelib.domain.accounts.model import DESK_TEAM, AnyRole, Audience, Person, role_named
from chalicelib.kit import email_address, tokens
from chalicelib.kit.account_errors import EmailTaken, LastOfItsRole
from chalicelib.kit.errors import Conflict, Invalid
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: More than a desk or a shop has; it bounds the list.
MOST_PEOPLE = 100
#: From Friday's evening to Monday's.
INVITE_LIVES = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """``role`` is a word of the audience's roles."""

    name: str
    email: str
    role: str
    merchant_id: str | None = None

    @property
    def audience(self) -> Audience:
        return Audience.DESK if self.merchant_id is None else Audience.TEAM


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody, and the token of the link to choose a password: shown this once."""

    person: Person
    token: str


def invite(uow: UnitOfWork, new: NewPerson, server_key: bytes) -> Invited:
    """Add somebody, who chooses a password by the link within 72 hours.

    Raises
    ------
    Invalid
    EmailTaken
        The address has an account of this audience, in this team or another.
    Conflict
        If the team has a hundred people.
    """
    email = email_address.read(new.email)
    if not email:
        raise _wrong("email", "not an e-mail address")
    role = _role(new.audience, new.role)
    hashed = email_hash(server_key, email)
    if store.find(uow, new.audience, hashed) is not None:
        raise EmailTaken
    if len(store.list_team(uow, new.merchant_id or DESK_TEAM)) >= MOST_PEOPLE:
        raise Conflict(f"a team has at most {MOST_PEOPLE} people")
    token = tokens.new_token()
    person = Person(
        id=uow.new_id("prs"),
        name=new.name,
        email=email,
        role=role,
        merchant_id=new.merchant_id,
        created_at=uow.wall_now,
        invite_hash=tokens.hash_secret(token),
    )
    store.add(uow, person, hashed)
    _keep_invite(uow, person)
    return Invited(person, token)


def invite_again(uow: UnitOfWork, person: Person) -> Invited:
    """A new link to choose a password, also for whoever forgot it; the one before it is void.

    Raises
    ------
    Conflict
        If the account was ended: the link would open nothing.
    """
    if not person.active:
        raise Conflict("let them in again first: the link would open nothing")
    token = tokens.new_token()
    after = replace(person, invite_hash=tokens.hash_secret(token), version=person.version + 1)
    store.save(uow, after)
    if person.invite_hash:
        uow.delete(office_keys.invite(person.invite_hash), expect=None)
    _keep_invite(uow, after)
    return Invited(after, token)


def change_role(uow: UnitOfWork, person: Person, word: str) -> Person:
    """Raise Invalid for an unknown role, LastOfItsRole for a team's only chief."""
    role = _role(person.audience, word)
    if role is person.role:
        return person
    _keep_a_chief(uow, person)
    return _save(uow, replace(person, role=role))


def deactivate(uow: UnitOfWork, person: Person) -> Person:
    """Let somebody in no more; all sessions end at once. The name stays in the history.

    Raises
    ------
    LastOfItsRole
    """
    if not person.active:
        return person
    _keep_a_chief(uow, person)
    if person.invite_hash:
        uow.delete(office_keys.invite(person.invite_hash), expect=None)
    ended = replace(person, active=False, invite_hash="", sessions_end_at=uow.wall_now)
    return _save(uow, ended)


def reactivate(uow: UnitOfWork, person: Person) -> Person:
    return person if person.active else _save(uow, replace(person, active=True))


def sign_out_everywhere(uow: UnitOfWork, person: Person) -> Person:
    return sessions.end_all(uow, person)


def email_hash(server_key: bytes, email: str) -> str:
    """An e-mail address as it may stand in a key: keyed, and the same however it is written."""
    return tokens.email_hash(server_key, email.strip().lower())


def _keep_invite(uow: UnitOfWork, person: Person) -> None:
    uow.put(
        office_keys.invite(person.invite_hash),
        {"person_id": person.id},
        expect=0,
        expires_at=uow.wall_now + INVITE_LIVES,
    )


def _keep_a_chief(uow: UnitOfWork, person: Person) -> None:
    """Refuse to take away the last who may let others in, also when two do so to each other.

    Whoever has not followed the invite yet does not stand in for somebody who can sign in.
    """
    if not (person.is_chief and person.active):
        return
    for other in store.list_team(uow, person.team):
        stands_in = other.has_password or not person.has_password
        if other.is_chief and other.active and other.id != person.id and stands_in:
            uow.check(office_keys.account(other.id), expect=other.version)
            return
    raise LastOfItsRole(f"nobody else who can sign in is {person.role.value}")


def _role(audience: Audience, word: str) -> AnyRole:
    try:
        return role_named(audience, word)
    except ValueError as error:
        raise _wrong("role", "no such role here") from error


def _wrong(name: str, what: str) -> Invalid:
    return Invalid("a field is wrong", fields=[{"field": name, "error": what}])


def _save(uow: UnitOfWork, person: Person) -> Person:
    after = replace(person, version=person.version + 1)
    store.save(uow, after)
    return after
