"""What is the one thing to say now? Eyebrow, headline and lead of the page, by status.

When comes first; then what is going on, in a sentence that tells what happens next. Sentences are
whole, so that every language can put its words where it wants them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.model import Delivery, FailureReason, Recipient, Status
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.rating import Rating
from chalicelib.domain.tracking.timeline import ON_THE_WAY, PREPARING, because
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Translator

S = Status


class Tone(StrEnum):
    """How the page feels: under way, at its goal, needing patience, over."""

    COMING = "coming"
    DONE = "done"
    TROUBLE = "trouble"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the view may draw from. ``dot``: the driver, as far as that may be shown."""

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
    dot: LatLng | None = None
    rating: Rating | None = None

    @property
    def t(self) -> Translator:
        return self.reading.t


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` is what is largest; ``day`` stands smaller before it, where it is a time."""

    tone: Tone
    eyebrow: str
    title: str
    lead: str
    day: str = field(default="", kw_only=True)


def message(known: Known) -> Message:
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
    tone, eyebrow, title, lead = _ELSEWHERE[status](known.t, known.brand)
    return Message(tone, eyebrow, title, lead)


def promise(known: Known) -> str:
    """``Today, 14:00–16:00``."""
    window = known.delivery.window
    return when(known.reading, window.start_at, window.end_at, known.now)


def when(reading: Reading, start_at: datetime, end_at: datetime, now: datetime) -> str:
    day, hours = reading.day(start_at, now), reading.span(start_at, end_at)
    return reading.t.say("{day}, {hours}", day=day, hours=hours)


def _within(known: Known) -> str:
    """The promise inside of a sentence: ``today``; names of days stay as they are."""
    text, start_at = promise(known), known.delivery.window.start_at
    zone = known.reading.zone
    apart = start_at.astimezone(zone).date() - known.now.astimezone(zone).date()
    return text[:1].lower() + text[1:] if abs(apart.days) <= 1 else text


def _promised(known: Known, eyebrow: str, lead: str) -> Message:
    window, reading = known.delivery.window, known.reading
    hours = reading.span(window.start_at, window.end_at)
    day = reading.day(window.start_at, known.now)
    return Message(Tone.COMING, eyebrow, hours, lead, day=day)


def _preparing(known: Known) -> Message:
    delivery, t = known.delivery, known.t
    if delivery.status is S.ADDRESS_REVIEW:
        return _in_doubt(known)
    if known.now >= delivery.window.end_at:
        lead = t.say(
            "We promised {when} and did not make it. We are sorry. "
            "We will text you as soon as a driver has your parcel.",
            when=_within(known),
        )
        return Message(
            Tone.TROUBLE, t.say("Later than promised"), t.say("We are running late"), lead
        )
    if delivery.attempts:
        lead = t.say("We will text you when the driver is on the way.")
        return _promised(known, t.say("We will try again"), lead)
    if delivery.status in (S.CREATED, S.READY):
        lead = t.say("Your order is with us. We will text you when the driver is on the way.")
    else:
        lead = t.say(
            "Your parcel has a place on a route. We will text you when the driver is on the way."
        )
    return _promised(known, t.say("Arriving"), lead)


def _in_doubt(known: Known) -> Message:
    """The address is not clear: what we need, and until when it keeps the promise."""
    t = known.t
    if known.is_with_the_desk:
        lead = t.say(
            "One of us has a look at it, and may call you. "
            "You need not do anything; if something changed, you can answer again."
        )
        return Message(Tone.COMING, t.say("Thank you"), t.say("We are checking your address"), lead)
    due_at = known.delivery.address_due_at
    if known.now < due_at:
        lead = t.say(
            "We cannot find your address on our map, so your parcel waits with us. "
            "Answer by {time} and it can come as promised: {when}.",
            time=known.reading.moment(due_at, known.now),
            when=_within(known),
        )
    else:
        lead = t.say(
            "We cannot find your address on our map, so your parcel waits with us. "
            "As soon as you answer, it gets a place on the next route."
        )
    return Message(Tone.TROUBLE, t.say("We need your help"), t.say("Where is your door?"), lead)


def _on_the_way(known: Known) -> Message:
    delivery, progress, t = known.delivery, known.progress, known.t
    if delivery.status is S.ARRIVED_AT_DROPOFF:
        return _arrived(known)
    if progress is None:
        return _promised(known, t.say("On its way"), t.say("Your parcel is with the driver."))
    tone, eyebrow = Tone.COMING, t.say("On its way")
    lead = t.say("Your parcel is with the driver.")
    if progress.stops_before == 0:
        lead = t.say("You are the driver’s next stop.")
    if progress.earliest_at >= delivery.window.end_at:
        tone, eyebrow = Tone.TROUBLE, t.say("On its way, late")
        lead = t.say("Later than we promised, and we are sorry.")
    return Message(
        tone,
        eyebrow,
        known.reading.span(progress.earliest_at, progress.latest_at),
        lead,
        day=known.reading.day(progress.earliest_at, known.now),
    )


def _arrived(known: Known) -> Message:
    t, since = known.t, known.reading.clock(known.delivery.history[-1].at)
    if known.point is not None:
        lead = t.say("Your parcel reached {place} at {time}.", place=known.point.name, time=since)
        return Message(Tone.COMING, t.say("Now"), t.say("Nearly ready for you"), lead)
    lead = t.say("Your parcel reached your door at {time}.", time=since)
    return Message(Tone.COMING, t.say("Now"), t.say("Your driver is here"), lead)


def _delivered(known: Known) -> Message:
    at, t = known.delivery.history[-1].at, known.t
    lead = t.say("Your parcel from {shop} has arrived. Enjoy it.", shop=known.brand)
    day = known.reading.day(at, known.now)
    return Message(Tone.DONE, t.say("Delivered"), known.reading.clock(at), lead, day=day)


def _to_collect(known: Known, point: PickupPoint) -> Message:
    t, until = known.t, known.delivery.collect_by
    if until is None:
        lead = t.say("Show or enter your code at {place}.", place=point.name)
    else:
        lead = t.say(
            "Show or enter your code at {place} until {time}.",
            place=point.name,
            time=known.reading.moment(until, known.now),
        )
    return Message(Tone.COMING, t.say("Ready for you"), t.say("Waiting to be collected"), lead)


def _missed(known: Known) -> Message:
    delivery, t = known.delivery, known.t
    entry = delivery.history[-1]
    missed = entry.reason == FailureReason.CUSTOMER_UNAVAILABLE
    clause = because(delivery.attempts[-1].reason if delivery.attempts else entry.reason, t)
    at = known.reading.clock(delivery.attempts[-1].at if delivery.attempts else entry.at)
    if clause:
        what = t.say("At {time} {what_happened}.", time=at, what_happened=clause)
    else:
        what = t.say("It did not work out at {time}.", time=at)
    if delivery.attempts_left > 0:
        then = t.say("Your parcel goes back to our hub and we will try again.")
    else:
        then = t.say("That was our last try: your parcel goes back to {shop}.", shop=known.brand)
    title = t.say("Sorry we missed you") if missed else t.say("We could not deliver")
    return Message(Tone.TROUBLE, t.say("Not delivered yet"), title, f"{what} {then}")


_Four = tuple[Tone, str, str, str]

#: The rarer places where a parcel's way can lead.
_ELSEWHERE: dict[Status, Callable[[Translator, str], _Four]] = {
    S.AT_PICKUP_POINT: lambda t, shop: (
        Tone.COMING,
        t.say("Ready for you"),
        t.say("Waiting to be collected"),
        t.say("Your parcel is at a pickup point."),
    ),
    S.COLLECTED: lambda t, shop: (
        Tone.DONE,
        t.say("Done"),
        t.say("Collected"),
        t.say("You picked your parcel up. Enjoy it."),
    ),
    S.RETURNING: lambda t, shop: (
        Tone.TROUBLE,
        t.say("Change of direction"),
        t.say("Going back to {shop}", shop=shop),
        t.say("Your parcel is on its way back. {shop} will be in touch with you.", shop=shop),
    ),
    S.RETURNED: lambda t, shop: (
        Tone.OVER,
        t.say("Over"),
        t.say("Returned to {shop}", shop=shop),
        t.say("Your parcel is back. {shop} will be in touch with you.", shop=shop),
    ),
    S.CANCELLED: lambda t, shop: (
        Tone.OVER,
        t.say("Over"),
        t.say("Delivery cancelled"),
        t.say("Nothing will come. If you did not expect this, ask {shop}.", shop=shop),
    ),
    S.DISPOSED: lambda t, shop: (
        Tone.OVER,
        t.say("Over"),
        t.say("Not delivered"),
        t.say("We could not keep it. {shop} will be in touch with you.", shop=shop),
    ),
    S.LOST: lambda t, shop: (
        Tone.OVER,
        t.say("Over"),
        t.say("We lost your parcel"),
        t.say("We are sorry. {shop} will be in touch with you.", shop=shop),
    ),
    S.DAMAGED: lambda t, shop: (
        Tone.OVER,
        t.say("Over"),
        t.say("Your parcel was damaged"),
        t.say("We are sorry. {shop} will be in touch with you.", shop=shop),
    ),
}
