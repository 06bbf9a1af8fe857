"""What does a recipient see? Every word of the page, decided without a browser, clock or table.

Privacy: first name and street only while the parcel is still to come; never a phone, a full name,
another stop or a driver's identity; the PIN only while the driver may ask for it, the photo only
once it is delivered. The link ends fourteen
days after the delivery did. What counts most comes first: when, then what is going on, then facts.
Source: our security design, "Tracking links".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.model import (
    Delivery,
    FailureReason,
    HistoryEntry,
    Recipient,
    Status,
)
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.words import Reading

LINK_LIVES = timedelta(days=14)
#: Of a name or a street, so that a hostile one cannot fill the page.
_MOST_LETTERS = 60

S = Status
_ON_THE_WAY = frozenset({S.PICKED_UP, S.EN_ROUTE_TO_DROPOFF, S.ARRIVED_AT_DROPOFF})
_PREPARING = frozenset(
    {
        *(S.CREATED, S.ADDRESS_REVIEW, S.READY, S.PLANNED),
        *(S.ASSIGNED, S.EN_ROUTE_TO_PICKUP, S.ARRIVED_AT_PICKUP),
    }
)


class Tone(StrEnum):
    """How the page feels: under way, at its goal, needing patience, over."""

    COMING = "coming"
    DONE = "done"
    TROUBLE = "trouble"
    OVER = "over"


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


@dataclass(frozen=True, slots=True)
class View:
    """The page in words: ``eyebrow`` above the ``headline``, ``lead`` below it.

    ``stops_before``: other doors that come first; None unless the driver is on the way here.
    """

    tone: Tone
    eyebrow: str
    headline: str
    lead: str
    brand: str
    order_name: str
    stops_before: int | None
    details: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    is_active: bool
    has_photo: bool
    updated_at: str
    zone: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the view may draw from."""

    delivery: Delivery
    recipient: Recipient | None
    brand: str
    reading: Reading
    now: datetime
    progress: Progress | None = None
    has_photo: bool = False
    pin: str = ""


def ended_at(delivery: Delivery) -> datetime | None:
    """When the delivery came to its end; None while it has not."""
    return delivery.history[-1].at if delivery.status.is_final else None


def is_expired(delivery: Delivery, now: datetime) -> bool:
    """Whether the link has outlived its delivery by more than it may."""
    end = ended_at(delivery)
    return end is not None and now - end > LINK_LIVES


def show(known: Known) -> View:
    delivery = known.delivery
    tone, eyebrow, headline, lead = _message(known)
    return View(
        tone=tone,
        eyebrow=eyebrow,
        headline=headline,
        lead=lead,
        brand=known.brand,
        order_name=delivery.order_name,
        stops_before=_stops_before(known),
        details=_details(known),
        steps=_steps(known),
        is_active=not delivery.status.is_final,
        has_photo=known.has_photo and delivery.status is S.DELIVERED,
        updated_at=known.reading.clock(known.now),
        zone=known.reading.zone.key.rpartition("/")[2].replace("_", " "),
    )


def _message(known: Known) -> tuple[Tone, str, str, str]:
    status = known.delivery.status
    if status in _PREPARING:
        return _preparing(known)
    if status in _ON_THE_WAY:
        return _on_the_way(known)
    if status is S.DELIVERED:
        return _delivered(known)
    if status is S.ATTEMPT_FAILED:
        return _missed(known)
    return _elsewhere(status, known.brand)


def _stops_before(known: Known) -> int | None:
    if known.progress is None or known.delivery.status not in _ON_THE_WAY:
        return None
    return 0 if known.delivery.status is S.ARRIVED_AT_DROPOFF else known.progress.stops_before


def _promise(known: Known) -> str:
    window, reading = known.delivery.window, known.reading
    day = reading.day(window.start_at, known.now)
    return f"{day}, {reading.span(window.start_at, window.end_at)}"


def _preparing(known: Known) -> tuple[Tone, str, str, str]:
    delivery = known.delivery
    if known.now >= delivery.window.end_at:
        return (
            Tone.TROUBLE,
            "Later than promised",
            "We are running late",
            f"We promised {_lower_day(_promise(known))} and did not make it. We are sorry. "
            "We will text you as soon as a driver has your parcel.",
        )
    lead = "We will text you when the driver is on the way."
    if delivery.attempts:
        return Tone.COMING, "We will try again", _promise(known), lead
    if delivery.status in (S.CREATED, S.ADDRESS_REVIEW, S.READY):
        return Tone.COMING, "Arriving", _promise(known), f"Your order is with us. {lead}"
    return Tone.COMING, "Arriving", _promise(known), f"Your route is planned. {lead}"


