"""A hub's day on one page: what is locked, what is late, who could take what, and what waits."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.dispatch.today.day_sheets import draw, survey
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import store as driver_store
from chalicelib.domain.routing.daysheet import Sheet
from chalicelib.domain.routing.daysheet_wire import pack, unpack
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.plane import Plane
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed
from chalicelib.kit.errors import StaleVersion
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import (
    HUB_AT,
    NOON,
    STORE_AT,
    a_driver_at_work,
    a_recipient,
    a_request,
)
from tests.domain.dispatch.conftest import World
from tests.domain.routing.days import a_day

NEXT_DOOR = LatLng(51.221, 9.421)


def the_sheet(world: World) -> Sheet:
    return draw(survey(world.begin(), world.hub))


def asked(sheet: Sheet, within_s: int = 7200, **changes: int) -> Fit | Squeezed:
    plane = Plane(HUB_AT)
    new = Newcomer(
        pickup=plane.spot(STORE_AT),
        dropoff=plane.spot(NEXT_DOOR),
        weight_g=changes.get("weight_g", 1000),
        volume_ml=5000,
        pickup_setup_s=180,
        pickup_service_s=20,
        dropoff_service_s=180,
    )
    return Squeeze(sheet, new).into(0, within_s)


def test_a_hub_without_drivers_is_an_empty_page(world: World) -> None:
    world.a_ready_delivery()
    assert asked(the_sheet(world)) is Squeezed.NOBODY


def test_a_route_that_has_not_begun_takes_one_more_at_its_store_and_next_door(
    world: World,
) -> None:
    """The pickup costs its handling alone, for the driver loads there anyway."""
    world.an_assigned_route()
    route_id = world.work().route_id
    found = asked(the_sheet(world))
    assert isinstance(found, Fit)
    assert the_sheet(world).rows[found.row].id == route_id
    assert found.gap.pickup_after == 0
    assert 20 + 180 < found.extra_s < 20 + 180 + 120


def test_what_comes_next_is_locked(world: World) -> None:
    route = world.an_assigned_route()
    (row,) = the_sheet(world).rows
    assert row.end - row.first == 3
    world.clock.advance(minutes=10)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    (row,) = the_sheet(world).rows
    assert row.end - row.first == 2
    found = asked(the_sheet(world))
    assert isinstance(found, Fit)
    # Back to the store for it, from the door that is next.
    assert found.extra_s > 20 + 180 + 180


def test_a_route_that_is_late_is_late_on_the_page(world: World) -> None:
    route = world.an_assigned_route()
    on_time = the_sheet(world).columns.free_s[-1]
    world.clock.advance(minutes=30)
    world.run(lambda uow: driving.arrive(uow, "drv_1", route.stops[0].id))
    sheet = the_sheet(world)
    late_s = sheet.columns.free_s[-1] + 30 * 60 - on_time
    assert 15 * 60 < late_s < 30 * 60


def test_what_is_on_board_leaves_no_room_for_as_much_again(world: World) -> None:
    world.an_assigned_route()
    capacity_g = world.work().vehicle.max_weight_g
    assert isinstance(asked(the_sheet(world), weight_g=capacity_g - 2400), Fit)
    # Behind the last door the vehicle is empty, so even a full load fits, only later.
    full = asked(the_sheet(world), weight_g=capacity_g)
    assert isinstance(full, Fit)
    assert full.gap.pickup_after == 2
    assert asked(the_sheet(world), weight_g=capacity_g + 1) is Squeezed.TOO_LARGE


def test_a_waiting_route_takes_a_free_driver_as_a_wave_would(world: World) -> None:
    world.a_planned_route()
    assert the_sheet(world).rows == ()
    world.a_driver("drv_1")
    (row,) = the_sheet(world).rows
    assert row.id.startswith("rte_")
    assert row.is_open
    world.a_driver("drv_2")
    assert [row.id[:4] for row in the_sheet(world).rows] == ["rte_", "drv_"]


def test_a_planned_route_that_nobody_drives_waits_like_what_is_not_planned(world: World) -> None:
    world.a_planned_route(3)
    assert the_sheet(world).waiting.count == 3


def test_a_free_driver_begins_a_route_from_where_he_stands(world: World) -> None:
    world.a_driver()
    found = asked(the_sheet(world))
    assert isinstance(found, Fit)
    assert found.gap.dropoff_s > world.hub.offer_ttl_s + 180 + 20
    assert asked(the_sheet(world), within_s=300) is Squeezed.NO_TIME


def waiting_deliveries(world: World, count: int) -> None:
    """Due when the hub's horizon ends."""
    window = TimeWindow(world.clock.now(), world.clock.now() + timedelta(hours=4))
    for number in range(count):
        request = a_request(external_id=f"w{number}{world.clock.now()}", window=window)
        world.run(lambda uow, request=request: deliveries.create(uow, request))


