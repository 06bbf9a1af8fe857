"""One request, one unit of work, one commit; the one place that tries again."""

from collections.abc import Callable
from typing import Any

from chalicelib import wiring
from chalicelib.kit.errors import StaleVersion
from chalicelib.storage.unit_of_work import UnitOfWork

UseCase = Callable[[UnitOfWork], Any]

#: Losing a race three times in a row means that something is wrong, not unlucky.
_TRIES = 4


def begin() -> UnitOfWork:
    """A unit of work for an entry that commits, or gives up, in its own way."""
    return wiring.unit_of_work()


def run[T](use_case: Callable[[UnitOfWork], T]) -> T:
    """Run a use case and commit what it collected.

    A commit that lost a race is run again from the start: load again, decide again.

    Raises
    ------
    StaleVersion
        If it kept losing.
    """
    for attempt in range(1, _TRIES + 1):
        uow = wiring.unit_of_work()
        try:
            result = use_case(uow)
            uow.commit()
        except StaleVersion:
            if attempt == _TRIES:
                raise
        else:
            return result
    raise AssertionError("unreachable")


def read[T](question: Callable[[UnitOfWork], T]) -> T:
    """Answer a question; nothing is written."""
    return question(wiring.unit_of_work())


def look[T](questions: Callable[[UnitOfWork], T]) -> T:
    """Answer what several rooms tell parts of: no item is read twice, nothing can be written."""
    return questions(wiring.look())
