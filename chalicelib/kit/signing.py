"""Is it really from them? Signatures over raw bytes.

Every comparison takes the same time whatever is compared. The raw bytes are verified before they
are parsed. Sources: RFC 2104 (HMAC); Standard Webhooks 1.0.0 (``id.timestamp.body``, ``v1,`` and
base64, secrets of 24 to 64 bytes behind ``whsec_``, five minutes of tolerance); Shopify and
WooCommerce (base64 of HMAC-SHA256 over the body).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

STANDARD_TOLERANCE_S = 300
_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of the standard, not a secret


def same(left: str, right: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def hmac_sha256_base64(secret: bytes, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode("ascii")


def matches_any(signature: str, secrets: Iterable[bytes], body: bytes) -> bool:
    """Whether a base64 HMAC fits one of the live secrets; all of them are always tried."""
    return any([same(signature, hmac_sha256_base64(secret, body)) for secret in secrets])


def standard_secret_bytes(secret: str) -> bytes:
    """The key inside ``whsec_<base64>``; raise ValueError if it is not one."""
    text = secret.removeprefix(_SECRET_PREFIX).rstrip("=")
    try:
        # Some tools leave the padding out, and the standard's own libraries take both.
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not a Standard Webhooks secret") from error
    if not 24 <= len(key) <= 64:
        raise ValueError("a Standard Webhooks secret has 24 to 64 bytes")
    return key


def sign_standard_webhook(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """The ``webhook-signature`` of a message, ``v1,<base64>``."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + hmac_sha256_base64(standard_secret_bytes(secret), signed)


def verify_standard_webhook(
    secrets: Iterable[str],
    *,
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    wall_now: datetime,
) -> bool:
    """Whether one of the space-separated signatures fits one of the live secrets.

    Parameters
    ----------
    timestamp
        Unix seconds as the header carries them; refused when more than five minutes away.
    """
    is_instant = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    if not (message_id and is_instant):
        return False
    if abs(wall_now.timestamp() - int(timestamp)) > STANDARD_TOLERANCE_S:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    given = [part.removeprefix("v1,") for part in signatures.split(" ") if part.startswith("v1,")]
    keys = [standard_secret_bytes(secret) for secret in secrets]
    # At most a handful of signatures is ever legitimate; more is an attempt to make us work.
    return any([matches_any(signature, keys, signed) for signature in given[:5]])
