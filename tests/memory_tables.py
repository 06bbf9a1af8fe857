"""The five tables in a dict, for tests that commit thousands of times.

Moto takes a few milliseconds a call. This keeps the promise that the domain relies on (all or
nothing, under versions); tests/storage shows that the real tables keep it, too.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Check, Delete, Item, Page, Put, Refused, Write

#: What an index holds beside keys, as deployed (infra/template/tables.py).
_COPIED = {Index.PENDING: ("pending",)}


class MemoryTables:
    """Stands in for ``storage.table.Tables``; one thread only."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}

    def get(self, key: Key) -> Item | None:
        return self.items.get(key)

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        return {key: self.items[key] for key in keys if key in self.items}

    def query(
        self,
        source: TableName | Index,
        pk: str,
        sk_prefix: str = "",
        *,
        sk_from: str = "",
        limit: int = 100,
        after: Cursor | None = None,
        newest_first: bool = False,
    ) -> Page:
        """The first page; whoever needs a second one needs real tables."""
        assert after is None
        prefix = source.value if isinstance(source, Index) else ""
        table = TableName.CORE if isinstance(source, Index) else source
        found = [
            item
            for key, item in self.items.items()
            if key.table is table
            and item.get(f"{prefix}pk") == pk
            and str(item.get(f"{prefix}sk")).startswith(sk_prefix)
            and str(item.get(f"{prefix}sk")) >= sk_from
        ]
        found.sort(key=lambda item: item[f"{prefix}sk"], reverse=newest_first)
        assert len(found) <= limit
        if isinstance(source, Index):
            held = {"pk", "sk", f"{prefix}pk", f"{prefix}sk", *_COPIED.get(source, ())}
            found = [{name: item[name] for name in held if name in item} for item in found]
        return Page(tuple(found), None)

    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int:
        item = self.items.setdefault(key, {"pk": key.pk, "sk": key.sk, "counted": 0})
        item["counted"] += by
        return int(item["counted"])

    def commit(self, writes: Sequence[Write], writer: str) -> None:
        stale = [write.key for write in writes if not self._stands(write)]
        if stale:
            raise Refused(stale)
        for write in writes:
            if isinstance(write, Put):
                key = write.key
                self.items[key] = {**write.item, "pk": key.pk, "sk": key.sk, "writer": writer}
            elif isinstance(write, Delete):
                self.items.pop(write.key, None)
            else:
                assert isinstance(write, Check)

    def _stands(self, write: Write) -> bool:
        if write.expect is None:
            return True
        there: Any = self.items.get(write.key)
        return (0 if there is None else there.get("version")) == write.expect
