"""What is given back because it came late? Pure: the promise of the card, held against the history.

A card may promise that who waits longer than its window and some patience gets some of the agreed
fee back. It is due when the delay is ours: an attempt that failed through the recipient or the
shop, or another place that somebody chose on the way, ends the promise; the time that the shop let
its driver wait beyond a usual handover is taken off the delay. The window is the one that counted
in the end. What is waived as a whole, or comes back, is not late but undelivered.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.pricing.faults import (
    REFUND_FAULT,
    Party,
    Payer,
    RefundReason,
    is_ours,
    party_at_fault,
)
from chalicelib.domain.pricing.model import Component, Kind, RateCard
from chalicelib.domain.pricing.stages import STAGE_RULES, Happening, StageFee, standing

#: So long a shop's handover takes without being anybody's delay.
USUAL_HANDOVER_S = 300
#: What undoes that it came: it is not late, it is not there.
_ENDS_OTHERWISE = frozenset({"cancelled", "returning", "disposed", "lost", "damaged"})


def late_refund(
    card: RateCard,
    fee_minor: int,
    due_minor: int,
    happened: Sequence[Happening],
    promised_until: datetime | None,
) -> StageFee | None:
    """What a card gives back for a history's delay; None for nothing.

    Parameters
    ----------
    fee_minor, due_minor
        The agreed fee before tax, and what is due by now before tax: never more is given back.
    promised_until
        The end of the window that counted in the end.
    """
    promise = card.late_refund
    if promise is None or promised_until is None:
        return None
    came, party, shop_waited_s = _read(list(standing(happened)))
    if came is None or not is_ours(party):
        return None
    late_s = int((came.at - promised_until).total_seconds()) - shop_waited_s
    amount_minor = min(due_minor, promise.share.of(fee_minor))
    if late_s <= promise.after_s or amount_minor <= 0:
        return None
    inputs: Mapping[str, int | str] = {
        "late_s": late_s,
        "after_s": promise.after_s,
        "shop_waited_s": shop_waited_s,
        "fee_minor": fee_minor,
        "flat_minor": promise.share.flat_minor,
        "permille": promise.share.permille,
    }
    kind = Kind.LATE_REFUND
    component = Component(kind, STAGE_RULES[kind], inputs, -amount_minor)
    return StageFee(component, came.event_id, party, Payer.MERCHANT)


def _read(happened: Sequence[Happening]) -> tuple[Happening | None, Party, int]:
    """By which event it came, whose fault a delay is, and how long the shop let wait [s]."""
    came = arrived = None
    party = REFUND_FAULT[RefundReason.LATE]
    waited_s = pickups = 0
    for entry in happened:
        if entry.what == "arrived_at_pickup":
            arrived = entry
        elif entry.what == "picked_up":
            if arrived is not None and not pickups:
                spent_s = int((entry.at - arrived.at).total_seconds())
                waited_s = max(0, spent_s - USUAL_HANDOVER_S)
            pickups += 1
        elif entry.what == "attempt_failed":
            party = _worse(party, party_at_fault(entry.reason))
        elif entry.what == "redirected" and pickups:
            party = _worse(party, Party.RECIPIENT)
        elif entry.what in ("delivered", "at_pickup_point"):
            came = entry
        elif entry.what in _ENDS_OTHERWISE:
            came = None
    return came, party, waited_s


def _worse(known: Party, other: Party) -> Party:
    """Who is not us stays at fault, whatever we do afterwards."""
    return other if is_ours(known) else known
