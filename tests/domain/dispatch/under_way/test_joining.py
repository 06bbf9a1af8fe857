"""An order that cannot wait goes with a driver who is on the road."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import Delivery, Place, Status
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.plans import assessing
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rule, RuleKind
from chalicelib.domain.dispatch.under_way import driving, joining
from chalicelib.domain.drivers import store as drivers
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import (
    DOOR_AT,
    NOON,
    STORE_AT,
    a_delivery,
    a_driver_at_work,
    a_hub,
    a_request,
    a_vehicle,
)
from tests.domain.dispatch.conftest import World
from tests.domain.dispatch.under_way.test_reordering import a_door, a_route, north

NEXT_DOOR = LatLng(51.221, 9.421)
ON_THE_ROAD = a_driver_at_work(route_id="rte_1")
SOON = TimeWindow(NOON, NOON + timedelta(hours=2))


def an_order(world: World, **changes: object) -> Delivery:
    """One more from the same store, to the house next to the others."""
    request = a_request(external_id="late", dropoff=NEXT_DOOR, window=SOON)
    made = world.run(lambda uow: deliveries.create(uow, replace(request, **changes)))
    world.refs.append(deliveries.ref_of(made))
    return made


def joined(world: World, delivery: Delivery) -> Route | None:
    return world.run(lambda uow: joining.join(uow, world.hub, delivery))


def hear(world: World, delivery: Delivery) -> Status:
    """What the relay does when it is ready; the delivery's status afterwards."""
    news = Event(
        "delivery.ready", delivery.id, delivery.version, NOON, {"merchant_id": delivery.merchant_id}
    )
    world.run(lambda uow: joining.join_if_pressing(uow, news))
    return world.delivery(-1).status


def test_it_is_loaded_with_the_others_where_the_driver_goes_anyway(world: World) -> None:
    before = world.an_assigned_route()
    order = an_order(world)
    route = joined(world, order)
    assert route is not None
    assert len(route.stops) == len(before.stops) + 1
    assert route.stops[0].deliveries[-1].delivery_id == order.id
    assert route.stops[0].weight_g == before.stops[0].weight_g + order.parcel.weight_g
    after = world.delivery(-1)
    assert (after.status, after.driver_id) == (Status.EN_ROUTE_TO_PICKUP, "drv_1")


def test_once_the_driver_has_left_the_store_it_is_fetched_on_the_way(world: World) -> None:
    route = world.an_assigned_route()
    pickup = route.stops[0].id
    world.run(lambda uow: driving.arrive(uow, "drv_1", pickup))
    world.run(lambda uow: driving.complete(uow, "drv_1", pickup))
    doors = world.route(route.id).stops[1:]
    longer = joined(world, an_order(world))
    assert longer is not None
    kinds = [stop.kind for stop in longer.stops]
    assert kinds.count(StopKind.PICKUP) == 2
    # The next stop is locked: the driver looks at it right now.
    assert longer.next_stop() == doors[0]
    assert world.delivery(-1).status is Status.ASSIGNED


def test_what_cannot_wait_joins_as_soon_as_it_is_ready(world: World) -> None:
    world.an_assigned_route()
    order = an_order(world, window=TimeWindow(NOON, NOON + timedelta(minutes=30)))
    assert hear(world, order) is Status.EN_ROUTE_TO_PICKUP


def test_what_can_wait_waits_for_a_wave(world: World) -> None:
    """Together with others it costs less than alone on the next best route."""
    world.an_assigned_route()
    assert hear(world, an_order(world)) is Status.READY


def test_heard_of_twice_it_joins_once(world: World) -> None:
    world.an_assigned_route()
    order = an_order(world, window=TimeWindow(NOON, NOON + timedelta(minutes=30)))
    hear(world, order)
    hear(world, order)
    route = world.route(world.delivery(-1).route_id or "")
    assert [ref.delivery_id for ref in route.deliveries()].count(order.id) == 1


def test_of_a_rehearsal_nothing_is_read(world: World) -> None:
    """It has no delivery that could be found here."""
    data = {"merchant_id": "mer_1", "live": False}
    news = Event("delivery.ready", "del_of_a_rehearsal", 2, NOON, data)
    world.run(lambda uow: joining.join_if_pressing(uow, news))


