"""What do the solver's layer and the function weigh, and how fast do they start?

Sizes are read from the zips that `make package` makes. Times are taken as Lambda takes them: the
zips unpacked, a fresh isolated interpreter whose path is the function, then the layer, then this
environment for what the runtime brings (boto3), nothing written beside the sources. What differs
from AWS: the files are in this machine's cache, and no machine has to be fetched first.
Each start is repeated in turn with the others, and the median is shown, so a busy moment of the
machine falls on all alike.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra import package
from infra.wheels import canonical_architecture
from layers.solver import build as solver_layer
from layers.solver import build_core

STARTS = {
    "the interpreter alone": "pass",
    "native core": "from chalicelib.domain.routing import native; native.load()",
    "its library alone": "import ctypes; ctypes.CDLL({library!r})",
    "OR-Tools": "from ortools.constraint_solver import pywrapcp",
    "solve_wave": "import chalicelib.entry.functions.solve_wave",
    "web function": "import app",
}

# The program measures itself: the time of the import, then what the whole process has used.
PROGRAM = """
import sys
sys.path[:0] = {before!r}
sys.path.append({after!r})
from time import perf_counter, process_time
began = perf_counter()
{start}
took_s = perf_counter() - began
used_s = process_time()
status = open("/proc/self/status").read()
print(took_s, used_s, 1024 * int(status.partition("VmHWM:")[2].split()[0]))
"""

# A region is all that importing an AWS client asks for; nothing is called.
ENVIRONMENT = {"PATH": os.defpath, "AWS_DEFAULT_REGION": "eu-central-1"}

Row = dict[str, Any]


def sizes(archive: Path, below: str) -> list[Row]:
    """One row per part of a zip (the folder or file right below `below`), heaviest first.

    Parameters
    ----------
    archive : Path
        The zip.
    below : str
        "python/" for a layer, "" for a function.

    Returns
    -------
    list of dict
        `part`, `zip_bytes` (compressed, without the zip's own headers), `unpacked_bytes`.
    """
    zipped: dict[str, int] = defaultdict(int)
    unpacked: dict[str, int] = defaultdict(int)
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            part = info.filename.removeprefix(below).partition("/")[0]
            # Licences and metadata of a package go with it only by name: "ortools-9.15...".
            part = "*.dist-info" if part.endswith(".dist-info") else part
            zipped[part] += info.compress_size
            unpacked[part] += info.file_size
    parts = sorted(unpacked, key=lambda part: -unpacked[part])
    return [
        {"part": part, "zip_bytes": zipped[part], "unpacked_bytes": unpacked[part]}
        for part in parts
    ]


def start_once(start: str, function: Path, layer: Path) -> tuple[float, float, int]:
    """Seconds of `start`, CPU seconds and greatest memory [bytes] of its whole process."""
    program = PROGRAM.format(
        before=[str(function), str(layer)],
        after=sysconfig.get_path("platlib"),
        start=start.format(library=str(layer / build_core.LIBRARY)),
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        raise SystemExit(f"{start!r} failed:\n{done.stderr}")
    took_s, cpu_s, memory = done.stdout.split()
    return float(took_s), float(cpu_s), int(memory)


def starts(function: Path, layer: Path, repeats: int) -> list[Row]:
    """One row per entry of STARTS: medians over `repeats` fresh interpreters [ms, bytes]."""
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in STARTS}
    for _ in range(repeats):
        for name, start in STARTS.items():
            taken[name].append(start_once(start, function, layer))
    rows = []
    for name, runs in taken.items():
        took_s, cpu_s, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        row = {"start": name, "wall_ms": took_s * 1e3, "process_cpu_ms": cpu_s * 1e3}
        rows.append(row | {"memory_bytes": int(memory), "repeats": repeats})
    return rows


def _together(part: str, rows: list[Row]) -> Row:
    zipped, unpacked = (sum(row[key] for row in rows) for key in ("zip_bytes", "unpacked_bytes"))
    return {"part": part, "zip_bytes": zipped, "unpacked_bytes": unpacked}


def _show_sizes(name: str, rows: list[Row], most: int) -> None:
    table = Table("part", "zipped MB", "unpacked MB", title=name)
    shown = rows[:most]
    if len(rows) > most:
        shown.append(_together(f"{len(rows) - most} more", rows[most:]))
    for row in [*shown, _together("together", rows)]:
        zipped, unpacked = row["zip_bytes"] / 1e6, row["unpacked_bytes"] / 1e6
        table.add_row(row["part"], f"{zipped:.3f}", f"{unpacked:.3f}")
    Console().print(table)


def _show_starts(rows: list[Row]) -> None:
    title = "imports in a fresh interpreter, medians"
    table = Table("import", "wall ms", "process, CPU ms", "most memory, MB", title=title)
    for row in rows:
        memory = row["memory_bytes"] / 1e6
        values = (f"{row['wall_ms']:.1f}", f"{row['process_cpu_ms']:.1f}", f"{memory:.1f}")
        table.add_row(row["start"], *values)
    Console().print(table)


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10, help="starts of each kind (10)")
    parser.add_argument("--parts", type=int, default=8, help="parts shown of each zip (8)")
    parser.add_argument("--json", type=Path, help="a file for every figure")
    chosen = parser.parse_args(given)
    architecture = canonical_architecture(None)
    if package.current_manifest(architecture) is None:
        package.package(architecture)
    archives = {"function": (package.OUT / "function.zip", "")}
    layers = {name: solver_layer.LAYER.build(name) for name in ("x86_64", "aarch64")}
    archives |= {f"solver layer, {name}": (path, "python/") for name, path in layers.items()}
    weighed = {name: sizes(*where) for name, where in archives.items()}
    for name, rows in weighed.items():
        _show_sizes(name, rows, chosen.parts)
    with tempfile.TemporaryDirectory() as folder:
        function, layer = Path(folder) / "task", Path(folder) / "opt"
        zipfile.ZipFile(archives["function"][0]).extractall(function)
        zipfile.ZipFile(layers[architecture]).extractall(layer)
        timed = starts(function, layer / "python", chosen.repeats)
    _show_starts(timed)
    if chosen.json:
        chosen.json.write_text(json.dumps({"sizes": weighed, "starts": timed}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
