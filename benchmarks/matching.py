"""How fast and how good is the matching? Ours against greedy choices, at a hundred to ten thousand.

``python -m benchmarks.matching`` makes a clustered city (twelve centres in a disc of 12 km; routes
and drivers favour different ones, so that drivers are missing where routes are), 1.3 drivers a
route, three kinds of load, refusals, habits and homes, and matches it as ``match_drivers`` does:
terms, filters, assignment and explanations. Beside it stand the cheapest pair first, and each route
in turn taking the nearest driver who may. Gaps are to the optimum: shortest augmenting paths on the
whole matrix, written for this benchmark with numpy and no other part of ours, up to 1,000 routes;
at 10,000 to the bound that the prices of the flow give: no answer costs less. Also how an
assignment begins: import of OR-Tools against our own paths. CPU time of one process, the least of
three (at 10,000 of one); seeds are fixed.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching import assignment
from chalicelib.domain.dispatch.matching.assignment import BARRED, MOST_DENSE
from chalicelib.domain.dispatch.matching.candidates import Candidate
from chalicelib.domain.dispatch.matching.dense_costs import DenseCosts
from chalicelib.domain.dispatch.matching.match_terms import Pricing
from chalicelib.domain.dispatch.matching.matching import UNASSIGNED_S, match
from chalicelib.domain.dispatch.matching.widening import assign_widening
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.geo import LatLng

_NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
_CENTRE, _DISC_M, _DISTRICT_M = LatLng(52.52, 13.40), 12_000, 1_500
_HUB = Hub("hub_1", "Hub", "", _CENTRE, 20_000, "Europe/Berlin", "DE", 45, 14_400)
_LOADS_G = (20_000, 150_000, 400_000)
DRIVERS_PER_ROUTE = 1.3
RUNS = 3


@dataclass(frozen=True, slots=True)
class City:
    routes: list[Route]
    crew: list[Candidate]


def a_city(routes: int, seed: int) -> City:
    """Routes and drivers of one hub at one instant."""
    rng = random.Random(seed)
    centres = [_somewhere(rng, _CENTRE, _DISC_M) for _ in range(12)]
    # Drivers prefer other districts than orders do: a third of them is where nothing is to be done.
    asks = [rng.random() for _ in centres]
    offers = [0.7 * weight + 0.3 * rng.random() for weight in asks]
    count = round(DRIVERS_PER_ROUTE * routes)
    crew = [_driver(rng, number, centres, offers) for number in range(count)]
    waiting = [_route(rng, number, centres, asks, crew) for number in range(routes)]
    return City(waiting, crew)


def _somewhere(rng: random.Random, around: LatLng, within_m: float) -> LatLng:
    far_m, angle = within_m * math.sqrt(rng.random()), 2 * math.pi * rng.random()
    north, east = far_m * math.cos(angle), far_m * math.sin(angle)
    narrow = math.cos(math.radians(around.latitude))
    return LatLng(around.latitude + north / 111_195, around.longitude + east / 111_195 / narrow)


def _driver(
    rng: random.Random, number: int, centres: Sequence[LatLng], weights: Sequence[float]
) -> Candidate:
    at = _somewhere(rng, rng.choices(centres, weights)[0], _DISTRICT_M)
    answers = rng.randint(0, 40)
    yes = sum(rng.random() < 0.55 for _ in range(answers))
    work = Work(
        driver_id=f"drv_{number}",
        hub_id=_HUB.id,
        vehicle=Vehicle(VehicleKind.VAN, rng.choice((200_000, 500_000)), 3_000_000),
        version=1,
        on_duty=True,
        shift_ends_at=_NOON + timedelta(minutes=rng.randint(60, 480)),
        habits=Habits(1000 * yes, 1000 * (answers - yes), 0, _NOON),
        home_near=_somewhere(rng, _CENTRE, _DISC_M) if rng.random() < 0.5 else None,
        on_duty_since=_NOON - timedelta(hours=3),
        earned_minor=rng.randint(2_000, 8_000),
    )
    return Candidate(work, at, _NOON)


def _route(
    rng: random.Random,
    number: int,
    centres: Sequence[LatLng],
    weights: Sequence[float],
    crew: Sequence[Candidate],
) -> Route:
    starts_at = _NOON + timedelta(seconds=rng.randint(0, 600))
    duration_s = rng.randint(1_800, 7_200)
    ref = (DeliveryRef("mer_1", f"del_{number}"),)
    ends = (rng.choices(centres, weights)[0], rng.choice(centres))
    stops = tuple(
        Stop(f"stp_{number}_{kind}", kind, "", _somewhere(rng, at, _DISTRICT_M), ref, starts_at, 0)
        for kind, at in zip((StopKind.PICKUP, StopKind.DROPOFF), ends, strict=True)
    )
    return Route(
        id=f"rte_{number}",
        hub_id=_HUB.id,
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        load_weight_g=rng.choice(_LOADS_G),
        load_volume_ml=500_000,
        status=RouteStatus.PLANNED,
        version=1,
        planned_at=_NOON - timedelta(seconds=rng.randint(0, 170)),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=duration_s),
        distance_m=20_000,
        duration_s=duration_s,
        stops=stops,
        refused_by=tuple(one.work.driver_id for one in rng.sample(crew, min(2, len(crew)))),
    )


@dataclass(frozen=True, slots=True)
class Result:
    """One method on one city: CPU, what it costs, and how far that is from the optimum."""

    routes: int
    drivers: int
    seed: int
    method: str
    cpu_ms: float
    cost_s: int
    unassigned: int
    gap_percent: float | None = None


def cost_of(matrix: np.ndarray, chosen: Sequence[int | None]) -> tuple[int, int]:
    """What a choice costs, nobody included, and how many routes are left to nobody."""
    paid = [
        UNASSIGNED_S if column is None else int(matrix[row, column])
        for row, column in enumerate(chosen)
    ]
    return sum(paid), sum(column is None for column in chosen)


def optimum(matrix: np.ndarray) -> int:
    """Shortest augmenting paths with numpy: independent of every solver that is measured."""
    rows, columns = matrix.shape
    costs = np.full((rows, columns + rows), BARRED, dtype=np.int64)
    costs[:, :columns] = matrix
    costs[np.arange(rows), columns + np.arange(rows)] = UNASSIGNED_S
    u, v = np.zeros(rows, np.int64), np.zeros(columns + rows, np.int64)
    row_of = np.full(columns + rows, -1)
    column_of = np.full(rows, -1)
    for start in range(rows):
        far = np.full(columns + rows, BARRED * 4, dtype=np.int64)
        before = np.full(columns + rows, -1)
        settled = np.zeros(columns + rows, dtype=bool)
        row, lowest = start, 0
        while True:
            reach = lowest + costs[row] - u[row] - v
            nearer = ~settled & (reach < far)
            far[nearer], before[nearer] = reach[nearer], row
            column = int(np.argmin(np.where(settled, BARRED * 8, far)))
            lowest, settled[column] = int(far[column]), True
            if row_of[column] < 0:
                break
            row = int(row_of[column])
        seen = np.flatnonzero(settled & (row_of >= 0))
        u[start] += lowest
        u[row_of[seen]] += lowest - far[seen]
        v[settled] -= lowest - far[settled]
        while True:
            row = int(before[column])
            row_of[column] = row
            column_of[row], column = column, int(column_of[row])
            if row == start:
                break
    return int(sum(costs[row, column_of[row]] for row in range(rows)))


def matrix_of(city: City) -> np.ndarray:
    pricing = Pricing(_HUB, _NOON)
    dense = DenseCosts(pricing, pricing.columns(city.crew))
    return np.stack([dense.line(pricing.row(route)) for route in city.routes])


def greedy(matrix: np.ndarray) -> list[int | None]:
    """The cheapest pair of all, then the next."""
    rows, columns = np.nonzero(matrix < UNASSIGNED_S)
    chosen: list[int | None] = [None] * len(matrix)
    taken: set[int] = set()
    for at in np.argsort(matrix[rows, columns], kind="stable"):
        row, column = int(rows[at]), int(columns[at])
        if chosen[row] is None and column not in taken:
            chosen[row] = column
            taken.add(column)
    return chosen


def first_come(city: City, matrix: Any) -> list[int | None]:
    """Each route in turn, the oldest first, gets the nearest driver who may."""
    pricing = Pricing(_HUB, _NOON)
    columns = pricing.columns(city.crew)
    spots = np.array([column.spot for column in columns])
    free = np.ones(len(columns), dtype=bool)
    chosen: list[int | None] = [None] * len(matrix)
    order = sorted(range(len(matrix)), key=lambda row: city.routes[row].planned_at)
    for row in order:
        start = pricing.row(city.routes[row]).start
        far = np.hypot(spots[:, 0] - start[0], spots[:, 1] - start[1])
        far[~free | (matrix[row] >= UNASSIGNED_S)] = np.inf
        nearest = int(np.argmin(far))
        if math.isfinite(far[nearest]):
            chosen[row] = nearest
            free[nearest] = False
    return chosen


def least_cpu_s[T](do: Callable[[], T], runs: int) -> tuple[float, T]:
    spent = []
    for _ in range(runs):
        began = time.process_time()
        found = do()
        spent.append(time.process_time() - began)
    return min(spent), found


def measure_large(routes: int, seed: int) -> list[Result]:
    """Where the matrix of all pairs would take gigabytes: ours whole, its flow, and first come."""
    city = a_city(routes, seed)
    pricing = Pricing(_HUB, _NOON)
    dense = DenseCosts(pricing, pricing.columns(city.crew))

    class Lazily:
        def __getitem__(self, row: int) -> np.ndarray:
            return dense.line(pricing.row(city.routes[row]))

        def __len__(self) -> int:
            return routes

    whole_s, found = least_cpu_s(lambda: match(_HUB, city.routes, city.crew, _NOON), 1)
    paid = [one.why.cost_s for one in (*found.due, *found.held)]
    none = routes - len(paid)
    ours = Result(
        routes,
        len(city.crew),
        seed,
        f"ours, whole ({found.engine})",
        round(1000 * whole_s, 1),
        sum(paid) + none * UNASSIGNED_S,
        none,
    )
    lines = Lazily()
    flow_s, wide = least_cpu_s(
        lambda: assign_widening(
            lines.__getitem__, len(city.crew), np.full(routes, UNASSIGNED_S, dtype=np.int64)
        ),
        1,
    )
    flow = replace(
        ours,
        method=f"flow, {wide.rounds} rounds{', proven' if wide.is_optimal else ''}",
        cpu_ms=round(1000 * flow_s, 1),
        cost_s=sum(
            UNASSIGNED_S if column is None else int(lines[row][column])
            for row, column in enumerate(wide.chosen)
        ),
        unassigned=sum(column is None for column in wide.chosen),
    )
    first_s, chosen = least_cpu_s(lambda: first_come(city, lines), 1)
    costs = [
        UNASSIGNED_S if column is None else int(lines[row][column])
        for row, column in enumerate(chosen)
    ]
    none = sum(column is None for column in chosen)
    first = replace(
        ours,
        method="first come, nearest",
        cpu_ms=round(1000 * first_s, 1),
        cost_s=sum(costs),
        unassigned=none,
    )
    return [replace(row, gap_percent=_gap(row.cost_s, wide.bound)) for row in (ours, flow, first)]


def measure(routes: int, seed: int, runs: int) -> list[Result]:
    if routes > 2_000:
        return measure_large(routes, seed)
    city = a_city(routes, seed)
    whole_s, found = least_cpu_s(lambda: match(_HUB, city.routes, city.crew, _NOON), runs)
    matrix = matrix_of(city)
    unassigned = np.full(routes, UNASSIGNED_S)
    drivers = len(city.crew)
    rows: list[Result] = []

    def note(method: str, cpu_s: float, chosen: Sequence[int | None]) -> None:
        cost, none = cost_of(matrix, chosen)
        rows.append(Result(routes, drivers, seed, method, round(1000 * cpu_s, 1), cost, none))

    at = {one.work.driver_id: column for column, one in enumerate(city.crew)}
    by_route = {one.route.id: at[one.candidate.work.driver_id] for one in (*found.due, *found.held)}
    note(f"ours, whole ({found.engine})", whole_s, [by_route.get(one.id) for one in city.routes])
    if drivers <= MOST_DENSE:
        note("dense", *least_cpu_s(lambda: assignment.assign_dense(matrix, unassigned), runs))
    wide_s, wide = least_cpu_s(
        lambda: assign_widening(lambda row: matrix[row], drivers, unassigned), runs
    )
    note(f"flow, {wide.rounds} rounds{', proven' if wide.is_optimal else ''}", wide_s, wide.chosen)
    note("greedy", *least_cpu_s(lambda: greedy(matrix), 1))
    note("first come, nearest", *least_cpu_s(lambda: first_come(city, matrix), 1))
    best = optimum(matrix) if routes <= 1_000 else min(row.cost_s for row in rows)
    return [replace(row, gap_percent=_gap(row.cost_s, best)) for row in rows]


def _gap(cost_s: int, best_s: int) -> float:
    return round(100 * (cost_s - best_s) / abs(best_s), 3)


_START = """
import time; began = time.process_time()
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment
import numpy
print(time.process_time() - began)
"""


def measure_small(sizes: Sequence[int], seed: int) -> list[tuple[int, float]]:
    """Our own paths, by size [ms]."""
    found = []
    for size in sizes:
        city = a_city(size, seed)
        matrix = matrix_of(City(city.routes, city.crew[:size]))
        lines = [[int(c) if c < BARRED else None for c in line] for line in matrix]
        spent_s, _ = least_cpu_s(
            lambda lines=lines, size=size: assignment.assign(lines, [UNASSIGNED_S] * size), RUNS
        )
        found.append((size, round(1000 * spent_s, 2)))
    return found


def import_ms() -> float:
    """What the import of OR-Tools' assignment and numpy takes in a fresh process."""
    spent = [
        float(
            subprocess.run(
                [sys.executable, "-c", _START], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(RUNS)
    ]
    return round(1000 * min(spent), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--routes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", type=Path, help="write the rows here too")
    chosen = parser.parse_args(arguments)
    rows: list[Result] = []
    for size in chosen.routes:
        for seed in chosen.seeds if size <= 1_000 else chosen.seeds[:1]:
            rows += measure(size, seed, RUNS if size <= 1_000 else 1)
            for row in [one for one in rows if (one.routes, one.seed) == (size, seed)]:
                print(json.dumps(asdict(row)), flush=True)
    table = Table(title="Matching")
    for name in ("routes", "drivers", "seed", "method", "CPU ms", "gap %", "to nobody"):
        table.add_column(name)
    for row in rows:
        figures = (row.routes, row.drivers, row.seed, row.method, row.cpu_ms)
        table.add_row(*map(str, figures), str(row.gap_percent), str(row.unassigned))
    console = Console()
    console.print(table)
    small = measure_small((10, 20, 40, 60, 100), chosen.seeds[0])
    console.print("paths in pure Python:", ", ".join(f"{n} x {n}: {ms} ms" for n, ms in small))
    console.print(f"import of OR-Tools' assignment and numpy, fresh process: {import_ms()} ms")
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