def _on_the_way(known: Known) -> tuple[Tone, str, str, str]:
    delivery, progress, reading = known.delivery, known.progress, known.reading
    if delivery.status is S.ARRIVED_AT_DROPOFF:
        since = reading.clock(delivery.history[-1].at)
        return (
            Tone.COMING,
            "Now",
            "Your driver is here",
            f"Your parcel reached your door at {since}.",
        )
    if progress is None:
        return Tone.COMING, "On its way", _promise(known), "Your parcel is with the driver."
    day = reading.day(progress.earliest_at, known.now)
    headline = f"{day}, {reading.span(progress.earliest_at, progress.latest_at)}"
    if progress.stops_before == 0:
        lead = "You are the driver’s next stop."
    elif progress.stops_before == 1:
        lead = "There is 1 stop before yours."
    else:
        lead = f"There are {progress.stops_before} stops before yours."
    if progress.earliest_at >= delivery.window.end_at:
        lead = f"Later than we promised, and we are sorry. {lead}"
        return Tone.TROUBLE, "On its way, late", headline, lead
    return Tone.COMING, "On its way", headline, lead


def _delivered(known: Known) -> tuple[Tone, str, str, str]:
    at = known.delivery.history[-1].at
    day = known.reading.day(at, known.now)
    return (
        Tone.DONE,
        "Delivered",
        f"{day}, {known.reading.clock(at)}",
        f"Your parcel from {known.brand} has arrived. Enjoy it.",
    )


_AT_THE_DOOR = {
    FailureReason.CUSTOMER_UNAVAILABLE: "nobody answered the door",
    FailureReason.CUSTOMER_REFUSED: "the parcel was not accepted",
    FailureReason.WRONG_ADDRESS: "the address did not lead to you",
    FailureReason.ADDRESS_UNREACHABLE: "the driver could not get to the door",
    FailureReason.BUSINESS_CLOSED: "the place was closed",
    FailureReason.NO_SAFE_PLACE: "there was no safe place to leave it",
    FailureReason.ID_CHECK_FAILED: "the ID check did not succeed",
    FailureReason.WRONG_PIN: "the PIN did not match",
    FailureReason.PACKAGE_DAMAGED: "the parcel was damaged",
    FailureReason.PACKAGE_LOST: "the parcel could not be found",
    FailureReason.ITEM_MISSING: "something was missing from it",
    FailureReason.WRONG_ITEM: "it held the wrong item",
    FailureReason.LOCKER_FULL: "the locker was full",
    FailureReason.VEHICLE_BREAKDOWN: "our vehicle broke down",
    FailureReason.WEATHER: "the weather did not allow it",
    FailureReason.TRAFFIC_DELAY: "traffic held us up",
    FailureReason.OUT_OF_SHIFT_TIME: "we ran out of time",
    FailureReason.DRIVER_EMERGENCY: "our driver had an emergency",
    FailureReason.HOLIDAY: "it was a holiday",
}


def _because(reason: str | None) -> str:
    """A failure as a clause; empty when there is nothing that would help to know."""
    try:
        return _AT_THE_DOOR.get(FailureReason(reason or ""), "")
    except ValueError:
        return ""


def _missed(known: Known) -> tuple[Tone, str, str, str]:
    delivery = known.delivery
    entry = delivery.history[-1]
    missed = entry.reason == FailureReason.CUSTOMER_UNAVAILABLE
    clause = _because(delivery.attempts[-1].reason if delivery.attempts else entry.reason)
    at = known.reading.clock(delivery.attempts[-1].at if delivery.attempts else entry.at)
    what = f"At {at} {clause}." if clause else f"It did not work out at {at}."
    if delivery.attempts_left > 0:
        then = "Your parcel goes back to our hub and we will try again."
    else:
        then = f"That was our last try: your parcel goes back to {known.brand}."
    headline = "Sorry we missed you" if missed else "We could not deliver"
    return Tone.TROUBLE, "Not delivered yet", headline, f"{what} {then}"


