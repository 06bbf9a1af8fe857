"""An office for outgoing webhooks on the tables of moto."""

from collections.abc import Callable

import pytest

from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.callbacks.quick_tables import QuickTables
from tests.domain.callbacks.stage import Internet, Office


@pytest.fixture
def office(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> Office:
    return Office(begin, clock, Internet(clock))


@pytest.fixture
def long_office(clock: FrozenClock) -> Office:
    """The same on tables in a dictionary: for days of messages."""
    tables = QuickTables()
    return Office(lambda: UnitOfWork(tables, clock), clock, Internet(clock))
