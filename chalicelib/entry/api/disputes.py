"""Disputes by API: a merchant opens and withdraws, the desk decides with what the facts say."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from chalicelib.domain.billing import disputes, disputing
from chalicelib.domain.billing.disputes import (
    MOST_LETTERS,
    Dispute,
    DisputeStatus,
    RefusalReason,
)
from chalicelib.domain.billing.findings import DisputeReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pricing.faults import PAYS, Party, Payer
from chalicelib.entry import rest, work
from chalicelib.entry.api.whose import READ
from chalicelib.entry.auth import MANAGER, Caller, Role, merchant
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, Gone, Invalid, NotFound
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")

DisputeId = Annotated[str, IdOf("dsp", "dispute")]
_DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"
_DISPUTE: dict[str, Any] = {
    "id": "dsp_01m83r4k2v7w9x3c5n8qj6t1hb",
    "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
    "delivery_id": _DELIVERY_ID,
    "order": "#1042",
    "status": "open",
    "reason": "late",
    "text": "It came at nine, and was promised for seven.",
    "currency": "EUR",
    "charged_minor": 583,
    "finding": {
        "party_at_fault": "platform",
        "payer": "platform",
        "owed_minor": 583,
        "because": "after_its_window",
    },
    "opened_at": "2026-11-30T10:15:00.000Z",
    "due_at": "2026-12-07T10:15:00.000Z",
    "overdue": False,
    "decided_at": None,
    "credited_minor": 0,
    "refusal": None,
}

WrittenText = Annotated[
    str,
    Field(max_length=MOST_LETTERS, json_schema_extra={"pattern": rest.NOT_BLANK}),
    AfterValidator(rest.clean),
    AfterValidator(rest.not_blank),
]


class DisputeForm(rest.Body):
    """What is wrong with what a delivery was charged."""

    delivery_id: Annotated[str, StringConstraints(pattern=r"^del_[0-9a-hjkmnp-tv-z]{26}$")]
    reason: DisputeReason
    text: WrittenText

    model_config = rest.example(
        delivery_id=_DELIVERY_ID,
        reason="late",
        text="It came at nine, and was promised for seven.",
    )


class AcceptForm(rest.Body):
    """How much is given back; all that is left of the charge when left out."""

    amount_minor: Annotated[int, Field(gt=0, le=100_000_000)] | None = None

    model_config = rest.example(amount_minor=290)


class RefuseForm(rest.Body):
    reason: RefusalReason

    model_config = rest.example(reason="on_time")


class DisputesQuery(rest.Body):
    """The desk names its hub; a merchant's key says whose are listed."""

    hub_id: Annotated[str, Field(max_length=60)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class FindingAnswer(rest.Answer):
    """What the facts and the fault table said when it was opened; the desk's word is the last."""

    party_at_fault: Party | None
    payer: Payer | None
    owed_minor: int
    because: str


class DisputeAnswer(rest.Answer):
    """A dispute. ``text`` is null once the recipient was forgotten; ``credited_minor`` is posted
    moments after it was accepted."""

    id: str
    merchant_id: str
    delivery_id: str
    order: str
    status: DisputeStatus
    reason: DisputeReason
    text: str | None
    currency: str
    charged_minor: int
    finding: FindingAnswer
    opened_at: AwareDatetime
    due_at: AwareDatetime
    overdue: bool
    decided_at: AwareDatetime | None
    credited_minor: int
    refusal: RefusalReason | None

    model_config = rest.example(**_DISPUTE)


class DisputePage(rest.Answer):
    disputes: list[DisputeAnswer]
    next_cursor: str | None

    model_config = rest.example(disputes=[_DISPUTE], next_cursor=None)


@doors.route(
    "POST",
    "/v1/disputes",
    who=(merchant(Scope.DELIVERIES_WRITE),),
    answers={201: DisputeAnswer},
    errors=(NotFound, Conflict, Gone),
)
def open_dispute(merchant_id: str, body: DisputeForm) -> Mapping[str, Any]:
    """Dispute what a delivery was charged, within 30 days.

    The desk decides within seven days. The same reason again, while it is open, is the same
    dispute; one that was decided is not opened again.
    """
    ref = DeliveryRef(merchant_id, body.delivery_id)
    return _write(work.run(lambda uow: disputing.open_one(uow, ref, body.reason, body.text)))


@doors.route("GET", "/v1/disputes", who=READ, answers={200: DisputePage})
def list_disputes(caller: Caller, query: DisputesQuery) -> Mapping[str, Any]:
    """List disputes: a merchant's own, newest first; open ones of a hub, by when they are due."""
    uow = work.begin()
    if caller.role is Role.MERCHANT:
        found, cursor = disputes.list_own(uow, caller.id, limit=query.limit, after=query.cursor)
    elif query.hub_id is None:
        field = {"field": "hub_id", "error": "the operator names the hub"}
        raise Invalid("which hub's disputes?", fields=[field])
    else:
        found, cursor = disputes.list_due(uow, query.hub_id, limit=query.limit, after=query.cursor)
    return {"disputes": [write_dispute(uow, one) for one in found], "next_cursor": cursor}


@doors.route("GET", "/v1/disputes/{dispute_id}", who=READ, answers={200: DisputeAnswer})
def show_dispute(caller: Caller, dispute_id: DisputeId) -> Mapping[str, Any]:
    """Show a dispute, with what the facts say of it."""
    return _write(_load(work.begin(), caller, dispute_id))


@doors.route(
    "POST",
    "/v1/disputes/{dispute_id}/accept",
    who=(MANAGER,),
    answers={200: DisputeAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def accept_dispute(caller: Caller, dispute_id: DisputeId, body: AcceptForm) -> Mapping[str, Any]:
    """Give back some or all of the charge. The same again changes nothing."""
    by = desk_user(caller)
    return _decide(
        caller, dispute_id, lambda uow, one: disputing.accept(uow, one, body.amount_minor, by)
    )


@doors.route(
    "POST",
    "/v1/disputes/{dispute_id}/refuse",
    who=(MANAGER,),
    answers={200: DisputeAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def refuse_dispute(caller: Caller, dispute_id: DisputeId, body: RefuseForm) -> Mapping[str, Any]:
    """Let the charge stand, and say why. The same again changes nothing."""
    by = desk_user(caller)
    return _decide(caller, dispute_id, lambda uow, one: disputing.refuse(uow, one, body.reason, by))


@doors.route(
    "POST",
    "/v1/disputes/{dispute_id}/withdraw",
    who=(merchant(Scope.DELIVERIES_WRITE),),
    answers={200: DisputeAnswer},
    errors=(Conflict,),
)
def withdraw_dispute(caller: Caller, dispute_id: DisputeId) -> Mapping[str, Any]:
    """Take a dispute back before it is decided. The same again changes nothing."""
    return _decide(caller, dispute_id, disputing.withdraw)


def _decide(
    caller: Caller, dispute_id: str, decide: Callable[[UnitOfWork, Dispute], Dispute]
) -> Mapping[str, Any]:
    return _write(work.run(lambda uow: decide(uow, _load(uow, caller, dispute_id))))


def _load(uow: UnitOfWork, caller: Caller, dispute_id: str) -> Dispute:
    """Their own for a merchant, any for the desk; raise NotFound."""
    merchant_id = caller.id
    if caller.role is Role.OPERATOR:
        merchant_id = disputes.merchant_of(uow, dispute_id)
    return disputes.load(uow, merchant_id, dispute_id)


def _write(one: Dispute) -> Mapping[str, Any]:
    return write_dispute(work.begin(), one)


def write_dispute(uow: UnitOfWork, one: Dispute) -> dict[str, Any]:
    party = one.finding.party
    return {
        "id": one.id,
        "merchant_id": one.merchant_id,
        "delivery_id": one.delivery_id,
        "order": one.order,
        "status": one.status.value,
        "reason": one.reason.value,
        "text": disputes.text_of(uow, one),
        "currency": one.currency,
        "charged_minor": one.charged_minor,
        "finding": {
            "party_at_fault": None if party is None else party.value,
            "payer": None if party is None else PAYS[party].value,
            "owed_minor": one.finding.owed_minor,
            "because": one.finding.because,
        },
        "opened_at": write_instant(one.opened_at),
        "due_at": write_instant(one.due_at),
        "overdue": one.is_overdue,
        "decided_at": None if one.decided_at is None else write_instant(one.decided_at),
        "credited_minor": one.credited_minor,
        "refusal": None if one.refusal is None else one.refusal.value,
    }
