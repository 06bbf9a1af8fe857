"""Use cases of whoever holds a link: say, choose, move, cancel. One commit each.

The same again changes nothing and succeeds, so a form that was sent twice is harmless. What is not
possible (any more) is :class:`NotNow`, with the reason.
"""

from dataclasses import replace

from chalicelib.domain.deliveries import instructing, rescheduling
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.instructing import RECIPIENT
from chalicelib.domain.deliveries.instructions import IfMissed, Instructions, Neighbour
from chalicelib.domain.deliveries.model import CancelReason, Delivery, Recipient, Status
from chalicelib.domain.dispatch.under_way import rerouting
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.recipients.choices import Why, choice_of
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.kit.errors import Conflict, IllegalTransition, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


class NotNow(Conflict):
    """It cannot be chosen (any more); ``why`` says it."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"not now: {why}")
        self.why = why


def say_note(uow: UnitOfWork, token: str, gate_code: str, note: str) -> None:
    """Tell the driver how to get in."""
    delivery, person = _open(uow, token, Action.NOTE)
    said = replace(person.instructions, gate_code=gate_code, note=note)
    _instruct(uow, delivery, person, said, delivery.if_missed)


def choose_safe_place(uow: UnitOfWork, token: str, place: str) -> None:
    """Have it left somewhere, or no more."""
    delivery, person = _open(uow, token, Action.SAFE_PLACE)
    wish = _without(delivery.if_missed, IfMissed.SAFE_PLACE, place)
    _instruct(uow, delivery, person, replace(person.instructions, safe_place=place), wish)


def choose_neighbour(uow: UnitOfWork, token: str, neighbour: Neighbour | None) -> None:
    """Let somebody else take it, or nobody any more."""
    delivery, person = _open(uow, token, Action.NEIGHBOUR)
    wish = _without(delivery.if_missed, IfMissed.NEIGHBOUR, neighbour)
    _instruct(uow, delivery, person, replace(person.instructions, neighbour=neighbour), wish)


def wish_if_missed(uow: UnitOfWork, token: str, wish: IfMissed) -> None:
    """Say what to do if nobody is there; a safe place or a neighbour must have been named."""
    delivery, person = _open(uow, token, Action.IF_MISSED)
    if wish not in wishes_for(person):
        raise NotNow(Why.OVER)
    _instruct(uow, delivery, person, person.instructions, wish)


def wishes_for(person: Recipient) -> tuple[IfMissed, ...]:
    """What can be wished: only what has been named."""
    said = person.instructions
    lacks = {
        IfMissed.SAFE_PLACE: not said.safe_place,
        IfMissed.NEIGHBOUR: said.neighbour is None,
    }
    return tuple(one for one in IfMissed if not lacks.get(one, False))


def choose_window(uow: UnitOfWork, token: str, window: TimeWindow) -> None:
    """Have it come in another window; raise WindowNotBookable if that is none to be had."""
    delivery = delivery_of(uow, token)
    if delivery.window == window and not delivery.status.is_final:
        return
    _must_be_open(uow, delivery, Action.WINDOW)
    rerouting.reschedule(uow, delivery, rescheduling.bookable(uow, delivery, window), by=RECIPIENT)


def choose_point(uow: UnitOfWork, token: str, point_id: str) -> None:
    """Have it brought to a pickup point.

    Raises
    ------
    NotNow, PointFull, DoesNotFit, PointClosed, OthersWouldBeLate, NotFound
    """
    delivery = delivery_of(uow, token)
    if delivery.pickup_point_id == point_id and not delivery.status.is_final:
        return
    _must_be_open(uow, delivery, Action.PICKUP_POINT)
    rerouting.redirect(uow, delivery, pickup_points.load(uow, point_id), by=RECIPIENT)


def go_home(uow: UnitOfWork, token: str) -> None:
    """Have it brought home after all; raise NotNow, HomeUnknown or OthersWouldBeLate."""
    delivery = delivery_of(uow, token)
    if delivery.pickup_point_id is None and not delivery.status.is_final:
        return
    _must_be_open(uow, delivery, Action.PICKUP_POINT)
    rerouting.redirect_home(uow, delivery, by=RECIPIENT)


def move_door(uow: UnitOfWork, token: str, position: LatLng) -> None:
    """Put the door where it really is, once; farther away somebody at the desk has to look.

    Raises
    ------
    NotNow
    IllegalTransition
        If it is farther away than anybody is believed.
    """
    delivery = delivery_of(uow, token)
    if delivery.dropoff == position and not delivery.status.is_final:
        return
    _must_be_open(uow, delivery, Action.DOOR)
    instructing.move_door(uow, delivery, position)


def cancel(uow: UnitOfWork, token: str) -> None:
    """End it; what was picked up already comes back to the shop."""
    delivery = delivery_of(uow, token)
    if delivery.status in (Status.CANCELLED, Status.RETURNING):
        return
    _must_be_open(uow, delivery, Action.CANCEL)
    command = Cancel(uow.now, CancelReason.CUSTOMER_REQUEST, by=RECIPIENT)
    deliveries.advance(uow, delivery, command)


def recipient_of(uow: UnitOfWork, delivery: Delivery) -> Recipient | None:
    return delivery_store.load_recipient(uow, deliveries.ref_of(delivery))


def _open(uow: UnitOfWork, token: str, action: Action) -> tuple[Delivery, Recipient]:
    delivery = delivery_of(uow, token)
    _must_be_open(uow, delivery, action)
    person = recipient_of(uow, delivery)
    if person is None:
        raise NotFound("the recipient was forgotten")
    return delivery, person


def _must_be_open(uow: UnitOfWork, delivery: Delivery, action: Action) -> None:
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    why = choice_of(action, delivery, merchant).why_not
    if why is not None:
        raise NotNow(why)


def _instruct(
    uow: UnitOfWork,
    delivery: Delivery,
    person: Recipient,
    said: Instructions,
    wish: IfMissed | None,
) -> None:
    try:
        instructing.instruct(uow, delivery, person, said, wish)
    except IllegalTransition as error:
        raise NotNow(Why.TOO_LATE) from error


def _without(wish: IfMissed | None, about: IfMissed, named: object) -> IfMissed | None:
    """A wish falls away with what it was about."""
    return None if wish is about and not named else wish
