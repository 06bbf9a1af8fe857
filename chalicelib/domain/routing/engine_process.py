"""What runs inside the engine's own process? Problem in on stdin, better and better tours out.

The protocol is ``wire``'s. Standard output belongs to the protocol alone: whatever a library prints
goes to standard error instead. A search that fails says why in its last line; a crash says it by
the exit status, and the parent still has every tour told before.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.wire import Limits, read_problem, write_line

type Tell = Callable[[list[Tour]], None]
type Search = Callable[[Problem, Limits, Tell, Sequence[Tour] | None], None]


def engine(name: str) -> Search:
    """Import an engine by name, and only that one.

    Raises
    ------
    ImportError
        If its library is not installed here: the layer is missing.
    ValueError
        If there is no such engine.
    """
    if name == "ortools":
        from chalicelib.domain.routing import ortools_engine

        return ortools_engine.search
    raise ValueError(f"there is no engine called {name}")


def run(name: str, source: BinaryIO, sink: BinaryIO) -> None:
    """Search, and write one line per better solution."""

    def tell(tours: list[Tour]) -> None:
        sink.write(write_line({"tours": tours}))
        sink.flush()

    problem, limits = read_problem(source.read())
    try:
        engine(name)(problem, limits, tell, limits.initial)
    except (ImportError, ValueError) as error:
        sink.write(write_line({"failed": f"{type(error).__name__}: {error}"}))
    else:
        sink.write(write_line({"done": True}))
    sink.flush()


def main(name: str) -> None:
    """Keep the real standard output for the protocol and run."""
    protocol = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(protocol, "wb") as sink:
        run(name, sys.stdin.buffer, sink)
