"""The public pages on a small stage: moto's tables, bucket and parameters, the real wiring."""

import base64
from collections.abc import Iterator

import boto3
import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.entry import street_map
from chalicelib.gateways.queues import Queue
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.keys import TableName
from tests.telling import NOON, SERVER_KEY, World

BUCKET, PAYLOADS = "proofs-of-pages", "payloads-of-pages"


@pytest.fixture
def stage(tables, monkeypatch) -> Iterator[None]:
    """The environment of a deployed function at NOON: no test meets the end of a limit's hour."""
    values = {f"TABLE_{table.name}": tables._names[table] for table in TableName}
    values |= {f"QUEUE_{queue.name}": "none" for queue in Queue}
    values |= {
        "STAGE": "test",
        "BUCKET_PROOFS": BUCKET,
        "BUCKET_PAYLOADS": PAYLOADS,
        "SERVER_KEY_PARAMETER": "/lastmile/test/server-key",
        "OPERATOR_KEY_PARAMETER": "/lastmile/test/operator-key",
        "PUBLIC_BASE_URL": "https://lm.example",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    key = base64.b64encode(SERVER_KEY).decode()
    boto3.client("ssm").put_parameter(
        Name="/lastmile/test/server-key", Value=key, Type="SecureString", Overwrite=True
    )
    for bucket in (BUCKET, PAYLOADS):
        boto3.client("s3").create_bucket(Bucket=bucket)
    _forget()
    frozen = FrozenClock(NOON)
    monkeypatch.setattr(wiring, "clock", lambda: frozen)
    yield
    _forget()


def _forget() -> None:
    """The wiring keeps what it built for the life of a worker: each test is a new worker."""
    for built in (*vars(wiring).values(), *vars(street_map).values()):
        if hasattr(built, "cache_clear"):
            built.cache_clear()


@pytest.fixture
def world(stage, begin) -> World:
    return World(begin)


@pytest.fixture
def client(stage) -> Iterator[Client]:
    with Client(app) as client:
        yield client
