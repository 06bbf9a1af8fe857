"""A desk over fresh tables."""

from collections.abc import Callable

import pytest

from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.intake.desk import Desk


@pytest.fixture
def desk(begin: Callable[[], UnitOfWork]) -> Desk:
    return Desk(begin)
