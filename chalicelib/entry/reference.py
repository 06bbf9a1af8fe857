"""What does /docs show? The OpenAPI document as chapters, operations, fields and examples."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.entry import snippets
from chalicelib.entry.auth import Role
from chalicelib.entry.openapi import SCHEMES
from chalicelib.kit.errors import all_errors

Json = Mapping[str, Any]

#: Deeper than this a table of fields is no longer read.
_DEEPEST = 4
_CALLERS = {
    Role.OPERATOR: "the operations desk",
    Role.MERCHANT: "merchants",
    Role.DRIVER: "drivers",
}
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
    ("pattern", "matches {}"),
    ("default", "otherwise {}"),
)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    depth: int
    kind: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: its status, what it means, its fields and an example."""

    status: str
    what: str
    example: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Error:
    code: str
    status: int
    retry: bool
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: tuple[str, ...]
    callers: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Said, ...]
    errors: tuple[str, ...]
    curl: str
    python: str


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    base_url: str
    about: str
    chapters: tuple[Chapter, ...]
    errors: tuple[Error, ...]
    credentials: tuple[tuple[str, str, str], ...]


def reference(document: Json) -> Reference:
    """Everything that the page shows."""
    operations = [
        (tag, _operation(document, path, method))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for tag in operation["tags"]
    ]
    schemes = document["components"]["securitySchemes"]
    return Reference(
        base_url=document["servers"][0]["url"],
        about=document["info"]["description"],
        chapters=tuple(
            Chapter(tag["name"], tuple(one for name, one in operations if name == tag["name"]))
            for tag in document["tags"]
        ),
        errors=tuple(_errors(document)),
        credentials=tuple(
            (role.value, schemes[name]["description"], snippets.VARIABLES[name])
            for role, (name, _) in SCHEMES.items()
        ),
    )


def _errors(document: Json) -> Iterator[Error]:
    documented = document["components"]["examples"]
    by_code = {error.code: error for error in all_errors()}
    for code in documented:
        error = by_code[code]
        what = " ".join((error.__doc__ or "").replace("``", "`").split())
        yield Error(code, error.status, error.retry, error.title, what)


def _operation(document: Json, path: str, method: str) -> Operation:
    operation = document["paths"][path][method]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=tuple(
            " ".join(part.split()) for part in operation.get("description", "").split("\n\n")
        ),
        callers=tuple(_callers(operation)),
        parameters=tuple(_parameters(operation)),
        body=tuple(_fields(document, body.get("schema", {}))),
        answers=tuple(_answers(document, operation)),
        errors=tuple(_codes(operation)),
        curl=snippets.curl(document, path, method),
        python=snippets.python(document, path, method),
    )


def _callers(operation: Json) -> Iterator[str]:
    names: dict[str, Role] = {name: role for role, (name, _) in SCHEMES.items()}
    for requirement in operation["security"]:
        for name, scopes in requirement.items():
            if name not in names:
                # A session stands for the key beside it.
                continue
            scope = f" (scope `{'`, `'.join(scopes)}`)" if scopes else ""
            yield f"{_CALLERS[names[name]]}{scope}"


def _parameters(operation: Json) -> Iterator[Field]:
    for one in operation.get("parameters", ()):
        schema = one["schema"]
        note = "; ".join(filter(None, (one.get("description", "").rstrip("."), _note(schema))))
        yield Field(one["name"], 0, f"{_kind({}, schema)}, {one['in']}", one["required"], note)


def _answers(document: Json, operation: Json) -> Iterator[Said]:
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if set(content) == {"application/problem+json"}:
            continue
        schema = content.get("application/json", {}).get("schema", {})
        found = snippets.resolved(document, schema)
        example = _written(found["examples"][0]) if "examples" in found else ""
        yield Said(status, response["description"], example, tuple(_fields(document, schema)))


def _codes(operation: Json) -> Iterator[str]:
    for response in operation["responses"].values():
        yield from (
            response.get("content", {}).get("application/problem+json", {}).get("examples", ())
        )


def _fields(document: Json, schema: Json, depth: int = 0) -> Iterator[Field]:
    """The fields of a form, those of its parts below them."""
    found = _inner(document, schema)
    required = found.get("required", ())
    for name, one in found.get("properties", {}).items():
        yield Field(name, depth, _kind(document, one), name in required, _note(one))
        if depth < _DEEPEST:
            yield from _fields(document, one, depth + 1)


def _inner(document: Json, schema: Json) -> Json:
    """The object inside of a reference, a list, or a choice that includes nothing."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        return _inner(document, options[0])
    if schema.get("type") == "array":
        return _inner(document, schema.get("items", {}))
    found = snippets.resolved(document, schema)
    return found if found is schema else _inner(document, found)


def _kind(document: Json, schema: Json) -> str:
    """A type in a reader's words: ``text``, ``whole number``, ``list of texts``, ``a | b``."""
    if "$ref" in schema:
        return _kind(document, snippets.resolved(document, schema))
    if "anyOf" in schema:
        return " or ".join(_kind(document, one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    words = {
        "string": {"date-time": "time", "date": "day"}.get(schema.get("format", ""), "text"),
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "null": "null",
        "object": "object",
    }
    return words.get(schema.get("type", ""), "anything")


def _note(schema: Json) -> str:
    """What else a value must be."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    whole = {**(options[0] if len(options) == 1 else {}), **schema}
    notes = [whole["description"].rstrip(".")] if whole.get("description") else []
    for key, words in _BOUNDS:
        if whole.get(key) not in (None, "", []) and (key, whole[key]) != ("minLength", 1):
            notes.append(words.format(whole[key]))
    return "; ".join(notes)


def _written(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)
