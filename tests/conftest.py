"""Shared fixtures: the five tables on moto (one thread only), a frozen clock, units of work."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from moto import mock_aws

from chalicelib.kit import ids
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import AnyTables, UnitOfWork
from infra.template.tables import TABLES, schema
from tests import quick_moto
from tests.shares import Shares

settings.register_profile(
    "lastmile",
    deadline=None,
    derandomize=True,
    print_blob=True,
    # A busy machine is no fault of a strategy's.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("lastmile")
# Hypothesis tries the constants of all modules that are loaded, and which those are depends on the
# files that a worker had before: a property would be asked for other examples in every run.
providers.is_local_module_file = lambda path: False

#: Tests never reach an account, whatever the shell of the one who runs them holds.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="lastmile",
)
os.environ.pop("AWS_ENDPOINT_URL", None)
os.environ.pop("AWS_PROFILE", None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    return Shares(config, log)


NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def create_tables(client, prefix: str) -> dict[TableName, str]:
    """Create the five tables as they are deployed: whoever reads more off an index than it holds
    fails here, too."""
    names = {TableName(table.name): f"{prefix}-{table.name}" for table in TABLES}
    for table in TABLES:
        client.create_table(TableName=names[TableName(table.name)], **schema(table))
    return names


@pytest.fixture(scope="module", autouse=True)
def ids_of_the_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """A file has the same ids in every run: the planner's order of equal jobs hangs on them, and so
    does every order of things that have nothing else to sort by."""
    dice = Random(request.node.nodeid)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "secrets", SimpleNamespace(randbits=dice.getrandbits))
        patch.setattr(ids, "_latest", {})
        yield


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """One mock for the whole run: starting it costs half a second."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("SLOW"):
            quick_moto.hasten(patch)
        yield


@pytest.fixture(autouse=True)
def forget_items() -> Iterator[None]:
    yield
    quick_moto.forget()


@pytest.fixture(scope="session")
def names_of_tables(aws: None) -> dict[TableName, str]:
    return create_tables(boto3.client("dynamodb"), "tests")


@pytest.fixture
def moto_tables(names_of_tables: dict[TableName, str]) -> Tables:
    """The five tables on moto, empty."""
    for name in names_of_tables.values():
        quick_moto.empty(name)
    return Tables(boto3.client("dynamodb"), names_of_tables)


@pytest.fixture
def tables(moto_tables: Tables) -> Tables:
    """What a test keeps its things in; the rooms' tests have a notebook (tests/domain)."""
    return moto_tables


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def begin(tables: AnyTables, clock: FrozenClock) -> Callable[[], UnitOfWork]:
    """Start a unit of work at the frozen clock's time."""
    return lambda: UnitOfWork(tables, clock)
