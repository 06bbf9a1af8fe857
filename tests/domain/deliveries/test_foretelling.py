"""That a delivery is near or late is told once for each attempt, and disturbs no tap."""

from chalicelib.domain.deliveries import lifecycle as life
from chalicelib.domain.deliveries.model import FailureReason, Status
from tests.builders import NOON, a_delivery


def after(*commands):
    delivery = a_delivery()
    for command in commands:
        delivery, _ = life.apply(delivery, command)
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
    told, (event,) = life.foretell(after(*ON_BOARD), "announced", NOON)
    assert (event.type, told.status) == ("delivery.announced", Status.EN_ROUTE_TO_DROPOFF)
    assert told.history[-1].version == told.version == event.version
    assert life.foretell(told, "announced", NOON) == (told, ())
    _, (late,) = life.foretell(told, "delayed", NOON)
    assert late.type == "delivery.delayed"


def test_nothing_is_foretold_of_what_waits_or_has_reached_its_door():
    for delivery in (a_delivery(), after(*ON_BOARD, life.ArriveAtDropoff(NOON))):
        assert life.foretell(delivery, "delayed", NOON) == (delivery, ())


def test_a_tap_that_comes_twice_or_is_taken_back_is_still_understood():
    told, _ = life.foretell(after(*ON_BOARD), "announced", NOON)
    assert life.apply(told, life.SetOutForDropoff(NOON)) == (told, ())
    undone, (event,) = life.apply(told, life.Undo(NOON))
    assert (event.type, undone.status) == ("delivery.undone", Status.ARRIVED_AT_PICKUP)


def test_another_attempt_is_told_of_anew():
    told, _ = life.foretell(after(*ON_BOARD), "announced", NOON)
    back_at_the_hub = life.Retry(NOON, pickup=told.pickup)
    failed = life.FailAttempt(NOON, FailureReason.CUSTOMER_UNAVAILABLE)
    for command in (failed, back_at_the_hub):
        told, _ = life.apply(told, command)
    for command in ON_BOARD:
        told, _ = life.apply(told, command)
    _, events = life.foretell(told, "announced", NOON)
    assert [event.type for event in events] == ["delivery.announced"]
