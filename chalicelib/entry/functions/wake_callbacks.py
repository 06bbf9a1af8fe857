"""Every minute: endpoints for which a webhook is due again, or whose pause is over.

The queue cannot hold a message for longer than a quarter of an hour, and the schedule of tries has
waits of a day: those lie in the table, by minute. A tick that is missed only makes the next longer.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.callbacks import sending
from chalicelib.entry import webhook_orders, work
from chalicelib.entry.observed import logger, observed

bp = Blueprint(__name__)

#: Wakes of one commit, and pages of one tick: 4,500 endpoints a minute.
PAGE = 90
MOST_PAGES = 50


@bp.schedule("rate(1 minute)")
@observed
def wake_callbacks(event: Any) -> dict[str, int]:
    woken = 0
    for _ in range(MOST_PAGES):
        count = work.run(lambda uow: sending.wake(uow, webhook_orders.drain, limit=PAGE))
        woken += count
        if count < PAGE:
            break
    logger.info("webhook endpoints woken", wakes=woken)
    return {"wakes": woken}
