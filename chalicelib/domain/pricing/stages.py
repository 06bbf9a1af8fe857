"""What is to be paid for what happened on the way? Pure: a history, and the card it was agreed by.

Read from first to last, with what was undone left out, the history causes these fees, each by one
event:

* waiting, when a stop ends that began with an arrival: started minutes after the free time;
* re-delivery, when the parcel is picked up again after an attempt failed, or after somebody chose
  another window while it was on board;
* the pickup point's discount, when it goes to one instead before it sets out; taken back with it;
* return, when the way back begins;
* cancellation, when it is cancelled after a driver was assigned and before the pickup.

And these waivers: a delivery that is cancelled before its pickup does not owe the agreed price; one
that ends undelivered through a driver or us owes nothing at all. The fault table says who pays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.pricing.faults import PAYS, Party, Payer, is_ours, party_at_fault
from chalicelib.domain.pricing.model import Component, Kind, RateCard, Share, Waiting
from chalicelib.domain.pricing.rules import RULES

SECONDS_PER_MINUTE = 60

#: How each stage fee is made, in words; docs/pricing.md shows the same table.
STAGE_RULES: Mapping[Kind, str] = {
    Kind.WAITING: "each started minute after the free time, up to a most",
    Kind.REDELIVERY: "a share of the agreed fee, when the parcel sets out again",
    Kind.RETURN: "a share of the agreed fee, when the parcel turns back",
    Kind.CANCELLATION: "cancelled after a driver was assigned, before the pickup",
    Kind.WAIVED: "what was due so far is not due",
    Kind.LATE_REFUND: "an amount and a share of the agreed fee, when it comes too late through us",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a delivery's history, as pricing sees it; ``what`` is the event's name without
    its noun, and ``undoes`` the version that it takes back."""

    version: int
    what: str
    at: datetime
    event_id: str
    reason: str | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class StageFee:
    """A fee, or a waiver, with the event that caused it and who pays for it."""

    component: Component
    event_id: str
    party_at_fault: Party
    payer: Payer


@dataclass(slots=True)
class _Walk:
    """Where the reader of a history stands."""

    card: RateCard
    fee_minor: int
    due_minor: int
    has_driver: bool = False
    pickups: int = 0
    arrived: Happening | None = None
    #: A failed attempt that no further pickup and no pickup point has followed yet.
    failure: Happening | None = None
    #: Another window was chosen on board, and no further pickup has followed yet.
    postponed: Happening | None = None
    is_discounted: bool = False
    #: What going to a pickup point instead has taken off the agreed fee.
    discount_minor: int = 0
    fees: list[StageFee] = field(default_factory=list)

    def charge(
        self,
        kind: Kind,
        entry: Happening,
        party: Party,
        inputs: Mapping[str, int | str],
        amount_minor: int,
    ) -> None:
        if amount_minor == 0:
            return
        payer = Payer.MERCHANT if kind is Kind.WAIVED else PAYS[party]
        rule = STAGE_RULES.get(kind) or RULES[kind]
        component = Component(kind, rule, inputs, amount_minor)
        self.fees.append(StageFee(component, entry.event_id, party, payer))
        if payer is Payer.MERCHANT:
            self.due_minor += amount_minor

    def charge_share(self, kind: Kind, entry: Happening, party: Party, share: Share) -> None:
        inputs: dict[str, int | str] = {
            "reason": (self.failure or self.postponed or entry).reason or "",
            "fee_minor": self.fee_minor,
            "flat_minor": share.flat_minor,
            "permille": share.permille,
        }
        self.charge(kind, entry, party, inputs, share.of(self.fee_minor))

    def waive(self, entry: Happening, party: Party, because: str) -> None:
        inputs: dict[str, int | str] = {"because": because, "due_minor": self.due_minor}
        self.charge(Kind.WAIVED, entry, party, inputs, -self.due_minor)

    def fault_of(self, entry: Happening) -> Party:
        """Whose fault it is that the delivery ends here: ours while a failure of ours is open,
        whatever reason the last step gives."""
        if self.failure is not None and is_ours(party_at_fault(self.failure.reason)):
            return party_at_fault(self.failure.reason)
        return party_at_fault(entry.reason)


def stage_fees(
    card: RateCard,
    fee_minor: int,
    happened: Sequence[Happening],
    *,
    is_discounted: bool = False,
) -> tuple[StageFee, ...]:
    """The fees that a history causes.

    Parameters
    ----------
    card
        The version that the price was agreed by.
    fee_minor
        The agreed fee before tax (``Price.fee_minor``).
    happened
        The history, oldest first, from its first entry.
    is_discounted
        The agreed fee is that of a pickup point already.
    """
    walk = _Walk(card, fee_minor, fee_minor, is_discounted=is_discounted)
    for entry in standing(happened):
        step = _STEPS.get(entry.what)
        if step is not None:
            step(walk, entry)
    return tuple(walk.fees)


def standing(happened: Sequence[Happening]) -> Iterator[Happening]:
    """What is left when everything undone, and the undoing itself, is taken out."""
    undone = {entry.undoes for entry in happened}
    return (one for one in happened if one.undoes is None and one.version not in undone)


def listed(card: RateCard, fee_minor: int) -> dict[Kind, int]:
    """The stage fees that a delivery at this fee could meet, for whoever asks before agreeing."""
    shares = {
        Kind.REDELIVERY: card.redelivery,
        Kind.RETURN: card.return_leg,
        Kind.CANCELLATION: card.cancellation,
    }
    return {kind: share.of(fee_minor) for kind, share in shares.items()}


