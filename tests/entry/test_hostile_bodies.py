"""Nothing that a stranger can write is a fault of ours, at any door that takes a body."""

from random import Random

import pytest

from app import app
from chalicelib.entry.surface import Route, routes_of
from tests.entry import hostile
from tests.entry.belongings import owned, path_with
from tests.entry.conftest import Doors
from tests.entry.test_credentials import a_token, is_a_problem

WRITES = [pytest.param(route, id=route.name) for route in routes_of(app) if route.method != "GET"]
EACH = 60


@pytest.mark.parametrize("route", WRITES)
def test_a_hostile_body_is_answered_and_never_our_fault(doors: Doors, route: Route) -> None:
    """With a credential and ids that exist, so that the body is really read.

    How long each takes is measured by ``python -m benchmarks.hostile_bodies``.
    """
    things = owned(doors, route)
    path = path_with(route, {prefix: one.id for prefix, one in things.items()})
    token = next((one.token for one in things.values()), a_token(doors, route))
    if "operator" in route.roles:
        token = "operator"
    for name, body in hostile.bodies(route, Random(7), EACH):
        answered = doors.call(route.method, path, body, token)
        assert answered.status < 500, (name, answered.raw)
        if answered.status >= 400:
            assert is_a_problem(answered, answered.status), (name, answered.raw)
