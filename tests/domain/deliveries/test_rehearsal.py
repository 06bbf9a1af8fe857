"""A test delivery goes where an integrator needs it, on the way of a real one."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import lifecycle, rehearsal
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.kit.errors import IllegalTransition
from tests.builders import NOON, a_request

S = Status


@pytest.fixture
def ready(begin):
    return deliveries.create(begin(), a_request(live=False))


def brought(delivery, target: Status):
    for step in rehearsal.steps_to(delivery, target, NOON, FailureReason.WRONG_ADDRESS):
        delivery, _ = lifecycle.apply(delivery, step)
    return delivery


@pytest.mark.parametrize("target", rehearsal.TARGETS)
def test_every_target_can_be_reached_from_the_start(ready, target: Status) -> None:
    start = brought(ready, S.ATTEMPT_FAILED) if target is S.READY else ready
    if target in (S.AT_PICKUP_POINT, S.COLLECTED):
        start = replace(ready, pickup_point_id="pup_1")
    if target in (S.RETURNING, S.RETURNED):
        start = brought(ready, S.PICKED_UP)
    assert brought(start, target).status is target


def test_the_history_has_every_step_of_a_real_one(ready) -> None:
    statuses = [entry.status for entry in brought(ready, S.DELIVERED).history]
    assert statuses == [
        S.CREATED,
        S.READY,
        S.PLANNED,
        S.ASSIGNED,
        S.EN_ROUTE_TO_PICKUP,
        S.ARRIVED_AT_PICKUP,
        S.PICKED_UP,
        S.EN_ROUTE_TO_DROPOFF,
        S.ARRIVED_AT_DROPOFF,
        S.DELIVERED,
    ]


@pytest.mark.parametrize(("point", "target"), [(None, S.COLLECTED), ("pup_1", S.DELIVERED)])
def test_a_door_delivers_and_a_point_is_collected_from(ready, point, target) -> None:
    with pytest.raises(IllegalTransition):
        brought(replace(ready, pickup_point_id=point), target)


def test_a_rehearsed_handover_shows_what_the_door_asks_for(ready) -> None:
    asked = Requirements(pin=True, id_min_age=18, cash_minor=4590, currency="EUR")
    done = brought(replace(ready, requirements=asked), S.DELIVERED)
    assert done.status is S.DELIVERED
    assert done.requirements.missing(done.proofs) == ()


def test_a_failed_attempt_can_be_tried_again(ready) -> None:
    failed = brought(ready, S.ATTEMPT_FAILED)
    assert failed.attempts[0].reason is FailureReason.WRONG_ADDRESS
    assert brought(brought(failed, S.READY), S.DELIVERED).status is S.DELIVERED


def test_there_is_no_way_back_and_none_out_of_an_end(ready) -> None:
    with pytest.raises(IllegalTransition):
        brought(brought(ready, S.PICKED_UP), S.PLANNED)
    with pytest.raises(IllegalTransition):
        brought(brought(ready, S.DELIVERED), S.ATTEMPT_FAILED)


def test_asking_twice_changes_nothing(ready) -> None:
    there = brought(ready, S.PICKED_UP)
    assert brought(there, S.PICKED_UP) == there
