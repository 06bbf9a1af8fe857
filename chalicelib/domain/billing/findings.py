"""What does the fault table say of a disputed charge? Pure: the desk decides, and sees why.

Each reason is held against what is known: was it on time, does the proof of the handover hold, is
what was posted what the events come to. What nobody can know from here is left to a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.deliveries.check_items import CheckState
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.pricing.faults import REFUND_FAULT, Party, RefundReason, is_ours


class DisputeReason(StrEnum):
    """What a merchant may say of a charge."""

    LATE = "late"
    NOT_RECEIVED = "not_received"
    DAMAGED = "damaged"
    LOST = "lost"
    WRONG_PLACE = "wrong_place"
    OVERCHARGED = "overcharged"
    OTHER = "other"


#: What it is called once some of the price is given back for it.
REFUND_OF: Mapping[DisputeReason, RefundReason] = {
    DisputeReason.LATE: RefundReason.LATE,
    DisputeReason.NOT_RECEIVED: RefundReason.NOT_RECEIVED,
    DisputeReason.DAMAGED: RefundReason.DAMAGED,
    DisputeReason.LOST: RefundReason.LOST,
    DisputeReason.WRONG_PLACE: RefundReason.WRONG_PLACE,
    DisputeReason.OVERCHARGED: RefundReason.OVERCHARGED,
    DisputeReason.OTHER: RefundReason.GOODWILL,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Whose fault it seems to be, what should be given back by that, and by which fact."""

    party: Party | None
    owed_minor: int
    because: str


def assess(
    reason: DisputeReason,
    delivery: Delivery,
    check: CheckState | None,
    charged_minor: int,
    due_minor: int,
) -> Finding:
    """What the facts say.

    Parameters
    ----------
    check
        Of the handover's proof; None where nothing was handed over.
    charged_minor, due_minor
        What was charged and not given back, and what the events come to by now.
    """
    if charged_minor <= 0:
        return Finding(None, 0, "nothing_is_charged")
    match reason:
        case DisputeReason.LATE:
            return _late(delivery, charged_minor)
        case DisputeReason.NOT_RECEIVED | DisputeReason.WRONG_PLACE:
            return _not_there(reason, check, charged_minor)
        case DisputeReason.LOST | DisputeReason.DAMAGED:
            if delivery.status in (Status.LOST, Status.DAMAGED):
                return _ours(reason, charged_minor, "it_is_said_by_us")
        case DisputeReason.OVERCHARGED:
            excess = max(0, charged_minor - due_minor)
            because = "charged_more_than_due" if excess else "charged_as_due"
            return Finding(Party.PLATFORM if excess else None, excess, because)
    return Finding(None, 0, "a_person_decides")


def _late(delivery: Delivery, charged_minor: int) -> Finding:
    if delivery.is_on_time is None:
        return Finding(None, 0, "it_was_not_handed_over")
    if delivery.is_on_time:
        return Finding(None, 0, "it_was_on_time")
    others = [one.reason.party_at_fault for one in delivery.attempts]
    theirs = next((party for party in others if not is_ours(party)), None)
    if theirs is not None:
        return Finding(theirs, 0, "an_attempt_failed_by_others")
    return _ours(DisputeReason.LATE, charged_minor, "after_its_window")


def _not_there(reason: DisputeReason, check: CheckState | None, charged_minor: int) -> Finding:
    if check in (CheckState.PASSED, CheckState.ACCEPTED):
        return Finding(Party.RECIPIENT, 0, "the_proof_holds")
    if check is CheckState.REJECTED:
        return _ours(reason, charged_minor, "the_proof_was_rejected")
    if check is CheckState.NEEDS_REVIEW:
        return _ours(reason, charged_minor, "the_proof_does_not_hold")
    return Finding(None, 0, "a_person_decides")


def _ours(reason: DisputeReason, charged_minor: int, because: str) -> Finding:
    return Finding(REFUND_FAULT[REFUND_OF[reason]], charged_minor, because)
