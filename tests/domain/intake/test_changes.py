"""Late news of an order: what is still taken over, and what is said when it is not."""

from datetime import timedelta

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.intake.store import Result
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, NOON
from tests.domain.intake.desk import OTHER_ADDRESS, OTHER_DOOR, Desk, a_cancellation, an_order
from tests.domain.intake.shops import Gazetteer


def test_an_update_is_taken_over_while_it_can_be(desk: Desk) -> None:
    desk.receive(an_order())
    window = TimeWindow(NOON + timedelta(hours=2), NOON + timedelta(hours=4))
    changed = an_order(
        1,
        address=OTHER_ADDRESS,
        position=OTHER_DOOR,
        notes="Blue door",
        parcel=Parcel(900, 4500, 3),
        window=window,
    )
    assert desk.receive(changed).result is Result.UPDATED
    delivery, recipient = desk.the_delivery(), desk.recipient()
    assert (delivery.dropoff, delivery.window) == (OTHER_DOOR, window)
    assert delivery.parcel == Parcel(900, 4500, 3)
    assert recipient is not None
    assert (recipient.address, recipient.notes) == (OTHER_ADDRESS, "Blue door")
    assert delivery.history[-1].what == "updated"


def test_an_update_that_changes_nothing_makes_no_event(desk: Desk) -> None:
    desk.receive(an_order())
    outcome = desk.receive(an_order(1))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "nothing_changed")
    assert desk.the_delivery().version == 2


def test_a_late_update_does_not_postpone_the_promise(desk: Desk, clock: FrozenClock) -> None:
    desk.receive(an_order())
    promised = desk.the_delivery().window
    clock.advance(hours=3)
    desk.receive(an_order(1, notes="Blue door"))
    assert desk.the_delivery().window == promised


def test_an_unchanged_address_is_not_looked_up_again(desk: Desk) -> None:
    desk.receive(an_order(position=None))
    desk.receive(an_order(1, position=None, notes="Blue door"))
    assert len(desk.gazetteer.asked) == 1


def test_an_older_version_never_overwrites_a_newer_one(desk: Desk) -> None:
    desk.receive(an_order(5, notes="new"))
    outcome = desk.receive(an_order(0, notes="old"))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "superseded")
    recipient = desk.recipient()
    assert recipient is not None
    assert recipient.notes == "new"


def test_a_move_out_of_our_reach_leaves_the_delivery_and_is_visible(desk: Desk) -> None:
    desk.receive(an_order())
    desk.gazetteer = Gazetteer(position=None)
    outcome = desk.receive(an_order(1, address=OTHER_ADDRESS, position=None))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "unknown_location")
    assert outcome.delivery_id == desk.the_delivery().id
    assert desk.the_delivery().dropoff == DOOR_AT
    assert desk.rejection_codes() == ["unknown_location"]


def test_an_edit_after_the_pickup_is_a_visible_exception(desk: Desk) -> None:
    desk.receive(an_order())
    desk.pick_up()
    outcome = desk.receive(an_order(1, notes="Blue door"))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "update_not_allowed")
    assert desk.rejection_codes() == ["update_not_allowed"]


def test_a_cancellation_before_the_pickup_ends_the_delivery(desk: Desk) -> None:
    desk.receive(an_order())
    assert desk.receive(a_cancellation()).result is Result.CANCELLED
    assert desk.the_delivery().status is Status.CANCELLED


def test_a_cancellation_after_the_pickup_brings_the_parcel_back(desk: Desk) -> None:
    desk.receive(an_order())
    desk.pick_up()
    outcome = desk.receive(a_cancellation())
    assert (outcome.result, outcome.code) == (Result.CANCELLED, "returning")
    assert desk.the_delivery().status is Status.RETURNING


def test_a_cancellation_after_the_handover_changes_nothing_and_is_visible(desk: Desk) -> None:
    desk.receive(an_order())
    desk.pick_up()
    desk.carry_out(life.Deliver(NOON))
    outcome = desk.receive(a_cancellation())
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "noncancelable_delivery")
    assert desk.the_delivery().status is Status.DELIVERED
    assert desk.rejection_codes() == ["noncancelable_delivery"]


def test_an_order_cancelled_before_we_heard_of_it_is_not_revived(desk: Desk) -> None:
    assert desk.receive(a_cancellation()).code == "no_delivery"
    assert desk.receive(an_order()).code == "superseded"
    assert desk.deliveries() == []


def test_an_order_revived_after_its_cancellation_is_visible(desk: Desk) -> None:
    desk.receive(an_order())
    desk.receive(a_cancellation())
    outcome = desk.receive(an_order(20))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "order_cancelled")
    assert desk.rejection_codes() == ["order_cancelled"]


def test_a_deletion_without_a_time_cancels(desk: Desk) -> None:
    desk.receive(an_order())
    deletion = a_cancellation(updated_at=None, address=None, parcel=None)
    assert desk.receive(deletion).result is Result.CANCELLED


def test_an_update_after_the_merchant_cancelled_by_api_does_not_revive_it(desk: Desk) -> None:
    desk.receive(an_order())
    desk.carry_out(life.Cancel(NOON, CancelReason.MERCHANT_REQUEST))
    assert desk.receive(an_order(1, notes="Blue door")).code == "order_cancelled"