def test_a_driver_who_is_kept_from_it_does_not_get_it(world: World) -> None:
    world.an_assigned_route()
    order = an_order(world)
    away = Rule("rul_1", world.hub.id, RuleKind.EXCLUDE_DRIVER, "jo", "because", NOON)
    away = replace(away, driver_id="drv_1", deliveries=(deliveries.ref_of(order),))
    world.run(lambda uow: rule_store.save(uow, away))
    assert joined(world, order) is None
    world.run(lambda uow: rule_store.delete(uow, away))
    assert joined(world, order) is not None


@pytest.mark.parametrize(
    ("able", "joins"),
    [({"skills": frozenset({"cash"})}, True), ({}, False)],
    ids=["takes money", "does not"],
)
def test_money_at_the_door_goes_only_to_who_takes_it(
    world: World, able: dict[str, Any], joins: bool
) -> None:
    world.an_assigned_route()
    work = world.work()
    world.run(lambda uow: drivers.save_work(uow, replace(work, **able, version=work.version + 1)))
    paying = Requirements(cash_minor=4900, currency="EUR")
    assert (joined(world, an_order(world, requirements=paying)) is not None) is joins


def test_papers_that_end_on_the_way_let_nothing_join(world: World) -> None:
    world.an_assigned_route()
    work = world.work()
    soon = world.clock.now() + timedelta(minutes=1)
    ending = replace(work, papers_end_at=soon, version=work.version + 1)
    world.run(lambda uow: drivers.save_work(uow, ending))
    assert joined(world, an_order(world)) is None


def test_a_route_that_nobody_has_taken_is_left_to_the_waves(world: World) -> None:
    world.a_planned_route()
    world.a_driver()
    assert joined(world, an_order(world)) is None


def test_a_free_driver_beside_the_store_is_cheaper(world: World) -> None:
    """The one on the road would have to come back across the town."""
    route = world.an_assigned_route()
    pickup = route.stops[0].id
    world.run(lambda uow: driving.arrive(uow, "drv_1", pickup))
    world.run(lambda uow: driving.complete(uow, "drv_1", pickup))
    far = Place("str_2", "Far away", north(12.0))
    free = a_driver_at_work("drv_2", position=far.position)
    world.run(lambda uow: drivers.save_work(uow, free))
    assert joined(world, an_order(world, pickup=far, dropoff=north(12.2))) is None


def test_what_nobody_can_bring_in_time_is_left_alone(world: World) -> None:
    world.an_assigned_route()
    minutes = TimeWindow(NOON, NOON + timedelta(minutes=6))
    order = an_order(world, window=minutes)
    assert joined(world, order) is None
    assert world.delivery(-1).status is Status.READY


def test_a_full_vehicle_comes_back_when_it_is_empty(world: World) -> None:
    route = world.an_assigned_route()
    full = replace(
        world.work(),
        vehicle=a_vehicle(max_weight_g=route.load_weight_g),
        version=world.work().version + 1,
    )
    world.run(lambda uow: drivers.save_work(uow, full))
    longer = joined(world, an_order(world))
    assert longer is not None
    kinds = [stop.kind for stop in longer.stops]
    assert kinds[0] is StopKind.PICKUP
    assert StopKind.PICKUP in kinds[2:]
    assert longer.load_weight_g == route.load_weight_g


def test_drivers_and_merchants_hear_of_it(world: World) -> None:
    world.an_assigned_route()
    order = an_order(world)
    joined(world, order)
    told = {event.type: event for event in world.heard}
    assert told["route.extended"].data["delivery_id"] == order.id
    assert "delivery.assigned" in told


# -- times and promises --------------------------------------------------------------------------


def numbers() -> Callable[[], str]:
    made = count(1)
    return lambda: f"stp_new_{next(made)}"


def extended(route: Route, delivery: Delivery, at: datetime = NOON) -> joining.Joined | None:
    return joining.extend(route, ON_THE_ROAD, a_hub(), delivery, at, numbers())