def _elsewhere(status: Status, brand: str) -> tuple[Tone, str, str, str]:
    """The rarer places where a parcel's way can lead."""
    touch = f"{brand} will be in touch with you."
    return {
        S.AT_PICKUP_POINT: (
            Tone.COMING,
            "Ready for you",
            "Waiting to be collected",
            "Your parcel is at a pickup point.",
        ),
        S.COLLECTED: (Tone.DONE, "Done", "Collected", "You picked your parcel up. Enjoy it."),
        S.RETURNING: (
            Tone.TROUBLE,
            "Change of direction",
            f"Going back to {brand}",
            f"Your parcel is on its way back. {touch}",
        ),
        S.RETURNED: (Tone.OVER, "Over", f"Returned to {brand}", f"Your parcel is back. {touch}"),
        S.CANCELLED: (
            Tone.OVER,
            "Over",
            "Delivery cancelled",
            f"Nothing will come. If you did not expect this, ask {brand}.",
        ),
        S.DISPOSED: (Tone.OVER, "Over", "Not delivered", f"We could not keep it. {touch}"),
        S.LOST: (Tone.OVER, "Over", "We lost your parcel", f"We are sorry. {touch}"),
        S.DAMAGED: (Tone.OVER, "Over", "Your parcel was damaged", f"We are sorry. {touch}"),
    }[status]


def _details(known: Known) -> tuple[tuple[str, str], ...]:
    delivery, recipient = known.delivery, known.recipient
    rows = []
    if recipient is not None and not delivery.status.is_final:
        name = recipient.name.split(maxsplit=1)[0] if recipient.name.strip() else ""
        street = recipient.address.line1
        rows.append(("To", ", ".join(part[:_MOST_LETTERS] for part in (name, street) if part)))
    if known.pin and delivery.status in _ON_THE_WAY:
        rows.append(("PIN", f"{known.pin}, only if the driver asks"))
    if delivery.status not in (S.CANCELLED, S.RETURNING, S.RETURNED):
        rows.append(("Promised", _promise(known)))
    rows.append(("Parcels", str(delivery.parcel.count)))
    return tuple((label, value) for label, value in rows if value)


_STEPS = {
    "created": "Order received",
    "picked_up": "Out for delivery",
    "arrived_at_dropoff": "At your door",
    "delivered": "Delivered",
    "attempt_failed": "Delivery attempt",
    "at_pickup_point": "At a pickup point",
    "collected": "Collected",
    "returning": "On its way back",
    "returned": "Back at the shop",
    "cancelled": "Cancelled",
    "disposed": "Not delivered",
    "lost": "Lost",
    "damaged": "Damaged",
}
_TROUBLES = frozenset(
    {"attempt_failed", "returning", "returned", "cancelled", "disposed", "lost", "damaged"}
)


def _steps(known: Known) -> tuple[Step, ...]:
    """The timeline: what happened, where it is now (exactly one step), what is still to come."""
    delivery = known.delivery
    told = _told(delivery.history)
    steps = [_happened(entry, known) for entry in told]
    if delivery.status in _PREPARING:
        again = " again" if delivery.attempts else ""
        steps.append(Step(f"Getting it ready{again}", StepState.CURRENT))
    else:
        current = steps[-1]
        steps[-1] = Step(
            current.label,
            StepState.CURRENT,
            current.at,
            current.at_machine,
            current.note,
            current.is_trouble,
        )
    return (*steps, *(Step(label, StepState.TO_COME) for label in _to_come(delivery)))


def _told(history: tuple[HistoryEntry, ...]) -> list[HistoryEntry]:
    """The entries that a recipient is told of, without what was taken back."""
    undone = {entry.undoes for entry in history}
    kept = [entry for entry in history if entry.version not in undone and entry.what in _STEPS]
    # Standing at the door is news only as long as nothing came of it.
    return [entry for entry in kept if entry.what != "arrived_at_dropoff" or entry is kept[-1]]


def _happened(entry: HistoryEntry, known: Known) -> Step:
    clause = _because(entry.reason) if entry.what == "attempt_failed" else ""
    return Step(
        label=_STEPS[entry.what],
        state=StepState.DONE,
        at=known.reading.moment(entry.at, known.now),
        at_machine=entry.at.isoformat(timespec="seconds"),
        note=clause[:1].upper() + clause[1:],
        is_trouble=entry.what in _TROUBLES,
    )


def _to_come(delivery: Delivery) -> tuple[str, ...]:
    status = delivery.status
    if status in _PREPARING:
        return ("Out for delivery", "Delivered")
    if status in _ON_THE_WAY:
        return ("Delivered",)
    if status is S.ATTEMPT_FAILED:
        return ("Another try", "Delivered") if delivery.attempts_left else ("Back at the shop",)
    return {S.RETURNING: ("Back at the shop",), S.AT_PICKUP_POINT: ("Collected",)}.get(status, ())


def _lower_day(text: str) -> str:
    """``Today`` inside of a sentence; names of days stay capital."""
    first = text.split(",")[0]
    return text[:1].lower() + text[1:] if first in ("Today", "Tomorrow", "Yesterday") else text
