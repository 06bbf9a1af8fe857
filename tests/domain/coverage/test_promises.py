"""Which windows may be booked, until when: cut-offs, working days, holidays, capacity, clocks."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.coverage.model import Promise, PromiseClass, Taken
from chalicelib.domain.coverage.promises import (
    Refused,
    WhyNot,
    assess,
    best_for_no_wish,
    best_for_wish,
    bookable_windows,
    cut_off,
    window_key,
)
from chalicelib.kit.hours import Span, WeekHours
from chalicelib.kit.timewindow import TimeWindow
from tests.domain.coverage.plans import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    a_calendar,
    at,
    next_day,
    same_day,
    scheduled,
)

SECOND = timedelta(seconds=1)


def reasons(promise: Promise, now, day) -> set[WhyNot | None]:
    assessed = assess(promise, now, day)
    if isinstance(assessed, Refused):
        return {assessed.why_not}
    return {one.why_not for one in assessed}


def test_same_day_is_offered_until_its_cut_off_and_not_a_second_longer() -> None:
    noon = at(FRIDAY, 14)
    assert reasons(same_day(), noon - SECOND, FRIDAY) == {None}
    assert reasons(same_day(), noon, FRIDAY) == {WhyNot.PAST_CUT_OFF}


def test_same_day_means_today_in_the_zone_of_the_hub() -> None:
    """23:30 UTC on Thursday is Friday in Berlin."""
    now = at(FRIDAY, 0, 30)
    assert now.date() != FRIDAY
    assert reasons(same_day(), now, FRIDAY) == {None}
    assert reasons(same_day(), now, FRIDAY - timedelta(days=1)) == {WhyNot.NOT_OFFERED}


def test_next_day_before_the_cut_off_is_the_next_working_day() -> None:
    assert reasons(next_day(), at(FRIDAY, 19), SATURDAY) == {None}
    assert reasons(next_day(), at(FRIDAY, 19), MONDAY) == {WhyNot.NOT_OFFERED}


def test_next_day_after_the_cut_off_jumps_over_the_closed_sunday() -> None:
    late = at(FRIDAY, 20)
    assert reasons(next_day(), late, SATURDAY) == {WhyNot.PAST_CUT_OFF}
    assert reasons(next_day(), late, SUNDAY) == {WhyNot.CLOSED}
    assert reasons(next_day(), late, MONDAY) == {None}


def test_an_order_on_a_closed_day_waits_for_the_cut_off_of_the_next_working_day() -> None:
    """Monday's parcels had to be ordered on Saturday; on Sunday, Tuesday is the next day."""
    tuesday = MONDAY + timedelta(days=1)
    assert reasons(next_day(), at(SUNDAY, 10), MONDAY) == {WhyNot.PAST_CUT_OFF}
    assert reasons(next_day(), at(SUNDAY, 10), tuesday) == {None}


def test_a_holiday_is_no_day_of_delivery_and_no_day_of_cut_off() -> None:
    calendar = a_calendar(holidays=frozenset({SATURDAY}))
    promise = next_day(calendar=calendar)
    assert reasons(promise, at(FRIDAY, 19), SATURDAY) == {WhyNot.HOLIDAY}
    assert cut_off(promise, MONDAY) == at(FRIDAY, 20)


def test_scheduled_windows_lie_between_tomorrow_and_the_horizon() -> None:
    now = at(FRIDAY, 10)
    assert reasons(scheduled(), now, FRIDAY) == {WhyNot.PAST_CUT_OFF}
    assert reasons(scheduled(), now, MONDAY) == {None}
    assert reasons(scheduled(), now, FRIDAY + timedelta(days=14)) == {None}
    assert reasons(scheduled(), now, FRIDAY + timedelta(days=17)) == {WhyNot.TOO_FAR_AHEAD}
    assert reasons(scheduled(), now, FRIDAY - timedelta(days=1)) == {WhyNot.PAST_CUT_OFF}


def test_a_place_that_never_opens_offers_nothing() -> None:
    closed = a_calendar(hours=WeekHours(((),) * 7))
    assert reasons(next_day(calendar=closed), at(FRIDAY, 10), MONDAY) == {WhyNot.CLOSED}
    only_mondays = a_calendar(hours=WeekHours(((Span(540, 600),), *(((),) * 6))))
    promise = scheduled(calendar=only_mondays, lead_days=1)
    assert cut_off(promise, MONDAY) == at(MONDAY - timedelta(days=7), 24)


def test_notice_closes_the_windows_of_today_one_by_one() -> None:
    promise = same_day(window_s=7200, notice_s=7200, cut_off_min=24 * 60)
    open_windows = bookable_windows([promise], at(FRIDAY, 14, 30), FRIDAY)
    assert [one.window.start_at for one in open_windows] == [
        at(FRIDAY, 15),
        at(FRIDAY, 17),
        at(FRIDAY, 19),
    ]
    assert open_windows[0].order_by == at(FRIDAY, 15)


