"""A Shopify on loopback: the Admin API's shapes, tokens, costs, errors and its memory.

It keeps orders, fulfilment orders, fulfilments and their events, reads the queries that it gets,
and can be told to throttle, to lose a reply after it has acted, or to take the token back.
"""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.gateways.graphql_reader import Field, UnknownField, cost, project, read_operation

TOKEN = "shpat_0123456789abcdef"
SCOPES = ("read_orders", "write_merchant_managed_fulfillment_orders")
MOST_POINTS = 1000


def an_order(number: int = 9001, **changes: Any) -> dict[str, Any]:
    """An order in the API's shape with one parcel to be brought."""
    line = f"gid://shopify/LineItem/{number}1"
    order = {
        "id": f"gid://shopify/Order/{number}",
        "legacyResourceId": str(number),
        "name": f"#{number}",
        "test": False,
        "createdAt": "2026-11-27T11:00:00Z",
        "updatedAt": "2026-11-27T11:00:00Z",
        "cancelledAt": None,
        "cancelReason": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "paymentGatewayNames": ["shopify_payments"],
        "totalOutstandingSet": {"shopMoney": {"amount": "0.0", "currencyCode": "EUR"}},
        "tags": ["gift"],
        "phone": None,
        "note": "Second courtyard",
        "customAttributes": [],
        "customer": {"defaultPhoneNumber": {"phoneNumber": "+491713920042"}},
        "shippingAddress": {
            "firstName": "Ida",
            "lastName": "Brandt",
            "name": "Ida Brandt",
            "company": None,
            "address1": "Lindenweg 7",
            "address2": "3. Etage",
            "city": "Kassel",
            "zip": "34117",
            "countryCodeV2": "DE",
            "phone": "(0171) 392-0007",
            "latitude": 51.221,
            "longitude": 9.423,
        },
        "shippingLines": {"nodes": [{"code": "same-day", "title": "Same day"}]},
        "lineItems": {"nodes": [a_line(line)]},
        "fulfillmentOrders": {"nodes": [a_part(number, line)]},
        "fulfillments": [],
    }
    return {**order, **changes}


def a_line(line_id: str, quantity: int = 2, grams: float | None = 400) -> dict[str, Any]:
    weight = None if grams is None else {"value": grams, "unit": "GRAMS"}
    return {
        "id": line_id,
        "quantity": quantity,
        "currentQuantity": quantity,
        "requiresShipping": True,
        "isGiftCard": False,
        "customAttributes": [],
        "variant": {"inventoryItem": {"measurement": {"weight": weight}}},
    }


def a_part(
    number: int,
    line_id: str,
    method: str | None = "SHIPPING",
    quantity: int = 2,
    place: int = 1,
    request: str = "UNSUBMITTED",
) -> dict[str, Any]:
    """A fulfilment order."""
    return {
        "id": f"gid://shopify/FulfillmentOrder/{number}{place}",
        "orderId": f"gid://shopify/Order/{number}",
        "status": "OPEN",
        "requestStatus": request,
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}],
        "deliveryMethod": None if method is None else {"methodType": method},
        "assignedLocation": {"location": {"id": f"gid://shopify/Location/{place}"}},
        "lineItems": {"nodes": [{"totalQuantity": quantity, "lineItem": {"id": line_id}}]},
    }


