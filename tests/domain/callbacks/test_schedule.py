"""Ten tries over 75 hours, a little earlier or later each; a wish to wait is respected."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.callbacks import schedule
from tests.domain.callbacks.stage import START

IDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40)


def test_the_delays_are_the_standards_and_add_up_to_three_days() -> None:
    hours = [0, 5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    assert [delay / 3600 for delay in schedule.DELAYS_S] == hours
    assert 75 < sum(schedule.DELAYS_S) / 3600 < 76


@given(IDS, st.integers(1, 9))
def test_a_try_is_at_most_a_tenth_early_or_late_and_always_the_same(name: str, tries: int) -> None:
    due_at = schedule.next_try_at(name, tries, START)
    assert due_at is not None
    share = (due_at - START) / timedelta(seconds=schedule.DELAYS_S[tries])
    assert 0.9 <= share <= 1.1
    assert due_at == schedule.next_try_at(name, tries, START)


@given(IDS, st.integers(10, 100), st.none() | st.integers(0, 10**9))
def test_after_the_tenth_there_is_none(name: str, tries: int, wish: int | None) -> None:
    assert schedule.next_try_at(name, tries, START, wish) is None


@given(IDS, st.integers(1, 9), st.integers(0, 10**9))
def test_a_wish_makes_it_later_never_earlier_and_by_a_day_at_most(
    name: str, tries: int, wish: int
) -> None:
    plain = schedule.next_try_at(name, tries, START)
    wished = schedule.next_try_at(name, tries, START, wish)
    assert plain is not None
    assert wished is not None
    assert wished == max(plain, START + timedelta(seconds=min(wish, 86_400)))


def test_what_failed_together_does_not_come_back_together() -> None:
    due = {schedule.next_try_at(f"evt_{number}", 4, START) for number in range(1000)}
    assert len(due) > 150
