"""docs/api.md shows answers that can be given: each is compared with what its route declares.

They are shortened at "…": an object may then lack fields and a list elements, a text that ends in
it is any text, and one that is nothing else is any value. What is shown must be right.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from app import app
from chalicelib.entry import openapi
from chalicelib.entry.surface import routes_of
from tests.house import sources

DOCUMENT = openapi.document(routes_of(app), "https://api.example.com")
CHAPTER = re.compile(r"^### (\w+) (\S+)\n(.*?)(?=^##)", re.M | re.S)
BLOCK = re.compile(r"^```(?:json)?\n(.*?)^```", re.M | re.S)
#: A status and a body, and whatever lines the body goes on for.
ANSWER = re.compile(r"^(\d{3}) (\{.*?)(?=^\d{3} |\Z)", re.M | re.S)
INLINE = re.compile(r"`(?:(\d{3}) )?(\{\".*?\})`", re.S)
CUT = "…"
#: What a cut stands for follows from what stands around it.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|…|[^"…]+')


@dataclass(frozen=True)
class Shown:
    """An answer as it stands on the page."""

    method: str
    path: str
    status: str
    text: str

    @property
    def operation(self) -> dict[str, Any]:
        found: dict[str, Any] = DOCUMENT["paths"][self.path][self.method.lower()]
        return found


def shown_answers() -> Iterator[Shown]:
    page = sources.read("docs/api.md") + "\n## End\n"
    for method, path, chapter in CHAPTER.findall(page):
        path = path.partition("?")[0]
        plain = next(iter(DOCUMENT["paths"][path][method.lower()]["responses"]))
        takes_json = "requestBody" in DOCUMENT["paths"][path][method.lower()]
        blocks = BLOCK.findall(chapter)
        for status, text in (one for block in blocks for one in ANSWER.findall(block)):
            yield Shown(method, path, status, text)
        for status, text in INLINE.findall(BLOCK.sub("", chapter)):
            # Without a status it is an answer only where nothing is sent.
            if status or not takes_json:
                yield Shown(method, path, status or plain, text)


def read(text: str) -> Any:
    """The answer as a value, with every cut outside of a text as an element or a key of its own."""
    made = ""
    for token in TOKEN.findall(text):
        if token == CUT:
            before = made.rstrip()[-1]
            opened = _innermost(made)
            token = f'"{CUT}": true' if opened == "{" and before in "{," else f'"{CUT}"'
        made += token
    return json.loads(made)


def _innermost(text: str) -> str:
    """The bracket that is still open at the end of a text."""
    open_ones: list[str] = []
    for mark in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if mark in "{[":
            open_ones.append(mark)
        elif mark in "}]":
            open_ones.pop()
    return open_ones[-1]


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """What is wrong with what is shown of a value."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if value == CUT:
        return []
    if "allOf" in schema:
        rest = {name: one for name, one in schema.items() if name != "allOf"}
        return [one for part in (*schema["allOf"], rest) for one in faults(value, part, at)]
    kinds = schema.get("anyOf") or schema.get("oneOf")
    if kinds:
        return min((faults(value, kind, at) for kind in kinds), key=len)
    if isinstance(value, dict) and (schema.get("type") == "object" or "properties" in schema):
        return _faults_of_object(value, schema, at)
    if isinstance(value, list) and schema.get("type") == "array":
        items = schema.get("items", {})
        return [one for element in value for one in faults(element, items, f"{at}[]")]
    if isinstance(value, str) and CUT in value and schema.get("type") == "string":
        return []
    whole = {**schema, "components": DOCUMENT["components"]}
    wrong = jsonschema.Draft202012Validator(whole).iter_errors(value)
    return [f"{at}: {one.message}" for one in wrong]


def _faults_of_object(value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = []
    for name, one in value.items():
        inner = known.get(name, others)
        if name == CUT:
            continue
        if inner is False:
            found.append(f"{at}.{name} is no field")
        elif isinstance(inner, dict):
            found += faults(one, inner, f"{at}.{name}")
    missing = (
        [] if CUT in value else [name for name in schema.get("required", ()) if name not in value]
    )
    return found + [f"{at}.{name} is left out without a cut" for name in missing]


ANSWERS = list(shown_answers())


def test_every_answer_of_the_page_is_found() -> None:
    """Else a pattern has stopped to find them."""
    page = sources.read("docs/api.md")
    statuses = re.findall(r"(?:^|`)\d{3} \{", page, re.M)
    assert len([one for one in ANSWERS if one.text]) >= len(statuses) >= 40


@pytest.mark.parametrize(
    "shown",
    ANSWERS,
    ids=[f"{one.operation['operationId']}-{one.status}-{at}" for at, one in enumerate(ANSWERS)],
)
def test_an_answer_of_the_page_is_one_that_is_given(shown: Shown) -> None:
    declared = shown.operation["responses"]
    assert shown.status in declared, "the route does not answer so"
    (schema,) = [kind["schema"] for kind in declared[shown.status]["content"].values()]
    value = read(shown.text)
    assert faults(value, schema) == []
    assert int(shown.status) < 400 or "code" in value, "a problem shows its code"


def test_a_wrong_answer_would_be_seen() -> None:
    schema = DOCUMENT["paths"]["/v1/hubs"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["schema"]
    assert faults(read('{"hubs":[{"id":"hub_…",…}]}'), schema) == []
    assert faults(read('{"hubs":[{"id":1,…}]}'), schema) != []
    assert faults(read('{"hubs":[{"ident":"hub_…",…}]}'), schema) == [".hubs[].ident is no field"]
    assert ".hubs[].name is left out without a cut" in faults(read('{"hubs":[{}]}'), schema)
