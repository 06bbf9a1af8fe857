"""Where does a day stand that never was? The five tables in memory, for simulated days.

No second store: nothing that happens is kept here, and no request reaches it. A simulated day runs
the real use cases, which read and write through a unit of work, and a thousand days cannot be
written to DynamoDB to be thrown away. The promise is the same (all or nothing, under versions), and
a test plays one day on both and compares every byte. News are handed out as the stream would.
The tests of the rooms run on it, too: moto takes a few milliseconds a call.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from chalicelib.kit.events import Event
from chalicelib.storage.cursors import Cursor, read_cursor, write_cursor
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.projections import SHOWN
from chalicelib.storage.table import MOST_WRITES, Delete, Item, Page, Put, Refused, Write

#: Of one index: the place of an item in its partition. Ties go by the item's own key.
type _Row = tuple[str, str, str]


class Notebook:
    """Stands in for ``table.Tables``; one thread only. Whoever reads an item must not change it."""

    def __init__(self) -> None:
        self._items: dict[Key, Item] = {}
        self._rows: dict[tuple[str, str], list[_Row]] = defaultdict(list)
        self._news: list[Event] = []

    @property
    def items(self) -> Mapping[Key, Item]:
        """Everything that is kept, for whoever looks the whole over."""
        return MappingProxyType(self._items)

    def get(self, key: Key) -> Item | None:
        return self._items.get(key)

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        return {key: self._items[key] for key in keys if key in self._items}

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
        """Read one partition of a table or of an index of core, in the order of its sort key."""
        index = source if isinstance(source, Index) else None
        table = TableName.CORE if index else TableName(source)
        prefix = index.value if index else ""
        rows = self._rows.get((source.value, pk), [])
        begins = bisect_left(rows, (sk_prefix or sk_from, "", ""))
        found = rows[begins:]
        if sk_prefix:
            found = [row for row in found if row[0].startswith(sk_prefix)]
        if newest_first:
            found = found[::-1]
        if after is not None:
            last = read_cursor(after, f"{prefix}pk", pk)
            at = (last[f"{prefix}sk"], last["pk"], last["sk"])
            found = [row for row in found if (row < at if newest_first else row > at)]
        page = tuple(self._items[Key(table, row[1], row[2])] for row in found[:limit])
        cursor = self._cursor(page[-1], prefix) if len(found) > limit else None
        return Page(page if index is None else tuple(_shown(index, one) for one in page), cursor)

    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int:
        before = self._items.get(key, {"counted": 0})
        counted = int(before["counted"]) + by
        self._put(key, {**before, "counted": counted, "expires": int(expires_at.timestamp())})
        return counted

    def commit(self, writes: Sequence[Write], writer: str) -> None:
        """Apply all writes or none; raise Refused if an item was not at the expected version."""
        if len(writes) > MOST_WRITES:
            raise ValueError(f"{len(writes)} writes in one commit; {MOST_WRITES} is the most")
        if len({write.key for write in writes}) < len(writes):
            raise ValueError("an item is written twice in one commit")
        stale = [write.key for write in writes if not self._stands(write)]
        if any(self._items.get(key, {}).get("writer") == writer for key in stale):
            return  # it had happened
        if stale:
            raise Refused(stale)
        for write in writes:
            if isinstance(write, Put):
                self._put(write.key, {**write.item, "writer": writer})
                self._news += map(Event.from_item, write.item.get("events", ()))
            elif isinstance(write, Delete):
                self._drop(write.key)

    def news(self) -> list[Event]:
        """What happened since somebody last asked, in the order of the commits."""
        found, self._news = self._news, []
        return found

    def seed(self, key: Key, item: Item) -> None:
        """Put an item there as it is, without news: how a day begins."""
        self._put(key, dict(item))

    def _put(self, key: Key, item: Item) -> None:
        self._drop(key)
        kept = {**item, "pk": key.pk, "sk": key.sk}
        self._items[key] = kept
        for source, row in _rows_of(key, kept):
            insort(self._rows[source], row)

    def _drop(self, key: Key) -> None:
        before = self._items.pop(key, None)
        for source, row in [] if before is None else _rows_of(key, before):
            self._rows[source].remove(row)

    def _stands(self, write: Write) -> bool:
        if write.expect is None:
            return True
        there: Any = self._items.get(write.key)
        if write.expect == 0:
            return there is None
        return there is not None and there.get("version") == write.expect

    def _cursor(self, last: Item, prefix: str) -> Cursor:
        names = {"pk", "sk", f"{prefix}pk", f"{prefix}sk"}
        return write_cursor({name: last[name] for name in names})


def _shown(index: Index, item: Item) -> Item:
    return {name: item[name] for name in SHOWN[index] if name in item}


def _rows_of(key: Key, item: Item) -> Iterable[tuple[tuple[str, str], _Row]]:
    """Where an item is found: in its own partition, and in each index that it has a key of."""
    yield (key.table.value, key.pk), (key.sk, key.pk, key.sk)
    if key.table is TableName.CORE:
        for index in Index:
            pk, sk = item.get(f"{index.value}pk"), item.get(f"{index.value}sk")
            if pk is not None and sk is not None:
                yield (index.value, pk), (sk, key.pk, key.sk)
