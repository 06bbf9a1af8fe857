"""The console without a browser: what is served, how large it is, what it may load."""

import gzip
import re

import pytest
from chalice.test import Client

from chalicelib.web import assets, ops_app

#: Shared with every panel.
MOST_SCRIPT_BYTES = 150_000


@pytest.fixture
def page(client: Client):
    return client.http.get("/ops", headers={"Accept": "text/html"})


def test_the_page_names_only_files_that_are_there(page, client: Client) -> None:
    named = re.findall(r'(?:href|src)="(s/[^"]+)"', page.body.decode())
    assert len(named) > 5
    for path in named:
        assert client.http.get(f"/{path}", headers={"Accept": "*/*"}).status_code == 200, path


def test_the_policy_lets_in_our_own_files_and_nobody_else(page) -> None:
    policy = page.headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_all_of_its_modules_together_are_small() -> None:
    """Map, panels and vendored libraries included, whether they are loaded at once or later."""
    sizes = {
        name: len(gzip.compress(assets.by_name()[name].content.encode(), 9))
        for name in ops_app.files()
    }
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES, sizes
