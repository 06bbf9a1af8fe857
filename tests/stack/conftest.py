"""One deployed stack for all tests of this folder, with every function held to its own role.

They are one share of the suite (tests/shares.py): one worker starts it. The process's own boto3
is never redirected here: moto answers for amazonaws.com alone and lets loopback through.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local import neighbourhood
from local.cloud import INTERPRETER
from local.geocode import Gazetteer
from local.stack import PlayClock, RunningStack, ensure_package, start_stack
from tests.stack.town import Town

HERE = Path(__file__).parent

#: A Friday morning on business time, ten business seconds a second: no test depends on the hour at
#: which it is run, and the fast clock of the local stage is under test too.
CLOCK = PlayClock(rate=10, start_at=datetime(2026, 11, 27, 9, 0, tzinfo=UTC))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    if not INTERPRETER.exists():
        pytest.skip("no embedded cloud here: `make setup` installs it")
    ensure_package(lambda _: None)
    with start_stack(
        label="tests",
        clock=CLOCK,
        # Waves are asked for: a tick in the middle of a test would only blur what it shows.
        wave_schedule="rate(1 day)",
        # Far above what the other tests plan at once, far below what takes long to plan.
        parameters={"FanOutAbove": "40"},
        home=tmp_path_factory.mktemp("stack"),
        progress=lambda _: None,
        enforce_roles=True,
    ) as running:
        # The buckets refuse everything that comes without TLS, and loopback has none.
        for name in ("ProofsBucketName", "PayloadsBucketName"):
            running.cloud.client("s3").delete_bucket_policy(Bucket=running.outputs[name])
        hold_back_schedules(running)
        yield running


def hold_back_schedules(running: RunningStack) -> None:
    """From now on scheduled functions run when a test calls them (``Town.invoke``), not by the
    minute: a round of asking drivers between two reads of a test is no fault of anybody's."""
    events = running.cloud.client("events")
    pages = events.get_paginator("list_rules").paginate()
    scheduled = [
        rule["Name"] for page in pages for rule in page["Rules"] if rule.get("ScheduleExpression")
    ]
    assert scheduled
    for name in scheduled:
        events.disable_rule(Name=name)


@pytest.fixture(scope="session")
def town(stack: RunningStack) -> Town:
    return Town(stack)


@pytest.fixture
def known_streets(stack: RunningStack, tmp_path: Path) -> Iterator[None]:
    """The addresses that `make serve` can find."""
    before = stack.front_door.gazetteer
    stack.front_door.gazetteer = Gazetteer.load(neighbourhood.write(tmp_path / "streets.json"))
    yield
    stack.front_door.gazetteer = before
