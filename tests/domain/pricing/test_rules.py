"""A price: what must hold for any card and job, and each rule by a figure of its own."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.pricing.model import (
    Band,
    DistanceBand,
    Job,
    Kind,
    Price,
    RateCard,
    Share,
    Tax,
    Waiting,
)
from chalicelib.domain.pricing.rules import RULES, price
from chalicelib.kit.errors import CurrencyMismatch, Invalid
from tests.domain.pricing.cards import CARDS, JOBS, a_card, a_job

MORE = st.integers(0, 50_000)


def amounts(made: Price) -> dict[str, int]:
    return {one.kind.value: one.amount_minor for one in made.components}


@given(CARDS, JOBS)
def test_no_price_and_no_sum_on_the_way_is_below_zero(card: RateCard, job: Job) -> None:
    made = price(card, job)
    running = 0
    for component in made.components:
        running += component.amount_minor
        assert running >= 0
    assert made.total_minor == running


@given(CARDS, JOBS)
def test_the_parts_sum_exactly_to_the_whole(card: RateCard, job: Job) -> None:
    """The tax that was added is a part; one that is contained is told and adds nothing."""
    made = price(card, job)
    added = 0 if card.tax.is_included else made.tax_minor
    assert made.total_minor == made.fee_minor + added
    assert made.total.amount_minor == sum(one.amount_minor for one in made.components)


@given(CARDS, JOBS, MORE)
def test_heavier_larger_farther_and_scarcer_is_never_cheaper(
    card: RateCard, job: Job, more: int
) -> None:
    plain = price(card, job).total_minor
    for dearer in (
        replace(job, weight_g=job.weight_g + more),
        replace(job, volume_ml=job.volume_ml + more),
        replace(job, distance_m=job.distance_m + more),
        replace(job, surge_permille=job.surge_permille + more % 1000),
        replace(job, cash_on_delivery_minor=job.cash_on_delivery_minor + more),
    ):
        assert price(card, dearer).total_minor >= plain


@given(CARDS, JOBS)
def test_the_same_request_has_the_same_price(card: RateCard, job: Job) -> None:
    assert price(card, job) == price(replace(card), replace(job))


@given(CARDS, JOBS)
def test_a_pickup_point_is_never_dearer_than_the_door(card: RateCard, job: Job) -> None:
    at_door = price(card, replace(job, is_pickup_point=False))
    at_point = price(card, replace(job, is_pickup_point=True))
    assert at_point.total_minor <= at_door.total_minor


@given(CARDS, CARDS, JOBS)
def test_currencies_never_mix(card: RateCard, other: RateCard, job: Job) -> None:
    one, two = price(card, job).total, price(other, job).total
    if card.currency == other.currency:
        assert (one + two).amount_minor == one.amount_minor + two.amount_minor
    else:
        with pytest.raises(CurrencyMismatch):
            one + two


@given(CARDS, JOBS)
def test_every_component_names_its_rule(card: RateCard, job: Job) -> None:
    made = price(card, job)
    assert all(one.rule == RULES[one.kind] for one in made.components)
    assert len({one.kind for one in made.components}) == len(made.components)


@pytest.mark.parametrize(
    ("changes", "kind", "amount"),
    [
        ({}, "base", 390),
        ({"distance_m": 2_000}, "distance", 0),
        ({"distance_m": 2_001}, "distance", 45),
        ({"distance_m": 3_400}, "distance", 90),
        ({"distance_m": 8_000}, "distance", 270),
        ({"distance_m": 8_001}, "distance", 270 + 100 + 60),
        ({"weight_g": 5_000}, "weight", 0),
        ({"weight_g": 5_001}, "weight", 120),
        ({"weight_g": 99_000}, "weight", 300),
        # 25,001 ml are paid like 5,001 g.
        ({"volume_ml": 25_001}, "weight", 120),
        ({"volume_ml": 60_001}, "size", 210),
        ({"window_s": 3_600}, "window", 250),
        ({"window_s": 10_800}, "window", 80),
        ({"window_s": 10_801}, "window", 0),
        ({"zone_id": "zon_island"}, "zone", 170),
        # 20 % of 390 + 90.
        ({"surge_permille": 1_200}, "surge", 96),
        # The card's own bound is 1.5.
        ({"surge_permille": 1_900}, "surge", 240),
        ({"is_pickup_point": True}, "pickup_point_discount", -96),
        ({"cash_on_delivery_minor": 4_950}, "cash_on_delivery", 150 + 50),
        # 19 % of 480 is 91.2.
        ({}, "tax", 91),
    ],
)
def test_each_rule_by_a_figure(changes: dict[str, Any], kind: str, amount: int) -> None:
    assert amounts(price(a_card(), a_job(**changes)))[kind] == amount


def test_rules_that_a_card_lacks_leave_no_component() -> None:
    bare = RateCard(currency="EUR", base_minor=500)
    job = a_job(zone_id="zon_island", surge_permille=2000, is_pickup_point=True)
    assert amounts(price(bare, job)) == {"base": 500}


def test_a_surge_shows_what_it_was_made_from() -> None:
    job = a_job(surge_permille=1_200, surge_inputs={"open_stops": 40, "free_capacity_stops": 20})
    (surge,) = [one for one in price(a_card(), job).components if one.kind is Kind.SURGE]
    assert surge.inputs["open_stops"] == 40
    assert surge.inputs["sum_minor"] == 480


@pytest.mark.parametrize(
    ("tax", "fee", "total", "contained"),
    [
        (Tax(190), 50, 60, 10),  # 9.5 is 10: halves go up
        (Tax(190, is_included=True), 119, 119, 19),
        (Tax(200, is_included=True), 3, 3, 1),  # 0.5 is 1
        (Tax(0), 50, 50, 0),
    ],
)
def test_tax_is_rounded_once_half_up(tax: Tax, fee: int, total: int, contained: int) -> None:
    made = price(RateCard(currency="EUR", base_minor=fee, tax=tax), a_job())
    assert (made.fee_minor, made.total_minor, made.tax_minor) == (fee, total, contained)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "euro"}, "currency"),
        ({"base_minor": -1}, "base_minor"),
        ({"distance": (DistanceBand(5, 0, 0), DistanceBand(5, 0, 0))}, "distance.1.from_m"),
        ({"weight": (Band(5, 0),)}, "weight.0.up_to"),
        ({"weight": (Band(None, 0), Band(None, 0))}, "weight.0.up_to"),
        ({"weight": (Band(5, 0), Band(5, 0), Band(None, 0))}, "weight.1.up_to"),
        ({"weight": (Band(5, 10), Band(None, 9))}, "weight.1.amount_minor"),
        ({"size": (Band(5, 10), Band(None, 9))}, "size.1.amount_minor"),
        ({"zones": {"zon_1": -1}}, "zones.zon_1"),
        ({"redelivery": Share(-1)}, "redelivery"),
        ({"pickup_point_discount": Share(0, 1001)}, "pickup_point_discount"),
        ({"waiting_at_door": Waiting(-1, 0, 0)}, "waiting_at_door"),
        ({"tax": Tax(1001)}, "tax.permille"),
        ({"most_surge_permille": 2001}, "most_surge_permille"),
        ({"most_surge_permille": 999}, "most_surge_permille"),
    ],
)
def test_a_card_that_cannot_be_right_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_card(**changes)
    assert refused.value.fields[0]["field"] == field


def test_a_shorter_window_may_cost_more() -> None:
    assert a_card(window=(Band(3_600, 500), Band(None, 0))).window[0].amount_minor == 500
