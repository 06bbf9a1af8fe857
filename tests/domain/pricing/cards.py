"""Rate cards and jobs to price: a full example, and any that hypothesis can think of."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.pricing.model import (
    Band,
    DistanceBand,
    Job,
    RateCard,
    Share,
    Tax,
    Waiting,
)

AMOUNTS = st.integers(0, 5_000)
SHARES = st.builds(Share, AMOUNTS, st.integers(0, 1000))


def a_card(**changes: Any) -> RateCard:
    """Every rule is set, each with a figure that no other rule has."""
    card = RateCard(
        currency="EUR",
        base_minor=390,
        distance=(DistanceBand(2_000, 0, 45), DistanceBand(8_000, 100, 60)),
        weight=(Band(5_000, 0), Band(15_000, 120), Band(None, 300)),
        size=(Band(60_000, 0), Band(None, 210)),
        window=(Band(3_600, 250), Band(10_800, 80), Band(None, 0)),
        zones={"zon_island": 170},
        volumetric_ml_per_kg=5000,
        most_surge_permille=1500,
        pickup_point_discount=Share(permille=200),
        cash_on_delivery=Share(150, 10),
        redelivery=Share(permille=500),
        return_leg=Share(permille=600),
        cancellation=Share(200),
        waiting_at_pickup=Waiting(600, 35, 30),
        waiting_at_door=Waiting(480, 30, 20),
        tax=Tax(190),
    )
    return replace(card, **changes)


def a_job(**changes: Any) -> Job:
    job = Job(distance_m=3_400, weight_g=1_200, volume_ml=4_000, zone_id=None, window_s=8 * 3_600)
    return replace(job, **changes)


def _limits(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 100_000), min_size=count, max_size=count, unique=True).map(
        sorted
    )


@st.composite
def bands(draw: st.DrawFn, *, rising: bool = True) -> tuple[Band, ...]:
    count = draw(st.integers(0, 4))
    if count == 0:
        return ()
    limits = draw(_limits(count - 1))
    amounts = draw(st.lists(AMOUNTS, min_size=count, max_size=count))
    if rising:
        amounts.sort()
    return tuple(
        Band(limit, amount) for limit, amount in zip([*limits, None], amounts, strict=True)
    )


@st.composite
def distance_bands(draw: st.DrawFn) -> tuple[DistanceBand, ...]:
    limits = draw(_limits(draw(st.integers(0, 4))))
    return tuple(DistanceBand(limit - 1, draw(AMOUNTS), draw(AMOUNTS)) for limit in limits)


CARDS = st.builds(
    RateCard,
    currency=st.sampled_from(["EUR", "USD", "JPY"]),
    base_minor=AMOUNTS,
    distance=distance_bands(),
    weight=bands(),
    size=bands(),
    window=bands(rising=False),
    zones=st.dictionaries(st.sampled_from(["zon_1", "zon_2"]), AMOUNTS),
    volumetric_ml_per_kg=st.sampled_from([0, 1, 4000, 5000, 6000]),
    most_surge_permille=st.integers(1000, 2000),
    pickup_point_discount=SHARES,
    cash_on_delivery=SHARES,
    redelivery=SHARES,
    return_leg=SHARES,
    cancellation=SHARES,
    waiting_at_pickup=st.none()
    | st.builds(Waiting, st.integers(0, 1200), AMOUNTS, st.integers(0, 60)),
    waiting_at_door=st.none()
    | st.builds(Waiting, st.integers(0, 1200), AMOUNTS, st.integers(0, 60)),
    tax=st.builds(Tax, st.integers(0, 300), st.booleans()),
)
JOBS = st.builds(
    Job,
    distance_m=st.integers(0, 120_000),
    weight_g=st.integers(0, 120_000),
    volume_ml=st.integers(0, 120_000),
    zone_id=st.none() | st.sampled_from(["zon_1", "zon_2", "zon_3"]),
    window_s=st.integers(0, 120_000),
    surge_permille=st.integers(0, 3000),
    cash_on_delivery_minor=st.just(0) | st.integers(0, 100_000),
    is_pickup_point=st.booleans(),
)
