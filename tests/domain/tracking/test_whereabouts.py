"""Where drivers are: while on duty, for as long as it is needed, and never moved back."""

from dataclasses import replace

import pytest

from chalicelib.domain.dispatch.today import last_seen
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers import store as driver_store
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.tracking import whereabouts
from chalicelib.domain.tracking.positions import Ping, Refusal
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.storage.table import Refused
from tests.telling import BERLIN, NOON, minutes

VAN = Vehicle(VehicleKind.VAN, 500_000, 3_000_000)


@pytest.fixture
def on_duty(begin):
    def start(driver_id="drv_a", **changes):
        uow = begin()
        work = Work(driver_id, "hub_a", VAN, version=1, on_duty=True, shift_ends_at=minutes(480))
        driver_store.save_work(uow, replace(work, **changes))
        uow.commit()

    start()
    return start


def along(metres: float) -> LatLng:
    return LatLng(BERLIN.latitude + metres / 111_195, BERLIN.longitude)


def take(begin, *pings, driver_id="drv_a"):
    uow = begin()
    taken = whereabouts.take_in(uow, driver_id, pings)
    uow.commit()
    return taken


def where(begin, driver_id="drv_a"):
    fix = whereabouts.last_fix(begin(), driver_id)
    return None if fix is None else (fix.position, fix.at)


def test_the_newest_of_a_batch_is_where_the_driver_is(begin, on_duty):
    take(begin, Ping(along(300), minutes(-1)), Ping(BERLIN, minutes(-9)), Ping(BERLIN, minutes(-2)))
    assert where(begin) == (along(300), minutes(-1))


def test_a_late_batch_fills_the_trail_and_moves_nobody_back(begin, on_duty):
    on_duty("drv_b", route_id="rte_a", version=1)
    take(begin, Ping(along(3_000), minutes(-1)), driver_id="drv_b")
    late = [Ping(along(1_000), minutes(-5)), Ping(along(2_000), minutes(-3))]
    assert take(begin, *late, driver_id="drv_b").kept == 2
    assert where(begin, "drv_b") == (along(3_000), minutes(-1))
    trail = whereabouts.trail_of(begin(), "rte_a")
    assert [point.position for point in trail] == [along(1_000), along(2_000), along(3_000)]
    again = take(begin, *late, driver_id="drv_b")
    assert [reason for _, reason in again.refused] == [Refusal.KNOWN_ALREADY] * 2
    assert whereabouts.trail_of(begin(), "rte_a") == trail


def test_two_batches_at_once_do_not_overwrite_each_other(begin, on_duty):
    first, second = begin(), begin()
    whereabouts.take_in(first, "drv_a", [Ping(BERLIN, minutes(-1))])
    whereabouts.take_in(second, "drv_a", [Ping(along(200), minutes(-2))])
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_a_fix_ends_after_fifteen_minutes_and_the_next_one_still_counts(begin, on_duty, clock):
    take(begin, Ping(BERLIN, NOON))
    clock.advance(minutes=15)
    assert where(begin) is None, "DynamoDB has not deleted it yet"
    take(begin, Ping(BERLIN, minutes(15)))
    assert where(begin) is not None


def test_off_duty_nothing_is_taken_and_nothing_stays(begin, on_duty):
    take(begin, Ping(BERLIN, NOON))
    uow = begin()
    drivers.go_off_duty(uow, "drv_a")
    uow.commit()
    uow = begin()
    whereabouts.forget(uow, Event("driver.off_duty", "drv_a", 2, NOON, {"hub_id": "hub_a"}))
    uow.commit()
    assert where(begin) is None
    assert last_seen.nearest_drivers(begin(), "hub_a", BERLIN, 3) == []
    taken = take(begin, Ping(BERLIN, minutes(1)))
    assert [reason for _, reason in taken.refused] == [Refusal.OFF_DUTY]
    assert where(begin) is None


def test_nothing_of_a_time_before_the_shift_is_taken(begin, on_duty, clock):
    on_duty("drv_c", on_duty_since=NOON)
    clock.advance(minutes=5)
    taken = take(begin, Ping(BERLIN, minutes(-1)), Ping(BERLIN, minutes(1)), driver_id="drv_c")
    assert (taken.kept, taken.refused) == (1, ((0, Refusal.OFF_DUTY),))


def test_a_shift_that_is_over_ends_with_its_route(begin, on_duty, clock):
    on_duty("drv_d", shift_ends_at=minutes(10))
    on_duty("drv_e", shift_ends_at=minutes(10), route_id="rte_e")
    clock.advance(minutes=11)
    assert take(begin, Ping(BERLIN, minutes(11)), driver_id="drv_d").kept == 0
    assert take(begin, Ping(BERLIN, minutes(11)), driver_id="drv_e").kept == 1


def test_the_nearest_drivers_are_those_that_reckoning_finds(begin, on_duty):
    places = {f"drv_{n}": along(900 * n if n % 2 else -1_300 * n) for n in range(12)}
    for driver_id, place in places.items():
        on_duty(driver_id)
        take(begin, Ping(place, NOON), driver_id=driver_id)
    asked = along(2_000)
    nearest = sorted(places, key=lambda one: places[one].distance_m(asked))
    for count in (1, 3, 6):
        found = last_seen.nearest_drivers(begin(), "hub_a", asked, count)
        assert [near.driver_id for near in found] == nearest[:count]
    assert last_seen.nearest_drivers(begin(), "hub_b", asked, 3) == []


def test_a_driver_stands_in_one_cell_at_a_time(begin, on_duty, clock):
    take(begin, Ping(BERLIN, NOON))
    clock.advance(minutes=5)
    take(begin, Ping(along(4_000), minutes(5)))
    found = last_seen.nearest_drivers(begin(), "hub_a", BERLIN, 5)
    assert [(near.driver_id, near.distance_m) for near in found] == [("drv_a", 4_000)]
