"""How good, and how fast, are 1,000 to 20,000 stops on 1, 4 or 16 workers?

``--instances DIR``: every instance of the folder that is CVRPLIB's (X and XXL: one depot, one kind
of vehicle, nothing but capacity) with as many customers as ``--stops`` allows, against the values
of its ``bks.json``. Without a folder: random cities of those sizes. The workers are simulated:
parts are searched one after the other, each by its own processor time, and a round takes as long as
its slowest worker. Each worker has ``--seconds`` of search in all. ``--stack`` shares out one real
wave on the embedded cloud.

A round more for every second that a part has; five at most, as on the stack. Searching takes the
seconds, one round as long as the next.
"""

import argparse
import json
import math
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import instances
from benchmarks.instances.stating import is_plain
from chalicelib.domain.dispatch.waves.cuts import checked_routes
from chalicelib.domain.dispatch.waves.fanout import ROUNDS
from chalicelib.domain.routing.decompose import angle_of, group_routes, part_jobs
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.native import Core, Search
from chalicelib.domain.routing.parts import Outline, Share, merge
from chalicelib.domain.routing.problem import Job, Place, Tour, job_of
from chalicelib.domain.routing.team import WARM_HEAT
from chalicelib.domain.routing.travel import Roads, matrix
from chalicelib.kit.geo import LatLng

_EPOCH = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
_ALWAYS = Window(0, 10**8)
#: Whole coordinates become millionths of a degree, which ``LatLng`` keeps exactly.
_DEGREE = 10**6
SIZES = (1_000, 2_000, 5_000, 10_000, 20_000)


@dataclass(frozen=True, slots=True)
class Instance:
    """``reference``: the best known cost, where there is one."""

    name: str
    outline: Outline
    roads: Roads
    reference: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one instance on so many workers.

    ``worker_s``: processor time of the busiest worker, model building and all; ``joining_s``: of
    cutting, merging and checking, by one.
    """

    instance: str
    customers: int
    workers: int
    rounds: int
    parts: int
    seconds: float
    seed: int
    cost: int
    vehicles: int
    unserved: int
    reference: float | None
    gap_percent: float | None
    gap_by_round: list[float | None]
    worker_s: float
    joining_s: float
    memory_mb: int
    feasible: bool


def rounded_euclid(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
    """CVRPLIB's EUC_2D: distance to the nearest whole number; driving takes no time."""
    at = [(round(p.longitude * _DEGREE), round(p.latitude * _DEGREE)) for p in points]
    rows = [[int(math.hypot(x - u, y - v) + 0.5) for u, v in at] for x, y in at]
    return Travel(Matrix.of([[0] * len(at) for _ in at]), Matrix.of(rows))


def _is_cvrp(read: instances.Instance) -> bool:
    return read.depots == 1 and len(set(read.trucks)) == 1 and is_plain(read)


def plain(read: instances.Instance, reference: float | None) -> Instance:
    """One depot, one capacity, as many vehicles as anybody could want."""
    capacity = int(read.trucks[0].capacity)
    places = tuple(Place(LatLng(y / _DEGREE, x / _DEGREE)) for x, y in read.points)
    jobs = tuple(
        Job(f"c{node}", None, node, _ALWAYS, (_ALWAYS,), weight_g=int(read.nodes[node].load))
        for node in read.customers
    )
    count = math.ceil(sum(job.weight_g for job in jobs) / capacity * 1.05) + len(jobs) // 200 + 2
    fleet = tuple(
        Vehicle(f"v{number}", "any", 0, 0, capacity, 0, _ALWAYS, cost_per_m=1)
        for number in range(count)
    )
    return Instance(read.name, Outline(_EPOCH, places, fleet, jobs), rounded_euclid, reference)


