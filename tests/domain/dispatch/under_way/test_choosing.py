"""A driver does another stop first, as far as nobody is late for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.under_way import choosing, driving
from chalicelib.domain.dispatch.under_way.choosing import WhyFirst
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import TimeWindow
from tests.domain.dispatch.conftest import World


@pytest.fixture
def route(world: World) -> Route:
    """Three doors; the parcels are on board."""
    route = world.an_assigned_route(3)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    return world.route(route.id)


def first(world: World, stop_id: str) -> Route:
    return world.run(lambda uow: choosing.put_first(uow, "drv_1", stop_id, WhyFirst.CLOSED))


def test_another_door_comes_next_and_the_others_follow_in_their_order(
    world: World, route: Route
) -> None:
    store, one, two, three = (stop.id for stop in route.stops)
    first(world, three)
    after = world.route(route.id)
    assert [stop.id for stop in after.stops] == [store, three, one, two]
    assert (after.version, world.delivery(2).status) == (
        route.version + 1,
        Status.EN_ROUTE_TO_DROPOFF,
    )
    arrivals = [stop.planned_arrival_at for stop in after.stops[1:]]
    assert arrivals == sorted(arrivals)
    told = world.heard[-1] if world.heard[-1].type == "route.reordered" else None
    told = told or next(event for event in world.heard if event.type == "route.reordered")
    assert (told.data["first_stop_id"], told.data["why"]) == (three, "closed")
    # The tap comes twice: nothing changes, and the route can be driven to its end.
    first(world, three)
    assert world.route(route.id).version == after.version
    for stop_id in (three, one, two):
        world.run(lambda uow, one=stop_id: driving.complete(uow, "drv_1", one))
    assert world.work().is_free


def test_nobody_is_late_for_it(world: World, route: Route) -> None:
    now = world.clock.now()
    soon = TimeWindow(now, now + timedelta(minutes=8))
    stops = tuple(
        replace(stop, window=soon, planned_arrival_at=now + timedelta(minutes=1))
        if at == 1
        else stop
        for at, stop in enumerate(route.stops)
    )
    pressing = replace(route, stops=stops, version=route.version + 1)
    world.run(lambda uow: dispatch.save_route(uow, pressing))
    with pytest.raises(Conflict) as refused:
        first(world, route.stops[3].id)
    assert refused.value.extra == {
        "reason": "promise_broken",
        "deliveries": [route.stops[1].deliveries[0].delivery_id],
    }


def test_what_is_over_not_on_board_or_brought_back_does_not_come_first(world: World) -> None:
    route = world.an_assigned_route(2)
    store, one, _ = (stop.id for stop in route.stops)
    with pytest.raises(Conflict) as refused:
        first(world, one)
    assert refused.value.extra == {"reason": "door_before_pickup"}
    world.run(lambda uow: driving.complete(uow, "drv_1", store))
    with pytest.raises(Conflict) as refused:
        first(world, store)
    assert refused.value.extra == {"reason": "stop_over"}
