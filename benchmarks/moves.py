"""How long does a dispatcher wait for the effect of a move? Previews among full routes, measured.

Two hundred routes of forty doors, half under way and half not begun; one door after the other is
taken off a route that has not begun and offered to another one, at the best of all places there.
Times are CPU time of one core: reading both routes from their items, finding the place, weighing
both routes before and after. A new set of distances for each, as for each request. Reading the
items from DynamoDB is on top: two routes, one delivery, the drivers on duty, the rules.
"""

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from benchmarks.full_routes import a_ground
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.plans import arranging
from chalicelib.domain.dispatch.plans.arranging import Cargo
from chalicelib.domain.dispatch.plans.assessing import Distances, Ground
from chalicelib.domain.dispatch.plans.effects import Arrangement, Effect, Scales
from chalicelib.domain.dispatch.plans.journal import ChangeKind, Went
from chalicelib.domain.dispatch.rules.desk_rules import Rules
from chalicelib.domain.dispatch.store import route_from_item, route_to_item
from chalicelib.domain.routing.travel import matrix
from chalicelib.storage.table import Item


def preview(ground: Ground, from_item: Item, to_item: Item, door: int) -> Effect:
    """What the web function computes for one preview."""
    source, target = route_from_item(from_item), route_from_item(to_item)
    local = ground.at.astimezone(ZoneInfo(ground.hub.timezone))
    scales = Scales(ground, Distances(matrix, local), Rules(), {})
    cargo = _cargo(source, source.stops[door])
    pairs = (
        (source, arranging.without(source, [cargo])),
        (target, scales.best(target, cargo, lambda: "stp_new")),
    )
    went = (Went(cargo.ref, source.id, target.id),)
    return scales.weigh(Arrangement(ChangeKind.MOVE, pairs, went))


def _cargo(route: Route, door: Stop) -> Cargo:
    (ref,) = door.deliveries
    pickup = next(
        stop for stop in route.stops if stop.kind is StopKind.PICKUP and ref in stop.deliveries
    )
    return Cargo(ref, "Store", pickup.position, 20, door.weight_g, door.volume_ml, door)


def measure(seed: int, routes: int, stops: int, asks: int) -> dict[str, float]:
    """One town and so many previews; milliseconds of CPU."""
    rng = random.Random(seed)
    drawn = a_ground(rng, routes, stops)
    ground = Ground(drawn.hub, drawn.at, {work.driver_id: work for work in drawn.works})
    waiting = [r for r in drawn.routes if r.status is RouteStatus.ASSIGNED]
    items = {route.id: route_to_item(route) for route in drawn.routes}
    times = []
    for _ in range(asks):
        source, target = rng.choice(waiting), rng.choice(drawn.routes)
        while target.id == source.id:
            target = rng.choice(drawn.routes)
        door = rng.randrange(2, len(source.stops))
        started = time.thread_time()
        preview(ground, items[source.id], items[target.id], door)
        times.append(1000 * (time.thread_time() - started))
    times.sort()
    return {
        "seed": seed,
        "p50_ms": statistics.median(times),
        "p95_ms": times[len(times) * 95 // 100],
        "worst_ms": times[-1],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--asks", type=int, default=200, help="previews per seed")
    parser.add_argument("--json", help="write the rows there")
    asked = parser.parse_args()
    rows = [
        measure(seed, asked.routes, asked.stops, asked.asks) for seed in range(1, asked.seeds + 1)
    ]
    table = Table(title=f"previews among {asked.routes} routes of {asked.stops} doors")
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:,.2f}".removesuffix(".00") for value in row.values()))
    Console(width=100).print(table)
    if asked.json:
        Path(asked.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
