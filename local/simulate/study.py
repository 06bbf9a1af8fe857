"""A day in a made-up city, with many ways to run it: what does each choice cost?

Every arm of a group meets the same doors and the same orders; our optimizer searches by steps, so
the same seeds give the same bytes on any machine. See docs/study.md.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from chalicelib.domain.simulation import study
from chalicelib.domain.simulation.inputs import Inputs, changed
from chalicelib.domain.simulation.rows import Row
from local.simulate.calculator import city
from local.simulate.study_report import report
from local.simulate.study_tables import markdown
from local.simulate.working import Work, cpu_s, together

QUICK_PARCELS, PARCELS = 60, 600
QUICK = {"steps_per_parcel": "5", "door_steps_per_parcel": "5", "least_steps": "200"}


def add_to(parser: argparse.ArgumentParser) -> None:
    names = ",".join(one.name for one in study.GROUPS)
    parser.add_argument("--seeds", default="1", help="how many, or which: 20, or 3,5,8")
    parser.add_argument("--parcels", type=int, default=PARCELS, help="a day")
    parser.add_argument("--only", default=names, help="groups, with commas")
    parser.add_argument("--set", action="append", default=[], metavar="INPUT=VALUE")
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_PARCELS} parcels, little search"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--out", type=Path, help="write the report here: one HTML file")
    parser.add_argument("--rows", type=Path, nargs="*", help="show these rows; drive nothing")


def run(chosen: argparse.Namespace) -> int:
    try:
        inputs = changed(Inputs(), dict(one.partition("=")[::2] for one in chosen.set))
        for name in chosen.only.split(","):
            study.group(name)
    except ValueError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    parcels = chosen.parcels
    if chosen.quick:
        inputs = changed(inputs, QUICK)
        parcels = min(parcels, QUICK_PARCELS)
    rows = _kept(chosen.rows) if chosen.rows else _driven(chosen, inputs, parcels)
    _write(chosen.json, rows)
    print(markdown(rows))
    if chosen.out:
        first = city(min(row.seed for row in rows), inputs)
        chosen.out.write_text(report(rows, inputs, parcels, first), encoding="utf-8")
    print(f"{cpu_s():.0f} s of CPU", file=sys.stderr)
    return 0


def _driven(chosen: argparse.Namespace, inputs: Inputs, parcels: int) -> list[Row]:
    works = [
        Work(f"{name}, seed {seed}", one_group, (name, seed, parcels, inputs))
        for seed in seeds_of(chosen.seeds)
        for name in chosen.only.split(",")
    ]
    rows: list[Row] = []
    for some in together(works, chosen.workers, "study"):
        rows += some
        # Whoever stops a long run keeps what was driven so far.
        _write(chosen.json, rows)
    return rows


def _write(path: Path | None, rows: list[Row]) -> None:
    if path is not None:
        path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def seeds_of(text: str) -> list[int]:
    if "," in text:
        return [int(one) for one in text.split(",")]
    return list(range(1, int(text) + 1))


def one_group(name: str, seed: int, parcels: int, inputs: Inputs) -> list[Row]:
    return list(study.group(name).run(city(seed, inputs), parcels, seed))


def _kept(paths: list[Path]) -> list[Row]:
    """Rows of several runs, in the order of their seeds; what two of them drove counts once."""
    rows = [Row(**row) for path in paths for row in json.loads(path.read_text())]
    once = {(row.group, row.arm, row.seed): row for row in rows}
    return sorted(once.values(), key=lambda row: row.seed)
