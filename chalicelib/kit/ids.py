"""Which one? Prefixed, sortable, unguessable ids: ``del_01j9z3k5q8m7n6p4r2s0t1v3w5``.

The body is 26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits, as
in the ULID specification. Ids made later sort later, also those that one process makes within one
millisecond (the specification's monotonicity), and two makers never collide in practice.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BODY_LENGTH = 26
#: Two letters at a time are half the divisions: every commit makes an id.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

#: The latest id of each kind that this process made: its millisecond, and what follows that.
_latest: dict[str, tuple[int, int]] = {}

#: A maker of ids: ``(prefix, now) -> id``. Tests pass a counting one.
IdMaker = Callable[[str, datetime], str]


def new_id(prefix: str, now: datetime) -> str:
    """Make an id of a kind (``del``, ``rte``, ``ofr`` ...) at an instant."""
    return _id(prefix, now, _next_low(prefix, _milliseconds(now)))


def _next_low(prefix: str, at_ms: int) -> int:
    """Above the latest of the same millisecond, by a random step: nobody guesses the next one.

    A first one leaves room above itself for 32,768 such steps, and mostly for twice as many; the
    order begins anew then.
    """
    latest_ms, latest = _latest.get(prefix, (0, 0))
    low = latest + 1 + secrets.randbits(64) if latest_ms == at_ms else secrets.randbits(79)
    if low >> 80:
        low = secrets.randbits(79)
    _latest[prefix] = (at_ms, low)
    return low


def named_id(prefix: str, at: datetime, name: str) -> str:
    """The id of what there is once at an instant under a name: made twice, it is the same one."""
    return _id(prefix, at, int.from_bytes(blake2b(name.encode(), digest_size=10).digest()))


def _id(prefix: str, at: datetime, low: int) -> str:
    number = (_milliseconds(at) << 80) | low
    pairs = []
    for _ in range(_BODY_LENGTH // 2):
        number, pair = divmod(number, 1024)
        pairs.append(_PAIRS[pair])
    return f"{prefix}_{''.join(reversed(pairs))}"


def _milliseconds(at: datetime) -> int:
    # Whole numbers: a float's last bit would put one id in 200 into the millisecond before its own.
    return (at - _EPOCH) // _MILLISECOND


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the shape of such an id; says nothing of whether it exists."""
    head, _, body = text.partition("_")
    return head == prefix and len(body) == _BODY_LENGTH and set(body) <= set(_ALPHABET)
