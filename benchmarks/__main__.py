"""``make bench``: which benchmarks there are, and those of one group.

``make bench`` lists them and runs what needs nothing but a moment. ``make bench GROUP=road`` runs a
group, one after the other, each with its own seeds; ``INSTANCES=DIR`` names the folder of public
instances, which are never part of the repository, and without it what needs them is left out.
Figures for publication want a quiet machine and the commands of docs/benchmarks.md.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Benchmark:
    """``family``: the folder of the instances that it needs; ``.`` for all of them."""

    name: str
    what: str
    arguments: tuple[str, ...] = ()
    family: str | None = None

    def command(self, instances: Path | None) -> list[str] | None:
        """None where the instances that it needs are not there."""
        command = [sys.executable, "-m", f"benchmarks.{self.name}", *self.arguments]
        if self.family is None:
            return command
        folder = None if instances is None else instances / self.family
        return [*command, "--instances", str(folder)] if folder and folder.is_dir() else None


QUICK = "quick"
GROUPS = {
    QUICK: (Benchmark("routes", "our search against plain insertion, three seeded waves"),),
    "optimizer": (
        Benchmark("solver", "our search against its peers on public instances", family="."),
        Benchmark("references", "whether their solutions cost what is said", family="."),
        Benchmark("scale", "a thousand to twenty thousand stops, shared out among workers"),
        Benchmark("layer", "what the layer and the function weigh, how fast they start"),
    ),
    "shop": (
        Benchmark("quote_insertion", "can you take one more today: CPU per question"),
        Benchmark("coverage", "service areas: looking doors up, what is read, what is kept"),
        Benchmark("hostile_bodies", "what strangers write to break things: CPU per body"),
    ),
    "desk": (Benchmark("console", "the console with 2,000 stops and 100 drivers, in Chromium"),),
    "recipient": (
        Benchmark("pages", "first paint of the recipient's page on slow nets, in Chromium"),
    ),
    "road": (
        Benchmark("moves", "the effect of a move before it counts: CPU per preview"),
        Benchmark("running", "an order that joins a route on the road, a route in a better order"),
        Benchmark("eta", "expected arrivals: errors by stops ahead, how often windows hold"),
        Benchmark("roads", "travel times by each provider against the whole map"),
        Benchmark(
            "recovery", "the steady-state day without recovery and with it", ("--seeds", "5")
        ),
        Benchmark("offers", "how long until a driver says yes, simulated"),
        Benchmark("matching", "optimal assignments against greedy ones, up to 10,000 routes"),
        Benchmark("waves", "when a wave should send, on dynamic days", family="vrptw_ortec_asym"),
        Benchmark("grubhub", "whom to ask on Grubhub's days", family="mdrp_grubhub"),
    ),
    "stack": (
        Benchmark(
            "grubhub_orders",
            "a Grubhub city-day of 150 orders through the public doors of the packaged stack",
            ("--rate", "40"),
            "mdrp_grubhub",
        ),
    ),
}


def run(group: str, instances: Path | None) -> int:
    """Run a group; how many of it failed."""
    failed = 0
    for one in GROUPS[group]:
        command = one.command(instances)
        if command is None:
            print(f"\n== {one.name}: left out, INSTANCES has no {one.family}", flush=True)
            continue
        print(f"\n== {' '.join(command[1:])}", flush=True)
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, default=os.environ.get("GROUP") or None)
    parser.add_argument(
        "--instances", type=Path, default=os.environ.get("INSTANCES") or None, help="folder"
    )
    chosen = parser.parse_args()
    if chosen.group is None:
        for group, members in GROUPS.items():
            print(f"make bench GROUP={group}")
            for one in members:
                print(f"    benchmarks.{one.name:16} {one.what}")
    return run(chosen.group or QUICK, chosen.instances and Path(chosen.instances))


if __name__ == "__main__":
    sys.exit(main())
