"""CO2e: the whole of a round, its way back as the operator says, shared out by items and way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.analytics.emissions import Factor, Load, round_mg, shared_out

VAN = Factor(200, 300, 1_000_000)


def test_an_empty_way_back_counts_as_the_operator_says() -> None:
    there = round_mg(VAN, 10_000, 5_000, 0, 0)
    assert there == 2_000_000
    assert round_mg(VAN, 10_000, 5_000, 0, 1000) == there + 1_000_000
    assert round_mg(VAN, 10_000, 5_000, 0, 500) == there + 500_000


def test_a_load_counts_half_since_a_round_empties_as_it_goes() -> None:
    assert round_mg(VAN, 10_000, 0, 1_000_000, 1000) == 2_500_000
    assert round_mg(VAN, 10_000, 0, 9_000_000, 1000) == 3_000_000


def test_a_parcel_pays_for_its_direct_way_and_not_for_the_order_of_the_stops() -> None:
    near, far, two = Load(1, 1_000), Load(1, 3_000), Load(2, 1_000)
    parts = shared_out(1_200, [one.activity for one in (near, far, two)])
    assert parts == [200, 600, 400]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=98))
def test_parts_sum_to_the_whole(total, weights) -> None:
    parts = shared_out(total, weights)
    assert sum(parts) == (total if sum(weights) else 0)
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize("numbers", [(-1, 3, 1), (3, 2, 1), (1, 2, 0)])
def test_a_factor_that_cannot_be_is_refused(numbers) -> None:
    with pytest.raises(ValueError, match="full vehicle"):
        Factor(*numbers)
