"""One request, one commit: own writes seen, events on their subject, versions kept."""

from collections.abc import Callable

import pytest

from chalicelib.kit.events import Event
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Refused
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON

KEY = Key(TableName.CORE, "X#1")
NEWS = Event("thing.created", "thg_1", 1, NOON, {"n": 1})


def test_nothing_is_written_before_the_commit(begin: Callable[[], UnitOfWork]) -> None:
    uow = begin()
    uow.put(KEY, {"value": 1}, expect=0)
    assert uow.get(KEY) is not None
    assert begin().get(KEY) is None


def test_an_event_is_written_on_the_item_of_its_subject(begin: Callable[[], UnitOfWork]) -> None:
    uow = begin()
    uow.put(KEY, {"value": 1}, expect=0, subject="thg_1")
    uow.emit(NEWS)
    uow.commit()
    found = begin().get(KEY)
    assert found is not None
    assert [Event.from_item(item) for item in found["events"]] == [NEWS]
    assert found["version"] == 1


def test_the_next_write_does_not_tell_the_old_news_again(begin: Callable[[], UnitOfWork]) -> None:
    uow = begin()
    uow.put(KEY, {"value": 1}, expect=0, subject="thg_1")
    uow.emit(NEWS)
    uow.commit()
    uow = begin()
    uow.put(KEY, {"value": 2}, expect=1, subject="thg_1")
    uow.commit()
    found = begin().get(KEY)
    assert found is not None
    assert "events" not in found


def test_an_event_about_nothing_that_is_saved_is_a_fault(begin: Callable[[], UnitOfWork]) -> None:
    uow = begin()
    uow.emit(NEWS)
    with pytest.raises(ValueError, match="does not save"):
        uow.commit()


def test_two_changes_in_one_unit_keep_the_guard_of_the_first(
    begin: Callable[[], UnitOfWork],
) -> None:
    uow = begin()
    uow.put(KEY, {"value": 1}, expect=0)
    uow.put(KEY, {"value": 2}, expect=1)
    uow.commit()
    found = begin().get(KEY)
    assert found is not None
    assert (found["value"], found["version"]) == (2, 2)


def test_of_two_units_that_loaded_the_same_only_one_commits(
    begin: Callable[[], UnitOfWork],
) -> None:
    first, second = begin(), begin()
    for uow in (first, second):
        uow.put(KEY, {"value": 1}, expect=0)
    first.commit()
    with pytest.raises(Refused):
        second.commit()
