"""How is the native core called? Through ctypes, on a problem that is prepared once.

The core (layers/solver/core, C) is a shared library in the layer: ``lastmile_core/libcore.so``
somewhere on ``sys.path``. ctypes frees Python's lock during a call, so searches in several threads
use several cores on one prepared problem. The core keeps no global state and never changes what it
is given.
"""

import ctypes
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

from chalicelib.domain.routing.native_columns import (
    F64,
    I32,
    I64,
    NONE,
    U8,
    Columns,
    CoreAnswer,
    CoreInput,
    CoreOptions,
    at,
    knows,
    zeros,
)
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of
from chalicelib.domain.routing.tasks import Tasks
from chalicelib.domain.routing.under_way import begun

LIBRARY = Path("lastmile_core", "libcore.so")

PROGRESS_ROOM = 2000


class CoreMissing(Exception):
    """There is no native core here: the layer was not built, or not added."""


class CoreRefused(Exception):
    """The core cannot state this problem, had no memory, or was given impossible tours."""


def library_path() -> Path | None:
    """Where the core lies, or None."""
    candidates = (Path(entry or ".") / LIBRARY for entry in sys.path)
    return next((path for path in candidates if path.is_file()), None)


@cache
def load(path: Path | None = None) -> ctypes.CDLL:
    """The core's library, with its signatures.

    Raises
    ------
    CoreMissing
        If it is not there, or not for this machine.
    """
    found = path or library_path()
    if found is None:
        raise CoreMissing(f"no {LIBRARY} on the path")
    try:
        core = ctypes.CDLL(str(found.resolve()))
    except OSError as error:
        raise CoreMissing(str(error)) from error
    core.lm_prepare.argtypes = (ctypes.POINTER(CoreInput),)
    core.lm_prepare.restype = ctypes.c_void_p
    core.lm_release.argtypes = (ctypes.c_void_p,)
    core.lm_release.restype = None
    core.lm_solve.argtypes = (
        ctypes.c_void_p,
        ctypes.POINTER(CoreOptions),
        ctypes.POINTER(CoreAnswer),
    )
    core.lm_solve.restype = ctypes.c_int
    core.lm_tour_cost.argtypes = (ctypes.c_void_p, ctypes.c_int32, I32, ctypes.c_int32)
    core.lm_tour_cost.restype = ctypes.c_int64
    return core


@dataclass(frozen=True, slots=True)
class Search:
    """How to search; see ``lm_options`` in lm.h.

    ``vehicles`` and ``jobs`` restrict it to a part of the problem: indices, or None for all.
    """

    seed: int
    budget_s: float
    iterations: int | None = None
    cpu_clock: bool = False
    heat: float = 0.0
    vehicles: frozenset[int] | None = None
    jobs: frozenset[int] | None = None
    initial: Sequence[Tour] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: one tour per vehicle, what they cost, and how it went."""

    tours: list[Tour]
    cost: int
    iterations: int
    progress: list[tuple[float, int]]


class Core:
    """A problem prepared for the core; close it, or use it in a ``with`` block.

    Raises
    ------
    CoreMissing
        If there is no library.
    CoreRefused
        If it cannot state the problem.
    """

    def __init__(self, problem: Problem, library: Path | None = None) -> None:
        self._handle: int | None = None
        self._core = load(library)
        if not problem.jobs or not problem.vehicles or not knows(problem):
            raise CoreRefused("the core does not know all of this problem's rules")
        self._problem = problem
        columns = Columns(problem)
        self._node_of, self._task_of = columns.node_of, columns.task_of
        self._moved_anyway = columns.moved_anyway
        self._handle = self._core.lm_prepare(ctypes.byref(columns.input))
        if not self._handle:
            raise CoreRefused("no memory for the problem")

    def __enter__(self) -> "Core":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back; the core must not be used afterwards."""
        if self._handle:
            self._core.lm_release(self._handle)
        self._handle = None

    def search(self, how: Search) -> Found:
        """Search until the budget is spent; may run in several threads at once.

        Raises
        ------
        CoreRefused
            If the initial tours break the problem, or memory is short.
        """
        vehicles = len(self._problem.vehicles)
        room = len(self._task_of) + sum(
            v.reload.max_times for v in self._problem.vehicles if v.reload is not None
        )
        first, node = zeros("i", vehicles + 1), zeros("i", room + 1)
        seconds, costs = zeros("d", PROGRESS_ROOM), zeros("q", PROGRESS_ROOM)
        answer = CoreAnswer(
            at(first, I32),
            at(node, I32),
            0,
            0,
            PROGRESS_ROOM,
            0,
            at(seconds, F64),
            at(costs, I64),
        )
        options, kept = self._options(how)
        status = self._core.lm_solve(self._handle, ctypes.byref(options), ctypes.byref(answer))
        del kept
        if status:
            raise CoreRefused("no memory" if status == 1 else "the initial tours are impossible")
        count = answer.progress_count
        active = range(len(self._moved_anyway)) if how.jobs is None else how.jobs
        moved = sum(self._moved_anyway[job] for job in active)
        return Found(
            [self._tour(node[first[v] : first[v + 1]]) for v in range(vehicles)],
            answer.cost + moved,
            answer.iterations,
            [(s, cost + moved) for s, cost in zip(seconds[:count], costs[:count], strict=True)],
        )

    def tour_cost(self, vehicle: int, tour: Tour) -> int | None:
        """Cost of a tour [points] by the core's own rules; None when it breaks one. For tests."""
        nodes = array("i", self._nodes(tour))
        cost = self._core.lm_tour_cost(self._handle, vehicle, at(nodes, I32), len(nodes))
        moved = sum(self._moved_anyway[job_of(task)] for task in tour if task > 0 and task % 2)
        return None if cost < 0 else int(cost) + moved

    def _options(self, how: Search) -> tuple[CoreOptions, list[array[int]]]:
        kept = []
        pointers: list[object] = []
        for chosen, count in (
            (how.vehicles, len(self._problem.vehicles)),
            (how.jobs, len(self._problem.jobs)),
        ):
            if chosen is None:
                pointers.append(None)
            else:
                flags = array("B", (index in chosen for index in range(count)))
                kept.append(flags)
                pointers.append(at(flags, U8))
        initial = how.initial
        if initial is None and any(vehicle.frozen for vehicle in self._problem.vehicles):
            initial = begun(Tasks.of(self._problem))
        if initial is None:
            pointers += [None, None]
        else:
            first, node = array("i", [0]), array("i")
            for tour in initial:
                node.extend(self._nodes(tour))
                first.append(len(node))
            kept += [first, node]
            pointers += [at(first, I32), at(node, I32)]
        iterations = how.iterations or 0
        options = CoreOptions(
            how.seed % 2**64, iterations, how.budget_s, how.cpu_clock, how.heat, *pointers
        )
        return options, kept

    def _nodes(self, tour: Iterable[int]) -> list[int]:
        return [NONE if task == RELOAD else self._node_of[task] for task in tour]

    def _tour(self, nodes: Iterable[int]) -> Tour:
        return tuple(RELOAD if node == NONE else self._task_of[node] for node in nodes)
