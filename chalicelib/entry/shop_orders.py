"""How does an order of a shop get in, whichever way it came: by webhook, fetched, or sought?

One reader per platform reads the webhook and what was fetched alike, one commit takes it in.
"""

from functools import cache
from types import ModuleType

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import bigcommerce, generic, service, shopify, woocommerce
from chalicelib.domain.intake.order import FindArticles, NotForUs, Order, defaults_of
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.intake.terms import Located
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Hub, Merchant, Platform
from chalicelib.domain.shops.model import Connection
from chalicelib.entry import work
from chalicelib.kit.geo import LatLng
from chalicelib.kit.shop_calls import FoundOrder

READERS: dict[str, ModuleType] = {
    Platform.SHOPIFY.value: shopify,
    Platform.WOOCOMMERCE.value: woocommerce,
    Platform.BIGCOMMERCE.value: bigcommerce,
    Platform.GENERIC.value: generic,
}
#: Where each platform's webhooks say what they are about.
_TOPIC_HEADERS = {
    Platform.SHOPIFY.value: "x-shopify-topic",
    Platform.WOOCOMMERCE.value: "x-wc-webhook-topic",
}


def take_in(merchant: Merchant, hub: Hub, order: Order) -> Outcome:
    """Commit one order; an address is looked up once, however often a race is run again."""
    server_key = wiring.vault().server_key()
    find = cache(locate)
    return work.run(lambda uow: service.receive(uow, merchant, hub, order, find, server_key))


def take_in_found(connection: Connection, found: FoundOrder, event: str = "") -> Outcome:
    """Take in an order that we asked the shop for; ``event`` is the webhook that made us ask.

    Raises
    ------
    Malformed, Invalid, PlacesUnavailable
    """
    headers = {_TOPIC_HEADERS.get(connection.platform, "x-topic"): found.topic}
    if event:
        headers[bigcommerce.EVENT_HEADER] = event
    uow = work.begin()
    merchant = merchant_store.load_merchant(uow, connection.merchant_id)
    hub = merchant_store.load_hub(uow, merchant.hub_id)
    defaults = defaults_of(merchant, hub, articles_of(merchant.id))
    order: Order | NotForUs = READERS[connection.platform].parse(headers, found.body, defaults)
    if isinstance(order, NotForUs):
        return Outcome(Result.IGNORED, code=order.reason)
    return take_in(merchant, hub, order)


def articles_of(merchant_id: str) -> FindArticles:
    """The merchant's catalogue, for orders whose platform tells no weights."""
    return lambda refs: work.read(lambda uow: catalogue.find(uow, merchant_id, refs))


def locate(address: Address, near: LatLng) -> Located | None:
    """Look an address up with the geocoder of this deployment."""
    return wiring.places().locate(
        line1=address.line1,
        city=address.city,
        postal_code=address.postal_code,
        country=address.country,
        near=near,
    )
