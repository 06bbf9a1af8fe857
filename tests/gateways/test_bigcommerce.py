"""BigCommerce is asked for what its hooks leave out, and told in shipments and statuses."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.intake import bigcommerce as reader
from chalicelib.domain.intake.order import Order
from chalicelib.gateways.bigcommerce import BigCommerceShops
from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.kit.shop_calls import Access, Telling
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from tests.builders import NOON
from tests.domain.intake.shops import DEFAULTS
from tests.gateways.bigcommerce_server import HASH, LOST, TOKEN, BigCommerce, a_bigcommerce
from tests.gateways.loopback import Said

URL = "https://track.example/t/abc"


@pytest.fixture
def store() -> Iterator[BigCommerce]:
    with a_bigcommerce() as made:
        made.add()
        yield made


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def shops(store: BigCommerce, pauses: list[float]) -> BigCommerceShops:
    calls = GuardedHttp(may_be_loopback=True)
    return BigCommerceShops(calls, pause=pauses.append)


def access(store: BigCommerce, token: str = TOKEN) -> Access:
    return Access(store.shop, {"access_token": token})


def news(status: str, minute: int = 0, **changes: object) -> Telling:
    telling = Telling(
        order_id="250",
        tracking_number="del_01m83qwhdkrhqaekf4r9qgyrdd",
        tracking_url=URL,
        status=status,
        happened_at=NOON + timedelta(minutes=minute),
        notify_customer=True,
        creates=True,
    )
    return replace(telling, **changes)  # type: ignore[arg-type]


def test_an_order_is_fetched_whole_and_reads_as_one(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    found = shops.order(access(store), "250")
    assert found is not None
    order = reader.parse({}, found.body, DEFAULTS)
    assert isinstance(order, Order)
    assert order.address is not None
    assert order.parcel is not None
    assert (order.address.line1, order.parcel.weight_g) == ("Mühlgasse 12", 500)
    assert store.paths() == [
        "orders/250",
        "orders/250/shipping_addresses",
        "orders/250/products",
        "store",
    ]


def test_the_stores_unit_is_asked_for_once(store: BigCommerce, shops: BigCommerceShops) -> None:
    for _ in range(3):
        shops.order(access(store), "250")
    assert store.paths().count("store") == 1


def test_an_order_that_is_not_there_is_none(store: BigCommerce, shops: BigCommerceShops) -> None:
    assert shops.order(access(store), "251") is None
    with pytest.raises(ShopRejected):
        shops.order(access(store), "250/products")


def test_empty_lists_come_as_no_content(store: BigCommerce, shops: BigCommerceShops) -> None:
    store.addresses.clear()
    found = shops.order(access(store), "250")
    assert found is not None
    assert json.loads(found.body)["shipping_addresses"] == []


def test_a_parcel_on_its_way_is_a_shipment_with_our_link(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    reference = shops.tell(access(store), news("picked_up"))
    (shipment,) = store.shipments["250"]
    assert reference == str(shipment["id"])
    assert (shipment["tracking_link"], shipment["shipping_provider"]) == (URL, "")
    assert shipment["items"] == [{"order_product_id": 15, "quantity": 2}]
    assert shipment["order_address_id"] == 251
    assert len(shipment["tracking_number"]) <= 50


def test_nothing_is_shipped_before_the_pickup(store: BigCommerce, shops: BigCommerceShops) -> None:
    assert shops.tell(access(store), news("cancelled", creates=False)) == ""
    assert store.shipments == {}
    assert store.orders["250"]["status_id"] == 11


def test_a_delivered_parcel_completes_the_order_and_a_tap_taken_back_reopens_it(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    shops.tell(access(store), news("picked_up"))
    shops.tell(access(store), news("delivered", 9))
    assert store.orders["250"]["status_id"] == 10
    assert store.shipments["250"][0]["comments"] == "Delivered"
    shops.tell(access(store), news("out_for_delivery", 10))
    assert store.orders["250"]["status_id"] == 2


def test_what_the_store_completed_itself_stays_completed(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    shops.tell(access(store), news("picked_up"))
    store.orders["250"]["status_id"] = 10
    shops.tell(access(store), news("out_for_delivery", 1))
    assert store.orders["250"]["status_id"] == 10


@pytest.mark.parametrize("lost", range(5))
def test_whichever_reply_is_lost_another_try_ships_nothing_twice(
    store: BigCommerce, shops: BigCommerceShops, lost: int
) -> None:
    store.moods = [None] * lost + [LOST]  # type: ignore[list-item]
    with pytest.raises(ShopUnavailable):
        shops.tell(access(store), news("delivered"))
    shops.tell(access(store), news("delivered"))
    assert len(store.shipments["250"]) == 1
    assert store.orders["250"]["status_id"] == 10


def test_an_order_that_was_shipped_by_hand_is_not_shipped_again(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    store.products["250"][0]["quantity_shipped"] = 2
    with pytest.raises(ShopRejected, match="nothing left"):
        shops.tell(access(store), news("picked_up"))


def test_an_empty_quota_is_waited_for_as_long_as_it_says(
    store: BigCommerce, shops: BigCommerceShops, pauses: list[float]
) -> None:
    store.quota_left = 2
    found = shops.order(access(store), "250")
    assert found is not None
    assert pauses == [0.25]


def test_a_quota_that_fills_too_late_is_left_to_the_queue(
    store: BigCommerce, shops: BigCommerceShops, pauses: list[float]
) -> None:
    store.moods = [Said(429, {}, {"X-Rate-Limit-Time-Reset-Ms": "29000"})]
    with pytest.raises(ShopUnavailable):
        shops.order(access(store), "250")
    assert pauses == []


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        (Said(401, {}), ShopRefused),
        (Said(403, {}), ShopRefused),
        (Said(302, b"", {"Location": "https://other.example"}), ShopRefused),
        (Said(400, []), ShopRejected),
        (Said(500, b""), ShopUnavailable),
        (Said(503, b""), ShopUnavailable),
        (Said(200, b"<html>"), ShopUnavailable),
        (Said(200, []), ShopUnavailable),
        (Said(200, {"id": 250}), ShopUnavailable),
    ],
)
def test_every_refusal_is_one_of_ours(
    store: BigCommerce, shops: BigCommerceShops, said: Said, raised: type[Exception]
) -> None:
    store.moods = [said]
    with pytest.raises(raised):
        shops.order(access(store), "250")


def test_a_token_is_checked_before_it_is_kept(store: BigCommerce, shops: BigCommerceShops) -> None:
    with pytest.raises(ShopRefused):
        shops.check(access(store, "wrong"))
    shops.check(access(store))


def test_changed_orders_come_page_by_page_oldest_first(
    store: BigCommerce, shops: BigCommerceShops
) -> None:
    store.orders.clear()
    for number in (3, 1, 2, 0):
        store.add(300 + number, date_modified=f"Fri, 27 Nov 2026 11:3{number}:00 +0000")
    since = NOON.replace(hour=11, minute=31)
    first = shops.changed_orders(access(store), since, limit=2)
    assert [one.order_id for one in first.orders] == ["301", "302"]
    rest = shops.changed_orders(access(store), since, limit=2, cursor=first.cursor)
    assert [one.order_id for one in rest.orders] == ["302", "303"]
    assert first.orders[0].updated_at == since
    last = shops.changed_orders(access(store), since, limit=2, cursor=rest.cursor)
    assert [one.order_id for one in last.orders] == ["303"]
    assert last.cursor is None
    none = shops.changed_orders(access(store), NOON, limit=2)
    assert (none.orders, none.cursor) == ((), None)


@pytest.mark.parametrize("given", ["abcde", "stores/abcde", " ABCDE ", "/stores/abcde/"])
def test_a_store_is_named_by_its_hash(given: str) -> None:
    shops = BigCommerceShops(GuardedHttp())
    assert shops.address(given) == f"https://api.bigcommerce.com/stores/{HASH}"
    assert shops.address(shops.address(given)) == shops.address(given)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "a/../b",
        "abcde?x",
        "https://evil.example/stores/abcde",
        "x" * 40,
        "äbc",
        "http://127.0.0.1:8000/stores/abcde",
        "https://api.bigcommerce.com.evil.example/stores/abcde",
    ],
)
def test_nothing_else_is_called(given: str) -> None:
    with pytest.raises(ShopAddressRefused):
        BigCommerceShops(GuardedHttp()).address(given)


@pytest.fixture
def two_doors(store: BigCommerce) -> BigCommerce:
    """The store's order goes to a second address, too."""
    store.orders["250"]["shipping_address_count"] = 2
    store.addresses["250"].append({**store.addresses["250"][0], "id": 252})
    second = {**store.products["250"][0], "id": 17, "order_address_id": 252}
    store.products["250"].append(second)
    return store


