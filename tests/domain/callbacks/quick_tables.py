"""Tables in a dictionary, for tests that live through days: the same words as storage.table.

What DynamoDB does otherwise (conditions, cursors, throttling) is tested in tests/storage; here only
versions are kept, so that a lost race is one.
"""

from chalicelib.storage.cursors import read_cursor, write_cursor
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Check, Delete, Page, Put, Refused


class QuickTables:
    """Holds items by table and partition, each partition by its sort key."""

    def __init__(self) -> None:
        self._partitions: dict = {}

    def get(self, key: Key):
        return self._partitions.get((key.table, key.pk), {}).get(key.sk)

    def get_many(self, keys):
        found = {key: self.get(key) for key in keys}
        return {key: item for key, item in found.items() if item is not None}

    def query(
        self, source, pk, sk_prefix="", *, sk_from="", limit=100, after=None, newest_first=False
    ) -> Page:
        partition = self._partitions.get((TableName(source), pk), {})
        start = None if after is None else read_cursor(after, "pk", pk)["sk"]
        wanted = (sk for sk in partition if sk.startswith(sk_prefix) and sk >= sk_from)
        found = sorted(wanted, reverse=newest_first)
        if start is not None:
            found = [sk for sk in found if (sk < start if newest_first else sk > start)]
        page = found[:limit]
        more = len(found) > limit
        cursor = write_cursor({"pk": pk, "sk": page[-1]}) if more else None
        return Page(tuple(partition[sk] for sk in page), cursor)

    def commit(self, writes, writer: str) -> None:
        refused = [write.key for write in writes if not self._fits(write)]
        if refused:
            raise Refused(refused)
        for write in writes:
            partition = self._partitions.setdefault((write.key.table, write.key.pk), {})
            if isinstance(write, Put):
                partition[write.key.sk] = dict(write.item)
            elif isinstance(write, Delete):
                partition.pop(write.key.sk, None)

    def _fits(self, write: Put | Delete | Check) -> bool:
        item = self.get(write.key)
        there = 0 if item is None else item.get("version", 0)
        return write.expect is None or there == write.expect
