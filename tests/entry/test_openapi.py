"""The OpenAPI document: valid, complete, and in step with what is served."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib.entry import openapi
from chalicelib.entry.surface import routes_of
from tests.entry.conftest import Doors

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "openapi.json"
DOCUMENT = openapi.document(routes_of(app), "https://api.example.com")


def nodes(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from nodes(one)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_the_golden_one() -> None:
    """What integrators rely on changes only on purpose.

    After a change on purpose: ``UPDATE_GOLDEN=1 .venv/bin/python -m pytest
    tests/entry/test_openapi.py``, and read the difference.
    """
    text = json.dumps(DOCUMENT, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 renews it"


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_operation_is_named_and_says_who_may_call() -> None:
    for path, method, operation in operations():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"]), (method, path)
        assert "security" in operation
        assert operation["security"] or "No credential" in operation["description"]


def test_every_form_has_one_name() -> None:
    """Two classes of one name would be told apart by their modules, which nobody should read."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []


def test_every_error_is_a_problem_with_examples() -> None:
    for path, _, operation in operations():
        for status, response in operation["responses"].items():
            # A recipient reads what went wrong on a page.
            if int(status) < 400 or set(response["content"]) == {"text/html"}:
                continue
            content = response["content"]["application/problem+json"]
            codes = content["schema"]["properties"]["code"]["enum"]
            assert codes == list(content["examples"]) != [], (path, status)


def test_every_reference_leads_somewhere() -> None:
    references = [one["$ref"] for one in nodes(DOCUMENT) if isinstance(one, dict) and "$ref" in one]
    assert len(references) > 100
    for reference in references:
        found = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_the_document_is_served_and_kept_for_a_while(doors: Doors) -> None:
    served = doors.call("GET", "/openapi.json")
    assert served.status == 200
    assert served.body["servers"] == [{"url": "https://track.example"}]
    assert served.body["paths"] == DOCUMENT["paths"]
    known = {"If-None-Match": served.headers["ETag"]}
    assert doors.call("GET", "/openapi.json", headers=known).status == 304
