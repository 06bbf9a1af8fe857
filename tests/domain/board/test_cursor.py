"""A console never misses a change: whatever is marked is told, however late the mark is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.board import cursor
from chalicelib.domain.board.cursor import OLDEST_MS, OVERLAP_MS, SETTLED_MS
from chalicelib.domain.dispatch.today.marks import Mark, Thing
from chalicelib.kit.errors import Malformed

START_MS = 1_795_680_000_000


def a_mark(at_ms: int, name: str = "rte_1") -> Mark:
    return Mark(START_MS + at_ms, Thing.ROUTE, name)


@st.composite
def changes(draw):
    """Marks with the delay after which they can be seen, and the pauses between polls."""
    marks = draw(
        st.lists(
            st.tuples(
                st.integers(0, 120_000),
                st.one_of(st.integers(0, 50), st.integers(0, 60_000)),
                st.integers(1, 5),
            ),
            max_size=25,
        )
    )
    return marks, draw(st.lists(st.integers(100, 45_000), min_size=1, max_size=40))


@given(changes())
def test_every_mark_is_told_however_late_it_is_seen(drawn) -> None:
    marks, pauses = drawn
    heard, now, told = cursor.first(START_MS, []), START_MS, []
    # After the last change somebody looks until everything must have been seen.
    for pause in [*pauses, *([20_000] * 15)]:
        now += pause
        seen = [a_mark(at, f"rte_{n}") for at, late, n in marks if START_MS + at + late <= now]
        heard, fresh = cursor.advance(
            heard, now, [mark for mark in seen if mark.at_ms >= heard.reads_from_ms]
        )
        told += fresh
    assert set(told) == {a_mark(at, f"rte_{n}") for at, _, n in marks}


def test_what_was_told_is_not_told_again_while_nothing_comes_late() -> None:
    marks = [a_mark(at, f"rte_{at}") for at in (100, 4000, 4000, 9000)]
    heard, told = cursor.first(START_MS, []), []
    for now in range(START_MS, START_MS + 60_000, 5000):
        heard, fresh = cursor.advance(heard, now, [one for one in marks if one.at_ms <= now])
        told += fresh
    assert sorted(told, key=lambda one: one.at_ms) == marks


def test_two_changes_in_one_millisecond_are_both_told() -> None:
    heard = cursor.first(START_MS, [])
    both = [a_mark(500, "rte_a"), a_mark(500, "rte_b")]
    assert cursor.advance(heard, START_MS + 5000, both)[1] == both


def test_a_worker_whose_clock_is_behind_never_turns_back() -> None:
    heard = cursor.first(START_MS, [])
    further, _ = cursor.advance(heard, START_MS + 5000, [])
    again, fresh = cursor.advance(further, START_MS + 1000, [])
    assert (again.upto_ms, fresh) == (further.upto_ms, [])


def test_a_cursor_says_when_it_is_too_old() -> None:
    heard = cursor.first(START_MS, [])
    assert not heard.is_too_old(START_MS + OLDEST_MS - 5 * SETTLED_MS)
    assert heard.is_too_old(START_MS + OLDEST_MS)


def test_a_cursor_comes_back_as_it_went() -> None:
    heard = cursor.Heard(START_MS, "0123456789abcdef", turn=3, somebody=False)
    assert cursor.read("hub_1", cursor.write("hub_1", heard)) == heard


@pytest.mark.parametrize("text", ["", "x", "%%%", "MTIz", "é", "MS4yLjMuNC41LjY"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        cursor.read("hub_1", text)


def test_a_cursor_of_another_hub_is_refused() -> None:
    written = cursor.write("hub_aaaaaaa1", cursor.first(START_MS, []))
    with pytest.raises(Malformed):
        cursor.read("hub_aaaaaaa2", written)


def test_a_poll_looks_back_for_longer_than_any_writer_may_run() -> None:
    """A function that is cut off commits nothing afterwards."""
    import json
    from pathlib import Path

    functions = json.loads(Path(".chalice/config.json").read_text())["stages"]["stack"]
    told = functions["lambda_functions"]
    writers = ("relay_events", "redeliver_events", "take_positions")
    assert max(told[name]["lambda_timeout"] for name in writers) * 1000 < OVERLAP_MS - 20_000
