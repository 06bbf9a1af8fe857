"""What does moto do over and over that no test looks at? Four habits, each done once less.

The answers stay moto's own: tests/storage/test_quick_moto.py asks it with and without this and
compares them byte by byte. What is left out is work whose price grows with all that was written
before: a copy of a whole table for each transaction, a sort of a whole table for each query, a
search for aliases of every name within every attribute, and a long way to compare two texts.
"""

import base64
import copy
from collections import defaultdict
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.model_instances import model_data
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table


def hasten(patch: pytest.MonkeyPatch) -> None:
    """Teach moto the short ways, until ``patch`` is undone."""
    for owner, name, short, _ in _WAYS:
        patch.setattr(owner, name, short, raising=False)


def leave_alone(patch: pytest.MonkeyPatch) -> None:
    """moto as it came, until ``patch`` is undone."""
    for owner, name, _, own in _WAYS:
        if own is None:
            patch.delattr(owner, name, raising=False)
        else:
            patch.setattr(owner, name, own)


def forget() -> None:
    """moto lists every item that it ever made, for a dashboard: millions by the hundredth test."""
    for model in model_data["dynamodb"].values():
        model.instances_tracked.clear()  # type: ignore[attr-defined]


def _as_it_stands(table: Table, memo: dict[int, Any]) -> Table:
    """What a transaction goes back to when it is refused.

    Our transactions put, delete and check: an item is replaced, never changed where it stands.
    """
    kept = copy.copy(table)
    kept.items = defaultdict(dict, {key: dict(rows) for key, rows in table.items.items()})
    return kept


def _of_one_partition(query: Any) -> Any:
    def narrowed(table: Table, hash_key: Any, *rest: Any, **named: Any) -> Any:
        """Show the query only the items of the partition that it asks for."""
        seen = copy.copy(table)
        [(name, wanted)] = named["hash_key_conditions"]
        if name == table.hash_key_attr:
            seen.items = {hash_key: table.items[hash_key]} if hash_key in table.items else {}
        else:
            seen.items = {
                partition: {at: item for at, item in rows.items() if _has(item, name, wanted.value)}
                for partition, rows in table.items.items()
            }
        return query(seen, hash_key, *rest, **named)

    return narrowed


def _has(item: Item, name: str, value: Any) -> bool:
    return name in item.attrs and item.attrs[name].value == value


def _equal(one: DynamoType, other: DynamoType) -> bool:
    """Keys are texts; everything else is compared as before."""
    if one.type == other.type == "S":
        return one.value == other.value
    return one.type == other.type and one.cast_value == other.cast_value


def _cast(one: DynamoType) -> Any:
    return one.value if one.type == "S" else _MOTOS_CAST(one)


def _written_at_once(serialize: Any) -> Any:
    def written(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if key and shape.name == "AttributeValue":
            self._default_serialize(serialized, _plain(value), shape, key)
        else:
            serialize(self, serialized, value, shape, key)

    return written


def _plain(value: Any) -> dict[str, Any]:
    """An attribute as DynamoDB spells it, for JSON."""
    [(kind, inner)] = value.items()
    if kind == "M":
        return {kind: {name: _plain(one) for name, one in inner.items()}}
    if kind == "L":
        return {kind: [_plain(one) for one in inner]}
    return {kind: base64.b64encode(inner).decode() if kind == "B" else inner}


def empty(table: str) -> None:
    """Forget what a table holds, as if it were new: making and deleting five costs 30 ms."""
    dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables[table].items.clear()


_MOTOS_CAST: Any = DynamoType.cast_value.fget  # type: ignore[attr-defined]

#: Where, under what name, the short way, and moto's own (nothing where it has none).
_WAYS: tuple[tuple[Any, str, Any, Any], ...] = tuple(
    (owner, name, short, vars(owner).get(name))
    for owner, name, short in (
        (Table, "__deepcopy__", _as_it_stands),
        (Table, "query", _of_one_partition(Table.query)),
        (DynamoType, "__eq__", _equal),
        (DynamoType, "cast_value", property(_cast)),
        (
            BaseJSONSerializer,
            "_serialize_type_structure",
            _written_at_once(BaseJSONSerializer._serialize_type_structure),
        ),
    )
)
