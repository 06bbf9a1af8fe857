"""On the road: taps that come once, twice, late, wrong, and what follows from them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import (
    CancelReason,
    FailureReason,
    Status,
)
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.kit.errors import Conflict, IllegalTransition, LastmileError, NotFound, UndoTooLate
from tests.builders import DOOR_AT, HUB_AT
from tests.domain.dispatch.conftest import World

PIN = Proof(ProofKind.PIN)


def complete(world: World, stop_id: str) -> Route:
    return world.run(lambda uow: driving.complete(uow, "drv_1", stop_id))


def test_a_route_is_worked_off_to_its_end(world: World) -> None:
    route = world.an_assigned_route(2)
    pickup, first, second = route.stops
    world.run(lambda uow: driving.arrive(uow, "drv_1", pickup.id))
    assert world.delivery(0).status is Status.ARRIVED_AT_PICKUP
    assert world.route(route.id).status is RouteStatus.UNDER_WAY
    complete(world, pickup.id)
    assert world.delivery(0).status is Status.EN_ROUTE_TO_DROPOFF
    assert world.delivery(1).status is Status.PICKED_UP
    world.run(lambda uow: driving.arrive(uow, "drv_1", first.id))
    world.run(lambda uow: driving.complete(uow, "drv_1", first.id, proofs=(PIN,)))
    assert world.delivery(0).status is Status.DELIVERED
    assert world.delivery(0).proofs == (PIN,)
    assert world.delivery(1).status is Status.EN_ROUTE_TO_DROPOFF
    complete(world, second.id)
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.work().is_free


def test_every_tap_may_come_twice_even_the_last_one(world: World) -> None:
    route = world.an_assigned_route(1)
    for stop in route.stops:
        for _ in range(2):
            world.run(lambda uow, s=stop: driving.arrive(uow, "drv_1", s.id))
        once = complete(world, stop.id)
        assert complete(world, stop.id) == once
    history = [entry.what for entry in world.delivery().history]
    assert len(history) == len(set(history))


def test_a_late_tap_keeps_its_own_time_and_an_early_one_ours(world: World) -> None:
    route = world.an_assigned_route(1)
    world.clock.advance(minutes=30)
    tapped = world.clock.now() - timedelta(minutes=20)
    future = world.clock.now() + timedelta(minutes=20)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id, at=tapped))
    picked_up = next(e for e in world.delivery().history if e.what == "picked_up")
    assert picked_up.at == tapped
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[1].id, at=future))
    assert world.delivery().history[-1].at == world.clock.now()


def test_a_foreign_stop_is_not_found(world: World) -> None:
    route = world.an_assigned_route(1)
    world.a_driver("drv_2")
    with pytest.raises(NotFound):
        world.run(lambda uow: driving.arrive(uow, "drv_2", route.stops[0].id))


def test_a_door_before_its_pickup_is_refused_and_nothing_is_written(world: World) -> None:
    route = world.an_assigned_route(1)
    with pytest.raises(IllegalTransition):
        complete(world, route.stops[1].id)
    assert world.route(route.id).status is RouteStatus.ASSIGNED


def test_a_failed_stop_goes_back_to_the_hub_and_into_the_next_wave(world: World) -> None:
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    failed = world.run(
        lambda uow: driving.fail(
            uow, "drv_1", route.stops[1].id, FailureReason.CUSTOMER_UNAVAILABLE
        )
    )
    back = failed.stops[-1]
    assert (back.kind, back.position) == (StopKind.RETURN, HUB_AT)
    assert world.delivery().status is Status.ATTEMPT_FAILED
    complete(world, back.id)
    again = world.delivery()
    assert again.status is Status.READY
    assert again.pickup.id == world.hub.id
    assert world.pending_ids() == {again.id}
    assert world.route(route.id).status is RouteStatus.COMPLETED


def test_what_was_refused_is_returned_and_not_tried_again(world: World) -> None:
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    failed = world.run(
        lambda uow: driving.fail(uow, "drv_1", route.stops[1].id, FailureReason.CUSTOMER_REFUSED)
    )
    complete(world, failed.stops[-1].id)
    assert world.delivery().status is Status.RETURNED


def test_two_failures_share_one_way_back(world: World) -> None:
    route = world.an_assigned_route(2)
    complete(world, route.stops[0].id)
    for stop in route.stops[1:]:
        world.run(
            lambda uow, s=stop: driving.fail(uow, "drv_1", s.id, FailureReason.BUSINESS_CLOSED)
        )
    returns = [s for s in world.route(route.id).stops if s.kind is StopKind.RETURN]
    assert len(returns) == 1
    assert set(returns[0].deliveries) == set(world.refs)


def test_only_a_door_can_fail(world: World) -> None:
    route = world.an_assigned_route(1)
    with pytest.raises(Conflict):
        world.run(lambda uow: driving.fail(uow, "drv_1", route.stops[0].id, FailureReason.OTHER))


def test_a_mis_tapped_failure_is_undone_with_its_way_back(world: World) -> None:
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    door = route.stops[1].id
    world.run(lambda uow: driving.fail(uow, "drv_1", door, FailureReason.OTHER))
    world.run(lambda uow: driving.undo(uow, "drv_1", door))
    stops = world.route(route.id).stops
    assert [stop.status for stop in stops[1:]] == [StopStatus.PENDING, StopStatus.SKIPPED]
    assert world.delivery().attempts == ()
    complete(world, door)
    assert world.delivery().status is Status.DELIVERED


def test_the_last_tap_of_a_route_can_be_undone(world: World) -> None:
    route = world.an_assigned_route(1)
    for stop in route.stops:
        complete(world, stop.id)
    world.run(lambda uow: driving.undo(uow, "drv_1", route.stops[1].id))
    assert world.route(route.id).status is RouteStatus.UNDER_WAY
    assert world.work().route_id == route.id
    assert not world.delivery().status.is_final


def test_after_five_minutes_a_stop_stays_done(world: World) -> None:
    route = world.an_assigned_route(1)
    for stop in route.stops:
        complete(world, stop.id)
    world.clock.advance(minutes=6)
    with pytest.raises(UndoTooLate):
        world.run(lambda uow: driving.undo(uow, "drv_1", route.stops[1].id))


def test_an_undo_that_comes_twice_takes_one_tap_back(world: World) -> None:
    """The answer to the first one was lost; the arrival before it was no mis-tap."""
    route = world.an_assigned_route(2)
    complete(world, route.stops[0].id)
    door = route.stops[1].id
    world.run(lambda uow: driving.arrive(uow, "drv_1", door))
    complete(world, door)
    once = world.run(lambda uow: driving.undo(uow, "drv_1", door))
    assert once.stops[1].status is StopStatus.ARRIVED
    assert world.run(lambda uow: driving.undo(uow, "drv_1", door)) == once
    assert world.delivery().status is Status.ARRIVED_AT_DROPOFF


@pytest.mark.parametrize("tap", ["arrive", "complete"])
def test_a_pickup_stays_once_its_parcel_is_at_the_door(world: World, tap: str) -> None:
    route = world.an_assigned_route(2)
    complete(world, route.stops[0].id)
    door = route.stops[1].id
    world.run(lambda uow: getattr(driving, tap)(uow, "drv_1", door))
    before = world.delivery()
    with pytest.raises(UndoTooLate):
        world.run(lambda uow: driving.undo(uow, "drv_1", route.stops[0].id))
    assert world.delivery() == before
    world.run(lambda uow: driving.undo(uow, "drv_1", door))
    world.run(lambda uow: driving.undo(uow, "drv_1", route.stops[0].id))
    assert world.route(route.id).stops[0].status is StopStatus.PENDING


@pytest.mark.parametrize("hours", [0, 3])
def test_a_failure_stays_once_its_parcel_is_back_at_the_hub(world: World, hours: int) -> None:
    """It may be on another route by then: this one must not open again, and bind its driver."""
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    door = route.stops[1].id
    failed = world.run(lambda uow: driving.fail(uow, "drv_1", door, FailureReason.OTHER))
    complete(world, failed.stops[-1].id)
    world.clock.advance(hours=hours)
    with pytest.raises(UndoTooLate):
        world.run(lambda uow: driving.undo(uow, "drv_1", door))
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.work().is_free


def test_a_delivery_cancelled_before_the_pickup_leaves_the_route(world: World) -> None:
    route = world.an_assigned_route(2)
    cancel = life.Cancel(world.clock.now(), CancelReason.MERCHANT_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, world.refs[0], cancel))
    pickup, first, second = world.route(route.id).stops
    assert pickup.deliveries == (world.refs[1],)
    assert first.status is StopStatus.SKIPPED
    assert second.status is StopStatus.PENDING


def test_a_pickup_passes_over_what_was_cancelled_a_moment_ago(world: World) -> None:
    """The driver taps before the route has heard of it."""
    route = world.an_assigned_route(2)
    cancel = life.Cancel(world.clock.now(), CancelReason.MERCHANT_REQUEST)
    uow = world.begin()
    deliveries.carry_out(uow, world.refs[0], cancel)
    uow.commit()
    complete(world, route.stops[0].id)
    assert world.delivery(0).status is Status.CANCELLED
    assert world.delivery(1).status in (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)


def test_a_delivery_cancelled_on_board_comes_back(world: World) -> None:
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    cancel = life.Cancel(world.clock.now(), CancelReason.CUSTOMER_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, world.refs[0], cancel))
    back = world.route(route.id).next_stop()
    assert back is not None
    assert back.kind is StopKind.RETURN
    complete(world, back.id)
    assert world.delivery().status is Status.RETURNED


def test_a_route_of_cancelled_deliveries_sets_its_driver_free(world: World) -> None:
    route = world.an_assigned_route(1)
    cancel = life.Cancel(world.clock.now(), CancelReason.OUT_OF_STOCK)
    world.run(lambda uow: deliveries.carry_out(uow, world.refs[0], cancel))
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.work().is_free


def test_a_tap_that_outruns_the_news_of_the_assignment_still_counts(world: World) -> None:
    """The relay may take a second; the driver at the counter does not wait for it."""
    route = world.a_planned_route(1)
    offer_id = world.an_offer(route, world.a_driver())
    uow = world.begin()
    offers.accept(uow, "drv_1", offer_id)
    uow.commit()
    assert world.delivery().status is Status.PLANNED
    complete(world, route.stops[0].id)
    assert world.delivery().history[-3].what == "assigned"
    assert world.delivery().driver_id == "drv_1"


def test_every_version_of_a_route_has_its_one_event(world: World) -> None:
    route = world.an_assigned_route(1)
    complete(world, route.stops[0].id)
    failed = world.run(
        lambda uow: driving.fail(uow, "drv_1", route.stops[1].id, FailureReason.OTHER)
    )
    complete(world, failed.stops[-1].id)
    versions = [event.version for event in world.heard if event.subject == route.id]
    # Version 2 is the offer's: it is the offer that tells of it.
    assert versions == [1, *range(3, world.route(route.id).version + 1)]
    last = [event.type for event in world.heard if event.subject == route.id][-2:]
    assert last == ["route.parcels_returned", "route.completed"]


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_taps_in_any_order_keep_route_and_deliveries_in_step(
    world: World, data: st.DataObject
) -> None:
    """A driver in a hurry: nothing is ever half done, and a finished route has no open parcel."""
    world.refs.clear()
    world.heard.clear()
    route, driver_id = _fresh_route(world)
    for _ in range(data.draw(st.integers(3, 8))):
        current = world.route(route.id)
        stop = data.draw(st.sampled_from(current.stops))
        tap = data.draw(st.sampled_from(["arrive", "complete", "fail", "undo"]))
        taps = {
            "arrive": lambda uow, s=stop: driving.arrive(uow, driver_id, s.id),
            "complete": lambda uow, s=stop: driving.complete(uow, driver_id, s.id),
            "fail": lambda uow, s=stop: driving.fail(
                uow, driver_id, s.id, FailureReason.CUSTOMER_UNAVAILABLE
            ),
            "undo": lambda uow, s=stop: driving.undo(uow, driver_id, s.id),
        }
        try:
            world.run(taps[tap])
        except LastmileError:
            continue
    final = world.route(route.id)
    for number, ref in enumerate(world.refs):
        delivery = world.delivery(number)
        doors = [s for s in final.stops if s.kind is StopKind.DROPOFF and ref in s.deliveries]
        done = any(s.status is StopStatus.DONE for s in doors)
        assert done == (delivery.status is Status.DELIVERED)
        if final.status is RouteStatus.COMPLETED:
            assert not delivery.status.is_with_driver
    assert final.stops[1].position == DOOR_AT


def _fresh_route(world: World) -> tuple[Route, str]:
    """Examples share the tables: each has a driver of its own."""
    route = world.a_planned_route(2)
    driver_id = f"drv_of_{route.id}"
    offer_id = world.an_offer(route, world.a_driver(driver_id))
    return world.run(lambda uow: offers.accept(uow, driver_id, offer_id)), driver_id
