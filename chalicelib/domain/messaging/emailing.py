"""What if a text does not get there? The same news by e-mail, once, where the address is known.

Only for a text that was refused, whose fate is unknown, that had no number to go to, or whose
number the carrier takes nothing for. Whoever asked for no texts on the page is not written to
instead. As with texts the right to send is claimed and committed first.
"""

from dataclasses import dataclass, replace
from html import escape
from typing import Protocol

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import composing, facts, limits, rule_store, store, suppression
from chalicelib.domain.messaging.facts import About, Links
from chalicelib.domain.messaging.store import Claim, EmailFate, Fate, TextOrder
from chalicelib.kit import tokens
from chalicelib.kit.errors import Upstream
from chalicelib.kit.mail import Mail
from chalicelib.storage.unit_of_work import UnitOfWork

#: Why there was no text, where an e-mail is welcome.
_WELCOME = frozenset({"no_phone", "not_textable"})


class Emails(Protocol):
    """The gateway: False when it never will be taken; raises Upstream when nobody knows."""

    def send(self, address: str, mail: Mail) -> bool: ...


@dataclass(frozen=True, slots=True)
class Ready:
    claim: Claim
    address: str
    mail: Mail


def claim(uow: UnitOfWork, links: Links, order: TextOrder) -> Ready | None:
    """Take the right to send an e-mail in place of a text that does not get there."""
    found = store.find(uow, order)
    if found is None or found.email is not None:
        return None
    ref = DeliveryRef(order.merchant_id, order.delivery_id)
    recipient = deliveries.load_recipient(uow, ref)
    if recipient is None or not recipient.email:
        return None
    number = tokens.phone_hash(links.server_key, recipient.phone.e164) if recipient.phone else None
    if not _is_welcome(uow, found, number):
        return None
    # An address has the ceiling of a number: it is pumped as easily.
    hashed = tokens.phone_hash(links.server_key, recipient.email.lower())
    if not limits.take_address(uow, rule_store.load(uow), hashed):
        return None
    delivery = deliveries.load(uow, ref)
    merchant = merchants.load_merchant(uow, order.merchant_id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    about = About(delivery, recipient, merchant, hub)
    text = composing.compose(order.template, *facts.gather(uow, order, about, links))
    mail = write(f"{merchant.name}: {delivery.order_name}", text)
    taken = replace(found, email=EmailFate.CLAIMED, version=found.version + 1)
    store.save(uow, taken)
    return Ready(taken, recipient.email, mail)


def send(emails: Emails, ready: Ready) -> EmailFate:
    try:
        return EmailFate.SENT if emails.send(ready.address, ready.mail) else EmailFate.REFUSED
    except Upstream:
        return EmailFate.UNKNOWN


def mark(uow: UnitOfWork, ready: Ready, fate: EmailFate) -> None:
    store.save(uow, replace(ready.claim, email=fate, version=ready.claim.version + 1))


def write(subject: str, text: str) -> Mail:
    """The text as an e-mail: its link, which it ends with, can be clicked."""
    words, _, link = text.rpartition(" ")
    subject = " ".join(subject.split())
    html = (
        f'<!doctype html><html><body dir="auto"><p>{escape(words)}</p>'
        f'<p><a href="{escape(link)}">{escape(link)}</a></p></body></html>'
    )
    return Mail(subject, f"{words}\n\n{link}\n", html)


def _is_welcome(uow: UnitOfWork, found: Claim, number: str | None) -> bool:
    if found.fate in (Fate.REFUSED, Fate.UNKNOWN):
        return True
    if found.fate is not Fate.SKIPPED:
        return False
    if found.note != "opted_out" or number is None:
        return found.note in _WELCOME
    wish = suppression.find(uow, number, found.order.merchant_id)
    return wish is not None and wish.by in (suppression.CARRIER, suppression.REPLY)