def random_city(stops: int, seed: int) -> Instance:
    """Doors in and around some centres, vans from one hub, six-hour windows for a third."""
    rng = random.Random(seed)
    radius = 0.05 * math.sqrt(stops / 1000)
    centres = [(rng.gauss(0, radius), rng.gauss(0, radius)) for _ in range(8)]
    places = [Place(LatLng(51.0, 9.0), 120)]
    jobs = []
    for number in range(1, stops + 1):
        north, east = rng.choice(centres)
        at = LatLng(51 + rng.gauss(north, radius / 2), 9 + 1.6 * rng.gauss(east, radius / 2))
        places.append(Place(at, 60))
        opens_s = rng.choice((0, 0, 0, 0, 7_200, 14_400))
        window = Window(opens_s, 36_000 if opens_s == 0 else opens_s + 21_600)
        weight_g = rng.randrange(500, 12_000)
        jobs.append(
            Job(
                id=f"c{number}",
                pickup=None,
                dropoff=number,
                pickup_window=Window(0, 36_000),
                dropoff_windows=(window,),
                dropoff_service_s=120,
                weight_g=weight_g,
            )
        )
    fleet = tuple(
        Vehicle(f"v{n}", "van", 0, 0, 600_000, 0, Window(0, 36_000), 300_000, 30, 500)
        for n in range(stops // 40 + 3)
    )
    return Instance(
        f"city-{stops}", Outline(_EPOCH, tuple(places), fleet, tuple(jobs)), matrix, None
    )


def chosen_instances(folder: Path | None, least: int, most: int, seed: int) -> Iterator[Instance]:
    """Cities, or the folder's instances, the smallest first."""
    if folder is None:
        yield from (random_city(size, seed) for size in SIZES if least <= size <= most)
        return
    fitting = []
    for path in instances.find(folder):
        read = instances.read(path)
        if _is_cvrp(read) and least <= len(read.customers) <= most:
            best = instances.reference(path)
            fitting.append(plain(read, None if best is None else best.cost))
    yield from sorted(fitting, key=lambda one: len(one.outline.jobs))


def run(instance: Instance, workers: int, seconds: float, seed: int) -> Row:
    """Round by round; see the module."""
    outline = instance.outline
    tours: list[Tour] = [()] * len(outline.vehicles)
    size = part_jobs(len(outline.jobs), workers)
    batches = math.ceil(math.ceil(len(outline.jobs) / size) / workers)
    rounds = min(ROUNDS, 1 + int(seconds / batches))
    worker_s, joining_s = 0.0, 0.0
    gaps: list[float | None] = []
    for turn in range(rounds):
        began = time.process_time()
        shares = group_routes(outline, tours, size, angle_of(turn))
        joining_s += time.process_time() - began
        # The worker with the most parts must get through with them.
        each_s = seconds / rounds / math.ceil(len(shares) / workers)
        spent = []
        for number, share in enumerate(shares):
            began = time.process_time()
            search = Search(
                seed=seed * 1_000_003 + turn * 1_000 + number,
                budget_s=each_s,
                cpu_clock=True,
                heat=WARM_HEAT if turn else 0.0,
            )
            tours = merge(tours, share, _search(instance, share, tours, search))
            spent.append(time.process_time() - began)
        worker_s += _busiest(spent, workers)
        gaps.append(_gap(instance, *_price(instance, tours)[:1]))
    began = time.process_time()
    cost, used = _price(instance, tours)
    joining_s += time.process_time() - began
    served = {job_of(task) for tour in tours for task in tour}
    return Row(
        instance=instance.name,
        customers=len(outline.jobs),
        workers=workers,
        rounds=rounds,
        parts=len(shares),
        seconds=seconds,
        seed=seed,
        cost=cost,
        vehicles=used,
        unserved=len(outline.jobs) - len(served),
        reference=instance.reference,
        gap_percent=gaps[-1],
        gap_by_round=gaps,
        worker_s=round(worker_s, 2),
        joining_s=round(joining_s, 2),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        # The checker would have raised.
        feasible=True,
    )


def _search(
    instance: Instance, share: Share, tours: Sequence[Tour], search: Search
) -> Sequence[Tour]:
    problem, own = instance.outline.part(share, tours, instance.roads)
    initial = own if any(own) else None
    with Core(problem) as core:
        settings = asdict(search) | {"initial": initial}
        return core.search(Search(**settings)).tours


def _busiest(spent: Sequence[float], workers: int) -> float:
    """Parts are taken as workers become free, the way a queue hands them out."""
    free = [0.0] * workers
    for seconds in spent:
        free[free.index(min(free))] += seconds
    return max(free)


def _price(instance: Instance, tours: Sequence[Tour]) -> tuple[int, int]:
    """Cost of the driven routes, each checked, and how many they are."""
    checked = checked_routes(instance.outline, tours, instance.roads)
    costs = [plan.cost.driven for _, plan in checked]
    return sum(costs), len(costs)


def _gap(instance: Instance, cost: int) -> float | None:
    reference = instance.reference
    return None if reference is None else round(100 * (cost / reference - 1), 2)


def show(rows: Sequence[Row], console: Console) -> None:
    table = Table("instance", "stops", "workers", "rounds", "cost", "gap %", "vehicles", "worker s")
    for row in rows:
        gap = "-" if row.gap_percent is None else f"{row.gap_percent:.2f}"
        cells = (row.customers, row.workers, row.rounds, row.cost, gap, row.vehicles, row.worker_s)
        table.add_row(row.instance, *map(str, cells))
    console.print(table)


def _span(text: str) -> tuple[int, int]:
    least, _, most = text.partition("..")
    return int(least), int(most or least)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instances", type=Path, help="folder of CVRPLIB files")
    parser.add_argument("--stops", type=_span, default=(1_000, 20_000), help="e.g. 1000..20000")
    parser.add_argument("--workers", default="1,4,16")
    parser.add_argument("--seconds", type=float, default=10.0, help="of search per worker")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--stack", type=int, metavar="N", help="a real wave of N deliveries")
    chosen = parser.parse_args(arguments)
    console = Console()
    document: Any
    if chosen.stack:
        from benchmarks.scale_stack import real_wave

        document = asdict(real_wave(chosen.stack, console))
        console.print_json(data=document)
    else:
        rows = []
        for instance in chosen_instances(chosen.instances, *chosen.stops, chosen.seed):
            for workers in map(int, chosen.workers.split(",")):
                rows.append(run(instance, workers, chosen.seconds, chosen.seed))
                show(rows[-1:], console)
        show(rows, console)
        document = [asdict(row) for row in rows]
    if chosen.json:
        chosen.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
