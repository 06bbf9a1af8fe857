"""How is each text worded? From kind to terse: several wordings, each of whole sentences.

A plain tone leaves out the greeting. The last wording of each is a few words: with the longest link
that a text of 70 letters takes there is room for no more.
"""

from collections.abc import Callable

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.texting import Tone
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.kit.languages import Translator, mark

#: Sentences that stand one after the other; empty ones are left out.
Wording = tuple[str, ...]

_WHY = {
    FailureReason.CUSTOMER_UNAVAILABLE: mark("nobody was there"),
    FailureReason.CUSTOMER_REFUSED: mark("it was not accepted"),
    FailureReason.WRONG_ADDRESS: mark("the address was wrong"),
    FailureReason.ADDRESS_UNREACHABLE: mark("we could not get to the door"),
    FailureReason.BUSINESS_CLOSED: mark("the place was closed"),
    FailureReason.NO_SAFE_PLACE: mark("there was no safe place"),
    FailureReason.ID_CHECK_FAILED: mark("the ID check failed"),
    FailureReason.WRONG_PIN: mark("the PIN was wrong"),
    FailureReason.PACKAGE_DAMAGED: mark("the parcel was damaged"),
    FailureReason.PACKAGE_LOST: mark("the parcel went missing"),
    FailureReason.ITEM_MISSING: mark("something was missing"),
    FailureReason.WRONG_ITEM: mark("it was the wrong item"),
    FailureReason.LOCKER_FULL: mark("the locker was full"),
    FailureReason.VEHICLE_BREAKDOWN: mark("our vehicle broke down"),
    FailureReason.WEATHER: mark("the weather did not allow it"),
    FailureReason.TRAFFIC_DELAY: mark("traffic held us up"),
    FailureReason.OUT_OF_SHIFT_TIME: mark("we ran out of time"),
    FailureReason.DRIVER_EMERGENCY: mark("our driver had an emergency"),
    FailureReason.HOLIDAY: mark("it was a holiday"),
}


def why(reason: FailureReason | None, t: Translator) -> str:
    """A failure in a few words; empty where words would not help."""
    clause = None if reason is None else _WHY.get(reason)
    return "" if clause is None else t.say(clause)


def of(template: Template, facts: Facts) -> tuple[Wording, ...]:
    """The wordings of a text, the kindest first. Names in ``facts`` are as they may be written."""
    return _WORDINGS[template](facts)


def _greeted(facts: Facts) -> str:
    if facts.tone is Tone.PLAIN or not facts.name:
        return ""
    return facts.t.say("Hi {name}!", name=facts.name)


def _order_accepted(facts: Facts) -> tuple[Wording, ...]:
    t, due = facts.t, facts.due
    stop = t.say("Reply STOP for no texts.")
    return (
        (_greeted(facts), t.say("Your order comes {due}.", due=due), stop, t.say("Follow it:")),
        (t.say("Your order comes {due}.", due=due), stop),
        (t.say("Order: {due}", due=due),),
        (t.say("Your order:"),),
    )


