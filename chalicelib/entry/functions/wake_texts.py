"""Every minute: texts that waited for the morning, ordered again.

A tick that is missed only makes the next longer. An order that comes twice finds the text claimed.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.messaging import holding
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.queues import Queue
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Texts of one commit, and pages of one tick: 4,500 a minute.
PAGE = 90
MOST_PAGES = 50


@bp.schedule("rate(1 minute)")
@observed
def wake_texts(event: Any) -> dict[str, int]:
    woken = 0
    for _ in range(MOST_PAGES):
        count = work.run(_wake)
        woken += count
        if count < PAGE:
            break
    logger.info("held texts woken", texts=woken)
    return {"texts": woken}


def _wake(uow: UnitOfWork) -> int:
    """Order first and forget after: whoever dies in between orders once more."""
    due = holding.due(uow, limit=PAGE)
    for one in due:
        wiring.queues().send(Queue.MESSAGES, one.order.to_message())
    holding.forget(uow, due)
    return len(due)
