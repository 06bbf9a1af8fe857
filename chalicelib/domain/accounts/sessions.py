"""Whose token is it, and does it still count? One shape of token, whoever issued it.

A signed JWT that says who (never as what: the role is looked up, so a change counts at once). Our
own accounts sign it with ES256 by a key that is derived from the server's; Cognito's ID tokens have
the same claims and RS256. Algorithm, issuer, audience, kind and end are pinned, an unknown key is
refused. Sources: RFC 7519, RFC 8725 (best practices), Amazon Cognito developer guide ("Verifying
JSON web tokens"; ID token payload).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key

from chalicelib.domain.accounts import store
from chalicelib.domain.accounts.model import Audience, Person
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound, Unauthenticated
from chalicelib.kit.identity import Issuer
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: A working day; Cognito's clients are set to the same in the template.
SESSION_LIVES = timedelta(hours=8)
#: So far may the clock of whoever issued a token be ahead of ours.
_LEEWAY_S = 5
_OUR_NAME = "urn:lastmile:accounts"
_PERSON = "cognito:username"


@dataclass(frozen=True, slots=True)
class Claims:
    person_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime


def issue(uow: UnitOfWork, person: Person, server_key: bytes) -> str:
    """A token for a new session of somebody with an account of our own.

    Of the second in which all sessions ended, it is dated one later: within every leeway.
    """
    issued = int(uow.wall_now.timestamp())
    ended = person.sessions_end_at
    if ended is not None and issued == int(ended.timestamp()):
        issued += 1
    claims = {
        "iss": _OUR_NAME,
        "aud": person.audience.value,
        "sub": person.id,
        _PERSON: person.id,
        "token_use": "id",
        "auth_time": issued,
        "iat": issued,
        "exp": issued + int(SESSION_LIVES.total_seconds()),
        "jti": uow.new_id("jti"),
    }
    key = signing_key(server_key)
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint(), "typ": "JWT"}, claims, key)


def own_issuer(audience: Audience, server_key: bytes) -> Issuer:
    key = signing_key(server_key)
    return Issuer(
        _OUR_NAME, audience.value, "ES256", lambda kid: key if kid == key.thumbprint() else None
    )


@cache
def signing_key(server_key: bytes) -> ECKey:
    """The private key of our own accounts: derived, so that there is no further secret to keep."""
    # Imported here: the wheel costs 30 ms, and only whoever signs in needs it.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    number = int.from_bytes(tokens.derive_key(server_key, "account-token"), "big")
    # Below the curve's order, and never zero.
    private = ec.derive_private_key(number % (2**255) + 1, ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return ECKey.import_key(pem)


def verify(token: str, issuer: Issuer, wall_now: datetime) -> Claims:
    """What a token says, if this issuer signed it for this audience and it has not ended.

    Raises
    ------
    Unauthenticated
    """

    def find(signed: Any) -> Key:
        kid = signed.headers().get("kid")
        key = issuer.key(kid) if isinstance(kid, str) else None
        if key is None:
            raise Unauthenticated
        return key

    pinned: dict[str, jwt.ClaimsOption] = {
        "iss": {"essential": True, "value": issuer.name},
        "aud": {"essential": True, "value": issuer.audience},
        "token_use": {"essential": True, "value": "id"},
        **{name: {"essential": True} for name in ("sub", "exp", "iat", "jti", _PERSON)},
    }
    registry = jwt.JWTClaimsRegistry(now=int(wall_now.timestamp()), leeway=_LEEWAY_S, **pinned)
    try:
        claims = jwt.decode(token, find, algorithms=[issuer.algorithm]).claims
        registry.validate(claims)
        issued_at, expires_at = _instant(claims["iat"]), _instant(claims.get("exp"))
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise Unauthenticated from error
    if expires_at <= wall_now:
        raise Unauthenticated
    return Claims(str(claims[_PERSON]), str(claims["jti"]), issued_at, expires_at)


def authenticate(uow: UnitOfWork, audience: Audience, token: str, issuer: Issuer) -> Person:
    """The person whose session this is, as of now.

    Raises
    ------
    Unauthenticated
        The token is none of ours, the session was ended, or the account was.
    """
    claims = verify(token, issuer, uow.wall_now)
    ended = office_keys.ended_session(tokens.hash_secret(claims.session_id))
    try:
        person, items = store.load_with(uow, claims.person_id, ended)
    except NotFound as error:
        raise Unauthenticated from error
    since = person.sessions_end_at
    # Tokens count whole seconds: one of the second in which all were ended has ended.
    is_over = since is not None and int(claims.issued_at.timestamp()) <= int(since.timestamp())
    if person.audience is not audience or not person.active or is_over or ended in items:
        raise Unauthenticated
    return person


def end(uow: UnitOfWork, token: str, issuer: Issuer) -> None:
    """End one session for good: a copy of its token opens nothing any more."""
    claims = verify(token, issuer, uow.wall_now)
    uow.put(
        office_keys.ended_session(tokens.hash_secret(claims.session_id)),
        {"ended": True},
        expect=None,
        expires_at=claims.expires_at + timedelta(minutes=1),
    )


def end_all(uow: UnitOfWork, person: Person) -> Person:
    """End every session of somebody; whoever signs in afterwards has a new one."""
    after = replace(person, sessions_end_at=uow.wall_now, version=person.version + 1)
    store.save(uow, after)
    return after


def _instant(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("a time of a token is a whole number")
    return datetime.fromtimestamp(seconds, UTC)
