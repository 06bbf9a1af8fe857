"""What is somebody else's does not exist: every route with an id, for two tenants of each kind."""

import json
from typing import Any

import pytest

from app import app
from chalicelib.entry.auth import Role
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Route, routes_of
from chalicelib.kit.ids import new_id
from tests.builders import NOON
from tests.entry.belongings import MAKERS, Owned, a_stranger
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered

CASES = [
    pytest.param(route, role, id=f"{route.name}-{role}")
    for route in routes_of(app)
    for role in sorted(route.roles & {Role.MERCHANT, Role.DRIVER})
    if any(isinstance(part, IdOf) for part in route.parts.values())
]


def an_example(route: Route) -> Any:
    if route.body is None:
        return None
    extra: Any = route.body.model_config["json_schema_extra"]
    return extra["examples"][0]


def path_with(route: Route, ids: dict[str, str]) -> str:
    """The route's path with these ids, by prefix; words where it has no ids."""
    path = route.path
    for name, part in route.parts.items():
        shown = ids[part.prefix] if isinstance(part, IdOf) else part.schema()["examples"][0]
        path = path.replace(f"{{{name}}}", shown)
    return path


def owned(doors: Doors, route: Route) -> dict[str, Owned]:
    prefixes = {part.prefix for part in route.parts.values() if isinstance(part, IdOf)}
    unknown = prefixes - set(MAKERS)
    assert not unknown, f"say in tests/entry/belongings.py how a {unknown} comes to be"
    return {prefix: MAKERS[prefix](doors) for prefix in prefixes}


def said(answered: Answered) -> dict[str, Any]:
    """An answer without what differs between any two requests."""
    assert isinstance(answered.body, dict), answered
    return {**answered.body, "request_id": ""}


@pytest.mark.parametrize(("route", "role"), CASES)
def test_a_foreign_id_is_answered_as_one_that_never_was(
    doors: Doors, route: Route, role: Role
) -> None:
    things = owned(doors, route)
    stranger = a_stranger(doors, role)
    foreign = path_with(route, {prefix: one.id for prefix, one in things.items()})
    unknown = path_with(route, {prefix: new_id(prefix, NOON) for prefix in things})
    misspelt = path_with(route, {prefix: f"{prefix}_0" for prefix in things})
    answers = [
        doors.call(route.method, path, an_example(route), stranger)
        for path in (foreign, unknown, misspelt)
    ]
    assert [one.status for one in answers] == [404, 404, 404]
    assert json.loads(answers[0].raw)["code"] == "not_found"
    assert said(answers[0]) == said(answers[1]) == said(answers[2])


@pytest.mark.parametrize(("route", "role"), CASES)
def test_the_owner_finds_it(doors: Doors, route: Route, role: Role) -> None:
    """Else the 404 of the stranger would prove nothing."""
    things = owned(doors, route)
    path = path_with(route, {prefix: one.id for prefix, one in things.items()})
    token = next(iter(things.values())).token
    found = doors.call(route.method, path, an_example(route), token)
    assert found.status != 404, found.raw
    assert found.status not in (401, 403, 422), found.raw


def test_there_is_something_to_test() -> None:
    assert len(CASES) > 8


LISTS = [
    pytest.param(route, id=route.name)
    for route in routes_of(app)
    if route.method == "GET" and Role.MERCHANT in route.roles and not route.parts
]


@pytest.mark.parametrize("route", LISTS)
def test_lists_and_answers_show_nothing_of_another_merchant(doors: Doors, route: Route) -> None:
    ids = {make(doors).id for make in MAKERS.values()}
    answered = doors.call(route.method, route.path, token=doors.stage.other_api_key)
    assert answered.status < 500
    assert [one for one in ids if one.encode() in answered.raw] == []
