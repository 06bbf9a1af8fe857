"""A merchant's API keys: make one, see them, rotate one, end one."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import AwareDatetime, Field

from chalicelib.domain.merchants import api_keys, doubles
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.api_keys import ApiKey, Issued
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pricing.store import lend_card
from chalicelib.entry import rest, work
from chalicelib.entry.api.delivery_forms import Instant
from chalicelib.entry.auth import MANAGER, Caller, merchant
from chalicelib.entry.path_parts import IdOf, MerchantId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="API keys")

READ = merchant(Scope.SETTINGS_READ)
WRITE = merchant(Scope.SETTINGS_WRITE)
KeyId = Annotated[str, IdOf("key", "key")]

_KEY: dict[str, Any] = {
    "id": "key_01m83qpnc10y2w525st46371np",
    "name": "checkout",
    "shown": "lm_live_4fK2abcd",
    "scopes": ["quotes", "deliveries:write"],
    "live": True,
    "created_at": "2026-11-23T08:17:33.057Z",
    "expires_at": None,
    "last_used_on": "2026-11-23",
}


class NewKey(rest.Body):
    """``scopes`` left out: everything that the calling key may do. ``live`` false: a test key."""

    name: rest.Name
    live: bool = True
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] | None = None
    expires_at: Instant | None = None

    model_config = rest.example(name="checkout", scopes=["quotes", "deliveries:write"])


class OneKey(rest.Answer):
    """A key; `shown` is its beginning, `scopes` null is everything."""

    id: str
    name: str
    shown: str
    scopes: list[Scope] | None
    live: bool
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_on: str | None

    model_config = rest.example(**_KEY)


class NewlyMade(OneKey):
    """A new key with its text, which is shown this once."""

    api_key: str

    model_config = rest.example(
        **_KEY, api_key="lm_live_4fK2abcd_GwxeXIZ2mKcGsl3C3EoGZkBtdV7Y1uP0wq4rN9aJhTs"
    )


class KeyList(rest.Answer):
    """The keys that work, oldest first."""

    api_keys: list[OneKey]

    model_config = rest.example(api_keys=[_KEY])


@doors.route("GET", "/v1/api-keys", who=(READ,), answers={200: KeyList})
def list_api_keys(merchant_id: str) -> Mapping[str, Any]:
    """List the merchant's API keys, never their text."""
    found = work.read(lambda uow: api_keys.list_keys(uow, merchant_id))
    return {"api_keys": [_write(key) for key in found]}


@doors.route("POST", "/v1/api-keys", who=(WRITE,), answers={201: NewlyMade}, errors=(Conflict,))
def create_api_key(merchant_id: str, caller: Caller, body: NewKey) -> Mapping[str, Any]:
    """Make an API key.

    It may do no more than the key that asks for it, and is shown this once. At most 25 keys work
    at a time. A test key (`"live": false`, `lm_test_...`) opens a double of the merchant, whose
    deliveries never reach a driver or a phone; it makes test keys only.
    """
    owner = None if caller.key is None else caller.key.scopes
    scopes = api_keys.allowed(body.scopes, owner)
    is_test = not body.live or (caller.key is not None and not caller.key.live)

    def make(uow: UnitOfWork) -> Issued:
        if is_test:
            issued = doubles.issue_test_key(uow, merchant_id, body.name, scopes)
            double = merchant_store.load_merchant(uow, merchant_id).test_id
            if double is not None:
                lend_card(uow, merchant_id, double)
            return issued
        return api_keys.issue(
            uow, merchant_id, body.name, scopes=scopes, expires_at=body.expires_at
        )

    return _made(work.run(make))


@doors.route(
    "POST",
    "/v1/api-keys/{key_id}/rotate",
    who=(WRITE,),
    answers={201: NewlyMade},
    errors=(Conflict,),
)
def rotate_api_key(merchant_id: str, caller: Caller, key_id: KeyId) -> Mapping[str, Any]:
    """Make a successor of a key.

    It has the same name, scopes and end. The key before it goes on working for 24 hours.
    """
    owner = None if caller.key is None else caller.key.scopes

    def rotate(uow: UnitOfWork) -> Issued:
        issued = api_keys.rotate(uow, merchant_id, key_id)
        api_keys.allowed(issued.key.scopes, owner)
        return issued

    return _made(work.run(rotate))


@doors.route("DELETE", "/v1/api-keys/{key_id}", who=(WRITE,), answers={204: None})
def revoke_api_key(merchant_id: str, key_id: KeyId) -> Response:
    """End a key at once."""
    work.run(lambda uow: api_keys.revoke(uow, merchant_id, key_id))
    return rest.nothing()


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/api-keys",
    who=(MANAGER,),
    answers={201: NewlyMade},
    errors=(Conflict,),
)
def create_first_key(merchant_id: MerchantId, body: NewKey) -> Mapping[str, Any]:
    """Make a key for a merchant that has lost its own."""
    scopes = None if body.scopes is None else frozenset(body.scopes)

    def make(uow: UnitOfWork) -> Issued:
        merchant_store.load_merchant(uow, merchant_id)
        return api_keys.issue(
            uow, merchant_id, body.name, scopes=scopes, expires_at=body.expires_at
        )

    return _made(work.run(make))


def _made(issued: Issued) -> dict[str, Any]:
    return {**_write(issued.key), "api_key": issued.text}


def _write(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "shown": key.shown,
        "scopes": None if key.scopes is None else sorted(key.scopes),
        "live": key.live,
        "created_at": write_instant(key.created_at),
        "expires_at": None if key.expires_at is None else write_instant(key.expires_at),
        "last_used_on": None if key.last_used_on is None else key.last_used_on.isoformat(),
    }
