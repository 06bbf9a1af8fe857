"""How good are the routes? Ours, OR-Tools and PyVRP on public instances, at equal CPU seconds.

``python -m benchmarks.solver --instances DIR --seconds 10 --engines ours,pyvrp --seed 1``; DIR is a
folder of instances, or of such folders. Every engine gets the same CPU seconds of one core, its
model's building included; every answer is judged and priced by ``instances.Instance``, which no
engine shares, and ours by the routing room's checker as well. One row per instance and engine.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.instances import Instance, NotRead, read, reference
from chalicelib.domain.routing.assemble import assemble
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.native import Core, Search
from chalicelib.domain.routing.parts import tours_of
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.routing.team import search_together

#: (routes as lists of stops, CPU seconds); routes None when nothing was found.
Answer = tuple[list[list[int]] | None, float]


def ours(instance: Instance, seconds: float, seed: int, threads: int) -> Answer:
    """The native core, on so many threads with ``seconds`` of CPU each."""
    began = time.process_time()
    problem = instance.problem()
    with Core(problem) as core:
        left = seconds - (time.process_time() - began)
        found = search_together(core, problem, Search(seed, left, cpu_clock=True), threads)
    spent = time.process_time() - began
    check(problem, assemble(problem, found.tours, engine="native"))
    return _routes(problem, found.tours), spent


def ortools(instance: Instance, seconds: float, seed: int, threads: int) -> Answer:
    """Our OR-Tools engine, with every preset that it has; wall time, in a process of its own."""
    del threads
    problem = instance.problem()
    plan = solve(problem, budget_s=seconds, seed=seed, engine="ortools")
    return _routes(problem, tours_of(problem, plan)), seconds


def _routes(problem: Problem, tours: Sequence[Tour]) -> list[list[int]]:
    def stop(task: int) -> int:
        job = problem.jobs[task // 2]
        return job.dropoff if task % 2 or job.pickup is None else job.pickup

    return [[stop(task) for task in tour] for tour in tours if tour]


def pyvrp(instance: Instance, seconds: float, seed: int, threads: int) -> Answer:
    """PyVRP as its documentation uses it, given matrices instead of single edges."""
    del threads
    import numpy as np
    import pyvrp as peer

    began = time.process_time()
    size = len(instance.stops)
    legs = np.array(instance.matrix, dtype=np.int64).reshape(size, size)
    depot = instance.stops[0]
    clients = [
        peer.Client(i, [s.load], service_duration=s.service, tw_early=s.opens, tw_late=s.closes)
        for i, s in enumerate(instance.stops)
        if i and s.delivers_to is None and not s.is_dropoff
    ]
    if len(clients) != instance.customers:
        raise NotRead("pairs are not handed to PyVRP yet")
    kind = peer.VehicleType(
        instance.vehicles, [instance.capacity], tw_early=depot.opens, tw_late=depot.closes
    )
    data = peer.ProblemData(
        [peer.Location(0, 0)] * size, clients, [peer.Depot(0)], [kind], [legs], [legs]
    )

    def spent(best: float) -> bool:
        del best
        return time.process_time() - began >= seconds

    result = peer.solve(data, spent, seed=seed, display=False, collect_stats=False)
    took = time.process_time() - began
    if not result.best.is_feasible():
        return None, took
    return [_stops_of(route) for route in result.best.routes()], took


def _stops_of(route: object) -> list[int]:
    """PyVRP's route as stops: clients are numbered in the order in which they were given."""
    activities = list(route)  # type: ignore[call-overload]
    return [one.idx + 1 for one in activities if one.is_client()]


ENGINES: dict[str, Callable[[Instance, float, int, int], Answer]] = {
    "ours": ours,
    "ortools": ortools,
    "pyvrp": pyvrp,
}


def measure(path: Path, engine: str, chosen: argparse.Namespace) -> dict[str, object]:
    """One row: what an engine makes of an instance."""
    instance = read(path)
    routes, spent = ENGINES[engine](instance, chosen.seconds, chosen.seed, chosen.threads)
    cost = None if routes is None else instance.cost(routes)
    best = reference(path, instance)
    return {
        "family": instance.family,
        "instance": instance.name,
        "customers": instance.customers,
        "objective": "distance",
        "engine": engine,
        "seed": chosen.seed,
        "seconds": round(spent, 2),
        "cost": None if cost is None else cost / instance.unit,
        "vehicles": None if routes is None else len(routes),
        "reference": None if best is None else best / instance.unit,
        "gap_percent": None if best is None or cost is None else 100 * (cost / best - 1),
        "feasible": cost is not None,
    }


def find(folder: Path, pattern: str) -> list[Path]:
    """Instance files below a folder, by family and name."""
    wanted = ("*.txt", "*.vrp", "*.txt.gz", "*.vrp.gz")
    found = {path for suffix in wanted for path in folder.rglob(suffix)}
    return sorted(path for path in found if fnmatch(path.name.split(".")[0], pattern))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--engines", default="ours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="*", help="names, as a pattern; several with commas")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    console = Console()
    rows: list[dict[str, object]] = []
    paths = [p for pattern in chosen.only.split(",") for p in find(chosen.instances, pattern)]
    for path in paths:
        for engine in chosen.engines.split(","):
            try:
                rows.append(measure(path, engine, chosen))
            except NotRead as reason:
                console.print(f"[dim]{path.name}, {engine}: {reason}[/dim]")
                continue
            last = rows[-1]
            gap = last["gap_percent"]
            shown = "-" if gap is None else f"{gap:.2f} %"
            console.print(f"{last['instance']} {engine}: {last['cost']} ({shown})")
            if chosen.json:
                chosen.json.write_text(json.dumps(rows, indent=1))
    console.print(summary(rows))
    return 0 if rows and all(row["feasible"] for row in rows) else 1


def summary(rows: Sequence[dict[str, object]]) -> Table:
    """Mean gap by family and engine."""
    table = Table("family", "engine", "instances", "mean gap")
    for family, engine in sorted({(str(r["family"]), str(r["engine"])) for r in rows}):
        some = [r for r in rows if r["family"] == family and r["engine"] == engine]
        gaps = [gap for r in some if isinstance(gap := r["gap_percent"], float)]
        mean = f"{sum(gaps) / len(gaps):.2f} %" if gaps else "-"
        table.add_row(family, engine, str(len(some)), mean)
    return table


if __name__ == "__main__":
    sys.exit(main())
