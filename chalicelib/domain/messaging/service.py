"""Use cases of messaging: order a text when something happened, send it at most once.

A text cannot be taken back, and publishing cannot be made part of a transaction. So the right to
send it is claimed and *committed* first; whoever dies after that leaves a claim that nobody sends
again. At most once, and what is unknown stays visible. Everything about a recipient is read when
the text is sent, never by the relay and never put on the queue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import claiming, emailing, plan, store, suppression
from chalicelib.domain.messaging.claiming import Ready
from chalicelib.domain.messaging.emailing import Emails
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.store import Claim, EmailFate, Fate, TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit.errors import Malformed, TextNotSent, Upstream
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork

_OPTED_OUT = "opted_out"


class Answer(Protocol):
    """What the text service said: an id, or why it never will."""

    @property
    def message_id(self) -> str | None: ...
    @property
    def refusal(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """What the text service would have said, had it been asked to send."""

    refusal: str
    message_id: None = None


class Texts(Protocol):
    """The gateway; raises TextNotSent (surely not sent) or another Upstream (nobody knows)."""

    def send(self, phone: str, body: str, kind: str) -> Answer: ...

    def is_opted_out(self, phone: str) -> bool:
        """Whether the number is on the carrier's own list; raises Upstream when nobody can say."""
        ...


class Run(Protocol):
    """Run a use case in a unit of work of its own and commit it."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T], /) -> T: ...


def message_for(event: Event) -> dict[str, str]:
    """What to put on the queue when one of :data:`plan.EVENTS` is heard; twice is harmless.

    It names the event and nothing of the recipient.
    """
    template = plan.EVENTS[event.type]
    delivery_id = event.data.get("delivery_id", event.subject)
    order = TextOrder(event.data["merchant_id"], delivery_id, event.id, template)
    return order.to_message()


def is_wanted(uow: UnitOfWork, event: Event) -> bool:
    """Whether a merchant's recipients hear of such an event at all: asked before it is queued."""
    template = plan.EVENTS[event.type]
    if template is Template.MESSAGE:
        return bool(event.data["tells_recipient"])
    if not plan.KINDS[template].is_ordinary:
        return True
    merchant = merchants.load_merchant(uow, event.data["merchant_id"])
    return plan.is_wanted(merchant.texts, template)


def read_order(message: Mapping[str, str]) -> TextOrder:
    """Read what :func:`message_for` made on the queue; raise Malformed on anything else."""
    try:
        return TextOrder(
            message["merchant_id"],
            message["delivery_id"],
            message["event_id"],
            Template(message["template"]),
        )
    except (KeyError, ValueError) as error:
        raise Malformed("this is no order of a text") from error


def send_by_email(run: Run, emails: Emails, links: Links, order: TextOrder) -> EmailFate | None:
    """Send the same news by e-mail if its text did not get there; None when it is not due."""
    ready = run(lambda uow: emailing.claim(uow, links, order))
    if ready is None:
        return None
    fate = emailing.send(emails, ready)
    run(lambda uow: emailing.mark(uow, ready, fate))
    return fate


def send_text(run: Run, texts: Texts, links: Links, order: TextOrder) -> Fate | None:
    """Send one text at most once: claim, publish, mark. Each of the two writes is a commit.

    Returns
    -------
    The text's fate, or None when it was claimed before and is nobody's to send.

    Raises
    ------
    TextNotSent
        If it surely was not sent; the message may come again.
    """
    claimed = run(lambda uow: claiming.claim(uow, links, order))
    if claimed is None or isinstance(claimed, Fate):
        return claimed
    try:
        answer = _publish(texts, claimed)
    except TextNotSent:
        run(lambda uow: _mark(uow, claimed.claim, Fate.RETRY_SAFE))
        raise
    except Upstream:
        run(lambda uow: _mark(uow, claimed.claim, Fate.UNKNOWN))
        return Fate.UNKNOWN
    fate = Fate.SENT if answer.refusal is None else Fate.REFUSED
    run(lambda uow: _mark(uow, claimed.claim, fate, answer))
    if answer.refusal == _OPTED_OUT:
        # The carrier takes nothing for this number: have it on our own list, and tell merchants.
        by = suppression.CARRIER
        run(lambda uow: suppression.opt_out(uow, claimed.phone, links.server_key, None, by))
    return fate


def _publish(texts: Texts, ready: Ready) -> Answer:
    if ready.unchecked and is_opted_out(texts, ready.phone):
        return Refused(_OPTED_OUT)
    return texts.send(ready.phone.e164, ready.body, ready.claim.order.template.value)


def is_opted_out(texts: Texts, phone: Phone) -> bool:
    """Whether the carrier's list has the number; when it cannot be asked, publishing will tell."""
    try:
        return texts.is_opted_out(phone.e164)
    except Upstream:
        return False


def _mark(uow: UnitOfWork, taken: Claim, fate: Fate, answer: Answer | None = None) -> None:
    """Write down how it went; what nobody knows is told, for it is not tried again."""
    marked = replace(
        taken,
        fate=fate,
        at=uow.now,
        version=taken.version + 1,
        note=None if answer is None else answer.refusal,
        message_id=None if answer is None else answer.message_id,
    )
    store.save(uow, marked)
    if fate is Fate.UNKNOWN:
        order = taken.order
        data = {
            "merchant_id": order.merchant_id,
            "delivery_id": order.delivery_id,
            "template": order.template.value,
        }
        uow.emit(Event("notification.lost", order.subject, marked.version, uow.now, data))
