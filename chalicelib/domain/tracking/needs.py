"""What shall the recipient have ready at the door? In kind words, for the page and for texts.

The four digits stand on the page only: whoever reads a text over a shoulder must not learn them.
"""

from datetime import datetime

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.kit.hours import DAY_MIN, Span, local_day
from chalicelib.kit.money import Money

LEFT = "The driver leaves it at your door and takes a photo, so you need not be there."


def cash(asked: Requirements) -> str:
    """The amount to be paid, or an empty text."""
    if not asked.cash_minor or asked.currency is None:
        return ""
    return str(Money(asked.cash_minor, asked.currency))


def at_the_door(asked: Requirements) -> tuple[str, ...]:
    """One sentence for each thing that is asked."""
    if asked.action is DoorAction.LEAVE_AT_DOOR:
        return (LEFT,)
    told = []
    if cash(asked):
        told.append(f"Please have {cash(asked)} in cash ready.")
    if asked.id_min_age is not None:
        told.append(
            f"Please have an ID ready: whoever takes it must be {asked.id_min_age} or older."
        )
    if asked.signature:
        told.append("The driver will ask you to sign.")
    return tuple(told)


def in_brief(asked: Requirements) -> str:
    """The same in a few words, as they follow "Have ready:"; empty when nothing is asked."""
    things = [cash(asked) and f"{cash(asked)} cash"]
    things += ["your ID"] if asked.id_min_age is not None else []
    things += ["the PIN from the link"] if asked.pin else []
    return ", ".join(thing for thing in things if thing)


def at_the_point(
    point: PickupPoint | None, status: Status, code: str, now: datetime
) -> list[tuple[str, str]]:
    """Where it is collected, when that is open, and by which code once it lies there."""
    if point is None or status.is_final:
        return []
    today = point.hours.of(local_day(now, point.timezone))
    rows = [
        ("Pickup point", f"{point.name}, {point.line1}, {point.postal_code} {point.city}"),
        ("Open today", ", ".join(map(_span, today)) or "closed"),
    ]
    return rows + ([("Code", code)] if status is Status.AT_PICKUP_POINT else [])


def _span(span: Span) -> str:
    if span.closes_min - span.opens_min == DAY_MIN:
        return "around the clock"
    ends = (span.opens_min, span.closes_min)
    return "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends)
