"""How does an order get in, whichever door it came by? One commit, one look at the address.

Webhooks, partner events, orders that were sought and requests of a fulfilment service all end here.
"""

from dataclasses import replace
from functools import cache
from types import ModuleType

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import generic, service, shopify, woocommerce
from chalicelib.domain.intake.order import Defaults, Order
from chalicelib.domain.intake.store import Outcome
from chalicelib.domain.merchants.model import Hub, Merchant, Platform
from chalicelib.domain.shops import store as shops
from chalicelib.domain.shops.model import Connection
from chalicelib.entry import work
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Found

READERS: dict[str, ModuleType] = {
    Platform.SHOPIFY.value: shopify,
    Platform.WOOCOMMERCE.value: woocommerce,
    Platform.GENERIC.value: generic,
}


def take_in(merchant: Merchant, hub: Hub, order: Order) -> Outcome:
    """Commit one order; an address is looked up once, however often a race is run again."""
    server_key = wiring.vault().server_key()
    find = cache(locate)
    return work.run(lambda uow: service.receive(uow, merchant, hub, order, find, server_key))


def locate(address: Address, near: LatLng) -> tuple[Found, ...]:
    """Ask the geocoder of this deployment what an address may mean, the best first."""
    return wiring.places().search(
        line1=address.line1,
        city=address.city,
        postal_code=address.postal_code,
        country=address.country,
        near=near,
    )


def connection_of(merchant_id: str, platform: str) -> Connection | None:
    return work.read(lambda uow: shops.load_connection(uow, merchant_id, platform))


def with_wishes(defaults: Defaults, connection: Connection | None) -> Defaults:
    """What the merchant asked for when it connected the shop."""
    settings = {} if connection is None else connection.settings
    return replace(
        defaults,
        takes_test_orders=settings.get("takes_test_orders") == "yes",
        takes_unpaid_orders=settings.get("takes_unpaid_orders") == "yes",
    )
