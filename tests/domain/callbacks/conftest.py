"""Offices for outgoing webhooks."""

from collections.abc import Callable

import pytest

from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.callbacks.stage import Internet, Office


@pytest.fixture
def office(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> Office:
    return Office(begin, clock, Internet(clock))


@pytest.fixture
def long_office(clock: FrozenClock) -> Office:
    """The same on a plain notebook: for days of messages."""
    tables = Notebook()
    return Office(lambda: UnitOfWork(tables, clock), clock, Internet(clock))
