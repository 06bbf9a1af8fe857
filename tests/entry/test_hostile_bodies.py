"""Nothing that a stranger can write is a fault of ours, at any door that takes a body."""

from random import Random

import pytest

from app import app
from chalicelib.entry.surface import Route, routes_of
from tests.entry import hostile
from tests.entry.belongings import keep_all, kept, path_with, prefixes
from tests.entry.conftest import Doors
from tests.entry.test_credentials import a_token, is_a_problem, is_said_on_a_page

WRITES = [pytest.param(route, id=route.name) for route in routes_of(app) if route.takes_body]
EACH = 60


@pytest.mark.parametrize("route", WRITES)
def test_a_hostile_body_is_answered_and_never_our_fault(doors: Doors, route: Route) -> None:
    """With a credential and ids that exist, so that the body is really read.

    How long each takes is measured by ``python -m benchmarks.hostile_bodies``.
    """
    keep_all(doors)
    things = {prefix: kept(doors, prefix) for prefix in prefixes(route)}
    path = path_with(route, {prefix: one.id for prefix, one in things.items()})
    token = next((one.token for one in things.values()), a_token(doors, route))
    if "operator" in route.roles:
        token = "operator"
    # A key has ten calls a second.
    doors.stage.clock.advance(seconds=EACH / 10 + 1)
    for name, body in hostile.bodies(route, Random(7), EACH):
        headers = {"Content-Type": route.accepts[0]}
        answered = doors.call(route.method, path, body, token, headers)
        assert answered.status < 500, (name, answered.raw)
        if answered.status >= 400 and not is_said_on_a_page(route, answered):
            assert is_a_problem(answered, answered.status), (name, answered.raw)
