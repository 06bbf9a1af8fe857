"""A plan becomes real route by route, and only with what is still as it was."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    MOST_LISTED,
    RouteStatus,
    StopKind,
    Unserved,
    Wave,
)
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.kit.errors import Conflict
from chalicelib.storage.table import Refused
from tests.domain.dispatch.conftest import World


def test_a_draft_becomes_a_route_and_its_deliveries_are_planned(world: World) -> None:
    route = world.a_planned_route(3)
    assert route.status is RouteStatus.PLANNED
    assert [stop.kind for stop in route.stops] == [StopKind.PICKUP, *[StopKind.DROPOFF] * 3]
    assert world.delivery().status is Status.PLANNED
    assert world.delivery().route_id == route.id
    assert world.pending_ids() == set()


def test_a_delivery_that_was_cancelled_meanwhile_is_dropped(world: World) -> None:
    draft = world.draft(2)
    gone = world.refs[0]
    cancel = life.Cancel(world.clock.now(), CancelReason.CUSTOMER_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, gone, cancel))
    route, dropped = world.run(lambda uow: adoption.adopt_route(uow, draft))
    assert dropped == 1
    assert route is not None
    assert list(route.deliveries()) == [world.refs[1]]


def test_a_route_of_which_nothing_is_left_is_not_made(world: World) -> None:
    draft = world.draft(1)
    world.run(lambda uow: adoption.adopt_route(uow, draft))
    assert world.run(lambda uow: adoption.adopt_route(uow, draft)) == (None, 1)


def test_two_plans_that_race_for_one_delivery_cannot_both_have_it(world: World) -> None:
    """Both loaded it while it was ready; the second commit is refused as a whole."""
    draft = world.draft(1)
    first, second = world.begin(), world.begin()
    adoption.adopt_route(first, draft)
    adoption.adopt_route(second, draft)
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_the_largest_route_fits_into_one_commit(world: World) -> None:
    route = world.a_planned_route(MOST_DELIVERIES)
    assert sum(1 for _ in route.deliveries()) == MOST_DELIVERIES
    assert world.delivery(MOST_DELIVERIES - 1).route_id == route.id


def test_a_route_weighs_what_is_on_board_at_once(world: World) -> None:
    """A route that drops before it loads again needs no vehicle for the sum of its parcels."""
    draft = replace(world.draft(3), load_weight_g=1300, load_volume_ml=4100)
    route, _ = world.run(lambda uow: adoption.adopt_route(uow, draft))
    assert route is not None
    assert (route.load_weight_g, route.load_volume_ml) == (1300, 4100)


def test_a_route_that_nobody_takes_gives_its_deliveries_back(world: World) -> None:
    route = world.a_planned_route(2)
    world.run(lambda uow: adoption.give_up(uow, route.id))
    assert world.route(route.id).status is RouteStatus.CANCELLED
    assert world.delivery().status is Status.READY
    assert len(world.pending_ids()) == 2


def test_a_route_with_a_driver_is_not_given_up(world: World) -> None:
    route = world.an_assigned_route()
    with pytest.raises(Conflict):
        world.run(lambda uow: adoption.give_up(uow, route.id))


def test_the_record_of_a_hopeless_wave_still_fits_into_one_item(world: World) -> None:
    """Five thousand deliveries and no driver: the record lists a thousand and counts them all."""
    left = tuple(
        Unserved(DeliveryRef(f"mer_{n:026d}", f"del_{n:026d}"), "no_vehicle") for n in range(5000)
    )
    wave = Wave(
        id="wav_1",
        hub_id=world.hub.id,
        slot="2026-11-27T13",
        planned_at=world.clock.now(),
        engine="none",
        route_ids=(),
        served=0,
        unserved=left,
        left_out=len(left),
        dropped=0,
    )
    world.run(lambda uow: store.save_wave(uow, wave))
    kept = store.find_wave(world.begin(), world.hub.id, "wav_1")
    assert kept is not None
    assert (len(kept.unserved), kept.left_out) == (MOST_LISTED, 5000)
