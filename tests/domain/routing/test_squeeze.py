"""One more delivery into a hub's day: the quick answer is the slow answer, and the judge agrees."""

import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.routing import daysheet_wire
from chalicelib.domain.routing.daysheet import Sheet, Waiting
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed
from tests.domain.routing.days import a_day, a_newcomer, the_slow_way


def spans(rng: random.Random) -> list[tuple[int, int]]:
    return [
        (opens_s, opens_s + rng.choice((600, 3_600, 20_000)))
        for opens_s in (0, rng.randrange(12_000), rng.randrange(20_000))
    ]


@given(st.integers(0, 2**32), st.integers(0, 5), st.integers(0, 7))
def test_the_quick_answer_is_the_slow_answer(seed: int, rows: int, most_stops: int) -> None:
    """Same place, same cost, same time, whatever was asked of the same sheet before."""
    rng = random.Random(seed)
    day, new = a_day(rng, rows, most_stops), a_newcomer(rng)
    squeeze = Squeeze(day.sheet(), new)
    for opens_s, latest_s in spans(rng):
        quick = squeeze.into(opens_s, latest_s)
        slow = the_slow_way(day, new, opens_s, latest_s)
        if slow is None:
            assert isinstance(quick, Squeezed)
            continue
        assert isinstance(quick, Fit)
        gap = quick.gap
        assert (gap.cost, quick.row, gap.pickup_after, gap.dropoff_after) == (
            slow.cost,
            slow.row,
            slow.pickup_after,
            slow.dropoff_after,
        )
        assert (quick.extra_s, quick.extra_m, gap.dropoff_s) == (
            slow.extra_s,
            slow.extra_m,
            slow.dropoff_s,
        )


def columns_of(sheet: Sheet) -> list[Any]:
    return [getattr(sheet.columns, field.name) for field in fields(sheet.columns)]


def test_such_days_have_both_answers() -> None:
    """Else the test above would agree about nothing."""
    answers = []
    for seed in range(200):
        rng = random.Random(seed)
        day, new = a_day(rng, 4, 6), a_newcomer(rng)
        answers += [Squeeze(day.sheet(), new).into(*span) for span in spans(rng)]
    fits = [one for one in answers if isinstance(one, Fit)]
    assert 150 < len(fits) < 450
    assert sum(one.gap.pickup_after < one.gap.dropoff_after for one in fits) > 30
    assert {one for one in answers if isinstance(one, Squeezed)} >= {
        Squeezed.NO_TIME,
        Squeezed.BACKLOG,
        Squeezed.TOO_LARGE,
    }


@given(st.integers(0, 2**32))
def test_a_sheet_survives_its_packing(seed: int) -> None:
    sheet = a_day(random.Random(seed), 5, 6).sheet()
    again = daysheet_wire.unpack(daysheet_wire.pack(sheet))
    assert [list(one) for one in columns_of(again)] == columns_of(sheet)
    assert replace(again, columns=sheet.columns) == sheet


def test_a_sheet_without_drivers_has_room_for_nobody() -> None:
    day = a_day(random.Random(1), 0, 0)
    sheet = daysheet_wire.unpack(daysheet_wire.pack(day.sheet()))
    assert Squeeze(sheet, a_newcomer(random.Random(1))).into(0, 9_000) is Squeezed.NOBODY


@pytest.mark.parametrize(
    ("more_s", "latest_s", "lacks"),
    [
        (0, 0, False),
        (1_000, 5_000, True),  # 2 x 900 are due by 4,000 and leave 200 of 2,000
        (200, 5_000, False),
        (200, 3_000, False),  # it is done before those
        (1_100, 3_000, True),
        (1_000, 9_000, False),
    ],
)
def test_what_waits_takes_time_up_to_each_deadline(
    more_s: int, latest_s: int, *, lacks: bool
) -> None:
    waiting = Waiting.of(900, {4_000: 2}, [(2_000, 4_000), (6_000, 9_000)])
    assert waiting.lacks_time(more_s, latest_s) is lacks
