"""How far off is each provider of travel times, how long does it take, and what does it cost?

Trips between random crossings of the demo town, of a large made-up town, and of any OpenStreetMap
extract, on empty roads. What is right is told by the plainest search over the whole, uncontracted
map. Compared with it: the model as it is, the model after it has learned from 400 other legs with
noise, the street graph, and a provider that knows the exact answer but is asked by pairs of cells.
Crossings cost nothing here, or every provider would differ by an assumption. Seeds are fixed; times
are CPU time of one core.
"""

import argparse
import heapq
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chalicelib.domain.routing import travel
from chalicelib.domain.routing.calibration import Counts, Sample, calibrate
from chalicelib.domain.routing.cell_roads import Asked, CellRoads, Leg
from chalicelib.domain.routing.streets import Streets, by_streets
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from local.streets.__main__ import demo_town
from local.streets.contract import contract, pack
from local.streets.osm import read
from local.streets.raw import Network, apart_m

NIGHT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
LEARNED_LEGS = 400
#: How much a leg of a driver varies: the standard deviation of its logarithm.
NOISE = 0.25


@dataclass
class Exact:
    """The whole map, and searches over it; a row is kept."""

    network: Network
    out: dict[int, list[tuple[int, float, float]]] = field(default_factory=dict)
    rows: dict[int, tuple[dict[int, float], dict[int, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.network.segments:
            self.out.setdefault(one.start, []).append((one.end, one.seconds, one.metres))

    def row(self, start: int) -> tuple[dict[int, float], dict[int, float]]:
        """Seconds and metres from a point to every other."""
        if start not in self.rows:
            best, metres, heap = {start: 0.0}, {start: 0.0}, [(0.0, start)]
            while heap:
                seconds, here = heapq.heappop(heap)
                if seconds > best[here]:
                    continue
                for to, takes, far in self.out.get(here, ()):
                    if seconds + takes < best.get(to, math.inf):
                        best[to], metres[to] = seconds + takes, metres[here] + far
                        heapq.heappush(heap, (best[to], to))
            self.rows[start] = best, metres
        return self.rows[start]

    def nearest(self, position: LatLng) -> int:
        here = (position.latitude, position.longitude)
        return min(self.network.points, key=lambda one: apart_m(self.network.points[one], here))

    def place(self, point: int) -> LatLng:
        return LatLng(*self.network.points[point])


def large_town(size: int = 70, seed: int = 11) -> Network:
    """Bent streets with a point in the middle of each, one in ten missing, one in four one-way."""
    rng = random.Random(seed)
    network = Network()
    for row in range(2 * size - 1):
        for column in range(2 * size - 1):
            bend = 3e-4
            place = (
                50.0 + 0.0007 * row + rng.uniform(-bend, bend),
                8.0 + 0.0011 * column + rng.uniform(-bend, bend),
            )
            network.points[row * 1000 + column] = place
    for line in range(0, 2 * size - 1, 2):
        kind = "secondary" if line % 14 == 0 else "residential"
        for start in range(0, 2 * size - 2, 2):
            for east in (True, False):
                along = range(start, start + 3)
                nodes = [line * 1000 + one if east else one * 1000 + line for one in along]
                oneway = "yes" if kind == "residential" and rng.random() < 0.25 else "no"
                if kind == "secondary" or rng.random() < 0.9:
                    ahead = nodes if rng.random() < 0.5 else nodes[::-1]
                    network.add_way(ahead, {"highway": kind, "oneway": oneway})
    return network


@dataclass(frozen=True)
class Row:
    """One provider's figures in one town."""

    town: str
    provider: str
    median_percent: float
    p90_percent: float
    ms_per_100: float
    bytes: int = 0
    requests: int = 0
    pairs: int = 0
    cost: float = 0.0


def measure(name: str, network: Network, trips: int, price: float, seed: int) -> list[Row]:
    exact = Exact(network.largest_part())
    rng = random.Random(seed)
    crossings = sorted({one.start for one in exact.network.segments})
    chosen = rng.sample(crossings, min(trips, len(crossings)))
    others = [one for one in crossings if one not in set(chosen)] or crossings
    packed = pack(contract(exact.network, junction_s=0))
    streets = Streets(packed)
    learned = travel.calibrated({"car": calibrate(_learned(exact, others, rng))})
    rows = [
        _row(name, "model", travel.matrix, exact, chosen),
        _row(name, f"model, {LEARNED_LEGS} legs learned", learned, exact, chosen),
        _row(name, "street graph", by_streets(streets, learned), exact, chosen, size=len(packed)),
    ]
    for near, told in ((learned, "model"), (by_streets(Streets(packed), learned), "graph")):
        shop = _Provider(exact)
        cells = CellRoads(shop.commit, shop.ask, near, 10**9)
        row = _row(name, f"cells, short legs by the {told}", cells, exact, chosen)
        cost = shop.pairs / 1000 * price
        found = {**row.__dict__, "requests": shop.requests, "pairs": shop.pairs, "cost": cost}
        rows.append(Row(**found))
    return rows


def _learned(exact: Exact, crossings: Sequence[int], rng: random.Random) -> Counts:
    samples = []
    while len(samples) < LEARNED_LEGS:
        start, end = rng.choice(crossings), rng.choice(crossings)
        here, there = exact.place(start), exact.place(end)
        took = exact.row(start)[0][end] * math.exp(rng.gauss(0, NOISE))
        predicted = travel.matrix([here, there], NIGHT, "car").duration_s[0][1]
        samples.append(Sample(here.distance_m(there), NIGHT, predicted, round(took)))
        # Rows of the whole map are large.
        exact.rows.pop(start, None)
    return Counts().with_samples(samples)


def _row(
    town: str, provider: str, roads: Roads, exact: Exact, chosen: Sequence[int], size: int = 0
) -> Row:
    points = [exact.place(one) for one in chosen]
    found = roads(points, NIGHT, "car")
    errors = []
    for i, start in enumerate(chosen):
        seconds = exact.row(start)[0]
        errors += [
            100 * abs(found.duration_s[i][j] - seconds[end]) / seconds[end]
            for j, end in enumerate(chosen)
            if seconds[end] >= 30
        ]
    errors.sort()
    # Timed on the second asking: what is kept counts, as it does for a worker.
    started = time.process_time()
    roads(points[:100], NIGHT, "car")
    took = (time.process_time() - started) * 1000 * (100 / min(100, len(points))) ** 2
    ninetieth = errors[int(0.9 * len(errors))]
    return Row(town, provider, statistics.median(errors), ninetieth, took, size)


@dataclass
class _Provider:
    """Knows the way between the crossings nearest to what it is asked for."""

    exact: Exact
    tables: Notebook = field(default_factory=Notebook)
    requests: int = 0
    pairs: int = 0
    asked: list[Asked] = field(default_factory=list)

    def commit[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = UnitOfWork(self.tables, FrozenClock(NIGHT))
        result = use_case(uow)
        uow.commit()
        return result

    def ask(
        self, origins: Sequence[LatLng], destinations: Sequence[LatLng], depart_at: datetime
    ) -> list[list[Leg | None]]:
        self.requests += 1
        self.pairs += len(origins) * len(destinations)
        ends = [self.exact.nearest(one) for one in destinations]
        answer: list[list[Leg | None]] = []
        for origin in origins:
            seconds, metres = self.exact.row(self.exact.nearest(origin))
            answer.append([(round(seconds[one]), round(metres[one])) for one in ends])
        return answer


def speed(network: Network, stops: int, seed: int) -> dict[str, float]:
    """What one large matrix takes of a graph that nobody has asked yet."""
    network = network.largest_part()
    packed = pack(contract(network))
    started = time.process_time()
    streets = Streets(packed)
    loaded = time.process_time()
    rng = random.Random(seed)
    at = rng.sample(sorted(network.points), stops)
    points = [LatLng(*network.points[one]) for one in at]
    by_streets(streets, travel.matrix)(points, NIGHT, "car")
    asked = time.process_time()
    return {
        "points": len(network.points),
        "junctions": streets.nodes,
        "bytes": len(packed),
        "load_s": loaded - started,
        "stops": stops,
        "matrix_s": asked - loaded,
    }


def show(rows: Sequence[Row], speeds: dict[str, float]) -> None:
    table = Table("town", "provider", "median", "P90", "ms per 100x100", "bytes", "requests")
    table.add_column("pairs")
    table.add_column("cost")
    for row in rows:
        table.add_row(
            row.town,
            row.provider,
            f"{row.median_percent:.1f} %",
            f"{row.p90_percent:.1f} %",
            f"{row.ms_per_100:.0f}",
            f"{row.bytes:,}" if row.bytes else "",
            f"{row.requests:,}" if row.requests else "",
            f"{row.pairs:,}" if row.pairs else "",
            f"{row.cost:.2f}" if row.pairs else "",
        )
    console = Console(width=140)
    console.print(table)
    console.print(
        f"{speeds['points']:,.0f} points, {speeds['junctions']:,.0f} junctions, "
        f"{speeds['bytes']:,.0f} bytes: loaded in {speeds['load_s']:.2f} s, "
        f"{speeds['stops']:.0f} x {speeds['stops']:.0f} in {speeds['matrix_s']:.2f} s"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roads", description=__doc__)
    parser.add_argument("--extract", type=Path, action="append", default=[])
    parser.add_argument("--trips", type=int, default=100, help="crossings, all pairs of them")
    parser.add_argument("--price", type=float, default=0.5, help="of 1,000 pairs: an input")
    parser.add_argument("--stops", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    towns = {"demo town": demo_town(), "large town": large_town()}
    towns |= {path.name: read(path) for path in given.extract}
    rows = [
        row
        for name, network in towns.items()
        for row in measure(name, network, given.trips, given.price, given.seed)
    ]
    speeds = speed(towns["large town"], given.stops, given.seed)
    show(rows, speeds)
    if given.json:
        kept = {"rows": [row.__dict__ for row in rows], "speed": speeds}
        given.json.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
