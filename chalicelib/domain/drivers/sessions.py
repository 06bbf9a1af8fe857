"""How does a driver sign in? A one-time code by text, then a short-lived token.

The code has six digits, lives ten minutes, allows five tries, and a new one ends the one before.
The access token is a JWT (HS256) of fifteen minutes; the refresh token is 256 bits, kept hashed,
good for thirty days and for one use: when a used one comes back, somebody has copied it, and the
whole family ends. Only a phone that lost the reply on its way may ask again for a minute: it is
told the same next token, as long as nobody has used that one. All times are wall time. Source:
OWASP ASVS 5.0, chapters on one-time codes and token lives; RFC 7519.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chalicelib.domain.drivers import store
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound, Unauthenticated, WrongCode
from chalicelib.kit.phone import Phone
from chalicelib.kit.signing import same
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
#: Texts cost money, and somebody else may be asking: no second code within this time ...
CODE_PAUSE = timedelta(seconds=20)
#: ... and no more than so many within an hour without a sign-in.
CODES_PER_HOUR = 5
ACCESS_LIVES = timedelta(minutes=15)
REFRESH_LIVES = timedelta(days=30)
#: So long a phone that heard no answer may ask with the old token again.
ASKED_AGAIN_WITHIN = timedelta(seconds=60)

_ISSUER = "lastmile"
_AUDIENCE = "driver"


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_in: int


def start_sign_in(uow: UnitOfWork, phone: Phone, server_key: bytes) -> str | None:
    """Make a code for a driver's phone.

    Returns
    -------
    None if no driver who is active has this phone, or it was sent too many codes: the caller
    answers alike, so that nobody learns who drives for us.
    """
    hashed = tokens.phone_hash(server_key, phone.e164)
    owner = uow.get(keys.driver_phone(hashed))
    if owner is None or not _is_active(uow, owner["driver_id"]):
        return None
    key = keys.sign_in_code(hashed)
    earlier = uow.get(key)
    lately = _asked_lately(earlier, uow.wall_now)
    if len(lately) >= CODES_PER_HOUR or (lately and lately[-1] + CODE_PAUSE > uow.wall_now):
        return None
    code = tokens.new_code()
    expires_at = uow.wall_now + CODE_LIVES
    uow.put(
        key,
        {
            "driver_id": owner["driver_id"],
            "code_hash": tokens.hash_code(server_key, phone.e164, code),
            "asked_at": [write_instant(at) for at in (*lately, uow.wall_now)],
            "expires_at": write_instant(expires_at),
            "tries_left": CODE_TRIES,
        },
        expect=0 if earlier is None else earlier["version"],
        expires_at=uow.wall_now + timedelta(hours=1),
    )
    return code


def _asked_lately(earlier: Item | None, wall_now: datetime) -> list[datetime]:
    asked = [] if earlier is None else [read_instant(text) for text in earlier["asked_at"]]
    return [at for at in asked if at > wall_now - timedelta(hours=1)]


def spend_try(uow: UnitOfWork, phone: Phone, server_key: bytes) -> None:
    """Take one try off the live code; committed before the code is looked at, so that guesses in
    parallel are counted, every one.

    Raises
    ------
    WrongCode
        If there is no live code, or no try left.
    """
    key = keys.sign_in_code(tokens.phone_hash(server_key, phone.e164))
    item = uow.get(key)
    if item is None or read_instant(item["expires_at"]) <= uow.wall_now:
        raise WrongCode
    if item["tries_left"] < 1:
        raise WrongCode
    uow.put(
        key,
        {**_body(item), "tries_left": item["tries_left"] - 1},
        expect=item["version"],
        # The codes of this hour are counted here: it outlives the code that is guessed at.
        expires_at=uow.wall_now + timedelta(hours=1),
    )


def finish_sign_in(uow: UnitOfWork, phone: Phone, code: str, server_key: bytes) -> Tokens:
    """Exchange a code for tokens; the code is used up.

    Raises
    ------
    WrongCode
    """
    key = keys.sign_in_code(tokens.phone_hash(server_key, phone.e164))
    item = uow.get(key)
    if item is None or read_instant(item["expires_at"]) <= uow.wall_now:
        raise WrongCode
    if not same(item["code_hash"], tokens.hash_code(server_key, phone.e164, code)):
        raise WrongCode
    uow.delete(key, expect=item["version"])
    return _open_session(uow, item["driver_id"], uow.new_id("fam"), server_key)


def refresh(uow: UnitOfWork, refresh_token: str, server_key: bytes) -> Tokens | None:
    """Exchange a refresh token for new tokens; asked again at once, for the same refresh token.

    Returns
    -------
    None when a used token came back: the family has been ended (commit that), refuse the caller.

    Raises
    ------
    Unauthenticated
        If the token is unknown, expired, or its family has ended.
    """
    key = keys.refresh_token(tokens.hash_secret(refresh_token))
    item = uow.get(key)
    if item is None or read_instant(item["expires_at"]) <= uow.wall_now:
        raise Unauthenticated
    family_key = keys.refresh_token(item["family"])
    if uow.get(family_key) is not None:
        raise Unauthenticated
    _require_open(uow, item["driver_id"], read_instant(item["expires_at"]) - REFRESH_LIVES)
    coming = tokens.next_token(server_key, refresh_token)
    if item["used"]:
        if _is_lost_reply(uow, item, coming):
            return _tokens(uow, item["driver_id"], coming, server_key)
        uow.put(family_key, {"ended": True}, expect=0, expires_at=uow.wall_now + REFRESH_LIVES)
        return None
    uow.put(
        key,
        {**_body(item), "used": True, "used_at": write_instant(uow.wall_now)},
        expect=item["version"],
        expires_at=read_instant(item["expires_at"]),
    )
    return _open_session(uow, item["driver_id"], item["family"], server_key, coming)


def _is_lost_reply(uow: UnitOfWork, item: Item, coming: str) -> bool:
    """Whether the answer to a used token may not have arrived: a moment ago, and nobody has gone on
    from it."""
    used_at = read_instant(item["used_at"]) if "used_at" in item else None
    if used_at is None or used_at + ASKED_AGAIN_WITHIN < uow.wall_now:
        return False
    following = uow.get(keys.refresh_token(tokens.hash_secret(coming)))
    return following is not None and not following["used"]


def authenticate(uow: UnitOfWork, token: str, server_key: bytes) -> str:
    """The driver whose access token this is, if the session has not been ended by the desk.

    Raises
    ------
    Unauthenticated
    """
    claims = _claims(token, server_key, uow.wall_now)
    driver_id = str(claims["sub"])
    _require_open(uow, driver_id, datetime.fromtimestamp(claims["iat"], UTC))
    return driver_id


def verify_access_token(token: str, server_key: bytes, wall_now: datetime) -> str:
    """Return the driver's id; raise Unauthenticated for anything but our own live token.

    Whether the desk has ended the session meanwhile is not looked up; see :func:`authenticate`.
    """
    return str(_claims(token, server_key, wall_now)["sub"])


def _require_open(uow: UnitOfWork, driver_id: str, since: datetime) -> None:
    """Raise Unauthenticated if the driver was deactivated, or all sessions of then were ended."""
    try:
        driver = store.load(uow, driver_id)
    except NotFound as error:
        raise Unauthenticated from error
    ended = driver.sessions_end_at
    if not driver.active or (ended is not None and since <= ended):
        raise Unauthenticated


def _is_active(uow: UnitOfWork, driver_id: str) -> bool:
    return store.load(uow, driver_id).active


def _claims(token: str, server_key: bytes, wall_now: datetime) -> dict[str, Any]:
    now = int(wall_now.timestamp())
    try:
        claims = jwt.decode(token, _key(server_key), algorithms=["HS256"]).claims
        registry = jwt.JWTClaimsRegistry(
            now=now,
            iss={"essential": True, "value": _ISSUER},
            aud={"essential": True, "value": _AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
        )
        registry.validate(claims)
    except (JoseError, ValueError) as error:
        raise Unauthenticated from error
    return dict(claims)


def _open_session(
    uow: UnitOfWork, driver_id: str, family: str, server_key: bytes, following: str = ""
) -> Tokens:
    refresh_token = following or tokens.new_token()
    expires_at = uow.wall_now + REFRESH_LIVES
    uow.put(
        keys.refresh_token(tokens.hash_secret(refresh_token)),
        {
            "driver_id": driver_id,
            "family": family,
            "used": False,
            "expires_at": write_instant(expires_at),
        },
        expect=0,
        expires_at=expires_at,
    )
    return _tokens(uow, driver_id, refresh_token, server_key)


def _tokens(uow: UnitOfWork, driver_id: str, refresh_token: str, server_key: bytes) -> Tokens:
    issued = int(uow.wall_now.timestamp())
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": driver_id,
        "iat": issued,
        "exp": issued + int(ACCESS_LIVES.total_seconds()),
        "jti": uow.new_id("jti"),
    }
    access_token = jwt.encode({"alg": "HS256"}, claims, _key(server_key))
    return Tokens(access_token, refresh_token, int(ACCESS_LIVES.total_seconds()))


def _body(item: dict[str, object]) -> dict[str, object]:
    """An item without what the unit of work writes itself."""
    return {name: value for name, value in item.items() if name not in ("version", "writer")}


def _key(server_key: bytes) -> OctKey:
    return OctKey.import_key(tokens.derive_key(server_key, "driver-token"))
