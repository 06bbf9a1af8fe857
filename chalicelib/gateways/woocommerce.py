"""How is a WooCommerce shop told, and asked? REST v3 with a key and a secret, over HTTPS only.

Telling is three steps that may each be done again: the order's meta and status are set to what they
should be, and a note is written unless it stands there. A lost reply therefore leaves nothing
twice. ``completed`` is Woo's word for "the customer has it"; an order that was cancelled or
refunded meanwhile keeps its status. Sources: WooCommerce REST API v3 (orders, order notes,
authentication, errors).
"""

import base64
import html
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from chalicelib.gateways.guarded_http import GuardedHttp, shop_address
from chalicelib.gateways.platform_calls import (
    Json,
    Pause,
    Place,
    PlatformCalls,
    numbered,
    read_found,
    read_json,
    retry_after_s,
)
from chalicelib.gateways.shop_http import Reply
from chalicelib.kit.shop_calls import Access, Changed, ChangedOrders, FoundOrder, Telling
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from chalicelib.kit.timewindow import write_instant

_API = "/wp-json/wc/v3"
#: A connection's setting, for hosts that take the Authorization header away. Addresses are HTTPS,
#: and we keep no log of them; the shop's own access log will hold the credentials.
CREDENTIALS_IN, IN_QUERY = "credentials_in", "query"
_MOST_A_PAGE = 100
#: The order's meta that we keep; the first two are for shops' templates and plugins.
META_URL, META_STATUS, META_TOLD = (
    "_lastmile_tracking_url",
    "_lastmile_status",
    "_lastmile_told",
)
#: What the shop reads in the order's notes. Words without a note only change the meta.
NOTES: Mapping[str, str] = {
    "picked_up": "The parcel is on its way. Follow it: {url}",
    "delivered": "The parcel was delivered.",
    "attempt_failed": "Nobody took the parcel; it will be brought again.",
    "at_pickup_point": "The parcel waits at a pickup point. Details: {url}",
    "collected": "The parcel was collected at the pickup point.",
    "returned": "The parcel came back.",
    "cancelled": "The delivery was cancelled.",
    "disposed": "The parcel was thrown away.",
    "lost": "The parcel was lost.",
    "damaged": "The parcel was damaged.",
}
#: The customer is mailed these; the rest is for the shop.
_FOR_CUSTOMERS = frozenset({"picked_up", "at_pickup_point"})
_DONE = frozenset({"delivered", "collected"})


