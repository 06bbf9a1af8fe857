"""A BigCommerce on loopback: V2 orders, addresses, products, shipments, a token and its quota.

It answers in the documented shapes: lists that are empty are 204, times are RFC 2822, every answer
says what is left of the quota, and shipping everything changes the order's status by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from tests.gateways.loopback import Asked, Said, golden_answer, serving, wait_until_stopped

TOKEN = "rjm1tkngx0b5d9n2b2b2b2b2b2b2b2b"
HASH = "abcde"
LOST = Said(0)


@dataclass
class BigCommerce:
    """One store and its memory."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    products: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shipments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    moods: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    quota_left: int = 150
    url: str = ""

    @property
    def shop(self) -> str:
        return f"{self.url}/stores/{HASH}"

    def add(self, order_id: int = 250, **changes: Any) -> dict[str, Any]:
        order = golden_answer("bigcommerce_order") | {"id": order_id} | changes
        key = str(order_id)
        self.orders[key] = order
        self.addresses[key] = golden_answer("bigcommerce_addresses")
        self.products[key] = golden_answer("bigcommerce_products")
        return order

    def paths(self, method: str = "GET") -> list[str]:
        start = f"/stores/{HASH}/v2/"
        return [one.path.removeprefix(start) for one in self.asked if one.method == method]

    def seen(self) -> list[dict[str, Any]]:
        """What a person looks at: the orders, and what was told of them."""
        return [
            {
                "order": f"#{key}",
                "status_id": order["status_id"],
                "shipments": [
                    {"tracking_link": one["tracking_link"], "comments": one["comments"]}
                    for one in self.shipments.get(key, [])
                ],
            }
            for key, order in self.orders.items()
        ]

    def answer(self, asked: Asked) -> Said | None:
        self.asked.append(asked)
        if asked.path == "/":
            return Said(200, self.seen())
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None and mood is not LOST:
            return mood
        said = self._with_quota(self._answer(asked))
        return None if mood is LOST else said

    def _with_quota(self, said: Said) -> Said:
        if self.quota_left <= 0:
            self.quota_left = 150
            headers = {"X-Rate-Limit-Requests-Left": "0", "X-Rate-Limit-Time-Reset-Ms": "250"}
            return Said(429, {"status": 429, "title": "Too many requests"}, headers)
        self.quota_left -= 1
        left = {"X-Rate-Limit-Requests-Left": str(self.quota_left)}
        return Said(said.status, said.body, {**said.headers, **left})

    def _answer(self, asked: Asked) -> Said:
        if asked.headers.get("x-auth-token") != TOKEN:
            return Said(401, {"status": 401, "title": "Unauthorized"})
        parts = asked.path.strip("/").split("/")
        if parts[:3] != ["stores", HASH, "v2"]:
            return Said(404, [{"status": 404, "message": "The requested resource was not found."}])
        if parts[3:] == ["store"]:
            return Said(200, {"id": "1", "name": "Vases", "weight_units": "KGS"})
        if parts[3:] == ["orders"]:
            return self._list(asked.query)
        if parts[3] != "orders" or parts[4] not in self.orders:
            return Said(404, [{"status": 404, "message": "The requested resource was not found."}])
        return self._of_order(asked, parts[4], parts[5:])

    def _of_order(self, asked: Asked, order_id: str, rest: list[str]) -> Said:
        if not rest:
            self.orders[order_id] |= asked.body or {}
            return Said(200, self.orders[order_id])
        if rest[0] == "shipments" and asked.method != "GET":
            return self._ship(asked, order_id, rest[1:])
        found = {
            "shipping_addresses": self.addresses,
            "products": self.products,
            "shipments": self.shipments,
        }[rest[0]].get(order_id, [])
        return Said(200, found) if found else Said(204)

    def _list(self, query: Any) -> Said:
        def at(order: dict[str, Any]) -> Any:
            return parsedate_to_datetime(order["date_modified"])

        found = sorted(self.orders.values(), key=at)
        if "min_date_modified" in query:
            since = parsedate_to_datetime(query["min_date_modified"])
            found = [one for one in found if at(one) >= since]
        size, page = int(query.get("limit", 50)), int(query.get("page", 1))
        shown = found[(page - 1) * size : page * size]
        return Said(200, shown) if shown else Said(204)

    def _ship(self, asked: Asked, order_id: str, rest: list[str]) -> Said:
        made = self.shipments.setdefault(order_id, [])
        if rest:
            made[int(rest[0]) - 1] |= asked.body
            return Said(200, made[int(rest[0]) - 1])
        for item in asked.body["items"]:
            product = next(
                one for one in self.products[order_id] if one["id"] == item["order_product_id"]
            )
            if item["quantity"] + product["quantity_shipped"] > product["quantity"]:
                return Said(400, [{"status": 400, "message": "The quantity is too large."}])
            product["quantity_shipped"] += item["quantity"]
        made.append({"id": len(made) + 1, **asked.body})
        self.orders[order_id]["status_id"] = 2
        return Said(201, made[-1])


@contextmanager
def a_bigcommerce() -> Iterator[BigCommerce]:
    store = BigCommerce()
    with serving(store.answer) as url:
        store.url = url
        yield store


def main() -> None:
    """Serve a store with one order, addressed in the demo city, until stopped."""
    with a_bigcommerce() as store:
        store.add()
        to = store.addresses["250"][0]
        to |= {"street_1": "Kastanienallee 20", "zip": "10435", "city": "Berlin"}
        wait_until_stopped(store.shop)


if __name__ == "__main__":
    main()
