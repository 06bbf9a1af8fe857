"""Does the notebook answer as DynamoDB does? Everything is done on both, and compared at once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from chalicelib.kit.errors import LastmileError
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Item, Page, Put, Refused, Tables, Write, from_wire

_SERIALIZE = TypeSerializer().serialize


class Twins(Notebook):
    """A notebook that does everything on the real tables as well; one thread only."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self.tables = tables
        self.compared = 0

    def get(self, key: Key) -> Item | None:
        return self._same(super().get(key), self.tables.get(key))

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        wanted = list(keys)
        return self._same(super().get_many(wanted), self.tables.get_many(wanted))

    def query(self, source: TableName | Index, pk: str, sk_prefix: str = "", **rest: Any) -> Page:
        """DynamoDB may promise a page after the last one; where ours promises one, so does it."""
        page = super().query(source, pk, sk_prefix, **rest)
        kept = self.tables.query(source, pk, sk_prefix, **rest)
        self._same(list(page.items), list(kept.items), (source, pk, sk_prefix, rest))
        if page.cursor is not None:
            assert page.cursor == kept.cursor
        elif kept.cursor is not None:
            assert self.tables.query(source, pk, sk_prefix, **{**rest, "after": kept.cursor}) == (
                Page((), None)
            )
        return page

    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int:
        counted = super().count(key, expires_at, by)
        assert counted == self.tables.count(key, expires_at, by)
        self.compared += 1
        return counted

    def commit(self, writes: Sequence[Write], writer: str) -> None:
        ours, theirs = (
            _refusal(lambda: super(Twins, self).commit(writes, writer)),
            _refusal(lambda: self.tables.commit(writes, writer)),
        )
        self.compared += 1
        assert _keys(ours) == _keys(theirs), (ours, theirs)
        if ours is not None:
            raise ours

    def seed(self, key: Key, item: Item) -> None:
        super().seed(key, item)
        bare = {name: value for name, value in item.items() if name not in ("pk", "sk")}
        self.tables.commit([Put(key, bare, None)], "seed")

    def _same(self, ours: Any, theirs: Any, asked: object = "") -> Any:
        self.compared += 1
        assert _told(ours) == _told(theirs), (asked, ours, theirs)
        return ours


def _refusal(commit: Callable[[], None]) -> LastmileError | None:
    try:
        commit()
    except Refused as refused:
        return refused
    return None


def _keys(refusal: LastmileError | None) -> tuple[Key, ...]:
    return refusal.keys if isinstance(refusal, Refused) else ()


def _told(found: Any) -> Any:
    """As DynamoDB would give it back, without the token of whoever wrote a seed."""
    if isinstance(found, dict) and found and all(isinstance(key, Key) for key in found):
        return {key: _told(item) for key, item in found.items()}
    if isinstance(found, list):
        return [_told(item) for item in found]
    if not found:
        return found
    plain = from_wire({name: _SERIALIZE(value) for name, value in found.items()})
    return {name: value for name, value in plain.items() if name != "writer"}
