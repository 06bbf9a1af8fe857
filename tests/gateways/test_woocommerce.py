"""WooCommerce is told once, whatever is lost on the way, and asked page by page."""

import html
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.woocommerce import META_STATUS, META_URL, WooCommerceShops
from chalicelib.kit.shop_calls import Access, Telling
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from tests.builders import NOON
from tests.gateways.loopback import Said
from tests.gateways.woocommerce_server import KEY, LOST, SECRET, WooCommerce, a_woocommerce, error

URL = "https://track.example/t/abc?x=1&y=2"


@pytest.fixture
def shop() -> Iterator[WooCommerce]:
    with a_woocommerce() as made:
        made.add()
        yield made


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def shops(pauses: list[float]) -> WooCommerceShops:
    calls = GuardedHttp(may_be_loopback=True)
    return WooCommerceShops(calls, pause=pauses.append)


def access(shop: WooCommerce, secret: str = SECRET) -> Access:
    return Access(shop.url, {"consumer_key": KEY, "consumer_secret": secret})


def news(status: str, minute: int = 0, **changes: object) -> Telling:
    telling = Telling(
        order_id="731",
        tracking_number="del_1",
        tracking_url=URL,
        status=status,
        happened_at=NOON + timedelta(minutes=minute),
        notify_customer=True,
        creates=True,
    )
    return replace(telling, **changes)  # type: ignore[arg-type]


