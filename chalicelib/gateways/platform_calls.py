"""How is a platform's API asked that may tell us to wait, refuse us, or be read page by page?

What WooCommerce and BigCommerce have in common: a question is asked again when the shop wants us to
wait, for a short time; statuses become errors of ours; orders are read in pages of one instant.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.shop_http import Reply
from chalicelib.kit.shop_errors import (
    ShopRefused,
    ShopRejected,
    ShopUnavailable,
)

LONGEST_WAIT_S = 6.0
TRIES = 4

Json = Any  # what a platform sent
#: How long to wait before asking again; None when the answer is one.
WaitS = Callable[[Reply], float | None]
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class PlatformCalls:
    """Patient questions to shops of one platform; ``wait_s`` reads how it asks us to wait."""

    http: GuardedHttp
    wait_s: WaitS
    pause: Pause = time.sleep

    def send(self, method: str, url: str, headers: Mapping[str, str], body: Json = None) -> Reply:
        """One question, asked again while the shop wants us to wait.

        Raises
        ------
        ShopRefused, ShopRejected, ShopAddressRefused, ShopUnavailable
            What the platform's refusal means; 404 is left to whoever asked.
        """
        sent = None if body is None else json.dumps(body).encode()
        told = {"Accept": "application/json", "Content-Type": "application/json", **headers}
        for attempt in range(1, TRIES + 1):
            reply = self.http.call(method, url, sent, told)
            wanted_s = self.wait_s(reply)
            if wanted_s is None:
                _check_status(reply)
                return reply
            if wanted_s > LONGEST_WAIT_S:
                break
            if attempt < TRIES:
                self.pause(wanted_s)
        raise ShopUnavailable("the shop asked us to slow down")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk through changed orders has come to: since when, and which page of that second.

    Pages are counted anew from each later second: an order that changes while we walk moves to the
    end, and by counting on we would step over another.
    """

    since: datetime
    page: int = 1

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> "Place":
        at, _, page = (cursor or "").partition("#")
        return cls(datetime.fromisoformat(at), int(page)) if cursor else cls(since)

    def after(self, last: datetime) -> str:
        """The cursor behind a page whose last order changed then."""
        is_later = last > self.since
        page = 1 if is_later else self.page + 1
        return f"{(last if is_later else self.since).isoformat()}#{page}"


def read_json(reply: Reply) -> Json:
    """What the body says; a page for people instead of data is a shop under maintenance."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise ShopUnavailable("the shop's answer is not JSON") from error


def read_found(reply: Reply) -> Json:
    """The one thing that was asked for; raise ShopRejected where there is none."""
    if reply.status == 404:
        raise ShopRejected("the shop has no such order")
    answer = read_json(reply)
    if not isinstance(answer, dict):
        raise ShopUnavailable("the shop's answer is not an object")
    return answer


def retry_after_s(reply: Reply) -> float:
    """What ``Retry-After`` says in seconds; a second where it says nothing of the kind."""
    given = reply.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 1.0


def numbered(order_id: str) -> str:
    """An order's number, safe to stand in a path; raise ShopRejected for anything else."""
    if not (order_id.isascii() and order_id.isdecimal()):
        raise ShopRejected("the shop numbers its orders, and this is no number")
    return order_id


def _check_status(reply: Reply) -> None:
    if reply.status in (401, 403):
        raise ShopRefused("the shop no longer takes our credentials, or they allow too little")
    if 300 <= reply.status < 400:
        raise ShopRefused("the shop sends us elsewhere; its address is another one")
    if reply.status >= 500 or reply.status == 429:
        raise ShopUnavailable(f"the shop answered with status {reply.status}")
    if reply.status >= 400 and reply.status != 404:
        raise ShopRejected(f"the shop answered with status {reply.status}")
