"""Every night: the two days that are over are looked over, at every hub.

What follows a delivery's end late (a text of the morning after, a correction of pay) and what no
message told finds its way into the figures here; a day that is right already is left as it is.
"""

from datetime import timedelta
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.queues import Queue
from chalicelib.kit.hours import local_day

bp = Blueprint(__name__)

#: Days back, oldest first.
NIGHTS = (2, 1)


@bp.schedule("cron(40 3 * * ? *)")
@observed
def settle_figures(event: Any) -> dict[str, int]:
    uow = work.begin()
    hubs = merchants.list_hubs(uow)
    for hub in hubs:
        today = local_day(uow.now, hub.timezone)
        for ago in NIGHTS:
            day = (today - timedelta(days=ago)).isoformat()
            message = {"task": "look_over", "hub_id": hub.id, "day": day}
            wiring.queues().send(Queue.FIGURES, message)
    logger.info("figures are looked over", hubs=len(hubs))
    return {"hubs": len(hubs)}
