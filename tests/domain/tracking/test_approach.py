"""The driver's dot: coarse, late, and never where somebody lives."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tracking import approach
from chalicelib.domain.tracking.approach import Hidden, Sighting
from chalicelib.kit.geo import LatLng
from tests.telling import NOON

DOOR = LatLng(52.52, 13.405)
NEAR = LatLng(52.527, 13.41)


def dot(seen=NEAR, *, age_s=20, doors_before=1, hidden=(), now=NOON):
    sighting = Sighting(seen, now - timedelta(seconds=age_s))
    return approach.dot(sighting, door=DOOR, doors_before=doors_before, hidden=hidden, now=now)


def test_the_dot_is_shown_for_the_last_three_stops_only():
    assert [dot(doors_before=n) is not None for n in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize(("age_s", "is_shown"), [(0, True), (180, True), (181, False)])
def test_an_old_fix_is_no_dot(age_s, is_shown):
    assert (dot(age_s=age_s) is not None) is is_shown


@pytest.mark.parametrize("within_m", [150, 80])
def test_there_is_no_dot_near_a_hidden_place_and_one_beyond(within_m):
    at = LatLng(NEAR.latitude + (within_m - 10) / 111_195, NEAR.longitude)
    beyond = LatLng(NEAR.latitude + (within_m + 10) / 111_195, NEAR.longitude)
    assert dot(hidden=[Hidden(at, within_m)]) is None
    assert dot(hidden=[Hidden(beyond, within_m)]) is not None


def test_far_away_says_nothing():
    assert dot(LatLng(52.60, 13.405)) is None


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_a_dot_is_within_a_square_and_the_same_for_the_whole_of_it(latitude, longitude):
    exact = LatLng(latitude, longitude)
    shown = approach.coarse(exact)
    assert exact.distance_m(shown) <= 80
    assert approach.coarse(shown) == shown
