"""How are cases kept? What happened in core, what was written beside the recipient."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.support.model import (
    Case,
    CaseKind,
    CaseStatus,
    Entry,
    Evidence,
    Late,
    Party,
    Terms,
)
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.hours import WeekHours
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import support_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def load(uow: UnitOfWork, merchant_id: str, case_id: str) -> Case:
    """Raise NotFound unless this merchant has this case."""
    item = uow.get(support_keys.support_case(merchant_id, case_id))
    if item is None:
        raise NotFound("there is no such case")
    return _from_item(item)


def merchant_of(uow: UnitOfWork, case_id: str) -> str:
    """Whose case it is; raise NotFound."""
    owner = uow.get(support_keys.case_owner(case_id))
    if owner is None:
        raise NotFound("there is no such case")
    return str(owner["merchant_id"])


def of_delivery(uow: UnitOfWork, ref: DeliveryRef, opener: Party) -> Case | None:
    key = support_keys.case_of_delivery(ref.merchant_id, ref.delivery_id, opener.value)
    pointer = uow.get(key)
    return None if pointer is None else load(uow, ref.merchant_id, pointer["case_id"])


def save(uow: UnitOfWork, case: Case, event: Event | None = None) -> None:
    key = support_keys.support_case(case.merchant_id, case.id)
    uow.put(key, _to_item(case), expect=case.version - 1, subject=case.id)
    if case.version == 1:
        pointer = support_keys.case_of_delivery(
            case.merchant_id, case.delivery_id, case.opened_by.value
        )
        uow.put(pointer, {"case_id": case.id}, expect=0)
        uow.put(support_keys.case_owner(case.id), {"merchant_id": case.merchant_id}, expect=0)
    if event is not None:
        uow.emit(event)


def save_text(uow: UnitOfWork, case: Case, number: int, text: str) -> None:
    key = support_keys.case_text(case.merchant_id, case.delivery_id, case.id, number)
    uow.put(key, {"number": number, "text": text}, expect=None)


def texts(uow: UnitOfWork, case: Case) -> Mapping[int, str]:
    """What was written, by number; nothing once the recipient was forgotten."""
    found = support_keys.case_texts(case.merchant_id, case.delivery_id, case.id)
    return {item["number"]: item["text"] for item in uow.query_all(TableName.PII, *found)}


def list_due(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Case], Cursor | None]:
    """Cases of a hub that wait for the desk, the most urgent first."""
    page = uow.query(Index.ATTENTION, support_keys.cases_due(hub_id), limit=limit, after=after)
    names = [item["g3sk"].partition("#")[2].split("/") for item in page.items]
    wanted = [support_keys.support_case(merchant_id, case_id) for merchant_id, case_id in names]
    found = uow.get_many(wanted)
    cases = [_from_item(found[key]) for key in wanted if key in found]
    # The index may lag: who was answered meanwhile waits no longer.
    return [case for case in cases if case.status.is_the_desks], page.cursor


def list_own(
    uow: UnitOfWork, merchant_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Case], Cursor | None]:
    """A merchant's cases, newest first."""
    page = uow.query(
        TableName.CORE,
        support_keys.support_cases(merchant_id),
        "sup_",
        limit=limit,
        after=after,
        newest_first=True,
    )
    return [_from_item(item) for item in page.items], page.cursor


def load_terms(uow: UnitOfWork, hub_id: str) -> Terms:
    item = uow.get(support_keys.support_terms(hub_id))
    if item is None:
        return Terms()
    return Terms(
        first_answer_min=item["first_answer_min"],
        resolution_min=item["resolution_min"],
        hours=WeekHours.from_item(item["hours"]),
        phone=item["phone"],
        email=item["email"],
        version=item["version"],
    )


def save_terms(uow: UnitOfWork, hub_id: str, terms: Terms) -> None:
    item: Item = {
        "first_answer_min": terms.first_answer_min,
        "resolution_min": terms.resolution_min,
        "hours": terms.hours.to_item(),
        "phone": terms.phone,
        "email": terms.email,
        "version": terms.version,
    }
    uow.put(support_keys.support_terms(hub_id), item, expect=terms.version - 1)


def _to_item(case: Case) -> Item:
    item: Item = {
        "id": case.id,
        "merchant_id": case.merchant_id,
        "delivery_id": case.delivery_id,
        "hub_id": case.hub_id,
        "opened_by": case.opened_by.value,
        "kinds": [kind.value for kind in case.kinds],
        "status": case.status.value,
        "opened_at": write_instant(case.opened_at),
        "seen_version": case.seen_version,
        "first_due_at": write_instant(case.first_due_at),
        "resolve_due_at": write_instant(case.resolve_due_at),
        "entries": [_entry_to_item(entry) for entry in case.entries],
        "answered_at": _written(case.answered_at),
        "resolved_at": _written(case.resolved_at),
        "paused_at": _written(case.paused_at),
        "escalated_at": _written(case.escalated_at),
        "late": [late.value for late in case.late],
        "pictures": list(case.pictures),
        "version": case.version,
    }
    if case.evidence is not None:
        item["evidence"] = {
            "status": case.evidence.status,
            "reasons": list(case.evidence.reasons),
            "away_m": case.evidence.away_m,
        }
    if case.due_at is not None:
        item["g3pk"] = support_keys.cases_due(case.hub_id)
        item["g3sk"] = f"{write_instant(case.due_at)}#{case.merchant_id}/{case.id}"
    return item


def _entry_to_item(entry: Entry) -> dict[str, Any]:
    item = {
        "number": entry.number,
        "by": entry.by.value,
        "at": write_instant(entry.at),
        "to": entry.to.value,
    }
    return item if entry.name is None else {**item, "name": entry.name}


def _written(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _from_item(item: Item) -> Case:
    evidence = item.get("evidence")
    return Case(
        id=item["id"],
        merchant_id=item["merchant_id"],
        delivery_id=item["delivery_id"],
        hub_id=item["hub_id"],
        opened_by=Party(item["opened_by"]),
        kinds=tuple(CaseKind(kind) for kind in item["kinds"]),
        status=CaseStatus(item["status"]),
        opened_at=read_instant(item["opened_at"]),
        seen_version=item["seen_version"],
        first_due_at=read_instant(item["first_due_at"]),
        resolve_due_at=read_instant(item["resolve_due_at"]),
        entries=tuple(
            Entry(
                one["number"],
                Party(one["by"]),
                read_instant(one["at"]),
                Party(one["to"]),
                one.get("name"),
            )
            for one in item["entries"]
        ),
        version=item["version"],
        answered_at=_read(item["answered_at"]),
        resolved_at=_read(item["resolved_at"]),
        paused_at=_read(item["paused_at"]),
        escalated_at=_read(item["escalated_at"]),
        late=tuple(Late(late) for late in item["late"]),
        evidence=None
        if evidence is None
        else Evidence(evidence["status"], tuple(evidence["reasons"]), evidence["away_m"]),
        pictures=tuple(item["pictures"]),
    )
