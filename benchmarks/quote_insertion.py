"""How long does a checkout wait for "can you take one more today"? Cheapest insertion, measured.

A city of two hundred routes of forty stops (districts of 2 km around centres in a disc of 9 km),
half under way and half not begun, with windows of one to eight hours; one newcomer after the other
asks for room in one window, then in seven more. Seeds are fixed. Times are CPU time of one core:
reading the sheet from its bytes, and asking it. Reading the bytes from DynamoDB is on top.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.full_routes import a_city, a_ground, a_newcomer
from chalicelib.domain.dispatch.store import route_from_item, route_to_item
from chalicelib.domain.dispatch.today.day_sheets import draw
from chalicelib.domain.routing import daysheet_wire
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed


@dataclass(frozen=True)
class Asked:
    """What one newcomer took [ms of CPU]: reading the sheet, one window, seven more; and got."""

    read_ms: float
    one_ms: float
    more_ms: float
    found: Fit | Squeezed


def ask(packed: bytes, new: Newcomer, opens_s: int) -> Asked:
    # CPU time of this thread, because the question is what one core takes, not who else is there.
    clock = time.thread_time
    marks = [clock()]
    sheet = daysheet_wire.unpack(packed)
    marks.append(clock())
    squeeze = Squeeze(sheet, new)
    found = squeeze.into(opens_s, opens_s + 7_200)
    marks.append(clock())
    for at_s in range(0, 25_200, 3_600):
        squeeze.into(at_s, at_s + 3_600)
    marks.append(clock())
    return Asked(*(1000 * (after - before) for before, after in pairwise(marks)), found)


def _percentile(values: Iterable[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def measure(seed: int, routes: int, stops: int, asks: int) -> dict[str, float]:
    """One city and so many newcomers; milliseconds and bytes."""
    rng = random.Random(seed)
    city = a_city(rng, routes, stops)
    packed = daysheet_wire.pack(city.sheet)
    asked = [ask(packed, a_newcomer(rng, city), rng.randrange(0, 9_000)) for _ in range(asks)]
    extra_s = [one.found.extra_s for one in asked if isinstance(one.found, Fit)]
    whole = [one.read_ms + one.one_ms for one in asked]
    return {
        "seed": seed,
        "bytes": len(packed),
        "fits_percent": 100 * len(extra_s) // asks,
        "extra_min": statistics.median(extra_s) / 60 if extra_s else 0,
        "read_p50_ms": _percentile((one.read_ms for one in asked), 50),
        "one_p50_ms": _percentile((one.one_ms for one in asked), 50),
        "one_p95_ms": _percentile((one.one_ms for one in asked), 95),
        "whole_p50_ms": _percentile(whole, 50),
        "whole_p95_ms": _percentile(whole, 95),
        "eight_windows_p95_ms": _percentile(
            (t + one.more_ms for t, one in zip(whole, asked, strict=True)), 95
        ),
    }


def drawing(seed: int, routes: int, stops: int) -> str:
    """What drawing a sheet takes, beside reading the routes."""
    ground = a_ground(random.Random(seed), routes, stops)
    items = [route_to_item(route) for route in ground.routes]
    started = time.thread_time()
    for item in items:
        route_from_item(item)
    read_ms = 1000 * (time.thread_time() - started)
    started = time.thread_time()
    packed = daysheet_wire.pack(draw(ground))
    draw_ms = 1000 * (time.thread_time() - started)
    route_bytes = statistics.mean(len(json.dumps(item)) for item in items)
    return (
        f"drawing: {read_ms:.0f} ms to read {routes} routes of {route_bytes / 1000:.1f} kB, "
        f"{draw_ms:.0f} ms to draw and pack {len(packed) / 1000:.0f} kB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--asks", type=int, default=200, help="newcomers per seed")
    parser.add_argument("--json", help="write the rows there")
    asked = parser.parse_args()
    rows = [
        measure(seed, asked.routes, asked.stops, asked.asks) for seed in range(1, asked.seeds + 1)
    ]
    table = Table(title=f"{asked.routes} routes of {asked.stops} stops")
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:,.2f}".removesuffix(".00") for value in row.values()))
    Console(width=180).print(table)
    Console(width=180).print(drawing(1, asked.routes, asked.stops))
    if asked.json:
        Path(asked.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
