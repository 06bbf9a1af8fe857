"""Whom does an API key stand for, and what may it do? Keys are made, rotated and ended here.

A key is shown once and kept as its hash: ``K#<hash>`` opens it with one read (looked up by hash, so
timing tells nothing), ``M#<mer>`` / ``AK#<key>`` is what its merchant sees of it. Lives are in wall
time, because a key is a thing of the outside world, not of a simulated day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeGuard

from chalicelib.domain.merchants.model import Scope
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, NotAllowed, NotFound, StaleVersion, Unauthenticated
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: More than anybody tells apart; it bounds the list.
MOST_KEYS = 25
#: With those that were rotated and still work for a day: one commit deletes them all.
MOST_WITH_ROTATED = 40
#: How long a rotated key goes on working beside its successor: a working day to deploy it.
GRACE = timedelta(hours=24)

Scopes = frozenset[Scope] | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its merchant sees it.

    ``scopes`` None is everything; ``shown`` is its beginning, enough to tell it in a configuration;
    ``last_used_on`` is a day, written once a day.
    """

    id: str
    name: str
    shown: str
    scopes: Scopes
    live: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_on: date | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, and its text: shown this once."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class Credential:
    """What a key opens; ``used_today`` is False until the day's first use is written down."""

    merchant_id: str
    key_id: str
    scopes: Scopes
    live: bool
    key_hash: str
    used_today: bool

    def may(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes


def issue(
    uow: UnitOfWork,
    merchant_id: str,
    name: str,
    *,
    scopes: Scopes = None,
    live: bool = True,
    expires_at: datetime | None = None,
) -> Issued:
    """Make a key.

    Raises
    ------
    Conflict
        If the merchant has 25 of them.
    """
    if len(_sweep(uow, merchant_id)) >= MOST_KEYS:
        raise Conflict(f"a merchant has at most {MOST_KEYS} keys: end one first")
    return _issue(uow, merchant_id, name, scopes=scopes, live=live, expires_at=expires_at)


def list_keys(uow: UnitOfWork, merchant_id: str) -> list[ApiKey]:
    """The keys that work, oldest first."""
    return [_read(shown, door) for shown, door in _all(uow, merchant_id) if _works(door, uow)]


def rotate(uow: UnitOfWork, merchant_id: str, key_id: str) -> Issued:
    """A successor with the same name and scopes; the key before it works for another day.

    The same again makes another successor that lives as long: whoever pressed twice was shown the
    second one.

    Raises
    ------
    NotFound
    Conflict
        If there are 40 keys, with those that were rotated within a day.
    """
    if len(_sweep(uow, merchant_id)) >= MOST_WITH_ROTATED:
        raise Conflict("so many keys were rotated within a day: end one first")
    shown, door = _load(uow, merchant_id, key_id)
    before = _read(shown, door)
    ends_at = uow.wall_now + GRACE
    planned = door.get("successors_end_at", door["expires_at"])
    if before.expires_at is None or before.expires_at > ends_at:
        ending = {
            **door,
            "expires_at": write_instant(ends_at),
            "successors_end_at": planned,
            "version": door["version"] + 1,
        }
        uow.put(keys.api_key(shown["hash"]), ending, expect=door["version"])
    return _issue(
        uow,
        merchant_id,
        before.name,
        scopes=before.scopes,
        live=before.live,
        expires_at=None if planned is None else read_instant(planned),
    )


def revoke(uow: UnitOfWork, merchant_id: str, key_id: str) -> None:
    """End a key at once; raise NotFound for one that this merchant does not have."""
    shown, door = _load(uow, merchant_id, key_id)
    uow.delete(keys.api_key(shown["hash"]), expect=door["version"])
    uow.delete(keys.api_key_shown(merchant_id, key_id), expect=shown["version"])


def authenticate(uow: UnitOfWork, text: str) -> Credential:
    """What this key opens.

    Raises
    ------
    Unauthenticated
        If there is no such key, or its time is over: which of the two is not said.
    """
    key_hash = tokens.hash_secret(text)
    door = uow.get(keys.api_key(key_hash))
    if not _works(door, uow):
        raise Unauthenticated
    return Credential(
        merchant_id=door["merchant_id"],
        key_id=door["key_id"],
        scopes=_scopes(door["scopes"]),
        live=door["live"],
        key_hash=key_hash,
        used_today=door["last_used_on"] == uow.wall_now.date().isoformat(),
    )


def note_use(uow: UnitOfWork, credential: Credential) -> None:
    """Write down that it was used today; a key that was changed at this instant is left alone."""
    key = keys.api_key(credential.key_hash)
    door = uow.get(key)
    if door is None:
        return
    today = uow.wall_now.date().isoformat()
    used = {**door, "last_used_on": today, "version": door["version"] + 1}
    uow.put(key, used, expect=door["version"])
    try:
        uow.commit()
    except StaleVersion:
        return


def allowed(asked: Iterable[Scope] | None, owner: Scopes) -> Scopes:
    """The scopes that a key may give another: never more than its own.

    Raises
    ------
    NotAllowed
    """
    wanted = None if asked is None else frozenset(asked)
    if owner is None:
        return wanted
    if wanted is None or not wanted <= owner:
        raise NotAllowed("a key gives no more than it has")
    return wanted


def _issue(
    uow: UnitOfWork,
    merchant_id: str,
    name: str,
    *,
    scopes: Scopes,
    live: bool,
    expires_at: datetime | None,
) -> Issued:
    text = tokens.new_api_key(live=live)
    key = ApiKey(
        id=uow.new_id("key"),
        name=name,
        shown=tokens.beginning_of(text),
        scopes=scopes,
        live=live,
        created_at=uow.wall_now,
        expires_at=expires_at,
        last_used_on=None,
    )
    key_hash = tokens.hash_secret(text)
    uow.put(
        keys.api_key(key_hash),
        {
            "merchant_id": merchant_id,
            "key_id": key.id,
            "scopes": None if scopes is None else sorted(scopes),
            "live": live,
            "expires_at": None if expires_at is None else write_instant(expires_at),
            "last_used_on": None,
        },
        expect=0,
    )
    uow.put(
        keys.api_key_shown(merchant_id, key.id),
        {
            "id": key.id,
            "name": name,
            "shown": key.shown,
            "hash": key_hash,
            "created_at": write_instant(key.created_at),
        },
        expect=0,
    )
    return Issued(key, text)


def _load(uow: UnitOfWork, merchant_id: str, key_id: str) -> tuple[Item, Item]:
    shown = uow.get(keys.api_key_shown(merchant_id, key_id))
    door = None if shown is None else uow.get(keys.api_key(shown["hash"]))
    if shown is None or not _works(door, uow):
        raise NotFound("there is no such key")
    return shown, door


def _read(shown: Item, door: Item) -> ApiKey:
    expires_at, used = door["expires_at"], door["last_used_on"]
    return ApiKey(
        id=shown["id"],
        name=shown["name"],
        shown=shown["shown"],
        scopes=_scopes(door["scopes"]),
        live=door["live"],
        created_at=read_instant(shown["created_at"]),
        expires_at=None if expires_at is None else read_instant(expires_at),
        last_used_on=None if used is None else date.fromisoformat(used),
    )


def _scopes(kept: Any) -> Scopes:
    return None if kept is None else frozenset(Scope(one) for one in kept)


def _works(door: Item | None, uow: UnitOfWork) -> TypeGuard[Item]:
    if door is None:
        return False
    expires_at = door["expires_at"]
    return expires_at is None or uow.wall_now < read_instant(expires_at)


def _all(uow: UnitOfWork, merchant_id: str) -> list[tuple[Item, Item | None]]:
    shown = uow.query_all(TableName.CORE, *keys.api_keys(merchant_id))
    doors = uow.get_many(keys.api_key(item["hash"]) for item in shown)
    return [(item, doors.get(keys.api_key(item["hash"]))) for item in shown]


def _sweep(uow: UnitOfWork, merchant_id: str) -> list[Item]:
    """Delete keys whose time is over; what is left."""
    left = []
    for shown, door in _all(uow, merchant_id):
        if _works(door, uow):
            left.append(shown)
            continue
        uow.delete(keys.api_key_shown(merchant_id, shown["id"]), expect=shown["version"])
        if door is not None:
            uow.delete(keys.api_key(shown["hash"]), expect=door["version"])
    return left
