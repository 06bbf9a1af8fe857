"""The surge: bounded, stepped, smoothed, and never in a hurry."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.pricing.surge import STEP_PERMILLE, Surge, surge

COUNTS = st.integers(0, 5_000)
ROUNDS = st.lists(st.tuples(COUNTS, COUNTS), max_size=40)


def after(rounds: list[tuple[int, int]]) -> list[Surge]:
    made: list[Surge] = []
    for open_stops, free_capacity in rounds:
        made.append(surge(open_stops, free_capacity, made[-1] if made else None))
    return made


@given(ROUNDS)
def test_it_stays_in_bounds_and_moves_one_step_at_most(rounds: list[tuple[int, int]]) -> None:
    before = Surge()
    for one in after(rounds):
        assert 1000 <= one.permille <= 2000
        assert one.permille % STEP_PERMILLE == 0
        assert abs(one.permille - before.permille) <= STEP_PERMILLE
        assert one.before_permille == before.permille
        before = one


@given(ROUNDS, COUNTS, COUNTS, COUNTS)
def test_more_to_do_or_fewer_drivers_is_never_cheaper(
    rounds: list[tuple[int, int]], open_stops: int, free_capacity: int, more: int
) -> None:
    before = after(rounds)[-1] if rounds else None
    plain = surge(open_stops, free_capacity, before).permille
    assert surge(open_stops + more, free_capacity, before).permille >= plain
    assert surge(open_stops, max(0, free_capacity - more), before).permille >= plain


@given(ROUNDS)
def test_it_comes_down_again(rounds: list[tuple[int, int]]) -> None:
    assert after([*rounds, *[(0, 10)] * 40])[-1].permille == 1000


def test_a_lasting_shortage_reaches_the_most() -> None:
    assert after([(60, 10)] * 40)[-1].permille == 2000


def test_enough_drivers_cost_nothing_more() -> None:
    assert {one.permille for one in after([(50, 50)] * 20)} == {1000}


def test_one_burst_is_no_surge() -> None:
    """Thirty stops where there is room for ten, for one round only."""
    assert {one.permille for one in after([(2, 10), (30, 10), (2, 10)])} == {1000}


def test_it_keeps_what_it_was_made_from() -> None:
    made = after([(30, 10)] * 3)[-1]
    assert made.inputs == {
        "open_stops": 30,
        "free_capacity_stops": 10,
        "pressure_permille": made.pressure_permille,
        "before_permille": made.before_permille,
    }
