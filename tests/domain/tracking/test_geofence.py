"""Arrivals and departures that fixes show."""

from datetime import timedelta

from chalicelib.domain.tracking import geofence
from chalicelib.domain.tracking.geofence import Visit
from chalicelib.domain.tracking.positions import Point
from chalicelib.kit.geo import LatLng
from tests.telling import BERLIN, NOON


def at(seconds: int, metres: float) -> Point:
    place = LatLng(BERLIN.latitude + metres / 111_195, BERLIN.longitude)
    return Point(place, NOON + timedelta(seconds=seconds))


def watch(*points: Point) -> Visit:
    return geofence.watch(Visit("stp_a", BERLIN), points)


def test_who_stays_for_45_seconds_has_arrived_when_he_came():
    assert watch(at(0, 500), at(30, 70), at(60, 20), at(74, 20)).arrived_at is None
    assert watch(at(0, 500), at(30, 70), at(60, 20), at(75, 20)).arrived_at == at(30, 0).at


def test_who_drives_by_has_not():
    assert watch(at(0, 60), at(15, 60), at(30, 90), at(60, 60), at(90, 300)).arrived_at is None


def test_two_fixes_outside_are_a_departure_and_one_is_not():
    there = (at(0, 10), at(50, 10))
    assert watch(*there, at(80, 120), at(90, 30), at(100, 120)).left_at is None
    assert watch(*there, at(80, 95), at(90, 120), at(100, 200)).left_at == at(90, 0).at


def test_batches_are_watched_as_if_they_were_one():
    points = (at(0, 10), at(50, 10), at(80, 120), at(100, 200), at(200, 10))
    visit = Visit("stp_a", BERLIN)
    for point in points:
        visit = geofence.watch(visit, [point])
    assert visit == watch(*points)
