"""How is an order fetched from its shop, and taken in as if its webhook had come?"""

from chalicelib import wiring
from chalicelib.domain.intake.bigcommerce import EVENT_HEADER
from chalicelib.domain.intake.order import NotForUs, Order, defaults_of
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops import fetching, telling
from chalicelib.domain.shops.fetching import Fate, Fetch, Fetcher
from chalicelib.domain.shops.model import Connection
from chalicelib.entry import work
from chalicelib.entry.orders_in import (
    READERS,
    articles_of,
    connection_of,
    take_in,
    with_wishes,
)
from chalicelib.kit.errors import LastmileError
from chalicelib.kit.shop_calls import FoundOrder

#: Where a platform's webhooks say what they are about: found orders say it there, too.
_TOPIC_HEADERS = {
    Platform.SHOPIFY.value: "x-shopify-topic",
    Platform.WOOCOMMERCE.value: "x-wc-webhook-topic",
    Platform.BIGCOMMERCE.value: "x-lastmile-topic",
}


def take_in_found(connection: Connection, found: FoundOrder, event: str = "") -> Outcome:
    """Take in an order that we fetched; ``event`` is the webhook that made us ask."""
    merchant = work.read(lambda uow: merchant_store.load_merchant(uow, connection.merchant_id))
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    headers = {_TOPIC_HEADERS[connection.platform]: found.topic}
    if event:
        headers[EVENT_HEADER] = event
    defaults = with_wishes(defaults_of(merchant, hub, articles_of(merchant.id)), connection)
    order: Order | NotForUs = READERS[connection.platform].parse(headers, found.body, defaults)
    if isinstance(order, NotForUs):
        return Outcome(Result.IGNORED, code=order.reason)
    return take_in(merchant, hub, order)


def fetch(wanted: Fetch) -> Outcome | Fate:
    """Fetch one order and take it in.

    Raises
    ------
    ShopUnavailable, PlacesUnavailable
    """
    fetcher = Fetcher(work.run, wiring.shop_gateways(), wiring.vault().server_key(), take_in_found)
    return fetching.fetch(fetcher, wanted)


def note(merchant_id: str, platform: str, error: LastmileError) -> None:
    """Show the merchant what went wrong with its shop."""
    connection = connection_of(merchant_id, platform)
    if connection is not None:
        work.run(lambda uow: telling.note(uow, connection, error))
