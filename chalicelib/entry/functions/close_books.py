"""Every night: the close of the month that is over is ordered.

What is closed already stays as it is, so whatever a night does not finish, the next one does. The
order goes to the function that keeps the books: nobody else may write there.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.billing import periods
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.queues import Queue
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)


@bp.schedule("cron(10 3 * * ? *)")
@observed
def close_books(event: Any) -> dict[str, str]:
    until = write_instant(work.read(lambda uow: periods.month_end(uow.now)))
    wiring.queues().send(Queue.BOOKS, {"book": "close", "until": until})
    logger.info("close ordered", until=until)
    return {"until": until}
