"""At a pickup point: one stop for many parcels, none delivered yet, and nothing lost on the way."""

from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, FailureReason, Status
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.dispatch.model import MOST_DELIVERIES, Route, RouteStatus, StopKind
from chalicelib.domain.dispatch.under_way import driving, handover, taps
from chalicelib.domain.dispatch.under_way.handover import Shown
from chalicelib.domain.dispatch.waves import planning
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.kit.hours import Span, WeekHours
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import SERVER_KEY
from tests.domain.dispatch.conftest import World
from tests.domain.pickup_points.test_room import a_point


@pytest.fixture
def at_point(world: World) -> World:
    world.run(lambda uow: pickup_points.save(uow, a_point()))
    world.pickup_point_id = "pup_1"
    return world


def on_board(world: World, count: int = 2) -> Route:
    route = world.an_assigned_route(count)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    return world.route(route.id)


def statuses(world: World) -> list[Status]:
    return [world.delivery(number).status for number in range(len(world.refs))]


def test_parcels_for_one_point_are_one_stop(at_point: World) -> None:
    route = on_board(at_point, 3)
    assert [stop.kind for stop in route.stops] == [StopKind.PICKUP, StopKind.DROPOFF]
    stop = route.stops[1]
    assert stop.pickup_point_id == "pup_1"
    assert set(stop.deliveries) == set(at_point.refs)
    assert (stop.weight_g, stop.service_s) == (3 * 1200, 3 * 180)


def test_doors_stay_one_stop_each(world: World) -> None:
    assert len(on_board(world, 3).stops) == 4


def test_one_tap_leaves_them_all_there_until_they_go_back(at_point: World) -> None:
    route = on_board(at_point)
    stop_id = route.stops[1].id
    for _ in range(2):
        done = at_point.run(lambda uow: driving.complete(uow, "drv_1", stop_id))
    assert done.status is RouteStatus.COMPLETED
    assert statuses(at_point) == [Status.AT_PICKUP_POINT] * 2
    until = at_point.clock.now() + timedelta(days=7)
    assert {at_point.delivery(n).collect_by for n in range(2)} == {until}
    assert at_point.work().is_free


@pytest.mark.parametrize("count", [MOST_DELIVERIES, MOST_DELIVERIES - 1])
def test_the_largest_route_ends_at_one_point_with_one_tap_that_is_counted(
    at_point: World, count: int
) -> None:
    """Its deliveries, the route, the driver's work and the tap's mark are one commit of 100; the
    pay, where it finds no room, comes a moment later."""
    route = on_board(at_point, count)

    def tap(uow: UnitOfWork) -> Route:
        done = driving.complete(uow, "drv_1", route.stops[1].id)
        taps.count(uow, "drv_1", "tap_0001")
        return done

    assert at_point.run(tap).status is RouteStatus.COMPLETED
    assert set(statuses(at_point)) == {Status.AT_PICKUP_POINT}


def test_a_photo_by_habit_stops_nobody(at_point: World) -> None:
    route = on_board(at_point)
    shown = [Shown(ProofKind.PHOTO, proof_id="prf_by_habit")]
    at_point.run(
        lambda uow: handover.complete(uow, "drv_1", route.stops[1].id, shown, None, SERVER_KEY)
    )
    assert statuses(at_point) == [Status.AT_PICKUP_POINT] * 2


@pytest.mark.parametrize("reason", [FailureReason.LOCKER_FULL, FailureReason.BUSINESS_CLOSED])
def test_a_point_that_takes_nothing_fails_the_attempt_of_each(
    at_point: World, reason: FailureReason
) -> None:
    route = on_board(at_point)
    failed = at_point.run(lambda uow: driving.fail(uow, "drv_1", route.stops[1].id, reason))
    assert statuses(at_point) == [Status.ATTEMPT_FAILED] * 2
    at_point.run(lambda uow: driving.complete(uow, "drv_1", failed.stops[-1].id))
    assert statuses(at_point) == [Status.READY] * 2
    assert at_point.delivery().attempts[0].reason is reason


def test_a_mis_tap_is_taken_back_for_all(at_point: World) -> None:
    route = on_board(at_point)
    stop_id = route.stops[1].id
    at_point.run(lambda uow: driving.complete(uow, "drv_1", stop_id))
    at_point.run(lambda uow: driving.undo(uow, "drv_1", stop_id))
    assert statuses(at_point) == [Status.EN_ROUTE_TO_DROPOFF] * 2
    assert at_point.delivery().collect_by is None
    at_point.run(lambda uow: driving.complete(uow, "drv_1", stop_id))
    assert statuses(at_point) == [Status.AT_PICKUP_POINT] * 2


def test_what_was_left_there_is_not_asked_of_the_driver_again(at_point: World) -> None:
    """The shop cancels while the route is still open: the parcel is in the locker, not on board."""
    at_point.a_door_follows = True
    route = on_board(at_point, 2)
    at_point.run(lambda uow: driving.complete(uow, "drv_1", route.stops[1].id))
    assert at_point.route(route.id).status is RouteStatus.UNDER_WAY
    ref = route.stops[1].deliveries[0]
    cancel = Cancel(at_point.clock.now(), CancelReason.MERCHANT_REQUEST)
    after = at_point.run(lambda uow: deliveries.carry_out(uow, ref, cancel))
    assert after.status is Status.RETURNING
    kinds = [stop.kind for stop in at_point.route(route.id).stops]
    assert StopKind.RETURN not in kinds


def test_one_that_is_cancelled_on_the_way_leaves_the_others(at_point: World) -> None:
    route = at_point.an_assigned_route(2)
    cancel = Cancel(at_point.clock.now(), CancelReason.MERCHANT_REQUEST)
    at_point.run(lambda uow: deliveries.carry_out(uow, at_point.refs[0], cancel))
    left = at_point.route(route.id)
    assert [stop.deliveries for stop in left.stops] == [(at_point.refs[1],)] * 2


def test_a_wave_brings_it_while_the_point_is_open(world: World) -> None:
    """Noon is one o'clock there; the promise lasts until nine, the point opens from three to four
    and from half past five."""
    afternoon = (Span(15 * 60, 16 * 60), Span(17 * 60 + 30, 22 * 60))
    point = a_point(WeekHours((afternoon,) * 7))
    world.run(lambda uow: pickup_points.save(uow, point))
    world.pickup_point_id = point.id
    made = world.a_ready_delivery()
    world.pickup_point_id = None
    world.a_ready_delivery(2)
    world.a_driver()
    jobs = planning.build_outline(planning.take_snapshot(world.begin(), world.hub)).jobs
    windows = {
        job.id: [(one.earliest_s, one.latest_s) for one in job.dropoff_windows] for job in jobs
    }
    handed_s = made.service_s + 1
    hour = 3600
    assert windows[str(world.refs[0])] == [
        (2 * hour, 3 * hour - handed_s),
        (4 * hour + 1800, 8 * hour - handed_s),
    ]
    assert len(windows[str(world.refs[1])]) == 1
