"""What shall the recipient have ready at the door? In kind words, for the page and for texts.

The four digits stand on the page only: whoever reads a text over a shoulder must not learn them.
"""

from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
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
