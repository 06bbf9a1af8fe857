"""Whose turn is it? Every hub's: what goes wrong at one is said when all have had theirs."""

from collections.abc import Callable

from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import code_of


def each_hub[T](do: Callable[[Hub], T]) -> list[T]:
    """What came of each hub's turn.

    Raises
    ------
    Exception
        The first that a turn ended with, once the others are over: the tick has failed then, and
        its alarm tells.
    """
    done: list[T] = []
    troubles: list[Exception] = []
    for hub in work.read(merchants.list_hubs):
        try:
            done.append(do(hub))
        except Exception as trouble:
            code = code_of(trouble)
            logger.exception("a hub's turn failed", hub_id=hub.id, code=code)
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
    return done