def _address_review(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    lost = t.say("We cannot find your door on our map.")
    return (
        (_greeted(facts), lost, t.say("Please show us where it is:")),
        (t.say("We cannot find your door."), t.say("Please show us:")),
        (t.say("Where is your door?"),),
        (t.say("Your door?"),),
    )


def _out_for_delivery(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    coming = t.say("Your parcel is on its way.")
    brief = t.say("On its way.")
    if facts.due:
        coming = t.say("Your parcel is on its way and due {due}.", due=facts.due)
        brief = t.say("On its way, {due}.", due=facts.due)
    ready = t.say("Have ready: {ready}.", ready=facts.ready) if facts.ready else ""
    return (
        (_greeted(facts), coming, ready, t.say("See where it is:")),
        (coming, ready),
        (brief, ready),
        *(((t.say("On its way."), ready), (ready,)) if ready else ()),
        (t.say("On its way:"),),
    )


def _near(facts: Facts) -> tuple[Wording, ...]:
    t, stops = facts.t, facts.stops
    away = t.say("Your driver is close.")
    if stops == 0:
        away = t.say("You are the next stop.")
    elif stops is not None:
        away = t.count("Your driver is {n} stop away.", "Your driver is {n} stops away.", stops)
    when = t.say("Expected {expected}.", expected=facts.expected) if facts.expected else ""
    return (
        (away, when, t.say("Tell us where to put it:")),
        (away, when),
        (away,),
        (t.say("Nearly there:"),),
    )


def _arrived(facts: Facts) -> tuple[Wording, ...]:
    return ((facts.t.say("Your driver is at your door."),), (facts.t.say("At your door:"),))


def _delayed(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    when = t.say("We now expect it {expected}.", expected=facts.expected) if facts.expected else ""
    return (
        (t.say("Sorry, your parcel is running late."), when, t.say("See where it is:")),
        (t.say("Your parcel is late."), when),
        (t.say("Your parcel is late."),),
        (t.say("Late:"),),
    )


def _delivered(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    there = t.say("Your parcel has been delivered.")
    return ((_greeted(facts), there, t.say("Details:")), (there,), (t.say("Delivered:"),))


def _attempt_failed(facts: Facts) -> tuple[Wording, ...]:
    t, reason = facts.t, why(facts.reason, facts.t)
    missed = t.say("We could not deliver your parcel.")
    brief = t.say("Not delivered.")
    if reason:
        missed = t.say("We could not deliver your parcel: {reason}.", reason=reason)
        brief = t.say("Not delivered: {reason}.", reason=reason)
    sorry = t.say("Sorry, {name}.", name=facts.name) if facts.name else t.say("Sorry.")
    return (
        (sorry if facts.tone is Tone.KIND else "", missed, t.say("What happens next:")),
        (missed, t.say("Next:")),
        (brief,),
        (t.say("Not delivered:"),),
    )


def _at_pickup_point(facts: Facts) -> tuple[Wording, ...]:
    t, place, code, until = facts.t, facts.place, facts.code, facts.until
    by = t.say("Code {code}, until {until}.", code=code, until=until)
    return (
        (t.say("Your parcel is ready at {place}.", place=place), by, t.say("Hours and way:")),
        (t.say("Ready at {place}.", place=place), by),
        (by,),
        (t.say("Code {code}:", code=code),),
    )


def _collection_due(facts: Facts) -> tuple[Wording, ...]:
    t, place, code, until = facts.t, facts.place, facts.code, facts.until
    by = t.say("Code {code}, until {until}.", code=code, until=until)
    waits = t.say(
        "Your parcel still waits at {place} and goes back after {until}.", place=place, until=until
    )
    return (
        (waits, t.say("Code {code}.", code=code)),
        (t.say("Please collect your parcel."), by),
        (by,),
        (t.say("Code {code}:", code=code),),
    )


def _rescheduled(facts: Facts) -> tuple[Wording, ...]:
    t, due = facts.t, facts.due
    return (
        (t.say("Your parcel now comes {due}.", due=due), t.say("Details:")),
        (t.say("Now due {due}.", due=due),),
        (t.say("New time:"),),
    )


def _cancelled(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    return (
        (t.say("Your delivery has been cancelled."), t.say("Details:")),
        (t.say("Delivery cancelled."),),
        (t.say("Cancelled:"),),
    )


def _returning(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    back = t.say("Your parcel goes back to the shop.")
    return ((back, t.say("Details:")), (back,), (t.say("Going back:"),))


def _message(facts: Facts) -> tuple[Wording, ...]:
    t = facts.t
    return (
        (t.say("There is a message about your parcel."), t.say("Read and answer it here:")),
        (t.say("There is a message about your parcel."),),
        (t.say("A message:"),),
    )


_WORDINGS: dict[Template, Callable[[Facts], tuple[Wording, ...]]] = {
    Template.ORDER_ACCEPTED: _order_accepted,
    Template.ADDRESS_REVIEW: _address_review,
    Template.OUT_FOR_DELIVERY: _out_for_delivery,
    Template.NEAR: _near,
    Template.ARRIVED: _arrived,
    Template.DELAYED: _delayed,
    Template.DELIVERED: _delivered,
    Template.ATTEMPT_FAILED: _attempt_failed,
    Template.AT_PICKUP_POINT: _at_pickup_point,
    Template.COLLECTION_DUE: _collection_due,
    Template.RESCHEDULED: _rescheduled,
    Template.CANCELLED: _cancelled,
    Template.RETURNING: _returning,
    Template.MESSAGE: _message,
}
