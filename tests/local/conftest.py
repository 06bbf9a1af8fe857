"""One embedded cloud with the small stack for all tests of this folder in one worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import INTERPRETER
from local.stack import RunningStack, start_stack
from tests.local.small_stack import write_package


@pytest.fixture(scope="session")
def needs_cloud() -> None:
    if not INTERPRETER.exists():
        pytest.skip("no embedded cloud here: `make setup` installs it")


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("small-package"))


@pytest.fixture(scope="session")
def small_stack(
    needs_cloud: None, small_package: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningStack]:
    home = tmp_path_factory.mktemp("small-cloud")
    with start_stack(package=small_package, home=home, progress=lambda _: None) as running:
        yield running
