"""Use cases of support: report, answer, ask for a person, resolve, and what is late.

The same text twice in a row from one side is one message: people press buttons twice, and phones
send again what they heard no answer to.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.deliveries import check_items
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.support import clock, model, pictures, store
from chalicelib.domain.support.model import Case, CaseKind, CaseStatus, Evidence, Late, Party, Terms
from chalicelib.kit.errors import Conflict, Gone
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says went wrong."""

    kind: CaseKind
    text: str


def report(uow: UnitOfWork, delivery: Delivery, by: Party, told: Report) -> Case:
    """Open a case, or go on with the one that this side has already.

    Raises
    ------
    Conflict
        If the case has as many messages as one may have.
    Gone
        If the recipient was forgotten: nothing more may be written down.
    """
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    known = store.of_delivery(uow, ref, by)
    if known is not None:
        kinds = tuple(dict.fromkeys((*known.kinds, told.kind)))
        return write(uow, replace(known, kinds=kinds), by, told.text)
    _must_be_remembered(uow, ref)
    terms, timezone = terms_of(uow, delivery.hub_id)
    opened = Case(
        id=uow.new_id("sup"),
        merchant_id=ref.merchant_id,
        delivery_id=ref.delivery_id,
        hub_id=delivery.hub_id,
        opened_by=by,
        kinds=(told.kind,),
        status=CaseStatus.OPEN,
        opened_at=uow.now,
        seen_version=delivery.version,
        first_due_at=clock.due(uow.now, terms.first_answer_min, terms.hours, timezone),
        resolve_due_at=clock.due(uow.now, terms.resolution_min, terms.hours, timezone),
        entries=(),
        version=1,
        evidence=_evidence(uow, ref),
        pictures=pictures.make_room(uow, ref) if by is Party.RECIPIENT else (),
    )
    opened = model.with_entry(opened, by, uow.now)
    store.save_text(uow, opened, 1, told.text)
    store.save(uow, opened, _event(uow, "support_case.opened", opened, by))
    return opened


def write(
    uow: UnitOfWork,
    case: Case,
    by: Party,
    text: str,
    *,
    to: Party | None = None,
    resolves: bool = False,
    name: str | None = None,
) -> Case:
    """Somebody writes. The desk says whose turn it is then, or that the problem is solved.

    Raises
    ------
    Conflict, Gone
    """
    ref = DeliveryRef(case.merchant_id, case.delivery_id)
    _must_be_remembered(uow, ref)
    if _said_just_now(uow, case, by, text):
        return case
    if len(case.entries) >= model.MOST_MESSAGES or (
        by is Party.RECIPIENT and case.of(by) >= model.MOST_OF_RECIPIENT
    ):
        raise Conflict("the case has as many messages as one may have")
    was_resolved = case.status is CaseStatus.RESOLVED
    target = (to or case.opened_by) if by is Party.DESK else Party.DESK
    after = model.with_entry(case, by, uow.now, target, name)
    if by is not Party.DESK:
        terms, timezone = terms_of(uow, case.hub_id)
        after = model.to_the_desk(after, uow.now, terms, timezone)
        what = "support_case.reopened" if was_resolved else "support_case.answered"
    elif resolves:
        after, what = model.resolved(after, uow.now), "support_case.resolved"
    else:
        what = "support_case.answered"
        if target is not Party.DESK:
            after = model.answered(after, uow.now, _TURN_OF[target])
    after = replace(after, version=case.version + 1)
    store.save_text(uow, after, after.entries[-1].number, text)
    store.save(uow, after, _event(uow, what, after, by))
    return after


def resolve(uow: UnitOfWork, case: Case, by: Party) -> Case:
    """It is solved, without another word. The same again changes nothing."""
    if case.status is CaseStatus.RESOLVED:
        return case
    after = replace(model.resolved(case, uow.now), version=case.version + 1)
    store.save(uow, after, _event(uow, "support_case.resolved", after, by))
    return after


def reopen(uow: UnitOfWork, case: Case, by: Party) -> Case:
    """It is not solved after all. The same again changes nothing."""
    if case.status is not CaseStatus.RESOLVED:
        return case
    terms, timezone = terms_of(uow, case.hub_id)
    after = model.to_the_desk(case, uow.now, terms, timezone)
    after = replace(after, version=case.version + 1)
    store.save(uow, after, _event(uow, "support_case.reopened", after, by))
    return after


def ask_for_person(uow: UnitOfWork, case: Case) -> Case:
    """A person is wanted: the case goes to the top of the desk's list."""
    if case.escalated_at is not None:
        return case
    terms, timezone = terms_of(uow, case.hub_id)
    after = model.to_the_desk(case, uow.now, terms, timezone)
    after = replace(after, escalated_at=uow.now, version=case.version + 1)
    store.save(uow, after, _event(uow, "support_case.escalated", after, case.opened_by))
    return after


def note_late(uow: UnitOfWork, merchant_id: str, case_id: str) -> Late | None:
    """Tell once that the first answer, or the solution, has become late."""
    case = store.load(uow, merchant_id, case_id)
    late = model.newly_late(case, uow.now)
    if late is None:
        return None
    after = replace(case, late=(*case.late, late), version=case.version + 1)
    event = _event(uow, "support_case.breached", after, Party.DESK)
    store.save(uow, after, replace(event, data={**event.data, "late": late.value}))
    return late


def terms_of(uow: UnitOfWork, hub_id: str) -> tuple[Terms, str]:
    """A hub's terms of support, and the zone that its hours are in."""
    return store.load_terms(uow, hub_id), merchants.load_hub(uow, hub_id).timezone


#: A note of the desk to itself changes nobody's turn, and answers nobody.
_TURN_OF = {
    Party.RECIPIENT: CaseStatus.WAITING_RECIPIENT,
    Party.MERCHANT: CaseStatus.WAITING_MERCHANT,
}


def _said_just_now(uow: UnitOfWork, case: Case, by: Party, text: str) -> bool:
    last = case.entries[-1]
    return last.by is by and store.texts(uow, case).get(last.number) == text


def _must_be_remembered(uow: UnitOfWork, ref: DeliveryRef) -> None:
    if deliveries.load_recipient(uow, ref) is None:
        raise Gone("the recipient of this delivery was forgotten")


def _evidence(uow: UnitOfWork, ref: DeliveryRef) -> Evidence | None:
    """What the check of the handover says; None while nothing was handed over."""
    check = check_items.load(uow, ref)
    return None if check is None else Evidence(check.state.value, check.reasons, check.away_m)


def _event(uow: UnitOfWork, what: str, case: Case, by: Party) -> Event:
    due_at = case.due_at
    data = {
        "merchant_id": case.merchant_id,
        "hub_id": case.hub_id,
        "delivery_id": case.delivery_id,
        "status": case.status.value,
        "kinds": [kind.value for kind in case.kinds],
        "opened_by": case.opened_by.value,
        "by": by.value,
        "due_at": None if due_at is None else write_instant(due_at),
    }
    return Event(what, case.id, case.version, uow.now, data)
