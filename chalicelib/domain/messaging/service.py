"""Use cases of messaging: order a text when something happened, send it at most once.

A text cannot be taken back, and publishing cannot be made part of a transaction. So the right to
send it is claimed and *committed* first; whoever dies after that leaves a claim that nobody sends
again. At most once, and what is unknown stays visible. Everything about a recipient is read when
the text is sent, never by the relay and never put on the queue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Recipient, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import store, templates
from chalicelib.domain.messaging.store import Claim, Fate, TextOrder
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.tracking import needs, words
from chalicelib.kit import tokens
from chalicelib.kit.errors import Malformed, TextNotSent, Upstream
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

EVENTS = {
    "delivery.address_review": Template.ADDRESS_REVIEW,
    "delivery.picked_up": Template.OUT_FOR_DELIVERY,
    "delivery.delivered": Template.DELIVERED,
    "delivery.attempt_failed": Template.ATTEMPT_FAILED,
    "delivery.at_pickup_point": Template.AT_PICKUP_POINT,
    "delivery.collection_due": Template.COLLECTION_DUE,
}
#: A text that its delivery has overtaken is not sent: it would be wrong by the time it is read.
_STILL_TRUE = {
    Template.ADDRESS_REVIEW: frozenset({Status.ADDRESS_REVIEW}),
    Template.OUT_FOR_DELIVERY: frozenset(
        {Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF, Status.ARRIVED_AT_DROPOFF}
    ),
    Template.DELIVERED: frozenset({Status.DELIVERED}),
    Template.ATTEMPT_FAILED: frozenset(
        {
            Status.ATTEMPT_FAILED,
            Status.READY,
            Status.PLANNED,
            Status.AT_PICKUP_POINT,
            Status.RETURNING,
            Status.RETURNED,
        }
    ),
    Template.AT_PICKUP_POINT: frozenset({Status.AT_PICKUP_POINT}),
    Template.COLLECTION_DUE: frozenset({Status.AT_PICKUP_POINT}),
}


class Answer(Protocol):
    """What the text service said: an id, or why it never will."""

    @property
    def message_id(self) -> str | None: ...
    @property
    def refusal(self) -> str | None: ...


class Texts(Protocol):
    """The gateway; raises TextNotSent (surely not sent) or another Upstream (nobody knows)."""

    def send(self, phone: str, body: str, kind: str) -> Answer: ...


class Run(Protocol):
    """Run a use case in a unit of work of its own and commit it."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Links:
    """Makes a recipient's link."""

    public_base_url: str
    server_key: bytes

    def to(self, delivery_id: str) -> str:
        token = tokens.tracking_token(self.server_key, delivery_id)
        return f"{self.public_base_url.rstrip('/')}/t/{token}"


@dataclass(frozen=True, slots=True)
class _Ready:
    """A claimed text, written and addressed."""

    claim: Claim
    phone: str
    body: str


def message_for(event: Event) -> dict[str, str]:
    """What to put on the queue when one of :data:`EVENTS` is heard; hearing it twice is harmless.

    It names the event and nothing of the recipient.
    """
    return {
        "merchant_id": event.data["merchant_id"],
        "delivery_id": event.subject,
        "event_id": event.id,
        "template": EVENTS[event.type].value,
    }


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
    claimed = run(lambda uow: claim(uow, links, order))
    if claimed is None or isinstance(claimed, Fate):
        return claimed
    try:
        answer = texts.send(claimed.phone, claimed.body, order.template.value)
    except TextNotSent:
        run(lambda uow: _mark(uow, claimed.claim, Fate.RETRY_SAFE))
        raise
    except Upstream:
        run(lambda uow: _mark(uow, claimed.claim, Fate.UNKNOWN))
        return Fate.UNKNOWN
    fate = Fate.SENT if answer.refusal is None else Fate.REFUSED
    run(lambda uow: _mark(uow, claimed.claim, fate, answer))
    return fate


def claim(uow: UnitOfWork, links: Links, order: TextOrder) -> "_Ready | Fate | None":
    """Take the right to send a text, or note why there is nothing to send.

    Returns
    -------
    The text, ready to be published once this is committed; SKIPPED; or None when somebody took the
    right before.
    """
    earlier = store.find(uow, order)
    if earlier is not None and earlier.fate is not Fate.RETRY_SAFE:
        return None
    version = 1 if earlier is None else earlier.version + 1
    ref = DeliveryRef(order.merchant_id, order.delivery_id)
    delivery = deliveries.load(uow, ref)
    recipient = deliveries.load_recipient(uow, ref)
    reason = _reason_to_skip(order, delivery, recipient)
    if reason is not None:
        store.save(uow, Claim(order, Fate.SKIPPED, uow.now, version, reason))
        return Fate.SKIPPED
    # _reason_to_skip has seen to both; this tells the type checker.
    assert recipient is not None and recipient.phone is not None  # noqa: PT018
    body = templates.compose(order.template, _facts(uow, order, delivery, recipient, links))
    taken = Claim(order, Fate.CLAIMED, uow.now, version)
    store.save(uow, taken)
    return _Ready(taken, recipient.phone.e164, body)


def _reason_to_skip(
    order: TextOrder, delivery: Delivery, recipient: Recipient | None
) -> str | None:
    undone = {entry.undoes for entry in delivery.history}
    if order.event_version in undone or delivery.status not in _STILL_TRUE[order.template]:
        return "overtaken"
    if not delivery.live:
        return "test"
    if recipient is None or recipient.phone is None:
        return "no_phone"
    if not recipient.phone.can_get_texts:
        return "not_textable"
    return None


def _facts(
    uow: UnitOfWork, order: TextOrder, delivery: Delivery, recipient: Recipient, links: Links
) -> Facts:
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    reading = words.Reading(ZoneInfo(hub.timezone), words.uses_half_days(hub.country))
    until = delivery.collect_by
    failures = [entry for entry in delivery.history if entry.version == order.event_version]
    failed = order.template is Template.ATTEMPT_FAILED and failures and failures[0].reason
    return Facts(
        brand=merchant.name,
        name=recipient.name,
        link=links.to(delivery.id),
        due=reading.span(delivery.window.start_at, delivery.window.end_at),
        reason=FailureReason(failed) if failed else None,
        ready=needs.in_brief(delivery.handover),
        place=_place(uow, delivery),
        code=tokens.collection_code(links.server_key, delivery.id),
        until="" if until is None else reading.moment(until, uow.now),
    )


def _place(uow: UnitOfWork, delivery: Delivery) -> str:
    if delivery.pickup_point_id is None or delivery.status is not Status.AT_PICKUP_POINT:
        return ""
    return pickup_points.load(uow, delivery.pickup_point_id).name


def _mark(uow: UnitOfWork, taken: Claim, fate: Fate, answer: Answer | None = None) -> None:
    """Write down how it went."""
    store.save(
        uow,
        replace(
            taken,
            fate=fate,
            at=uow.now,
            version=taken.version + 1,
            note=None if answer is None else answer.refusal,
            message_id=None if answer is None else answer.message_id,
        ),
    )
