"""What does recovery save? The steady-state day of a town, without it and with it.

``python -m benchmarks.recovery --seeds 20``: 400 new parcels a day and whatever failed the day
before; each visit fails with the same chance, drawn per parcel, so that all arms meet the same shut
doors. Without recovery a parcel is tried again the next day, three times at most. With it the
product's costed choice decides (``recovery.choices``). Tours are our optimizer's, by steps and not
by seconds: the same figures on every machine. Marked rows contain what people are assumed to do:
inputs, never results. See docs/benchmarks.md.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.recovery_day import Arm, Days, Tally
from chalicelib.domain.merchants.recovery_rules import USUAL, Remedy

#: What costs the courier least, wherever the recipient has to go for it.
CHEAPEST = replace(USUAL, most_walk_m=20_000, trouble_percent=0)
ARMS = (
    Arm("without recovery", recovers=False, lockers=0),
    Arm("recovery, 30 lockers", recovers=True, lockers=30),
    Arm("recovery, 10 lockers", recovers=True, lockers=10),
    Arm("recovery, 30 lockers, whoever may walk how far", True, 30, rules=CHEAPEST),
    Arm("without, input: 20 % choose a locker", recovers=False, lockers=30, choose_locker=0.2),
    Arm("without, input: 20 % fewer shut doors", recovers=False, lockers=0, fails=0.08),
    Arm(
        "recovery, both inputs, 30 lockers",
        recovers=True,
        lockers=30,
        fails=0.08,
        choose_locker=0.2,
    ),
)
#: Student's t for 95 %, by degrees of freedom; beyond them the normal's.
_T = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 9: 2.26, 19: 2.09}

type Row = dict[str, Any]
FIGURES: dict[str, Callable[[Sequence[Tally]], float]] = {
    "re-attempt trips a day": lambda days: statistics.mean(one.again for one in days),
    "failed visits per 100": lambda days: _share(days, "failed", 100),
    "km": lambda days: statistics.mean(one.metres for one in days) / 1000,
    "hours": lambda days: statistics.mean(one.seconds for one in days) / 3600,
    "vans": lambda days: statistics.mean(one.vans for one in days),
    "cost per parcel": lambda days: _share(days, "cost_minor", 0.01),
    "to a locker on tour": lambda days: statistics.mean(
        one.remedies.get(Remedy.POINT_ON_TOUR, 0) for one in days
    ),
    "returned a day": lambda days: statistics.mean(one.returned for one in days),
}


def _share(days: Sequence[Tally], name: str, times: float) -> float:
    return times * sum(getattr(one, name) for one in days) / sum(one.parcels for one in days)


def measure(arm: Arm, seed: int, asked: argparse.Namespace) -> Row:
    """One arm in one city: some days to fill the backlog, then those that count."""
    began_s = time.process_time()
    days = Days(arm, seed, asked.parcels, asked.iterations)
    told = [days.run(day) for day in range(asked.warm_up + asked.days)][asked.warm_up :]
    figures = {name: figure(told) for name, figure in FIGURES.items()}
    return {"arm": arm.name, "seed": seed, "cpu_s": time.process_time() - began_s, **figures}


def interval(values: Sequence[float]) -> str:
    """Mean and half the width of its 95 % confidence interval."""
    mean = statistics.mean(values)
    if len(values) < 2:
        return f"{mean:.2f}"
    degrees = len(values) - 1
    t = _T.get(degrees) or next(
        (_T[one] for one in sorted(_T, reverse=True) if one < degrees), 1.96
    )
    return f"{mean:.2f} ± {t * statistics.stdev(values) / math.sqrt(len(values)):.2f}"


def table(rows: Sequence[Row]) -> str:
    """Means by arm, and the difference to the first arm in per cent, paired by seed."""
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    lines = [f"| arm | {' | '.join(FIGURES)} |", "|---" * (len(FIGURES) + 1) + "|"]
    first = {row["seed"]: row for row in rows if row["arm"] == arms[0]}
    for arm in arms:
        some = [row for row in rows if row["arm"] == arm]
        cells = [interval([row[name] for row in some]) for name in FIGURES]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
        if arm != arms[0]:
            cells = [_against(some, first, name) for name in FIGURES]
            lines.append(f"| against the first, % | {' | '.join(cells)} |")
    return "\n".join(lines)


def _against(rows: Sequence[Row], first: dict[int, Row], name: str) -> str:
    pairs = [(row[name], first[row["seed"]][name]) for row in rows]
    if any(base == 0 for _, base in pairs):
        return ""
    return interval([100 * (one / base - 1) for one, base in pairs])


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments().parse_args(arguments)
    rows: list[Row] = []
    for seed in range(1, asked.seeds + 1):
        for arm in ARMS:
            rows.append(measure(arm, seed, asked))
        spent = sum(row["cpu_s"] for row in rows)
        print(f"seed {seed}: {spent:.0f} s of CPU so far", file=sys.stderr, flush=True)
    print(f"{asked.parcels} parcels a day, {asked.days} days after {asked.warm_up}, ", end="")
    print(f"{asked.seeds} seeds, {asked.iterations} steps of search; mean ± 95 %\n")
    print(table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--parcels", type=int, default=400, help="new ones a day")
    parser.add_argument("--days", type=int, default=2, help="that count")
    parser.add_argument("--warm-up", type=int, default=1, help="days before them")
    parser.add_argument("--iterations", type=int, default=8_000, help="search per day")
    parser.add_argument("--json", type=Path, help="write the rows here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
