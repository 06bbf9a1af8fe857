"""One row of the comparison: an engine, an instance, and a process of its own.

``python -m benchmarks.measuring JSON`` measures in this process and prints the row; ``measure``
starts that process. Reading the file and importing the engine do not count, stating the problem
does. The judge prices every answer.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.instances import Instance, NotRead, NotStated, Reference, judge, read, reference
from benchmarks.instances.references import stem
from benchmarks.peers import Answer, Ask, engine
from benchmarks.peers.asking import spent_s

_ROOT = Path(__file__).resolve().parent.parent
#: A process that takes so many times its CPU seconds and more is ended [s].
_PATIENCE, _PATIENCE_S = 10, 900

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What a row's process is told; see ``Ask``."""

    path: str
    engine: str
    objective: str
    seconds: float
    seed: int
    threads: int = 1
    iterations: int | None = None


def measure(job: Job) -> Row:
    """Measure in a fresh process; a row with a ``note`` if there is no answer."""
    command = [sys.executable, "-m", "benchmarks.measuring", json.dumps(asdict(job))]
    patience_s = _PATIENCE_S + _PATIENCE * job.seconds * job.threads
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=patience_s, cwd=_ROOT, check=False
        )
    except subprocess.TimeoutExpired:
        return _without_answer(job, f"ended after {patience_s:.0f} s", feasible=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no word"])[-1]
        return _without_answer(job, f"failed ({ran.returncode}): {last}", feasible=False)
    row: Row = json.loads(ran.stdout.splitlines()[-1])
    return row


def measure_here(job: Job) -> Row:
    """Measure in this process."""
    path = Path(job.path)
    peer = engine(job.engine)
    try:
        instance = read(path, job.objective)
        ask = Ask(job.objective, job.seconds, job.seed, job.threads, job.iterations)
        answer = peer.solve(instance, ask)
    except (NotRead, NotStated) as reason:
        return _without_answer(job, str(reason), feasible=None)
    spent = spent_s() - ask.began_s
    row = _judged(instance, answer, reference(path, job.objective), job.objective)
    row["seconds"] = round(spent, 2)
    row["memory_mb"] = memory_mb()
    row["version"] = peer.version()
    return _without_answer(job, "", feasible=False) | row


def memory_mb() -> int:
    """The most that this process has held, or that a child of its had if that was more [MB]."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    here = int(status["VmHWM"].split()[0])
    return max(here, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def _without_answer(job: Job, note: str, feasible: bool | None) -> Row:
    path = Path(job.path)
    return {
        "family": path.parent.name,
        "instance": stem(path),
        "customers": None,
        "objective": job.objective,
        "engine": job.engine,
        "version": None,
        "seed": job.seed,
        "threads": job.threads,
        "budget_s": job.seconds,
        "seconds": None,
        "memory_mb": None,
        "cost": None,
        "vehicles": None,
        "reference": None,
        "reference_vehicles": None,
        "gap_percent": None,
        "feasible": feasible,
        "note": note,
    }


def _judged(instance: Instance, answer: Answer, best: Reference | None, objective: str) -> Row:
    row: Row = {"customers": len(instance.customers), "iterations": answer.iterations}
    if best is not None:
        row |= {"reference": best.cost, "reference_vehicles": best.vehicles}
    if answer.routes is None:
        return row | {"feasible": False, "note": "no feasible answer"}
    verdict = judge(instance, answer.routes)
    cost = verdict.distance if objective == "hierarchical" else verdict.cost
    row |= {
        "cost": round(cost, 4),
        "vehicles": verdict.vehicles,
        "left_out": verdict.left_out,
        "feasible": verdict.feasible,
        "note": "; ".join(verdict.faults[:3]),
        "progress": _progress(instance, answer) if objective == "distance" else [],
        "routes": [asdict(route) for route in answer.routes],
    }
    if best is not None and verdict.feasible:
        row["gap_percent"] = round(100 * (cost / best.cost - 1), 4)
    return row


def _progress(instance: Instance, answer: Answer) -> list[tuple[float, float]]:
    """Engines' own costs, in the unit of ``bks.json``."""
    roads = instance.roads
    unit = roads.stated_scale / roads.scale * instance.unit
    return [(round(after_s, 3), round(cost / unit, 4)) for after_s, cost in answer.progress]


def told(text: str) -> Job:
    """What ``measure`` wrote."""
    said: Mapping[str, Any] = json.loads(text)
    return Job(**said)


if __name__ == "__main__":
    # Engines talk: what they say must not get between us and the row.
    voice = os.dup(1)
    os.dup2(2, 1)
    row = measure_here(told(sys.argv[1]))
    os.write(voice, json.dumps(row).encode() + b"\n")
