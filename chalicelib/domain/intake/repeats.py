"""Was this very request answered before? ``Idempotency-Key``, once per merchant and key.

A key is remembered for 72 hours of wall time with the digest of its body and the exact answer, in
the same commit as what it caused: a repeat gets the first answer byte for byte, and two copies that
race end as one. Only successes are remembered: a refused request may be mended and sent again.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.kit.errors import IdempotencyMismatch, Invalid
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

REMEMBERED = timedelta(hours=72)
LONGEST_KEY = 128


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, exactly."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """One request of a merchant under a key."""

    merchant_id: str
    key: str
    body_hash: str


def attempted(merchant_id: str, key: str | None, raw_body: bytes) -> Attempted | None:
    """The request as it is remembered; None without a key, Invalid with an unusable one."""
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Invalid(
            "the Idempotency-Key is unusable",
            fields=[{"field": "Idempotency-Key", "error": f"1 to {LONGEST_KEY} ASCII characters"}],
        )
    return Attempted(merchant_id, key, hashlib.sha256(raw_body).hexdigest())


def first_answer(uow: UnitOfWork, request: Attempted) -> Answer | None:
    """What was answered before; raise IdempotencyMismatch when the body was another."""
    item = uow.get(keys.idempotency(request.merchant_id, request.key))
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        return None
    if item["body_hash"] != request.body_hash:
        raise IdempotencyMismatch
    return Answer(item["status"], item["body"])


def remember(uow: UnitOfWork, request: Attempted, answer: Answer) -> None:
    key = keys.idempotency(request.merchant_id, request.key)
    # DynamoDB deletes late: an expired record may still stand there.
    outlived = uow.get(key)
    uow.put(
        key,
        {"body_hash": request.body_hash, "status": answer.status, "body": answer.body},
        expect=0 if outlived is None else outlived["version"],
        expires_at=uow.wall_now + REMEMBERED,
    )