class WooCommerceShops:
    """Every WooCommerce shop; whose it is comes with each call."""

    def __init__(self, http: GuardedHttp, *, pause: Pause = time.sleep) -> None:
        self._calls = PlatformCalls(http, _wait_s, pause)

    def address(self, shop: str) -> str:
        """``https://shop.example``, with the folder that WordPress is in."""
        return shop_address(shop, may_be_loopback=self._calls.http.may_be_loopback)

    def check(self, access: Access) -> None:
        """Raise ShopRefused when the key does not open the orders."""
        reply = self._send(access, "GET", "/orders", {"per_page": "1"})
        if reply.status == 404 or not isinstance(read_json(reply), list):
            raise ShopRefused("there is no WooCommerce REST API at this address")

    def tell(self, access: Access, news: Telling) -> str:
        path = f"/orders/{numbered(news.order_id)}"
        order = read_found(self._send(access, "GET", path))
        told = f"{news.status}@{write_instant(news.happened_at)}"
        meta = {one.get("key"): one.get("value") for one in order.get("meta_data") or []}
        if meta.get(META_TOLD) != told:
            read_found(self._send(access, "PUT", path, body=_change(order, meta, news, told)))
        word: str | None = news.status
        if word == "out_for_delivery" and meta.get(META_STATUS) != "picked_up":
            word = self._missing_word(access, path, news)
        if word is not None and word in NOTES:
            self._note(access, path, word, news)
        return str(order.get("number") or news.order_id)

    def changed_orders(
        self, access: Access, since: datetime, *, limit: int, cursor: str | None = None
    ) -> ChangedOrders:
        place = Place.read(cursor, since)
        asked = {
            # The platform's bound is exclusive, and its times have whole seconds.
            "modified_after": _gmt(place.since - timedelta(seconds=1)),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": str(min(limit, _MOST_A_PAGE)),
            "page": str(place.page),
        }
        reply = self._send(access, "GET", "/orders", asked)
        orders = read_json(reply)
        if reply.status == 404 or not isinstance(orders, list):
            raise ShopRejected("there is no WooCommerce REST API at this address")
        pages = reply.headers.get("x-wp-totalpages", "")
        has_more = pages.isdecimal() and place.page < int(pages)
        changed = tuple(_changed(order) for order in orders)
        more = place.after(changed[-1].updated_at) if has_more and changed else None
        return ChangedOrders(changed, more)

    def order(self, access: Access, order_id: str) -> FoundOrder | None:
        reply = self._send(access, "GET", f"/orders/{numbered(order_id)}")
        if reply.status == 404:
            return None
        order = read_json(reply)
        return FoundOrder(order_id, _modified_at(order), "order.updated", reply.body)

    def _missing_word(self, access: Access, path: str, news: Telling) -> str | None:
        """``picked_up`` if nobody has said so before this attempt: it comes of the same tap as
        setting out, whichever is told first, and its note is what the customer follows."""
        ours = sorted(
            text
            for text in self._notes(access, path)
            if text.startswith(f"Lastmile {news.tracking_number}, ")
        )
        link, failed = NOTES["picked_up"].format(url=news.tracking_url), NOTES["attempt_failed"]
        said = [text for text in ours if text.endswith((link, failed))]
        return None if said and said[-1].endswith(link) else "picked_up"

    def _note(self, access: Access, path: str, word: str, news: Telling) -> None:
        """Write a note unless it is there; the time in it keeps two failed attempts apart."""
        at = f"{news.happened_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        text = NOTES[word].format(url=news.tracking_url)
        note = f"Lastmile {news.tracking_number}, {at}: {text}"
        if note in self._notes(access, path):
            return
        is_for_customer = news.notify_customer and word in _FOR_CUSTOMERS
        body = {"note": note, "customer_note": is_for_customer}
        read_found(self._send(access, "POST", f"{path}/notes", body=body))

    def _notes(self, access: Access, path: str) -> list[str]:
        notes = read_json(self._send(access, "GET", f"{path}/notes"))
        return [html.unescape(str(one.get("note"))) for one in notes if isinstance(one, dict)]

    def _send(
        self,
        access: Access,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> Reply:
        # Hosts' firewalls turn away callers without a name.
        headers = {"User-Agent": "Lastmile"}
        key = access.credentials.get("consumer_key", "")
        secret = access.credentials.get("consumer_secret", "")
        asked = dict(query or {})
        if access.settings.get(CREDENTIALS_IN) == IN_QUERY:
            asked |= {"consumer_key": key, "consumer_secret": secret}
        else:
            pair = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
            headers["Authorization"] = f"Basic {pair}"
        url = access.shop + _API + path + (f"?{urlencode(asked)}" if asked else "")
        return self._calls.send(method, url, headers, body)


def _wait_s(reply: Reply) -> float | None:
    return retry_after_s(reply) if reply.status == 429 else None


def _change(order: Json, meta: Mapping[str, Json], news: Telling, told: str) -> Json:
    change: Json = {
        "meta_data": [
            {"key": META_URL, "value": news.tracking_url},
            {"key": META_STATUS, "value": news.status},
            {"key": META_TOLD, "value": told},
        ]
    }
    status = str(order.get("status"))
    if news.status in _DONE and status in ("processing", "on-hold"):
        change["status"] = "completed"
    elif news.status not in _DONE and status == "completed" and meta.get(META_STATUS) in _DONE:
        # A driver took the tap back, and the completion was ours.
        change["status"] = "processing"
    return change


def _gmt(at: datetime) -> str:
    """A time as Woo takes it, without a zone."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def _changed(order: Json) -> Changed:
    at = _modified_at(order)
    body = json.dumps(order).encode()
    order_id = str(order["id"])
    return Changed(order_id, at, FoundOrder(order_id, at, "order.updated", body))


def _modified_at(order: Json) -> datetime:
    try:
        text = order.get("date_modified_gmt") or order["date_created_gmt"]
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ShopUnavailable("the shop's order has no time") from error