def part(status: str, minute: int = 0) -> Telling:
    return news(status, minute, order_id="250-252", tracking_number="del_2")


def test_each_part_ships_what_goes_to_its_address(
    two_doors: BigCommerce, shops: BigCommerceShops
) -> None:
    shops.tell(access(two_doors), part("picked_up"))
    shops.tell(access(two_doors), news("picked_up"))
    shipped = [(one["order_address_id"], one["items"]) for one in two_doors.shipments["250"]]
    assert shipped == [
        (252, [{"order_product_id": 17, "quantity": 2}]),
        (251, [{"order_product_id": 15, "quantity": 2}]),
    ]


def test_the_order_is_complete_when_its_last_part_has_arrived(
    two_doors: BigCommerce, shops: BigCommerceShops
) -> None:
    shops.tell(access(two_doors), news("picked_up"))
    shops.tell(access(two_doors), news("delivered", 1))
    assert two_doors.orders["250"]["status_id"] == 2
    shops.tell(access(two_doors), part("picked_up", 2))
    assert two_doors.orders["250"]["status_id"] == 2
    shops.tell(access(two_doors), part("delivered", 3))
    assert two_doors.orders["250"]["status_id"] == 10


@pytest.mark.parametrize("order_id", ["250-", "250-x", "-252", "250-252/products"])
def test_a_part_that_cannot_be_one_is_asked_for_nowhere(
    store: BigCommerce, shops: BigCommerceShops, order_id: str
) -> None:
    with pytest.raises(ShopRejected):
        shops.tell(access(store), news("picked_up", order_id=order_id))
    assert store.asked == []
