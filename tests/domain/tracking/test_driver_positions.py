"""Of what a phone reports, what can be true is believed, and little of it is kept."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tracking import positions
from chalicelib.domain.tracking.positions import Ping, Point, Refusal
from chalicelib.kit.geo import LatLng
from tests.telling import BERLIN, NOON, minutes

POTSDAM = LatLng(52.4, 13.06)  # 27 km from BERLIN
MORNING = NOON - timedelta(hours=4)


def sort_out(*pings, known=(), now=NOON, since=MORNING):
    return positions.sort_out(pings, known, since, now)


def along(metres: float) -> LatLng:
    """A place so far north of the middle of Berlin."""
    return LatLng(BERLIN.latitude + metres / 111_195, BERLIN.longitude)


@pytest.mark.parametrize(
    ("ping", "refusal"),
    [
        (Ping(BERLIN, minutes(1), accuracy_m=100), None),
        (Ping(BERLIN, minutes(1), accuracy_m=101), Refusal.IMPRECISE),
        (Ping(BERLIN, minutes(1), accuracy_m=math.nan), Refusal.IMPRECISE),
        (Ping(BERLIN, minutes(1), speed_mps=42), Refusal.TOO_FAST),
        (Ping(BERLIN, minutes(1), speed_mps=math.nan), Refusal.TOO_FAST),
        (Ping(BERLIN, minutes(1), speed_mps=-1), None),
        (Ping(BERLIN, minutes(16)), Refusal.FROM_THE_FUTURE),
        (Ping(BERLIN, minutes(0)), Refusal.KNOWN_ALREADY),
        (Ping(BERLIN, NOON - timedelta(hours=17)), Refusal.TOO_OLD),
        (Ping(BERLIN, NOON - timedelta(hours=5)), Refusal.OFF_DUTY),
        (Ping(POTSDAM, minutes(5)), Refusal.TOO_FAST),
        (Ping(POTSDAM, minutes(-5)), Refusal.TOO_FAST),
        (Ping(POTSDAM, minutes(11)), None),
    ],
)
def test_a_fix_is_believed_only_when_it_can_be_true(ping, refusal):
    found = sort_out(ping, known=[Point(BERLIN, NOON)], now=minutes(10.9))
    assert [reason for _, reason in found.refused] == ([] if refusal is None else [refusal])


def test_a_phone_whose_clock_is_ahead_counts_as_of_now():
    assert sort_out(Ping(BERLIN, minutes(3))).believed == (Point(BERLIN, NOON),)


def test_one_fix_a_minute_is_kept_of_somebody_who_stands():
    pings = [Ping(BERLIN, NOON + timedelta(seconds=5 * tick)) for tick in range(61)]
    found = sort_out(*pings, now=minutes(5))
    assert [point.at for point in found.kept] == [minutes(at) for at in range(6)]
    assert len(found.believed) == 61


def test_one_fix_in_a_hundred_and_fifty_metres_is_kept_of_somebody_who_drives():
    pings = [Ping(along(40 * tick), NOON + timedelta(seconds=4 * tick)) for tick in range(31)]
    found = sort_out(*pings, now=minutes(5))
    gaps = [
        a.position.distance_m(b.position) for a, b in zip(found.kept, found.kept[1:], strict=False)
    ]
    assert gaps == [160] * 7


def test_a_late_fix_between_two_that_are_known_is_judged_by_both():
    known = [Point(BERLIN, NOON), Point(along(2_000), minutes(10))]
    found = sort_out(
        Ping(along(1_000), minutes(5)), Ping(POTSDAM, minutes(6)), known=known, now=minutes(20)
    )
    assert found.kept == (Point(along(1_000), minutes(5)),)
    assert found.refused == ((1, Refusal.TOO_FAST),)


moves = st.lists(st.tuples(st.integers(-600, 10), st.integers(0, 200)), max_size=12)


@given(moves, st.randoms())
def test_the_order_within_a_batch_does_not_matter_nor_does_a_second_time(raw, rng):
    pings = [
        Ping(BERLIN, NOON + timedelta(seconds=at), accuracy_m=m) for at, m in dict(raw).items()
    ]
    mixed = list(pings)
    rng.shuffle(mixed)
    first = sort_out(*pings)
    assert sort_out(*mixed).kept == first.kept
    again = sort_out(*pings, known=first.believed)
    assert (again.believed, again.kept) == ((), ())


@given(moves)
def test_nothing_that_is_kept_is_close_to_its_neighbour(raw):
    found = sort_out(*(Ping(along(at), NOON + timedelta(seconds=at)) for at, _ in raw))
    for one, other in zip(found.kept, found.kept[1:], strict=False):
        apart_s = (other.at - one.at).total_seconds()
        assert apart_s >= 60 or one.position.distance_m(other.position) >= 150
