"""Who may write to whom, and when? Recipient, driver and desk, none of whom learns a number.

A conversation belongs to a delivery and is open while its driver is on the way to this very door,
and for half an hour after it was reached. What is written stands in ``pii`` for a month; what is
known of it elsewhere is how many messages there are and when the last one was. The recipient is
told by text that somebody wrote, once in a quarter of an hour, within the limits of every text.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.messaging import conversation_store as store
from chalicelib.domain.messaging.conversation_store import Conversation, Message, Side
from chalicelib.kit.errors import Invalid, NotFound, TooManyRequests
from chalicelib.kit.events import Event
from chalicelib.kit.languages import mark
from chalicelib.kit.talk_errors import ConversationClosed
from chalicelib.storage.unit_of_work import UnitOfWork

LONGEST = 280
#: Of one delivery, and of one side within a minute.
MOST, MOST_A_MINUTE = 60, 6
OPEN_AFTER_END = timedelta(minutes=30)
#: So often at most a recipient is told by text that somebody wrote.
TOLD_EVERY = timedelta(minutes=15)
POSTED = "conversation.posted"
_MINUTE = timedelta(minutes=1)

_UNDER_WAY = (Status.EN_ROUTE_TO_DROPOFF, Status.ARRIVED_AT_DROPOFF)
_ENDS = frozenset({"delivered", "attempt_failed", "at_pickup_point"})


class Canned(StrEnum):
    """What a driver says with one tap; said in the recipient's language."""

    AT_THE_DOOR = "at_the_door"
    NO_ENTRANCE = "no_entrance"
    NO_BELL = "no_bell"
    NO_PARKING = "no_parking"
    TWO_MINUTES = "two_minutes"
    COME_DOWN = "come_down"


SENTENCES = {
    Canned.AT_THE_DOOR: mark("I am at your door."),
    Canned.NO_ENTRANCE: mark("I cannot find the entrance."),
    Canned.NO_BELL: mark("I cannot find your name at the bell."),
    Canned.NO_PARKING: mark("I cannot stop here. Could you come out?"),
    Canned.TWO_MINUTES: mark("I am there in two minutes."),
    Canned.COME_DOWN: mark("Could you come down to the entrance?"),
}


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody writes: words of their own, or a canned sentence. ``id``: of the sender's own
    making, so that a repeat is noticed."""

    side: Side
    text: str = ""
    canned: Canned | None = None
    id: str | None = None


def is_open(delivery: Delivery, now: datetime) -> bool:
    """Whether its driver is on the way to this door, or was there within half an hour."""
    if delivery.driver_id is None:
        return False
    if delivery.status in _UNDER_WAY:
        return True
    ended = next((one for one in reversed(delivery.history) if one.what in _ENDS), None)
    return ended is not None and now - ended.at <= OPEN_AFTER_END


def post(uow: UnitOfWork, delivery: Delivery, written: Post) -> Conversation:
    """Say something; the same message again changes nothing.

    Raises
    ------
    ConversationClosed
        If no driver is on the way to this door.
    Invalid
        If there is nothing in it, or too much.
    TooManyRequests
        If this side wrote six messages within a minute, or there are sixty.
    """
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    before = store.load(uow, ref)
    said = store.list_messages(uow, ref) if before.count else []
    if written.id is not None and any(one.sender_id == written.id for one in said):
        return before
    text = _checked(written)
    if not is_open(delivery, uow.now):
        raise ConversationClosed
    lately = [one for one in said if one.side is written.side and one.at > uow.now - _MINUTE]
    if len(said) >= MOST or len(lately) >= MOST_A_MINUTE:
        raise TooManyRequests("that is a lot at once", retry_after_s=60)
    tells = written.side is not Side.RECIPIENT and (
        before.told_at is None or uow.now - before.told_at >= TOLD_EVERY
    )
    number = before.count + 1
    message = Message(number, written.side, text, written.canned, uow.now, written.id)
    store.add(uow, ref, message)
    after = replace(
        before,
        id=before.id or uow.new_id("cnv"),
        count=number,
        last_at=uow.now,
        last_side=written.side,
        told_at=uow.now if tells else before.told_at,
        version=before.version + 1,
    )
    store.save(uow, after)
    uow.emit(_news(delivery, after, tells=tells))
    return after


def of_driver(uow: UnitOfWork, driver_id: str, ref: DeliveryRef) -> Delivery:
    """A delivery that this driver may write about; raise NotFound for any other."""
    delivery = deliveries.load(uow, ref)
    if delivery.driver_id != driver_id:
        raise NotFound("there is no such delivery")
    return delivery


def read(uow: UnitOfWork, ref: DeliveryRef) -> list[Message]:
    """What was said, oldest first."""
    return store.list_messages(uow, ref) if store.load(uow, ref).count else []


def _checked(written: Post) -> str:
    text = " ".join(written.text.split())
    if written.canned is not None:
        return ""
    if not text or len(text) > LONGEST:
        fields = [{"field": "text", "error": f"1 to {LONGEST} characters"}]
        raise Invalid("the message cannot be sent", fields=fields)
    return text


def _news(delivery: Delivery, after: Conversation, *, tells: bool) -> Event:
    data = {
        "merchant_id": delivery.merchant_id,
        "hub_id": delivery.hub_id,
        "delivery_id": delivery.id,
        "driver_id": delivery.driver_id,
        "side": str(after.last_side),
        "tells_recipient": tells,
    }
    return Event(POSTED, after.id, after.version, after.last_at or delivery.created_at, data)
