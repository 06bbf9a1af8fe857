"""What does an order on demand cost that joins a route under way, and how fast is that known?

Two hundred routes of forty stops, all on the road. One order after
the other asks to be brought within two hours. The production's functions look the hub's day sheet
up, read the best route again and write its longer self; beside them stands what a dispatcher would
do, the driver nearest to the store. Then, per route, the rest in a better order. Seeds are fixed;
times are CPU time of one core. Reading from and writing to DynamoDB is on top.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from rich.console import Console
from rich.table import Table

from benchmarks.full_routes import a_ground, an_order, on_the_road
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.store import route_from_item, route_to_item
from chalicelib.domain.dispatch.today.day_sheets import Ground, draw
from chalicelib.domain.dispatch.under_way import joining, reordering
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.routing import daysheet_wire, travel
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng
from chalicelib.storage.table import Item

WITHIN = timedelta(hours=2)

#: A route as DynamoDB keeps it, and its driver.
type Kept = tuple[Item, Work]


@dataclass(frozen=True)
class Asked:
    """CPU [ms]; driving, setup and handling that it adds [s], ours and the nearest driver's."""

    ms: float
    ours_s: int | None
    nearest_s: int | None


def ask(ground: Ground, kept: Mapping[str, Kept], packed: bytes, order: Delivery) -> Asked:
    started = time.thread_time()
    best = _first_that_fits(ground, kept, order, packed)
    ms = 1000 * (time.thread_time() - started)
    nearest = min(
        zip(ground.routes, ground.works, strict=True),
        key=lambda pair: _next_at(pair[0]).distance_m(order.pickup.position),
    )
    beside = joining.extend(*nearest, ground.hub, order, ground.at, _numbers())
    return Asked(ms, best and best.extra_s, beside and beside.extra_s)


def _first_that_fits(
    ground: Ground, kept: Mapping[str, Kept], order: Delivery, packed: bytes
) -> joining.Joined | None:
    for route_id in joining.routes_to_try(daysheet_wire.unpack(packed), order, ground.at):
        item, work = kept[route_id]
        found = joining.extend(
            route_from_item(item), work, ground.hub, order, ground.at, _numbers()
        )
        if found is not None:
            return found
    return None


def _numbers() -> "_Next":
    return _Next(count(1))


@dataclass(frozen=True)
class _Next:
    numbers: Iterator[int]

    def __call__(self) -> str:
        return f"stp_{next(self.numbers):026d}"


def _next_at(route: Route) -> LatLng:
    coming = route.next_stop()
    assert coming is not None
    return coming.position


def reorder_all(ground: Ground, seconds: float) -> tuple[list[float], int, float]:
    """CPU per route [ms], how many got a better order, and driver's time saved per such route."""

    def search(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
        return solve(problem, budget_s=seconds, seed=0, initial=initial)

    spent, saved = [], []
    for route, work in zip(ground.routes, ground.works, strict=True):
        started = time.process_time()
        found = reordering.reorder(route, work, ground.hub, ground.at, travel.matrix, search)
        spent.append(1000 * (time.process_time() - started))
        if found is not None:
            saved.append(found.saved_s / 60)
    return spent, len(saved), statistics.mean(saved) if saved else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--orders", type=int, default=100, help="orders on demand per seed")
    parser.add_argument("--reorder", type=int, default=10, help="routes per seed to reorder")
    parser.add_argument("--seconds", type=float, default=0.5, help="search per route")
    asked = parser.parse_args()
    table = Table(title=f"{asked.routes} routes of {asked.stops} stops on the road")
    for name in (
        *("seed", "fits", "p50 ms", "p95 ms", "added min", "nearest driver: fits", "added min"),
        *("reordered", "min saved each", "p50 ms"),
    ):
        table.add_column(name, justify="right")
    for seed in range(1, asked.seeds + 1):
        rng = random.Random(seed)
        ground = on_the_road(rng, a_ground(rng, asked.routes, asked.stops))
        packed = daysheet_wire.pack(draw(ground))
        kept = {
            route.id: (route_to_item(route), work)
            for route, work in zip(ground.routes, ground.works, strict=True)
        }
        orders = (an_order(rng, ground, n, WITHIN) for n in range(asked.orders))
        rows = [ask(ground, kept, packed, order) for order in orders]
        few = replace(
            ground, routes=ground.routes[: asked.reorder], works=ground.works[: asked.reorder]
        )
        spent, better, saved = reorder_all(few, asked.seconds)
        both = [one for one in rows if one.ours_s is not None and one.nearest_s is not None]
        times = sorted(one.ms for one in rows)
        table.add_row(
            str(seed),
            f"{sum(one.ours_s is not None for one in rows)}/{len(rows)}",
            f"{statistics.median(times):.1f}",
            f"{times[len(times) * 95 // 100]:.1f}",
            f"{_mean_min([one.ours_s for one in both]):.1f}",
            f"{sum(one.nearest_s is not None for one in rows)}/{len(rows)}",
            f"{_mean_min([one.nearest_s for one in both]):.1f}",
            f"{better}/{len(spent)}",
            f"{saved:.0f}",
            f"{statistics.median(spent):.0f}",
        )
    Console(width=160).print(table)
    return 0


def _mean_min(seconds: Sequence[int | None]) -> float:
    known = [one for one in seconds if one is not None]
    return statistics.mean(known) / 60 if known else 0.0


if __name__ == "__main__":
    sys.exit(main())
