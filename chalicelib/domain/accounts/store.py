"""How are people kept? Ids, roles and hashes in core; who they are in the table of people."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from chalicelib.domain.accounts.model import Audience, Person, role_named
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import office_keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def add(uow: UnitOfWork, person: Person, email_hash: str) -> None:
    """Keep somebody new: the commit is refused if the address has an account of this audience."""
    save(uow, person)
    uow.put(
        office_keys.account_details(person.id),
        {"name": person.name, "email": person.email},
        expect=0,
    )
    uow.put(
        office_keys.account_of_email(person.audience, email_hash),
        {"person_id": person.id},
        expect=0,
    )
    uow.put(office_keys.team_member(person.team, person.id), {"id": person.id}, expect=0)


def save(uow: UnitOfWork, person: Person) -> None:
    uow.put(office_keys.account(person.id), _to_item(person), expect=person.version - 1)


def load(uow: UnitOfWork, person_id: str) -> Person:
    """Raise NotFound unless there is such an account."""
    found, _ = load_with(uow, person_id)
    return found


def load_with(uow: UnitOfWork, person_id: str, *others: Key) -> tuple[Person, dict[Key, Item]]:
    """Somebody, and other items in the same read."""
    account, details = office_keys.account(person_id), office_keys.account_details(person_id)
    items = uow.get_many([account, details, *others])
    if account not in items:
        raise NotFound("there is no such account")
    return _from_items(items[account], items.get(details, {})), items


def load_of(uow: UnitOfWork, team: str, person_id: str) -> Person:
    """Somebody of this team; whoever is of another one does not exist."""
    person = load(uow, person_id)
    if person.team != team:
        raise NotFound("there is no such account")
    return person


def find(uow: UnitOfWork, audience: Audience, email_hash: str) -> Person | None:
    item = uow.get(office_keys.account_of_email(audience, email_hash))
    return None if item is None else load(uow, item["person_id"])


def list_team(uow: UnitOfWork, team: str) -> list[Person]:
    """Everybody of a team, oldest first."""
    pointers = uow.query_all(TableName.CORE, office_keys.team(team))
    return list(_load_many(uow, [item["id"] for item in pointers]))


def _load_many(uow: UnitOfWork, ids: list[str]) -> Iterable[Person]:
    keys = [make(one) for one in ids for make in _BOTH]
    items = uow.get_many(keys)
    for one in ids:
        account = items.get(office_keys.account(one))
        if account is not None:
            yield _from_items(account, items.get(office_keys.account_details(one), {}))


_BOTH = (office_keys.account, office_keys.account_details)


def _to_item(person: Person) -> Item:
    ended = person.sessions_end_at
    return {
        "id": person.id,
        "audience": person.audience.value,
        "merchant_id": person.merchant_id,
        "role": person.role.value,
        "active": person.active,
        "has_password": person.has_password,
        "signed_in_on": None if person.signed_in_on is None else person.signed_in_on.isoformat(),
        "sessions_end_at": None if ended is None else write_instant(ended),
        "invite_hash": person.invite_hash,
        "created_at": write_instant(person.created_at),
        "version": person.version,
    }


def _from_items(item: Item, details: dict[str, Any]) -> Person:
    signed_in_on, ended = item["signed_in_on"], item["sessions_end_at"]
    return Person(
        id=item["id"],
        # Whoever was erased keeps the history's ids, and no name.
        name=details.get("name", ""),
        email=details.get("email", ""),
        role=role_named(Audience(item["audience"]), item["role"]),
        merchant_id=item["merchant_id"],
        created_at=read_instant(item["created_at"]),
        active=item["active"],
        has_password=item["has_password"],
        signed_in_on=None if signed_in_on is None else date.fromisoformat(signed_in_on),
        sessions_end_at=None if ended is None else read_instant(ended),
        invite_hash=item["invite_hash"],
        version=int(item["version"]),
    )
