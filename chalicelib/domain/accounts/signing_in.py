"""May they come in? E-mail address and password, then perhaps a code.

Whatever is wrong is answered alike and takes the same work: an unknown address, an account that was
ended, a wrong password. Tries are counted before anything is looked at, for the account and for the
address in the net that they come from. A wrong password never locks an account for longer than the
quarter of an hour, and never ends a session.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.accounts import people, sessions, store, tries
from chalicelib.domain.accounts.model import Audience, Person
from chalicelib.kit import passwords, tokens
from chalicelib.kit.errors import NotFound
from chalicelib.kit.identity import Directory, Step, Wanted
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: In a quarter of an hour: for one account, of one caller, of all behind one hop before us.
MOST_FOR_AN_ACCOUNT, MOST_OF_A_CALLER, MOST_OF_A_HOP = 10, 30, 300
STEP_LIVES = timedelta(minutes=3)
_NOBODY = "prs_nobody"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and where from."""

    audience: Audience
    email: str
    password: str
    caller: str = ""
    hop: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What the page asks for after the password; ``token`` names the step, once."""

    token: str
    step: Step


def count(uow: UnitOfWork, attempt: Attempt, server_key: bytes) -> None:
    """Count a try before it is looked at.

    Raises
    ------
    TooManyRequests
    """
    counted = [
        (f"caller:{attempt.caller}", MOST_OF_A_CALLER),
        (f"hop:{attempt.hop}", MOST_OF_A_HOP),
    ]
    email = attempt.email.strip().lower()
    if email:
        # A code names none: its step took a password, which was counted, and is good for one try.
        counted.append((f"{attempt.audience.value}:{email}", MOST_FOR_AN_ACCOUNT))
    tries.count(uow, server_key, *counted)


def sign_in(
    uow: UnitOfWork, attempt: Attempt, server_key: bytes, directory: Directory | None
) -> str | Next | None:
    """A token, or a further step; None for whatever is wrong, without saying what."""
    hashed = people.email_hash(server_key, attempt.email)
    pointer = uow.get(office_keys.account_of_email(attempt.audience, hashed))
    person, kept = _look_up(uow, _NOBODY if pointer is None else pointer["person_id"])
    if directory is not None:
        said = directory.sign_in(attempt.audience, _id(person), attempt.password)
        if person is None or not person.active or said is None:
            return None
        if isinstance(said, Step):
            return _keep_step(uow, person, said)
        return _enter(uow, person, said)
    is_right = passwords.fits(attempt.password, kept)
    if person is None or not person.active or not is_right:
        return None
    return _enter(uow, person, sessions.issue(uow, person, server_key))


def finish(
    uow: UnitOfWork, audience: Audience, token: str, code: str, directory: Directory
) -> str | None:
    """A token for the right code of a step; the step is used up whatever was typed."""
    key = office_keys.sign_in_step(tokens.hash_secret(token))
    item = uow.get(key)
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        return None
    uow.delete(key, expect=item["version"])
    person, _ = _look_up(uow, item["person_id"])
    if person is None or not person.active or person.audience is not audience:
        return None
    step = Step(Wanted(item["wanted"]), item["session"], item["secret"])
    said = directory.answer(audience, person.id, step, code)
    return None if said is None else _enter(uow, person, said)


def _id(person: Person | None) -> str:
    """Whom a directory is asked about; nobody's id for an unknown address, so that it works too."""
    return _NOBODY if person is None else person.id


def _look_up(uow: UnitOfWork, wanted: str) -> tuple[Person | None, str | None]:
    """Somebody and the hash of the password: one read, whether there is anybody or not."""
    key = office_keys.password(wanted)
    try:
        person, items = store.load_with(uow, wanted, key)
    except NotFound:
        return None, None
    return person, items[key]["hash"] if key in items else None


def _enter(uow: UnitOfWork, person: Person, token: str) -> str:
    today = uow.wall_now.date()
    if person.signed_in_on != today:
        store.save(uow, replace(person, signed_in_on=today, version=person.version + 1))
    return token


def _keep_step(uow: UnitOfWork, person: Person, step: Step) -> Next:
    token = tokens.new_token()
    uow.put(
        office_keys.sign_in_step(tokens.hash_secret(token)),
        {
            "person_id": person.id,
            "wanted": step.wanted.value,
            "session": step.session,
            "secret": step.secret,
        },
        expect=0,
        expires_at=uow.wall_now + STEP_LIVES,
    )
    return Next(token, step)
