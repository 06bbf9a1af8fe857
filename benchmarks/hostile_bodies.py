"""Does any body keep the web function busy? Ten thousand hostile ones, the worst times first.

``python -m benchmarks.hostile_bodies`` sends generated bodies (NaN, half surrogates, deep nesting,
numbers of 5,000 digits, bad UTF-8, repeated keys, 10 MB) to every route that takes a body, through
Chalice's own router, with a credential that lets them in. What counts is the CPU time of the
handler; calls to AWS are left out, because moto answers them in this process. Ends with exit status
1 if anything was a fault of ours or took longer than it may.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from random import Random
from typing import Any

import botocore.client
import pytest
from moto import mock_aws

from app import app
from chalicelib import wiring
from chalicelib.entry.auth import Role
from chalicelib.entry.surface import Route, routes_of
from tests.entry import hostile
from tests.entry.belongings import owned, path_with
from tests.entry.conftest import HUB, OPERATOR_KEY, Doors, FakeQueues, FakeTexts
from tests.entry.intake_stage import a_stage

LONGEST_MS = 50.0


@dataclass(frozen=True)
class Took:
    ms: float
    route: str
    body: str
    bytes: int
    status: int


class Elsewhere:
    """How much CPU went into calls to AWS, which moto serves in this very process."""

    seconds = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        kind: Any = botocore.client.BaseClient
        original = kind._make_api_call

        def timed(client: Any, *args: Any, **values: Any) -> Any:
            started = time.process_time()
            try:
                return original(client, *args, **values)
            finally:
                self.seconds += time.process_time() - started

        kind._make_api_call = timed
        try:
            yield
        finally:
            kind._make_api_call = original


def attack(doors: Doors, route: Route, count: int, seed: int, elsewhere: Elsewhere) -> list[Took]:
    things = owned(doors, route)
    path = path_with(route, {prefix: one.id for prefix, one in things.items()})
    token = _token(doors, route, [one.token for one in things.values()])
    took = []
    doors.call(route.method, path, b"{}", token)
    for body_name, body in hostile.bodies(route, Random(seed), count):
        before = elsewhere.seconds
        started = time.process_time()
        answered = doors.call(route.method, path, body, token)
        spent = time.process_time() - started - (elsewhere.seconds - before)
        took.append(Took(spent * 1000, route.name, body_name, len(body), answered.status))
    return took


def _token(doors: Doors, route: Route, owners: list[str]) -> str:
    if Role.OPERATOR in route.roles:
        return OPERATOR_KEY
    if owners:
        return owners[0]
    return doors.a_driver()[1] if Role.DRIVER in route.roles else doors.stage.api_key


@contextmanager
def stage() -> Iterator[Doors]:
    """The same stage as the tests have."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch, a_stage(patch, "hostile") as made:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        doors = Doors(made, FakeTexts())
        patch.setattr(wiring, "sms", lambda: doors.texts)
        patch.setattr(wiring, "queues", FakeQueues)
        doors.hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
        yield doors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=12)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    routes = [route for route in routes_of(app) if route.method != "GET"]
    elsewhere = Elsewhere()
    took: list[Took] = []
    with redirect_stdout(StringIO()), stage() as doors, elsewhere.watched():
        for route in routes:
            took += attack(doors, route, -(-asked.bodies // len(routes)), asked.seed, elsewhere)
    took.sort(key=lambda one: -one.ms)
    faults = [one for one in took if one.status >= 500]
    slow = [one for one in took if one.ms > LONGEST_MS]
    middle, slowest_percent = took[len(took) // 2].ms, took[len(took) // 100].ms
    print(f"{len(took)} bodies at {len(routes)} routes: {len(faults)} answered 5xx")
    print(f"{len(slow)} took over {LONGEST_MS:.0f} ms")
    print(f"median {middle:.2f} ms, 99th percentile {slowest_percent:.2f} ms")
    for one in [*faults, *took[: asked.show]]:
        print(
            f"{one.ms:8.2f} ms  {one.status}  {one.route:24} {one.bytes:>9} bytes  {one.body[:60]}"
        )
    return 1 if faults or slow else 0


if __name__ == "__main__":
    sys.exit(main())
