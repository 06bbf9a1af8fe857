"""What does a page of many questions cost? Each item once: what was read is remembered.

For pages that several rooms tell parts of: each asks for the same delivery, merchant and hub by
itself, and none of them has to know what another has read already. All parts see one state, too.
Only for reading: nothing here can be committed, because a decision needs what stands there now.
"""

from collections.abc import Iterable, Sequence
from typing import NoReturn

from chalicelib.storage.keys import Key
from chalicelib.storage.table import Item, Write
from chalicelib.storage.unit_of_work import AnyTables


class ReadOnce:
    """The tables for one look. Whoever reads an item must not change it."""

    def __init__(self, tables: AnyTables) -> None:
        self._tables = tables
        #: None is what does not exist.
        self._known: dict[Key, Item | None] = {}
        # Pages and counts are not remembered: they are the tables' own.
        self.query, self.count = tables.query, tables.count

    def get(self, key: Key) -> Item | None:
        if key not in self._known:
            self._known[key] = self._tables.get(key)
        return self._known[key]

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        wanted = list(dict.fromkeys(keys))
        new = [key for key in wanted if key not in self._known]
        if new:
            found = self._tables.get_many(new)
            self._known |= {key: found.get(key) for key in new}
        told = {key: self._known[key] for key in wanted}
        return {key: item for key, item in told.items() if item is not None}

    def commit(self, writes: Sequence[Write], writer: str) -> NoReturn:
        raise TypeError("what was only looked at cannot be committed")
