"""Shared fixtures: the five tables on moto (one thread only), a frozen clock, units of work."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from hypothesis import settings
from moto import mock_aws
from moto.core.model_instances import model_data

from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.shares import Shares

settings.register_profile("lastmile", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("lastmile")

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


_PROJECTIONS = {
    "g1": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["pending"]},
    **{index: {"ProjectionType": "KEYS_ONLY"} for index in ("g2", "g3", "g4")},
}


def create_tables(client, prefix: str) -> dict[TableName, str]:
    """Create the five tables; only core has indexes (infra/ holds the real definition)."""
    names = {}
    for table in TableName:
        names[table] = f"{prefix}-{table.value}"
        indexes = ("g1", "g2", "g3", "g4") if table is TableName.CORE else ()
        attributes = ["pk", "sk", *(f"{index}{part}" for index in indexes for part in ("pk", "sk"))]
        extra = {}
        if indexes:
            extra["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": f"{index}-index",
                    "KeySchema": [
                        {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                        {"AttributeName": f"{index}sk", "KeyType": "RANGE"},
                    ],
                    # Keys alone, as deployed: whoever reads more off an index fails here, too.
                    "Projection": _PROJECTIONS[index],
                }
                for index in indexes
            ]
        client.create_table(
            TableName=names[table],
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in attributes
            ],
            **extra,
        )
    return names


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """One mock for the whole run: starting it costs half a second."""
    with mock_aws():
        yield


@pytest.fixture(autouse=True)
def forget_items() -> Iterator[None]:
    """moto lists every item that it ever made, for a dashboard: millions by the hundredth test."""
    yield
    for model in model_data["dynamodb"].values():
        model.instances_tracked.clear()  # type: ignore[attr-defined]


@pytest.fixture
def tables(aws: None, request: pytest.FixtureRequest) -> Iterator[Tables]:
    """Five fresh tables."""
    client = boto3.client("dynamodb")
    prefix = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    names = create_tables(client, prefix)
    yield Tables(client, names)
    for name in names.values():
        client.delete_table(TableName=name)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def begin(tables: Tables, clock: FrozenClock) -> Callable[[], UnitOfWork]:
    """Start a unit of work at the frozen clock's time."""
    return lambda: UnitOfWork(tables, clock)
