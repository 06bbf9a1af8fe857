"""A WooCommerce on loopback: orders and notes of REST v3, keys, errors, and what hosts do to it.

It answers in the documented shapes. ``moods`` are answers that it gives before it comes to itself,
one for each call; ``LOST`` acts and drops the connection, as a shared host does under load.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.gateways.loopback import Asked, Said, golden_answer, serving, wait_until_stopped

KEY, SECRET = "ck_0123456789abcdef", "cs_fedcba9876543210"
LOST = Said(0)
API = "/wp-json/wc/v3"


def error(status: int, code: str) -> Said:
    return Said(status, {"code": code, "message": "Sorry.", "data": {"status": status}})


@dataclass
class WooCommerce:
    """One shop and its memory."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    moods: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    may_write: bool = True
    strips_authorization: bool = False
    url: str = ""

    def add(self, **changes: Any) -> dict[str, Any]:
        order = golden_answer("woocommerce_order") | changes
        self.orders[str(order["id"])] = order
        return order

    def meta(self, order_id: str = "731") -> dict[str, str]:
        return {one["key"]: one["value"] for one in self.orders[order_id]["meta_data"]}

    def texts(self, order_id: str = "731") -> list[str]:
        return [note["note"] for note in self.notes.get(order_id, [])]

    def seen(self) -> list[dict[str, Any]]:
        """What a person looks at: the orders, and what was told of them."""
        return [
            {"order": f"#{key}", "status": order["status"], "notes": self.texts(key)}
            for key, order in self.orders.items()
        ]

    def answer(self, asked: Asked) -> Said | None:
        self.asked.append(asked)
        if asked.path == "/":
            return Said(200, self.seen())
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None and mood is not LOST:
            return mood
        said = self._answer(asked)
        return None if mood is LOST else said

    def _answer(self, asked: Asked) -> Said:
        if not self._is_known(asked):
            return error(401, "woocommerce_rest_cannot_view")
        if asked.method != "GET" and not self.may_write:
            return error(401, "woocommerce_rest_cannot_edit")
        head, _, tail = asked.path.partition(API)
        parts = tail.strip("/").split("/")
        if head or not tail or parts[0] != "orders":
            return error(404, "rest_no_route")
        if len(parts) == 1:
            return self._list(asked.query)
        if parts[1] not in self.orders:
            return error(404, "woocommerce_rest_shop_order_invalid_id")
        if len(parts) == 3:
            return self._notes(asked, parts[1])
        return Said(200, self._order(asked, parts[1]))

    def _is_known(self, asked: Asked) -> bool:
        pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        named = (asked.query.get("consumer_key"), asked.query.get("consumer_secret"))
        by_header = asked.headers.get("authorization") == f"Basic {pair}"
        return (by_header and not self.strips_authorization) or named == (KEY, SECRET)

    def _list(self, query: Any) -> Said:
        bound = query.get("modified_after", "")
        if bound and query.get("dates_are_gmt") != "true":
            return error(400, "rest_invalid_param")
        found = [one for one in self.orders.values() if one["date_modified_gmt"] > bound]
        if query.get("orderby") == "modified":
            found.sort(key=lambda one: one["date_modified_gmt"])
        size, page = int(query.get("per_page", 10)), int(query.get("page", 1))
        pages = -(-len(found) // size)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return Said(200, found[(page - 1) * size : page * size], headers)

    def _order(self, asked: Asked, order_id: str) -> dict[str, Any]:
        order = self.orders[order_id]
        for name, value in (asked.body or {}).items():
            if name == "meta_data":
                kept = {one["key"]: one for one in order["meta_data"]}
                kept |= {one["key"]: one for one in value}
                order["meta_data"] = list(kept.values())
            else:
                order[name] = value
        return order

    def _notes(self, asked: Asked, order_id: str) -> Said:
        notes = self.notes.setdefault(order_id, [])
        if asked.method == "GET":
            return Said(200, notes)
        # WordPress keeps what it is given with its entities escaped.
        text = asked.body["note"].replace("&", "&amp;")
        notes.append({"id": len(notes) + 1, "customer_note": False, **asked.body, "note": text})
        return Said(201, notes[-1])


@contextmanager
def a_woocommerce() -> Iterator[WooCommerce]:
    shop = WooCommerce()
    with serving(shop.answer) as url:
        shop.url = url
        yield shop


def main() -> None:
    """Serve a shop with one order until stopped; prints its address."""
    with a_woocommerce() as shop:
        shop.add()
        wait_until_stopped(shop.url)


if __name__ == "__main__":
    main()
