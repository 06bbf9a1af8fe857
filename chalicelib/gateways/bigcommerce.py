"""How is a BigCommerce store told, and asked? The V2 API of orders, with a token and its quota.

A store has one quota for everybody who calls it; an empty one answers 429 with the milliseconds
until it fills. "Nothing" is an empty answer with status 204. Our tracking number marks our
shipments, so a lost reply makes no second one; the statuses after it are set to what they should
be. Sources: BigCommerce's orders.v2 (OpenAPI), "API rate limits", "Order status".
"""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlencode

from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.platform_calls import (
    LONGEST_WAIT_S,
    Json,
    Pause,
    Place,
    PlatformCalls,
    numbered,
    read_found,
    read_json,
)
from chalicelib.gateways.shop_http import Reply
from chalicelib.kit.shop_calls import Access, Changed, ChangedOrders, FoundOrder, Telling
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)

API_HOST = "https://api.bigcommerce.com"
_MOST_A_PAGE = 250
_STORE = re.compile(
    rf"(?:{re.escape(API_HOST)}|(?P<loopback>http://127\.0\.0\.1:[0-9]{{2,5}}))?"
    r"/?(?:stores/)?(?P<hash>[a-z0-9]{1,32})/?",
    re.ASCII,
)
_COMPLETED, _SHIPPED = 10, 2
_DONE = frozenset({"delivered", "collected"})
#: What the store reads beside our shipment.
COMMENTS: Mapping[str, str] = {
    "picked_up": "On its way",
    "out_for_delivery": "On its way to the customer's door",
    "delivered": "Delivered",
    "attempt_failed": "Nobody took it; it will be brought again",
    "at_pickup_point": "It waits at a pickup point",
    "collected": "Collected at the pickup point",
    "returned": "It came back",
    "cancelled": "The delivery was cancelled",
    "disposed": "Thrown away",
    "lost": "Lost",
    "damaged": "Damaged",
}


