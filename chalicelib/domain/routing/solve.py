"""How does a problem get its plan in time, whatever an engine does?

The native core searches in this process: ctypes frees Python's lock, the core looks at the clock
itself, and several threads share one problem. Where it is missing, or lacks one of the problem's
rules, OR-Tools takes over. OR-Tools runs in a process of its own and streams each better solution;
the parent keeps the best that it has verified. At the deadline the child is killed by its process
id; a child that crashes, hangs, or lacks its library costs nothing but quality, because
``construct`` always has a plan. Every plan passes ``check`` before it is returned.

Why a plain subprocess: OR-Tools holds Python's lock while it searches, so a thread could not keep
the deadline. ``multiprocessing``'s queues and pools need /dev/shm, which Lambda has not; its spawn
runs the parent's main module again, which on Lambda is the runtime's own bootstrap; fork copies
whatever threads hold. A fresh interpreter with two pipes needs none of that. It gets the parent's
``sys.path`` as an argument, because the layer (/opt/python) may be on it by other ways than the
environment.
"""

import json
import subprocess  # our own interpreter and a fixed program, never a shell
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from threading import Thread, Timer
from typing import IO

from chalicelib.domain.routing.assemble import assemble, usable_cost
from chalicelib.domain.routing.check import InfeasiblePlan, check
from chalicelib.domain.routing.construct import complete, construct
from chalicelib.domain.routing.native import Core, CoreMissing, CoreRefused, Search
from chalicelib.domain.routing.parts import Share, inward, merge, narrowed
from chalicelib.domain.routing.plan import Plan, Progress
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of
from chalicelib.domain.routing.reasons import can_go_alone
from chalicelib.domain.routing.tasks import Tasks
from chalicelib.domain.routing.team import WARM_HEAT, search_together
from chalicelib.domain.routing.wire import Limits, read_tours, write_problem

#: Time that the child gets beyond its search [s]: to start, import and build the model, cold.
GRACE_S = 3.0

#: The whole program of the child: find our code where the parent found it, then run the engine.
PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from chalicelib.domain.routing.engine_process import main; main(sys.argv[2])"
)


def engine_command(engine: str) -> tuple[str, ...]:
    """The child: this interpreter, isolated from the environment, with this ``sys.path``."""
    paths = json.dumps([str(path) for path in sys.path])
    return (sys.executable, "-I", "-S", "-c", PROGRAM, paths, engine)


def solve(
    problem: Problem,
    *,
    budget_s: float,
    seed: int,
    workers: int = 1,
    engine: str = "native",
    initial: Sequence[Tour] | None = None,
    iterations: int | None = None,
    cpu_clock: bool = False,
    grace_s: float = GRACE_S,
    command: Sequence[str] | None = None,
) -> Plan:
    """Plan, verified, in at most ``budget_s + grace_s`` and what ``construct`` takes.

    Parameters
    ----------
    budget_s
        How long the engine may search [s]; it starts when the engine has built its model.
    seed
        Another seed, another order of jobs and vehicles in the engine, another plan of the same
        quality. The order in which the problem lists them has no influence.
    workers
        Threads of the native search; the other engines have one.
    engine
        ``"native"``; ``"ortools"``, a process of its own; ``"construct"``, no search at all.
    initial
        Tours to begin with, one per vehicle: the plan is no dearer than they are. Tours that
        cannot be driven (any more) are not used, and the plan's notes say so.
    iterations
        Steps per worker (native), or solutions (OR-Tools), instead of time: the same plan on every
        machine whose budget suffices.
    cpu_clock
        The native search's budget is in seconds of its threads' CPU: for comparisons on a machine
        that does other things, too.
    command
        OR-Tools' child's program, for tests; ``engine_command(engine)`` if None.

    Raises
    ------
    InfeasiblePlan
        If even the simple heuristic's plan fails the check: a route under way that cannot be
        driven any more, or whose companions nobody can take; or a fault of ours.
    """
    share = _possible(problem, seed)
    chosen = narrowed(problem, share)
    best = _Best(chosen)
    if initial is not None:
        best.offer(inward(share, _without_hopeless(share, initial)), "initial")
    limits = Limits(budget_s, iterations, None if best.tours is None else tuple(best.tours))
    how = Search(seed, budget_s, iterations, cpu_clock, initial=limits.initial)
    if engine == "construct":
        best.offer(construct(chosen), "construct")
    elif engine != "native" or not _search_natively(chosen, how, workers, best):
        isolated = "ortools" if engine == "native" else engine
        _race(chosen, limits, best, command or engine_command(isolated), isolated, grace_s)
    return _verified(problem, share, best, seed)


