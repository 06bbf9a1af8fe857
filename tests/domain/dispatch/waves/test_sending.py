"""What waiting costs, and which routes leave."""

import math
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.dispatch.reasons import MustGo, Sent
from chalicelib.domain.dispatch.waves import sending
from chalicelib.domain.dispatch.waves.sending import Load
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.problem import MANDATORY_PENALTY

RULES = WaveRules()
SECONDS = st.integers(0, 7 * 86_400)


def test_what_can_wait_is_worth_less_with_every_hour() -> None:
    hours = [sending.prize(RULES, 100_000, hour * 3600) for hour in range(4)]
    assert hours[0] == 2_000_000
    falls = [later / sooner for sooner, later in pairwise(hours)]
    assert falls == pytest.approx([math.exp(-0.9)] * 3, abs=1e-4)


@given(near=st.integers(0, 10**7), spare=SECONDS, more=SECONDS)
def test_more_time_never_makes_a_delivery_dearer_to_leave(near: int, spare: int, more: int) -> None:
    assert sending.prize(RULES, near, spare + more) <= sending.prize(RULES, near, spare)


@given(near=st.integers(0, 10**12), spare=st.integers(-(10**6), 10**6))
def test_no_prize_passes_the_price_of_what_must_go(near: int, spare: int) -> None:
    assert 0 <= sending.prize(RULES, near, spare) <= MANDATORY_PENALTY


@pytest.mark.parametrize(
    ("legs", "near"),
    [((), 0), ((70,), 70), ((9, 1, 2, 3, 4, 5), 3), (iter([5, 1000, 5, 5, 5, 5, 2000]), 5)],
)
def test_density_is_the_mean_way_to_the_five_nearest(legs: Iterable[int], near: int) -> None:
    assert sending.density(legs) == near


def test_what_would_be_late_a_tick_later_has_no_time_to_spare() -> None:
    """Handing over in 60 minutes, 50 minutes away: the tick in 10 minutes is the last."""
    assert sending.spare_s(3600, 3000, 600) == 0
    assert sending.spare_s(3600, 3000, 601) < 0


@pytest.mark.parametrize(
    ("must", "full", "sent"),
    [
        ([], 79, None),
        ([], 80, Sent.FULL),
        ([MustGo.PROMISE], 1, Sent.MUST_GO),
        ([MustGo.CUT_OFF, MustGo.CUT_OFF], 99, Sent.CUT_OFF),
        ([MustGo.CUT_OFF, MustGo.DRIVERS], 10, Sent.MUST_GO),
    ],
)
def test_a_route_leaves_for_what_must_go_or_because_it_is_full(
    must: list[MustGo], full: int, sent: Sent | None
) -> None:
    assert sending.why_leave(RULES, must, full) is sent


def test_a_hub_that_does_not_hold_back_sends_everything() -> None:
    assert sending.why_leave(WaveRules(holds_back=False), [], 0) is Sent.NO_WAITING


def test_what_is_used_up_most_makes_a_route_full() -> None:
    loads = [Load(40, 100), Load(83, 100), Load(7, 0), Load(199, 300)]
    assert sending.full_percent(loads) == 83
    assert sending.full_percent([]) == 0