def test_everything_behind_it_is_told_a_later_time() -> None:
    doors = [a_door(number, number) for number in range(1, 5)]
    order = a_delivery(pickup=Place("str_1", "Store", north(2.1)), dropoff=north(2.3), window=SOON)
    plain = assessing.retimed(a_route(*doors), a_hub(), NOON)
    found = extended(plain, order)
    assert found is not None
    before = {stop.id: stop.planned_arrival_at for stop in plain.stops}
    delays = [
        (stop.planned_arrival_at - before[stop.id]).total_seconds()
        for stop in found.route.stops
        if stop.id in before
    ]
    assert delays[:2] == [0, 0]
    # The sheet counts in steps that are rounded up, the clock to the second.
    assert delays[2] == delays[3] == pytest.approx(found.extra_s, abs=5)


@settings(max_examples=60, deadline=None)
@given(
    doors=st.lists(st.tuples(st.integers(-60, 60), st.integers(20, 240)), min_size=1, max_size=8),
    pickup=st.integers(-60, 60),
    door=st.integers(-60, 60),
    minutes=st.integers(15, 240),
)
def test_no_promise_is_broken_and_nothing_is_lost(
    doors: list[tuple[int, int]], pickup: int, door: int, minutes: int
) -> None:
    """What was in time stays in time by the new route's own times; the pickup comes first."""
    stops = [
        a_door(number, km / 10, until=NOON + timedelta(minutes=until))
        for number, (km, until) in enumerate(doors, 1)
    ]
    plain = assessing.retimed(a_route(*stops), a_hub(), NOON)
    order = a_delivery(
        pickup=Place("str_1", "Store", north(pickup / 10)),
        dropoff=north(door / 10),
        window=TimeWindow(NOON, NOON + timedelta(minutes=minutes)),
    )
    found = extended(plain, order)
    if found is None:
        return
    ids = [stop.id for stop in found.route.stops]
    assert [one for one in ids if one.startswith("stp_new")] == ["stp_new_1", "stp_new_2"] or (
        ids.index("stp_new_2") < ids.index("stp_new_1")
    )
    late_before = {stop.id for stop in plain.stops if is_late(stop)}
    late_after = {stop.id for stop in found.route.stops if is_late(stop)}
    assert late_after <= late_before
    assert set(ids) >= {stop.id for stop in stops}
    assert found.route.stops[0].id == stops[0].id


def is_late(stop: Stop) -> bool:
    if stop.window is None:
        return False
    return stop.planned_arrival_at + timedelta(seconds=stop.service_s) > stop.window.end_at


def test_a_return_to_the_hub_stays_last() -> None:
    back = a_door(9, 0, kind=StopKind.RETURN, window=None)
    order = a_delivery(pickup=Place("str_1", "Store", north(0.1)), dropoff=north(0.2), window=SOON)
    found = extended(a_route(a_door(1, 1), a_door(2, 2), back), order)
    assert found is None or found.route.stops[-1].kind is StopKind.RETURN


def test_times_of_what_is_over_stay() -> None:
    over = a_door(1, 1, status=StopStatus.DONE, arrived_at=NOON, done_at=NOON)
    route = assessing.retimed(a_route(over, a_door(2, 2), a_door(3, 3)), a_hub(), NOON)
    assert route.stops[0] == over
    assert route.status is RouteStatus.UNDER_WAY
    # Ten minutes ahead of the plan, and so will the others be.
    assert route.stops[2].planned_arrival_at < NOON + timedelta(minutes=30)


def test_the_store_is_where_the_order_says(world: World) -> None:
    """Another brand's store is a stop of its own, even next door."""
    world.an_assigned_route()
    other = Place("str_9", "Bäckerei", LatLng(STORE_AT.latitude + 0.0005, STORE_AT.longitude))
    route = joined(world, an_order(world, pickup=other))
    assert route is not None
    names = [stop.place_name for stop in route.stops if stop.kind is StopKind.PICKUP]
    assert "Bäckerei" in names
    assert DOOR_AT in [stop.position for stop in route.stops]
