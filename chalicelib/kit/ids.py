"""Which one? Prefixed, sortable, unguessable ids: ``del_01j9z3k5q8m7n6p4r2s0t1v3w5``.

The body is 26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits, as
in the ULID specification. Ids made later sort later, and two makers never collide in practice.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BODY_LENGTH = 26
#: Two letters at a time are half the divisions: every commit makes an id.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)

#: A maker of ids: ``(prefix, now) -> id``. Tests pass a counting one.
IdMaker = Callable[[str, datetime], str]


def new_id(prefix: str, now: datetime) -> str:
    """Make an id of a kind (``del``, ``rte``, ``ofr`` ...) at an instant."""
    return _id(prefix, now, secrets.randbits(80))


def named_id(prefix: str, at: datetime, name: str) -> str:
    """The id of what there is once at an instant under a name: made twice, it is the same one."""
    return _id(prefix, at, int.from_bytes(blake2b(name.encode(), digest_size=10).digest()))


def _id(prefix: str, at: datetime, low: int) -> str:
    number = (int(at.timestamp() * 1000) << 80) | low
    pairs = []
    for _ in range(_BODY_LENGTH // 2):
        number, pair = divmod(number, 1024)
        pairs.append(_PAIRS[pair])
    return f"{prefix}_{''.join(reversed(pairs))}"


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the shape of such an id; says nothing of whether it exists."""
    head, _, body = text.partition("_")
    return head == prefix and len(body) == _BODY_LENGTH and set(body) <= set(_ALPHABET)
