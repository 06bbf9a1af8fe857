"""When a driver cannot go on, the desk sees who is near, and who of them could."""

from dataclasses import replace

from chalicelib.domain.dispatch.matching import relief
from chalicelib.domain.dispatch.rules.eligibility import Bar
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.tracking import whereabouts
from chalicelib.domain.tracking.positions import Ping
from chalicelib.kit.geo import LatLng
from tests.builders import STORE_AT, a_driver_at_work, a_vehicle
from tests.domain.dispatch.conftest import World


def seen(world: World, driver_id: str, away_m: int) -> None:
    where = LatLng(STORE_AT.latitude + away_m / 111_195, STORE_AT.longitude)
    ping = Ping(where, world.clock.now())
    world.run(lambda uow: whereabouts.take_in(uow, driver_id, [ping]))


def test_the_nearest_come_first_with_what_stops_them(world: World) -> None:
    route = world.an_assigned_route()
    seen(world, "drv_1", 50)
    small = a_driver_at_work("drv_2", vehicle=a_vehicle(max_weight_g=1))
    unschooled = replace(a_driver_at_work("drv_3"), papers_end_at=world.clock.now())
    busy = replace(a_driver_at_work("drv_4"), route_id="rte_9")
    gone = replace(a_driver_at_work("drv_5"), on_duty=False)
    for work in (small, unschooled, busy, a_driver_at_work("drv_5"), a_driver_at_work("drv_6")):
        world.run(lambda uow, work=work: drivers.save_work(uow, work))
    for number, away_m in ((2, 700), (3, 2_400), (4, 1_500), (5, 100)):
        seen(world, f"drv_{number}", away_m)
    # Off duty since, before anybody heard of it.
    world.run(lambda uow: drivers.save_work(uow, replace(gone, version=2)))

    found = relief.nearby(world.begin(), route)
    assert [(one.near.driver_id, one.is_free, one.bar, one.may_insist) for one in found] == [
        ("drv_2", True, Bar.CAPACITY, True),
        ("drv_4", False, None, True),
        ("drv_3", True, Bar.PAPERS, False),
    ]
    assert [one.near.distance_m // 10 for one in found] == [70, 150, 240]


def test_a_route_that_is_over_needs_nobody(world: World) -> None:
    route = world.an_assigned_route()
    over = tuple(replace(one, status=one.status.SKIPPED) for one in route.stops)
    assert relief.nearby(world.begin(), replace(route, stops=over)) == []
