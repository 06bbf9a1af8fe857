"""What drivers took corrects the model: by distance and hour, slowly at first, never by a jump."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing import calibration, travel
from chalicelib.domain.routing.calibration import FULL, NONE, Counts, Sample, calibrate
from chalicelib.kit.geo import LatLng

DAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
RUSH = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
HERE = LatLng(52.52, 13.40)


def legs(count: int, crow_m: int = 1500, ratio: float = 1.5, at: datetime = DAY) -> list[Sample]:
    return [Sample(crow_m, at, 300, round(300 * ratio)) for _ in range(count)]


def factor(counts: Counts, km: float, at: datetime = DAY) -> float:
    """What a leg of so many kilometres takes, over what the model alone says."""
    points = [HERE, LatLng(52.52 + km / 111.195, 13.40)]
    roads = travel.calibrated({"car": calibrate(counts)})
    plain = travel.matrix(points, at, "car").duration_s[0][1]
    return roads(points, at, "car").duration_s[0][1] / plain


def test_a_town_of_which_nothing_is_known_is_as_the_model_says() -> None:
    assert calibrate(Counts()) == NONE
    points = [HERE, LatLng(52.53, 13.42), LatLng(52.6, 13.6)]
    assert travel.calibrated({"car": NONE})(points, RUSH, "car") == travel.matrix(
        points, RUSH, "car"
    )


def test_many_legs_are_believed_and_few_are_hardly() -> None:
    assert factor(Counts().with_samples(legs(300)), 1.5) == pytest.approx(1.5, abs=0.06)
    assert 1.0 < factor(Counts().with_samples(legs(2)), 1.5) < 1.1


def test_what_one_band_learned_the_others_take_for_likely() -> None:
    counts = Counts().with_samples(legs(300))
    assert factor(counts, 6.0) == pytest.approx(1.5, abs=0.08)
    mixed = counts.with_samples(legs(300, crow_m=6000, ratio=1.0))
    assert factor(mixed, 1.5) > 1.4
    assert factor(mixed, 6.0) < 1.1


def test_hours_are_told_apart() -> None:
    counts = Counts().with_samples([*legs(300, ratio=1.0), *legs(300, ratio=1.8, at=RUSH)])
    assert factor(counts, 1.5) < 1.1
    assert factor(counts, 1.5, RUSH) > 1.65


def test_breaks_and_late_taps_do_not_count() -> None:
    counts = Counts().with_samples(legs(100, ratio=1.2))
    with_breaks = counts.with_samples([*legs(20, ratio=3.5), *legs(80, ratio=30)])
    assert with_breaks.size == counts.size + 20
    assert factor(with_breaks, 1.5) == pytest.approx(factor(counts, 1.5), abs=0.04)


@pytest.mark.parametrize(
    "sample", [Sample(20, DAY, 60, 90), Sample(900, DAY, 0, 90), Sample(900, DAY, 60, -5)]
)
def test_legs_that_say_nothing_are_left_out(sample: Sample) -> None:
    assert Counts().with_samples([sample]).size == 0


def test_what_was_long_ago_fades() -> None:
    counts = Counts().with_samples(legs(3 * FULL, ratio=2.0))
    assert counts.size < FULL
    changed = counts.with_samples(legs(2 * FULL, ratio=1.0))
    assert factor(changed, 1.5) < 1.1


counts_of_anything = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 4)),
    st.dictionaries(st.integers(-46, 46), st.integers(1, 200), max_size=5),
    max_size=12,
).map(Counts)


@settings(max_examples=60)
@given(counts_of_anything, st.floats(0.01, 55), st.floats(0.01, 55))
def test_a_longer_leg_is_never_a_quicker_one(counts: Counts, one: float, other: float) -> None:
    near, far = sorted((one, other))
    roads = travel.calibrated({"car": calibrate(counts)})
    places = [HERE, *(LatLng(52.52 + km / 111.195, 13.40) for km in (near, far))]
    row = roads(places, RUSH, "car").duration_s[0]
    # A step of the table is straight where the model is bent, and both are rounded up.
    assert row[1] <= row[2] * 1.002 + 2


def test_a_slow_town_is_predicted_well_after_a_day_of_legs() -> None:
    """A town that the model has wrong by a factor that falls with distance, and noise."""
    rng = random.Random(5)

    def took(crow_km: float, predicted_s: int) -> int:
        return round(predicted_s * (1.15 + 0.4 / (1 + crow_km)) * math.exp(rng.gauss(0, 0.25)))

    def a_leg() -> tuple[LatLng, float]:
        km = 10 ** rng.uniform(-0.5, 0.9)
        return LatLng(52.52 + km / 111.195, 13.40), km

    counts = Counts()
    for minute in range(400):
        at = DAY + timedelta(minutes=minute % 120)
        place, km = a_leg()
        predicted = travel.matrix([HERE, place], at, "van").duration_s[0][1]
        counts = counts.with_samples([Sample(round(km * 1000), at, predicted, took(km, predicted))])
    roads = travel.calibrated({"van": calibrate(counts)})
    errors: dict[str, list[float]] = {"before": [], "after": []}
    for _ in range(300):
        place, km = a_leg()
        before, after = (
            one([HERE, place], DAY, "van").duration_s[0][1] for one in (travel.matrix, roads)
        )
        actual = took(km, before)
        errors["before"].append(abs(before - actual) / actual)
        errors["after"].append(abs(after - actual) / actual)
    medians = {name: sorted(each)[150] for name, each in errors.items()}
    assert medians["after"] < 0.2 < medians["before"]


def test_the_bands_are_as_many_as_their_middles() -> None:
    assert len(NONE.factors[0]) == len(calibration.DISTANCES_KM) + 1
