"""What does recovery save? The steady-state day of a town, without it and with it.

``python -m benchmarks.recovery --seeds 20``: 400 new parcels a day and whatever failed the day
before, in the town and by the rules of the study's shut doors (``simulation.door_days``), with arms
that the study does not have. All arms of a seed meet the same shut doors; the search counts steps,
so the same seeds give the same figures on every machine. Rows marked as input contain what people
are assumed to do: no results. See docs/benchmarks.md.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from chalicelib.domain.merchants.recovery_rules import USUAL
from chalicelib.domain.simulation import door_days
from chalicelib.domain.simulation.door_days import Arm
from chalicelib.domain.simulation.rows import Row
from local.simulate.calculator import city
from local.simulate.study_tables import markdown
from local.simulate.working import Work, cpu_s, together

GROUP = "recovery"
#: What costs the courier least, wherever the recipient has to go for it.
CHEAPEST = replace(USUAL, most_walk_m=20_000, trouble_percent=0)
ARMS = (
    Arm("without recovery"),
    Arm("recovery, 30 lockers", recovers=True, lockers=30),
    Arm("recovery, 10 lockers", recovers=True, lockers=10),
    Arm("recovery, 30 lockers, however far the walk", recovers=True, lockers=30, rules=CHEAPEST),
    Arm("input: 20 % choose a locker, without recovery", lockers=30, choose_percent=20),
    Arm("input: 20 % fewer shut doors, without recovery", less_percent=20),
    Arm(
        "both inputs, recovery, 30 lockers",
        recovers=True,
        lockers=30,
        less_percent=20,
        choose_percent=20,
    ),
)


def one_seed(seed: int, parcels: int) -> list[Row]:
    """All arms in the town of a seed, each on its own days."""
    town = city(seed)
    return [Row(GROUP, arm.name, seed, door_days.driven(town, arm, parcels, seed)) for arm in ARMS]


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments().parse_args(arguments)
    works = [
        Work(f"seed {seed}", one_seed, (seed, asked.parcels)) for seed in range(1, asked.seeds + 1)
    ]
    rows = [row for some in together(works, asked.workers, GROUP) for row in some]
    print(f"{asked.parcels} parcels a day, {asked.seeds} seeds; mean ± 95 %\n")
    print(markdown(rows))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    print(f"{cpu_s():.0f} s of CPU", file=sys.stderr)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--parcels", type=int, default=400, help="new ones a day")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the rows here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
