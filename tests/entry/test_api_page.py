"""docs/api.md shows requests that are taken: each is read by the form of its route."""

import json
import re

import pytest

from app import app
from chalicelib.entry.surface import Route, routes_of
from tests.house import sources

CHAPTER = re.compile(r"^### (\w+) (\S+)\n(.*?)(?=^##)", re.M | re.S)
BLOCK = re.compile(r"^```(?:json)?\n(.*?)^```", re.M | re.S)
#: A body after `-d '` of a curl, or by itself at the beginning of a block.
REQUEST = re.compile(r"(?:\A|-d '\s*)(\{.*?\})(?:'?$\n\n|'?\Z|'$)", re.M | re.S)
ROUTES = {(route.method, route.path): route for route in routes_of(app)}


def requests() -> list[tuple[Route, str]]:
    page = sources.read("docs/api.md") + "\n## End\n"
    found = []
    for method, path, text in CHAPTER.findall(page):
        route = ROUTES[(method, path.partition("?")[0])]
        if route.body is None:
            continue
        found += [(route, body) for block in BLOCK.findall(text) for body in REQUEST.findall(block)]
        found += [(route, body) for body in re.findall(r"`(\{\".*?\})`", text) if "…" not in body]
    return found


REQUESTS = requests()


def test_the_page_shows_a_good_part_of_all_bodies() -> None:
    """Else the pattern has stopped to find them."""
    assert len({route.name for route, _ in REQUESTS}) >= 20


@pytest.mark.parametrize(
    ("route", "body"),
    REQUESTS,
    ids=[f"{route.name}-{at}" for at, (route, _) in enumerate(REQUESTS)],
)
def test_a_request_of_the_page_is_one_that_is_taken(route: Route, body: str) -> None:
    assert route.body is not None
    whole = re.sub(r"\b(mer|hub|str|zon|evt)_…", r"\1_01m83qpn8tsfztk8g4j2we32hb", body)
    if "…" in whole:
        json.loads(re.sub(r",?\s*…", "", whole))
        pytest.skip("shortened")
    route.body.model_validate_json(whole)
