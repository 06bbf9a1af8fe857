"""How good are the routes? Ours and the peers' on public instances, at equal CPU seconds.

``python -m benchmarks.solver --instances DIR --seconds 10 --engines ours,pyvrp --seed 1``; DIR is a
folder of families, or one of them, each with its ``bks.json``. Every row is measured in a process
of its own and priced by a judge that no engine shares. See docs/benchmarks.md.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.instances import OBJECTIVES, find, read
from benchmarks.measuring import Job, Row, measure
from benchmarks.peers import ENGINES
from benchmarks.pictures import gap_over_time, routes_picture
from benchmarks.report import in_words, markdown
from benchmarks.sample import SAMPLES

#: What is left out of the JSON document: it is as long as the instance.
_BULKY = "routes"


def jobs(chosen: argparse.Namespace) -> Iterator[Job]:
    """One for each instance and engine, by family and name."""
    patterns = chosen.only.split(",") if chosen.only else SAMPLES.get(chosen.sample, ("*",))
    for path in find(chosen.instances, patterns):
        for engine in chosen.engines.split(","):
            yield Job(
                str(path.resolve()),
                engine,
                chosen.objective,
                chosen.seconds,
                chosen.seed,
                chosen.threads,
                chosen.iterations,
            )


def run(wanted: Sequence[Job], console: Console, chosen: argparse.Namespace) -> list[Row]:
    """Measure one after the other; what is known is written after each row."""
    rows: list[Row] = []
    for number, job in enumerate(wanted, start=1):
        row = measure(job)
        rows.append(row)
        note = f" ({row['note']})" if row["note"] else ""
        line = f"[{number}/{len(wanted)}] {row['family']}/{row['instance']} {job.engine}: "
        console.print(line + in_words(row) + note, markup=False, highlight=False)
        if chosen.json:
            slim = [{key: row[key] for key in row if key != _BULKY} for row in rows]
            chosen.json.write_text(json.dumps(slim, indent=1) + "\n")
        if chosen.markdown:
            chosen.markdown.write_text(markdown(rows))
    return rows


def draw(rows: Sequence[Row], wanted: Sequence[Job], path: Path) -> None:
    """The curves into ``path``, and the first drawable answer's routes beside it."""
    path.write_text(gap_over_time(rows))
    for row, job in zip(rows, wanted, strict=True):
        if not row.get(_BULKY):
            continue
        instance = read(Path(job.path), job.objective)
        if instance.points:
            depots = [instance.trucks[route["truck"]].depot for route in row[_BULKY]]
            tours = [
                [depot, *route["stops"], depot]
                for depot, route in zip(depots, row[_BULKY], strict=True)
            ]
            title = f"{instance.family}/{instance.name}, {job.engine}: {in_words(row)}"
            picture = routes_picture(title, instance.points, range(instance.depots), tours)
            path.with_stem(f"{path.stem}-routes").write_text(picture)
            return


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _arguments().parse_args(arguments)
    console = Console()
    wanted = list(jobs(chosen))
    if not wanted:
        console.print(f"No instance in {chosen.instances} is meant.", markup=False)
        return 1
    rows = run(wanted, console, chosen)
    if chosen.svg:
        draw(rows, wanted, chosen.svg)
    console.print(markdown(rows), markup=False, highlight=False, soft_wrap=True)
    stated = [row for row in rows if row["feasible"] is not None]
    return 0 if stated and all(row["feasible"] for row in stated) else 1


def _engines(text: str) -> str:
    unknown = set(text.split(",")) - set(ENGINES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such engines: {', '.join(sorted(unknown))}")
    return text


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True, help="folder of families")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds of each core")
    parser.add_argument("--engines", type=_engines, default="ours", help=",".join(ENGINES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--objective", choices=OBJECTIVES, default="distance")
    parser.add_argument("--sample", choices=SAMPLES, help="see benchmarks/sample.py")
    parser.add_argument("--only", help="patterns of names or family/names, with commas")
    parser.add_argument("--iterations", type=int, help="limit of search steps, beside time")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--markdown", type=Path, help="write the table here")
    parser.add_argument("--svg", type=Path, help="draw gap over time here, and routes beside it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
