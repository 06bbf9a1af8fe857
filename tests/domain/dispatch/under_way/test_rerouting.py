"""Elsewhere, or later: delivery, compartment and route change together, or not at all."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries.model import Delivery, DoorKind, FailureReason, Status
from chalicelib.domain.deliveries.requirements import NOTHING, Requirements
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving, rerouting
from chalicelib.domain.dispatch.under_way.detours import Ride
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.errors import Conflict, IllegalTransition
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import Span, WeekHours
from chalicelib.kit.move_errors import (
    DoesNotFit,
    HomeUnknown,
    NeedsADoor,
    OthersWouldBeLate,
    PointClosed,
    PointFull,
)
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.table import Refused
from tests.builders import NOON
from tests.domain.dispatch.conftest import World
from tests.domain.pickup_points.test_room import NEVER, a_point

#: Three kilometres from the doors.
STATION = LatLng(51.24, 9.45)


def a_station(**changes: object) -> PickupPoint:
    return replace(a_point(small=2, large=2), position=STATION, **changes)


@pytest.fixture
def station(world: World) -> PickupPoint:
    point = a_station()
    world.run(lambda uow: pickup_points.save(uow, point))
    return point


def on_board(world: World, count: int = 3) -> Route:
    route = world.an_assigned_route(count)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    return world.route(route.id)


def redirected(
    world: World, point: PickupPoint, number: int = 0, *, insist: bool = False
) -> Delivery:
    delivery = world.delivery(number)
    return world.run(lambda uow: rerouting.redirect(uow, delivery, point, insist=insist))


def sent_home(world: World, number: int = 0) -> Delivery:
    delivery = world.delivery(number)
    return world.run(lambda uow: rerouting.redirect_home(uow, delivery))


def held(world: World, point: PickupPoint) -> set[str]:
    return set(room.load(world.begin(), point.id).held)


def coming(world: World, route: Route) -> list[Stop]:
    return [stop for stop in world.route(route.id).stops if not stop.status.is_over]


def with_windows(world: World, route: Route, window: TimeWindow) -> None:
    """The promises that the stops keep, made tight."""
    stops = tuple(
        replace(stop, window=window) if stop.kind is StopKind.DROPOFF else stop
        for stop in route.stops
    )
    tight = replace(route, stops=stops, version=route.version + 1)
    world.run(lambda uow: dispatch.save_route(uow, tight))


def test_what_waits_for_a_wave_is_planned_to_the_point(world: World, station: PickupPoint) -> None:
    world.requirements = Requirements(pin=True)
    world.a_ready_delivery()
    after = redirected(world, station)
    assert (after.status, after.pickup_point_id, after.dropoff) == (
        Status.READY,
        station.id,
        STATION,
    )
    assert (after.door, after.requirements) == (DoorKind.PICKUP_POINT, NOTHING)
    assert held(world, station) == {str(world.refs[0])}
    assert world.delivery() == after


def test_the_same_point_again_changes_nothing(world: World, station: PickupPoint) -> None:
    world.a_ready_delivery()
    after = redirected(world, station)
    assert redirected(world, station) == after
    assert len(held(world, station)) == 1


def test_a_change_of_mind_gives_the_first_place_back(world: World, station: PickupPoint) -> None:
    other = a_station(id="pup_2")
    world.run(lambda uow: pickup_points.save(uow, other))
    world.requirements = Requirements(pin=True)
    world.a_ready_delivery()
    redirected(world, station)
    redirected(world, other)
    assert (held(world, station), len(held(world, other))) == (set(), 1)
    home = sent_home(world)
    assert held(world, other) == set()
    assert home.requirements.pin
    assert (home.pickup_point_id, home.home, home.door) == (None, None, DoorKind.APARTMENT)


@pytest.mark.parametrize(
    ("point", "error"),
    [
        (a_station(is_active=False), PointClosed),
        (replace(a_station(), hours=WeekHours((NEVER,) * 7)), PointClosed),
        (replace(a_station(), compartments=a_point(small=2).compartments[1:]), DoesNotFit),
        (replace(a_station(), compartments=a_point(large=0).compartments), DoesNotFit),
    ],
)
def test_a_point_that_cannot_take_it_says_why(
    world: World, point: PickupPoint, error: type[Conflict]
) -> None:
    world.run(lambda uow: pickup_points.save(uow, point))
    before = world.a_ready_delivery()
    with pytest.raises(error):
        redirected(world, point)
    assert world.delivery() == before


def test_the_last_compartment_is_given_once(world: World) -> None:
    point = replace(a_point(small=0, large=1), position=STATION)
    world.run(lambda uow: pickup_points.save(uow, point))
    for number in range(2):
        world.a_ready_delivery(number)
    redirected(world, point)
    with pytest.raises(PointFull):
        redirected(world, point, 1)


def test_what_only_a_person_can_give_keeps_its_door(world: World, station: PickupPoint) -> None:
    for asked in (Requirements(id_min_age=18), Requirements(cash_minor=500, currency="EUR")):
        world.requirements = asked
        world.a_ready_delivery()
        with pytest.raises(NeedsADoor):
            redirected(world, station, -1)


def test_of_two_redirects_at_once_one_wins(world: World, station: PickupPoint) -> None:
    other = a_station(id="pup_2")
    world.run(lambda uow: pickup_points.save(uow, other))
    world.a_ready_delivery()
    first, second = world.begin(), world.begin()
    for uow, point in ((first, station), (second, other)):
        rerouting.redirect(uow, world.delivery(), point)
    first.commit()
    with pytest.raises(Refused):
        second.commit()
    assert world.delivery().pickup_point_id == station.id
    assert (len(held(world, station)), held(world, other)) == (1, set())


def test_on_board_its_stop_moves_to_the_point(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    before = [stop.id for stop in coming(world, route)]
    redirected(world, station, 2)
    after = world.route(route.id)
    left, new = after.stop(before[2]), coming(world, route)[-1]
    assert left is not None
    assert left.status is StopStatus.SKIPPED
    assert (new.pickup_point_id, new.position, new.deliveries) == (
        station.id,
        STATION,
        (world.refs[2],),
    )
    assert after.distance_m > route.distance_m
    assert new.planned_arrival_at > coming(world, route)[0].planned_arrival_at
    done = world.run(lambda uow: driving.complete(uow, "drv_1", new.id))
    assert world.delivery(2).status is Status.AT_PICKUP_POINT
    assert len(list(done.deliveries())) == 3


def test_it_joins_the_stop_that_goes_there_already(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    redirected(world, station, 1)
    redirected(world, station, 2)
    stop = coming(world, route)[-1]
    assert stop.deliveries == (world.refs[1], world.refs[2])
    assert (stop.service_s, stop.weight_g) == (120, 2400)
    assert len(coming(world, route)) == 2


def test_when_the_next_door_falls_away_the_driver_turns_to_the_point(
    world: World, station: PickupPoint
) -> None:
    route = on_board(world, 1)
    assert world.delivery().status is Status.EN_ROUTE_TO_DROPOFF
    after = redirected(world, station)
    assert after.status is Status.EN_ROUTE_TO_DROPOFF
    assert [stop.pickup_point_id for stop in coming(world, route)] == [station.id]


def test_on_board_it_goes_where_it_makes_nobody_late(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    last = coming(world, route)[-1].planned_arrival_at + timedelta(minutes=10)
    with_windows(world, route, TimeWindow(NOON, last))
    # Behind the others it makes nobody late.
    assert redirected(world, station, 0).pickup_point_id == station.id
    stops = coming(world, route)
    assert [bool(stop.pickup_point_id) for stop in stops] == [False, False, True]


def test_a_point_that_closes_first_makes_others_late(world: World) -> None:
    """It would have to be next, and then the door behind it would wait too long."""
    route = on_board(world)
    stops = coming(world, route)
    # The driver stands at the first door, with time to spare for the next and none for a detour.
    world.clock.advance(minutes=33)
    world.run(lambda uow: driving.complete(uow, "drv_1", stops[0].id))
    ride = Ride(world.route(route.id), world.hub, world.clock.now())
    tight = ride.calls[-1].leaves_at + timedelta(seconds=1)
    with_windows(world, world.route(route.id), TimeWindow(NOON, tight))
    closes = (tight + timedelta(minutes=2)).astimezone(ZoneInfo("Europe/Berlin"))
    span = Span(0, closes.hour * 60 + closes.minute)
    point = a_station(hours=WeekHours(((span,),) * 7))
    world.run(lambda uow: pickup_points.save(uow, point))
    with pytest.raises(OthersWouldBeLate) as refused:
        redirected(world, point, 2)
    assert refused.value.extra["late"] == 1
    assert world.delivery(2).pickup_point_id is None
    assert held(world, point) == set()
    assert redirected(world, point, 2, insist=True).pickup_point_id == point.id


def test_before_the_pickup_its_stop_changes(world: World, station: PickupPoint) -> None:
    route = world.an_assigned_route(2)
    after = redirected(world, station, 1)
    assert after.status is Status.EN_ROUTE_TO_PICKUP
    stops = coming(world, route)
    assert [stop.kind for stop in stops] == [StopKind.PICKUP, *[StopKind.DROPOFF] * 2]
    assert stops[-1].pickup_point_id == station.id


def test_before_the_pickup_it_leaves_a_route_that_cannot_go_there(world: World) -> None:
    point = a_station(hours=WeekHours((*(NEVER,) * 5, *a_point().hours.days[5:])))
    world.run(lambda uow: pickup_points.save(uow, point))
    route = world.an_assigned_route(2)
    delivery = world.delivery(1)
    tomorrow = TimeWindow(NOON, NOON + timedelta(hours=30))
    world.run(
        lambda uow: rerouting.delivery_store.save(
            uow, replace(delivery, window=tomorrow, version=delivery.version + 1)
        )
    )
    after = redirected(world, point, 1)
    assert (after.status, after.route_id) == (Status.READY, None)
    assert len(held(world, point)) == 1
    assert world.refs[1] not in {ref for stop in coming(world, route) for ref in stop.deliveries}
    assert after.id in world.pending_ids()


def test_what_nobody_took_goes_to_the_point_on_the_same_tour(
    world: World, station: PickupPoint
) -> None:
    route = on_board(world, 2)
    first = coming(world, route)[0]
    reason = FailureReason.CUSTOMER_UNAVAILABLE
    world.run(lambda uow: driving.fail(uow, "drv_1", first.id, reason))
    after = redirected(world, station)
    assert after.status in (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)
    stops = coming(world, route)
    assert [stop.kind for stop in stops] == [StopKind.DROPOFF] * 2
    point_stop = next(stop for stop in stops if stop.pickup_point_id)
    world.run(lambda uow: driving.arrive(uow, "drv_1", point_stop.id))
    world.run(lambda uow: driving.complete(uow, "drv_1", point_stop.id))
    assert world.delivery().status is Status.AT_PICKUP_POINT


def test_a_tap_at_the_door_that_was_left_is_refused(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    door = coming(world, route)[1]
    redirected(world, station, 1)
    with pytest.raises(Conflict):
        world.run(lambda uow: driving.complete(uow, "drv_1", door.id))
    assert world.delivery(1).status is Status.PICKED_UP


def test_a_redirect_while_the_driver_hands_it_over_loses_or_wins_whole(
    world: World, station: PickupPoint
) -> None:
    route = on_board(world)
    door = coming(world, route)[0]
    mind, tap = world.begin(), world.begin()
    rerouting.redirect(mind, world.delivery(), station)
    driving.complete(tap, "drv_1", door.id)
    tap.commit()
    with pytest.raises(Refused):
        mind.commit()
    assert world.delivery().status is Status.DELIVERED
    assert held(world, station) == set()


def test_at_the_door_and_after_the_end_it_is_too_late(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    door = coming(world, route)[0]
    world.run(lambda uow: driving.arrive(uow, "drv_1", door.id))
    with pytest.raises(IllegalTransition):
        redirected(world, station)
    world.run(lambda uow: driving.complete(uow, "drv_1", door.id))
    with pytest.raises(IllegalTransition):
        redirected(world, station)
    assert held(world, station) == set()


def test_home_again_before_it_lies_there(world: World, station: PickupPoint) -> None:
    route = on_board(world)
    redirected(world, station, 2)
    home = sent_home(world, 2)
    assert home.pickup_point_id is None
    assert held(world, station) == set()
    assert [stop.pickup_point_id for stop in coming(world, route)] == [None] * 3
    redirected(world, station, 2)
    stop = next(stop for stop in coming(world, route) if stop.pickup_point_id)
    world.run(lambda uow: driving.complete(uow, "drv_1", stop.id))
    with pytest.raises(IllegalTransition):
        sent_home(world, 2)


def test_what_was_ordered_to_a_point_has_no_home(world: World, station: PickupPoint) -> None:
    world.pickup_point_id = station.id
    world.a_ready_delivery()
    with pytest.raises(HomeUnknown):
        sent_home(world)


def test_news_of_a_change_that_the_route_knows_change_nothing(
    world: World, station: PickupPoint
) -> None:
    route = on_board(world)
    redirected(world, station, 2)
    known = world.route(route.id)
    for event in [one for one in world.heard if one.type == "delivery.redirected"]:
        world.tell(event)
    assert world.route(route.id) == known
