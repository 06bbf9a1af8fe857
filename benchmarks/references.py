"""Do the shipped solutions cost what ``bks.json`` says? ``--instances DIR`` recomputes each.

Routes of every ``.sol`` file go through the judge, which knows the family's rules and rounding.
A gap to a reference that does not come out here means nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.instances import Instance, Route, Verdict, find, judge, read, reference
from benchmarks.instances.reading import text_of
from benchmarks.instances.references import stem

#: References have two decimals, and those of HFVRP in money were added up from unrounded lines.
_ROUNDED = 0.015


def solution_of(path: Path) -> Path | None:
    """The solution that lies beside an instance, gzipped or not."""
    candidates = (path.with_name(stem(path) + suffix) for suffix in (".sol", ".sol.gz"))
    return next((one for one in candidates if one.exists()), None)


def read_solution(instance: Instance, path: Path) -> list[Route]:
    """``Route #k: ...``: route k is truck k's; customers are numbered from 1, or from the depots.

    A 0 within a route is a reload at the depot.
    """
    lines = [line for line in text_of(path).splitlines() if line.startswith("Route")]
    return [
        Route(number, tuple(int(word) for word in line.partition(":")[2].split()))
        for number, line in enumerate(lines)
    ]


def compare(path: Path) -> tuple[Verdict, float | None] | None:
    """The judge's verdict and the stated value; None without a shipped solution."""
    shipped = solution_of(path)
    if shipped is None:
        return None
    instance = read(path)
    stated = reference(path)
    verdict = judge(instance, read_solution(instance, shipped))
    return verdict, None if stated is None else stated.cost


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--only", default="*", help="names or family/names, with commas")
    chosen = parser.parse_args(arguments)
    console = Console()
    counts: dict[str, list[int]] = {}
    for path in find(chosen.instances, chosen.only.split(",")):
        compared = compare(path)
        agreed, shipped = counts.setdefault(path.parent.name, [0, 0])
        if compared is None:
            continue
        verdict, stated = compared
        right = verdict.feasible and stated is not None and abs(verdict.cost - stated) < _ROUNDED
        counts[path.parent.name] = [agreed + right, shipped + 1]
        if not right:
            said = f"stated {stated}, judged {verdict.cost:.2f} {verdict.faults[:3]}"
            console.print(f"{path.parent.name}/{stem(path)}: {said}", markup=False)
    table = Table("family", "solutions shipped", "recomputed and equal")
    for family, (agreed, shipped) in sorted(counts.items()):
        table.add_row(family, str(shipped), str(agreed))
    console.print(table)
    return 0 if all(agreed == shipped for agreed, shipped in counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
