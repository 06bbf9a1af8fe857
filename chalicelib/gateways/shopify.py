"""How is Shopify told, and asked? The Admin API's GraphQL, with its costs, errors and doubts.

Every call is charged in points; an empty bucket answers ``THROTTLED`` with the rate at which it
fills, which is waited for briefly. A lost reply leaves us in doubt, and Shopify has no idempotency
key for fulfilments, so what is there already is read before anything is made: our tracking number
marks our fulfilments, status and time mark their events.
Source: Shopify Admin GraphQL reference; "Rate limits"; "Response status codes".
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.gateways import shopify_queries as queries
from chalicelib.gateways.shop_http import Reply, post, shopify_address
from chalicelib.gateways.shopify_orders import as_webhook, is_delivered, topic_of
from chalicelib.kit.shop_calls import (
    Access,
    Changed,
    ChangedOrders,
    FoundOrder,
    Requested,
    Telling,
    Wish,
)
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)
from chalicelib.kit.timewindow import read_instant, write_instant

Json = Any  # what the platform sent

COMPANY = "Lastmile"
_TRIES = 4
_LONGEST_WAIT_S = 6.0
_MOST_A_PAGE = 50
_REFUSED = {401, 403, 404}
_STATUS_OF = {Wish.FULFIL: "FULFILLMENT_REQUESTED", Wish.CANCEL: "CANCELLATION_REQUESTED"}
_ACCEPT = {
    Wish.FULFIL: "fulfillmentOrderAcceptFulfillmentRequest",
    Wish.CANCEL: "fulfillmentOrderAcceptCancellationRequest",
}
_REJECT = {
    Wish.FULFIL: "fulfillmentOrderRejectFulfillmentRequest",
    Wish.CANCEL: "fulfillmentOrderRejectCancellationRequest",
}


class ShopifyShops:
    """Every Shopify shop; whose it is comes with each call."""

    def __init__(
        self, *, may_be_loopback: bool = False, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._may_be_loopback = may_be_loopback
        self._pause = pause

    def address(self, shop: str) -> str:
        return shopify_address(shop, may_be_loopback=self._may_be_loopback)

    def check(self, access: Access) -> None:
        """Raise ShopRefused when the token is unknown or misses a scope that we need."""
        installation = self._ask(access, queries.SCOPES, {})["currentAppInstallation"]
        held = {scope["handle"] for scope in installation["accessScopes"]}
        missing = [one for one in queries.SCOPES_NEEDED if held.isdisjoint(one.split("|"))]
        if missing:
            raise ShopRefused(f"the access token lacks the scope {missing[0].replace('|', ' or ')}")

    def tell(self, access: Access, news: Telling) -> str:
        order = self._ask(access, queries.SHIPMENTS, {"id": _gid("Order", news.order_id)})["order"]
        if order is None:
            raise ShopRejected("the shop has no such order")
        ours = [one for one in order["fulfillments"] if _is_ours(one, news.tracking_number)]
        if not ours and news.creates:
            ours = self._fulfil(access, order, news)
        for fulfilment in ours:
            if not _was_told(fulfilment, news):
                self._tell_event(access, fulfilment["id"], news)
        return ",".join(fulfilment["id"] for fulfilment in ours)

    def changed_orders(
        self, access: Access, since: datetime, *, limit: int, cursor: str | None = None
    ) -> ChangedOrders:
        asked = {
            "first": min(limit, _MOST_A_PAGE),
            "after": cursor,
            "query": f"updated_at:>='{write_instant(since)}'",
        }
        page = self._ask(access, queries.CHANGED, asked)["orders"]
        changed = tuple(
            Changed(str(node["legacyResourceId"]), read_instant(node["updatedAt"]))
            for node in page["nodes"]
        )
        more = page["pageInfo"]
        return ChangedOrders(changed, more["endCursor"] if more["hasNextPage"] else None)

    def order(self, access: Access, order_id: str) -> FoundOrder | None:
        order = self._ask(access, queries.ORDER, {"id": _gid("Order", order_id)})["order"]
        if order is None:
            return None
        updated_at = read_instant(order["updatedAt"])
        return FoundOrder(order_id, updated_at, topic_of(order), as_webhook(order))

    def requests(self, access: Access, wish: Wish) -> tuple[Requested, ...]:
        found = self._ask(access, queries.ASSIGNED, {"status": _STATUS_OF[wish]})
        return tuple(
            Requested(node["id"], node["orderId"].rpartition("/")[2], wish)
            for node in found["assignedFulfillmentOrders"]["nodes"]
        )

    def accept(self, access: Access, request: Requested) -> None:
        self._answer(access, _ACCEPT[request.wish], request, None)

    def reject(self, access: Access, request: Requested, detail: str) -> None:
        self._answer(access, _REJECT[request.wish], request, detail)

    def _answer(
        self, access: Access, mutation: str, request: Requested, message: str | None
    ) -> None:
        asked = {"id": request.id, "message": message}
        self._change(access, queries.answering(mutation), asked, mutation)

    def _fulfil(self, access: Access, order: Json, news: Telling) -> list[Json]:
        """Make a fulfilment of what is still open, one for each place that it leaves from."""
        parts = [part for part in order["fulfillmentOrders"]["nodes"] if is_delivered(part)]
        for part in parts:
            if part["requestStatus"] == "SUBMITTED":
                self.accept(access, Requested(part["id"], news.order_id, Wish.FULFIL))
        waiting = [part for part in parts if _can_be_fulfilled(part)]
        if not waiting:
            raise ShopRejected("the shop's order has nothing left to fulfil")
        by_place: dict[str, list[Json]] = {}
        for part in waiting:
            place = part["assignedLocation"]["location"] or {}
            by_place.setdefault(place.get("id", ""), []).append(part)
        return [self._create(access, parts, news) for parts in by_place.values()]

    def _create(self, access: Access, parts: list[Json], news: Telling) -> Json:
        fulfilment = {
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": part["id"]} for part in parts],
            "notifyCustomer": news.notify_customer,
            "trackingInfo": {
                "company": COMPANY,
                "number": news.tracking_number,
                "url": news.tracking_url,
            },
        }
        asked = {"fulfillment": fulfilment}
        made = self._change(access, queries.FULFIL, asked, "fulfillmentCreate")
        return {**made["fulfillment"], "events": {"nodes": []}}

    def _tell_event(self, access: Access, fulfilment_id: str, news: Telling) -> None:
        event = {
            "fulfillmentId": fulfilment_id,
            "status": news.status,
            "happenedAt": write_instant(news.happened_at),
        }
        asked = {"fulfillmentEvent": event}
        self._change(access, queries.TELL_EVENT, asked, "fulfillmentEventCreate")

    def _change(
        self, access: Access, query: str, variables: Mapping[str, Json], mutation: str
    ) -> Json:
        """Run a mutation; what Shopify says in ``userErrors`` will not change by asking again."""
        answer = self._ask(access, query, variables)[mutation]
        errors = answer["userErrors"]
        if errors:
            raise ShopRejected(f"{mutation}: {str(errors[0]['message'])[:200]}")
        return answer

    def _ask(self, access: Access, query: str, variables: Mapping[str, Json]) -> Json:
        """Ask until the bucket holds enough, a few times; raise what the answer means."""
        body = json.dumps({"query": query, "variables": dict(variables)}).encode()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-Shopify-Access-Token": access.credentials.get("access_token", ""),
        }
        path = f"/admin/api/{queries.API_VERSION}/graphql.json"
        for attempt in range(1, _TRIES + 1):
            reply = post(self.address(access.shop), path, body, headers)
            answer = _read(reply)
            wait_s = _wait_s(reply, answer)
            if wait_s is None:
                return _data(answer)
            if attempt < _TRIES:
                self._pause(min(wait_s, _LONGEST_WAIT_S))
        raise ShopUnavailable("the shop asked us to slow down")


def _gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def _is_ours(fulfilment: Json, tracking_number: str) -> bool:
    numbers = {info["number"] for info in fulfilment["trackingInfo"]}
    return tracking_number in numbers and fulfilment["status"] != "CANCELLED"


def _was_told(fulfilment: Json, news: Telling) -> bool:
    """Whether this very event is there; Shopify keeps whole seconds."""
    at = news.happened_at.replace(microsecond=0)
    return any(
        event["status"] == news.status
        and read_instant(event["happenedAt"]).replace(microsecond=0) == at
        for event in fulfilment["events"]["nodes"]
    )


def _can_be_fulfilled(part: Json) -> bool:
    if part["requestStatus"] == "SUBMITTED":
        # Accepted a moment ago, so what it says of its actions is out of date.
        return True
    return any(one["action"] == "CREATE_FULFILLMENT" for one in part["supportedActions"])


def _read(reply: Reply) -> Json:
    if reply.status in _REFUSED:
        raise ShopRefused("the shop no longer takes our access token")
    if 300 <= reply.status < 400:
        raise ShopRefused("the shop sends us elsewhere; its address is another one")
    if reply.status >= 500 or reply.status in (402, 423):
        raise ShopUnavailable(f"the shop answered with status {reply.status}")
    if reply.status == 429:
        return {}
    try:
        answer = json.loads(reply.body)
    except ValueError as error:
        raise ShopUnavailable("the shop's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise ShopUnavailable("the shop's answer is not an object")
    return answer


def _wait_s(reply: Reply, answer: Json) -> float | None:
    """How long to wait before asking again; None when the question was answered."""
    if reply.status == 429:
        given = reply.headers.get("retry-after", "")
        return float(given) if given.replace(".", "", 1).isdecimal() else 1.0
    if "THROTTLED" not in _codes(answer):
        return None
    cost = answer.get("extensions", {}).get("cost", {})
    status = cost.get("throttleStatus", {})
    missing = cost.get("requestedQueryCost", 0) - status.get("currentlyAvailable", 0)
    return float(max(missing, 1) / max(status.get("restoreRate", 1), 1))


def _codes(answer: Json) -> set[str]:
    errors = answer.get("errors") or []
    if not isinstance(errors, list):
        return {str(errors)}
    return {str(one.get("extensions", {}).get("code", "")) for one in errors}


def _data(answer: Json) -> Json:
    codes = _codes(answer)
    if "ACCESS_DENIED" in codes:
        raise ShopRefused("the access token lacks a scope that this needs")
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        raise ShopUnavailable("the shop could not answer")
    if codes or answer.get("data") is None:
        raise ShopRejected("the shop could not read our question")
    return answer["data"]
