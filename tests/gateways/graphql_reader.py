"""Reads as much of GraphQL as our queries use: one operation, fields, arguments, selections.

A fake that ignored the query would let a misspelt field pass; this one answers only what was asked
for, and refuses a field that the object does not have, as Shopify does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"[{}():!,\[\]]|\$?\w+")


class UnknownField(Exception):
    """A field that the object does not have."""


@dataclass
class Field:
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selection: list["Field"] = field(default_factory=list)


def read_operation(query: str, variables: Mapping[str, Any]) -> tuple[str, list[Field]]:
    """Whether it is a query or a mutation, and the fields of its root."""
    tokens = _TOKEN.findall(query)
    kind = tokens[0]
    start = tokens.index("{", _end_of_head(tokens))
    fields, _ = _selection(tokens, start + 1, variables)
    return kind, fields


def _end_of_head(tokens: list[str]) -> int:
    return tokens.index(")") if tokens[2] == "(" else 2


def _selection(tokens: list[str], at: int, variables: Mapping[str, Any]) -> tuple[list[Field], int]:
    fields: list[Field] = []
    while tokens[at] != "}":
        found = Field(tokens[at])
        at += 1
        if tokens[at] == "(":
            found.arguments, at = _arguments(tokens, at + 1, variables)
        if tokens[at] == "{":
            found.selection, at = _selection(tokens, at + 1, variables)
        fields.append(found)
    return fields, at + 1


def _arguments(
    tokens: list[str], at: int, variables: Mapping[str, Any]
) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while tokens[at] != ")":
        name, value = tokens[at], tokens[at + 2]
        found[name] = variables.get(value[1:]) if value.startswith("$") else value
        at += 3
        if tokens[at] == ",":
            at += 1
    return found, at + 1


def project(value: Any, selection: list[Field]) -> Any:
    """Only what was selected of it."""
    if value is None or not selection:
        return value
    if isinstance(value, list):
        return [project(one, selection) for one in value]
    missing = [one.name for one in selection if one.name not in value]
    if missing:
        raise UnknownField(missing[0])
    return {one.name: project(value[one.name], one.selection) for one in selection}


def cost(fields: list[Field]) -> int:
    """Points: one for each object, times what a connection may return. Source: Shopify's limits."""
    total = 0
    for one in fields:
        if one.name == "nodes":
            # The objects of a connection are counted at the connection, which says how many.
            total += cost(one.selection)
        elif one.selection:
            times = int(one.arguments.get("first") or 1)
            total += times * (1 + cost(one.selection))
    return total
