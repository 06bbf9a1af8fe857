"""How is an order fetched from its shop, and taken in as if its webhook had come?"""

from chalicelib import wiring
from chalicelib.domain.intake.order import NotForUs, Order, defaults_of
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops import store as shops
from chalicelib.domain.shops import telling
from chalicelib.domain.shops.model import Connection
from chalicelib.entry import work
from chalicelib.entry.orders_in import READERS, connection_of, take_in, with_wishes
from chalicelib.kit.errors import ShopError
from chalicelib.kit.shop_calls import Access, FoundOrder

#: Where a platform's webhooks say what they are about: found orders say it there, too.
_TOPIC_HEADERS = {
    Platform.SHOPIFY.value: "x-shopify-topic",
    Platform.WOOCOMMERCE.value: "x-wc-webhook-topic",
}


def take_in_found(connection: Connection, found: FoundOrder) -> Outcome:
    """Take in an order that we fetched."""
    merchant = work.read(lambda uow: merchant_store.load_merchant(uow, connection.merchant_id))
    hub = work.read(lambda uow: merchant_store.load_hub(uow, merchant.hub_id))
    headers = {_TOPIC_HEADERS[connection.platform]: found.topic}
    defaults = with_wishes(defaults_of(merchant, hub), connection)
    order: Order | NotForUs = READERS[connection.platform].parse(headers, found.body, defaults)
    if isinstance(order, NotForUs):
        return Outcome(Result.IGNORED, code=order.reason)
    return take_in(merchant, hub, order)


def fetch(merchant_id: str, platform: str, order_id: str) -> Outcome | None:
    """Fetch one order and take it in; None when it cannot be had.

    Raises
    ------
    ShopUnavailable, PlacesUnavailable
    """
    connection = connection_of(merchant_id, platform)
    if connection is None or not connection.is_usable:
        return None
    credentials = shops.open_credentials(wiring.vault().server_key(), connection)
    gateway = wiring.shop_gateways()[platform]
    try:
        found = gateway.order(Access(connection.shop, credentials), order_id)
    except ShopError as error:
        note(merchant_id, platform, error)
        return None
    return None if found is None else take_in_found(connection, found)


def note(merchant_id: str, platform: str, error: ShopError) -> None:
    """Show the merchant what went wrong with its shop."""
    connection = connection_of(merchant_id, platform)
    if connection is not None:
        work.run(lambda uow: telling.note(uow, connection, error))
