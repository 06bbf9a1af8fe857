"""In another window: its place, its route and its way back to the hub."""

from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import rescheduling
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.domain.dispatch.model import RouteStatus, StopKind
from chalicelib.domain.dispatch.under_way import driving, rerouting
from chalicelib.kit.move_errors import WindowNotBookable
from tests.builders import NOON
from tests.domain.dispatch.conftest import World
from tests.domain.dispatch.under_way.test_rerouting import coming, on_board


def later(world: World, number: int = 0) -> Delivery:
    delivery = world.delivery(number)
    offers = rescheduling.windows(world.begin(), delivery)
    return world.run(lambda uow: rerouting.reschedule(uow, delivery, offers[-1]))


def test_windows_are_those_of_the_days_to_come(world: World) -> None:
    made = world.a_ready_delivery()
    offers = rescheduling.windows(world.begin(), made)
    assert offers
    assert all(one.window.end_at > NOON and one.why_not is None for one in offers)
    assert offers == sorted(offers, key=lambda one: one.window.start_at)
    first = offers[0].window
    assert rescheduling.bookable(world.begin(), made, first).window == first
    with pytest.raises(WindowNotBookable):
        rescheduling.bookable(world.begin(), made, first.shift(timedelta(minutes=1)))


def test_what_waits_comes_in_the_new_window(world: World) -> None:
    world.a_ready_delivery()
    after = later(world)
    assert (after.status, world.delivery().window) == (Status.READY, after.window)
    assert (after.history[-1].what, after.reason) == ("rescheduled", "another_window")


@pytest.mark.parametrize("taken", [True, False])
def test_before_the_pickup_it_leaves_its_route(world: World, taken: bool) -> None:
    route = world.an_assigned_route(2) if taken else world.a_planned_route(2)
    after = later(world, 1)
    assert (after.status, after.route_id, after.driver_id) == (Status.READY, None, None)
    assert world.refs[1] not in {ref for stop in coming(world, route) for ref in stop.deliveries}
    assert after.id in world.pending_ids()


def test_the_only_one_takes_the_route_with_it(world: World) -> None:
    route = world.an_assigned_route(1)
    later(world)
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.work().is_free


def test_on_board_it_comes_back_and_waits_at_the_hub(world: World) -> None:
    route = on_board(world, 2)
    offers = rescheduling.windows(world.begin(), world.delivery(1))
    assert all(one.window.start_at.date() > NOON.date() for one in offers)
    after = later(world, 1)
    assert after.status is Status.PICKED_UP
    door, back = coming(world, route)
    assert (back.kind, back.deliveries) == (StopKind.RETURN, (world.refs[1],))
    world.run(lambda uow: driving.complete(uow, "drv_1", door.id))
    world.run(lambda uow: driving.complete(uow, "drv_1", back.id))
    waits = world.delivery(1)
    assert (waits.status, waits.pickup.id) == (Status.READY, world.hub.id)
    assert waits.window == after.window
    assert waits.attempts == ()


def test_after_a_failed_attempt_it_comes_back_for_the_new_window(world: World) -> None:
    route = on_board(world, 1)
    door = coming(world, route)[0]
    reason = FailureReason.CUSTOMER_UNAVAILABLE
    world.run(lambda uow: driving.fail(uow, "drv_1", door.id, reason))
    after = later(world)
    (back,) = coming(world, route)
    world.run(lambda uow: driving.complete(uow, "drv_1", back.id))
    waits = world.delivery()
    assert (waits.status, waits.window, len(waits.attempts)) == (Status.READY, after.window, 1)


def test_news_of_a_new_window_heard_again_change_nothing(world: World) -> None:
    route = on_board(world, 2)
    later(world, 1)
    known = world.route(route.id)
    for event in [one for one in world.heard if one.type == "delivery.rescheduled"]:
        world.tell(event)
    assert world.route(route.id) == known
