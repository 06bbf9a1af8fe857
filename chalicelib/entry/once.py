"""What is a request that may come twice? One with an ``Idempotency-Key``, answered once."""

from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.domain.intake import repeats
from chalicelib.domain.intake.repeats import Answer
from chalicelib.entry import rest, work
from chalicelib.entry.surface import Header
from chalicelib.storage.unit_of_work import UnitOfWork

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "A repeat with the same key within 72 hours gets the first answer, byte for byte.",
    "a-1001",
)


def once(
    merchant_id: str, request: Request, raw_body: bytes, make: Callable[[UnitOfWork], Answer]
) -> Response:
    """Run a use case and remember its answer in the same commit; a repeat gets that answer.

    Raises
    ------
    IdempotencyMismatch
        If the key came with another body before.
    """
    attempted = repeats.attempted(merchant_id, request.headers.get("idempotency-key"), raw_body)

    def run(uow: UnitOfWork) -> Answer:
        earlier = repeats.first_answer(uow, attempted) if attempted else None
        if earlier is not None:
            return earlier
        answer = make(uow)
        if attempted:
            repeats.remember(uow, attempted, answer)
        return answer

    answer = work.run(run)
    return rest.answer(answer.body, answer.status)
