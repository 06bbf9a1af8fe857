"""How is a conversation shown? To whom, in which words: one place for page, driver and desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, StringConstraints

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import conversations
from chalicelib.domain.messaging.conversation_store import Message, Side
from chalicelib.domain.messaging.conversations import LONGEST, SENTENCES, Canned
from chalicelib.domain.tracking import service as tracking
from chalicelib.domain.tracking import words
from chalicelib.entry import rest
from chalicelib.kit.languages import ENGLISH, Translator
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

#: What the address of the page says of the last message.
CLOSED, TOO_MUCH, EMPTY = "closed", "much", "empty"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class OneMessage(rest.Answer):
    """What was written; a canned sentence in English, with its key in `canned`."""

    number: int
    side: Side
    text: str
    canned: Canned | None
    at: AwareDatetime

    model_config = rest.example(
        number=1,
        side="driver",
        text="I cannot find the entrance.",
        canned="no_entrance",
        at="2026-11-23T08:40:00.000Z",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A message on the recipient's page."""

    is_mine: bool
    who: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the page shows of a conversation; nothing can be written unless it ``is_open``."""

    lines: tuple[Line, ...]
    is_open: bool
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class Talk:
    """The part of the recipient's page that is about what was said; ``said``: how writing went."""

    messages: Conversation | None
    said: str = ""


def of_link(uow: UnitOfWork, token: str, t: Translator, told: str | None) -> Talk:
    """What the page behind a link shows; ``told`` is what the address says of the last message."""
    delivery = tracking.delivery_of(uow, token)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    reading = words.Reading(ZoneInfo(hub.timezone), words.uses_half_days(hub.country), t)
    return Talk(_on_page(uow, delivery, merchant.name, reading, t), _told(t, told))


def _told(t: Translator, told: str | None) -> str:
    return {
        CLOSED: t.say("Your message was not sent: nobody is on the way to you right now."),
        TOO_MUCH: t.say("Your message was not sent: that was a lot at once. Please wait a minute."),
        EMPTY: t.say("Please write between 1 and 280 characters."),
    }.get(told or "", "")


def _on_page(
    uow: UnitOfWork, delivery: Delivery, brand: str, reading: words.Reading, t: Translator
) -> Conversation | None:
    """The conversation; None when there was none and nobody is near."""
    is_open = conversations.is_open(delivery, uow.now)
    said = conversations.read(uow, DeliveryRef(delivery.merchant_id, delivery.id))
    if not said and not is_open:
        return None
    who = {Side.RECIPIENT: t.say("You"), Side.DRIVER: t.say("Your driver"), Side.DESK: brand}
    lines = tuple(
        Line(one.side is Side.RECIPIENT, who[one.side], text_of(one, t), reading.clock(one.at))
        for one in said
    )
    return Conversation(lines, is_open)


def text_of(message: Message, t: Translator = ENGLISH) -> str:
    return message.text if message.canned is None else t.say(SENTENCES[Canned(message.canned)])


def write(message: Message) -> Mapping[str, Any]:
    return {
        "number": message.number,
        "side": message.side.value,
        "text": text_of(message),
        "canned": message.canned,
        "at": write_instant(message.at),
    }
