"""On a schedule: what waits at each hub becomes a wave, and a message for the solver.

Nothing is reserved here. A tick that comes twice asks for the same wave again, one that does not
come leaves more to the next. What leaves is decided when the wave is solved. A wave too large for
one worker goes to ``merge_wave``, which shares it out; until that is done, its hub gets no other.
"""

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.dispatch.waves import fanout, forming
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import work
from chalicelib.entry.each_hub import each_hub
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.queues import Queue
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)


@bp.schedule("rate(5 minutes)")
@observed
def plan_waves(event: Any) -> dict[str, int]:
    orders = [order for formed in each_hub(_send) for order in formed]
    logger.info("waves formed", waves=len(orders), deliveries=sum(o.size for o in orders))
    return {"waves": len(orders)}


def _send(hub: Hub) -> list[forming.WaveOrder]:
    orders = work.read(partial(_form, hub=hub))
    for order in orders:
        if order.size > wiring.settings().fan_out_above:
            wiring.queues().send(Queue.MERGES, {**order.to_message(), "step": "open"})
        else:
            wiring.queues().send(Queue.WAVES, order.to_message())
    return orders


def _form(uow: UnitOfWork, hub: Hub) -> list[forming.WaveOrder]:
    # In this order: where nothing is due, nothing more is asked.
    orders = forming.form(uow, hub)
    return [] if orders and fanout.is_open(uow, hub.id) else orders
