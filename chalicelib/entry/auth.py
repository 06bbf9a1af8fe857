"""Who is calling, and may they? The kinds of callers as data, and how each is told from a stranger.

The tenant is what the credential says, never what the request says. A route names its kinds of
callers (entry.surface) and gets a ``Caller`` that was looked up here; it never looks itself.

People who sign in (docs/accounts.md) stand in for what their audience has: somebody of the desk for
the operator's key, a member of a merchant's team for a key of that merchant; each as far as the
role goes, by the same token in the header or in a cookie.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chalice.app import Request

from chalicelib import wiring
from chalicelib.domain.accounts.model import AnyRole, Audience, DeskRole, Person, TeamRole
from chalicelib.domain.drivers import sessions
from chalicelib.domain.merchants import api_keys
from chalicelib.domain.merchants.api_keys import Credential
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, signed_in, work
from chalicelib.kit.errors import NotAllowed, NotFound, Unauthenticated
from chalicelib.kit.signing import same

_LONGEST = 4096
_LONGEST_NAME = 120

#: Looks at the signature of a request and the path's parts; returns whoever signed, or raises.
Verify = Callable[[Request, Mapping[str, str]], Any]


class Role(StrEnum):
    PUBLIC = "public"
    OPERATOR = "operator"
    MERCHANT = "merchant"
    DRIVER = "driver"
    RECIPIENT = "recipient"
    PLATFORM = "platform"
    #: Pages of the console and of the portal, for people who have signed in.
    DESK = "desk"
    TEAM = "team"

    @property
    def has_bearer(self) -> bool:
        """Whether its credential is the token of the Authorization header."""
        return self in (Role.OPERATOR, Role.MERCHANT, Role.DRIVER)

    @property
    def is_page(self) -> bool:
        """Whether a cookie is its credential, and whoever has none is led to the sign-in."""
        return self in (Role.DESK, Role.TEAM)


@dataclass(frozen=True, slots=True)
class Who:
    """A kind of caller that a route lets in; ``why`` says what stands in for a credential.

    ``least`` is the role that somebody who signed in needs; None at the desk: viewers read,
    dispatchers write.
    """

    role: Role
    scope: Scope | None = None
    verify: Verify | None = None
    why: str = ""
    least: AnyRole | None = None


OPERATOR = Who(Role.OPERATOR)
#: What dispatchers leave alone: money, accounts, rate cards, merchants and their keys.
MANAGER = Who(Role.OPERATOR, least=DeskRole.MANAGER)
DRIVER = Who(Role.DRIVER)
#: The ``{token}`` in the path is the credential: the view opens it, and finds nothing without it.
RECIPIENT = Who(Role.RECIPIENT, why="the link is the credential")


def merchant(scope: Scope) -> Who:
    """A merchant whose API key carries the scope."""
    return Who(Role.MERCHANT, scope)


def desk_page(least: DeskRole) -> Who:
    """A page of the console, for people of the desk with at least this role."""
    return Who(Role.DESK, why="the session's cookie is the credential", least=least)


def portal_page(least: TeamRole) -> Who:
    """A page of the portal, for members of a merchant's team with at least this role."""
    return Who(Role.TEAM, why="the session's cookie is the credential", least=least)


def public(why: str) -> Who:
    """Anybody; say why."""
    return Who(Role.PUBLIC, why=why)


