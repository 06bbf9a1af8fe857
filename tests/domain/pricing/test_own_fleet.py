"""Own vans, the network, or a carrier: what the calculator answers, on what was simulated."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.domain.pricing import own_fleet
from chalicelib.domain.pricing.own_fleet import USUAL, Choice, own_fleet_or_pooled


@pytest.mark.parametrize("network", own_fleet.network_sizes())
def test_an_own_fleet_gets_cheaper_with_each_step_that_was_driven(network: int) -> None:
    steps = sorted(own_fleet.measured().own)
    costs = [own_fleet_or_pooled(one, network_per_day=network).own.mean for one in steps]
    assert costs == sorted(costs, reverse=True)


def test_whoever_sends_little_pools_or_takes_a_carrier_and_whoever_sends_a_lot_drives() -> None:
    bests = [own_fleet_or_pooled(one).best for one in own_fleet.volumes()]
    assert bests[0] is Choice.CARRIER
    assert bests[20] is Choice.POOLED
    assert bests[-1] is Choice.OWN_FLEET
    turns = [here for before, here in pairwise(bests) if here is not before]
    assert turns == [Choice.POOLED, Choice.OWN_FLEET]


@pytest.mark.parametrize("network", own_fleet.network_sizes())
def test_the_break_even_is_where_the_two_curves_cross(network: int) -> None:
    volume = own_fleet.break_even(network)
    assert volume is not None
    before = own_fleet_or_pooled(volume - 1, network_per_day=network)
    after = own_fleet_or_pooled(volume, network_per_day=network)
    assert before.saves_percent >= 0 > after.saves_percent
    assert after.break_even_per_day == volume


def test_a_denser_network_is_cheaper() -> None:
    sizes = own_fleet.network_sizes()
    costs = [own_fleet_or_pooled(60, network_per_day=one).pooled.mean for one in sizes]
    assert costs == sorted(costs, reverse=True)


def test_other_prices_give_another_answer() -> None:
    usual = own_fleet_or_pooled(60)
    dear = own_fleet_or_pooled(60, prices=replace(USUAL, margin_percent=120))
    assert dear.pooled.mean == pytest.approx(usual.pooled.mean * 220 / 120)
    assert dear.own == usual.own
    shifts = own_fleet_or_pooled(5, prices=replace(USUAL, pays_least_shift=True))
    assert shifts.own.mean > own_fleet_or_pooled(5).own.mean
    cheap_carrier = replace(USUAL, carrier=((1, 100),))
    assert own_fleet_or_pooled(60, prices=cheap_carrier).best is Choice.CARRIER


def test_a_network_too_dear_for_everybody_has_no_customers() -> None:
    greedy = replace(USUAL, margin_percent=10_000)
    assert own_fleet.break_even(600, greedy) == own_fleet.volumes()[0]
    free = replace(USUAL, hour_minor=0, van_day_minor=0, km_minor=0, sorting_minor=0)
    assert own_fleet.break_even(600, free) is None
    assert own_fleet_or_pooled(60, prices=free).saves_percent == 0


def test_between_two_sizes_the_curve_is_a_line_on_logarithms() -> None:
    middle = own_fleet.between([10, 1_000], {10: 8.0, 1_000: 2.0}.__getitem__, 100)
    assert math.isclose(middle, 4.0)


@pytest.mark.parametrize(("volume", "network"), [(0, 600), (801, 600), (60, 601)])
def test_what_was_not_simulated_is_not_guessed(volume: int, network: int) -> None:
    with pytest.raises(ValueError, match="nothing of that size"):
        own_fleet_or_pooled(volume, network_per_day=network)
