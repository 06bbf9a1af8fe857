"""The ``fetches`` queue: orders that a webhook only named are asked for at their shop.

Apart from the queue of news for shops: an order must not wait until a slow shop has heard them.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.shops.fetching import Fate, Fetch, Fetcher, fetch
from chalicelib.entry import shop_orders, work
from chalicelib.entry.observed import logger, per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="fetches", batch_size=5)
@per_record
def fetch_orders(message: Mapping[str, Any]) -> None:
    wanted = Fetch.from_message(message)
    fetcher = Fetcher(
        work.run, wiring.shops(), wiring.vault().server_key(), shop_orders.take_in_found
    )
    became = fetch(fetcher, wanted)
    logger.info(
        "order fetched",
        merchant_id=wanted.merchant_id,
        platform=wanted.platform,
        fate=became.value if isinstance(became, Fate) else became.result.value,
    )