@dataclass
class Shopify:
    """One shop. ``lose_replies``: so many times it acts and then hangs up."""

    base_url: str = ""
    token: str = TOKEN
    scopes: tuple[str, ...] = SCOPES
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: float = MOST_POINTS
    restored_per_call: float = MOST_POINTS
    lose_replies: int = 0
    fail_with: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def add(self, order: dict[str, Any]) -> dict[str, Any]:
        self.orders[order["id"]] = order
        return order

    def parts(self) -> list[dict[str, Any]]:
        return [p for order in self.orders.values() for p in order["fulfillmentOrders"]["nodes"]]

    def fulfilments(self, number: int = 9001) -> list[dict[str, Any]]:
        return list(self.orders[f"gid://shopify/Order/{number}"]["fulfillments"])

    def told(self, number: int = 9001) -> list[str]:
        """The statuses that were told, in the order in which they came."""
        made = self.fulfilments(number)
        return [event["status"] for one in made for event in one["events"]["nodes"]]

    def seen(self) -> list[dict[str, Any]]:
        """The orders as their merchant would look at them."""
        return [
            {
                "order": order["name"],
                "fulfilments": [
                    {
                        "tracking_url": one["trackingInfo"][0]["url"],
                        "events": [event["status"] for event in one["events"]["nodes"]],
                    }
                    for one in order["fulfillments"]
                ],
            }
            for order in self.orders.values()
        ]

    def answer(self, token: str, body: bytes) -> tuple[int, Any]:
        if self.fail_with:
            return self.fail_with.pop(0), {"errors": "told to fail"}
        if token != self.token:
            return 401, {"errors": "[API] Invalid API key or access token"}
        asked = json.loads(body)
        _, fields = read_operation(asked["query"], asked["variables"])
        self.calls.append(fields[0].name)
        price = max(cost(fields), 10)
        self.points = min(MOST_POINTS, self.points + self.restored_per_call)
        if price > MOST_POINTS:
            return 200, _errors("MAX_COST_EXCEEDED", f"costs {price}")
        if price > self.points:
            return 200, {**_errors("THROTTLED", "Throttled"), **self._costs(price)}
        self.points -= price
        try:
            data = {one.name: project(self._resolve(one), one.selection) for one in fields}
        except UnknownField as unknown:
            return 200, _errors("undefinedField", f"Field '{unknown}' doesn't exist")
        return 200, {"data": data, **self._costs(price)}

    def _costs(self, price: int) -> dict[str, Any]:
        status = {
            "maximumAvailable": float(MOST_POINTS),
            "currentlyAvailable": self.points,
            "restoreRate": 50.0,
        }
        cost_ = {"requestedQueryCost": price, "actualQueryCost": None, "throttleStatus": status}
        return {"extensions": {"cost": cost_}}

    def _resolve(self, asked: Field) -> Any:
        given = asked.arguments
        match asked.name:
            case "currentAppInstallation":
                return {"accessScopes": [{"handle": scope} for scope in self.scopes]}
            case "order":
                return self.orders.get(given["id"])
            case "orders":
                return self._changed(given)
            case "assignedFulfillmentOrders":
                return self._assigned(given["assignmentStatus"])
            case "fulfillmentCreate":
                return self._fulfil(given["fulfillment"])
            case "fulfillmentEventCreate":
                return self._event(given["fulfillmentEvent"])
            case name if name.startswith("fulfillmentOrder"):
                return self._answer_request(name, given)
        raise UnknownField(asked.name)

    def _changed(self, given: dict[str, Any]) -> dict[str, Any]:
        since = given["query"].split("'")[1]
        known = sorted(self.orders.values(), key=lambda order: order["updatedAt"])
        # Texts of one form: whole seconds sort before their milliseconds, so they are made equal.
        found = [one for one in known if one["updatedAt"].replace("Z", ".000Z") >= since]
        start = int(given["after"] or 0)
        end = start + int(given["first"])
        more = end < len(found)
        return {
            "nodes": found[start:end],
            "pageInfo": {"hasNextPage": more, "endCursor": str(end)},
        }

    def _assigned(self, status: str) -> dict[str, Any]:
        wanted = {
            "FULFILLMENT_REQUESTED": "SUBMITTED",
            "CANCELLATION_REQUESTED": "CANCELLATION_REQUESTED",
        }[status]
        return {"nodes": [part for part in self.parts() if part["requestStatus"] == wanted]}

    def _fulfil(self, given: dict[str, Any]) -> dict[str, Any]:
        ids = [one["fulfillmentOrderId"] for one in given["lineItemsByFulfillmentOrder"]]
        parts = [part for part in self.parts() if part["id"] in ids]
        places = {part["assignedLocation"]["location"]["id"] for part in parts}
        if len(parts) < len(ids) or len(places) != 1:
            return _user_error("All fulfillment orders must be at one location.")
        if any(
            part["status"] == "CLOSED" or part["requestStatus"] == "SUBMITTED" for part in parts
        ):
            return _user_error("The fulfillment order is not in an open state.")
        order = self.orders[parts[0]["orderId"]]
        for part in parts:
            part.update(status="CLOSED", supportedActions=[])
        if given["notifyCustomer"]:
            self.mails.append(order["name"])
        made = {
            "id": f"gid://shopify/Fulfillment/{len(order['fulfillments']) + 1}",
            "status": "SUCCESS",
            "trackingInfo": [given["trackingInfo"]],
            "events": {"nodes": []},
        }
        order["fulfillments"].append(made)
        return {"fulfillment": made, "userErrors": []}

    def _event(self, given: dict[str, Any]) -> dict[str, Any]:
        made = [one for order in self.orders.values() for one in order["fulfillments"]]
        found = [one for one in made if one["id"] == given["fulfillmentId"]]
        if not found:
            return {"fulfillmentEvent": None, "userErrors": [{"field": ["id"], "message": "None"}]}
        # Shopify keeps whole seconds.
        at = given["happenedAt"].partition(".")[0] + "Z"
        event = {"id": "e", "status": given["status"], "happenedAt": at}
        found[0]["events"]["nodes"].append(event)
        return {"fulfillmentEvent": event, "userErrors": []}

    def _answer_request(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        (part,) = [one for one in self.parts() if one["id"] == given["id"]]
        expected = "SUBMITTED" if name.endswith("FulfillmentRequest") else "CANCELLATION_REQUESTED"
        if part["requestStatus"] != expected:
            message = "The fulfillment order has no such request."
            return {"fulfillmentOrder": None, "userErrors": [{"field": [], "message": message}]}
        cancels = "Cancellation" in name
        word = "ACCEPTED" if "Accept" in name else "REJECTED"
        part["requestStatus"] = f"CANCELLATION_{word}" if cancels else word
        part["message"] = given["message"]
        return {"fulfillmentOrder": part, "userErrors": []}


def _errors(code: str, message: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _user_error(message: str) -> dict[str, Any]:
    return {"fulfillment": None, "userErrors": [{"field": ["fulfillment"], "message": message}]}


@contextmanager
def a_shopify() -> Iterator[Shopify]:
    """Serve one shop until the block ends."""
    shop = Shopify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = shop.answer(self.headers.get("X-Shopify-Access-Token", ""), body)
            if shop.lose_replies and shop.calls[-1].endswith("Create"):
                shop.lose_replies -= 1
                self.close_connection = True
                return
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            """What a person looks at: the orders, and what was told of them."""
            raw = json.dumps(shop.seen(), indent=1).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test says enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.base_url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    """Serve a shop with one order until stopped; prints its address."""
    with a_shopify() as shop:
        shop.add(an_order(9001, name="#1001"))
        print(shop.base_url, flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