def signed(verify: Verify, why: str = "the body is signed") -> Who:
    """A platform that signed the request; the view gets what ``verify`` returns as ``sender``."""
    return Who(Role.PLATFORM, verify=verify, why=why)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling; ``id`` is the merchant's or the driver's, ``key`` the merchant's key.

    ``person`` is who has signed in; None for keys and drivers. ``called`` is the name that whoever
    has the operator's key gives itself (the header ``Desk-User``).
    """

    role: Role
    id: str = ""
    key: Credential | None = None
    sender: Any = None
    person: Person | None = None
    called: str = ""


class SignInFirst(Unauthenticated):
    """A page that nobody can be shown before signing in; the edge leads there."""

    def __init__(self, audience: Audience) -> None:
        super().__init__()
        self.audience = audience


#: What a member of a team may do by the API: as a key with these scopes; viewers only read.
TEAM_SCOPES: Mapping[TeamRole, frozenset[Scope]] = {
    TeamRole.VIEWER: frozenset({Scope.DELIVERIES_READ, Scope.SETTINGS_READ, Scope.QUOTES}),
    TeamRole.STAFF: frozenset(
        {Scope.DELIVERIES_READ, Scope.SETTINGS_READ, Scope.QUOTES, Scope.DELIVERIES_WRITE}
    ),
    TeamRole.OWNER: frozenset(Scope),
}


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
    if first.role.is_page:
        return _visitor(request, first)
    if not first.role.has_bearer:
        return Caller(first.role)
    by_cookie = not (request.headers or {}).get("authorization")
    for who in whos:
        if by_cookie:
            caller = _by_cookie(request, who.role)
        else:
            caller = _named(request, _LOOK_UP[who.role](bearer(request)))
        if caller is not None:
            if by_cookie:
                signed_in.prove_same_origin(request)
            return _let_in(caller, who, parts, request.method)
    raise Unauthenticated


def bearer(request: Request) -> str:
    """The token of the Authorization header; raise Unauthenticated when there is none."""
    header: str = (request.headers or {}).get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise Unauthenticated
    return token.strip()


def _named(request: Request, caller: Caller | None) -> Caller | None:
    if caller is None or caller.role is not Role.OPERATOR or caller.person is not None:
        return caller
    told: str = (request.headers or {}).get("desk-user", "")
    return replace(caller, called=rest.clean(told)[:_LONGEST_NAME])


def _visitor(request: Request, who: Who) -> Caller:
    """Whoever opens a page with the cookie of its audience."""
    audience = AUDIENCES[who.role]
    person = signed_in.person_of(audience, signed_in.cookie_of(request, audience))
    if person is None:
        raise SignInFirst(audience)
    signed_in.prove_same_origin(request)
    if who.least is not None and not person.role.reaches(who.least):
        raise NotAllowed(f"this is for the role {who.least.value} and above")
    return Caller(who.role, person.merchant_id or "", person=person)


def _by_cookie(request: Request, role: Role) -> Caller | None:
    audience = _SIGN_IN.get(role)
    token = "" if audience is None else signed_in.cookie_of(request, audience)
    return _person(role, token) if token and len(token) <= _LONGEST else None


def _person(role: Role, token: str) -> Caller | None:
    """Somebody who signed in, in the place of the key of that role."""
    person = signed_in.person_of(_SIGN_IN[role], token)
    return None if person is None else Caller(role, person.merchant_id or "", person=person)


def _let_in(caller: Caller, who: Who, parts: Mapping[str, str], method: str) -> Caller:
    if caller.person is not None:
        _require_role(caller.person, who, method)
    if caller.key is not None and who.scope is not None and not caller.key.may(who.scope):
        raise NotAllowed(f"the key lacks the scope {who.scope.value}")
    if caller.role is Role.MERCHANT and parts.get("merchant_id", caller.id) != caller.id:
        raise NotFound("there is no such merchant")
    return caller


def _require_role(person: Person, who: Who, method: str) -> None:
    reads = method in signed_in.HARMLESS
    if isinstance(person.role, TeamRole):
        has_scope = who.scope in TEAM_SCOPES[person.role]
        may = has_scope and (reads or person.role.reaches(TeamRole.STAFF))
    else:
        may = person.role.reaches(who.least or (DeskRole.VIEWER if reads else DeskRole.DISPATCHER))
    if not may:
        raise NotAllowed(f"not for the role {person.role.value}")


def _operator(token: str) -> Caller | None:
    if same(token, wiring.vault().operator_key()):
        return Caller(Role.OPERATOR)
    return _person(Role.OPERATOR, token)


def _merchant(token: str) -> Caller | None:
    if not token.startswith(("lm_live_", "lm_test_")):
        return _person(Role.MERCHANT, token)
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
#: Which audience's people stand in for a role's key, and whose pages are whose.
_SIGN_IN = {Role.OPERATOR: Audience.DESK, Role.MERCHANT: Audience.TEAM}
AUDIENCES = {Role.DESK: Audience.DESK, Role.TEAM: Audience.TEAM}