class BigCommerceShops:
    """Every BigCommerce store; whose it is comes with each call."""

    def __init__(self, http: GuardedHttp, *, pause: Pause = time.sleep) -> None:
        self._calls = PlatformCalls(http, _wait_s, pause)
        self._weight_units: dict[str, str] = {}

    def address(self, shop: str) -> str:
        """The store's place in the API, by its hash: ``<host>/stores/abcde``."""
        named = _STORE.fullmatch(shop.strip().lower())
        if named is None or (named["loopback"] and not self._calls.http.may_be_loopback):
            raise ShopAddressRefused("a BigCommerce store is named by its hash, as in stores/abcde")
        return f"{named['loopback'] or API_HOST}/stores/{named['hash']}"

    def check(self, access: Access) -> None:
        """Raise ShopRefused when the token does not open the store and its orders."""
        if not self._weight_unit(access):
            raise ShopRefused("there is no such store")
        self._send(access, "GET", "/v2/orders", {"limit": "1"})

    def tell(self, access: Access, news: Telling) -> str:
        number, address = _part(news.order_id)
        path = f"/v2/orders/{number}"
        order = read_found(self._send(access, "GET", path))
        shipments = _many(self._send(access, "GET", f"{path}/shipments"))
        ours = next((one for one in shipments if _is_ours(one, news)), None)
        was_done = ours is not None and ours.get("comments") in {COMMENTS[one] for one in _DONE}
        if ours is None and news.creates:
            ours = self._ship(access, path, news, address)
        elif ours is not None and ours.get("comments") != COMMENTS.get(news.status, ""):
            comments = {"comments": COMMENTS.get(news.status, "")}
            read_found(self._send(access, "PUT", f"{path}/shipments/{ours['id']}", body=comments))
        if news.status in _DONE and order.get("status_id") != _COMPLETED:
            if not _has_parts(order, address) or self._is_all_done(access, path):
                read_found(self._send(access, "PUT", path, body={"status_id": _COMPLETED}))
        elif news.status not in _DONE and order.get("status_id") == _COMPLETED and was_done:
            # A driver took the tap back, and the completion was ours.
            read_found(self._send(access, "PUT", path, body={"status_id": _SHIPPED}))
        return "" if ours is None else str(ours["id"])

    def changed_orders(
        self, access: Access, since: datetime, *, limit: int, cursor: str | None = None
    ) -> ChangedOrders:
        place, size = Place.read(cursor, since), min(limit, _MOST_A_PAGE)
        asked = {
            "min_date_modified": format_datetime(place.since.astimezone(UTC)),
            "sort": "date_modified:asc",
            "limit": str(size),
            "page": str(place.page),
        }
        orders = _many(self._send(access, "GET", "/v2/orders", asked))
        changed = tuple(Changed(str(order["id"]), _modified_at(order)) for order in orders)
        more = place.after(changed[-1].updated_at) if len(orders) == size else None
        return ChangedOrders(changed, more)

    def order(self, access: Access, order_id: str) -> FoundOrder | None:
        """The order with its addresses, its products and the store's unit of weight."""
        path = f"/v2/orders/{_part(order_id)[0]}"
        reply = self._send(access, "GET", path)
        if reply.status in (204, 404):
            return None
        order = read_found(reply)
        whole = {
            "order": order,
            "shipping_addresses": _many(self._send(access, "GET", f"{path}/shipping_addresses")),
            "products": _many(
                self._send(access, "GET", f"{path}/products", {"limit": str(_MOST_A_PAGE)})
            ),
            "weight_units": self._weight_unit(access),
        }
        body = json.dumps(whole).encode()
        return FoundOrder(order_id, _modified_at(order), "store/order/updated", body)

    def _products(self, access: Access, path: str) -> list[Json]:
        """What of an order needs carrying, gone or not."""
        asked = {"limit": str(_MOST_A_PAGE)}
        products = _many(self._send(access, "GET", f"{path}/products", asked))
        return [product for product in products if product.get("type") != "digital"]

    def _is_all_done(self, access: Access, path: str) -> bool:
        """Whether all parts of an order have gone, and those that we brought have arrived."""
        shipments = _many(self._send(access, "GET", f"{path}/shipments"))
        under_way = set(COMMENTS.values()) - {COMMENTS[one] for one in _DONE}
        if any(one.get("comments") in under_way for one in shipments):
            return False
        return all(_left_of(product) <= 0 for product in self._products(access, path))

    def _ship(self, access: Access, path: str, news: Telling, address: str | None) -> Json:
        """Make a shipment of everything for this part's address that has not gone yet."""
        products = self._products(access, path)
        # The part with the order's own number has the oldest address (intake.bigcommerce).
        goes_to = address or min(map(_address_of, products), key=_age, default="")
        waiting = [
            (product, left)
            for product in products
            if _address_of(product) == goes_to and (left := _left_of(product)) > 0
        ]
        if not waiting:
            raise ShopRejected("the store's order has nothing left to ship")
        shipment = {
            "order_address_id": waiting[0][0]["order_address_id"],
            "tracking_number": news.tracking_number,
            "tracking_link": news.tracking_url,
            # Left out, it would be "custom" and hide the link. Source: order shipments, V2.
            "shipping_provider": "",
            "tracking_carrier": "",
            "comments": COMMENTS.get(news.status, ""),
            "items": [
                {"order_product_id": product["id"], "quantity": left} for product, left in waiting
            ],
        }
        return read_found(self._send(access, "POST", f"{path}/shipments", body=shipment))

    def _weight_unit(self, access: Access) -> str:
        """The store's own, asked once by each worker: it changes once in a store's life."""
        if access.shop not in self._weight_units:
            reply = self._send(access, "GET", "/v2/store")
            if reply.status == 404:
                return ""
            self._weight_units[access.shop] = str(
                read_found(reply).get("weight_units") or "unknown"
            )
        return self._weight_units[access.shop]

    def _send(
        self,
        access: Access,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> Reply:
        url = self.address(access.shop) + path + (f"?{urlencode(query)}" if query else "")
        token = {"X-Auth-Token": access.credentials.get("access_token", "")}
        return self._calls.send(method, url, token, body)


def _wait_s(reply: Reply) -> float | None:
    if reply.status != 429:
        return None
    given = reply.headers.get("x-rate-limit-time-reset-ms", "")
    is_number = given.isascii() and given.isdecimal() and len(given) < 9
    return max(int(given), 50) / 1000 if is_number else LONGEST_WAIT_S / 3


def _many(reply: Reply) -> list[Json]:
    if reply.status in (204, 404):
        return []
    answer = read_json(reply)
    if not (isinstance(answer, list) and all(isinstance(one, dict) for one in answer)):
        raise ShopUnavailable("the store's answer is not a list")
    return answer


def _is_ours(shipment: Json, news: Telling) -> bool:
    return bool(shipment.get("tracking_number") == news.tracking_number)


def _left_of(product: Json) -> int:
    gone = int(product.get("quantity_shipped") or 0) + int(product.get("quantity_refunded") or 0)
    return int(product.get("quantity") or 0) - gone


def _part(order_id: str) -> tuple[str, str | None]:
    """An order's number and, of one that goes to several addresses, the address of this part."""
    number, dash, address = order_id.partition("-")
    return numbered(number), numbered(address) if dash else None


def _has_parts(order: Json, address: str | None) -> bool:
    return address is not None or order.get("shipping_address_count", 1) not in (0, 1)


def _address_of(product: Json) -> str:
    return str(product.get("order_address_id"))


def _age(number: str) -> tuple[int, str]:
    return len(number), number


def _modified_at(order: Json) -> datetime:
    try:
        at = parsedate_to_datetime(order.get("date_modified") or order["date_created"])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise ShopUnavailable("the store's order has no time") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
