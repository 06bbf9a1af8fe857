"""The costed choice: what it costs, what is out of the question, and what wins."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.recovery_rules import USUAL, Remedy
from chalicelib.domain.recovery.choices import (
    POINTLESS,
    USUAL_RATES,
    Again,
    Facts,
    Point,
    Way,
    choose,
    weigh,
)
from chalicelib.domain.recovery.model import Term, Weighed, WhyNot
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON

LATER = TimeWindow(NOON, NOON + timedelta(hours=6))
TOMORROW = LATER.shift(timedelta(days=1))
NEAR = Point("pup_near", 300, Way(120, 400))


def facts(**changes: Any) -> Facts:
    usual = Facts(
        reason=FailureReason.CUSTOMER_UNAVAILABLE,
        attempts_left=2,
        rules=USUAL,
        rates=USUAL_RATES,
        is_on_road=True,
        door=Way(60, 0),
        points=(NEAR,),
        today=Again(LATER, 260),
        another=Again(TOMORROW, 160),
    )
    return replace(usual, **changes)


def of(options: tuple[Weighed, ...], remedy: Remedy) -> Weighed:
    return next(one for one in options if one.remedy is remedy)


def best(**changes: Any) -> Remedy:
    told = facts(**changes)
    return choose(weigh(told), told.wished).remedy


def test_a_locker_close_by_on_the_way_is_cheaper_than_another_visit() -> None:
    assert best() is Remedy.POINT_ON_TOUR


def test_a_locker_far_off_the_tour_is_dearer_than_driving_again() -> None:
    assert best(points=(Point("pup_far", 1400, Way(1500, 9000)),)) is not Remedy.POINT_ON_TOUR


def test_the_worked_example_of_the_page_is_what_the_code_says() -> None:
    """docs/recovery.md shows these figures."""
    options = weigh(facts())
    shown = {one.remedy: one.cost_minor for one in options if one.is_allowed}
    assert shown == {
        Remedy.POINT_ON_TOUR: 229,
        Remedy.AGAIN_TODAY: 365,
        Remedy.ANOTHER_DAY: 473,
        Remedy.PICKUP_POINT: 326,
        Remedy.RETURN: 901,
    }
    assert of(options, Remedy.ANOTHER_DAY).terms == {
        Term.ANOTHER_VISIT: 202,
        Term.FAILS_AGAIN: 55,
        Term.LOST_SALE: 16,
        Term.TROUBLE: 200,
    }


@pytest.mark.parametrize("reason", sorted(POINTLESS))
def test_an_answer_or_a_wrong_thing_goes_back(reason: FailureReason) -> None:
    assert best(reason=reason) is Remedy.RETURN
    assert best(reason=reason, wished=Remedy.ANOTHER_DAY) is Remedy.RETURN


def test_what_nobody_has_is_written_off_and_nothing_else_is() -> None:
    options = weigh(facts(reason=FailureReason.PACKAGE_LOST))
    assert [one.remedy for one in options if one.is_allowed] == [Remedy.WRITE_OFF]
    assert of(weigh(facts()), Remedy.WRITE_OFF).why_not is WhyNot.NOT_LOST


def test_without_attempts_left_no_door_is_tried_again() -> None:
    options = weigh(facts(attempts_left=0))
    for remedy in (Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY):
        assert of(options, remedy).why_not is WhyNot.NO_ATTEMPTS_LEFT
    assert best(attempts_left=0) is Remedy.POINT_ON_TOUR


def test_a_merchant_that_wants_everything_back_gets_it() -> None:
    rules = replace(USUAL, always_returns=True)
    assert best(rules=rules) is Remedy.RETURN
    assert best(rules=rules, wished=Remedy.PICKUP_POINT) is Remedy.RETURN


def test_what_a_merchant_forbids_is_not_done() -> None:
    rules = replace(USUAL, allows=(Remedy.ANOTHER_DAY,))
    assert best(rules=rules) is Remedy.ANOTHER_DAY
    assert of(weigh(facts(rules=rules)), Remedy.POINT_ON_TOUR).why_not is WhyNot.FORBIDDEN


def test_something_cheap_may_be_thrown_away_where_that_is_allowed() -> None:
    rules = replace(
        USUAL, allows=(Remedy.DISPOSE,), goods_minor=20, dispose_below_minor=500, lost_sale_minor=0
    )
    assert best(rules=rules) is Remedy.DISPOSE
    assert best(rules=replace(rules, goods_minor=500)) is Remedy.RETURN
    assert best(rules=replace(rules, allows=())) is Remedy.RETURN


def test_a_safe_place_needs_the_recipients_word_and_nobodys_signature() -> None:
    assert of(weigh(facts()), Remedy.SAFE_PLACE).why_not is WhyNot.NOT_WISHED
    assert best(wished=Remedy.SAFE_PLACE) is Remedy.SAFE_PLACE
    signed = weigh(facts(wished=Remedy.SAFE_PLACE, leaves_alone=False))
    assert of(signed, Remedy.SAFE_PLACE).why_not is WhyNot.NEEDS_RECIPIENT


def test_an_age_is_checked_by_a_person_so_no_locker_will_do() -> None:
    options = weigh(facts(needs_a_check=True))
    for remedy in (Remedy.POINT_ON_TOUR, Remedy.PICKUP_POINT):
        assert of(options, remedy).why_not is WhyNot.NEEDS_RECIPIENT


def test_nobody_elses_promise_is_broken_for_it() -> None:
    late = Point("pup_late", 100, Way(60, 100, makes_late=True))
    assert of(weigh(facts(points=(late,))), Remedy.POINT_ON_TOUR).why_not is WhyNot.LATE


def test_of_two_lockers_the_one_that_keeps_promises_and_costs_less_is_taken() -> None:
    late = Point("pup_late", 10, Way(0, 0, makes_late=True))
    options = weigh(facts(points=(late, Point("pup_b", 900, Way(100, 300)), NEAR)))
    assert of(options, Remedy.POINT_ON_TOUR).point_id == "pup_near"


def test_a_long_walk_is_only_for_those_who_ask_for_it() -> None:
    far = (Point("pup_far", 5000, Way(0, 0)),)
    assert of(weigh(facts(points=far)), Remedy.POINT_ON_TOUR).why_not is WhyNot.TOO_FAR
    assert best(points=far, wished=Remedy.PICKUP_POINT) is Remedy.POINT_ON_TOUR


def test_whoever_wishes_for_a_point_gets_the_one_that_was_named() -> None:
    points = (NEAR, Point("pup_other", 800, Way(300, 900)))
    told = facts(points=points, wished=Remedy.PICKUP_POINT, point_id="pup_other")
    assert choose(weigh(told), told.wished).point_id == "pup_other"


def test_a_tour_gives_one_second_chance() -> None:
    options = weigh(facts(tried_on_tour=True, wished=Remedy.SAFE_PLACE))
    for remedy in (Remedy.SAFE_PLACE, Remedy.POINT_ON_TOUR):
        assert of(options, remedy).why_not is WhyNot.TRIED


def test_off_the_road_nothing_is_done_on_the_road() -> None:
    options = weigh(facts(is_on_road=False, door=None, points=(Point("pup_near", 300),)))
    assert of(options, Remedy.POINT_ON_TOUR).why_not is WhyNot.NOT_ON_THE_ROAD
    assert of(options, Remedy.PICKUP_POINT).is_allowed


def test_what_we_caused_is_to_trouble_the_recipient_less() -> None:
    ours, theirs = FailureReason.WEATHER, FailureReason.CUSTOMER_UNAVAILABLE
    costs = [
        of(weigh(facts(reason=reason)), Remedy.ANOTHER_DAY).terms[Term.TROUBLE]
        for reason in (ours, theirs)
    ]
    assert costs[0] == 2 * costs[1]


def test_the_likelier_it_fails_again_the_dearer_is_trying() -> None:
    costs = [
        of(weigh(facts(another=Again(TOMORROW, permille))), Remedy.ANOTHER_DAY).cost_minor
        for permille in range(0, 1000, 50)
    ]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


@given(
    reason=st.sampled_from(FailureReason),
    attempts_left=st.integers(0, 3),
    tries_left=st.integers(0, 6),
    wished=st.sampled_from([None, *Remedy]),
    on_road=st.booleans(),
    allows=st.sets(st.sampled_from(Remedy)),
    always_returns=st.booleans(),
    points=st.lists(
        st.builds(
            Point,
            st.sampled_from(["pup_a", "pup_b"]),
            st.integers(0, 9000),
            st.none() | st.builds(Way, st.integers(0, 4000), st.integers(0, 30_000), st.booleans()),
        ),
        max_size=3,
    ),
    alone=st.booleans(),
    checked=st.booleans(),
)
def test_something_is_always_possible_and_the_choice_is_allowed(
    reason: FailureReason,
    attempts_left: int,
    tries_left: int,
    wished: Remedy | None,
    on_road: bool,
    allows: set[Remedy],
    always_returns: bool,
    points: list[Point],
    alone: bool,
    checked: bool,
) -> None:
    rules = replace(USUAL, allows=tuple(allows), always_returns=always_returns)
    told = facts(
        reason=reason,
        attempts_left=attempts_left,
        tries_left=tries_left,
        wished=wished,
        is_on_road=on_road,
        door=Way(0, 0) if on_road else None,
        rules=rules,
        points=tuple(points if on_road else [replace(one, way=None) for one in points]),
        leaves_alone=alone,
        needs_a_check=checked,
    )
    options = weigh(told)
    assert [one.remedy for one in options] == list(Remedy)
    chosen = choose(options, wished)
    assert chosen.is_allowed
    assert all(amount > 0 for one in options for amount in one.terms.values())
    allowed = {one.remedy for one in options if one.is_allowed}
    if wished in allowed - {Remedy.POINT_ON_TOUR, Remedy.PICKUP_POINT}:
        assert chosen.remedy is wished
    if wished is None:
        assert chosen.cost_minor == min(of(options, one).cost_minor for one in allowed)


def test_every_remedy_that_is_forbidden_says_so_once_everything_else_is_well() -> None:
    for remedy, always in product(Remedy, (False, True)):
        rules = replace(USUAL, allows=(), always_returns=always)
        one = of(weigh(facts(rules=rules, wished=remedy)), remedy)
        assert one.is_allowed is (remedy is Remedy.RETURN)
