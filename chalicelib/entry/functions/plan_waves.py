"""On a schedule: what waits at each hub becomes a wave, and a message for the solver.

Nothing is reserved here. A tick that comes twice, or not at all, only makes a wave that finds
nothing to do, or a later one that finds more.
"""

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.dispatch import waves
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.queues import Queue

bp = Blueprint(__name__)


@bp.schedule("rate(5 minutes)")
@observed
def plan_waves(event: Any) -> dict[str, int]:
    hubs = work.read(merchants.list_hubs)
    orders = [order for hub in hubs for order in work.read(partial(waves.form, hub=hub))]
    for order in orders:
        wiring.queues().send(Queue.WAVES, order.to_message())
    logger.info("waves formed", waves=len(orders), deliveries=sum(o.size for o in orders))
    return {"waves": len(orders)}
