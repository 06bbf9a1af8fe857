"""Meters count what the clients use and how long calls ran."""

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.analytics import cloud
from chalicelib.domain.analytics.rules import Prices
from chalicelib.entry import metering
from chalicelib.gateways.meter import Meter
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Put, Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.conftest import NOON, create_tables


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def tables(aws: None, meter: Meter) -> Tables:
    """Tables whose client is watched."""
    client = meter.watch(boto3.client("dynamodb"))
    return Tables(client, create_tables(client, f"meter-{id(meter)}"))


def test_reads_and_writes_are_counted_as_dynamodb_tells_them(tables, meter) -> None:
    meter.counts.clear()
    keys = [Key(TableName.EPH, "T", str(n)) for n in range(3)]
    for key in keys:
        tables.commit([Put(key, {"a": 1}, None)], "uow_1")
    tables.get(keys[0])
    tables.get_many(keys)
    tables.query(TableName.EPH, "T")
    assert meter.counts["dynamodb_milli_writes"] > 0
    assert meter.counts["dynamodb_milli_reads"] > 0
    assert set(meter.counts) == {"dynamodb_milli_writes", "dynamodb_milli_reads"}


def test_other_services_are_counted_by_the_call(aws: None, meter: Meter) -> None:
    queues = meter.watch(boto3.client("sqs"))
    url = queues.create_queue(QueueName="metered")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="x")
    assert meter.counts == {"sqs_calls": 2}


def test_a_call_is_billed_by_its_time_and_memory(meter: Meter) -> None:
    meter.ran(2.0, 512)
    assert meter.counts == {"lambda_calls": 1, "lambda_milli_gb_s": 1000}


def test_a_day_costs_what_its_workers_used(begin) -> None:
    """A worker's later word replaces its earlier one: it is the whole of its day."""
    for worker, calls in (("api#1.7", 10), ("api#1.7", 1_000_000), ("relay#2.8", 500_000)):
        uow = begin()
        cloud.note(uow, worker, {"lambda_calls": calls, "dynamodb_milli_writes": 4000})
        uow.commit()
    used = cloud.used(begin(), [NOON.date()])
    assert used == {"lambda_calls": 1_500_000, "dynamodb_milli_writes": 8000}
    assert cloud.micro_usd(used, Prices()) == 300_005


def test_a_worker_writes_its_counts_every_five_minutes(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, own = FrozenClock(NOON), Meter()
    monkeypatch.setattr(metering, "_last", metering._Last())
    monkeypatch.setattr(wiring, "clock", lambda: clock)
    monkeypatch.setattr(wiring, "meter", lambda: own)
    monkeypatch.setattr(wiring, "unit_of_work", lambda: UnitOfWork(tables, clock))
    monkeypatch.setattr(wiring, "memory_mb", lambda: 1024)
    for name, expected in ((None, {}), ("api#1.7", {"lambda_calls": 4})):
        monkeypatch.setattr(wiring, "worker", lambda name=name: name)
        for _ in range(4):
            metering.note_call(1.0)
            clock.advance(minutes=2)
        uow = UnitOfWork(tables, FrozenClock(NOON))
        assert {
            k: v for k, v in cloud.used(uow, [NOON.date()]).items() if k in expected
        } == expected
    clock.advance(days=1)
    metering.note_call(1.0)
    assert own.counts["lambda_calls"] == 1
