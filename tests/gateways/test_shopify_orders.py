"""An order that we fetched is read exactly as if its webhook had come."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.intake import shopify as reader
from chalicelib.domain.intake.order import Kind, NotForUs, Order, Refusal
from chalicelib.gateways.shopify import ShopifyShops
from chalicelib.kit.geo import LatLng
from chalicelib.kit.shop_calls import Access
from tests.domain.intake.shops import DEFAULTS
from tests.gateways.shopify_server import TOKEN, Shopify, a_line, a_part, a_shopify, an_order


@pytest.fixture
def shop() -> Iterator[Shopify]:
    with a_shopify() as served:
        yield served


def fetched(shop: Shopify, **changes: Any) -> Order | NotForUs:
    shop.add(an_order(9001, **changes))
    access = Access(shop.base_url, {"access_token": TOKEN})
    found = ShopifyShops(may_be_loopback=True).order(access, "9001")
    assert found is not None
    return reader.parse({"x-shopify-topic": found.topic}, found.body, DEFAULTS)


def an_order_read(shop: Shopify, **changes: Any) -> Order:
    read = fetched(shop, **changes)
    assert isinstance(read, Order)
    return read


def test_a_fetched_order_says_what_its_webhook_would_have_said(shop: Shopify) -> None:
    order = an_order_read(shop)
    assert (order.kind, order.order_id, order.order_name) == (Kind.UPDATED, "9001", "#9001")
    assert (order.contact.name, order.notes) == ("Ida Brandt", "Second courtyard")
    assert order.contact.phone is not None
    assert order.contact.phone.e164 == "+491713920007"
    assert order.address is not None
    assert order.address.one_line() == "Lindenweg 7, 3. Etage, 34117 Kassel"
    assert order.position == LatLng(51.221, 9.423)
    assert order.parcel is not None
    assert (order.parcel.weight_g, order.parcel.count) == (800, 2)


def test_a_cancelled_one_is_a_cancellation(shop: Shopify) -> None:
    order = an_order_read(shop, cancelledAt="2026-11-27T11:30:00Z", cancelReason="INVENTORY")
    assert (order.kind, order.cancel_reason) == (Kind.CANCELLED, CancelReason.OUT_OF_STOCK)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"displayFinancialStatus": "PENDING"}, "unpaid"),
        ({"displayFulfillmentStatus": "FULFILLED"}, "already_fulfilled"),
    ],
)
def test_what_is_not_for_us_is_not_for_us_by_this_way_either(
    shop: Shopify, changes: dict[str, Any], reason: str
) -> None:
    assert fetched(shop, **changes) == NotForUs(reason)


def test_of_an_order_that_mixes_methods_only_the_delivered_pieces_count(shop: Shopify) -> None:
    """Fulfilment orders know what the order does not: which lines somebody collects."""
    lines = [a_line("l1", 3, 100), a_line("l2", 1, 5000), a_line("l3", 1, 7000)]
    parts = [
        a_part(9001, "l1", "SHIPPING", quantity=2, place=1),
        a_part(9001, "l1", "PICK_UP", quantity=1, place=2),
        a_part(9001, "l2", "PICKUP_POINT", quantity=1, place=3),
    ]
    changes = {"lineItems": {"nodes": lines}, "fulfillmentOrders": {"nodes": parts}}
    order = an_order_read(shop, **changes)
    assert order.parcel is not None
    assert (order.parcel.weight_g, order.parcel.count) == (200, 2)


def test_an_order_that_is_collected_whole_has_nothing_to_ship(shop: Shopify) -> None:
    parts = [a_part(9001, "gid://shopify/LineItem/90011", "PICK_UP")]
    order = an_order_read(shop, fulfillmentOrders={"nodes": parts})
    assert order.refusal is Refusal.NOTHING_TO_SHIP


@pytest.mark.parametrize(
    ("unit", "value", "grams"), [("KILOGRAMS", 1.5, 1500), ("POUNDS", 2, 908), ("OUNCES", 1, 29)]
)
def test_weights_come_in_the_units_of_the_shop(
    shop: Shopify, unit: str, value: float, grams: int
) -> None:
    line = a_line("gid://shopify/LineItem/90011", 1)
    line["variant"]["inventoryItem"]["measurement"]["weight"] = {"value": value, "unit": unit}
    parts = [a_part(9001, line["id"], quantity=1)]
    changes = {"lineItems": {"nodes": [line]}, "fulfillmentOrders": {"nodes": parts}}
    order = an_order_read(shop, **changes)
    assert order.parcel is not None
    assert order.parcel.weight_g == grams
