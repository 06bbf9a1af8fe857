"""What may happen next? The state machine of a delivery, as one table.

A command says what somebody did; :func:`apply` returns the delivery after it and the event to tell,
or raises ``IllegalTransition``. The same command twice in a row changes nothing and tells nothing,
so replays are harmless. Final statuses do not move, with one exception that people need: a driver's
mis-tap can be undone for five minutes, by an entry that says so (nothing is ever taken out of the
history). Source: shared vocabulary of DoorDash Drive, Onfleet and Jitsu; the undo from
CoopCycle users' requests (coopcycle-app#1463).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.commands import (
    ArriveAtDropoff,
    ArriveAtPickup,
    AskForAddress,
    Assign,
    Cancel,
    Collect,
    Command,
    Damage,
    Deliver,
    Dispose,
    FailAttempt,
    KeepLonger,
    LeaveAtPickupPoint,
    Lose,
    MakeReady,
    Move,
    MoveToDriver,
    PickUp,
    Plan,
    ReceiveReturn,
    Redirect,
    ReferAddress,
    RemindToCollect,
    Reschedule,
    Resume,
    Retry,
    Return,
    SetOutForDropoff,
    SetOutForPickup,
    Unassign,
    Undo,
    Unplan,
    WaitAtHub,
)
from chalicelib.domain.deliveries.foretelling import ASIDE, last_step, may_be_told
from chalicelib.domain.deliveries.model import (
    BY_RECOVERY,
    COLLECTION_DUE,
    COLLECTION_EXTENDED,
    Attempt,
    Delivery,
    HistoryEntry,
    Status,
)
from chalicelib.domain.deliveries.news import event_of
from chalicelib.kit.errors import (
    IllegalTransition,
    NoncancelableDelivery,
    ProofMissing,
    UndoTooLate,
)
from chalicelib.kit.events import Event

UNDO_WITHIN = timedelta(minutes=5)


S = Status
_BEFORE_DRIVER = frozenset({S.CREATED, S.ADDRESS_REVIEW, S.READY, S.PLANNED})
_TO_PICKUP = frozenset({S.ASSIGNED, S.EN_ROUTE_TO_PICKUP, S.ARRIVED_AT_PICKUP})
#: Planned, and the parcel not yet reached: another route can take it over.
_MOVABLE = frozenset({S.PLANNED, S.ASSIGNED, S.EN_ROUTE_TO_PICKUP})
_TO_DROPOFF = frozenset({S.PICKED_UP, S.EN_ROUTE_TO_DROPOFF, S.ARRIVED_AT_DROPOFF})
_TRIED = _TO_DROPOFF | {S.ATTEMPT_FAILED}
_IN_OUR_HANDS = _TO_DROPOFF | {S.ATTEMPT_FAILED, S.AT_PICKUP_POINT, S.RETURNING}

_ON_BOARD = frozenset({S.PICKED_UP, S.EN_ROUTE_TO_DROPOFF})

#: command -> (from, to, event). The whole life; Cancel and Undo are told below, they fork, and so
#: are the changes of mind.
TRANSITIONS: dict[type[Command], tuple[frozenset[Status], Status, str]] = {
    AskForAddress: (frozenset({S.CREATED, S.READY}), S.ADDRESS_REVIEW, "address_review"),
    ReferAddress: (frozenset({S.ADDRESS_REVIEW}), S.ADDRESS_REVIEW, "address_referred"),
    MakeReady: (frozenset({S.CREATED, S.ADDRESS_REVIEW}), S.READY, "ready"),
    Plan: (frozenset({S.READY}), S.PLANNED, "planned"),
    Unplan: (frozenset({S.PLANNED}), S.READY, "unplanned"),
    Move: (_MOVABLE, S.PLANNED, "moved"),
    MoveToDriver: (_MOVABLE, S.ASSIGNED, "moved"),
    Assign: (frozenset({S.PLANNED}), S.ASSIGNED, "assigned"),
    Unassign: (_TO_PICKUP, S.READY, "unassigned"),
    SetOutForPickup: (frozenset({S.ASSIGNED}), S.EN_ROUTE_TO_PICKUP, "en_route_to_pickup"),
    ArriveAtPickup: (
        frozenset({S.ASSIGNED, S.EN_ROUTE_TO_PICKUP}),
        S.ARRIVED_AT_PICKUP,
        "arrived_at_pickup",
    ),
    PickUp: (_TO_PICKUP, S.PICKED_UP, "picked_up"),
    SetOutForDropoff: (frozenset({S.PICKED_UP}), S.EN_ROUTE_TO_DROPOFF, "en_route_to_dropoff"),
    ArriveAtDropoff: (
        frozenset({S.PICKED_UP, S.EN_ROUTE_TO_DROPOFF}),
        S.ARRIVED_AT_DROPOFF,
        "arrived_at_dropoff",
    ),
    Deliver: (_TO_DROPOFF, S.DELIVERED, "delivered"),
    FailAttempt: (_TO_DROPOFF, S.ATTEMPT_FAILED, "attempt_failed"),
    Retry: (frozenset({S.ATTEMPT_FAILED}), S.READY, "rescheduled"),
    Resume: (frozenset({S.ATTEMPT_FAILED}), S.PICKED_UP, "resumed"),
    WaitAtHub: (_ON_BOARD, S.READY, "ready"),
    LeaveAtPickupPoint: (_TRIED, S.AT_PICKUP_POINT, "at_pickup_point"),
    RemindToCollect: (frozenset({S.AT_PICKUP_POINT}), S.AT_PICKUP_POINT, COLLECTION_DUE),
    KeepLonger: (frozenset({S.AT_PICKUP_POINT}), S.AT_PICKUP_POINT, COLLECTION_EXTENDED),
    Collect: (frozenset({S.AT_PICKUP_POINT}), S.COLLECTED, "collected"),
    Return: (_TO_DROPOFF | {S.ATTEMPT_FAILED, S.AT_PICKUP_POINT}, S.RETURNING, "returning"),
    ReceiveReturn: (frozenset({S.RETURNING}), S.RETURNED, "returned"),
    Dispose: (frozenset({S.ATTEMPT_FAILED, S.RETURNING}), S.DISPOSED, "disposed"),
    Lose: (_IN_OUR_HANDS, S.LOST, "lost"),
    Damage: (_IN_OUR_HANDS, S.DAMAGED, "damaged"),
}

#: What becomes of a delivery that goes somewhere else: on board it stays on board, to be handed
#: over or brought back; where the door was in doubt, nobody needs to find it any more.
_REDIRECTED: Mapping[Status, Status] = {
    S.ADDRESS_REVIEW: S.READY,
    S.READY: S.READY,
    S.PLANNED: S.PLANNED,
    S.ASSIGNED: S.ASSIGNED,
    S.EN_ROUTE_TO_PICKUP: S.EN_ROUTE_TO_PICKUP,
    S.ARRIVED_AT_PICKUP: S.ARRIVED_AT_PICKUP,
    **dict.fromkeys((*_ON_BOARD, S.ATTEMPT_FAILED), S.PICKED_UP),
}
#: The same where it comes at another time: it leaves a route that has not picked it up yet.
_RESCHEDULED: Mapping[Status, Status] = {
    S.ADDRESS_REVIEW: S.ADDRESS_REVIEW,
    **dict.fromkeys((S.READY, S.PLANNED, *_TO_PICKUP), S.READY),
    **dict.fromkeys((*_ON_BOARD, S.ATTEMPT_FAILED), S.PICKED_UP),
}

#: What follows from a tap by itself, when the driver's next stop changes.
_FOLLOWING = frozenset({"en_route_to_pickup", "en_route_to_dropoff"}) | ASIDE
#: What a driver taps, and may take back.
_TAPS = frozenset(
    {
        *("arrived_at_pickup", "picked_up", "arrived_at_dropoff"),
        *("delivered", "attempt_failed", "at_pickup_point"),
    }
)


def apply(before: Delivery, command: Command) -> tuple[Delivery, tuple[Event, ...]]:
    """Carry out one command.

    Returns
    -------
    The delivery after it, and the events to tell: one, or none when the command had already been
    carried out by the latest version.

    Raises
    ------
    IllegalTransition
        If the status does not allow it.
    NoncancelableDelivery, UndoTooLate
        The same, for the two commands whose refusal people read.
    ProofMissing
        If the handover lacks something that was asked for at this door.
    """
    match command:
        case Undo():
            return _undo(before, command)
        case Cancel():
            return _cancel(before, command)
        case Redirect():
            return _redirect(before, command)
        case Reschedule():
            return _reschedule(before, command)
    allowed, status, what = TRANSITIONS[type(command)]
    repeats = before.status is status and last_step(before) == what
    # A move to another route is no repeat of the last one.
    if repeats and getattr(command, "route_id", before.route_id) == before.route_id:
        return before, ()
    if before.status not in allowed:
        raise IllegalTransition(
            f"a delivery that is {before.status} cannot become {status}",
            extra={"delivery_status": before.status},
        )
    after = _with_effects(before, command)
    return _step(after, status, what, command.at, _reason(command), by=command.by)


def foretell(before: Delivery, what: str, at: datetime) -> tuple[Delivery, tuple[Event, ...]]:
    """Note what is expected of a delivery on its way; once for each attempt."""
    is_news = may_be_told(before, what)
    return _step(before, before.status, what, at, None) if is_news else (before, ())


def record_update(before: Delivery, after: Delivery, at: datetime) -> tuple[Delivery, Event]:
    """Note that the shop changed the order; allowed while the parcel is not with a driver."""
    if before.status not in _BEFORE_DRIVER | _TO_PICKUP:
        raise IllegalTransition(
            f"a delivery that is {before.status} can no longer be changed",
            extra={"delivery_status": before.status},
        )
    # What is still doubted keeps its reason: the merchant reads it there.
    reason = after.reason if before.status is Status.ADDRESS_REVIEW else None
    updated, events = _step(after, before.status, "updated", at, reason)
    return updated, events[0]


def _with_effects(before: Delivery, command: Command) -> Delivery:
    """What a command changes besides the status."""
    match command:
        case Plan():
            return replace(before, route_id=command.route_id)
        case Move():
            return replace(before, route_id=command.route_id, driver_id=None)
        case MoveToDriver():
            return replace(before, route_id=command.route_id, driver_id=command.driver_id)
        case Assign():
            return replace(before, driver_id=command.driver_id)
        case Unplan() | Unassign():
            return replace(before, route_id=None, driver_id=None)
        case Deliver():
            _must_show_all(before, command)
            return replace(before, proofs=command.proofs)
        case LeaveAtPickupPoint() | KeepLonger():
            return replace(before, collect_by=command.collect_by)
        case FailAttempt():
            attempt = Attempt(
                number=len(before.attempts) + 1,
                at=command.at,
                reason=command.reason,
                driver_id=before.driver_id,
                route_id=before.route_id,
            )
            return replace(before, attempts=(*before.attempts, attempt))
        case Retry() | WaitAtHub():
            return _at_hub_again(before, command)
    return before


def _at_hub_again(before: Delivery, command: Retry | WaitAtHub) -> Delivery:
    """What goes to a pickup point needs nobody at a door, so no try at one."""
    is_try = isinstance(command, Retry) and not command.to_point
    if is_try and before.attempts_left < 1:
        raise IllegalTransition("there are no attempts left")
    window = getattr(command, "window", None) or before.window
    return replace(before, pickup=command.pickup, window=window, route_id=None, driver_id=None)


def _must_show_all(delivery: Delivery, handover: Deliver) -> None:
    missing = [kind.value for kind in delivery.requirements.missing(handover.proofs)]
    if missing:
        raise ProofMissing(f"still needed: {', '.join(missing)}", extra={"missing": missing})


def _reason(command: Command) -> str | None:
    reason = getattr(command, "reason", None)
    return None if reason is None else str(reason)


def _cancel(before: Delivery, command: Cancel) -> tuple[Delivery, tuple[Event, ...]]:
    if before.status is Status.CANCELLED or before.status is Status.RETURNING:
        return before, ()
    if before.status in _BEFORE_DRIVER | _TO_PICKUP:
        return _step(before, Status.CANCELLED, "cancelled", command.at, command.reason)
    if before.status.is_final:
        raise NoncancelableDelivery(
            f"the delivery is already {before.status}", extra={"reason": before.status}
        )
    return _step(before, Status.RETURNING, "returning", command.at, command.reason)


def may_be_changed(delivery: Delivery) -> bool:
    """Whether its shop may still change it, or call it off without a way back."""
    return delivery.status in _BEFORE_DRIVER | _TO_PICKUP


def may_be_returned(delivery: Delivery) -> bool:
    return delivery.status in TRANSITIONS[Return][0]


def may_be_redirected(delivery: Delivery) -> bool:
    """Whether its status lets it go somewhere else, to a pickup point or home."""
    return delivery.status in _REDIRECTED


def may_be_rescheduled(delivery: Delivery) -> bool:
    """Whether its status and its attempts let it come in another window."""
    used_up = delivery.status is Status.ATTEMPT_FAILED and delivery.attempts_left < 1
    return delivery.status in _RESCHEDULED and not used_up


def _redirect(before: Delivery, command: Redirect) -> tuple[Delivery, tuple[Event, ...]]:
    to = command.to
    is_there = (before.pickup_point_id, before.dropoff) == (command.point_id, to.dropoff)
    if is_there and last_step(before) == "redirected":
        return before, ()
    after = replace(
        before,
        dropoff=to.dropoff,
        door=to.door,
        requirements=to.requirements,
        confidence=to.confidence,
        service_s=to.service_s,
        door_key=to.door_key,
        shop_door_key=to.shop_door_key,
        pickup_point_id=command.point_id,
        home=command.home,
    )
    status = _or_refused(before, _REDIRECTED)
    return _step(after, status, "redirected", command.at, command.reason, by=command.by)


def _reschedule(before: Delivery, command: Reschedule) -> tuple[Delivery, tuple[Event, ...]]:
    if before.window == command.window and last_step(before) == "rescheduled":
        return before, ()
    if before.status is Status.ATTEMPT_FAILED and before.attempts_left < 1:
        raise IllegalTransition("there are no attempts left")
    status = _or_refused(before, _RESCHEDULED)
    after = replace(before, window=command.window)
    if status is Status.READY:
        after = replace(after, route_id=None, driver_id=None)
    told, events = _step(after, status, "rescheduled", command.at, command.reason, by=command.by)
    # What is still doubted keeps its reason: the merchant reads it there.
    is_doubted = status is Status.ADDRESS_REVIEW
    return (replace(told, reason=before.reason) if is_doubted else told), events


def _or_refused(before: Delivery, becomes: Mapping[Status, Status]) -> Status:
    status = becomes.get(before.status)
    if status is None:
        raise IllegalTransition(
            f"a delivery that is {before.status} can no longer go elsewhere or come later",
            extra={"delivery_status": before.status},
        )
    return status


def _follows(entry: HistoryEntry) -> bool:
    """Whether it came of the tap before it; what recovery did then is reversed by recovery."""
    return entry.what in _FOLLOWING or entry.by == BY_RECOVERY


def _undo(before: Delivery, command: Undo) -> tuple[Delivery, tuple[Event, ...]]:
    if before.history[-1].what == "undone":
        return before, ()
    index = len(before.history) - 1
    while index > 0 and _follows(before.history[index]):
        index -= 1
    tap = before.history[index]
    if tap.what not in _TAPS:
        raise UndoTooLate("only a driver's last tap can be undone")
    if command.at - tap.at > UNDO_WITHIN:
        raise UndoTooLate("the tap is more than five minutes old")
    cleaned = replace(
        before,
        attempts=before.attempts[:-1] if tap.what == "attempt_failed" else before.attempts,
        proofs=() if tap.what == "delivered" else before.proofs,
        collect_by=None if tap.what == "at_pickup_point" else before.collect_by,
    )
    status = before.history[index - 1].status
    return _step(cleaned, status, "undone", command.at, None, undoes=tap.version)


def _step(
    delivery: Delivery,
    status: Status,
    what: str,
    at: datetime,
    reason: str | None,
    *,
    undoes: int | None = None,
    by: str | None = None,
) -> tuple[Delivery, tuple[Event, ...]]:
    version = delivery.version + 1
    # A late message may carry an earlier time than the history's last: time never runs backwards.
    at = max(at, delivery.history[-1].at)
    entry = HistoryEntry(version, what, status, at, reason, undoes, by)
    after = replace(
        delivery,
        status=status,
        version=version,
        reason=reason,
        history=(*delivery.history, entry),
    )
    return after, (event_of(after),)
