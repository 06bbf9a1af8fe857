"""What is a dispute, and how is it kept? A merchant says that a charge is wrong, the desk decides.

``open`` becomes ``accepted`` or ``partly_accepted`` (a credit follows), ``refused``, or
``withdrawn``; then it stays so. A delivery has one at a time, and one that was decided is not
opened again. What the merchant wrote stands beside the recipient (pii) and goes with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.billing.findings import DisputeReason, Finding
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.faults import Party
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: A charge may be disputed for so long after it was last posted.
WINDOW = timedelta(days=30)
#: By when the desk has to decide.
ANSWER_WITHIN = timedelta(days=7)
MOST_LETTERS = 1_000


class DisputeStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RefusalReason(StrEnum):
    """Why the desk lets a charge stand."""

    ON_TIME = "on_time"
    PROOF_HOLDS = "proof_holds"
    CHARGED_AS_AGREED = "charged_as_agreed"
    RECIPIENT_AT_FAULT = "recipient_at_fault"
    MERCHANT_AT_FAULT = "merchant_at_fault"
    NOT_EXPLAINED = "not_explained"


@dataclass(frozen=True, slots=True)
class Dispute:
    """The aggregate. ``charged_minor``: what stood when it was opened; ``finding``: what the fault
    table said then; ``is_overdue``: that it was told that nobody decided in time."""

    id: str
    merchant_id: str
    delivery_id: str
    hub_id: str
    order: str
    currency: str
    charged_minor: int
    reason: DisputeReason
    finding: Finding
    status: DisputeStatus
    opened_at: datetime
    due_at: datetime
    version: int
    decided_at: datetime | None = None
    decided_by: str = ""
    credited_minor: int = 0
    refusal: RefusalReason | None = None
    is_overdue: bool = False

    @property
    def ref(self) -> DeliveryRef:
        return DeliveryRef(self.merchant_id, self.delivery_id)


def load(uow: UnitOfWork, merchant_id: str, dispute_id: str) -> Dispute:
    """Raise NotFound unless this merchant has this dispute."""
    item = uow.get(money_keys.dispute(merchant_id, dispute_id))
    if item is None:
        raise NotFound("there is no such dispute")
    return _from_item(item)


def merchant_of(uow: UnitOfWork, dispute_id: str) -> str:
    """Whose it is; raise NotFound."""
    owner = uow.get(money_keys.dispute_owner(dispute_id))
    if owner is None:
        raise NotFound("there is no such dispute")
    return str(owner["merchant_id"])


def of_delivery(uow: UnitOfWork, ref: DeliveryRef) -> Dispute | None:
    """The last one about a delivery."""
    pointer = uow.get(money_keys.dispute_of_delivery(ref.merchant_id, ref.delivery_id))
    return None if pointer is None else load(uow, ref.merchant_id, pointer["dispute_id"])


def list_own(
    uow: UnitOfWork, merchant_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Dispute], Cursor | None]:
    """A merchant's, newest first."""
    pk = money_keys.disputes(merchant_id)
    page = uow.query(TableName.CORE, pk, "dsp_", limit=limit, after=after, newest_first=True)
    return [_from_item(item) for item in page.items], page.cursor


def list_due(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Dispute], Cursor | None]:
    """Open ones about a hub's deliveries, the most urgent first."""
    pk = money_keys.disputes_due(hub_id)
    page = uow.query(Index.ATTENTION, pk, limit=limit, after=after)
    names = [item["g3sk"].partition("#")[2].split("/") for item in page.items]
    wanted = [money_keys.dispute(merchant_id, dispute_id) for merchant_id, dispute_id in names]
    found = uow.get_many(wanted)
    every = [_from_item(found[key]) for key in wanted if key in found]
    # The index may lag: what was decided meanwhile waits no longer.
    return [one for one in every if one.status is DisputeStatus.OPEN], page.cursor


def save(uow: UnitOfWork, made: Dispute, event: Event) -> None:
    key = money_keys.dispute(made.merchant_id, made.id)
    uow.put(key, _to_item(made), expect=made.version - 1, subject=made.id)
    uow.emit(event)


def point_to(uow: UnitOfWork, made: Dispute) -> None:
    """The delivery's dispute is this one now."""
    pointer = money_keys.dispute_of_delivery(made.merchant_id, made.delivery_id)
    known = uow.get(pointer)
    uow.put(pointer, {"dispute_id": made.id}, expect=known["version"] if known else 0)
    uow.put(money_keys.dispute_owner(made.id), {"merchant_id": made.merchant_id}, expect=0)


def save_text(uow: UnitOfWork, made: Dispute, text: str) -> None:
    key = money_keys.dispute_text(made.merchant_id, made.delivery_id, made.id)
    uow.put(key, {"text": text}, expect=None)


def text_of(uow: UnitOfWork, made: Dispute) -> str | None:
    """What the merchant wrote; None once the recipient was forgotten."""
    item = uow.get(money_keys.dispute_text(made.merchant_id, made.delivery_id, made.id))
    return None if item is None else str(item["text"])


def _to_item(made: Dispute) -> dict[str, Any]:
    party = made.finding.party
    item: dict[str, Any] = {
        "id": made.id,
        "merchant_id": made.merchant_id,
        "delivery_id": made.delivery_id,
        "hub_id": made.hub_id,
        "order": made.order,
        "currency": made.currency,
        "charged_minor": made.charged_minor,
        "reason": made.reason.value,
        "finding": [party and party.value, made.finding.owed_minor, made.finding.because],
        "status": made.status.value,
        "opened_at": write_instant(made.opened_at),
        "due_at": write_instant(made.due_at),
        "decided_at": None if made.decided_at is None else write_instant(made.decided_at),
        "decided_by": made.decided_by,
        "credited_minor": made.credited_minor,
        "refusal": None if made.refusal is None else made.refusal.value,
        "is_overdue": made.is_overdue,
        "version": made.version,
    }
    if made.status is DisputeStatus.OPEN:
        item["g3pk"] = money_keys.disputes_due(made.hub_id)
        item["g3sk"] = f"{item['due_at']}#{made.merchant_id}/{made.id}"
    return item


def _from_item(item: dict[str, Any]) -> Dispute:
    party, owed_minor, because = item["finding"]
    decided_at, refusal = item["decided_at"], item["refusal"]
    return Dispute(
        id=item["id"],
        merchant_id=item["merchant_id"],
        delivery_id=item["delivery_id"],
        hub_id=item["hub_id"],
        order=item["order"],
        currency=item["currency"],
        charged_minor=item["charged_minor"],
        reason=DisputeReason(item["reason"]),
        finding=Finding(party and Party(party), owed_minor, because),
        status=DisputeStatus(item["status"]),
        opened_at=read_instant(item["opened_at"]),
        due_at=read_instant(item["due_at"]),
        version=item["version"],
        decided_at=None if decided_at is None else read_instant(decided_at),
        decided_by=item["decided_by"],
        credited_minor=item["credited_minor"],
        refusal=None if refusal is None else RefusalReason(refusal),
        is_overdue=item["is_overdue"],
    )
