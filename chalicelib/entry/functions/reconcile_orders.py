"""On a schedule: each connected shop is asked for orders whose webhook never came.

Those that were not asked for longest come first, as many as fit into the time; what is left waits
for the next tick. A shop that does not answer costs its own turn and nobody else's.
"""

import time
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.shops import store
from chalicelib.domain.shops.seeking import Search, seek
from chalicelib.entry import shop_orders, work
from chalicelib.entry.observed import logger, observed

bp = Blueprint(__name__)

MOST_SHOPS = 200
#: A call to a shop that does not answer may take another minute; the function has three.
SEARCH_FOR_S = 100


@bp.schedule("rate(15 minutes)")
@observed
def reconcile_orders(event: Any) -> dict[str, int]:
    ends_at = time.perf_counter() + SEARCH_FOR_S
    search = Search(
        commit=work.run,
        gateways=wiring.shop_gateways(),
        server_key=wiring.vault().server_key(),
        take_in=shop_orders.take_in_found,
        is_out_of_time=lambda: time.perf_counter() > ends_at,
    )
    counts = {"shops": 0, "looked_at": 0, "taken_in": 0, "failed": 0}
    shops = work.read(lambda uow: store.longest_unpolled(uow, limit=MOST_SHOPS))
    for merchant_id, platform in shops:
        if search.is_out_of_time():
            break
        sought = seek(search, merchant_id, platform)
        counts["shops"] += 1
        counts["looked_at"] += sought.looked_at
        counts["taken_in"] += sought.taken_in
        counts["failed"] += sought.failure is not None
        if sought.failure or sought.unreadable:
            logger.warning(
                "shop searched",
                merchant_id=merchant_id,
                platform=platform,
                code=sought.failure,
                unreadable=len(sought.unreadable),
            )
    logger.info("orders sought", counts=counts)
    return counts
