"""How much does the search save? OR-Tools against plain insertion on a demo-sized wave.

60 deliveries from 25 stores, 12 drivers (cars and cargo bikes), windows of two to five hours in a
disc of four kilometres; seeds are fixed, costs are recomputed by the checker of every plan.
Both engines get the same problem; insertion ends when it is done, OR-Tools after its budget.
"""

import argparse
import math
import random
import sys
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.geo import LatLng

_CENTRE = (51.2, 9.4)
_EPOCH = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
_KINDS = {"car": (200_000, 150_000, 250_000, 25), "cargo_bike": (60_000, 80_000, 150_000, 4)}


def a_wave(seed: int, deliveries: int, stores: int, drivers: int) -> Problem:
    """A random wave; the same seed and sizes give the same one."""
    rng = random.Random(seed)
    shops = [Place(_somewhere(rng, 3_000), 180) for _ in range(stores)]
    doors = [Place(_somewhere(rng, 4_000)) for _ in range(deliveries)]
    jobs = []
    for number in range(deliveries):
        opens_s = rng.choice((0, 0, 3_600))
        closes_s = opens_s + rng.choice((7_200, 10_800, 18_000))
        weight_g = rng.randrange(300, 6_000)
        jobs.append(
            Job(
                id=f"job_{number}",
                pickup=rng.randrange(stores),
                dropoff=stores + number,
                pickup_window=Window(0, 18_000),
                dropoff_windows=(Window(opens_s, closes_s),),
                pickup_service_s=20,
                dropoff_service_s=180,
                weight_g=weight_g,
                volume_ml=weight_g * 5,
            )
        )
    places = (*shops, *doors)
    points = [place.position for place in places]
    return Problem(
        epoch_at=_EPOCH,
        places=places,
        vehicles=tuple(_vehicle(number) for number in range(drivers)),
        jobs=tuple(jobs),
        travel={kind: matrix(points, _EPOCH, kind) for kind in _KINDS},
    )


def _vehicle(number: int) -> Vehicle:
    kind = sorted(_KINDS)[number % 2]
    weight_g, volume_ml, fixed, per_m = _KINDS[kind]
    return Vehicle(
        id=f"drv_{number}",
        kind=kind,
        start=None,
        end=None,
        max_weight_g=weight_g,
        max_volume_ml=volume_ml,
        shift=Window(0, 18_000),
        fixed_cost=fixed,
        cost_per_m=per_m,
        cost_per_s=500,
    )


def _somewhere(rng: random.Random, radius_m: float) -> LatLng:
    distance, angle = radius_m * math.sqrt(rng.random()), rng.uniform(0, math.tau)
    north, east = distance * math.cos(angle), distance * math.sin(angle)
    return LatLng(_CENTRE[0] + north / 111_320, _CENTRE[1] + east / 69_750)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    table = Table("seed", "insertion (served)", "OR-Tools (served)", "cheaper by", "s")
    for seed in range(1, chosen.seeds + 1):
        problem = a_wave(seed, deliveries=60, stores=25, drivers=12)
        plain = solve(problem, budget_s=60, seed=seed, engine="construct")
        began = time.perf_counter()
        searched = solve(problem, budget_s=chosen.seconds, seed=seed, engine="ortools")
        took_s = time.perf_counter() - began
        # Only plans that serve the same deliveries can be compared by what they drive.
        gain = 1 - _driven(searched) / _driven(plain) if searched.served == plain.served else None
        table.add_row(
            str(seed),
            f"{_driven(plain) / 1e6:.1f} ({plain.served})",
            f"{_driven(searched) / 1e6:.1f} ({searched.served})",
            "-" if gain is None else f"{gain:.0%}",
            f"{took_s:.1f}",
        )
    Console().print(table)
    return 0


def _driven(plan: Plan) -> int:
    """What the vehicles cost [points], without the price of what was left out."""
    return plan.cost.total - plan.cost.penalties


if __name__ == "__main__":
    sys.exit(main())
