"""The embedded cloud for what moto cannot show: many threads at once.

moto's transactions are not atomic under threads and it ignores client tokens. Each test here has
its own tables; moto, if it is active in this process, answers for amazonaws.com alone and lets
loopback through. The folder is one share of the suite (tests/shares.py): one worker starts the
cloud.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from local.cloud import INTERPRETER, EmbeddedCloud, session
from tests.conftest import create_tables

THREADS = 64


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem.endswith("_on_ministack"):
            item.add_marker(pytest.mark.ministack)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    if not INTERPRETER.exists():
        pytest.skip("no embedded cloud here: `make setup` installs it")
    with EmbeddedCloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


def a_client(cloud: EmbeddedCloud, **settings: Any) -> Any:
    config = Config(max_pool_connections=THREADS, **settings)
    return session().client("dynamodb", endpoint_url=cloud.endpoint_url, config=config)


@pytest.fixture
def names(cloud: EmbeddedCloud, request: pytest.FixtureRequest) -> Iterator[dict[TableName, str]]:
    client = a_client(cloud)
    made = create_tables(client, f"t{abs(hash(request.node.nodeid)) % 10**12}")
    yield made
    for name in made.values():
        client.delete_table(TableName=name)


@pytest.fixture
def atomic_tables(cloud: EmbeddedCloud, names: dict[TableName, str]) -> Tables:
    return Tables(a_client(cloud), names)


def at_once[T](tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run every task in a thread of its own, let go together."""
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
