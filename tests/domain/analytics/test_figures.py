"""Figures: right for nothing and for much, and the same however the facts are cut up."""

from fractions import Fraction
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.analytics import figures, spreads, totals
from chalicelib.domain.analytics.definitions import BY_ID, DEFINITIONS, Unit
from chalicelib.domain.analytics.figures import Figure, gini
from tests.domain.analytics.facts import a_crew_day, a_fact, a_route_fact, a_share


def test_nothing_has_no_value_and_never_a_nought() -> None:
    made = figures.of([])
    assert {one.id: one.value for one in made.figures if one.value is not None} == {
        "deliveries": 0,
        "failed_attempts": 0,
    }
    assert made.of("on_time_rate") == Figure("on_time_rate", None, 0, 0, 0)
    assert made.of("earnings_gini") == Figure("earnings_gini", None, 0)


def test_a_rate_says_of_how_many() -> None:
    late = a_fact(on_time=False)
    gone = a_fact(status="cancelled", on_time=None, order_to_door_s=None, attempts=0)
    made = figures.of([a_fact(), a_fact(), late, gone])
    assert made.of("on_time_rate") == Figure("on_time_rate", 0.6667, 3, 2, 3)
    assert made.of("deliveries").value == 4
    assert made.outcomes == {"cancelled": 1, "delivered": 3}


def test_the_door_and_the_pickup_point_are_told_apart() -> None:
    point = a_fact(status="collected", at_point=True, on_time=False, attempts=0)
    made = figures.of([a_fact(), point])
    assert made.of("on_time_rate").value == 1
    assert made.of("point_on_time_rate") == Figure("point_on_time_rate", 0, 1, 0, 1)
    assert made.of("first_attempt_rate").n == 1


def test_a_second_try_is_no_first_success() -> None:
    again = a_fact(attempts=2, failures=("customer_unavailable",))
    back = a_fact(status="returned", on_time=None, attempts=1, failures=("customer_refused",))
    made = figures.of([a_fact(), again, back])
    assert made.of("first_attempt_rate") == Figure("first_attempt_rate", 0.3333, 3, 1, 3)
    assert made.of("failed_attempts").value == 2
    assert made.failure_reasons == {"customer_refused": 1, "customer_unavailable": 1}


def test_percentiles_are_of_whole_minutes_by_nearest_rank() -> None:
    made = figures.of([a_fact(order_to_door_s=60 * n + 59) for n in range(1, 11)])
    assert made.of("order_to_door_p50_s").value == 300
    assert made.of("order_to_door_p90_s").value == 540
    assert made.of("order_to_door_mean_s").value == 389


def test_money_is_told_by_currency() -> None:
    made = figures.of([a_fact(), a_fact(net_minor=510), a_fact(net_minor=700, currency="USD")])
    assert made.of("price_per_delivery_minor", currency="EUR").value == 500
    assert made.of("price_per_delivery_minor", currency="USD").n == 1


def test_a_route_is_told_by_what_it_brought() -> None:
    failed = a_share(delivery_id="del_3", brought=False, distance_m=3_000, cost_minor=0)
    route = a_route_fact(shares=(a_share(), failed), distance_m=6_000)
    made = figures.of([], [route])
    assert made.of("distance_per_delivery_m").value == 6_000
    assert made.of("cost_per_delivery_minor").value == 300
    assert made.of("stops_per_hour") == Figure("stops_per_hour", 4, 1, 2, 1800)
    assert made.of("co2e_per_parcel_g") == Figure("co2e_per_parcel_g", 1500, 1, 1500, 1)


def test_forecasts_are_told_by_horizon() -> None:
    made = figures.of([], [a_route_fact()])
    near, far = (
        made.of("eta_error_p50_s", horizon_min=0),
        made.of("eta_error_p50_s", horizon_min=20),
    )
    assert (near.value, far.value) == (60, 180)


def test_earnings_and_fairness_are_of_drivers_who_were_there() -> None:
    crew = [a_crew_day(), a_crew_day("drv_2", earned_minor=1000), a_crew_day("drv_3", online_s=60)]
    made = figures.of([], [a_route_fact()], crew)
    assert made.of("earnings_per_hour_minor") == Figure(
        "earnings_per_hour_minor", 1000, 2, 4000, 14_400, "EUR"
    )
    assert made.of("earnings_per_hour_p10_minor").value == 500
    assert made.of("earnings_per_hour_p90_minor").value == 1500
    assert made.of("earnings_gini").value == 0.25
    assert made.of("utilisation").value == round(1800 / 14_460, 4)


facts_ = st.builds(
    a_fact,
    status=st.sampled_from(["delivered", "collected", "returned", "cancelled"]),
    on_time=st.sampled_from([True, False, None]),
    order_to_door_s=st.none() | st.integers(0, 2_000_000),
    attempts=st.integers(0, 4),
    failures=st.lists(st.sampled_from(["weather", "other"]), max_size=3).map(tuple),
    at_point=st.booleans(),
    currency=st.sampled_from(["EUR", "USD", None]),
    texts=st.integers(0, 9),
)
routes_ = st.builds(
    a_route_fact,
    duration_s=st.integers(0, 40_000),
    eta_errors=st.lists(st.tuples(st.integers(0, 9_000), st.integers(-9_000, 9_000))).map(tuple),
)
crew_ = st.builds(a_crew_day, st.sampled_from(["drv_1", "drv_2"]), online_s=st.integers(0, 30_000))
days_ = st.tuples(*(st.lists(one, max_size=5) for one in (facts_, routes_, crew_)))


@given(days_, days_)
def test_two_days_add_up_to_what_both_are_together(one, other) -> None:
    together = [left + right for left, right in zip(one, other, strict=True)]
    assert totals.of(*one) + totals.of(*other) == totals.of(*together)
    assert figures.from_totals(totals.of(*one) + totals.of(*other)) == figures.of(*together)


@given(days_)
def test_every_ratio_is_its_numerator_over_its_denominator(day) -> None:
    for one in figures.of(*day).figures:
        assert one.id in BY_ID
        if one.unit is Unit.RATIO and one.numerator is not None and one.denominator:
            assert one.value == round(one.numerator / one.denominator, 4)


@given(st.lists(st.integers(0, 2_000_000), min_size=1), st.sampled_from([10, 50, 90]))
def test_a_percentile_has_its_share_below_it(values, percent) -> None:
    spread = spreads.count(map(spreads.minute_bin, values))
    found = spreads.percentile(spread, percent)
    at_most = sum(spreads.minute_bin(value) <= found for value in values)
    below = sum(spreads.minute_bin(value) < found for value in values)
    assert Fraction(below, len(values)) < Fraction(percent, 100) <= Fraction(at_most, len(values))
    assert len(spread) <= 900


@pytest.mark.parametrize(
    ("values", "expected"), [([], None), ([0, 0], None), ([5, 5, 5], 0), ([0, 0, 0, 8], 0.75)]
)
def test_the_gini_coefficient_of_what_is_known(values, expected) -> None:
    assert gini(values) == expected


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(values) -> None:
    differences = mean(abs(a - b) for a in values for b in values)
    assert gini(values) == pytest.approx(differences / 2 / mean(values), abs=1e-4)


def test_every_figure_is_defined_once() -> None:
    assert len(BY_ID) == len(DEFINITIONS)
    assert all(one.what and one.over and one.without for one in DEFINITIONS)
