"""Who may? Secrets, hashes of secrets, and what is derived from the server's key.

API keys and refresh tokens are 256 random bits, kept only as SHA-256 (as random as that, a slow
hash buys nothing). Tracking links are 128 bits derived from the server's key and the delivery, so
the link can be written into every text while the tables hold only its hash. Merchants' webhook
secrets are needed in the clear and are sealed with AES-256-GCM, bound to their merchant.
Sources: RFC 5869 (HKDF), NIST SP 800-38D (GCM), RFC 4226 section 5.3 in spirit for codes.
"""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CODE_DIGITS = 6
_SHOWN = 8


def hash_secret(secret: str) -> str:
    """SHA-256 in hexadecimal: the only form in which a bearer secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_api_key(*, live: bool = True) -> str:
    """``lm_live_`` or ``lm_test_``, eight characters that may be shown, ``_`` and 43 that may not.

    All are random; the 43 of base 62 are 256 bits.
    """
    shown, secret = (
        "".join(secrets.choice(_BASE62) for _ in range(length)) for length in (_SHOWN, 43)
    )
    return f"lm_{'live' if live else 'test'}_{shown}_{secret}"


def beginning_of(api_key: str) -> str:
    """The part of a key by which people tell it, and scanners find it."""
    return api_key[: len("lm_live_") + _SHOWN]


def new_token() -> str:
    """256 random bits, URL-safe: refresh tokens."""
    return secrets.token_urlsafe(32)


def new_salt() -> bytes:
    """What keeps two equal passwords from having one hash."""
    return secrets.token_bytes(16)


def next_token(server_key: bytes, token: str) -> str:
    """The one token that a refresh token is exchanged for, however often it is asked; 256 bits that
    nobody can work out without the server's key."""
    digest = hmac.new(derive_key(server_key, "refresh"), token.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def new_webhook_secret() -> str:
    """A Standard Webhooks secret; other platforms take its text as it is."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def new_code() -> str:
    """Six decimal digits for a text message."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def derive_key(server_key: bytes, purpose: str) -> bytes:
    """A key of its own for every purpose (HKDF-Expand with one block)."""
    return hmac.new(server_key, purpose.encode() + b"\x01", hashlib.sha256).digest()


def tracking_token(server_key: bytes, delivery_id: str) -> str:
    """The 22 characters of a recipient's link: 128 bits, the same for the delivery's whole life."""
    digest = hmac.new(derive_key(server_key, "tracking"), delivery_id.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:16]).decode("ascii").rstrip("=")


def delivery_pin(server_key: bytes, delivery_id: str) -> str:
    """Four digits that the recipient reads out at the door; shown on the tracking page only."""
    digest = hmac.new(derive_key(server_key, "pin"), delivery_id.encode(), hashlib.sha256)
    return f"{int.from_bytes(digest.digest()[:8], 'big') % 10_000:04d}"


def collection_code(server_key: bytes, delivery_id: str) -> str:
    """Six digits that the recipient shows at a pickup point: told by text and on the page only."""
    digest = hmac.new(derive_key(server_key, "collection"), delivery_id.encode(), hashlib.sha256)
    number = int.from_bytes(digest.digest()[:8], "big") % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def locker_secret(server_key: bytes, operator_id: str) -> str:
    """The Standard Webhooks secret that an operator of lockers and we sign with; kept nowhere."""
    digest = hmac.new(derive_key(server_key, "locker"), operator_id.encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(digest.digest()).decode("ascii")


def hash_code(server_key: bytes, phone: str, code: str) -> str:
    """A one-time code as it is stored: keyed, so that a million guesses need the key."""
    message = f"{phone}:{code}".encode()
    return hmac.new(derive_key(server_key, "code"), message, hashlib.sha256).hexdigest()


def phone_hash(server_key: bytes, phone: str) -> str:
    """A phone as it may stand in a key or a log: keyed, because phones can be enumerated."""
    digest = hmac.new(derive_key(server_key, "phone"), phone.encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def email_hash(server_key: bytes, email: str) -> str:
    """An e-mail address as it may stand in a key: keyed, because addresses can be guessed."""
    digest = hmac.new(derive_key(server_key, "email"), email.encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def door_key(server_key: bytes, door: str) -> str:
    """An address as it may stand in a key: keyed, because streets can be enumerated."""
    digest = hmac.new(derive_key(server_key, "door"), door.encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def look_up_hash(server_key: bytes, number: str, postal_code: str) -> str:
    """An order's number and postal code as they may stand in a key: keyed, both can be guessed."""
    message = f"{number}\x1f{postal_code}".encode()
    digest = hmac.new(derive_key(server_key, "look-up"), message, hashlib.sha256)
    return digest.hexdigest()[:32]


def seal(server_key: bytes, plain: str, context: str) -> str:
    """Encrypt a secret for storage, bound to its context (the merchant's id)."""
    # Imported here: the wheel costs 30 ms, and only webhooks and their set-up need it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    sealed = AESGCM(derive_key(server_key, "seal")).encrypt(nonce, plain.encode(), context.encode())
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(server_key: bytes, sealed: str, context: str) -> str:
    """Decrypt what :func:`seal` made; raise ValueError when it was not made for this context."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    raw = base64.b64decode(sealed)
    try:
        plain = AESGCM(derive_key(server_key, "seal")).decrypt(raw[:12], raw[12:], context.encode())
    except InvalidTag as error:
        raise ValueError("this was not sealed for that context") from error
    return plain.decode()


def unseal_all(server_key: bytes, sealed: Iterable[str], context: str) -> list[str]:
    """Decrypt those that open, in their order: what an earlier server key sealed is lost, and must
    not take what was made since along."""
    opened = []
    for one in sealed:
        with contextlib.suppress(ValueError):
            opened.append(unseal(server_key, one, context))
    return opened
