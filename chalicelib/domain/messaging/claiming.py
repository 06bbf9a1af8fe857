"""May this text be sent, now? The claim to it, or why it is not sent, or not yet.

What is decided, and everything that it is counted by and must be strict, is one commit: the claim,
the delivery's tally, the number's tally. Whoever dies after that leaves a claim that nobody sends.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import (
    composing,
    facts,
    holding,
    limits,
    plan,
    quiet,
    rule_store,
    sms,
    store,
    suppression,
    texted,
)
from chalicelib.domain.messaging.facts import About, Links
from chalicelib.domain.messaging.limits import Barred, Wanted
from chalicelib.domain.messaging.store import Claim, Fate, TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit import tokens
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork

#: A text that was never sent may be claimed again: it surely was not, or it waited.
_OPEN = (Fate.RETRY_SAFE, Fate.HELD)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed text, written and addressed; ``unchecked``: the carrier's list is asked first."""

    claim: Claim
    phone: Phone
    body: str
    unchecked: bool


@dataclass(frozen=True, slots=True)
class _Stands:
    """The claim as it stands; ``counted``: the text was counted by an earlier try."""

    order: TextOrder
    version: int
    counted: bool


def claim(uow: UnitOfWork, links: Links, order: TextOrder) -> Ready | Fate | None:
    """Take the right to send a text, or note why it is not sent, or not yet.

    Returns
    -------
    The text, ready to be published once this is committed; SKIPPED or HELD; or None when somebody
    took the right before.
    """
    earlier = store.find(uow, order)
    if earlier is not None and earlier.fate not in _OPEN:
        return None
    version = 1 if earlier is None else earlier.version + 1
    counted = earlier is not None and earlier.fate is Fate.RETRY_SAFE
    stands = _Stands(order, version, counted)
    ref = DeliveryRef(order.merchant_id, order.delivery_id)
    delivery = deliveries.load(uow, ref)
    recipient = deliveries.load_recipient(uow, ref)
    reason = _reason_to_skip(order, delivery, recipient)
    if reason is not None:
        return _skip(uow, stands, reason)
    assert recipient is not None  # _reason_to_skip has seen to it
    merchant = merchants.load_merchant(uow, order.merchant_id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    return _weigh(uow, stands, About(delivery, recipient, merchant, hub), links)


def _weigh(uow: UnitOfWork, stands: _Stands, about: About, links: Links) -> Ready | Fate:
    """It is true and somebody could get it: is it wanted, not too much, and not too early?"""
    order, phone = stands.order, about.recipient.phone
    assert phone is not None  # _reason_to_skip has seen to it
    tally = plan.load_tally(uow, order.merchant_id, order.delivery_id)
    if not stands.counted:
        choice, delivery = about.merchant.texts, about.delivery
        reason = plan.reason_against(choice, tally, order.template, delivery, uow.now)
        if reason is not None:
            return _skip(uow, stands, reason)
    number = tokens.phone_hash(links.server_key, phone.e164)
    if suppression.find(uow, number, order.merchant_id) is not None:
        return _skip(uow, stands, "opted_out")
    due_at = quiet.held_until(uow.now, ZoneInfo(about.hub.timezone))
    if due_at is not None and plan.KINDS[order.template].waits:
        store.save(uow, Claim(order, Fate.HELD, uow.now, stands.version, "quiet_hours"))
        holding.hold(uow, order, due_at)
        return Fate.HELD
    body = composing.compose(order.template, *facts.gather(uow, order, about, links))
    weight = plan.KINDS[order.template].weight
    parts = sms.parts(body)
    wanted = Wanted(phone, number, weight, order.merchant_id, parts, stands.counted)
    admitted = limits.look(uow, rule_store.load(uow), wanted)
    if isinstance(admitted, Barred):
        return _skip(uow, stands, admitted.value)
    unchecked = admitted.tally.is_unchecked(uow.now)
    limits.take(uow, admitted, checked=unchecked)
    if not stands.counted:
        plan.count(uow, tally, order.template, about.delivery)
    texted.note(uow, number, order.merchant_id, order.delivery_id)
    taken = Claim(order, Fate.CLAIMED, uow.now, stands.version)
    store.save(uow, taken)
    return Ready(taken, phone, body, unchecked)


def _skip(uow: UnitOfWork, stands: _Stands, reason: str) -> Fate:
    store.save(uow, Claim(stands.order, Fate.SKIPPED, uow.now, stands.version, reason))
    return Fate.SKIPPED


def _reason_to_skip(
    order: TextOrder, delivery: Delivery, recipient: Recipient | None
) -> str | None:
    if delivery.status not in plan.STILL_TRUE[order.template] or _is_undone(order, delivery):
        return "overtaken"
    if not delivery.live:
        return "test"
    if recipient is None or recipient.phone is None:
        return "no_phone"
    if not recipient.phone.can_get_texts:
        return "not_textable"
    return None


def _is_undone(order: TextOrder, delivery: Delivery) -> bool:
    """Whether the step that the text tells of was taken back; a message is no step."""
    if order.template is Template.MESSAGE:
        return False
    return order.event_version in {entry.undoes for entry in delivery.history}
