"""How a claim to one text is kept: beside its delivery, one item per event and template.

States: ``claimed`` (somebody is sending it, or died doing so: after the function's time limit that
reads "nobody knows"), ``sent``, ``unknown`` (the service's answer was lost), ``refused`` (it will
never be taken), ``skipped`` (there was nothing to send, or it may not be), ``retry_safe`` (it
surely was not sent), ``held`` (it waits for the morning). Only the last two may be claimed again.
Neither the text nor the phone is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.messaging.templates import Template
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


class Fate(StrEnum):
    CLAIMED = "claimed"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SKIPPED = "skipped"
    RETRY_SAFE = "retry_safe"
    HELD = "held"


class EmailFate(StrEnum):
    """What became of the e-mail in a text's place; none was sent where there is no such fate."""

    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TextOrder:
    """Which text is due: what stands in a message of the queue."""

    merchant_id: str
    delivery_id: str
    event_id: str
    template: Template

    @property
    def key(self) -> Key:
        return keys.text_claim(self.merchant_id, self.delivery_id, self.event_id, self.template)

    @property
    def subject(self) -> str:
        """Under which name its news go: a delivery has several texts."""
        return f"{self.delivery_id}.{self.event_version}.{self.template}"

    def to_message(self) -> dict[str, str]:
        """As it stands on a queue and in a list: nothing of the recipient."""
        return {
            "merchant_id": self.merchant_id,
            "delivery_id": self.delivery_id,
            "event_id": self.event_id,
            "template": self.template.value,
        }

    @property
    def event_version(self) -> int:
        """The delivery's version that the text tells of."""
        return int(self.event_id.rpartition("_")[2])


@dataclass(frozen=True, slots=True)
class Claim:
    """One text's fate; ``note`` says why it was refused or skipped."""

    order: TextOrder
    fate: Fate
    at: datetime
    version: int
    note: str | None = None
    message_id: str | None = None
    email: EmailFate | None = None


def find(uow: UnitOfWork, order: TextOrder) -> Claim | None:
    item = uow.get(order.key)
    return None if item is None else _from_item(item)


def save(uow: UnitOfWork, claim: Claim) -> None:
    """Save; refused at commit unless the version before it (none, for the first) stands there."""
    uow.put(
        claim.order.key,
        {
            "merchant_id": claim.order.merchant_id,
            "delivery_id": claim.order.delivery_id,
            "event_id": claim.order.event_id,
            "template": claim.order.template.value,
            "state": claim.fate.value,
            "at": write_instant(claim.at),
            "version": claim.version,
            "note": claim.note,
            "message_id": claim.message_id,
            "email": claim.email and claim.email.value,
        },
        expect=claim.version - 1,
        subject=claim.order.subject,
    )


def list_texts(uow: UnitOfWork, merchant_id: str, delivery_id: str) -> list[Claim]:
    """Every text of a delivery with its fate, the unknown ones among them."""
    pk = keys.delivery(merchant_id, delivery_id).pk
    return [_from_item(item) for item in uow.query_all(TableName.CORE, pk, "N#")]


def _from_item(item: Item) -> Claim:
    order = TextOrder(
        item["merchant_id"], item["delivery_id"], item["event_id"], Template(item["template"])
    )
    return Claim(
        order=order,
        fate=Fate(item["state"]),
        at=read_instant(item["at"]),
        version=item["version"],
        note=item["note"],
        message_id=item["message_id"],
        # Claims of before there were e-mails have none.
        email=EmailFate(item["email"]) if item.get("email") else None,
    )
