"""How is a password kept, and is this one good enough? By scrypt; long, and not the obvious.

Each hash bears its own costs and salt, so costs can be raised for whoever signs in next. Comparing
takes the same work whether there is an account or not. Sources: RFC 7914 (scrypt); OWASP Password
Storage Cheat Sheet (N = 2^15, r = 8, p = 3: 32 MB); NIST SP 800-63B, section 5.1.1.2 (length before
composition; NFKC; what contains the account's own name is refused).
"""

import base64
import hashlib
import unicodedata

from chalicelib.kit import tokens
from chalicelib.kit.signing import same

SHORTEST, LONGEST = 12, 128
_LOG_N, _R, _P = 15, 8, 3
#: Room for N * r * 128 bytes, and a little.
_MEMORY_BYTES = 64 * 1024 * 1024
_FEWEST_LETTERS = 5
_NOBODY = f"scrypt${_LOG_N}${_R}${_P}${'AA' * 8}${'AA' * 16}"


def hash_password(password: str) -> str:
    salt = tokens.new_salt()
    return _write(_LOG_N, _R, _P, salt, _scrypt(password, salt, _LOG_N, _R, _P))


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password behind a hash; without a hash as much work, and False."""
    _, log_n, r, p, salt, _ = (kept or _NOBODY).split("$")
    costs = int(log_n), int(r), int(p)
    raw = base64.urlsafe_b64decode(salt + "=" * (-len(salt) % 4))
    made = _write(*costs, raw, _scrypt(password[:LONGEST], raw, *costs))
    return same(made, kept or _NOBODY) and kept is not None


def fault(password: str, *, email: str) -> str:
    """What is wrong with a new password, in words; empty for a good one."""
    if len(password) < SHORTEST:
        return f"It needs at least {SHORTEST} characters. Three or four words are easy to remember."
    if len(password) > LONGEST:
        return f"It may have at most {LONGEST} characters."
    plain = _plain(password).lower()
    if email.partition("@")[0].lower() in plain or len(set(plain)) < _FEWEST_LETTERS:
        return "It is too easy to guess: leave out your own name, and use different characters."
    return ""


def _plain(password: str) -> str:
    """One spelling of letters that can be written in several ways."""
    return unicodedata.normalize("NFKC", password)


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    told = _plain(password).encode("utf-8", "replace")
    return hashlib.scrypt(told, salt=salt, n=2**log_n, r=r, p=p, maxmem=_MEMORY_BYTES, dklen=32)


def _write(log_n: int, r: int, p: int, salt: bytes, digest: bytes) -> str:
    shown = (base64.urlsafe_b64encode(raw).decode().rstrip("=") for raw in (salt, digest))
    return "$".join(("scrypt", str(log_n), str(r), str(p), *shown))
