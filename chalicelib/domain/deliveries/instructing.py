"""How do a recipient's instructions change? Beside the steps of the delivery's life, in one commit.

The words go to ``pii``, what follows from them to ``core``, with an entry of the history and an
event that name nobody. The same words again change nothing. A delivery takes so many changes and no
more: its history is kept for ever.
"""

from dataclasses import replace

from chalicelib.domain.deliveries import news, store
from chalicelib.domain.deliveries.instructions import (
    DOOR_MOVED,
    INSTRUCTIONS_CHANGED,
    IfMissed,
    Instructions,
)
from chalicelib.domain.deliveries.model import (
    Confidence,
    Delivery,
    HistoryEntry,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import IllegalTransition
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_CHANGES = 40
#: Who is named in the history: whoever holds the link.
RECIPIENT = "recipient"
#: Whoever holds a link is believed so far.
FARTHEST_M = 500
_MOVES_DOOR = frozenset(
    {
        *(Status.READY, Status.PLANNED, Status.ASSIGNED),
        *(Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP),
        *(Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF),
    }
)


def instruct(
    uow: UnitOfWork,
    before: Delivery,
    person: Recipient,
    said: Instructions,
    if_missed: IfMissed | None,
    *,
    by: str | None = RECIPIENT,
) -> Delivery:
    """Take over what the recipient says now.

    Raises
    ------
    IllegalTransition
        If the delivery is over, or was changed too often.
    """
    if (said, if_missed) == (person.instructions, before.if_missed):
        return before
    if before.status.is_final or _changes(before) >= MOST_CHANGES:
        raise IllegalTransition(
            f"a delivery that is {before.status} takes no more instructions",
            extra={"delivery_status": before.status},
        )
    version, at = before.version + 1, max(uow.now, before.history[-1].at)
    entry = HistoryEntry(version, INSTRUCTIONS_CHANGED, before.status, at, by=by)
    after = replace(
        before,
        version=version,
        history=(*before.history, entry),
        if_missed=if_missed,
        has_safe_place=bool(said.safe_place),
    )
    uow.emit(news.event_of(after))
    store.save(uow, after, expect=before.version)
    ref = DeliveryRef(after.merchant_id, after.id)
    store.save_recipient(uow, ref, replace(person, instructions=said))
    return after


def move_door(
    uow: UnitOfWork, before: Delivery, position: LatLng, *, by: str = RECIPIENT
) -> Delivery:
    """The door is a little elsewhere; its route follows by ``delivery.door_moved``.

    Once for a delivery, so that nobody walks it across the town; the same again changes nothing.

    Raises
    ------
    IllegalTransition
        If it is too late, or farther than ``FARTHEST_M``.
    """
    if position == before.dropoff:
        return before
    away_m = before.dropoff.distance_m(position)
    if not may_move_door(before) or away_m > FARTHEST_M:
        raise IllegalTransition(
            f"the door of a delivery that is {before.status} cannot be moved by {away_m} m",
            extra={"delivery_status": before.status},
        )
    version, at = before.version + 1, max(uow.now, before.history[-1].at)
    entry = HistoryEntry(version, DOOR_MOVED, before.status, at, by=by)
    after = replace(
        before,
        version=version,
        history=(*before.history, entry),
        dropoff=position,
        confidence=Confidence.CONFIRMED,
    )
    uow.emit(news.event_of(after))
    store.save(uow, after, expect=before.version)
    return after


def may_move_door(delivery: Delivery) -> bool:
    """Whether its door can be corrected: on its way, not yet there, and for the first time."""
    is_first = all(entry.what != DOOR_MOVED for entry in delivery.history)
    return delivery.status in _MOVES_DOOR and delivery.pickup_point_id is None and is_first


def _changes(delivery: Delivery) -> int:
    return sum(entry.what == INSTRUCTIONS_CHANGED for entry in delivery.history)
