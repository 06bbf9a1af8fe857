"""Windows are as wide as forecasts were off, on five-minute marks, and never flatter."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tracking import windows
from chalicelib.domain.tracking.shipped import SPREADS
from chalicelib.domain.tracking.windows import Shown, Window
from tests.telling import NOON, minutes


def shown(start_min, end_min, before=None, now=NOON, p50=None):
    middle = (start_min + end_min) / 2 if p50 is None else p50
    fresh = Window(minutes(start_min), minutes(middle), minutes(end_min))
    return windows.show(fresh, before, now)


def test_buckets_are_those_of_the_design():
    edges = (0, 299, 300, 600, 1200, 2400, 4800, 9600, 99_999)
    assert [windows.bucket_of(at) for at in edges] == [0, 0, 1, 2, 3, 4, 5, 6, 6]


def test_shipped_windows_grow_with_the_horizon_and_are_wider_on_the_late_side():
    widths = [spread.p90_s - spread.p10_s for spread in SPREADS]
    assert widths == sorted(widths)
    assert all(spread.p90_s > -spread.p10_s for spread in SPREADS)


def test_what_is_shown_goes_outward_to_five_minute_marks():
    found = shown(12, 21)
    assert (found.start_at, found.end_at) == (minutes(10), minutes(25))
    assert shown(10, 10).end_at - shown(10, 10).start_at == timedelta(minutes=5)


def test_no_window_begins_in_the_past():
    fresh = windows.window(minutes(1), 60, SPREADS, NOON)
    assert fresh.p10_at >= NOON
    assert shown(-7, 3).start_at == NOON


def test_a_window_that_had_to_widen_keeps_that_much_of_a_margin():
    first = shown(30, 60)
    narrow = shown(40, 50, first)
    assert (narrow.start_at, narrow.end_at) == (minutes(40), minutes(50))
    wide = shown(40, 60, narrow)
    assert (wide.end_at, wide.margin_after_s) == (minutes(60), 600)
    again = shown(40, 50, wide)
    assert again.end_at == minutes(60), "ten minutes had to be taken back once"
    assert shown(40, 45, wide).end_at == minutes(55)


spans = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 90)), min_size=2, max_size=8)


@given(spans)
def test_what_is_shown_always_holds_what_is_known_and_margins_only_grow(told):
    before = None
    for start, length in told:
        found = shown(start, start + length, before)
        assert found.start_at <= minutes(start)
        assert found.end_at >= minutes(start + length)
        if before is not None:
            assert found.margin_before_s >= before.margin_before_s
            assert found.margin_after_s >= before.margin_after_s
        before = found


@given(spans)
def test_no_window_ever_narrows_by_more_than_it_has_had_to_widen_would_allow(told):
    """Once it was taken back by so much, a narrower window keeps so much beyond what is known."""
    before: Shown | None = None
    for start, length in told:
        found = shown(start, start + length, before)
        if before is not None and found.end_at < before.end_at:
            spare_s = (found.end_at - minutes(start + length)).total_seconds()
            assert spare_s >= before.margin_after_s or found.end_at == before.end_at
        before = found


@pytest.mark.parametrize(
    ("limit_min", "least", "most"), [(-60, 1, 1), (29, 0.5, 0.7), (32, 0.3, 0.5), (120, 0, 0)]
)
def test_the_chance_to_be_late_falls_with_the_time_that_is_left(limit_min, least, most):
    chance = windows.chance_after(minutes(30), 1_800, SPREADS, minutes(limit_min))
    assert least <= chance <= most


@given(st.integers(0, 20_000), st.lists(st.integers(-9_000, 9_000), min_size=2, max_size=2))
def test_the_chance_is_a_chance_and_never_grows_with_time_left(horizon_s, limits):
    early, late = (NOON + timedelta(seconds=at) for at in sorted(limits))
    chances = [windows.chance_after(NOON, horizon_s, SPREADS, at) for at in (early, late)]
    assert 0 <= chances[1] <= chances[0] <= 1


def test_at_the_percentiles_the_chance_is_what_they_say():
    spread = SPREADS[3]
    for edge_s, chance in ((spread.p10_s, 0.9), (spread.p50_s, 0.5), (spread.p90_s, 0.1)):
        limit = NOON + timedelta(seconds=edge_s)
        assert windows.chance_after(NOON, 1_800, SPREADS, limit) == pytest.approx(chance, abs=1e-3)
