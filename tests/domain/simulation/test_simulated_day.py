"""A simulated day: the same seed is the same day, and it is the product that is played."""

from collections import Counter

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.simulation import hearing, recorded
from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.day import Run, SimulatedDay, simulate
from chalicelib.listeners import SUBSCRIBERS
from tests.domain.simulation.days import a_day, played
from tests.twin_tables import Twins


def outcomes(day: recorded.RecordedDay) -> Counter[str]:
    return Counter(one.status.value for one in day.deliveries)


def test_the_same_seed_is_the_same_bytes_and_another_one_is_another_day():
    run = Run(Scenario("as it was"), 1)
    first = recorded.write(simulate(a_day(6, 2), run))
    carried = recorded.read(recorded.write(a_day(6, 2)))
    assert recorded.write(simulate(carried, run)) == first
    assert recorded.write(simulate(a_day(6, 2), Run(Scenario("as it was"), 2))) != first


def test_every_parcel_comes_to_an_end_or_waits_for_another_day_and_every_route_is_driven():
    day = played()
    left = {Status.READY, Status.AT_PICKUP_POINT}
    assert all(one.status.is_final or one.status in left for one in day.deliveries)
    assert {one.status for one in day.routes} == {RouteStatus.COMPLETED}
    assert outcomes(day)["delivered"] >= 8
    assert sum(len(one.attempts) for one in day.deliveries) > 0


def test_the_notebook_answers_as_dynamodb_does_through_a_whole_day(moto_tables):
    twins = Twins(moto_tables)
    run = Run(Scenario("as it was", Choices(more_lockers=1)), 1, engine="construct")
    on_both = SimulatedDay(a_day(3, 1), run, twins).play()
    assert recorded.write(on_both) == recorded.write(simulate(a_day(3, 1), run))
    assert twins.compared > 100


def test_each_listener_of_the_product_is_played_or_knowingly_is_not():
    played_ones = {
        name: [one.__name__ for one in handles] for name, handles in hearing.HEARD.items()
    }
    unheard = set(hearing.UNHEARD) | {"matching"}
    for name, subscribers in SUBSCRIBERS.items():
        wanted = [one.handle.__name__ for one in subscribers if one.name not in unheard]
        assert played_ones.get(name, []) == wanted, name
    matched = {
        name for name, heard in SUBSCRIBERS.items() if any(one.name == "matching" for one in heard)
    }
    assert matched == hearing.MATCHES
    every = {one.name for heard in SUBSCRIBERS.values() for one in heard}
    assert set(hearing.UNHEARD) <= every


def test_shut_doors_are_an_input_and_what_follows_is_played():
    none, many = played(Choices(shut_door_permille=0)), played(Choices(shut_door_permille=600))
    assert sum(len(one.attempts) for one in none.deliveries) == 0
    failed = [one for one in many.deliveries if one.attempts]
    assert len(failed) > 4
    # Recovery decided something about each: it went again, to another day, or back.
    assert all(len(one.history) > 8 for one in failed)
    assert none.day == many.day


def test_fewer_drivers_drive_less_and_more_are_there():
    few = played(Choices(drivers=-2))
    assert len({one.driver_id for one in few.routes} - {None}) == 1
    more = played(Choices(drivers=4))
    assert len(more.crew) == 7


def test_slower_roads_make_longer_days():
    slow = played(Choices(travel_percent=150))
    usual = played()
    assert _tapped_s(slow) > 1.1 * _tapped_s(usual)


def _tapped_s(day: recorded.RecordedDay) -> float:
    """Seconds between the taps of all routes."""
    total = 0.0
    for route in day.routes:
        taps = [at for stop in route.stops for at in (stop.arrived_at, stop.done_at) if at]
        total += (max(taps) - min(taps)).total_seconds()
    return total / max(1, len(day.routes))


def test_a_brand_with_a_fleet_of_its_own_is_driven_by_nobody_else():
    day = a_day()
    largest = Counter(one.merchant_id for one in day.deliveries).most_common(1)[0][0]
    alone = played(Choices(own_fleet=(largest,)))
    for route in alone.routes:
        brands = {ref.merchant_id for ref in route.deliveries()}
        assert brands == {largest} or largest not in brands


def test_lockers_near_by_take_what_people_send_there():
    chosen = Choices(more_lockers=6, locker_percent=100, locker_walk_m=5_000)
    day = played(chosen)
    assert outcomes(day)["at_pickup_point"] > 6
    assert outcomes(played(Choices(lockers=False)))["at_pickup_point"] == 0


def test_bikes_carry_what_bikes_can():
    day = played(Choices(e_bikes=3))
    assert {one.vehicle_kind for one in day.routes} == {VehicleKind.CARGO_BIKE}


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"kind":"lastmile.recorded_day","format":99}'])
def test_what_is_no_recording_is_refused(broken):
    with pytest.raises(recorded.Invalid):
        recorded.read(broken)


def test_progress_grows_to_the_end_of_the_day():
    told: list[float] = []
    simulate(a_day(6, 2), Run(Scenario("as it was"), 1, engine="construct"), told.append)
    assert told == sorted(told)
    assert told[-1] > 0.4
