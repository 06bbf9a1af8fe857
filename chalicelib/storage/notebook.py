"""Where does a day stand that never was? The five tables in memory, for simulated days.

No second store: nothing that happens is kept here, and no request reaches it. A simulated day runs
the real use cases, which read and write through a unit of work, and a thousand days cannot be
written to DynamoDB to be thrown away. The promise is the same (all or nothing, under versions), and
a test plays one day on both and compares every byte. News are handed out as the stream would.
The tests of the rooms run on it, too: moto takes a few milliseconds a call.
"""

from bisect import bisect_left, bisect_right, insort
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
type _Partition = tuple[TableName | Index, str]

_INDEX_KEYS = tuple((index, f"{index.value}pk", f"{index.value}sk") for index in Index)


class Notebook:
    """Stands in for ``table.Tables``; one thread only. Whoever reads an item must not change it."""

    def __init__(self) -> None:
        self._items: dict[Key, Item] = {}
        self._rows: dict[_Partition, list[_Row]] = defaultdict(list)
        self._told: list[Any] = []

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
        rows = self._rows.get((source, pk), [])
        begins = bisect_left(rows, (sk_prefix or sk_from, "", ""))
        ends = len(rows)
        if sk_prefix:
            size = len(sk_prefix)
            ends = bisect_right(rows, sk_prefix, begins, key=lambda row: row[0][:size])
        if after is not None:
            last = read_cursor(after, f"{prefix}pk", pk)
            at = (last[f"{prefix}sk"], last["pk"], last["sk"])
            if newest_first:
                ends = min(ends, bisect_left(rows, at))
            else:
                begins = max(begins, bisect_right(rows, at))
        if newest_first:
            found = rows[max(begins, ends - limit) : ends][::-1]
        else:
            found = rows[begins : min(ends, begins + limit)]
        page = tuple(self._items[Key(table, row[1], row[2])] for row in found)
        cursor = self._cursor(page[-1], prefix) if ends - begins > limit else None
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
                self._told += write.item.get("events", ())
            elif isinstance(write, Delete):
                self._drop(write.key)

    def news(self) -> list[Event]:
        """What happened since somebody last asked, in the order of the commits."""
        told, self._told = self._told, []
        return [Event.from_item(one) for one in told]

    def seed(self, key: Key, item: Item) -> None:
        """Put an item there as it is, without news: how a day begins."""
        self._put(key, dict(item))

    def _put(self, key: Key, item: Item) -> None:
        kept = {**item, "pk": key.pk, "sk": key.sk}
        self._move(self._items.get(key), kept, key)
        self._items[key] = kept

    def _drop(self, key: Key) -> None:
        self._move(self._items.pop(key, None), None, key)

    def _move(self, before: Item | None, kept: Item | None, key: Key) -> None:
        """Have an item found where it is now, and no more where it was."""
        old, new = _rows_of(key, before), _rows_of(key, kept)
        if old == new:
            return
        for source, row in old:
            self._rows[source].remove(row)
        for source, row in new:
            insort(self._rows[source], row)

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


def _rows_of(key: Key, item: Item | None) -> list[tuple[_Partition, _Row]]:
    """Where an item is found: in its own partition, and in each index that it has a key of."""
    if item is None:
        return []
    rows: list[tuple[_Partition, _Row]] = [((key.table, key.pk), (key.sk, key.pk, key.sk))]
    if key.table is TableName.CORE:
        for index, pk_name, sk_name in _INDEX_KEYS:
            if pk_name in item and sk_name in item:
                rows.append(((index, item[pk_name]), (item[sk_name], key.pk, key.sk)))
    return rows
