"""Who is calling, and may they? The kinds of callers as data, and how each is told from a stranger.

The tenant is what the credential says, never what the request says. A route names its kinds of
callers (entry.surface) and gets a ``Caller`` that was looked up here; it never looks itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalice.app import Request

from chalicelib import wiring
from chalicelib.domain.drivers import sessions
from chalicelib.domain.merchants import api_keys
from chalicelib.domain.merchants.api_keys import Credential
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import work
from chalicelib.kit.errors import NotAllowed, NotFound, Unauthenticated
from chalicelib.kit.signing import same

_LONGEST = 4096

#: Looks at the signature of a request and the path's parts; returns whoever signed, or raises.
Verify = Callable[[Request, Mapping[str, str]], Any]


class Role(StrEnum):
    PUBLIC = "public"
    OPERATOR = "operator"
    MERCHANT = "merchant"
    DRIVER = "driver"
    RECIPIENT = "recipient"
    PLATFORM = "platform"

    @property
    def has_bearer(self) -> bool:
        """Whether its credential is the token of the Authorization header."""
        return self in (Role.OPERATOR, Role.MERCHANT, Role.DRIVER)


@dataclass(frozen=True, slots=True)
class Who:
    """A kind of caller that a route lets in; ``why`` says what stands in for a credential."""

    role: Role
    scope: Scope | None = None
    verify: Verify | None = None
    why: str = ""


OPERATOR = Who(Role.OPERATOR)
DRIVER = Who(Role.DRIVER)
#: The ``{token}`` in the path is the credential: the view opens it, and finds nothing without it.
RECIPIENT = Who(Role.RECIPIENT, why="the link is the credential")


def merchant(scope: Scope) -> Who:
    """A merchant whose API key carries the scope."""
    return Who(Role.MERCHANT, scope)


def public(why: str) -> Who:
    """Anybody; say why."""
    return Who(Role.PUBLIC, why=why)


def signed(verify: Verify, why: str = "the body is signed") -> Who:
    """A platform that signed the request; the view gets what ``verify`` returns as ``sender``."""
    return Who(Role.PLATFORM, verify=verify, why=why)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling; ``id`` is the merchant's or the driver's, ``key`` the merchant's key."""

    role: Role
    id: str = ""
    key: Credential | None = None
    sender: Any = None


def identify(request: Request, whos: tuple[Who, ...], parts: Mapping[str, str]) -> Caller:
    """The caller, if the route lets it in.

    Raises
    ------
    Unauthenticated
        No credential, one that we do not know, or one that opens other doors: not said which.
    NotAllowed
        The merchant's key lacks the scope.
    NotFound
        A merchant asks for another merchant's ``{merchant_id}``.
    """
    first = whos[0]
    if first.verify is not None:
        return Caller(first.role, sender=first.verify(request, parts))
    if not first.role.has_bearer:
        return Caller(first.role)
    token = bearer(request)
    for who in whos:
        caller = _LOOK_UP[who.role](token)
        if caller is not None:
            return _let_in(caller, who, parts)
    raise Unauthenticated


def bearer(request: Request) -> str:
    """The token of the Authorization header; raise Unauthenticated when there is none."""
    header: str = (request.headers or {}).get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise Unauthenticated
    return token.strip()


def _let_in(caller: Caller, who: Who, parts: Mapping[str, str]) -> Caller:
    if caller.key is not None and who.scope is not None and not caller.key.may(who.scope):
        raise NotAllowed(f"the key lacks the scope {who.scope.value}")
    if caller.role is Role.MERCHANT and parts.get("merchant_id", caller.id) != caller.id:
        raise NotFound("there is no such merchant")
    return caller


def _operator(token: str) -> Caller | None:
    return Caller(Role.OPERATOR) if same(token, wiring.vault().operator_key()) else None


def _merchant(token: str) -> Caller | None:
    if not token.startswith(("lm_live_", "lm_test_")):
        return None
    key = work.read(lambda uow: api_keys.authenticate(uow, token))
    if not key.used_today:
        api_keys.note_use(work.begin(), key)
    return Caller(Role.MERCHANT, key.merchant_id, key)


def _driver(token: str) -> Caller | None:
    if token.count(".") != 2:
        return None
    server_key = wiring.vault().server_key()
    driver_id = work.read(lambda uow: sessions.authenticate(uow, token, server_key))
    return Caller(Role.DRIVER, driver_id)


_LOOK_UP: Mapping[Role, Callable[[str], Caller | None]] = {
    Role.OPERATOR: _operator,
    Role.MERCHANT: _merchant,
    Role.DRIVER: _driver,
}
