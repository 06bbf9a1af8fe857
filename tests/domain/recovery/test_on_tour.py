"""Mended on the same tour: the parcel never goes back, and the driver's undo reverses it."""

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.instructions import IfMissed, Instructions
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.dispatch.model import StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pickup_points import room
from chalicelib.domain.recovery import deciding, following, wishes
from chalicelib.domain.recovery.model import By, State, Wish
from chalicelib.kit.errors import UndoTooLate
from chalicelib.kit.geo import LatLng
from tests.builders import DOOR_AT
from tests.domain.recovery.conftest import Town

BESIDE = LatLng(DOOR_AT.latitude + 0.0015, DOOR_AT.longitude)


def test_a_failed_parcel_goes_to_the_locker_on_the_way(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(2)
    route = town.drive_out()
    town.fail_next(route.id)
    delivery, decision = town.delivery(), town.decision()
    assert decision.chosen.remedy is Remedy.POINT_ON_TOUR
    assert decision.state is State.ON_TOUR
    assert delivery.pickup_point_id == "pup_1"
    assert str(town.refs[0]) in room.load(town.begin(), "pup_1").held
    coming = [one for one in town.route(route.id).stops if not one.status.is_over]
    assert any(one.pickup_point_id == "pup_1" for one in coming)
    assert all(one.kind is not StopKind.RETURN for one in coming)
    town.finish(route.id)
    assert town.delivery().status is Status.AT_PICKUP_POINT
    assert town.decision().state is State.DONE
    town.advance(0, life.Collect(town.clock.now()))
    assert town.decision().outcome == "collected"


def test_two_failed_parcels_share_the_stop_and_a_third_finds_it_full(town: Town) -> None:
    town.locker(1, BESIDE, count=2)
    town.ready(4)
    route = town.drive_out()
    for _ in range(3):
        while town.next_stop(route.id).pickup_point_id is not None:
            town.complete_next(route.id)
        town.fail_next(route.id)
    remedies = [town.decision(number).chosen.remedy for number in range(3)]
    assert remedies[:2] == [Remedy.POINT_ON_TOUR] * 2
    assert remedies[2] is not Remedy.POINT_ON_TOUR


def test_heard_twice_it_is_decided_once(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(2)
    route = town.drive_out()
    town.fail_next(route.id)
    before, stops = town.decision(), town.route(route.id).stops
    failed = next(one for one in town.heard if one.type == "delivery.attempt_failed")
    town.run(lambda uow: deciding.decide(uow, failed))
    town.run(lambda uow: following.follow(uow, failed))
    assert town.decision() == before
    assert town.route(route.id).stops == stops


def test_the_drivers_undo_takes_the_locker_back_too(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(2)
    route = town.drive_out()
    before = town.delivery()
    failed = town.fail_next(route.id)
    town.undo(failed.id)
    delivery = town.delivery()
    assert delivery.status is before.status
    assert delivery.pickup_point_id is None
    assert delivery.dropoff == before.dropoff
    assert delivery.requirements == before.requirements
    assert delivery.attempts == ()
    assert room.load(town.begin(), "pup_1").held == {}
    assert town.next_stop(route.id).id == failed.id
    town.finish(route.id)
    assert [town.delivery(number).status for number in (0, 1)] == [Status.DELIVERED] * 2
    assert "recovery.taken_back" in town.types()


def test_a_second_failure_after_an_undo_is_decided_anew(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(2)
    route = town.drive_out()
    failed = town.fail_next(route.id)
    first = town.decision()
    town.undo(failed.id)
    town.fail_next(route.id)
    assert town.decision().failed_version > first.failed_version
    assert town.decision().state is State.ON_TOUR


def test_once_the_driver_is_at_the_locker_the_tap_stands(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(1)
    route = town.drive_out()
    failed = town.fail_next(route.id)
    at_locker = town.next_stop(route.id)
    town.run(lambda uow: driving.arrive(uow, "drv_1", at_locker.id))
    with pytest.raises(UndoTooLate):
        town.undo(failed.id)
    assert town.decision().state is State.ON_TOUR


def test_a_tap_that_was_taken_back_before_anybody_heard_of_it_decides_nothing(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(1)
    route = town.drive_out()
    town.held = []
    failed = town.fail_next(route.id)
    town.undo(failed.id)
    told, town.held = town.held, None
    for event in reversed(told):
        town.deliver(event)
    assert town.delivery().status is Status.EN_ROUTE_TO_DROPOFF
    assert not [one for one in town.types() if one.startswith("recovery.")]


def test_a_safe_place_that_was_named_after_the_tap_sends_the_driver_back(town: Town) -> None:
    town.ready(2)
    route = town.drive_out()
    town.fail_next(route.id)
    assert town.decision().state is State.WAITING
    told = town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.SAFE_PLACE)))
    assert told.state is State.ON_TOUR
    doors = (one for one in town.route(route.id).stops if one.kind is StopKind.DROPOFF)
    visits = [one.status for one in doors if town.refs[0] in one.deliveries]
    assert visits == [StopStatus.FAILED, StopStatus.PENDING]
    assert town.delivery().status.is_with_driver
    town.finish(route.id)
    assert town.delivery().status is Status.DELIVERED
    assert town.decision().outcome == "delivered"


def test_instructions_after_the_tap_are_a_choice_and_the_driver_goes_back(town: Town) -> None:
    town.ready(2)
    route = town.drive_out()
    town.fail_next(route.id)
    town.later(minutes=1)
    town.instruct(Instructions(safe_place="behind the shed"), IfMissed.SAFE_PLACE)
    assert town.decision().state is State.ON_TOUR
    assert town.decision().chosen.by is By.RECIPIENT
    town.finish(route.id)
    assert town.delivery().status is Status.DELIVERED


def test_a_safe_place_that_the_driver_knew_of_sends_nobody_back(town: Town) -> None:
    town.ready(1)
    said = Instructions(safe_place="behind the shed")
    town.instruct(said, IfMissed.SAFE_PLACE)
    route = town.drive_out()
    town.later(minutes=1)
    town.fail_next(route.id)
    assert town.decision().state is State.WAITING
    assert town.decision().chosen.remedy is not Remedy.SAFE_PLACE


def test_a_tour_gives_one_second_chance_and_then_the_parcel_goes_back(town: Town) -> None:
    town.locker(1, BESIDE)
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    town.fail_next(route.id, FailureReason.LOCKER_FULL)
    decision = town.decision()
    assert decision.reason is FailureReason.LOCKER_FULL
    assert decision.state is State.WAITING
    town.finish(route.id)
    assert town.delivery().status in (Status.READY, Status.RETURNED)


def test_a_recipients_standing_wish_for_a_point_names_its_author(town: Town) -> None:
    town.locker(1, LatLng(BESIDE.latitude + 0.02, BESIDE.longitude))
    town.ready(1)
    town.instruct(Instructions(), IfMissed.PICKUP_POINT)
    route = town.drive_out()
    town.fail_next(route.id)
    assert town.decision().chosen.by is By.RECIPIENT