def test_a_parcel_on_its_way_is_a_note_to_the_customer_and_a_link_in_the_meta(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shops.tell(access(shop), news("picked_up"))
    assert shop.orders["731"]["status"] == "processing"
    assert shop.meta()[META_URL] == URL
    assert shop.meta()[META_STATUS] == "picked_up"
    (note,) = shop.notes["731"]
    assert "on its way" in note["note"]
    assert note["customer_note"] is True
    quiet = news("at_pickup_point", 5, notify_customer=False)
    shops.tell(access(shop), quiet)
    assert shop.notes["731"][-1]["customer_note"] is False


def test_a_delivered_parcel_completes_the_order(shop: WooCommerce, shops: WooCommerceShops) -> None:
    shops.tell(access(shop), news("delivered"))
    assert shop.orders["731"]["status"] == "completed"
    assert shop.notes["731"][-1]["customer_note"] is False


@pytest.mark.parametrize("status", ["cancelled", "refunded", "trash"])
def test_an_order_that_ended_meanwhile_keeps_its_status(
    shop: WooCommerce, shops: WooCommerceShops, status: str
) -> None:
    shop.orders["731"]["status"] = status
    shops.tell(access(shop), news("delivered"))
    assert shop.orders["731"]["status"] == status
    assert len(shop.texts()) == 1


def test_a_tap_that_was_taken_back_reopens_what_we_completed_and_nothing_else(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shops.tell(access(shop), news("delivered"))
    shops.tell(access(shop), news("out_for_delivery", 1))
    assert shop.orders["731"]["status"] == "processing"
    shop.orders["731"]["status"] = "completed"
    shops.tell(access(shop), news("attempt_failed", 2))
    assert shop.orders["731"]["status"] == "completed"


def test_the_same_news_twice_is_told_once(shop: WooCommerce, shops: WooCommerceShops) -> None:
    for _ in range(3):
        shops.tell(access(shop), news("picked_up"))
    assert len(shop.texts()) == 1
    assert sum(asked.method == "PUT" for asked in shop.asked) == 1


def test_two_failed_attempts_are_two_notes(shop: WooCommerce, shops: WooCommerceShops) -> None:
    shops.tell(access(shop), news("attempt_failed"))
    shops.tell(access(shop), news("attempt_failed", 30))
    assert len(shop.texts()) == 2


def test_the_customer_has_the_link_when_setting_out_is_told_before_the_pickup(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    """Both come of one tap, and the older news is dropped when the newer one was faster."""
    for _ in range(2):
        shops.tell(access(shop), news("out_for_delivery", 1))
    (note,) = shop.notes["731"]
    assert note["note"].endswith(f"on its way. Follow it: {html.escape(URL)}")
    assert note["customer_note"] is True
    shops.tell(access(shop), news("attempt_failed", 20))
    shops.tell(access(shop), news("out_for_delivery", 50))
    assert [one["customer_note"] for one in shop.notes["731"]] == [True, False, True]


def test_the_customer_is_told_once_that_a_parcel_was_picked_up_and_is_on_its_way(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shops.tell(access(shop), news("picked_up"))
    for _ in range(2):
        shops.tell(access(shop), news("out_for_delivery", 1))
    assert len(shop.notes["731"]) == 1


@pytest.mark.parametrize("lost", range(5))
def test_whichever_reply_is_lost_the_customer_gets_the_link_once(
    shop: WooCommerce, shops: WooCommerceShops, lost: int
) -> None:
    ok = None
    shop.moods = [ok] * lost + [LOST]  # type: ignore[list-item]
    with pytest.raises(ShopUnavailable):
        shops.tell(access(shop), news("out_for_delivery"))
    shops.tell(access(shop), news("out_for_delivery"))
    assert [one["customer_note"] for one in shop.notes["731"]] == [True]


@pytest.mark.parametrize("lost", range(4))
def test_whichever_reply_is_lost_another_try_leaves_nothing_twice(
    shop: WooCommerce, shops: WooCommerceShops, lost: int
) -> None:
    """Read, set, read notes, write one: each may have happened although nobody told us."""
    ok = None
    shop.moods = [ok] * lost + [LOST]  # type: ignore[list-item]
    with pytest.raises(ShopUnavailable):
        shops.tell(access(shop), news("delivered"))
    shops.tell(access(shop), news("delivered"))
    assert shop.orders["731"]["status"] == "completed"
    assert len(shop.texts()) == 1
    assert len(shop.orders["731"]["meta_data"]) == 3


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        (error(401, "woocommerce_rest_cannot_view"), ShopRefused),
        (error(403, "rest_forbidden"), ShopRefused),
        (Said(301, b"", {"Location": "https://other.example/"}), ShopRefused),
        (error(404, "woocommerce_rest_shop_order_invalid_id"), ShopRejected),
        (error(400, "rest_invalid_param"), ShopRejected),
        (Said(500, b"There has been a critical error on this website."), ShopUnavailable),
        (Said(503, b"Briefly unavailable for scheduled maintenance."), ShopUnavailable),
        (Said(200, b"<html>Please log in</html>"), ShopUnavailable),
        (Said(200, []), ShopUnavailable),
        (Said(200, b" " * (2 * 1024 * 1024 + 1)), ShopUnavailable),
        (Said(429, b"", {"Retry-After": "3600"}), ShopUnavailable),
    ],
)
def test_every_refusal_is_one_of_ours(
    shop: WooCommerce, shops: WooCommerceShops, said: Said, raised: type[Exception]
) -> None:
    shop.moods = [said]
    with pytest.raises(raised):
        shops.tell(access(shop), news("delivered"))
    assert shop.texts() == []


def test_a_host_that_wants_a_moment_gets_it(
    shop: WooCommerce, shops: WooCommerceShops, pauses: list[float]
) -> None:
    shop.moods = [Said(429, b"", {"Retry-After": "2"}), Said(429, b"", {"Retry-After": "soon"})]
    shops.tell(access(shop), news("delivered"))
    assert pauses == [2.0, 1.0]
    assert shop.orders["731"]["status"] == "completed"


def test_keys_are_checked_before_they_are_kept(shop: WooCommerce, shops: WooCommerceShops) -> None:
    shops.check(access(shop))
    with pytest.raises(ShopRefused):
        shops.check(access(shop, "wrong"))
    with pytest.raises(ShopRefused, match="no WooCommerce"):
        shops.check(Access(f"{shop.url}/blog", access(shop).credentials))


def test_a_key_that_may_only_read_is_refused_when_it_matters(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shop.may_write = False
    with pytest.raises(ShopRefused):
        shops.tell(access(shop), news("delivered"))


def test_changed_orders_come_page_by_page_oldest_first(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shop.orders.clear()
    for number in (3, 1, 2, 0):
        shop.add(id=800 + number, date_modified_gmt=f"2026-11-27T11:3{number}:00")
    since = NOON.replace(hour=11, minute=31)
    first = shops.changed_orders(access(shop), since, limit=2)
    assert [one.order_id for one in first.orders] == ["801", "802"]
    rest = shops.changed_orders(access(shop), since, limit=2, cursor=first.cursor)
    assert [one.order_id for one in rest.orders] == ["802", "803"]
    assert first.orders[0].order is not None
    assert first.orders[0].updated_at == since


def test_no_order_is_stepped_over_when_another_changes_meanwhile(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    """It moves to the end, and everything behind it moves up by one."""
    shop.orders.clear()
    for number in range(6):
        shop.add(id=800 + number, date_modified_gmt=f"2026-11-27T11:3{number}:00")
    since, cursor, seen = NOON.replace(hour=11), None, []
    while True:
        page = shops.changed_orders(access(shop), since, limit=2, cursor=cursor)
        seen += [one.order_id for one in page.orders]
        if "800" in shop.orders and shop.orders["800"]["date_modified_gmt"] < "2026-11-27T11:50":
            shop.orders["800"]["date_modified_gmt"] = "2026-11-27T11:59:00"
        cursor = page.cursor
        if cursor is None:
            break
    assert set(seen) == {str(800 + number) for number in range(6)}


def test_many_orders_of_one_second_are_paged_through(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shop.orders.clear()
    for number in range(5):
        shop.add(id=800 + number)
    cursor, seen = None, []
    for _ in range(9):
        page = shops.changed_orders(access(shop), NOON.replace(hour=11), limit=2, cursor=cursor)
        seen += [one.order_id for one in page.orders]
        cursor = page.cursor
        if cursor is None:
            break
    assert set(seen) == {str(800 + number) for number in range(5)}


def test_one_order_comes_as_its_webhook_would(shop: WooCommerce, shops: WooCommerceShops) -> None:
    found = shops.order(access(shop), "731")
    assert found is not None
    assert (found.order_id, found.topic) == ("731", "order.updated")
    assert shops.order(access(shop), "732") is None
    with pytest.raises(ShopRejected):
        shops.order(access(shop), "../users/1")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Vases.example/", "https://vases.example"),
        ("vases.example", "https://vases.example"),
        ("https://vases.example/shop/", "https://vases.example/shop"),
    ],
)
def test_a_shops_address_is_kept_one_way(shops: WooCommerceShops, given: str, kept: str) -> None:
    assert shops.address(given) == kept


@pytest.mark.parametrize(
    "address",
    [
        "http://vases.example",
        "https://10.0.0.1",
        "https://localhost",
        "https://vases.example:8443",
        "https://key:secret@vases.example",
        "https://vases.example/?rest_route=/",
        "https://metadata.internal",
        "ftp://vases.example",
        "",
    ],
)
def test_only_https_at_a_public_name_is_called(address: str) -> None:
    with pytest.raises(ShopAddressRefused):
        WooCommerceShops(GuardedHttp()).address(address)


@pytest.mark.parametrize("found", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_a_public_name_that_leads_inside_is_not_called(found: str) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14", found] if ":" not in found else [found]

    shops = WooCommerceShops(GuardedHttp(resolve=resolve))
    with pytest.raises(ShopAddressRefused):
        shops.check(Access("https://vases.example", {}))
    assert asked == ["vases.example"]


def test_a_name_that_does_not_exist_may_exist_later() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(ShopUnavailable):
        WooCommerceShops(GuardedHttp(resolve=resolve)).check(Access("https://vases.example", {}))


def in_query(shop: WooCommerce, secret: str = SECRET) -> Access:
    return replace(access(shop, secret), settings={"credentials_in": "query"})


def test_a_host_that_strips_the_header_is_given_the_credentials_in_the_query(
    shop: WooCommerce, shops: WooCommerceShops
) -> None:
    shop.strips_authorization = True
    with pytest.raises(ShopRefused):
        shops.check(access(shop))
    shops.check(in_query(shop))
    shops.tell(in_query(shop), news("picked_up"))
    assert all("authorization" not in one.headers for one in shop.asked[1:])
    assert shop.meta()[META_URL] == URL


def test_what_goes_wrong_names_no_credentials(shop: WooCommerce, shops: WooCommerceShops) -> None:
    """They stand in the address then, and an error's whole chain may end in a log."""
    for mood in (error(401, "x"), error(400, "x"), Said(200, b"<html>"), LOST):
        shop.moods = [mood]
        with pytest.raises((ShopRefused, ShopRejected, ShopUnavailable)) as caught:
            shops.check(in_query(shop))
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in repr(in_query(shop))


def test_credentials_in_a_query_go_over_tls_alone() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError("nothing is called")

    shops = WooCommerceShops(GuardedHttp(resolve=resolve))
    given = Access("http://vases.example", {}, {"credentials_in": "query"})
    with pytest.raises(ShopAddressRefused):
        shops.check(given)
