"""The one layer over DynamoDB: all or nothing, versions, lost replies, pages."""

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.kit.errors import Malformed
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Check, Delete, Put, Refused, Tables

ONE = Key(TableName.CORE, "X#1")
TWO = Key(TableName.CORE, "X#2")


def put(key: Key, value: int, *, expect: int | None, version: int = 1) -> Put:
    return Put(key, {"value": value, "version": version}, expect)


def test_what_was_written_is_read(tables: Tables) -> None:
    item = {"text": "ü", "number": 10**20, "flag": True, "none": None, "list": [1, {"a": "b"}]}
    tables.commit([Put(ONE, item, 0)], "w1")
    found = tables.get(ONE)
    assert found is not None
    assert {name: found[name] for name in item} == item


def test_an_item_that_is_not_there_is_none(tables: Tables) -> None:
    assert tables.get(ONE) is None


def test_a_second_creation_is_refused(tables: Tables) -> None:
    tables.commit([put(ONE, 1, expect=0)], "w1")
    with pytest.raises(Refused) as refused:
        tables.commit([put(ONE, 2, expect=0)], "w2")
    assert refused.value.keys == (ONE,)


def test_a_stale_version_is_refused(tables: Tables) -> None:
    tables.commit([put(ONE, 1, expect=0)], "w1")
    tables.commit([put(ONE, 2, expect=1, version=2)], "w2")
    with pytest.raises(Refused):
        tables.commit([put(ONE, 3, expect=1, version=2)], "w3")


def test_a_commit_is_all_or_nothing(tables: Tables) -> None:
    tables.commit([put(TWO, 1, expect=0)], "w1")
    with pytest.raises(Refused) as refused:
        tables.commit([put(ONE, 1, expect=0), put(TWO, 2, expect=0)], "w2")
    assert refused.value.keys == (TWO,)
    assert tables.get(ONE) is None


def test_a_check_guards_without_writing(tables: Tables) -> None:
    tables.commit([put(ONE, 1, expect=0)], "w1")
    tables.commit([Check(ONE, 1), put(TWO, 1, expect=0)], "w2")
    with pytest.raises(Refused):
        tables.commit([Check(ONE, 2), Delete(TWO, 1)], "w3")
    assert tables.get(TWO) is not None


def test_a_refusal_that_bears_our_own_token_is_a_success(tables: Tables) -> None:
    """The reply was lost after the commit, and the SDK's retry was refused: we believe the item."""
    tables.commit([put(ONE, 1, expect=0)], "w1")
    tables.commit([put(ONE, 1, expect=0)], "w1")
    both = [put(ONE, 2, expect=1, version=2), put(TWO, 1, expect=0)]
    tables.commit(both, "w2")
    tables.commit(both, "w2")
    found = tables.get(ONE)
    assert found is not None
    assert found["value"] == 2


def test_a_lost_reply_on_the_wire_is_no_failure(tables: Tables) -> None:
    """The same through botocore: the first answer never arrives, the retry does."""
    client = boto3.client("dynamodb")
    lost = []

    def lose_first_reply(**event: object) -> None:
        if not lost:
            lost.append(event)
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    client.meta.events.register("after-call.dynamodb.PutItem", lose_first_reply)
    names = {table: tables._names[table] for table in TableName}
    with pytest.raises(ReadTimeoutError):
        Tables(client, names).commit([put(ONE, 1, expect=0)], "w1")
    Tables(client, names).commit([put(ONE, 1, expect=0)], "w1")
    assert lost


def test_more_than_a_hundred_writes_are_a_fault_of_ours(tables: Tables) -> None:
    with pytest.raises(ValueError, match="100"):
        tables.commit([put(Key(TableName.CORE, f"X#{n}"), n, expect=0) for n in range(101)], "w")


def test_many_are_read_at_once(tables: Tables) -> None:
    keys = [Key(TableName.CORE, f"X#{number}") for number in range(120)]
    for start in (0, 60):
        tables.commit([put(key, 1, expect=0) for key in keys[start : start + 60]], f"w{start}")
    found = tables.get_many([*keys, Key(TableName.CORE, "nowhere")])
    assert set(found) == set(keys)


def test_a_list_is_read_in_pages_to_its_end(tables: Tables) -> None:
    for number in range(5):
        item = {"g2pk": "L#1", "g2sk": f"{number}"}
        tables.commit([Put(Key(TableName.CORE, f"X#{number}"), item, 0)], f"w{number}")
    first = tables.query(Index.LISTS, "L#1", limit=3)
    assert first.cursor is not None
    rest = tables.query(Index.LISTS, "L#1", limit=3, after=first.cursor)
    assert [item["g2sk"] for item in (*first.items, *rest.items)] == list("01234")


def test_a_cursor_of_another_list_opens_nothing(tables: Tables) -> None:
    for number in range(3):
        key = Key(TableName.CORE, "L#1", f"{number}")
        tables.commit([Put(key, {}, 0)], f"w{number}")
    cursor = tables.query(TableName.CORE, "L#1", limit=1).cursor
    assert cursor is not None
    with pytest.raises(Malformed):
        tables.query(TableName.CORE, "L#2", limit=1, after=cursor)
    for junk in ("", "!", "bm90IGpzb24", "WzFd"):
        with pytest.raises(Malformed):
            tables.query(TableName.CORE, "L#1", limit=1, after=junk)