@dataclass(slots=True)
class _Best:
    """The best tours seen so far, none of which is believed unseen."""

    problem: Problem
    tours: list[Tour] | None = None
    cost: int = 0
    engine: str = "construct"
    iterations: int = 0
    notes: list[str] = field(default_factory=list)
    trajectory: tuple[Progress, ...] = ()

    def offer(self, tours: list[Tour], engine: str) -> None:
        cost = usable_cost(self.problem, tours)
        if cost is None:
            self.notes.append(f"{engine} told of an unusable solution")
        elif self.tours is None or cost < self.cost:
            self.tours, self.cost, self.engine = tours, cost, engine


def _possible(problem: Problem, seed: int) -> Share:
    """Every vehicle and all jobs but hopeless ones, in an order that depends on ids and seed."""
    tasks = Tasks.of(problem)
    possible = (job for job in range(len(problem.jobs)) if can_go_alone(tasks, job))
    vehicles = range(len(problem.vehicles))
    return Share(
        tuple(sorted(possible, key=lambda job: _rank(seed, problem.jobs[job].id))),
        tuple(sorted(vehicles, key=lambda v: _rank(seed, problem.vehicles[v].id))),
    )


def _without_hopeless(share: Share, tours: Sequence[Tour]) -> list[Tour]:
    possible = set(share.jobs)
    return [
        tuple(task for task in tour if task == RELOAD or job_of(task) in possible) for tour in tours
    ]


def _rank(seed: int, name: str) -> bytes:
    return blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()


def _search_natively(problem: Problem, how: Search, workers: int, best: _Best) -> bool:
    """Search with the native core: False if it is missing, or does not know all the rules."""
    if not problem.jobs or not problem.vehicles:
        best.offer(construct(problem), "construct")
        return True
    if how.initial is not None:
        how = replace(how, heat=WARM_HEAT)
    try:
        with Core(problem) as core:
            found = search_together(core, problem, how, workers)
    except (CoreMissing, CoreRefused) as error:
        best.notes.append(f"no native search: {error}")
        return False
    best.offer(found.tours, "native")
    best.iterations = found.iterations
    best.trajectory = tuple(Progress(after_s, cost) for after_s, cost in found.progress)
    return True


def _race(
    problem: Problem,
    limits: Limits,
    best: _Best,
    command: Sequence[str],
    engine: str,
    grace_s: float,
) -> None:
    """Start the child, make the simple plan meanwhile, then listen until it ends or is killed."""
    try:
        child = subprocess.Popen(  # noqa: S603 - our interpreter and program, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        best.notes.append(f"the engine could not start: {error.strerror}")
        best.offer(construct(problem), "construct")
        return
    late = Timer(limits.budget_s + grace_s, child.kill)
    late.daemon = True
    late.start()
    assert child.stdin is not None
    assert child.stdout is not None
    feeder = Thread(target=_feed, args=(child.stdin, write_problem(problem, limits)), daemon=True)
    feeder.start()
    try:
        best.offer(construct(problem), "construct")
        finished = _listen(child.stdout, best, engine)
    finally:
        # Nothing more can come, so a child that lingers is ended.
        late.cancel()
        child.kill()
        child.stdout.close()
        feeder.join()
        status = child.wait()
    if not finished:
        best.notes.append(f"the engine was cut off (status {status})")


def _feed(pipe: IO[bytes], document: bytes) -> None:
    """Write in a thread of its own: a child that never reads must not hold the parent."""
    with suppress(BrokenPipeError), pipe:
        pipe.write(document)


def _listen(stream: IO[bytes], best: _Best, engine: str) -> bool:
    """Take in the child's lines until its last word, or the end: True if there was a last word."""
    for line in stream:
        message = _message(line)
        tours = read_tours(message.get("tours"))
        if tours is not None:
            best.iterations += 1
            best.offer(tours, engine)
        elif "failed" in message:
            best.notes.append(f"the engine failed: {message['failed']}")
            return True
        elif message.get("done") is True:
            return True
    return False


def _message(line: bytes) -> dict[str, object]:
    """A line that was cut short, or is not ours, is an empty message."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _verified(problem: Problem, share: Share, best: _Best, seed: int) -> Plan:
    """The best tours as a checked plan; the simple plan if the judge refuses them."""
    tours = best.tours or construct(best.problem)
    if best.engine != "native":
        tours = complete(best.problem, tours)
    nothing: list[Tour] = [()] * len(problem.vehicles)
    plan = assemble(
        problem,
        merge(nothing, share, tours),
        engine=best.engine,
        iterations=best.iterations,
        seed=seed,
        notes=tuple(best.notes),
        trajectory=best.trajectory,
    )
    try:
        check(problem, plan)
    except InfeasiblePlan as error:
        note = f"the plan of {best.engine} was refused: {error}"
        plan = assemble(
            problem,
            merge(nothing, share, construct(best.problem)),
            engine="construct",
            seed=seed,
            notes=(*best.notes, note),
        )
        check(problem, plan)
    return plan
