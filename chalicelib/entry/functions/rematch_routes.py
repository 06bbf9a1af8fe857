"""At once: a route was planned, an offer was declined, or an offer's time has come.

The expiry of an offer is a message delayed by the offer's life; whether the offer has really
expired is decided by the clock when the message arrives.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rounds, work
from chalicelib.entry.observed import per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="rematch", batch_size=5)
@per_record
def rematch_routes(message: Mapping[str, Any]) -> None:
    hub = work.read(lambda uow: merchants.load_hub(uow, message["hub_id"]))
    if "offer_id" in message:
        work.run(lambda uow: offers.expire(uow, message["route_id"], message["offer_id"]))
    rounds.match_hub(hub)
