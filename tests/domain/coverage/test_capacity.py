"""Places are taken once, by one, and given back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.coverage import capacity, store
from chalicelib.domain.coverage.capacity import book, choose, release
from chalicelib.domain.coverage.model import Promise, PromiseClass, Taken
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.kit.errors import NoCapacityLeft, StaleVersion
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import a_request
from tests.domain.coverage.plans import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    a_calendar,
    at,
    next_day,
    same_day,
    scheduled,
)

Begin = Callable[[], UnitOfWork]
NOON_THERE = at(FRIDAY, 13)
ONE_PLACE = scheduled(capacity_per_window=1)
MORNING = TimeWindow(at(MONDAY, 9), at(MONDAY, 11))


def offered(uow: UnitOfWork, *promises: Promise, wish: TimeWindow | None = None) -> Offerable:
    found = choose(uow, promises, wish, NOON_THERE)
    assert isinstance(found, Offerable)
    return found


def test_two_shops_cannot_take_the_last_place(begin: Begin) -> None:
    first, second = begin(), begin()
    assert book(first, offered(first, ONE_PLACE, wish=MORNING))
    assert book(second, offered(second, ONE_PLACE, wish=MORNING))
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()
    again = begin()
    assert choose(again, (ONE_PLACE,), MORNING, NOON_THERE) is WhyNot.NO_CAPACITY_LEFT


def test_a_place_that_went_between_choosing_and_taking_is_refused(begin: Begin) -> None:
    uow = begin()
    window = offered(uow, ONE_PLACE, wish=MORNING)
    other = begin()
    book(other, window)
    other.commit()
    with pytest.raises(NoCapacityLeft):
        book(uow, window)


def test_the_capacity_of_a_day_is_shared_by_all_classes(begin: Begin) -> None:
    both = (next_day(capacity_per_day=2), scheduled(capacity_per_day=2))
    for promise in both:
        uow = begin()
        day = TimeWindow(at(SATURDAY, 9), at(SATURDAY, 11))
        assert book(uow, offered(uow, promise, wish=day))
        uow.commit()
    assert store.load_taken(begin(), "hub_1", SATURDAY)[0].day == 2
    full = choose(begin(), both, TimeWindow(at(SATURDAY, 15), at(SATURDAY, 17)), NOON_THERE)
    assert full is WhyNot.NO_CAPACITY_LEFT


def test_a_cancelled_delivery_gives_its_place_back_once(begin: Begin) -> None:
    uow = begin()
    booking = book(uow, offered(uow, ONE_PLACE, wish=MORNING))
    made = deliveries.create(uow, a_request(booking=booking))
    uow.commit()
    assert store.load_taken(begin(), "hub_1", MONDAY)[0].day == 1
    for _ in range(2):
        uow = begin()
        cancel = Cancel(uow.now, CancelReason.MERCHANT_REQUEST)
        after = deliveries.carry_out(uow, deliveries.ref_of(made), cancel)
        uow.commit()
        assert after.booking is None
        assert store.load_taken(begin(), "hub_1", MONDAY)[0] == Taken()


def test_a_delivery_keeps_its_booking(begin: Begin) -> None:
    uow = begin()
    booking = book(uow, offered(uow, ONE_PLACE, wish=MORNING))
    made = deliveries.create(uow, a_request(booking=booking))
    uow.commit()
    assert delivery_store.load(begin(), deliveries.ref_of(made)).booking == booking


def test_moving_within_one_unit_leaves_one_place_taken(begin: Begin) -> None:
    uow = begin()
    booking = book(uow, offered(uow, ONE_PLACE, wish=MORNING))
    uow.commit()
    assert booking is not None
    uow = begin()
    release(uow, booking)
    evening = TimeWindow(at(MONDAY, 19), at(MONDAY, 21))
    moved = book(uow, offered(uow, ONE_PLACE, wish=evening))
    uow.commit()
    assert moved is not None
    assert store.load_taken(begin(), "hub_1", MONDAY)[0] == Taken(1, {moved.window: 1})


def test_giving_back_what_is_not_counted_takes_nothing(begin: Begin) -> None:
    uow = begin()
    booking = offered(uow, ONE_PLACE, wish=MORNING).booking
    assert booking is not None
    release(uow, booking)
    assert uow.write_count == 0


def test_where_nobody_counts_nothing_is_written(begin: Begin) -> None:
    uow = begin()
    assert book(uow, offered(uow, scheduled(), wish=MORNING)) is None
    assert uow.write_count == 0


def test_without_a_wish_the_first_day_with_room_is_taken(begin: Begin) -> None:
    promises = (same_day(capacity_per_day=1), next_day(capacity_per_day=1))
    days = []
    for _ in range(2):
        uow = begin()
        found = offered(uow, *promises)
        book(uow, found)
        uow.commit()
        days.append(found.day)
    assert days == [FRIDAY, SATURDAY]
    assert choose(begin(), promises, None, NOON_THERE) is WhyNot.NO_CAPACITY_LEFT


def test_the_next_day_is_found_behind_a_long_weekend(begin: Begin) -> None:
    days = {SATURDAY, MONDAY, MONDAY + timedelta(days=1)}
    promise = next_day(calendar=a_calendar(holidays=frozenset(days)), horizon_days=1)
    assert offered(begin(), promise).day == MONDAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("day", "why_not"),
    [
        (SUNDAY, WhyNot.CLOSED),
        (FRIDAY, WhyNot.PAST_CUT_OFF),
        (MONDAY + timedelta(days=30), WhyNot.TOO_FAR_AHEAD),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_why(begin: Begin, day, why_not) -> None:
    wish = TimeWindow(at(day, 10), at(day, 12))
    assert choose(begin(), (scheduled(),), wish, NOON_THERE) is why_not


def test_a_wish_for_a_whole_day_is_spread_over_its_windows(begin: Begin) -> None:
    whole = TimeWindow(at(MONDAY, 8), at(MONDAY, 21))
    promise = scheduled(capacity_per_window=2)
    windows = []
    for _ in range(6):
        uow = begin()
        found = offered(uow, promise, wish=whole)
        book(uow, found)
        uow.commit()
        windows.append(found.window)
    assert len(set(windows)) == 6


def test_pickup_points_are_for_nobodys_door() -> None:
    promises = (scheduled(kind=PromiseClass.PICKUP_POINT), next_day())
    assert capacity.for_doors(promises) == (next_day(),)


def test_a_promise_at_pickup_points_is_kept_there_with_a_wish_and_without(begin: Begin) -> None:
    """An order to a point found every day closed where the network promises points a class."""
    promise = scheduled(kind=PromiseClass.PICKUP_POINT, capacity_per_window=1)
    assert offered(begin(), promise).booking is not None
    assert offered(begin(), promise, wish=MORNING).window == MORNING
