"""A driver who does not come loses the route; parcels on board only change hands."""

from datetime import timedelta

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.dispatch.matching import candidates, offers, releases
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.dispatch.model import RouteStatus, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.kit.desk_errors import DriverUnsuitable, StopsLocked
from chalicelib.kit.errors import Conflict, DriverBusy, NotFound
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Refused
from tests.builders import STORE_AT, a_driver_at_work, a_vehicle
from tests.domain.dispatch.conftest import World


def no_shows(world: World) -> list[str]:
    crew = candidates.muster(world.begin(), world.hub)
    return releases.no_shows(crew, world.hub.asking, world.clock.now())


def first_stop(world: World, route_id: str) -> str:
    return world.route(route_id).stops[0].id


def test_who_has_not_come_ten_minutes_after_the_time_loses_the_route(world: World) -> None:
    route = world.an_assigned_route()
    world.clock.advance(minutes=19)
    assert no_shows(world) == []
    world.clock.advance(minutes=1)
    assert no_shows(world) == [route.id]
    asking = world.hub.asking
    world.run(lambda uow: releases.release_no_show(uow, route.id, asking))
    after = world.route(route.id)
    assert (after.status, after.driver_id, after.released) == (RouteStatus.PLANNED, None, 1)
    assert after.refused_by == ("drv_1",)
    assert (world.work().route_id, world.work().no_shows) == (None, 1)
    assert world.delivery().status is Status.PLANNED
    assert world.delivery().driver_id is None
    assert [entry.what for entry in world.delivery().history][-2:] == ["unassigned", "planned"]
    assert "route.released" in [event.type for event in world.heard]


def test_a_released_route_finds_another_driver_and_ends_well(world: World) -> None:
    route = world.an_assigned_route()
    world.clock.advance(minutes=20)
    world.run(lambda uow: releases.release_no_show(uow, route.id, world.hub.asking))
    offer_id = world.an_offer(world.route(route.id), world.a_driver("drv_2"))
    world.run(lambda uow: offers.accept(uow, "drv_2", offer_id))
    assert world.delivery().driver_id == "drv_2"
    for stop in world.route(route.id).stops:
        world.run(lambda uow, one=stop.id: driving.complete(uow, "drv_2", one))
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.delivery().status is Status.DELIVERED


def test_somebody_who_stands_at_the_door_has_come_without_a_tap(world: World) -> None:
    world.an_assigned_route()
    world.clock.advance(minutes=20)
    fix = {"position": str(STORE_AT), "at": write_instant(world.clock.now())}
    world.run(lambda uow: uow.put(keys.position("drv_1"), fix, expect=None))
    assert no_shows(world) == []


def test_a_tap_in_the_last_moment_keeps_the_route(world: World) -> None:
    route = world.an_assigned_route()
    world.clock.advance(minutes=20)
    late = world.begin()
    releases.release_no_show(late, route.id, world.hub.asking)
    world.run(lambda uow: driving.arrive(uow, "drv_1", first_stop(world, route.id)))
    with pytest.raises(Refused):
        late.commit()
    again = world.run(lambda uow: releases.release_no_show(uow, route.id, world.hub.asking))
    assert again is None
    assert world.route(route.id).status is RouteStatus.UNDER_WAY


def test_a_release_that_comes_twice_is_one(world: World) -> None:
    route = world.an_assigned_route()
    world.clock.advance(minutes=20)
    for _ in range(2):
        world.run(lambda uow: releases.release_no_show(uow, route.id, world.hub.asking))
    assert world.route(route.id).released == 1


def test_the_taps_of_who_lost_the_route_find_nothing(world: World) -> None:
    route = world.an_assigned_route()
    offer_id = route.offer_id or ""
    world.run(lambda uow: releases.release(uow, route.id, ReleaseReason.DESK))
    with pytest.raises(NotFound):
        world.run(lambda uow: driving.arrive(uow, "drv_1", first_stop(world, route.id)))
    with pytest.raises(NotFound):
        world.run(lambda uow: offers.accept(uow, "drv_1", offer_id))


def test_the_desk_can_release_whoever_arrived_but_has_nothing_on_board(world: World) -> None:
    route = world.an_assigned_route()
    world.run(lambda uow: driving.arrive(uow, "drv_1", first_stop(world, route.id)))
    world.run(lambda uow: releases.release(uow, route.id, ReleaseReason.BREAKDOWN))
    assert world.route(route.id).stops[0].status is StopStatus.PENDING
    assert world.work().no_shows == 0


def test_with_parcels_on_board_stops_are_locked(world: World) -> None:
    route = world.an_assigned_route()
    world.run(lambda uow: driving.complete(uow, "drv_1", first_stop(world, route.id)))
    with pytest.raises(StopsLocked):
        world.run(lambda uow: releases.release(uow, route.id, ReleaseReason.DESK))
    world.clock.advance(hours=2)
    assert no_shows(world) == []


