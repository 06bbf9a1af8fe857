"""How does somebody who has signed in change the password? With the old one, and it ends the rest.

Every session of before ends, also one that a thief has; whoever changed it goes on by a new one.
Wrong old passwords are counted, so a session that was left open cannot be used to guess. With a
directory (Cognito) the old one is tried there, and the new one leaves the authenticator alone.
"""

from dataclasses import dataclass

from chalicelib.domain.accounts import sessions, store, tries
from chalicelib.domain.accounts.model import Person
from chalicelib.kit import passwords
from chalicelib.kit.errors import Invalid, Unauthenticated
from chalicelib.kit.identity import Directory
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: In a quarter of an hour, for one account.
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was typed."""

    old: str
    new: str
    again: str


def check(person: Person, typed: Renewal) -> None:
    """Raise Invalid unless the new password will do, and was meant."""
    if typed.new != typed.again:
        raise _wrong("again", "The two new passwords differ. Type the new one twice.")
    if typed.new == typed.old:
        raise _wrong("new", "That is the password that you have. Choose another one.")
    fault = passwords.fault(typed.new, email=person.email)
    if fault:
        raise _wrong("new", fault)


def prove(
    uow: UnitOfWork, person: Person, old: str, server_key: bytes, directory: Directory | None
) -> None:
    """Count a try, then look whether it is the password.

    Raises
    ------
    TooManyRequests
    Invalid
        If it is not.
    """
    tries.count(uow, server_key, (f"password:{person.id}", MOST_TRIES))
    if directory is not None:
        is_right = directory.sign_in(person.audience, person.id, old) is not None
    else:
        kept = uow.get(office_keys.password(person.id))
        is_right = passwords.fits(old, None if kept is None else kept["hash"])
    if not is_right:
        raise _wrong("old", "The old password is not right. Nothing has changed.")


def renew(uow: UnitOfWork, known: Person, new: str, directory: Directory | None) -> Person:
    """Set a password for whoever proved to know the old one, and end all sessions.

    ``known`` is who they were when the session was looked at. Whoever runs it again after a lost
    race does no harm.

    Raises
    ------
    Unauthenticated
        The account, or all its sessions, were ended meanwhile: also by the same form sent twice,
        so that one change is one change.
    """
    person = store.load(uow, known.id)
    if not person.active or person.sessions_end_at != known.sessions_end_at:
        raise Unauthenticated
    if directory is not None:
        directory.set_password(person.audience, person.id, new)
    else:
        hashed = passwords.hash_password(new)
        uow.put(office_keys.password(person.id), {"hash": hashed}, expect=None)
    return sessions.end_all(uow, person)


def _wrong(name: str, what: str) -> Invalid:
    return Invalid(what, fields=[{"field": name, "error": what}])
