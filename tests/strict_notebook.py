"""What would DynamoDB refuse that a dict takes? The notebook for tests: all goes over the wire.

An item is spelled as DynamoDB spells it and read back, so that a float, a set of nothing or an
empty key fails in a room's test as it would in its table, and whoever reads an item has a copy.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Item, Page, Put, Write, from_wire

_SERIALIZE = TypeSerializer().serialize
_KEYS = ("pk", "sk", *(f"{index}{part}" for index in Index for part in ("pk", "sk")))
#: Of one item. Source: DynamoDB quotas.
MOST_BYTES = 400_000


class StrictNotebook(Notebook):
    def get(self, key: Key) -> Item | None:
        return deepcopy(super().get(key))

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        return deepcopy(super().get_many(keys))

    def query(self, source: TableName | Index, pk: str, sk_prefix: str = "", **rest: Any) -> Page:
        page = super().query(source, pk, sk_prefix, **rest)
        return Page(deepcopy(page.items), page.cursor)

    def commit(self, writes: Sequence[Write], writer: str) -> None:
        super().commit([_over_the_wire(write) for write in writes], writer)


def _over_the_wire(write: Write) -> Write:
    for part in (write.key.pk, write.key.sk):
        assert part, f"DynamoDB takes no empty key: {write.key}"
    if not isinstance(write, Put):
        return write
    wire = {name: _SERIALIZE(value) for name, value in write.item.items()}
    for name in _KEYS:
        assert wire.get(name, {"S": "-"}).get("S"), f"{name} is no key for DynamoDB: {wire[name]}"
    if len(json.dumps(wire, default=str)) > MOST_BYTES:
        size = sum(len(name.encode()) + _size(value) for name, value in write.item.items())
        assert size <= MOST_BYTES, f"{write.key}: {size} bytes are more than an item may have"
    return replace(write, item=from_wire(wire))


def _size(value: Any) -> int:
    """What an attribute counts for, at least."""
    if isinstance(value, Mapping):
        return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in value.items())
    if isinstance(value, list | tuple | set):
        return 3 + sum(1 + _size(one) for one in value)
    if isinstance(value, str | bytes):
        return len(value.encode() if isinstance(value, str) else value)
    return 1 + len(str(value)) // 2 if isinstance(value, int) else 1