def test_parcels_on_board_are_handed_over_from_driver_to_driver(world: World) -> None:
    route = world.an_assigned_route()
    pickup, *doors = (stop.id for stop in route.stops)
    world.run(lambda uow: driving.complete(uow, "drv_1", pickup))
    world.a_driver("drv_2")
    for _ in range(2):
        world.run(lambda uow: releases.hand_over(uow, route.id, "drv_2"))
    assert (world.work().route_id, world.work("drv_2").route_id) == (None, route.id)
    assert {world.delivery(n).driver_id for n in range(2)} == {"drv_2"}
    assert world.delivery().history[-1].what == "handed_over"
    with pytest.raises(NotFound):
        world.run(lambda uow: driving.arrive(uow, "drv_1", doors[0]))
    for door in doors:
        world.run(lambda uow, one=door: driving.complete(uow, "drv_2", one))
    assert world.route(route.id).status is RouteStatus.COMPLETED
    assert world.work("drv_2").is_free


def test_who_ended_a_route_took_that_back_and_gave_it_away_taps_on_it_no_more(
    world: World,
) -> None:
    """A phone without a signal may send such a tap much later."""
    route = world.an_assigned_route(1)
    pickup, door = (stop.id for stop in route.stops)
    for stop_id in (pickup, door):
        world.run(lambda uow, one=stop_id: driving.complete(uow, "drv_1", one))
    world.run(lambda uow: driving.undo(uow, "drv_1", door))
    world.a_driver("drv_2")
    world.run(lambda uow: releases.hand_over(uow, route.id, "drv_2"))
    with pytest.raises(NotFound):
        world.run(lambda uow: driving.complete(uow, "drv_1", door))
    assert (world.work().route_id, world.work("drv_2").route_id) == (None, route.id)


def test_a_route_is_handed_only_to_somebody_who_can_take_it(world: World) -> None:
    route = world.an_assigned_route()
    bike = a_driver_at_work("drv_bike", vehicle=a_vehicle(kind=VehicleKind.CARGO_BIKE))
    home = a_driver_at_work("drv_home", on_duty=False)
    busy = a_driver_at_work("drv_busy", route_id="rte_9")
    for work in (bike, home, busy):
        world.run(lambda uow, one=work: drivers.save_work(uow, one))
    for driver_id, error in (
        ("drv_bike", DriverUnsuitable),
        ("drv_home", DriverUnsuitable),
        ("drv_busy", DriverBusy),
        ("drv_nobody", NotFound),
    ):
        with pytest.raises(error):
            world.run(lambda uow, one=driver_id: releases.hand_over(uow, route.id, one))
    assert world.route(route.id).driver_id == "drv_1"


def test_the_desk_may_insist_on_a_driver_as_far_as_the_law_allows(world: World) -> None:
    route = world.an_assigned_route()
    bike = a_driver_at_work("drv_bike", vehicle=a_vehicle(kind=VehicleKind.CARGO_BIKE))
    lapsed = a_driver_at_work("drv_lapsed", papers_end_at=world.clock.now())
    for work in (bike, lapsed):
        world.run(lambda uow, one=work: drivers.save_work(uow, one))
    with pytest.raises(DriverUnsuitable) as refused:
        world.run(lambda uow: releases.hand_over(uow, route.id, "drv_lapsed", "the only one here"))
    assert refused.value.extra == {"bar": "papers", "may_insist": False}
    world.run(lambda uow: releases.hand_over(uow, route.id, "drv_bike", "it is one letter"))
    assert world.route(route.id).driver_id == "drv_bike"
    told = next(event for event in world.heard if event.type == "route.handed_over")
    assert (told.data["bar"], told.data["insisted"]) == ("vehicle", "it is one letter")


def test_what_nobody_has_cannot_be_released_or_handed_over(world: World) -> None:
    route = world.a_planned_route()
    world.a_driver("drv_2")
    with pytest.raises(Conflict):
        world.run(lambda uow: releases.release(uow, route.id, ReleaseReason.DESK))
    with pytest.raises(Conflict):
        world.run(lambda uow: releases.hand_over(uow, route.id, "drv_2"))


def test_a_driver_far_away_gets_the_time_of_the_way(world: World) -> None:
    route = world.a_planned_route()
    work = world.a_driver()
    offer = world.run(lambda uow: offers.make(uow, route, work, 9000, 45, approach_s=1800))
    world.run(lambda uow: offers.accept(uow, "drv_1", offer.id))
    assert world.route(route.id).expected_at == world.clock.now() + timedelta(minutes=30)
    world.clock.advance(minutes=39)
    assert no_shows(world) == []
    world.clock.advance(minutes=1)
    assert no_shows(world) == [route.id]
