"""That a delivery is near or late is told once for each attempt, and disturbs no tap."""

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries.model import FailureReason, Status
from tests.builders import NOON, a_delivery


def after(*commands):
    delivery = a_delivery()
    for command in commands:
        delivery, _ = lifecycle.apply(delivery, command)
    return delivery


ON_BOARD = (
    life.Plan(NOON, "rte_1"),
    life.Assign(NOON, "drv_1"),
    life.SetOutForPickup(NOON),
    life.ArriveAtPickup(NOON),
    life.PickUp(NOON),
    life.SetOutForDropoff(NOON),
)


def test_it_is_told_once_and_changes_no_status():
    told, (event,) = lifecycle.foretell(after(*ON_BOARD), "announced", NOON)
    assert (event.type, told.status) == ("delivery.announced", Status.EN_ROUTE_TO_DROPOFF)
    assert told.history[-1].version == told.version == event.version
    assert lifecycle.foretell(told, "announced", NOON) == (told, ())
    _, (late,) = lifecycle.foretell(told, "delayed", NOON)
    assert late.type == "delivery.delayed"


def test_nothing_is_foretold_of_what_waits_or_has_reached_its_door():
    for delivery in (a_delivery(), after(*ON_BOARD, life.ArriveAtDropoff(NOON))):
        assert lifecycle.foretell(delivery, "delayed", NOON) == (delivery, ())


def test_a_tap_that_comes_twice_or_is_taken_back_is_still_understood():
    told, _ = lifecycle.foretell(after(*ON_BOARD), "announced", NOON)
    assert lifecycle.apply(told, life.SetOutForDropoff(NOON)) == (told, ())
    undone, (event,) = lifecycle.apply(told, life.Undo(NOON))
    assert (event.type, undone.status) == ("delivery.undone", Status.ARRIVED_AT_PICKUP)


def test_another_attempt_is_told_of_anew():
    told, _ = lifecycle.foretell(after(*ON_BOARD), "announced", NOON)
    back_at_the_hub = life.Retry(NOON, pickup=told.pickup)
    failed = life.FailAttempt(NOON, FailureReason.CUSTOMER_UNAVAILABLE)
    for command in (failed, back_at_the_hub):
        told, _ = lifecycle.apply(told, command)
    for command in ON_BOARD:
        told, _ = lifecycle.apply(told, command)
    _, events = lifecycle.foretell(told, "announced", NOON)
    assert [event.type for event in events] == ["delivery.announced"]