def _on_assigned(walk: _Walk, entry: Happening) -> None:
    walk.has_driver = True


def _on_unassigned(walk: _Walk, entry: Happening) -> None:
    walk.has_driver = False
    walk.arrived = None


def _on_arrived(walk: _Walk, entry: Happening) -> None:
    walk.arrived = entry


def _on_picked_up(walk: _Walk, entry: Happening) -> None:
    # The first pickup is at the merchant's store, every further one at our own hub.
    party = Party.PLATFORM if walk.pickups else Party.MERCHANT
    _charge_waiting(walk, entry, party, "pickup", walk.card.waiting_at_pickup)
    walk.pickups += 1
    if walk.failure is not None:
        party = party_at_fault(walk.failure.reason)
        walk.charge_share(Kind.REDELIVERY, entry, party, walk.card.redelivery)
    elif walk.postponed is not None:
        walk.charge_share(Kind.REDELIVERY, entry, Party.RECIPIENT, walk.card.redelivery)
    walk.failure = walk.postponed = None


def _on_delivered(walk: _Walk, entry: Happening) -> None:
    _charge_waiting(walk, entry, Party.RECIPIENT, "dropoff", walk.card.waiting_at_door)


def _on_attempt_failed(walk: _Walk, entry: Happening) -> None:
    party = party_at_fault(entry.reason)
    _charge_waiting(walk, entry, party, "dropoff", walk.card.waiting_at_door)
    walk.failure = entry


def _on_rescheduled(walk: _Walk, entry: Happening) -> None:
    walk.has_driver = False
    if walk.pickups and walk.failure is None:
        walk.postponed = entry


def _on_redirected(walk: _Walk, entry: Happening) -> None:
    share, taken_off = walk.card.pickup_point_discount, walk.discount_minor
    inputs: dict[str, int | str] = {
        "sum_minor": walk.fee_minor,
        "flat_minor": share.flat_minor,
        "permille": share.permille,
    }
    goes_home = entry.reason == "home"
    if goes_home:
        walk.discount_minor = 0
        walk.charge(Kind.PICKUP_POINT_DISCOUNT, entry, Party.RECIPIENT, inputs, taken_off)
    elif not (walk.pickups or taken_off or walk.is_discounted):
        walk.discount_minor = min(walk.due_minor, share.of(walk.fee_minor))
        off = -walk.discount_minor
        walk.charge(Kind.PICKUP_POINT_DISCOUNT, entry, Party.RECIPIENT, inputs, off)


def _on_at_pickup_point(walk: _Walk, entry: Happening) -> None:
    walk.failure = None


def _on_cancelled(walk: _Walk, entry: Happening) -> None:
    party = walk.fault_of(entry)
    if walk.pickups:
        # It lay at the hub after an attempt: that attempt was made, and is owed unless it was ours.
        if is_ours(party):
            walk.waive(entry, party, "undelivered through the driver or us")
        return
    walk.waive(entry, party, "cancelled before the pickup")
    if walk.has_driver:
        _charge_waiting(walk, entry, party, "pickup", walk.card.waiting_at_pickup)
        walk.charge_share(Kind.CANCELLATION, entry, party, walk.card.cancellation)


def _on_returning(walk: _Walk, entry: Happening) -> None:
    party = walk.fault_of(entry)
    if is_ours(party):
        walk.waive(entry, party, "undelivered through the driver or us")
    walk.charge_share(Kind.RETURN, entry, party, walk.card.return_leg)


def _on_disposed(walk: _Walk, entry: Happening) -> None:
    failure = walk.failure
    if failure is not None and is_ours(party_at_fault(failure.reason)):
        walk.waive(entry, party_at_fault(failure.reason), "undelivered through the driver or us")


def _on_lost_or_damaged(walk: _Walk, entry: Happening) -> None:
    """It happened in our hands, whatever came before."""
    walk.waive(entry, Party.PLATFORM, "lost or damaged in our hands")


def _charge_waiting(
    walk: _Walk, entry: Happening, party: Party, place: str, waiting: Waiting | None
) -> None:
    arrived, walk.arrived = walk.arrived, None
    if arrived is None or waiting is None:
        return
    waited_s = int((entry.at - arrived.at).total_seconds())
    started = -(-(waited_s - waiting.free_s) // SECONDS_PER_MINUTE)
    minutes = max(0, min(started, waiting.most_minutes))
    inputs: dict[str, int | str] = {
        "place": place,
        "waited_s": waited_s,
        "free_s": waiting.free_s,
        "minutes": minutes,
        "per_minute_minor": waiting.per_minute_minor,
    }
    walk.charge(Kind.WAITING, entry, party, inputs, minutes * waiting.per_minute_minor)


_STEPS = {
    "assigned": _on_assigned,
    "unassigned": _on_unassigned,
    "unplanned": _on_unassigned,
    "arrived_at_pickup": _on_arrived,
    "picked_up": _on_picked_up,
    "arrived_at_dropoff": _on_arrived,
    "delivered": _on_delivered,
    "attempt_failed": _on_attempt_failed,
    "rescheduled": _on_rescheduled,
    "redirected": _on_redirected,
    "at_pickup_point": _on_at_pickup_point,
    "cancelled": _on_cancelled,
    "returning": _on_returning,
    "disposed": _on_disposed,
    "lost": _on_lost_or_damaged,
    "damaged": _on_lost_or_damaged,
}
