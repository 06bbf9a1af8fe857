"""How is the check of a handover kept? One item beside the delivery, and who owns its id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.pictures import Fault
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import support_keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


class CheckState(StrEnum):
    """``waiting``: for a picture that was announced; the desk's word is the last."""

    WAITING = "waiting"
    PASSED = "passed"
    NEEDS_REVIEW = "needs_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def is_decided(self) -> bool:
        return self in (CheckState.ACCEPTED, CheckState.REJECTED)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo or a signature as the check found it; ``away_m`` is from the door."""

    id: str
    kind: ProofKind
    status: ProofState
    fault: Fault | None
    away_m: int | None
    taken_at: datetime | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """What is known of a handover's proof.

    ``away_m``: from the door to the phone at the tap, None where it is not known. ``due_at``: from
    when on the desk has to look. ``head``: of the history's chain at ``head_version``.
    """

    id: str
    merchant_id: str
    delivery_id: str
    hub_id: str
    state: CheckState
    reasons: tuple[str, ...]
    away_m: int | None
    tapped_at: datetime
    shots: tuple[Shot, ...]
    due_at: datetime
    head: str
    head_version: int
    version: int
    decided_at: datetime | None = None
    decided_by: str | None = None


def save(uow: UnitOfWork, check: Check) -> None:
    ref = DeliveryRef(check.merchant_id, check.delivery_id)
    item: Item = {
        "id": check.id,
        "merchant_id": check.merchant_id,
        "delivery_id": check.delivery_id,
        "hub_id": check.hub_id,
        "status": check.state.value,
        "reasons": list(check.reasons),
        "away_m": check.away_m,
        "tapped_at": write_instant(check.tapped_at),
        "shots": [_shot_to_item(shot) for shot in check.shots],
        "due_at": write_instant(check.due_at),
        "head": check.head,
        "head_version": check.head_version,
        "decided_at": check.decided_at and write_instant(check.decided_at),
        "decided_by": check.decided_by,
        "version": check.version,
    }
    if check.state in (CheckState.WAITING, CheckState.NEEDS_REVIEW):
        item["g3pk"] = support_keys.proof_reviews(check.hub_id)
        item["g3sk"] = f"{write_instant(check.due_at)}#{ref}"
    key = support_keys.proof_check(ref.merchant_id, ref.delivery_id)
    uow.put(key, item, expect=check.version - 1, subject=check.id)
    if check.version == 1:
        owner = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}
        uow.put(support_keys.check_owner(check.id), owner, expect=0)


def load(uow: UnitOfWork, ref: DeliveryRef) -> Check | None:
    item = uow.get(support_keys.proof_check(ref.merchant_id, ref.delivery_id))
    return None if item is None else _from_item(item)


def load_many(uow: UnitOfWork, refs: Iterable[DeliveryRef]) -> list[Check | None]:
    """In the order asked for."""
    wanted = [support_keys.proof_check(ref.merchant_id, ref.delivery_id) for ref in refs]
    found = uow.get_many(wanted)
    return [_from_item(found[key]) if key in found else None for key in wanted]


def _shot_to_item(shot: Shot) -> Item:
    return {
        "id": shot.id,
        "kind": shot.kind.value,
        "status": shot.status.value,
        "fault": shot.fault and shot.fault.value,
        "away_m": shot.away_m,
        "taken_at": shot.taken_at and write_instant(shot.taken_at),
        "sha256": shot.sha256,
    }


def _shot_from_item(item: Item) -> Shot:
    return Shot(
        id=item["id"],
        kind=ProofKind(item["kind"]),
        status=ProofState(item["status"]),
        fault=Fault(item["fault"]) if item["fault"] else None,
        away_m=item["away_m"],
        taken_at=read_instant(item["taken_at"]) if item["taken_at"] else None,
        sha256=item["sha256"],
    )


def _from_item(item: Item) -> Check:
    return Check(
        id=item["id"],
        merchant_id=item["merchant_id"],
        delivery_id=item["delivery_id"],
        hub_id=item["hub_id"],
        state=CheckState(item["status"]),
        reasons=tuple(item["reasons"]),
        away_m=item["away_m"],
        tapped_at=read_instant(item["tapped_at"]),
        shots=tuple(_shot_from_item(shot) for shot in item["shots"]),
        due_at=read_instant(item["due_at"]),
        head=item["head"],
        head_version=item["head_version"],
        version=item["version"],
        decided_at=read_instant(item["decided_at"]) if item["decided_at"] else None,
        decided_by=item["decided_by"],
    )
