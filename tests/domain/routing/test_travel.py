"""The default travel model: short hops are slow and winding, longer is never shorter."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.travel import PACES, circuity, matrix, traffic
from chalicelib.kit.geo import LatLng

NIGHT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
RUSH = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
HERE = LatLng(52.52, 13.40)
KM = 1 / 111.195  # degrees of latitude


def trip(km: float, kind: str, at: datetime = NIGHT) -> tuple[int, int]:
    """Seconds and metres over that many kilometres as the crow flies."""
    travel = matrix([HERE, LatLng(52.52 + km * KM, 13.40)], at, kind)
    return travel.duration_s[0][1], travel.distance_m[0][1]


points = st.builds(
    LatLng, st.floats(52.3, 52.7, allow_nan=False), st.floats(13.0, 13.8, allow_nan=False)
)


@settings(max_examples=40)
@given(st.lists(points, min_size=2, max_size=6), st.sampled_from(sorted(PACES)))
def test_travel_is_symmetric_and_zero_only_on_the_spot(places, kind):
    travel = matrix(places, RUSH, kind)
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            for rows in (travel.duration_s, travel.distance_m):
                assert rows[i][j] == rows[j][i]
                assert (rows[i][j] > 0) == (a != b)
            assert travel.distance_m[i][j] >= a.distance_m(b)


@settings(max_examples=60)
@given(st.floats(0.05, 60), st.floats(0.05, 60), st.sampled_from(sorted(PACES)))
def test_further_is_never_sooner_nor_shorter(one_km, other_km, kind):
    near, far = sorted((one_km, other_km))
    (near_s, near_m), (far_s, far_m) = trip(near, kind), trip(far, kind)
    assert near_s <= far_s
    assert near_m <= far_m


@pytest.mark.parametrize(("km", "low", "high"), [(0.65, 1.4, 1.75), (1.5, 1.4, 1.6), (8, 1.3, 1.4)])
def test_detours_are_those_that_were_measured(km, low, high):
    assert low <= trip(km, "car")[1] / (km * 1000) <= high
    assert low <= circuity(km) <= high


@pytest.mark.parametrize(("km", "low", "high"), [(0.65, 17, 22), (3, 28, 32), (8, 33, 39)])
def test_cars_on_empty_roads_cross_the_city_as_fast_as_measured(km, low, high):
    """Speeds as the crow flies [km/h]."""
    assert low <= km / trip(km, "car")[0] * 3600 <= high


def test_walkers_walk_at_their_stated_speed():
    seconds, metres = trip(2, "walker")
    assert metres / seconds * 3.6 == pytest.approx(4.8, rel=0.01)


def test_the_rush_hour_slows_cars_and_no_bicycle():
    assert trip(4, "car", RUSH)[0] > 1.3 * trip(4, "car", NIGHT)[0]
    assert trip(4, "cargo_bike", RUSH) == trip(4, "cargo_bike", NIGHT)


def test_the_hour_changes_travel_without_a_jump():
    factors = [traffic(NIGHT.replace(hour=m // 60, minute=m % 60)) for m in range(24 * 60)]
    steps = [abs(b - a) for a, b in zip(factors, factors[1:] + factors[:1], strict=True)]
    assert max(steps) < 0.01


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        matrix([HERE], NIGHT, "zeppelin")
