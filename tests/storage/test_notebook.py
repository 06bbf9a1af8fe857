"""The notebook keeps the tables' promise: hundreds of random steps, answer by answer."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.projections import COPIED
from chalicelib.storage.table import Check, Delete, Put, Refused, Tables, Write
from tests.strict_notebook import StrictNotebook
from tests.twin_tables import Twins

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
PARTITIONS = ("A", "AB", "B")
SORTS = ("1", "2", "2#1", "2#2", "3", "ü", "𝄞")


def a_key(rng: Random) -> Key:
    table = rng.choice((TableName.CORE, TableName.CORE, TableName.PII))
    return Key(table, rng.choice(PARTITIONS), rng.choice(SORTS))


def an_item(rng: Random) -> dict[str, object]:
    """With keys of some indexes, of one whole, and of one that lacks its second half."""
    item: dict[str, object] = {"version": rng.randrange(1, 4), "pending": {"g": rng.random() < 0.5}}
    for index in Index:
        if rng.random() < 0.5:
            item[f"{index}pk"] = rng.choice(PARTITIONS)
        if rng.random() < 0.8:
            item[f"{index}sk"] = rng.choice(SORTS)
    return item


def a_write(rng: Random) -> Write:
    expect = rng.choice((None, 0, 0, 1, 2, 3))
    kind = rng.randrange(4)
    if kind == 0:
        return Delete(a_key(rng), expect)
    if kind == 1 and expect is not None:
        return Check(a_key(rng), expect)
    return Put(a_key(rng), an_item(rng), expect)


def read_whole(twins: Twins, rng: Random) -> None:
    """One partition page by page to its end."""
    source = rng.choice((TableName.CORE, TableName.PII, *Index))
    some = rng.choice(({}, {"sk_prefix": rng.choice(SORTS)}, {"sk_from": rng.choice(SORTS)}))
    asked = {"limit": rng.randrange(1, 4), "newest_first": rng.random() < 0.5, **some}
    pk, after = rng.choice(PARTITIONS), None
    while True:
        page = twins.query(source, pk, **asked, after=after)
        after = page.cursor
        if after is None:
            return


@pytest.mark.parametrize("seed", range(2))
def test_the_notebook_answers_as_dynamodb_does(tables: Tables, seed: int) -> None:
    rng, twins, refused = Random(seed), Twins(tables), 0
    for step in range(50):
        writes = {write.key: write for write in (a_write(rng) for _ in range(rng.randrange(1, 4)))}
        # A token that was used before is a retry of whoever had it.
        writer = f"writer-{rng.randrange(step + 1)}-{'0' * 36}"
        try:
            twins.commit(list(writes.values()), writer)
        except Refused:
            refused += 1
        twins.get(a_key(rng))
        twins.get_many([a_key(rng) for _ in range(3)])
        read_whole(twins, rng)
        counter = Key(TableName.EPH, rng.choice(PARTITIONS))
        twins.count(counter, AT + timedelta(seconds=step), rng.randrange(1, 3))
    assert 5 < refused < 45


def test_an_index_shows_its_keys_and_what_is_copied_into_it(tables: Tables) -> None:
    for index in Index:
        keys = {f"{index}pk": "P", f"{index}sk": "1"}
        item = {**keys, "pending": {"weight": 1}, "secret": 1, "version": 1}
        twins = Twins(tables)
        twins.commit([Put(Key(TableName.CORE, f"X#{index}"), item, None)], f"w-{index}")
        (shown,) = twins.query(index, "P").items
        assert set(shown) == {"pk", "sk", *keys, *COPIED[index]}


def test_an_item_cannot_be_written_twice_in_one_commit() -> None:
    key = Key(TableName.CORE, "X")
    with pytest.raises(ValueError, match="twice"):
        StrictNotebook().commit([Put(key, {}, None), Delete(key, None)], "w")


@pytest.mark.parametrize(
    "item",
    [
        {"weight": 0.5},
        {"g1pk": "", "g1sk": "1"},
        {"at": AT},
        {"text": "a" * 400_000},
    ],
    ids=lambda item: next(iter(item)),
)
def test_what_dynamodb_would_refuse_is_refused_in_the_rooms_tests(item: dict[str, object]) -> None:
    notebook = StrictNotebook()
    with pytest.raises((TypeError, AssertionError)):
        notebook.commit([Put(Key(TableName.CORE, "X"), item, 0)], "w")
    assert notebook.items == {}


def test_what_is_read_in_a_rooms_test_is_a_copy_as_the_wire_gives_it() -> None:
    notebook, key = StrictNotebook(), Key(TableName.CORE, "X")
    kept = {"list": [1, 2], "pair": (1, 2)}
    notebook.commit([Put(key, kept, 0)], "w")
    kept["list"].append(3)
    found = notebook.get(key)
    assert found is not None
    assert (found["list"], found["pair"]) == ([1, 2], [1, 2])
    found["list"].append(4)
    again = notebook.get(key)
    assert again is not None
    assert again["list"] == [1, 2]
