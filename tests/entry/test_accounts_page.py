"""docs/accounts.md says of roles, routes and limits what the code does."""

import re

from app import app
from chalicelib.domain.accounts import people, sessions, signing_in
from chalicelib.domain.accounts.model import DeskRole, TeamRole
from chalicelib.entry import signed_in
from chalicelib.entry.auth import TEAM_SCOPES, Role
from chalicelib.entry.surface import routes_of
from chalicelib.kit import passwords
from tests.house import sources

PAGE = sources.read("docs/accounts.md")
ROWS = [[cell.strip("`") for cell in row] for row in sources.table_rows(PAGE)]


def test_the_table_of_roles_is_that_of_the_code() -> None:
    told = [(row[0], row[1]) for row in ROWS if len(row) == 3 and row[0] in ("desk", "team")]
    assert told == [
        *(("desk", role.value) for role in DeskRole),
        *(("team", role.value) for role in TeamRole),
    ]


def test_what_a_member_may_is_told_scope_by_scope() -> None:
    """Each row says what is added; the owner has everything."""
    before: set[str] = set()
    for role in (TeamRole.VIEWER, TeamRole.STAFF):
        row = next(row for row in ROWS if row[:2] == ["team", role.value])
        scopes = {one.value for one in TEAM_SCOPES[role]}
        assert set(re.findall(r"[a-z]+:[a-z]+|quotes", row[2])) == scopes - before
        before = scopes


def test_the_managers_routes_are_listed_all_of_them() -> None:
    told = {(row[0], row[1]) for row in ROWS if len(row) == 2 and row[1].startswith("/v1/")}
    declared = {
        (route.method, route.path)
        for route in routes_of(app)
        for who in route.who
        if who.role is Role.OPERATOR and who.least is DeskRole.MANAGER
    }
    assert sorted(told) == sorted(declared)


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    text = re.sub(r"\s+", " ", PAGE)
    assert int(people.INVITE_LIVES.total_seconds()) == 72 * 3600
    assert "for 72 hours" in text
    assert int(sessions.SESSION_LIVES.total_seconds()) == 8 * 3600
    assert "a signed token of eight hours" in text
    assert f"{passwords.SHORTEST} to {passwords.LONGEST} characters" in text
    assert (signing_in.MOST_FOR_AN_ACCOUNT, signing_in.MOST_OF_A_CALLER) == (10, 30)
    assert "Ten tries for one account in a quarter of an hour, thirty from one address" in text
    assert all(f"`{name}`" in text for name in signed_in.COOKIES.values())
