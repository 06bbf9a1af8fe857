"""What can a recipient still choose now, and why not the rest? Decided by the delivery alone.

A parcel two stops away still takes a note or a safe place, not another day. What can never be
chosen for this delivery is left out; what could have been is explained.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries.instructing import may_move_door
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.domain.merchants.model import Merchant
from chalicelib.domain.merchants.recipient_actions import ALWAYS
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action

S = Status


class Why(StrEnum):
    """Why something cannot be chosen."""

    TOO_LATE = "too_late"
    NEEDS_YOU = "needs_you"
    ONCE = "once"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Choice:
    """Possible when there is no reason against it."""

    action: Action
    why_not: Why | None = None


#: Whatever takes the parcel elsewhere, or gives it to somebody else, or to nobody.
GUARDED = frozenset(
    {
        *(Action.SAFE_PLACE, Action.NEIGHBOUR, Action.WINDOW),
        *(Action.PICKUP_POINT, Action.DOOR, Action.CANCEL, Action.RECOVERY),
    }
)
_COMES_TO_A_DOOR = frozenset(S) - {
    *(one for one in S if one.is_final),
    *(S.AT_PICKUP_POINT, S.RETURNING),
}


def choices(delivery: Delivery, merchant: Merchant) -> tuple[Choice, ...]:
    """Everything that is to be shown, in its order."""
    offered = merchant.actions | ALWAYS
    found = (_choice(action, delivery) for action in Action if action in offered)
    return tuple(one for one in found if one is not None)


def choice_of(action: Action, delivery: Delivery, merchant: Merchant) -> Choice:
    """The one that somebody asks for; what is not shown is over."""
    shown = (one for one in choices(delivery, merchant) if one.action is action)
    return next(shown, Choice(action, Why.OVER))


def _choice(action: Action, delivery: Delivery) -> Choice | None:
    if action is Action.TEXTS:
        return Choice(action)
    if delivery.status.is_final or delivery.status is S.RETURNING:
        return None
    if action is Action.RECOVERY:
        # What lies at the hub again waits for a wave, and can still go another way until then.
        has_failed = delivery.attempts and delivery.status in (S.ATTEMPT_FAILED, S.READY)
        return Choice(action) if has_failed else None
    if action is Action.CANCEL:
        return Choice(action)
    if action in (Action.WINDOW, Action.PICKUP_POINT):
        return _moved(action, delivery)
    if delivery.pickup_point_id is not None or delivery.status not in _COMES_TO_A_DOOR:
        return None
    if action is Action.DOOR:
        if delivery.status is S.ADDRESS_REVIEW:
            return None
        return Choice(action, None if may_move_door(delivery) else Why.TOO_LATE)
    return Choice(action, Why.NEEDS_YOU if _needs_you(action, delivery.requirements) else None)


def _moved(action: Action, delivery: Delivery) -> Choice | None:
    # After a failed attempt these are choices among others: see ``mending``.
    if delivery.status in (S.AT_PICKUP_POINT, S.ADDRESS_REVIEW, S.ATTEMPT_FAILED):
        return None
    if action is Action.WINDOW:
        is_near = delivery.status in (S.EN_ROUTE_TO_DROPOFF, S.ARRIVED_AT_DROPOFF)
        is_open = lifecycle.may_be_rescheduled(delivery) and not is_near
        return Choice(action, None if is_open else Why.TOO_LATE)
    asked = delivery.requirements
    if asked.cash_minor or asked.id_min_age is not None:
        return Choice(action, Why.NEEDS_YOU)
    return Choice(action, None if lifecycle.may_be_redirected(delivery) else Why.TOO_LATE)


def _needs_you(action: Action, asked: Requirements) -> bool:
    """Whether what is asked for at the door can only be given by the recipient."""
    if action is Action.SAFE_PLACE:
        return replace(asked, action=DoorAction.LEAVE_AT_DOOR).conflict is not None
    is_personal = asked.pin or asked.id_min_age is not None or asked.cash_minor > 0
    return action is Action.NEIGHBOUR and is_personal
