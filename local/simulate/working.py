"""How far is it? Work shared out to a few processes, in order, with progress.

On a terminal a bar, elsewhere a line now and then. Results come in the order of the work, whoever
was faster, so what is made of them is the same on any machine.
"""

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

#: A line of progress where there is no terminal, every so many seconds.
EVERY_S = 15.0


@dataclass(frozen=True, slots=True)
class Work:
    """A function that another process can import, and what it is given."""

    name: str
    what: Callable[..., Any]
    given: tuple[Any, ...]


def together(works: Sequence[Work], workers: int, title: str) -> Generator[Any]:
    """What each work yields, in the order of the works; progress goes to stderr."""
    if workers <= 1:
        for one in _told(works, title):
            yield one.what(*one.given)
        return
    # A fresh interpreter each: forking would copy what threads hold.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        coming: list[Future[Any]] = [pool.submit(one.what, *one.given) for one in works]
        for future, _ in zip(coming, _told(works, title), strict=True):
            yield future.result()


def cpu_s() -> float:
    """What this process and those that it waited for have computed [s]."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _told(works: Sequence[Work], title: str) -> Iterator[Work]:
    console = Console(stderr=True)
    if console.is_terminal:
        yield from _on_a_bar(works, title, console)
        return
    last_s = time.monotonic()
    for number, one in enumerate(works, start=1):
        yield one
        if time.monotonic() - last_s >= EVERY_S or number == len(works):
            last_s = time.monotonic()
            print(
                f"{title}: {number} of {len(works)} done ({one.name})", file=sys.stderr, flush=True
            )


def _on_a_bar(works: Sequence[Work], title: str, console: Console) -> Iterator[Work]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=len(works))
        for one in works:
            progress.update(task, description=f"{title}: {one.name}")
            yield one
            progress.advance(task)