def test_a_rest_that_is_shorter_than_a_window_is_left_out() -> None:
    windows = bookable_windows([scheduled(window_s=5 * 3600)], at(FRIDAY, 10), MONDAY)
    assert [one.window.end_at for one in windows] == [at(MONDAY, 14), at(MONDAY, 19)]


def test_a_lunch_break_is_in_no_window() -> None:
    hours = WeekHours(((Span(540, 720), Span(840, 1080)),) * 7)
    promise = scheduled(calendar=a_calendar(hours=hours), window_s=None)
    windows = bookable_windows([promise], at(FRIDAY, 10), MONDAY)
    assert [one.window for one in windows] == [
        TimeWindow(at(MONDAY, 9), at(MONDAY, 12)),
        TimeWindow(at(MONDAY, 14), at(MONDAY, 18)),
    ]


def test_the_last_place_of_a_window_and_of_a_day() -> None:
    promise = scheduled(capacity_per_day=5, capacity_per_window=2)
    first = TimeWindow(at(MONDAY, 9), at(MONDAY, 11))
    counts = {"hub_1": Taken(3, {window_key(first): 2})}
    assessed = assess(promise, at(FRIDAY, 10), MONDAY, counts)
    assert not isinstance(assessed, Refused)
    assert (assessed[0].left, assessed[0].why_not) == (0, WhyNot.NO_CAPACITY_LEFT)
    assert {one.left for one in assessed[1:]} == {2}
    full = {"hub_1": Taken(5, {})}
    assert bookable_windows([promise], at(FRIDAY, 10), MONDAY, full) == ()


def test_what_others_have_taken_does_not_count() -> None:
    promise = scheduled(capacity_per_day=1)
    assert bookable_windows([promise], at(FRIDAY, 10), MONDAY, {"hub_2": Taken(9)})


def test_nothing_is_counted_where_nothing_is_limited() -> None:
    [window, *_] = bookable_windows([scheduled()], at(FRIDAY, 10), MONDAY)
    assert window.booking is None
    assert window.left is None


def test_without_a_wish_the_widest_window_is_taken() -> None:
    offered = bookable_windows([scheduled(), next_day()], at(FRIDAY, 10), SATURDAY)
    best = best_for_no_wish(offered)
    assert best is not None
    assert best.kind is PromiseClass.NEXT_DAY


def test_a_wish_takes_the_window_that_holds_most_of_it() -> None:
    offered = bookable_windows([scheduled(), next_day()], at(FRIDAY, 10), SATURDAY)
    best = best_for_wish(offered, TimeWindow(at(SATURDAY, 11), at(SATURDAY, 13)))
    assert best is not None
    assert best.window == TimeWindow(at(SATURDAY, 11), at(SATURDAY, 13))
    assert best_for_wish(offered, TimeWindow(at(SATURDAY, 21), at(SATURDAY, 23))) is None


SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_windows_of_the_day_on_which_the_clock_moves_leave_no_hour_out(day, hours) -> None:
    whole_days = a_calendar(hours=WeekHours(((Span(0, 1440),),) * 7))
    promise = scheduled(calendar=whole_days, window_s=1800)
    now = at(day - timedelta(days=5), 12)
    windows = [one.window for one in bookable_windows([promise], now, day)]
    assert sum(window.duration_s for window in windows) == hours * 3600
    for one, following in itertools.pairwise(windows):
        assert one.end_at == following.start_at


def test_a_cut_off_that_the_clock_skips_is_the_jump_itself() -> None:
    promise = scheduled(
        calendar=a_calendar(hours=WeekHours(((Span(0, 1440),),) * 7)), cut_off_min=2 * 60 + 30
    )
    assert cut_off(promise, SPRING + timedelta(days=1)) == at(SPRING, 3)


def test_a_cut_off_that_the_clock_shows_twice_is_the_first_of_the_two() -> None:
    promise = scheduled(
        calendar=a_calendar(hours=WeekHours(((Span(0, 1440),),) * 7)), cut_off_min=2 * 60 + 30
    )
    cut_off_at = cut_off(promise, AUTUMN + timedelta(days=1))
    assert cut_off_at is not None
    assert cut_off_at.isoformat() == "2026-10-25T00:30:00+00:00"


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(0, 1439).flatmap(lambda a: st.tuples(st.just(a), st.integers(a + 1, 1440))),
    st.integers(5, 400),
)
def test_windows_never_overlap_and_are_ordered(timezone, day, span, minutes) -> None:
    hours = WeekHours(((Span(*span),),) * 7)
    calendar = a_calendar(timezone=timezone, hours=hours)
    promise = scheduled(calendar=calendar, window_s=minutes * 60, lead_days=0)
    now = at(day - timedelta(days=2), 12, timezone=timezone)
    windows = [one.window for one in bookable_windows([promise], now, day)]
    for one, following in itertools.pairwise(windows):
        assert one.end_at <= following.start_at
    whole = Span(*span).on(day, timezone)
    assert all(whole is not None and whole.intersect(one) == one for one in windows)


def test_a_day_that_a_zone_skipped_has_no_windows() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    assert Span(0, 1440).on(date(2011, 12, 30), "Pacific/Apia") is None
