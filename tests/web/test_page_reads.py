"""What does it cost to open the recipient's page? Each item is read once, whoever tells of it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Status
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.read_once import ReadOnce
from chalicelib.storage.table import Item
from tests.web.test_recipient_page import page_of, steps_to


class Counted:
    """The tables, and how often each item was asked of them."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.reads: Counter[Key] = Counter()

    def get(self, key: Key) -> Item | None:
        self.reads[key] += 1
        return self._real.get(key)

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        wanted = list(keys)
        self.reads.update(wanted)
        return self._real.get_many(wanted)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture
def counted(stage, monkeypatch: pytest.MonkeyPatch) -> Counted:
    made = Counted(wiring.tables())
    monkeypatch.setattr(wiring, "tables", lambda: made)
    return made


@pytest.mark.parametrize(
    "status", [Status.READY, Status.EN_ROUTE_TO_DROPOFF, Status.ATTEMPT_FAILED, Status.DELIVERED]
)
def test_opening_a_page_reads_each_item_once(client, world, counted, status) -> None:
    delivery = world.deliver(*steps_to(status))
    counted.reads.clear()
    page_of(client, world, delivery)
    assert counted.reads
    assert {key: count for key, count in counted.reads.items() if count > 1} == {}


def test_a_look_remembers_also_what_is_not_there_and_writes_nothing(stage, counted) -> None:
    here, nowhere = Key(TableName.CORE, "RO#1"), Key(TableName.CORE, "RO#2")
    uow = wiring.unit_of_work()
    uow.put(here, {"it": "is"}, expect=0)
    uow.commit()
    tables = ReadOnce(counted)
    first = tables.get_many([here, nowhere])
    assert first[here]["it"] == "is"
    assert tables.get_many([nowhere, here]) == first
    assert tables.get(here) == first[here]
    assert tables.get(nowhere) is None
    assert counted.reads == {here: 1, nowhere: 1}
    looking = wiring.look()
    looking.put(nowhere, {"it": "was"}, expect=0)
    with pytest.raises(TypeError, match="only looked at"):
        looking.commit()
