"""What do we write? The texts, each made to fit one part of a message whatever it is given.

Every text exists in several wordings, from kind to terse. The first that fits with its names
shortened to a readable length wins; the link is whole in all of them, and if a link leaves room for
nothing else, the text is the link. Lengths are GSM units (see ``sms``).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.messaging import sms

#: Names are shortened in these steps before the wording gets terser.
_BRAND_UNITS = (40, 24, 16)
_MOST_NAME_UNITS = 20
_MOST_PLACE_UNITS = 30
_SIGN_IN = "Your Lastmile sign-in code is {code}. It is good for 10 minutes. Tell it to nobody."
#: A first name is letters; anything else may be somebody's advertisement.
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


class Template(StrEnum):
    ORDER_ACCEPTED = "order_accepted"
    ADDRESS_REVIEW = "address_review"
    OUT_FOR_DELIVERY = "out_for_delivery"
    NEAR = "near"
    ARRIVED = "arrived"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    AT_PICKUP_POINT = "at_pickup_point"
    COLLECTION_DUE = "collection_due"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    RETURNING = "returning"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text may say. ``due``: the promised time as the recipient reads a clock; ``ready``:
    what to have at hand; ``place``, ``code`` and ``until``: where, by what and until when it is
    collected; ``expected``: when the driver should come, ``stops``: after how many others."""

    brand: str
    name: str
    link: str
    due: str = ""
    reason: FailureReason | None = None
    ready: str = ""
    place: str = ""
    code: str = ""
    until: str = ""
    expected: str = ""
    stops: int | None = None


_WHY = {
    FailureReason.CUSTOMER_UNAVAILABLE: "nobody was there",
    FailureReason.CUSTOMER_REFUSED: "it was not accepted",
    FailureReason.WRONG_ADDRESS: "the address was wrong",
    FailureReason.ADDRESS_UNREACHABLE: "we could not get to the door",
    FailureReason.BUSINESS_CLOSED: "the place was closed",
    FailureReason.NO_SAFE_PLACE: "there was no safe place",
    FailureReason.ID_CHECK_FAILED: "the ID check failed",
    FailureReason.WRONG_PIN: "the PIN was wrong",
    FailureReason.PACKAGE_DAMAGED: "the parcel was damaged",
    FailureReason.PACKAGE_LOST: "the parcel went missing",
    FailureReason.ITEM_MISSING: "something was missing",
    FailureReason.WRONG_ITEM: "it was the wrong item",
    FailureReason.LOCKER_FULL: "the locker was full",
    FailureReason.VEHICLE_BREAKDOWN: "our vehicle broke down",
    FailureReason.WEATHER: "of the weather",
    FailureReason.TRAFFIC_DELAY: "of traffic",
    FailureReason.OUT_OF_SHIFT_TIME: "we ran out of time",
    FailureReason.DRIVER_EMERGENCY: "of an emergency",
    FailureReason.HOLIDAY: "of the holiday",
}


def why(reason: FailureReason | None) -> str:
    """A failure in words that follow "because"; empty where words would not help."""
    return "" if reason is None else _WHY.get(reason, "")


def first_name(name: str) -> str:
    """The first of a person's names in GSM letters; empty when it does not look like a name."""
    first = name.split(maxsplit=1)[0] if name.strip() else ""
    if not _NAME.fullmatch(first) or "." in first:
        return ""
    plain = sms.transliterate(first)
    return plain if 1 < sms.units(plain) <= _MOST_NAME_UNITS else ""


def compose(template: Template, facts: Facts) -> str:
    """Write a text: GSM letters only, one part, the whole link in it.

    Raises
    ------
    ValueError
        If the link itself does not fit: the installation's address is too long or no ASCII.
    """
    if sms.parts(facts.link) != 1 or not sms.is_gsm(facts.link):
        raise ValueError("the link does not fit a text")
    return next(
        text
        for text in _candidates(template, facts)
        if sms.is_gsm(text) and sms.units(text) <= sms.ONE_PART
    )


def sign_in_code(code: str) -> str:
    """The text with a driver's one-time code."""
    return _SIGN_IN.format(code=code)


def _candidates(template: Template, facts: Facts) -> Iterator[str]:
    brand = sms.transliterate(facts.brand)
    for wording in _WORDINGS[template](facts):
        for most in _BRAND_UNITS:
            short = sms.shorten(brand, most) or "Lastmile"
            yield f"{short}: {wording} {facts.link}"
    for wording in _WORDINGS[template](facts)[-1:]:
        yield f"{wording} {facts.link}"
    yield facts.link


def _address_review(facts: Facts) -> Sequence[str]:
    name = first_name(facts.name)
    hello = f"Hi {name}, we" if name else "We"
    return (
        f"{hello} cannot find your door on our map. Please show us where it is:",
        "We cannot find your door. Please show us:",
        "Where is your door?",
    )


