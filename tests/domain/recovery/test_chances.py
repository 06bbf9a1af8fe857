"""How likely the next visit fails: a prior that gives way to what a hub has seen."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.recovery.chances import (
    PRIORS_PERMILLE,
    Experience,
    PartOfDay,
    fails_again_permille,
    part_of_day,
)

ABSENT = FailureReason.CUSTOMER_UNAVAILABLE


def test_a_new_hub_goes_by_the_prior() -> None:
    assert Experience("hub_1").rate_permille(ABSENT) == PRIORS_PERMILLE[ABSENT]


def test_forty_visits_weigh_as_much_as_the_prior_and_four_hundred_outweigh_it() -> None:
    seen = Experience("hub_1")
    for _ in range(40):
        seen = seen.with_visit(ABSENT, failed=False)
    assert seen.rate_permille(ABSENT) == PRIORS_PERMILLE[ABSENT] // 2
    for _ in range(360):
        seen = seen.with_visit(ABSENT, failed=False)
    assert seen.rate_permille(ABSENT) < 20


def test_one_reason_teaches_nothing_about_another() -> None:
    seen = Experience("hub_1").with_visit(ABSENT, failed=True)
    other = FailureReason.WRONG_ADDRESS
    assert seen.rate_permille(other) == PRIORS_PERMILLE[other]


@given(st.lists(st.booleans(), max_size=30), st.booleans())
def test_a_visit_that_is_taken_back_leaves_no_trace(before: list[bool], failed: bool) -> None:
    seen = Experience("hub_1")
    for one in before:
        seen = seen.with_visit(ABSENT, failed=one)
    again = seen.with_visit(ABSENT, failed=failed).with_visit(ABSENT, failed=failed, times=-1)
    assert again.rate_permille(ABSENT) == seen.rate_permille(ABSENT)


def test_another_part_of_the_day_is_better_for_whoever_was_out() -> None:
    same = fails_again_permille(200, ABSENT, PartOfDay.MORNING, PartOfDay.MORNING)
    other = fails_again_permille(200, ABSENT, PartOfDay.MORNING, PartOfDay.EVENING)
    assert other < 200 < same
    storm = FailureReason.WEATHER
    assert fails_again_permille(100, storm, PartOfDay.MORNING, PartOfDay.MORNING) == 100


def test_the_part_of_the_day_is_the_hubs_own() -> None:
    at = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
    assert part_of_day(at, "Europe/Berlin") is PartOfDay.AFTERNOON
    assert part_of_day(at, "America/New_York") is PartOfDay.MORNING
