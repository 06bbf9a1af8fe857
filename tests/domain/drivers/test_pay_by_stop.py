"""A route's pay stop by stop: whatever happened, the lines sum to it to the minor unit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.drivers.pay import (
    LineKind,
    PayRates,
    pay_of,
    waiting_of,
    with_line,
    with_tips,
)
from chalicelib.domain.drivers.pay_by_stop import (
    StopEnd,
    Visit,
    by_stop,
    route_lines,
    shared_out,
    stop_from_item,
    stop_to_item,
)
from tests.domain.drivers.test_pay import amounts, rates

visits = st.lists(
    st.builds(
        Visit,
        stop_id=st.uuids().map(str),
        kind=st.sampled_from(["pickup", "dropoff", "return"]),
        end=st.sampled_from(StopEnd),
        delivery_ids=st.just(("del_1",)),
        way_m=st.integers(0, 30_000),
        time_s=st.integers(0, 7_200),
        wait_s=st.integers(0, 3_600),
        tips_minor=st.integers(0, 2_000),
    ),
    max_size=98,
)


@given(rates, visits, st.integers(0, 200_000), st.integers(0, 36_000), amounts)
def test_the_lines_of_stops_and_of_the_route_sum_to_the_pay(
    rates: PayRates, driven: list[Visit], distance_m: int, duration_s: int, bonus: int
) -> None:
    failed = sum(one.end is StopEnd.FAILED for one in driven)
    pay = pay_of(rates, len(driven) - failed, distance_m, duration_s, bonus, failed_stops=failed)
    pay = with_line(pay, waiting_of(rates, [one.wait_s for one in driven]))
    pay = with_tips(pay, sum(one.tips_minor for one in driven))
    stops = by_stop(pay, rates, driven)
    rest = route_lines(pay, stops)
    assert [one.stop_id for one in stops] == [one.stop_id for one in driven]
    lines = sum(line.amount_minor for line in rest)
    assert sum(one.amount_minor for one in stops) + lines == pay.total_minor
    if driven:
        assert {line.kind for line in rest} <= {LineKind.GUARANTEE, LineKind.BONUS}
        assert sum(one.distance_m for one in stops) == pay.quantity_of(LineKind.DISTANCE)
        assert sum(one.duration_s for one in stops) == pay.quantity_of(LineKind.TIME)
    assert all(stop_from_item(stop_to_item(one)) == one for one in stops)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=98))
def test_nobodys_share_is_a_whole_unit_off(whole: int, weights: list[int]) -> None:
    parts = shared_out(whole, weights)
    assert sum(parts) == whole
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = whole * weight / total if total else whole / len(weights)
        assert abs(part - exact) < 1


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [1, 2, 1], [3, 5, 2]),
        (7, [0, 0], [4, 3]),
        (0, [3, 9], [0, 0]),
        (5, [0, 9], [0, 5]),
    ],
)
def test_what_is_left_goes_to_the_largest_remainder_and_then_to_the_earlier(
    whole: int, weights: list[int], parts: list[int]
) -> None:
    assert shared_out(whole, weights) == parts


def test_a_failed_stop_has_its_own_fee_and_a_tip_stays_where_it_was_given() -> None:
    rates = PayRates("EUR", 0, 100, 50, 20, failed_stop_permille=500)
    door = Visit("stp_1", "dropoff", StopEnd.DONE, ("del_1",), 1_000, 300, 0, 250)
    shut = replace(door, stop_id="stp_2", end=StopEnd.FAILED, way_m=3_000, tips_minor=0)
    pay = with_tips(pay_of(rates, 1, 4_000, 600, failed_stops=1), 250)
    first, second = by_stop(pay, rates, [door, shut])
    assert (first.fee_minor, second.fee_minor) == (100, 50)
    assert (first.distance_minor, second.distance_minor) == (50, 150)
    assert (first.tips_minor, second.tips_minor) == (250, 0)


def test_another_routes_pay_is_refused() -> None:
    rates = PayRates("EUR", per_stop_minor=100)
    door = Visit("stp_1", "dropoff", StopEnd.DONE, ("del_1",), 1_000, 300, 0, 0)
    with pytest.raises(ValueError, match="not the pay"):
        by_stop(pay_of(rates, 2, 0, 0), rates, [door])