def _out_for_delivery(facts: Facts) -> Sequence[str]:
    name = first_name(facts.name)
    due = sms.transliterate(facts.due)
    hello = f"Hi {name}, your" if name else "Your"
    when = f" and due {due}" if due else ""
    ready = f" Have ready: {sms.transliterate(facts.ready)}." if facts.ready else ""
    return (
        f"{hello} parcel is on its way{when}.{ready} See where it is:",
        f"Your parcel is on its way{when}.{ready}",
        f"On its way{', ' + due if due else ''}.{ready}",
        *([f"On its way.{ready}", ready.strip()] if ready else []),
        "On its way:",
    )


def _order_accepted(facts: Facts) -> Sequence[str]:
    due = sms.transliterate(facts.due)
    return (
        f"Your order is on our list, due {due}. Follow it here; reply STOP for no texts:",
        f"Your order is due {due}. STOP ends texts.",
        f"Order due {due}:",
    )


def _near(facts: Facts) -> Sequence[str]:
    when = f", about {sms.transliterate(facts.expected)}" if facts.expected else ""
    away = "close"
    if facts.stops is not None:
        away = "on the way to you" if facts.stops == 0 else f"{facts.stops} stops away"
        away = "one stop away" if facts.stops == 1 else away
    return (
        f"Your driver is {away}{when}. Tell us where to put it:",
        f"Your driver is {away}.",
        "Your driver is close:",
    )


def _arrived(facts: Facts) -> Sequence[str]:
    return ("Your driver is at your door.", "At your door:")


def _delayed(facts: Facts) -> Sequence[str]:
    when = f" We now expect it {sms.transliterate(facts.expected)}." if facts.expected else ""
    return (
        f"Sorry, your parcel is running late.{when} See where it is:",
        f"Your parcel is late.{when}",
        "Your parcel is late:",
    )


def _rescheduled(facts: Facts) -> Sequence[str]:
    due = sms.transliterate(facts.due)
    return (f"Your parcel now comes {due}. Details:", f"Now due {due}.", "New time:")


def _cancelled(facts: Facts) -> Sequence[str]:
    return ("Your delivery has been cancelled. Details:", "Delivery cancelled:")


def _returning(facts: Facts) -> Sequence[str]:
    return ("Your parcel goes back to the shop. Details:", "Parcel goes back:")


def _message(facts: Facts) -> Sequence[str]:
    return ("There is a message about your parcel. Read and answer it here:", "A message for you:")


def _delivered(facts: Facts) -> Sequence[str]:
    name = first_name(facts.name)
    hello = f"Hi {name}, your" if name else "Your"
    return (
        f"{hello} parcel has been delivered. Details:",
        "Your parcel has been delivered.",
        "Delivered:",
    )


def _attempt_failed(facts: Facts) -> Sequence[str]:
    name = first_name(facts.name)
    sorry = f"Sorry {name}, we" if name else "Sorry, we"
    reason = why(facts.reason)
    because = f" because {reason}" if reason else ""
    return (
        f"{sorry} could not deliver your parcel{because}. What happens next:",
        f"We could not deliver your parcel{because}. Next:",
        f"Not delivered{': ' + reason if reason else ''}.",
        "Not delivered:",
    )


def _at_pickup_point(facts: Facts) -> Sequence[str]:
    place = sms.shorten(sms.transliterate(facts.place), _MOST_PLACE_UNITS)
    until = sms.transliterate(facts.until)
    return (
        f"Your parcel is ready at {place}. Code {facts.code}, until {until}. Hours and way:",
        f"Ready at {place}, code {facts.code}, until {until}.",
        f"Ready, code {facts.code}, until {until}.",
        f"Ready, code {facts.code}:",
    )


def _collection_due(facts: Facts) -> Sequence[str]:
    place = sms.shorten(sms.transliterate(facts.place), _MOST_PLACE_UNITS)
    until = sms.transliterate(facts.until)
    return (
        f"Your parcel still waits at {place} and goes back after {until}. Code {facts.code}.",
        f"Your parcel waits until {until}, then it goes back. Code {facts.code}.",
        f"Collect until {until}, code {facts.code}:",
        f"Collect soon, code {facts.code}:",
    )


_WORDINGS: dict[Template, Callable[[Facts], Sequence[str]]] = {
    Template.ADDRESS_REVIEW: _address_review,
    Template.OUT_FOR_DELIVERY: _out_for_delivery,
    Template.DELIVERED: _delivered,
    Template.ATTEMPT_FAILED: _attempt_failed,
    Template.AT_PICKUP_POINT: _at_pickup_point,
    Template.COLLECTION_DUE: _collection_due,
    Template.ORDER_ACCEPTED: _order_accepted,
    Template.NEAR: _near,
    Template.ARRIVED: _arrived,
    Template.DELAYED: _delayed,
    Template.RESCHEDULED: _rescheduled,
    Template.CANCELLED: _cancelled,
    Template.RETURNING: _returning,
    Template.MESSAGE: _message,
}
