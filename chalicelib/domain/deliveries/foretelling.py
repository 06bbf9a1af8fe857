"""What is told of a delivery before anything happened to it? That it is near, or will be late.

Such news stands in the history, one entry a version as all news, and is no step: the status stays,
and a driver's last tap stays the last.
"""

from itertools import takewhile

from chalicelib.domain.deliveries.instructions import DOOR_MOVED, INSTRUCTIONS_CHANGED
from chalicelib.domain.deliveries.model import Delivery, HistoryEntry, Status

FORETOLD = frozenset({"announced", "delayed"})
#: What stands in the history and is no step: what is expected, and what the recipient said.
ASIDE = FORETOLD | {INSTRUCTIONS_CHANGED, DOOR_MOVED}
#: At the door it is neither near nor on its way any more.
_ON_ITS_WAY = frozenset(
    {
        Status.ASSIGNED,
        Status.EN_ROUTE_TO_PICKUP,
        Status.ARRIVED_AT_PICKUP,
        Status.PICKED_UP,
        Status.EN_ROUTE_TO_DROPOFF,
    }
)


def may_be_told(delivery: Delivery, what: str) -> bool:
    """Whether it is news: once for each attempt."""
    steps = (entry.what for entry in reversed(delivery.history))
    this_attempt = set(takewhile(lambda step: step != "attempt_failed", steps))
    return delivery.status in _ON_ITS_WAY and what not in this_attempt


def latest_step(delivery: Delivery) -> HistoryEntry:
    """The latest thing that did happen."""
    return next(entry for entry in reversed(delivery.history) if entry.what not in ASIDE)


def last_step(delivery: Delivery) -> str:
    return latest_step(delivery).what
