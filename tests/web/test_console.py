"""The console without a browser: what is served, how large it is, what it may load."""

import gzip
import re

from chalicelib.web import assets, ops_app

#: Shared with every panel.
MOST_SCRIPT_BYTES = 150_000


def size(name: str) -> int:
    return len(gzip.compress(assets.by_name()[name].content.encode(), 9))


def test_the_page_names_only_files_that_are_there() -> None:
    named = re.findall(r'(?:href|src)="s/([^"]+)"', ops_app.page())
    assert len(named) > 10
    assert [name for name in named if name not in assets.by_name()] == []


def test_the_policy_lets_in_our_own_files_and_nobody_else() -> None:
    policy = ops_app.headers(ops_app.page())["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_all_of_its_modules_together_are_small() -> None:
    """Map, panels and vendored libraries included, whether they are loaded at once or later."""
    sizes = {name: size(name) for name in ops_app.files()}
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES, sizes


def test_what_is_loaded_first_is_small() -> None:
    """The map and the panels come after the list."""
    first = assets.below("static/ops/app.js")
    assert not [name for name in first if name.startswith(("vendor-leaflet", "ops-map"))]
    assert sum(map(size, first)) <= 35_000
