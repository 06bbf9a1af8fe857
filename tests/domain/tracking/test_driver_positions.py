"""Of what a phone reports, the newest that can be true is kept."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tracking import positions
from chalicelib.domain.tracking.positions import Fix, Ping, Refusal
from chalicelib.kit.geo import LatLng
from tests.telling import BERLIN, NOON, minutes

POTSDAM = LatLng(52.4, 13.06)  # 27 km from BERLIN


def record(begin, *pings):
    uow = begin()
    fix = positions.record_pings(uow, "drv_a", pings)
    uow.commit()
    return fix


def test_the_newest_of_a_batch_is_kept_whatever_its_order(begin):
    record(begin, Ping(BERLIN, minutes(-1)), Ping(POTSDAM, minutes(-60)), Ping(BERLIN, minutes(-2)))
    fix = positions.last_fix(begin(), "drv_a")
    assert fix is not None
    assert (fix.position, fix.at) == (BERLIN, minutes(-1))


def test_a_batch_that_comes_late_or_twice_moves_nobody_back(begin):
    record(begin, Ping(BERLIN, minutes(-1)))
    assert record(begin, Ping(BERLIN, minutes(-1))) is None
    assert record(begin, Ping(LatLng(52.53, 13.4), minutes(-5))) is None
    fix = positions.last_fix(begin(), "drv_a")
    assert fix is not None
    assert fix.position == BERLIN


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
        (Ping(BERLIN, minutes(0)), Refusal.OLDER),
        (Ping(POTSDAM, minutes(5)), Refusal.TOO_FAST),
        (Ping(POTSDAM, minutes(11)), None),
    ],
)
def test_a_fix_is_believed_only_when_it_can_be_true(ping, refusal):
    last = Fix(BERLIN, NOON, 1)
    now = minutes(10) if ping.at <= minutes(10) or ping.at > minutes(15) else minutes(11)
    assert positions.judge(ping, last, max(now, minutes(10))) is refusal


def test_a_phone_whose_clock_is_ahead_counts_as_of_now(begin):
    fix = record(begin, Ping(BERLIN, minutes(3)))
    assert fix is not None
    assert fix.at == NOON


def test_a_fix_ends_after_fifteen_minutes_and_the_next_one_still_counts(begin, clock):
    record(begin, Ping(BERLIN, NOON))
    clock.advance(minutes=15)
    assert positions.last_fix(begin(), "drv_a") is None, "DynamoDB has not deleted it yet"
    assert record(begin, Ping(BERLIN, minutes(15))) is not None
    assert positions.last_fix(begin(), "drv_a") is not None


@given(st.lists(st.tuples(st.integers(-600, 10), st.integers(0, 200)), max_size=12), st.randoms())
def test_the_order_of_arrival_within_a_batch_does_not_matter(raw, rng):
    class Memory:
        now = wall_now = NOON

        def __init__(self):
            self.item = None

        def get(self, key):
            return self.item

        def put(self, key, item, **_):
            self.item = item

    pings = [Ping(BERLIN, minutes(at), accuracy_m=accuracy) for at, accuracy in raw]
    mixed = list(pings)
    rng.shuffle(mixed)
    first, second = Memory(), Memory()
    positions.record_pings(first, "drv_a", pings)
    positions.record_pings(second, "drv_a", mixed)
    assert first.item == second.item
