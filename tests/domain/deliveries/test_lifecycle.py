"""The state machine: every row of its table, and what people rely on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries.model import (
    FINAL,
    CancelReason,
    Confidence,
    Delivery,
    DoorKind,
    FailureReason,
    Home,
    Place,
    Status,
)
from chalicelib.domain.deliveries.requirements import NOTHING, Proof, ProofKind
from chalicelib.kit.errors import IllegalTransition, LastmileError, NoncancelableDelivery
from chalicelib.kit.errors import UndoTooLate as TooLate
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, HUB_AT, NOON, a_delivery

DESK = Place("hub_1", "Hub North", HUB_AT)
LOCKER = Home(DOOR_AT, DoorKind.PICKUP_POINT, NOTHING, Confidence.ACCEPT, 60)


def commands(minute: int) -> list[life.Command]:
    """One of each command, at a minute after noon."""
    at = NOON + timedelta(minutes=minute)
    return [
        life.AskForAddress(at, "street_only"),
        life.ReferAddress(at, "answer_out_of_reach"),
        life.MakeReady(at),
        life.Plan(at, f"rte_{minute % 3}"),
        life.Unplan(at),
        life.Assign(at, f"drv_{minute % 3}"),
        life.Unassign(at, "driver_cancelled"),
        life.SetOutForPickup(at),
        life.ArriveAtPickup(at),
        life.PickUp(at),
        life.SetOutForDropoff(at),
        life.ArriveAtDropoff(at),
        life.Deliver(at, (Proof(ProofKind.PIN),)),
        life.FailAttempt(at, FailureReason.CUSTOMER_UNAVAILABLE),
        life.Retry(at, DESK),
        life.Redirect(at, LOCKER, f"pup_{minute % 3}"),
        life.Reschedule(at, TimeWindow(at, at + timedelta(hours=1 + minute % 3))),
        life.WaitAtHub(at, DESK),
        life.LeaveAtPickupPoint(at),
        life.KeepLonger(at, at + timedelta(days=3)),
        life.Collect(at),
        life.Return(at, "refused"),
        life.ReceiveReturn(at),
        life.Dispose(at),
        life.Lose(at),
        life.Damage(at),
        life.Cancel(at, CancelReason.CUSTOMER_REQUEST),
        life.Undo(at),
    ]


KINDS = len(commands(0))
SEQUENCES = st.lists(
    st.tuples(st.integers(0, KINDS - 1), st.integers(0, 500)), min_size=1, max_size=40
)


def carry_out(delivery: Delivery, *steps: life.Command) -> Delivery:
    for step in steps:
        delivery, _ = lifecycle.apply(delivery, step)
    return delivery


def on_board() -> Delivery:
    return carry_out(
        a_delivery(), life.Plan(NOON, "rte_1"), life.Assign(NOON, "drv_1"), life.PickUp(NOON)
    )


def test_every_status_can_be_reached() -> None:
    seen, frontier = {Status.CREATED}, [Status.CREATED]
    edges = [
        (source, target)
        for sources, target, _ in lifecycle.TRANSITIONS.values()
        for source in sources
    ]
    edges.append((Status.READY, Status.CANCELLED))
    while frontier:
        here = frontier.pop()
        for source, target in edges:
            if source is here and target not in seen:
                seen.add(target)
                frontier.append(target)
    assert seen == set(Status)


def test_no_transition_leaves_a_final_status() -> None:
    for allowed, _, _ in lifecycle.TRANSITIONS.values():
        assert not allowed & FINAL


def test_some_final_status_can_be_reached_from_every_status() -> None:
    """A delivery that cannot end is a parcel that nobody answers for."""
    ends = set(FINAL)
    grew = True
    while grew:
        before = len(ends)
        for sources, target, _ in lifecycle.TRANSITIONS.values():
            if target in ends:
                ends |= sources
        grew = len(ends) > before
    assert ends == set(Status)


@given(SEQUENCES)
def test_any_commands_in_any_order_give_a_legal_history(picks: list[tuple[int, int]]) -> None:
    delivery = a_delivery()
    for kind, minute in picks:
        before = delivery
        try:
            delivery, events = lifecycle.apply(delivery, commands(minute)[kind])
        except LastmileError:
            continue
        assert len(events) == delivery.version - before.version <= 1
        if before.status.is_final and delivery != before:
            assert delivery.history[-1].what == "undone"
    versions = [entry.version for entry in delivery.history]
    assert versions == list(range(1, delivery.version + 1))
    assert delivery.history[-1].status is delivery.status
    times = [entry.at for entry in delivery.history]
    assert times == sorted(times)
    undone = [entry for entry in delivery.history if entry.what == "undone"]
    failed = [entry for entry in delivery.history if entry.what == "attempt_failed"]
    taken_back = {entry.undoes for entry in undone}
    assert len(delivery.attempts) == sum(entry.version not in taken_back for entry in failed)


@given(SEQUENCES)
def test_saying_every_command_twice_changes_nothing(picks: list[tuple[int, int]]) -> None:
    once = twice = a_delivery()
    for kind, minute in picks:
        command = commands(minute)[kind]
        try:
            once, _ = lifecycle.apply(once, command)
            twice, _ = lifecycle.apply(twice, command)
        except LastmileError:
            continue
        twice, events = lifecycle.apply(twice, command)
        assert events == ()
    assert twice == once


def test_a_cancel_before_the_pickup_ends_it_there() -> None:
    cancelled = carry_out(a_delivery(), life.Cancel(NOON, CancelReason.OUT_OF_STOCK))
    assert cancelled.status is Status.CANCELLED
    assert cancelled.reason == "out_of_stock"


def test_a_cancel_after_the_pickup_sends_it_back() -> None:
    returning = carry_out(on_board(), life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST))
    assert returning.status is Status.RETURNING
    assert carry_out(returning, life.ReceiveReturn(NOON)).status is Status.RETURNED


def test_a_delivered_one_can_no_longer_be_cancelled() -> None:
    delivered = carry_out(on_board(), life.Deliver(NOON))
    with pytest.raises(NoncancelableDelivery) as refused:
        lifecycle.apply(delivered, life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST))
    assert refused.value.extra["reason"] == "delivered"


def test_a_failed_attempt_is_kept_apart_from_the_status() -> None:
    failed = carry_out(on_board(), life.FailAttempt(NOON, FailureReason.WRONG_ADDRESS))
    again = carry_out(failed, life.Retry(NOON, DESK))
    assert again.status is Status.READY
    assert [attempt.reason for attempt in again.attempts] == [FailureReason.WRONG_ADDRESS]
    assert again.pickup == DESK
    assert again.route_id is None


def test_the_fourth_attempt_is_refused() -> None:
    delivery = a_delivery()
    for _ in range(3):
        delivery = carry_out(
            delivery,
            life.Plan(NOON, "rte_1"),
            life.Assign(NOON, "drv_1"),
            life.PickUp(NOON),
            life.FailAttempt(NOON, FailureReason.CUSTOMER_UNAVAILABLE),
        )
        if delivery.attempts_left:
            delivery = carry_out(delivery, life.Retry(NOON, DESK))
    with pytest.raises(IllegalTransition):
        lifecycle.apply(delivery, life.Retry(NOON, DESK))


def test_a_mis_tap_is_taken_back_by_a_new_entry() -> None:
    delivered = carry_out(on_board(), life.Deliver(NOON, (Proof(ProofKind.PIN),)))
    undone, events = lifecycle.apply(delivered, life.Undo(NOON + timedelta(minutes=5)))
    assert undone.status is Status.PICKED_UP
    assert undone.proofs == ()
    assert undone.history[:-1] == delivered.history
    assert undone.history[-1].undoes == delivered.version
    assert [event.type for event in events] == ["delivery.undone"]


def test_an_undo_looks_past_what_followed_by_itself() -> None:
    """Picking up makes the next door the driver's goal; the tap is still the pickup."""
    gone = carry_out(on_board(), life.SetOutForDropoff(NOON))
    undone, _ = lifecycle.apply(gone, life.Undo(NOON))
    assert undone.status is Status.ASSIGNED


def test_after_five_minutes_a_tap_stands() -> None:
    delivered = carry_out(on_board(), life.Deliver(NOON))
    with pytest.raises(TooLate):
        lifecycle.apply(delivered, life.Undo(NOON + timedelta(minutes=5, seconds=1)))


def test_an_undone_failure_is_no_attempt() -> None:
    failed = carry_out(on_board(), life.FailAttempt(NOON, FailureReason.OTHER))
    undone, _ = lifecycle.apply(failed, life.Undo(NOON))
    assert undone.attempts == ()


def test_on_time_is_unknown_until_it_is_handed_over() -> None:
    assert on_board().is_on_time is None
    assert carry_out(on_board(), life.Deliver(NOON)).is_on_time is True
    late = carry_out(on_board(), life.Deliver(NOON + timedelta(hours=9)))
    assert late.is_on_time is False


def test_every_failure_reason_names_the_party_at_fault() -> None:
    assert all(reason.party_at_fault for reason in FailureReason)