def test_deliveries_on_no_route_use_up_the_time_of_free_drivers(world: World) -> None:
    """One driver with four hours has time for twenty-three usual ones, and for no promise then."""
    world.a_driver()
    waiting_deliveries(world, 20)
    assert isinstance(asked(the_sheet(world)), Fit)
    world.clock.advance(seconds=1)
    waiting_deliveries(world, 4)
    assert asked(the_sheet(world)) is Squeezed.BACKLOG


def test_what_is_due_after_the_horizon_closes_nothing(world: World) -> None:
    """Tomorrow's deliveries are for tomorrow's drivers, whom nobody knows yet."""
    world.a_driver()
    window = TimeWindow(NOON, NOON + timedelta(hours=20))
    for number in range(40):
        request = a_request(external_id=str(number), window=window)
        world.run(lambda uow, request=request: deliveries.create(uow, request))
    assert isinstance(asked(the_sheet(world)), Fit)


def test_one_overdue_delivery_does_not_close_the_hub(world: World) -> None:
    world.a_ready_delivery()
    world.clock.advance(hours=9)
    work = a_driver_at_work(shift_ends_at=world.clock.now() + timedelta(hours=5))
    world.run(lambda uow: driver_store.save_work(uow, work))
    assert isinstance(asked(the_sheet(world)), Fit)


def test_a_cancelled_delivery_is_not_carried_any_more(world: World) -> None:
    route = world.an_assigned_route(3)
    assert route.stops[0].weight_g == 3 * 1200
    world.run(
        lambda uow: deliveries.carry_out(
            uow, world.refs[1], life.Cancel(uow.now, CancelReason.OUT_OF_STOCK)
        )
    )
    stops = world.route(route.id).stops
    assert (stops[0].weight_g, stops[0].volume_ml) == (2 * 1200, 2 * 4000)


def test_a_changed_order_changes_window_and_load_of_its_stops(world: World) -> None:
    route = world.a_planned_route()
    before = world.delivery(0)
    later = before.window.shift(timedelta(hours=1))
    after = replace(before, window=later, parcel=Parcel(5000, 9000))
    world.run(lambda uow: deliveries.update(uow, before, after, a_recipient()))
    pickup, door, _ = world.route(route.id).stops
    assert (pickup.weight_g, pickup.volume_ml) == (5000 + 1200, 9000 + 4000)
    assert (door.weight_g, door.window) == (5000, later)


def test_news_of_fifteen_seconds_orders_one_drawing(world: World) -> None:
    ordered = []
    for _ in range(20):
        ordered.append(world.run(lambda uow: sheet_store.order(uow, world.hub.id)))
        world.clock.advance(seconds=1)
    assert [second for second, one in enumerate(ordered) if one] == [0, 15]


def test_two_who_hear_the_news_at_once_order_one_drawing(world: World) -> None:
    first, second = world.begin(), world.begin()
    assert sheet_store.order(first, world.hub.id)
    assert sheet_store.order(second, world.hub.id)
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()
    assert not sheet_store.order(world.begin(), world.hub.id)


def test_a_sheet_is_read_as_it_was_drawn_until_it_is_drawn_anew(world: World) -> None:
    assert world.run(lambda uow: sheet_store.read(uow, world.hub)).rows == ()
    world.a_driver()
    assert sheet_store.read(world.begin(), world.hub).rows == ()
    world.run(lambda uow: sheet_store.redraw(uow, world.hub))
    drawn = sheet_store.read(world.begin(), world.hub)
    assert len(drawn.rows) == 1
    assert pack(drawn) == pack(the_sheet(world))


def test_a_very_old_sheet_is_drawn_by_who_reads_it(world: World) -> None:
    world.run(lambda uow: sheet_store.redraw(uow, world.hub))
    world.a_driver()
    world.clock.advance(minutes=11)
    assert len(sheet_store.read(world.begin(), world.hub).rows) == 1


def test_a_sheet_of_thousands_of_stops_still_fits_into_one_item() -> None:
    """Rows are left out until it does: less room than there is, never more."""
    rng = random.Random(7)
    whole = a_day(rng, 1_500, 40, reach_m=20_000).sheet()
    assert len(pack(whole)) > sheet_store.LARGEST_BYTES
    packed = sheet_store.fitting(whole)
    assert len(packed) <= sheet_store.LARGEST_BYTES
    kept = unpack(packed)
    assert kept.rows == whole.rows[: len(kept.rows)]
    assert len(kept.columns.x_m) == kept.rows[-1].end
