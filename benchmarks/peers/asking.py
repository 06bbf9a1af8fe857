"""What is an engine asked, and what does it answer?"""

import os
import time
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.instances import Instance, Route


def spent_s() -> float:
    """CPU time of this process and of its children that ended [s]."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


@dataclass(frozen=True, slots=True)
class Ask:
    """How to search.

    Parameters
    ----------
    objective
        ``"distance"`` (the family's own cost) or ``"hierarchical"`` (vehicles, then distance).
    seconds
        CPU time of one core, the model's building included [s]; of each, with several threads.
    iterations
        A limit for engines that know one; None for time alone.
    began_s
        What ``spent_s`` said before anything was done.
    """

    objective: str
    seconds: float
    seed: int
    threads: int = 1
    iterations: int | None = None
    began_s: float = field(default_factory=spent_s)

    @property
    def left_s(self) -> float:
        """CPU time that is left of one core's [s]; a hundredth at least."""
        return max(0.01, self.seconds - (spent_s() - self.began_s))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine found.

    Parameters
    ----------
    routes
        None if it found nothing that it calls feasible.
    progress
        Better answers: after so much CPU time [s], at such a cost in units of the matrix.
    """

    routes: list[Route] | None
    progress: list[tuple[float, float]] = field(default_factory=list)
    iterations: int = 0


class Engine(Protocol):
    """A module of this package."""

    def solve(self, instance: Instance, ask: Ask) -> Answer:
        """Search.

        Raises
        ------
        NotStated
            If the engine has no words for the instance.
        """

    def version(self) -> str:
        """Name and version, for tables."""
