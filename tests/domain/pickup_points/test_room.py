"""Room in a pickup point: nobody gets what is taken, and nothing is given back twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points.model import Compartments, PickupPoint, PointKind, Size
from chalicelib.domain.pickup_points.room import Room
from chalicelib.kit.errors import StaleVersion
from chalicelib.kit.hours import ALWAYS, Span, WeekHours
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NEVER: tuple[Span, ...] = ()
NINE_TO_TWELVE = (Span(9 * 60, 12 * 60),)


def a_point(hours: WeekHours = ALWAYS, small: int = 2, large: int = 1) -> PickupPoint:
    return PickupPoint(
        id="pup_1",
        name="Station",
        kind=PointKind.LOCKER,
        line1="Square 1",
        city="Kassel",
        postal_code="34117",
        country="DE",
        position=DOOR_AT,
        timezone="Europe/Berlin",
        hours=hours,
        compartments=(
            Compartments(Size.LARGE, large, 9_000, 60_000),
            Compartments(Size.SMALL, small, 1_000, 5_000),
        ),
    )


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 70_000)), max_size=12))
def test_no_more_parcels_get_a_place_than_there_are_compartments(
    parcels: list[tuple[int, int]],
) -> None:
    point, held = a_point(), Room("pup_1", {}, 0)
    limits = {one.size: one for one in point.compartments}
    for number, (weight_g, volume_ml) in enumerate(parcels):
        size = held.free(point, weight_g, volume_ml)
        if size is not None:
            assert limits[size].fits(weight_g, volume_ml)
            held = Room("pup_1", {**held.held, f"m/{number}": size}, 0)
    for size, limit in limits.items():
        assert list(held.held.values()).count(size) <= limit.count


def test_of_two_at_the_last_compartment_the_second_is_refused(
    begin: Callable[[], UnitOfWork],
) -> None:
    point = a_point(small=1, large=0)
    both = [begin(), begin()]
    for number, uow in enumerate(both):
        there = room.load(uow, point.id)
        size = there.free(point, 500, 500)
        assert size is Size.SMALL
        room.reserve(uow, there, f"m/{number}", size)
    both[0].commit()
    with pytest.raises(StaleVersion):
        both[1].commit()
    again = room.load(begin(), point.id)
    assert again.free(point, 500, 500) is None
    assert list(again.held) == ["m/0"]


def test_giving_back_twice_frees_one_place(begin: Callable[[], UnitOfWork]) -> None:
    uow = begin()
    there = room.load(uow, "pup_1")
    room.reserve(uow, there, "m/1", Size.SMALL)
    room.reserve(uow, room.load(uow, "pup_1"), "m/2", Size.SMALL)
    uow.commit()
    for _ in range(2):
        uow = begin()
        room.give_back(uow, "pup_1", "m/1")
        uow.commit()
    left = room.load(begin(), "pup_1")
    assert list(left.held) == ["m/2"]
    assert left.left == ("m/1",)


@pytest.mark.parametrize(
    ("hours", "promised_h", "opens"),
    [
        (ALWAYS, 1, True),
        (WeekHours((NEVER,) * 7), 200, False),
        # Friday noon in London is one o'clock there: it has just closed, and opens on Saturday.
        (WeekHours((NINE_TO_TWELVE,) * 7), 8, False),
        (WeekHours((NINE_TO_TWELVE,) * 7), 20, False),
        (WeekHours((NINE_TO_TWELVE,) * 7), 21, True),
    ],
)
def test_a_point_must_open_before_the_promise_ends(
    hours: WeekHours, promised_h: int, opens: bool
) -> None:
    promise = TimeWindow(FRIDAY, FRIDAY + timedelta(hours=promised_h))
    assert room.opens_within(a_point(hours), promise) is opens
