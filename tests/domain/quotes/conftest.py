from collections.abc import Callable

import pytest

from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.quotes.counter import Counter


@pytest.fixture
def counter(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> Counter:
    made = Counter(begin, clock)
    made.run(lambda uow: merchants.save_hub(uow, made.hub))
    made.run(lambda uow: merchants.save_merchant(uow, made.merchant))
    return made
