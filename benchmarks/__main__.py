"""``make bench``: which benchmarks there are, and the ones that can run here.

Instances are never part of the repository; ``$MDRP_INSTANCES`` names a folder of Grubhub's public
meal-delivery instances. Without it only what needs no instances is run.
"""

import os
import sys
from pathlib import Path

from benchmarks import grubhub_orders, routes

BENCHMARKS = {
    "python -m benchmarks.routes": "our search against plain insertion, three seeded waves",
    "python -m benchmarks.moves": "the effect of a move before it counts: CPU per preview",
    "python -m benchmarks.hostile_bodies": "what strangers write to break things: CPU per body",
    "python -m benchmarks.eta": "expected arrivals: errors by stops ahead, how often windows hold",
    "python -m benchmarks.coverage": "service areas: looking doors up, what is read, what is kept",
    "python -m benchmarks.solver --instances DIR": (
        "our search against its peers on public instances"
    ),
    "python -m benchmarks.references --instances DIR": (
        "whether the solutions shipped with them cost what is said"
    ),
    "python -m benchmarks.waves --instances DIR": (
        "when a wave should send: policies on days on which orders keep coming"
    ),
    "python -m benchmarks.roads": "travel times by each provider against the whole map",
    "python -m benchmarks.scale": "a thousand to twenty thousand stops, shared out among workers",
    "python -m benchmarks.matching": "optimal assignments against greedy ones, up to 10,000 routes",
    "python -m benchmarks.offers": "how long until a driver says yes, simulated",
    "python -m benchmarks.grubhub --instances DIR": (
        "whom to ask on Grubhub's days, against the nearest courier just in time"
    ),
    "python -m benchmarks.layer": "what the layer and the function weigh, and how fast they start",
    "python -m benchmarks.grubhub_orders --instances DIR": (
        "a Grubhub city-day of 150 orders through the public doors of the packaged stack"
    ),
}


def main() -> int:
    for command, what in BENCHMARKS.items():
        print(f"{command}\n    {what}")
    folder = Path(os.environ.get("MDRP_INSTANCES", ""))
    if not os.environ.get("MDRP_INSTANCES") or not folder.is_dir():
        print("\n$MDRP_INSTANCES names no folder: running what needs no instances.\n")
        return routes.main()
    routes.main()
    return grubhub_orders.main(["--instances", str(folder), "--rate", "40"])


if __name__ == "__main__":
    sys.exit(main())
