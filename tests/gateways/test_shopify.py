"""Shopify is told once, however often we try, and asked no faster than it allows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.shops.platforms import FulfilmentGateway
from chalicelib.gateways import shopify_queries
from chalicelib.gateways.shopify import ShopifyShops
from chalicelib.kit.shop_calls import Access, Telling, Wish
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from tests.builders import NOON
from tests.gateways.graphql_reader import cost, read_operation
from tests.gateways.shopify_server import TOKEN, Shopify, a_line, a_part, a_shopify, an_order

NEWS = Telling(
    order_id="9001",
    tracking_number="del_1",
    tracking_url="https://track.example/t/x",
    status="CARRIER_PICKED_UP",
    happened_at=NOON + timedelta(milliseconds=250),
    notify_customer=True,
    creates=True,
)


@pytest.fixture
def shop() -> Iterator[Shopify]:
    with a_shopify() as served:
        yield served


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def shops(waits: list[float]) -> ShopifyShops:
    return ShopifyShops(may_be_loopback=True, pause=waits.append)


def access(shop: Shopify, token: str = TOKEN) -> Access:
    return Access(shop.base_url, {"access_token": token})


def test_the_first_news_makes_the_fulfilment_with_our_tracking_link(
    shop: Shopify, shops: ShopifyShops
) -> None:
    shop.add(an_order())
    assert shops.tell(access(shop), NEWS) == "gid://shopify/Fulfillment/1"
    (made,) = shop.fulfilments()
    assert made["trackingInfo"] == [
        {"company": "Lastmile", "number": "del_1", "url": "https://track.example/t/x"}
    ]
    assert shop.told() == ["CARRIER_PICKED_UP"]
    assert shop.mails == ["#9001"]


def test_the_same_news_twice_is_told_once(shop: Shopify, shops: ShopifyShops) -> None:
    shop.add(an_order())
    for _ in range(3):
        shops.tell(access(shop), NEWS)
    assert (len(shop.fulfilments()), shop.told(), shop.mails) == (
        1,
        ["CARRIER_PICKED_UP"],
        ["#9001"],
    )


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_reply_leads_to_no_second_fulfilment(
    shop: Shopify, shops: ShopifyShops, lost: int
) -> None:
    """Shopify acted and hung up: the next try finds what is there by our tracking number."""
    shop.add(an_order())
    shop.lose_replies = lost
    for _ in range(lost):
        with pytest.raises(ShopUnavailable):
            shops.tell(access(shop), NEWS)
    shops.tell(access(shop), NEWS)
    assert (len(shop.fulfilments()), shop.told()) == (1, ["CARRIER_PICKED_UP"])


def test_later_news_is_told_of_the_same_fulfilment(shop: Shopify, shops: ShopifyShops) -> None:
    shop.add(an_order())
    shops.tell(access(shop), NEWS)
    later = NOON + timedelta(minutes=30)
    shops.tell(access(shop), replace(NEWS, status="DELIVERED", happened_at=later))
    assert (len(shop.fulfilments()), shop.told()) == (1, ["CARRIER_PICKED_UP", "DELIVERED"])


def test_what_never_went_out_makes_no_fulfilment(shop: Shopify, shops: ShopifyShops) -> None:
    shop.add(an_order())
    assert shops.tell(access(shop), replace(NEWS, status="FAILURE", creates=False)) == ""
    assert shop.fulfilments() == []


def test_only_what_is_delivered_of_a_mixed_order_is_fulfilled(
    shop: Shopify, shops: ShopifyShops
) -> None:
    parts = [
        a_part(9001, "l1", "SHIPPING", place=1),
        a_part(9001, "l2", "PICK_UP", place=2),
        a_part(9001, "l3", "LOCAL", place=3),
        a_part(9001, "l4", "NONE", place=4),
    ]
    shop.add(an_order(fulfillmentOrders={"nodes": parts}))
    assert shops.tell(access(shop), NEWS).count("Fulfillment/") == 2
    assert [part["status"] for part in shop.parts()] == ["CLOSED", "OPEN", "CLOSED", "OPEN"]


def test_a_request_that_waits_for_us_is_accepted_before_it_is_fulfilled(
    shop: Shopify, shops: ShopifyShops
) -> None:
    part = a_part(9001, "l1", request="SUBMITTED") | {"supportedActions": []}
    shop.add(an_order(fulfillmentOrders={"nodes": [part]}))
    shops.tell(access(shop), NEWS)
    assert shop.parts()[0]["requestStatus"] == "ACCEPTED"
    assert shop.told() == ["CARRIER_PICKED_UP"]


def test_an_order_that_somebody_else_fulfilled_is_rejected_for_good(
    shop: Shopify, shops: ShopifyShops
) -> None:
    part = a_part(9001, "l1") | {"status": "CLOSED", "supportedActions": []}
    shop.add(an_order(fulfillmentOrders={"nodes": [part]}))
    with pytest.raises(ShopRejected, match="nothing left"):
        shops.tell(access(shop), NEWS)
    with pytest.raises(ShopRejected, match="no such order"):
        shops.tell(access(shop), replace(NEWS, order_id="404"))


def test_a_user_error_is_told_in_shopifys_words(shop: Shopify, shops: ShopifyShops) -> None:
    part = a_part(9001, "l1") | {"status": "CLOSED"}
    shop.add(an_order(fulfillmentOrders={"nodes": [part]}))
    with pytest.raises(ShopRejected, match="fulfillmentCreate: The fulfillment order is not in"):
        shops.tell(access(shop), NEWS)


def test_an_empty_bucket_is_waited_for_as_long_as_it_takes_to_fill(
    shop: Shopify, shops: ShopifyShops, waits: list[float]
) -> None:
    shop.add(an_order())
    shop.points, shop.restored_per_call = 0, 200
    shops.order(access(shop), "9001")
    assert len(waits) == 3
    assert all(0 < wait <= 6 for wait in waits)
    assert waits == sorted(waits, reverse=True)


def test_a_bucket_that_stays_empty_is_left_to_the_queue(
    shop: Shopify, shops: ShopifyShops, waits: list[float]
) -> None:
    shop.points = shop.restored_per_call = 0
    with pytest.raises(ShopUnavailable, match="slow down"):
        shops.check(access(shop))
    assert len(waits) == 3


def test_status_429_is_waited_for_too(
    shop: Shopify, shops: ShopifyShops, waits: list[float]
) -> None:
    shop.fail_with = [429, 429]
    shops.check(access(shop))
    assert waits == [1.0, 1.0]


@pytest.mark.parametrize("status", [401, 403, 404, 301])
def test_a_refusal_breaks_the_connection(shop: Shopify, shops: ShopifyShops, status: int) -> None:
    shop.fail_with = [status]
    with pytest.raises(ShopRefused):
        shops.check(access(shop))


@pytest.mark.parametrize("status", [500, 502, 503, 402, 423])
def test_a_fault_or_a_frozen_shop_is_tried_again_later(
    shop: Shopify, shops: ShopifyShops, status: int
) -> None:
    shop.fail_with = [status]
    with pytest.raises(ShopUnavailable):
        shops.check(access(shop))


def test_a_token_that_was_taken_back_is_refused(shop: Shopify, shops: ShopifyShops) -> None:
    shops.check(access(shop))
    with pytest.raises(ShopRefused):
        shops.check(access(shop, "shpat_of_yesterday"))


def test_a_missing_scope_is_named_when_the_shop_is_connected(
    shop: Shopify, shops: ShopifyShops
) -> None:
    shop.scopes = ("read_orders",)
    with pytest.raises(ShopRefused, match="lacks the scope write_fulfillments or"):
        shops.check(access(shop))


def test_a_shop_that_does_not_listen_is_unavailable(shops: ShopifyShops) -> None:
    with pytest.raises(ShopUnavailable):
        shops.check(Access("http://127.0.0.1:11", {"access_token": TOKEN}))


@pytest.mark.parametrize(
    "shop",
    [
        *("vases.example", "myshopify.com", "vases.myshopify.com.evil.example", "-.myshopify.com"),
        *("http://vases.myshopify.com", "vases.myshopify.com:8443", "a@vases.myshopify.com"),
        *("vases.myshopify.com/admin", "169.254.169.254", "http://127.0.0.1:80", "localhost"),
        *("https://[::1]", "vases.myshopify.com#x", "vases\n.myshopify.com", "", "."),
        *("x" * 61 + ".myshopify.com", "vás.myshopify.com"),
    ],
)
def test_no_address_but_shopifys_own_is_called(shop: str) -> None:
    with pytest.raises(ShopAddressRefused):
        ShopifyShops().address(shop)


def test_loopback_is_called_only_where_the_setting_says_so(shop: Shopify) -> None:
    with pytest.raises(ShopAddressRefused):
        ShopifyShops().check(access(shop))
    for written in ("VASES.myshopify.com", "https://vases.myshopify.com/"):
        assert ShopifyShops().address(written) == "https://vases.myshopify.com"


def test_changed_orders_come_in_pages_oldest_first(shop: Shopify, shops: ShopifyShops) -> None:
    for minute in (3, 1, 2, 0):
        shop.add(an_order(9000 + minute, updatedAt=f"2026-11-27T11:0{minute}:00Z"))
    since = NOON - timedelta(minutes=59)
    first = shops.changed_orders(access(shop), since, limit=2)
    assert [one.order_id for one in first.orders] == ["9001", "9002"]
    rest = shops.changed_orders(access(shop), since, limit=2, cursor=first.cursor)
    assert [one.order_id for one in rest.orders] == ["9003"]
    assert rest.cursor is None


def test_what_a_shop_asks_of_us_is_listed_accepted_and_rejected(
    shop: Shopify, shops: ShopifyShops
) -> None:
    for number, status in ((9001, "SUBMITTED"), (9002, "CANCELLATION_REQUESTED"), (9003, "CLOSED")):
        part = a_part(number, "l1", request=status)
        shop.add(an_order(number, fulfillmentOrders={"nodes": [part]}))
    assert isinstance(shops, FulfilmentGateway)
    (fulfil,) = shops.requests(access(shop), Wish.FULFIL)
    (cancel,) = shops.requests(access(shop), Wish.CANCEL)
    assert (fulfil.order_id, cancel.order_id) == ("9001", "9002")
    shops.accept(access(shop), fulfil)
    shops.reject(access(shop), cancel, "The parcel is on its way.")
    found = [part["requestStatus"] for part in shop.parts()]
    assert found == ["ACCEPTED", "CANCELLATION_REJECTED", "CLOSED"]
    with pytest.raises(ShopRejected):
        shops.accept(access(shop), fulfil)


@pytest.mark.parametrize(
    "query",
    [
        *(shopify_queries.SCOPES, shopify_queries.SHIPMENTS, shopify_queries.ORDER),
        *(shopify_queries.CHANGED, shopify_queries.ASSIGNED),
    ],
)
def test_no_question_costs_more_than_shopify_answers(query: str) -> None:
    _, fields = read_operation(query, {"first": 50})
    assert cost(fields) <= 1000


def test_a_line_without_a_product_has_no_weight(shop: Shopify, shops: ShopifyShops) -> None:
    line = a_line("l1") | {"variant": None}
    shop.add(an_order(lineItems={"nodes": [line]}))
    found = shops.order(access(shop), "9001")
    assert found is not None
    assert b'"grams": null' in found.body
    assert shops.order(access(shop), "404") is None
