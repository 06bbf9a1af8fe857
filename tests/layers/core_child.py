"""A process that drives one build of the native core: `core_child.py TASK LIBRARY REST`.

A build that looks for faults ends its process where it finds one, so it gets one of its own. The
tasks are the functions below; each prints what its test compares.
"""

import contextlib
import ctypes
import hashlib
import itertools
import random
import sys
from pathlib import Path

from chalicelib.domain.routing import native
from chalicelib.domain.routing.problem import Problem
from tests.layers.odd_problems import LARGE, an_odd_problem

STEPS = 150


def solve(library: Path, seeds: range) -> None:
    """Search each problem in every way there is; one digest of all answers, how many it could."""
    digest, solved = hashlib.sha256(), 0
    for seed in seeds:
        answers = _answers(an_odd_problem(seed), library, seed)
        digest.update(repr(answers).encode())
        solved += len(answers) > 1
    print(digest.hexdigest(), solved)


def _answers(problem: Problem, library: Path, seed: int) -> list[object]:
    rng = random.Random(seed)
    with native.Core(problem, library) as core:
        try:
            found = core.search(native.Search(seed, 0, STEPS))
        except native.CoreRefused as refusal:
            return [str(refusal)]  # a frozen start that nobody can drive
        vehicles = frozenset(v for v in range(len(problem.vehicles)) if rng.random() < 0.7)
        jobs = {task // 2 for v in vehicles for task in found.tours[v] if task >= 0}
        part = [tour if v in vehicles else () for v, tour in enumerate(found.tours)]
        searches = [
            native.Search(seed, 0, STEPS, heat=0.1, initial=found.tours),
            native.Search(seed, 0, STEPS, vehicles=vehicles, jobs=frozenset(jobs)),
            native.Search(seed, 0, STEPS, vehicles=vehicles, jobs=frozenset(jobs), initial=part),
            native.Search(seed, 0, STEPS, initial=_shuffled(rng, found.tours)),
        ]
        costs = [core.tour_cost(v, tour) for v, tour in enumerate(found.tours)]
        costs += [core.tour_cost(v, t) for v, t in enumerate(_shuffled(rng, found.tours))]
        return [_told(found), costs, *(_search(core, how) for how in searches)]


def _shuffled(rng: random.Random, tours: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return [tuple(rng.sample(tour, len(tour))) for tour in tours]


def _search(core: native.Core, how: native.Search) -> object:
    try:
        return _told(core.search(how))
    except native.CoreRefused as refusal:
        return str(refusal)


def _told(found: native.Found) -> object:
    """All of an answer but its progress, of which the clock decides what is noted."""
    return found.tours, found.cost, found.iterations, found.progress[-1][1]


def starve(library: Path, seeds: range) -> None:
    """Let memory run out after the first block, the second, ...: refused, and all given back."""
    core = ctypes.CDLL(str(library))
    core.lm_grant.argtypes = (ctypes.c_int64,)
    core.lm_living_blocks.restype = ctypes.c_int64
    refusals = 0
    for seed in seeds:
        problem = an_odd_problem(seed)
        for granted in itertools.count():
            core.lm_grant(granted)
            try:
                with native.Core(problem, library) as prepared:
                    prepared.search(native.Search(seed, 0, 10))
                said = "enough"
            except native.CoreRefused as refusal:
                said = str(refusal)
            assert core.lm_living_blocks() == 0, f"seed {seed}, {granted} blocks"
            if "memory" not in said:
                break
            refusals += 1
    print(refusals)


def large(library: Path, what: str) -> None:
    """Problems with numbers that do not fit: refused, or solved without a sum running over."""
    for seed in range(12):
        with contextlib.suppress(native.CoreRefused):
            _answers(LARGE[what](an_odd_problem(seed)), library, seed)
    print("no harm done")


def faulty(library: Path, function: str) -> None:
    """Call one function that a build has to stop at."""
    getattr(ctypes.CDLL(str(library)), function)(4)
    print("nothing found")


if __name__ == "__main__":
    task, path, rest = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if task in ("faulty", "large"):
        {"faulty": faulty, "large": large}[task](path, rest)
    else:
        {"solve": solve, "starve": starve}[task](path, range(int(rest)))
