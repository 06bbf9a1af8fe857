"""The desk's eye on the day: what became of the orders, and what recipients see.

Reads only what the API shows. Once, it also plays the customer who changes her mind while the
parcel is on its way.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from local.demo import orders
from local.demo.brands import Brand
from local.demo.doors import DayClock, Door, Refused
from local.demo.orders import Sending
from local.demo.recipients import Recipients

FINAL = ("delivered", "collected", "returned", "cancelled", "disposed", "lost", "damaged")
_LINK = re.compile(r"/t/[A-Za-z0-9_-]{22}")


@dataclass
class Watch:
    api: Door
    clock: DayClock
    brands: Sequence[Brand]
    sendings: Sequence[Sending]
    sms_path: str
    operator_key: str = field(repr=False)
    recipients: Recipients
    deliveries: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: list[dict[str, str]] = field(default_factory=list)
    pages_opened: int = 0
    pages_wrong: list[str] = field(default_factory=list)
    changed_her_mind: str = ""
    troubles: list[str] = field(default_factory=list)

    def look(self) -> None:
        """One round: the brands' deliveries, the texts, a few links."""
        for brand in self.brands:
            for delivery in self._list(brand):
                self.deliveries[delivery["id"]] = {**delivery, "brand": brand.name}
        self.texts = self.api.send("GET", self.sms_path).json
        self._open_some_links()
        self._let_recipients_act()
        if not self.changed_her_mind:
            self._change_a_mind()

    @property
    def statuses(self) -> Counter[str]:
        return Counter(delivery["status"] for delivery in self.deliveries.values())

    @property
    def unfinished(self) -> list[dict[str, Any]]:
        return [one for one in self.deliveries.values() if one["status"] not in FINAL]

    @property
    def duplicated_texts(self) -> int:
        """Texts that somebody got once too often.

        A parcel that failed at the door is rightly announced a second time; nothing else repeats.
        """
        by_phone: dict[str, list[str]] = {}
        for text in self.texts:
            by_phone.setdefault(text["to"], []).append(text["body"])
        extra = 0
        for bodies in by_phone.values():
            failures = sum("could not deliver" in body for body in bodies)
            for body, times in Counter(bodies).items():
                allowed = 1 + (failures if "on its way" in body else 0)
                extra += max(0, times - allowed)
        return extra

    def remedies(self) -> Counter[str]:
        """What was done about every attempt that failed, as the merchants read it."""
        keys = {brand.name: brand.api_key for brand in self.brands}
        failed = [one for one in self.deliveries.values() if one["attempts"]]
        return Counter(
            self.api.call("GET", f"/v1/deliveries/{one['id']}/recovery", token=keys[one["brand"]])[
                "remedy"
            ]
            for one in failed
        )

    def _list(self, brand: Brand) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        day = self.clock.start_at.date().isoformat()
        cursor = ""
        while True:
            path = f"/v1/deliveries?day={day}&limit=100" + (f"&cursor={cursor}" if cursor else "")
            page = self.api.call("GET", path, token=brand.api_key)
            found.extend(page["deliveries"])
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return found

    def _open_some_links(self) -> None:
        """Recipients open a link now and then: the page is there, and says something."""
        links = [m.group() for text in self.texts if (m := _LINK.search(text["body"]))]
        for link in links[self.pages_opened * 7 :: 7][:3]:
            page = self.api.send("GET", link)
            self.pages_opened += 1
            if page.status != 200 or b"<h1" not in page.body:
                self.pages_wrong.append(f"{page.status} {len(page.body)} B")

    def _let_recipients_act(self) -> None:
        numbers = {
            (one.brand.name, str(one.purchase.order_id)): one.purchase.number
            for one in self.sendings
            if one.purchase and one.outcome == "created"
        }
        for delivery in self.deliveries.values():
            number = numbers.get((delivery["brand"], delivery["external_id"]))
            if number is not None:
                self.recipients.look(number, delivery)
            if delivery["status"] == "at_pickup_point":
                self.recipients.collect(delivery, self.operator_key)

    def _change_a_mind(self) -> None:
        """Cancel one order whose parcel is already on board."""
        by_order = {
            str(one.purchase.order_id): one
            for one in self.sendings
            if one.purchase and one.brand.platform == "shopify" and one.outcome == "created"
        }
        for delivery in self.deliveries.values():
            sending = by_order.get(delivery["external_id"])
            if sending is None or delivery["status"] != "picked_up" or sending.purchase is None:
                continue
            hook = orders.cancellation(sending.brand, sending.purchase, self.clock.now())
            answer = self.api.send("POST", hook.path, hook.body, hook.headers)
            if answer.status == 200 and answer.json.get("outcome") == "cancelled":
                self.changed_her_mind = delivery["id"]
            return


def keep_watching(watch: Watch, over: threading.Event, every_s: float = 4.0) -> threading.Thread:
    """Look again and again until the day is over."""

    def rounds() -> None:
        while not over.is_set():
            try:
                watch.look()
            except (Refused, OSError) as trouble:
                # The next look sees it all again; the last one, in ``play``, does not forgive.
                watch.troubles.append(f"watch: {trouble}")
            over.wait(every_s)

    thread = threading.Thread(target=rounds, name="watch", daemon=True)
    thread.start()
    return thread
