"""One request or one message: what it read, what it will write, and when it is.

A use case loads, decides, saves and emits through its :class:`UnitOfWork`; the edge commits once.
Time and ids come from here and nowhere else. An event rides on the item of its subject (attribute
``events``), so it is written in the same transaction, costs nothing more, and the table's stream
carries it to the relay: there is no moment at which a change exists without its news.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.kit.events import Event
from chalicelib.kit.ids import IdMaker, new_id
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Check, Delete, Item, Page, Put, Write


class Clocks(Protocol):
    """Business time and wall time (see kit.clock)."""

    def now(self) -> datetime: ...
    def wall_now(self) -> datetime: ...


class AnyTables(Protocol):
    """The five tables: DynamoDB's, or the notebook of a simulated day."""

    def get(self, key: Key) -> Item | None: ...
    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]: ...
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
    ) -> Page: ...
    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int: ...
    def commit(self, writes: Sequence[Write], writer: str) -> None: ...


class UnitOfWork:
    """Collects the writes of one request and commits them together.

    Attributes
    ----------
    now
        Business time, the same for the whole unit.
    wall_now
        Real time, for signatures and the lives of credentials.
    """

    def __init__(self, tables: AnyTables, clock: Clocks, make_id: IdMaker = new_id) -> None:
        self._tables = tables
        self._make_id = make_id
        # Milliseconds are what is stored: a value must equal itself after a reload.
        self.now = _to_milliseconds(clock.now())
        self.wall_now = _to_milliseconds(clock.wall_now())
        self._writes: dict[Key, Write] = {}
        self._subjects: dict[str, Key] = {}
        self._events: list[Event] = []

    def new_id(self, prefix: str) -> str:
        return self._make_id(prefix, self.now)

    def get(self, key: Key) -> Item | None:
        """Read an item; what this unit wrote itself is seen."""
        pending = self._writes.get(key)
        if isinstance(pending, Put):
            return pending.item
        if isinstance(pending, Delete):
            return None
        return self._tables.get(key)

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Read items; what this unit wrote itself is seen."""
        wanted = list(keys)
        found = self._tables.get_many([key for key in wanted if not self._is_written(key)])
        for key in wanted:
            pending = self._writes.get(key)
            if isinstance(pending, Put):
                found[key] = pending.item
        return found

    def _is_written(self, key: Key) -> bool:
        return isinstance(self._writes.get(key), Put | Delete)

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
        """Read a page of one partition; this unit's own writes are not seen."""
        return self._tables.query(
            source,
            pk,
            sk_prefix,
            sk_from=sk_from,
            limit=limit,
            after=after,
            newest_first=newest_first,
        )

    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int:
        """Count so many more at once, whatever becomes of this unit; for limits only."""
        return self._tables.count(key, expires_at, by)

    def query_all(self, source: TableName | Index, pk: str, sk_prefix: str = "") -> list[Item]:
        """Read a whole partition: only for lists with a natural bound (hubs, a hub's drivers)."""
        items: list[Item] = []
        after: Cursor | None = None
        while True:
            page = self.query(source, pk, sk_prefix, limit=1000, after=after)
            items.extend(page.items)
            after = page.cursor
            if after is None:
                return items

    def put(
        self,
        key: Key,
        item: Item,
        *,
        expect: int | None,
        subject: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Write an item at commit.

        Parameters
        ----------
        expect
            Version that must stand there now; 0 for none at all; None for whatever is there.
            The item is written with the version that it carries, else with the next one.
        subject
            Id of the thing, if events of this unit may be about it.
        expires_at
            *Wall* time after which DynamoDB may delete it; it deletes late, so this is no guard.
        """
        version = {} if expect is None else {"version": item.get("version", expect + 1)}
        expiry = {} if expires_at is None else {"expires": int(expires_at.timestamp())}
        earlier = self._writes.get(key)
        if isinstance(earlier, Put):
            # A second change within one unit: the guard is still the version that we loaded.
            expect = earlier.expect
        self._writes[key] = Put(key, {**item, **version, **expiry}, expect)
        if subject is not None:
            self._subjects[subject] = key

    def delete(self, key: Key, *, expect: int | None) -> None:
        self._writes[key] = Delete(key, expect)

    def check(self, key: Key, *, expect: int) -> None:
        """Refuse the commit unless the item is still at this version."""
        self._writes.setdefault(key, Check(key, expect))

    def emit(self, *events: Event) -> None:
        """Tell upward; each event must be about a thing that this unit saves."""
        self._events.extend(events)

    @property
    def write_count(self) -> int:
        return len(self._writes)

    def commit(self) -> None:
        """Write everything, or nothing.

        Raises
        ------
        Refused
            If something changed meanwhile; the unit is spent, start a new one.
        """
        for subject in {event.subject for event in self._events}:
            self._attach(subject, [event for event in self._events if event.subject == subject])
        writes, self._writes, self._events = list(self._writes.values()), {}, []
        self._tables.commit(writes, self._make_id("uow", self.wall_now))

    def _attach(self, subject: str, events: list[Event]) -> None:
        key = self._subjects.get(subject)
        write = self._writes.get(key) if key else None
        if key is None or not isinstance(write, Put):
            raise ValueError(f"an event about {subject}, which this unit does not save")
        item = {**write.item, "events": [event.to_item() for event in events]}
        self._writes[key] = Put(key, item, write.expect)


def _to_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
