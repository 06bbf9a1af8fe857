"""What is somebody else's does not exist: every route with an id, for two tenants of each kind."""

import json
from typing import Any

import pytest

from app import app
from chalicelib.entry.auth import Role
from chalicelib.entry.surface import Route, routes_of
from chalicelib.kit.ids import new_id
from tests.builders import NOON
from tests.entry.belongings import (
    MAKERS,
    SHARED,
    a_stranger,
    example,
    kept,
    owned,
    path_with,
    prefixes,
)
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered

#: Doors that live keys are sent away from, whatever the id.
TEST_KEYS_ONLY = {"advance_test_delivery"}
CASES = [
    pytest.param(route, role, id=f"{route.name}-{role}")
    for route in routes_of(app)
    for role in sorted(route.roles & {Role.MERCHANT, Role.DRIVER})
    if prefixes(route) - SHARED and route.name not in TEST_KEYS_ONLY
]


def said(answered: Answered) -> dict[str, Any]:
    """An answer without what differs between any two requests."""
    assert isinstance(answered.body, dict), answered
    return {**answered.body, "request_id": ""}


@pytest.mark.parametrize(("route", "role"), CASES)
def test_a_foreign_id_is_answered_as_one_that_never_was(
    doors: Doors, route: Route, role: Role
) -> None:
    things = {prefix: kept(doors, prefix) for prefix in prefixes(route)}
    stranger = a_stranger(doors, role)
    foreign = path_with(route, {prefix: one.id for prefix, one in things.items()})
    unknown = path_with(route, {prefix: new_id(prefix, NOON) for prefix in things})
    misspelt = path_with(route, {prefix: f"{prefix}_0" for prefix in things})
    answers = [
        doors.call(route.method, path, example(route), stranger)
        for path in (foreign, unknown, misspelt)
    ]
    assert [one.status for one in answers] == [404, 404, 404]
    assert json.loads(answers[0].raw)["code"] == "not_found"
    assert said(answers[0]) == said(answers[1]) == said(answers[2])


@pytest.mark.parametrize(("route", "role"), CASES)
def test_the_owner_finds_it(doors: Doors, route: Route, role: Role) -> None:
    """Else the 404 of the stranger would prove nothing."""
    things = owned(doors, route)
    token = next(iter(things.values())).token
    found, never = (
        doors.call(route.method, path_with(route, ids), example(route), token)
        for ids in (
            {prefix: one.id for prefix, one in things.items()},
            {prefix: new_id(prefix, NOON) for prefix in things},
        )
    )
    assert found.status not in (401, 403, 500), found.raw
    assert found.status == 204 or said(found) != said(never)


def test_there_is_something_to_test() -> None:
    assert len(CASES) > 8


LISTS = [
    pytest.param(route, id=route.name)
    for route in routes_of(app)
    if route.method == "GET" and Role.MERCHANT in route.roles and not route.parts
]


@pytest.mark.parametrize("route", LISTS)
def test_lists_and_answers_show_nothing_of_another_merchant(doors: Doors, route: Route) -> None:
    ids = {kept(doors, prefix).id for prefix in MAKERS if prefix not in SHARED}
    answered = doors.call(route.method, route.path, token=doors.stage.other_api_key)
    assert answered.status < 500
    assert [one for one in ids if one.encode() in answered.raw] == []
