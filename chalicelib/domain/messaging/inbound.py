"""What does somebody mean who answers a text? To stop, to start again, or to say something.

The carrier hands a reply over with the sender's number and nothing else, so it belongs to whatever
we texted that number about and whose driver is on the way: the newest, if there are several.
Sources: AWS End User Messaging SMS, "Example of a two-way SMS message payload"; Amazon SNS, "Opting
out of receiving SMS messages" (the words).
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.messaging import conversations, sms, suppression, texted
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Post
from chalicelib.kit import tokens
from chalicelib.kit.errors import Malformed, NotFound, TooManyRequests
from chalicelib.kit.phone import Phone
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.unit_of_work import UnitOfWork

STOP = frozenset(
    {
        *("STOP", "CANCEL", "END", "QUIT", "REMOVE", "UNSUBSCRIBE"),
        *("OPT-OUT", "OPTOUT", "ARRET", "TD", "STOPALL"),
    }
)
START = frozenset({"START", "UNSTOP"})
_REMEMBERED = timedelta(hours=72)


class Meant(StrEnum):
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    ANSWERED = "answered"
    NOBODY_THERE = "nobody_there"
    TOO_MUCH = "too_much"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that came in."""

    id: str
    phone: Phone
    words: str


def read(message: str) -> Reply:
    """Read what the carrier's service published; raise Malformed on anything else."""
    try:
        told = json.loads(message)
        phone = Phone(str(told["originationNumber"]))
        return Reply(str(told["inboundMessageId"])[:100], phone, str(told["messageBody"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("this is no text that came in") from error


def receive(uow: UnitOfWork, server_key: bytes, reply: Reply) -> Meant:
    """Do what a reply asks for, once."""
    place = keys.inbound_text(reply.id)
    if uow.get(place) is not None:
        return Meant.SEEN
    uow.put(place, {"seen": True}, expect=0, expires_at=uow.wall_now + _REMEMBERED)
    word = sms.transliterate(reply.words).strip(" .!?").upper()
    by = suppression.REPLY
    if word in STOP:
        suppression.opt_out(uow, reply.phone, server_key, None, by)
        return Meant.OPTED_OUT
    if word in START:
        suppression.opt_in(uow, reply.phone, server_key, None, by)
        return Meant.OPTED_IN
    about = _about(uow, tokens.phone_hash(server_key, reply.phone.e164))
    if about is None:
        return Meant.NOBODY_THERE
    text = reply.words[: conversations.LONGEST]
    try:
        conversations.post(uow, about, Post(Side.RECIPIENT, text, id=reply.id))
    except TooManyRequests:
        return Meant.TOO_MUCH
    return Meant.ANSWERED


def _about(uow: UnitOfWork, number: str) -> Delivery | None:
    """The newest delivery that we texted the number about and whose driver is on the way."""
    for one in texted.lately(uow, number):
        try:
            delivery = deliveries.load(uow, DeliveryRef(one.merchant_id, one.delivery_id))
        except NotFound:
            continue
        if conversations.is_open(delivery, uow.now):
            return delivery
    return None
