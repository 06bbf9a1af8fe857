"""What does a recipient see? Every word of the page, decided without a browser, clock or table.

Privacy: first name and street only while the parcel is still to come; never a phone, a full name,
another stop or a driver's identity; the PIN only while the driver may ask for it, the photo only
once it is delivered. The link ends fourteen days after the delivery did.
What counts most comes first: when, then what is going on, then facts.
Source: our security design, "Tracking links".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.foretelling import latest_step
from chalicelib.domain.deliveries.model import (
    Delivery,
    FailureReason,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.requirements import DoorAction
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.tracking import needs
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.timeline import ON_THE_WAY, PREPARING, Step, because, steps
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.languages import ENGLISH, Translator

LINK_LIVES = timedelta(days=14)
#: Of a name or a street, so that a hostile one cannot fill the page.
_MOST_LETTERS = 60

S = Status


class Tone(StrEnum):
    """How the page feels: under way, at its goal, needing patience, over."""

    COMING = "coming"
    DONE = "done"
    TROUBLE = "trouble"
    OVER = "over"


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
    asks_for_address: bool
    needs: tuple[str, ...] = ()
    t: Translator = ENGLISH


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
    is_with_the_desk: bool = False
    point: PickupPoint | None = None
    collection_code: str = ""


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
        details=tuple(row for row in _details(known) if row[1] != headline),
        steps=steps(delivery, known.reading, known.now),
        is_active=not delivery.status.is_final,
        has_photo=known.has_photo and delivery.status is S.DELIVERED,
        updated_at=known.reading.clock(known.now),
        asks_for_address=delivery.status is S.ADDRESS_REVIEW,
        needs=_needs(known),
        t=known.reading.t,
        zone=known.reading.zone.key.rpartition("/")[2].replace("_", " "),
    )


def _message(known: Known) -> tuple[Tone, str, str, str]:
    status = known.delivery.status
    if status in PREPARING:
        return _preparing(known)
    if status in ON_THE_WAY:
        return _on_the_way(known)
    if status is S.DELIVERED:
        return _delivered(known)
    if status is S.ATTEMPT_FAILED:
        return _missed(known)
    if status is S.AT_PICKUP_POINT and known.point is not None:
        return _to_collect(known, known.point)
    return _elsewhere(status, known.brand)


def _stops_before(known: Known) -> int | None:
    if known.progress is None or known.delivery.status not in ON_THE_WAY:
        return None
    return 0 if known.delivery.status is S.ARRIVED_AT_DROPOFF else known.progress.stops_before


def _promise(known: Known) -> str:
    window, reading = known.delivery.window, known.reading
    day = reading.day(window.start_at, known.now)
    return f"{day}, {reading.span(window.start_at, window.end_at)}"


def _preparing(known: Known) -> tuple[Tone, str, str, str]:
    delivery = known.delivery
    if delivery.status is S.ADDRESS_REVIEW:
        return _in_doubt(known)
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
    if delivery.status in (S.CREATED, S.READY):
        return Tone.COMING, "Arriving", _promise(known), f"Your order is with us. {lead}"
    return Tone.COMING, "Arriving", _promise(known), f"Your parcel has a place on a route. {lead}"


def _in_doubt(known: Known) -> tuple[Tone, str, str, str]:
    """The address is not clear: what we need, and until when it keeps the promise."""
    if known.is_with_the_desk:
        return (
            Tone.COMING,
            "Thank you",
            "We are checking your address",
            "One of us has a look at it, and may call you. "
            "You need not do anything; if something changed, you can answer again.",
        )
    due_at = known.delivery.address_due_at
    if known.now < due_at:
        day, clock = known.reading.day(due_at, known.now), known.reading.clock(due_at)
        by = clock if day == "Today" else f"{_lower_day(day)}, {clock}"
        until = f"Answer by {by} and it can come as promised: {_lower_day(_promise(known))}."
    else:
        until = "As soon as you answer, it gets a place on the next route."
    return (
        Tone.TROUBLE,
        "We need your help",
        "Where is your door?",
        f"We cannot find your address on our map, so your parcel waits with us. {until}",
    )


def _on_the_way(known: Known) -> tuple[Tone, str, str, str]:
    delivery, progress, reading = known.delivery, known.progress, known.reading
    if delivery.status is S.ARRIVED_AT_DROPOFF:
        since = reading.clock(latest_step(delivery).at)
        if known.point is not None:
            lead = f"Your parcel reached {known.point.name} at {since}."
            return Tone.COMING, "Now", "Nearly ready for you", lead
        lead = f"Your parcel reached your door at {since}."
        return Tone.COMING, "Now", "Your driver is here", lead
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


def _to_collect(known: Known, point: PickupPoint) -> tuple[Tone, str, str, str]:
    until = known.delivery.collect_by
    by = "" if until is None else f" until {known.reading.moment(until, known.now)}"
    lead = f"Show or enter your code at {point.name}{by}."
    return Tone.COMING, "Ready for you", "Waiting to be collected", lead


def _missed(known: Known) -> tuple[Tone, str, str, str]:
    delivery = known.delivery
    entry = latest_step(delivery)
    missed = entry.reason == FailureReason.CUSTOMER_UNAVAILABLE
    clause = because(delivery.attempts[-1].reason if delivery.attempts else entry.reason)
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
    rows += needs.at_the_point(known.point, delivery.status, known.collection_code, known.now)
    is_at_a_door = known.point is None and _somebody_is_met(delivery)
    if known.pin and delivery.status in ON_THE_WAY and is_at_a_door:
        when = "the driver will ask for it" if delivery.handover.pin else "only if the driver asks"
        rows.append(("PIN", f"{known.pin}, {when}"))
    if delivery.status not in (S.CANCELLED, S.RETURNING, S.RETURNED):
        rows.append(("Promised", _promise(known)))
    rows.append(("Parcels", str(delivery.parcel.count)))
    return tuple((label, value) for label, value in rows if value)


def _needs(known: Known) -> tuple[str, ...]:
    """What to have ready, while the parcel is still to come."""
    delivery = known.delivery
    if delivery.status not in (*PREPARING, *ON_THE_WAY) or delivery.status is S.ADDRESS_REVIEW:
        return ()
    return needs.at_the_door(delivery.handover)


def _somebody_is_met(delivery: Delivery) -> bool:
    return delivery.handover.action is DoorAction.MEET_AT_DOOR


def _lower_day(text: str) -> str:
    """``Today`` inside of a sentence; names of days stay capital."""
    first = text.split(",")[0]
    return text[:1].lower() + text[1:] if first in ("Today", "Tomorrow", "Yesterday") else text
