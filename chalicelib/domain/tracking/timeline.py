"""What happened to the parcel so far? The steps of the page's timeline, and why one went wrong.

Exactly one step is where it is now; before it stands what happened, after it what is still to come.
What a driver took back never happened. Steps of our own (planned, offered, assigned) are not told:
they say nothing about when the parcel comes.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.model import Delivery, FailureReason, HistoryEntry, Status
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.languages import Translator, mark

S = Status
ON_THE_WAY = frozenset({S.PICKED_UP, S.EN_ROUTE_TO_DROPOFF, S.ARRIVED_AT_DROPOFF})
PREPARING = frozenset(
    {
        *(S.CREATED, S.ADDRESS_REVIEW, S.READY, S.PLANNED),
        *(S.ASSIGNED, S.EN_ROUTE_TO_PICKUP, S.ARRIVED_AT_PICKUP),
    }
)


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: StepState
    at: str = ""
    at_machine: str = ""
    note: str = ""
    is_trouble: bool = False


_AT_THE_DOOR = {
    FailureReason.CUSTOMER_UNAVAILABLE: mark("nobody answered the door"),
    FailureReason.CUSTOMER_REFUSED: mark("the parcel was not accepted"),
    FailureReason.WRONG_ADDRESS: mark("the address did not lead to you"),
    FailureReason.ADDRESS_UNREACHABLE: mark("the driver could not get to the door"),
    FailureReason.BUSINESS_CLOSED: mark("the place was closed"),
    FailureReason.NO_SAFE_PLACE: mark("there was no safe place to leave it"),
    FailureReason.ID_CHECK_FAILED: mark("the ID check did not succeed"),
    FailureReason.WRONG_PIN: mark("the PIN did not match"),
    FailureReason.PACKAGE_DAMAGED: mark("the parcel was damaged"),
    FailureReason.PACKAGE_LOST: mark("the parcel could not be found"),
    FailureReason.ITEM_MISSING: mark("something was missing from it"),
    FailureReason.WRONG_ITEM: mark("it held the wrong item"),
    FailureReason.LOCKER_FULL: mark("the locker was full"),
    FailureReason.VEHICLE_BREAKDOWN: mark("our vehicle broke down"),
    FailureReason.WEATHER: mark("the weather did not allow it"),
    FailureReason.TRAFFIC_DELAY: mark("traffic held us up"),
    FailureReason.OUT_OF_SHIFT_TIME: mark("we ran out of time"),
    FailureReason.DRIVER_EMERGENCY: mark("our driver had an emergency"),
    FailureReason.HOLIDAY: mark("it was a holiday"),
}


def because(reason: str | None, t: Translator) -> str:
    """A failure as a clause; empty when there is nothing that would help to know."""
    try:
        clause = _AT_THE_DOOR.get(FailureReason(reason or ""))
    except ValueError:
        return ""
    return "" if clause is None else t.say(clause)


_STEPS = {
    "created": mark("Order received"),
    "address_review": mark("We asked for your door"),
    "picked_up": mark("Out for delivery"),
    "arrived_at_dropoff": mark("At your door"),
    "delivered": mark("Delivered"),
    "attempt_failed": mark("Delivery attempt"),
    "at_pickup_point": mark("At a pickup point"),
    "collected": mark("Collected"),
    "returning": mark("On its way back"),
    "returned": mark("Back at the shop"),
    "cancelled": mark("Cancelled"),
    "disposed": mark("Not delivered"),
    "lost": mark("Lost"),
    "damaged": mark("Damaged"),
    "rescheduled": mark("You chose another time"),
    "redirected": mark("You chose a pickup point"),
}
#: Steps that are told only where the recipient took them.
_OF_THE_RECIPIENT = frozenset({"rescheduled", "redirected"})
#: How the history says who that was.
RECIPIENT = "recipient"
_TROUBLES = frozenset(
    {"attempt_failed", "returning", "returned", "cancelled", "disposed", "lost", "damaged"}
)


def steps(delivery: Delivery, reading: Reading, now: datetime) -> tuple[Step, ...]:
    """The timeline of a delivery, in the order of time."""
    t = reading.t
    happened = [_happened(entry, reading, now) for entry in _told(delivery.history)]
    if delivery.status is S.ADDRESS_REVIEW:
        happened.append(Step(t.say("Waiting for your address"), StepState.CURRENT))
    elif delivery.status in PREPARING:
        again = t.say("Getting it ready again") if delivery.attempts else t.say("Getting it ready")
        happened.append(Step(again, StepState.CURRENT))
    else:
        happened[-1] = replace(happened[-1], state=StepState.CURRENT)
    return (*happened, *(Step(t.say(label), StepState.TO_COME) for label in _to_come(delivery)))


def _told(history: tuple[HistoryEntry, ...]) -> list[HistoryEntry]:
    """The entries that a recipient is told of, without what was taken back."""
    undone = {entry.undoes for entry in history}
    kept = [entry for entry in history if entry.version not in undone and _is_told(entry)]
    # Standing at the door is news only as long as nothing came of it.
    return [entry for entry in kept if entry.what != "arrived_at_dropoff" or entry is kept[-1]]


def _is_told(entry: HistoryEntry) -> bool:
    if entry.what in _OF_THE_RECIPIENT:
        return entry.by == RECIPIENT
    return entry.what in _STEPS


def _happened(entry: HistoryEntry, reading: Reading, now: datetime) -> Step:
    clause = because(entry.reason, reading.t) if entry.what == "attempt_failed" else ""
    return Step(
        label=reading.t.say(_STEPS[entry.what]),
        state=StepState.DONE,
        at=reading.moment(entry.at, now),
        at_machine=entry.at.isoformat(timespec="seconds"),
        note=clause[:1].upper() + clause[1:],
        is_trouble=entry.what in _TROUBLES,
    )


def _to_come(delivery: Delivery) -> tuple[str, ...]:
    status = delivery.status
    if status in PREPARING:
        return (_STEPS["picked_up"], _STEPS["delivered"])
    if status in ON_THE_WAY:
        return (_STEPS["delivered"],)
    if status is S.ATTEMPT_FAILED:
        again = (mark("Another try"), _STEPS["delivered"])
        return again if delivery.attempts_left else (_STEPS["returned"],)
    next_step = {S.RETURNING: "returned", S.AT_PICKUP_POINT: "collected"}.get(status)
    return () if next_step is None else (_STEPS[next_step],)
