"""What a recipient says to the driver: kept apart, told without a name, and in nobody's way."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import instructing, redaction, store
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.instructions import (
    NO_INSTRUCTIONS,
    IfMissed,
    Instructions,
    Neighbour,
)
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.kit.errors import IllegalTransition
from tests.builders import NOON, a_delivery, a_request

SAID = Instructions("4711#", "knock twice", "behind the shed", Neighbour("Kessler", "9"))
ON_BOARD = (
    life.Plan(NOON, "rte_1"),
    life.Assign(NOON, "drv_1"),
    life.PickUp(NOON),
    life.SetOutForDropoff(NOON),
)


@pytest.fixture
def made(begin):
    uow = begin()
    delivery = deliveries.create(uow, a_request())
    uow.commit()
    return deliveries.ref_of(delivery)


def say(begin, ref, said=SAID, if_missed=IfMissed.SAFE_PLACE):
    uow = begin()
    person = store.load_recipient(uow, ref)
    after = instructing.instruct(uow, store.load(uow, ref), person, said, if_missed)
    told = list(uow._events)
    uow.commit()
    return after, told


def carry_out(begin, ref, *commands):
    uow = begin()
    deliveries.carry_out(uow, ref, *commands)
    uow.commit()


def test_they_are_kept_with_the_person_and_told_without_a_word_of_them(begin, made):
    after, (event,) = say(begin, made)
    uow = begin()
    assert store.load(uow, made) == after
    assert store.load_recipient(uow, made).instructions == SAID
    assert (event.type, event.version) == ("delivery.instructions_changed", after.version)
    item = store.to_item(after)
    for word in ("4711", "knock", "shed", "Kessler"):
        assert word not in str(event) + str(item)
    assert (after.if_missed, after.has_safe_place) == (IfMissed.SAFE_PLACE, True)


def test_the_same_words_again_change_nothing(begin, made):
    after, _ = say(begin, made)
    again, told = say(begin, made)
    assert (again, told) == (after, [])


def test_they_go_with_the_person(begin, made):
    say(begin, made)
    carry_out(begin, made, life.Cancel(NOON, "customer_request"))
    uow = begin()
    redaction.redact(uow, made, lambda prefix: None)
    uow.commit()
    assert store.load_recipient(begin(), made) is None


def test_taps_go_on_as_if_nothing_had_been_said(begin, made):
    carry_out(begin, made, *ON_BOARD, life.ArriveAtDropoff(NOON))
    say(begin, made)
    carry_out(begin, made, life.ArriveAtDropoff(NOON))
    assert store.load(begin(), made).history[-1].what == "instructions_changed"
    carry_out(begin, made, life.Undo(NOON))
    assert store.load(begin(), made).status is Status.EN_ROUTE_TO_DROPOFF


def test_whoever_waits_for_a_wave_does_not_wait_anew(begin, made):
    before = store.load(begin(), made)
    after, _ = say(begin, made)
    assert store._pending(after)["ready_at"] == store._pending(before)["ready_at"]
    assert store._pending(after)["version"] == after.version


def test_a_failed_attempt_keeps_its_reason(begin, made):
    failed = life.FailAttempt(NOON, FailureReason.CUSTOMER_UNAVAILABLE)
    carry_out(begin, made, *ON_BOARD, failed)
    after, _ = say(begin, made)
    assert after.reason == "customer_unavailable"
    assert after.history[-1].by == instructing.RECIPIENT


def test_nothing_can_be_said_of_what_is_over_or_too_often(begin, made):
    for number in range(instructing.MOST_CHANGES):
        say(begin, made, replace(SAID, note=str(number)))
    with pytest.raises(IllegalTransition):
        say(begin, made)
    uow = begin()
    over = deliveries.create(uow, a_request(external_id="2"))
    over = deliveries.advance(uow, over, life.Cancel(NOON, "customer_request"))
    person = a_request().recipient
    with pytest.raises(IllegalTransition):
        instructing.instruct(uow, over, person, SAID, None)


def test_a_safe_place_stands_for_being_there_unless_somebody_is_needed():
    placed = a_delivery(has_safe_place=True)
    assert placed.handover == Requirements(action=DoorAction.LEAVE_AT_DOOR, photo=True)
    asked = Requirements(pin=True)
    assert replace(placed, requirements=asked).handover == asked
    assert a_delivery().handover == a_delivery().requirements


def test_a_delivery_of_before_has_none():
    old = {name: value for name, value in store.to_item(a_delivery()).items()}
    del old["if_missed"], old["has_safe_place"]
    assert store.from_item(old).if_missed is None
    assert a_request().recipient.instructions == NO_INSTRUCTIONS
