"""What is going on, in a headline and a sentence? The card at the top of the recipient's page.

What counts most comes first: when, then what is going on. Sentences are whole ones, because words
stand in another order in another language.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.foretelling import latest_step
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
    """Everything that the view may draw from; ``dot``: the driver, as far as that may be shown."""

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
class Said:
    """``day`` and ``hours``: the two parts of a headline that is a time."""

    tone: Tone
    eyebrow: str
    headline: str
    lead: str
    day: str = ""
    hours: str = ""


def say(known: Known) -> Said:
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
    return _elsewhere(status, known.brand, known.reading.t)


def promise(known: Known) -> str:
    """The promised window inside of a sentence."""
    window = known.delivery.window
    return known.reading.promise(window.start_at, window.end_at, known.now)


def _timed(
    known: Known, tone: Tone, eyebrow: str, times: tuple[datetime, datetime], lead: str
) -> Said:
    """A headline that says when."""
    start_at, end_at = times
    reading = known.reading
    day = reading.day(start_at, known.now)
    hours = reading.clock(start_at) if start_at == end_at else reading.span(start_at, end_at)
    headline = reading.t.say("{day}, {hours}", day=day, hours=hours)
    return Said(tone, eyebrow, headline, lead, day, hours)


def _preparing(known: Known) -> Said:
    delivery, t = known.delivery, known.reading.t
    window = (delivery.window.start_at, delivery.window.end_at)
    if delivery.status is S.ADDRESS_REVIEW:
        return _in_doubt(known)
    if known.now >= delivery.window.end_at:
        return Said(
            Tone.TROUBLE,
            t.say("Later than promised"),
            t.say("We are running late"),
            t.say(
                "We promised {promise} and did not make it. We are sorry. "
                "We will text you as soon as a driver has your parcel.",
                promise=promise(known),
            ),
        )
    lead = t.say("We will text you when the driver is on the way.")
    if delivery.attempts:
        return _timed(known, Tone.COMING, t.say("We will try again"), window, lead)
    if delivery.status in (S.CREATED, S.READY):
        first = t.say("Your order is with us.")
    else:
        first = t.say("Your parcel has a place on a route.")
    return _timed(known, Tone.COMING, t.say("Arriving"), window, f"{first} {lead}")


def _in_doubt(known: Known) -> Said:
    """The address is not clear: what we need, and until when it keeps the promise."""
    reading, t = known.reading, known.reading.t
    if known.is_with_the_desk:
        return Said(
            Tone.COMING,
            t.say("Thank you"),
            t.say("We are checking your address"),
            t.say(
                "One of us has a look at it, and may call you. "
                "You need not do anything; if something changed, you can answer again."
            ),
        )
    due_at = known.delivery.address_due_at
    if known.now < due_at:
        by = reading.moment(due_at, known.now)
        until = t.say(
            "Answer by {by} and it can come as promised: {promise}.",
            by=by,
            promise=promise(known),
        )
    else:
        until = t.say("As soon as you answer, it gets a place on the next route.")
    why = t.say("We cannot find your address on our map, so your parcel waits with us.")
    return Said(
        Tone.TROUBLE, t.say("We need your help"), t.say("Where is your door?"), f"{why} {until}"
    )


def _on_the_way(known: Known) -> Said:
    delivery, progress, t = known.delivery, known.progress, known.reading.t
    if delivery.status is S.ARRIVED_AT_DROPOFF:
        return _arrived(known)
    window = (delivery.window.start_at, delivery.window.end_at)
    if progress is None:
        lead = t.say("Your parcel is with the driver.")
        return _timed(known, Tone.COMING, t.say("On its way"), window, lead)
    # How many stops come first is said beside it: see ``nearness``.
    lead = t.say("Your parcel is with the driver.")
    if progress.stops_before == 0:
        lead = t.say("You are the driver’s next stop.")
    tone, eyebrow = Tone.COMING, t.say("On its way")
    if progress.earliest_at >= delivery.window.end_at:
        tone, eyebrow = Tone.TROUBLE, t.say("On its way, late")
        lead = t.say("Later than we promised, and we are sorry.")
    return _timed(known, tone, eyebrow, (progress.earliest_at, progress.latest_at), lead)


def _arrived(known: Known) -> Said:
    t, since = known.reading.t, known.reading.clock(latest_step(known.delivery).at)
    if known.point is not None:
        lead = t.say("Your parcel reached {place} at {since}.", place=known.point.name, since=since)
        return Said(Tone.COMING, t.say("Now"), t.say("Nearly ready for you"), lead)
    lead = t.say("Your parcel reached your door at {since}.", since=since)
    return Said(Tone.COMING, t.say("Now"), t.say("Your driver is here"), lead)


def _delivered(known: Known) -> Said:
    at, t = known.delivery.history[-1].at, known.reading.t
    lead = t.say("Your parcel from {brand} has arrived. Enjoy it.", brand=known.brand)
    return _timed(known, Tone.DONE, t.say("Delivered"), (at, at), lead)


def _to_collect(known: Known, point: PickupPoint) -> Said:
    until, t = known.delivery.collect_by, known.reading.t
    if until is None:
        lead = t.say("Show or enter your code at {place}.", place=point.name)
    else:
        lead = t.say(
            "Show or enter your code at {place} until {until}.",
            place=point.name,
            until=known.reading.moment(until, known.now),
        )
    return Said(Tone.COMING, t.say("Ready for you"), t.say("Waiting to be collected"), lead)


def _missed(known: Known) -> Said:
    delivery, t = known.delivery, known.reading.t
    entry = latest_step(delivery)
    missed = entry.reason == FailureReason.CUSTOMER_UNAVAILABLE
    clause = because(delivery.attempts[-1].reason if delivery.attempts else entry.reason, t)
    at = known.reading.clock(delivery.attempts[-1].at if delivery.attempts else entry.at)
    if clause:
        what = t.say("At {at} {clause}.", at=at, clause=clause)
    else:
        what = t.say("It did not work out at {at}.", at=at)
    if delivery.attempts_left > 0:
        then = t.say("We still have your parcel and will get it to you.")
    else:
        then = t.say("That was our last try: your parcel goes back to {brand}.", brand=known.brand)
    headline = t.say("Sorry we missed you") if missed else t.say("We could not deliver")
    return Said(Tone.TROUBLE, t.say("Not delivered yet"), headline, f"{what} {then}")


def _elsewhere(status: Status, brand: str, t: Translator) -> Said:
    """The rarer places where a parcel's way can lead."""
    touch = t.say("{brand} will be in touch with you.", brand=brand)
    sorry = f"{t.say('We are sorry.')} {touch}"
    over = t.say("Over")
    match status:
        case S.AT_PICKUP_POINT:
            lead = t.say("Your parcel is at a pickup point.")
            return Said(Tone.COMING, t.say("Ready for you"), t.say("Waiting to be collected"), lead)
        case S.COLLECTED:
            lead = t.say("You picked your parcel up. Enjoy it.")
            return Said(Tone.DONE, t.say("Done"), t.say("Collected"), lead)
        case S.RETURNING:
            headline = t.say("Going back to {brand}", brand=brand)
            lead = f"{t.say('Your parcel is on its way back.')} {touch}"
            return Said(Tone.TROUBLE, t.say("Change of direction"), headline, lead)
        case S.RETURNED:
            headline = t.say("Returned to {brand}", brand=brand)
            return Said(Tone.OVER, over, headline, f"{t.say('Your parcel is back.')} {touch}")
        case S.CANCELLED:
            ask = t.say("Nothing will come. If you did not expect this, ask {brand}.", brand=brand)
            return Said(Tone.OVER, over, t.say("Delivery cancelled"), ask)
        case S.DISPOSED:
            lead = f"{t.say('We could not keep it.')} {touch}"
            return Said(Tone.OVER, over, t.say("Not delivered"), lead)
        case S.LOST:
            return Said(Tone.OVER, over, t.say("We lost your parcel"), sorry)
    return Said(Tone.OVER, over, t.say("Your parcel was damaged"), sorry)
