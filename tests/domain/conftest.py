"""The rooms' tests keep their things in memory: a notebook as strict as the tables."""

import pytest

from tests.strict_notebook import StrictNotebook


@pytest.fixture
def tables() -> StrictNotebook:
    return StrictNotebook()
