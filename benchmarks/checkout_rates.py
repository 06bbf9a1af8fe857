"""How long does a Shopify checkout wait for our rates? Signed calls to a served stack, measured.

Runs beside `make serve` (or against any base URL): one customer after the other, or several at
once, each with another house and another parcel. Times are a client's, from the first byte sent to
the last byte read, on a connection that is kept. The first calls wake workers and teach the stack
its postal codes, and are counted apart. Shopify gives up after 3 s at its busiest.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from local import neighbourhood
from local.cloud import ROOT

PERCENTILES = (50, 90, 99, 100)


@dataclass
class Counter:
    """What came back: milliseconds, and how many rates each answer had."""

    waited_ms: list[float] = field(default_factory=list)
    rates: list[int] = field(default_factory=list)


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def a_request(rng: random.Random) -> bytes:
    """A customer of the demo's neighbourhood with a parcel, as Shopify asks."""
    house = rng.choice(neighbourhood.addresses())
    item = {
        "name": "Notebook",
        "quantity": rng.randint(1, 5),
        "grams": rng.randint(50, 3000),
        "price": 1290,
        "requires_shipping": True,
    }
    destination = {
        "country": "DE",
        "postal_code": house["postal_code"],
        "city": "Berlin",
        "address1": f"{house['street']} {house['house_number']}",
        "phone": None,
    }
    rate = {"destination": destination, "items": [item], "currency": "EUR", "locale": "de"}
    return json.dumps({"rate": rate}).encode()


def ask(connection: http.client.HTTPConnection, path: str, secret: str, body: bytes) -> int:
    """One call; returns how many rates there were."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise SystemExit(f"status {response.status}: {answer[:300].decode(errors='replace')}")
    return len(json.loads(answer)["rates"])


def customer(facts: dict[str, Any], calls: int, seed: int, counter: Counter) -> None:
    rng = random.Random(seed)
    parts = urlsplit(facts["base_url"])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    path = f"/rates/shopify/{facts['merchant_id']}"
    secret = facts["webhook_secrets"]["shopify"]
    for _ in range(calls):
        body = a_request(rng)
        started = time.perf_counter()
        found = ask(connection, path, secret, body)
        counter.waited_ms.append((time.perf_counter() - started) * 1000)
        counter.rates.append(found)
    connection.close()


def measure(facts: dict[str, Any], calls: int, customers: int, seed: int) -> Counter:
    counter = Counter()
    each = [
        threading.Thread(target=customer, args=(facts, calls // customers, seed + n, counter))
        for n in range(customers)
    ]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    return counter


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, default=ROOT / "build/local.json")
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--warm", type=int, default=40)
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    facts = json.loads(given.facts.read_text())
    table = Table("customers at once", "calls", *(f"p{p}, ms" for p in PERCENTILES), "no rate")
    warm = measure(facts, given.warm, 1, given.seed)
    rows = [("1, the first", warm)]
    for customers in given.customers:
        rows.append((str(customers), measure(facts, given.calls, customers, given.seed + 100)))
    for name, counter in rows:
        waits = [f"{percentile(counter.waited_ms, p):.0f}" for p in PERCENTILES]
        empty = str(sum(count == 0 for count in counter.rates))
        table.add_row(name, str(len(counter.waited_ms)), *waits, empty)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
