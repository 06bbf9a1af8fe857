"""What shall the recipient have ready at the door? In kind words, for the page and for texts.

The four digits stand on the page only: whoever reads a text over a shoulder must not learn them.
"""

from datetime import datetime

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.hours import DAY_MIN, Span, local_day
from chalicelib.kit.languages import ENGLISH, Translator, mark
from chalicelib.kit.money import Money

LEFT = mark("The driver leaves it at your door and takes a photo, so you need not be there.")


def cash(asked: Requirements) -> str:
    """The amount to be paid, or an empty text."""
    if not asked.cash_minor or asked.currency is None:
        return ""
    return str(Money(asked.cash_minor, asked.currency))


def at_the_door(asked: Requirements, t: Translator = ENGLISH) -> tuple[str, ...]:
    """One sentence for each thing that is asked."""
    if asked.action is DoorAction.LEAVE_AT_DOOR:
        return (t.say(LEFT),)
    told = []
    if cash(asked):
        told.append(t.say("Please have {amount} in cash ready.", amount=cash(asked)))
    if asked.id_min_age is not None:
        told.append(
            t.say(
                "Please have an ID ready: whoever takes it must be {age} or older.",
                age=asked.id_min_age,
            )
        )
    if asked.signature:
        told.append(t.say("The driver will ask you to sign."))
    return tuple(told)


def in_brief(asked: Requirements, t: Translator = ENGLISH) -> str:
    """The same in a few words, as they follow "Have ready:"; empty when nothing is asked."""
    things = [t.say("{amount} cash", amount=cash(asked))] if cash(asked) else []
    things += [t.say("your ID")] if asked.id_min_age is not None else []
    things += [t.say("the PIN from the link")] if asked.pin else []
    return t.say(", ").join(things)


def at_the_point(
    point: PickupPoint | None, status: Status, code: str, now: datetime, t: Translator
) -> list[tuple[str, str]]:
    """Where it is collected, when that is open, and by which code once it lies there."""
    if point is None or status.is_final:
        return []
    today = [_span(span, t) for span in point.hours.of(local_day(now, point.timezone))]
    rows = [
        (t.say("Pickup point"), f"{point.name}, {point.line1}, {point.postal_code} {point.city}"),
        (t.say("Open today"), t.say(", ").join(today) or t.say("closed")),
    ]
    return rows + ([(t.say("Code"), code)] if status is Status.AT_PICKUP_POINT else [])


def _span(span: Span, t: Translator) -> str:
    if span.closes_min - span.opens_min == DAY_MIN:
        return t.say("around the clock")
    start, end = (f"{one // 60:02d}:{one % 60:02d}" for one in (span.opens_min, span.closes_min))
    return t.say("{start}–{end}", start=start, end=end)
