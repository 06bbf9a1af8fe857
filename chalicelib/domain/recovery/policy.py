"""Again, or back? Pure.

A parcel that came back to the hub is tried again while it has attempts left, unless the reason says
that trying again is pointless. Source: the field's default of three attempts; a refusal is an
answer, and a broken or wrong thing does not mend itself.
"""

from chalicelib.domain.deliveries.model import Delivery, FailureReason

_POINTLESS = frozenset(
    {
        FailureReason.CUSTOMER_REFUSED,
        FailureReason.PACKAGE_DAMAGED,
        FailureReason.WRONG_ITEM,
        FailureReason.ITEM_MISSING,
    }
)


def deserves_another_attempt(delivery: Delivery) -> bool:
    if not delivery.attempts:
        return False
    return delivery.attempts_left > 0 and delivery.attempts[-1].reason not in _POINTLESS
