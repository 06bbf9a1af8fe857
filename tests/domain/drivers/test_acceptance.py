"""Will this driver say yes? A prior, answers that fade, and a question instead of a punishment."""

from datetime import timedelta

import pytest

from chalicelib.domain.drivers import acceptance
from chalicelib.domain.drivers.acceptance import HALF_LIFE, Answer, Habits
from tests.builders import NOON


def answered(*answers: Answer, every: timedelta = timedelta(minutes=5)) -> Habits:
    habits = Habits()
    for number, answer in enumerate(answers):
        habits = acceptance.after(habits, answer, NOON + number * every)
    return habits


YES, NO, SILENCE = Answer.ACCEPTED, Answer.DECLINED, Answer.EXPIRED


def test_somebody_new_is_taken_to_say_yes_three_times_in_five() -> None:
    assert acceptance.chance(Habits(), NOON) == pytest.approx(0.6)


def test_each_answer_moves_the_chance_and_never_to_an_end() -> None:
    willing = acceptance.chance(answered(*[YES] * 50), NOON)
    unwilling = acceptance.chance(answered(*[NO] * 25, *[SILENCE] * 25), NOON)
    assert 0 < unwilling < 0.1
    assert 0.9 < willing < 1


def test_no_answer_counts_as_a_no() -> None:
    now = NOON + timedelta(hours=1)
    silent = acceptance.chance(answered(SILENCE), now)
    assert silent == acceptance.chance(answered(NO), now)


def test_what_was_long_ago_weighs_half_and_then_a_quarter() -> None:
    habits = answered(*[NO] * 5, every=timedelta(0))
    expected = [3 / (5 + 5 * weight) for weight in (1, 0.5, 0.25)]
    found = [acceptance.chance(habits, NOON + number * HALF_LIFE) for number in range(3)]
    assert found == pytest.approx(expected)


def test_a_late_answer_does_not_turn_time_back() -> None:
    habits = answered(YES, YES)
    late = acceptance.after(habits, NO, NOON - timedelta(days=1))
    assert late.as_of == habits.as_of


def test_a_likely_no_costs_time() -> None:
    prices = [
        acceptance.price_s(answered(*answers), NOON + timedelta(hours=1))
        for answers in ([YES] * 20, [], [NO] * 20)
    ]
    assert prices == sorted(prices)
    assert prices[1] == 184  # 360 x -ln 0.6


def test_three_misses_in_half_an_hour_are_a_reason_to_ask() -> None:
    missed = answered(NO, SILENCE, NO)
    assert acceptance.should_pause(missed, NOON + timedelta(minutes=29))
    assert not acceptance.should_pause(missed, NOON + timedelta(minutes=30))
    assert not acceptance.should_pause(answered(NO, YES, NO), NOON + timedelta(minutes=15))
    spread = answered(NO, NO, NO, every=timedelta(minutes=20))
    assert not acceptance.should_pause(spread, NOON + timedelta(minutes=40))
