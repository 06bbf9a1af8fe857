"""Does the proof of a handover hold? What was shown and where, weighed once it is delivered.

Taps and pictures arrive in any order, so both ask for a check (:func:`assess`), and whoever comes
last completes it. A check stops nobody: what is delivered stays delivered. What does not hold goes
to the desk, which accepts or rejects it; a bad picture is asked for again while the driver is near.
A picture that never comes is due for review two hours after the handover, without any clock: the
list simply begins to show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import chain, check_items, pictures, proofs, store
from chalicelib.domain.deliveries.check_items import Check, CheckState, Shot
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.pictures import Fault
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.events import Event
from chalicelib.storage import keys, support_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: A phone without a signal sends its pictures later; by then it has usually found one.
PICTURES_DUE = timedelta(hours=2)


class Doubt(StrEnum):
    """What is wrong with the handover besides its pictures."""

    FAR_FROM_DOOR = "far_from_door"
    PLACE_UNKNOWN = "place_unknown"
    PICTURE_MISSING = "picture_missing"


_EVENTS = {
    CheckState.PASSED: "proof.created",
    CheckState.NEEDS_REVIEW: "proof.needs_review",
    CheckState.ACCEPTED: "proof.accepted",
    CheckState.REJECTED: "proof.rejected",
}


def assess(uow: UnitOfWork, ref: DeliveryRef) -> Check | None:
    """Check the proof of a delivered parcel with what is there by now; None where nothing is to be.

    The same twice changes nothing; a decision of the desk stands until there is another picture.
    """
    before = check_items.load(uow, ref)
    try:
        delivery = store.load(uow, ref)
    except NotFound:
        return None
    if delivery.status is not Status.DELIVERED:
        if before is not None:
            _withdraw(uow, ref, before)
        return None
    after = _weigh(uow, delivery, before)
    if before is not None and _same(before, after):
        return before
    _mark_pictures(uow, ref, after)
    return _save(uow, after)


def _weigh(uow: UnitOfWork, delivery: Delivery, before: Check | None) -> Check:
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    tapped_at = next(e.at for e in reversed(delivery.history) if e.what == "delivered")
    fence_m = delivery.requirements.geofence_m
    away_m = _away_m(delivery)
    shots = _shots(uow, ref, delivery.proofs, tapped_at, fence_m)
    reasons: list[str] = []
    if fence_m is not None and away_m is None:
        reasons.append(Doubt.PLACE_UNKNOWN)
    if fence_m is not None and away_m is not None and away_m > fence_m:
        reasons.append(Doubt.FAR_FROM_DOOR)
    reasons += [shot.fault for shot in shots if shot.fault is not None]
    waits = any(shot.status is ProofState.ANNOUNCED for shot in shots)
    state = CheckState.NEEDS_REVIEW if reasons else CheckState.PASSED
    if waits and not reasons:
        state = CheckState.WAITING
    due_at = tapped_at + PICTURES_DUE if state is CheckState.WAITING else uow.now
    return Check(
        id=uow.new_id("prc") if before is None else before.id,
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        hub_id=delivery.hub_id,
        state=state,
        reasons=tuple(dict.fromkeys(str(reason) for reason in reasons)),
        away_m=away_m,
        tapped_at=tapped_at,
        shots=shots,
        due_at=due_at,
        head=chain.head(delivery.id, delivery.history),
        head_version=delivery.version,
        version=1 if before is None else before.version + 1,
    )


def _away_m(delivery: Delivery) -> int | None:
    """How far from the door the phone was; None when no proof bears a place."""
    places = (proof.position for proof in delivery.proofs)
    return next((delivery.dropoff.distance_m(one) for one in places if one is not None), None)


def _shots(
    uow: UnitOfWork,
    ref: DeliveryRef,
    shown: tuple[Proof, ...],
    tapped_at: datetime,
    fence_m: int | None,
) -> tuple[Shot, ...]:
    named = [proof.proof_id for proof in shown if proof.proof_id is not None]
    wanted = {keys.proof(ref.merchant_id, ref.delivery_id, one): one for one in named}
    found = {wanted[key]: item for key, item in uow.get_many(wanted).items()}
    return tuple(_shot(found[one], tapped_at, fence_m) for one in named if one in found)


def _shot(item: Item, tapped_at: datetime, fence_m: int | None) -> Shot:
    taken_at, away_m = proofs.taken_at_of(item), item.get("away_m")
    fault = Fault(item["fault"]) if item.get("fault") else None
    if fault is None and pictures.is_elsewhere(away_m, fence_m):
        fault = Fault.TAKEN_ELSEWHERE
    if fault is None and pictures.is_of_another_time(taken_at, tapped_at):
        fault = Fault.TAKEN_AT_ANOTHER_TIME
    return Shot(
        id=item["id"],
        kind=proofs.kind_in(item),
        status=ProofState(item["status"]),
        fault=fault,
        away_m=away_m,
        taken_at=taken_at,
        sha256=item.get("sha256", ""),
    )


def _same(before: Check, after: Check) -> bool:
    """Whether nothing is known that was not known then."""
    seen = [(shot.id, shot.fault, shot.sha256) for shot in before.shots]
    if seen != [(shot.id, shot.fault, shot.sha256) for shot in after.shots]:
        return False
    if before.tapped_at != after.tapped_at:
        return False
    return before.state is after.state or before.state.is_decided


def _mark_pictures(uow: UnitOfWork, ref: DeliveryRef, check: Check) -> None:
    """A picture from elsewhere may show somebody else's door: only the desk sees it."""
    for shot in check.shots:
        if shot.status is ProofState.ARRIVED and shot.fault is not None:
            _set_picture(uow, ref, shot.id, ProofState.NEEDS_REVIEW, shot.fault)


def _set_picture(
    uow: UnitOfWork, ref: DeliveryRef, proof_id: str, state: ProofState, fault: Fault
) -> None:
    key = keys.proof(ref.merchant_id, ref.delivery_id, proof_id)
    item = uow.get(key)
    if item is None or item["status"] == ProofState.ANNOUNCED.value:
        return
    marked = {**item, "status": state.value, "fault": fault.value}
    uow.put(key, marked | {"version": item["version"] + 1}, expect=item["version"])


def _save(uow: UnitOfWork, check: Check) -> Check:
    check_items.save(uow, check)
    if check.state in _EVENTS:
        data = {
            "merchant_id": check.merchant_id,
            "hub_id": check.hub_id,
            "delivery_id": check.delivery_id,
            "reasons": list(check.reasons),
            "away_m": check.away_m,
            "head": check.head,
            "head_version": check.head_version,
        }
        uow.emit(Event(_EVENTS[check.state], check.id, check.version, uow.now, data))
    return check


def _withdraw(uow: UnitOfWork, ref: DeliveryRef, check: Check) -> None:
    """The tap was taken back: there is no handover to check."""
    uow.delete(support_keys.proof_check(ref.merchant_id, ref.delivery_id), expect=check.version)
    uow.delete(support_keys.check_owner(check.id), expect=None)


def decide(uow: UnitOfWork, check_id: str, *, is_good: bool, by: str) -> Check:
    """The desk looked: the proof counts, or it does not. The same again changes nothing.

    Raises
    ------
    NotFound
    Conflict
        If nothing waits for a decision.
    """
    check = load_by_id(uow, check_id)
    wanted = CheckState.ACCEPTED if is_good else CheckState.REJECTED
    if check.state is wanted:
        return check
    if shown_state(check, uow.now) is CheckState.WAITING:
        raise Conflict("its pictures may still come", extra={"status": check.state.value})
    decided = replace(
        check,
        state=wanted,
        reasons=shown_reasons(check, uow.now),
        decided_at=uow.now,
        decided_by=by,
        version=check.version + 1,
    )
    ref = DeliveryRef(check.merchant_id, check.delivery_id)
    for shot in check.shots:
        # What cannot be opened can be shown to nobody, whoever accepts the handover without it.
        if shot.fault is not None and shot.fault not in pictures.WORTHLESS:
            state = ProofState.ARRIVED if is_good else ProofState.REJECTED
            _set_picture(uow, ref, shot.id, state, shot.fault)
    return _save(uow, decided)


def load_by_id(uow: UnitOfWork, check_id: str) -> Check:
    """Raise NotFound unless there is such a check."""
    owner = uow.get(support_keys.check_owner(check_id))
    found = None
    if owner is not None:
        found = check_items.load(uow, DeliveryRef(owner["merchant_id"], owner["delivery_id"]))
    if found is None:
        raise NotFound("there is no such proof")
    return found


def shown_state(check: Check, now: datetime) -> CheckState:
    """As it is by now: what waited too long for a picture needs a review."""
    overdue = check.state is CheckState.WAITING and check.due_at <= now
    return CheckState.NEEDS_REVIEW if overdue else check.state


def shown_reasons(check: Check, now: datetime) -> tuple[str, ...]:
    if check.state is CheckState.WAITING and check.due_at <= now:
        return (*check.reasons, Doubt.PICTURE_MISSING.value)
    return check.reasons


def list_reviews(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Check], Cursor | None]:
    """Proofs of a hub that wait for the desk, oldest first."""
    page = uow.query(Index.ATTENTION, support_keys.proof_reviews(hub_id), limit=limit, after=after)
    refs = [DeliveryRef.parse(item["g3sk"].partition("#")[2]) for item in page.items]
    found = [check for check in check_items.load_many(uow, refs) if check is not None]
    waiting = [one for one in found if shown_state(one, uow.now) is CheckState.NEEDS_REVIEW]
    # What is not due yet comes last: behind it there is nothing to look at.
    is_over = bool(found) and found[-1].due_at > uow.now
    return waiting, None if is_over else page.cursor


@dataclass(frozen=True, slots=True)
class Retake:
    """A picture that should be taken again, and why."""

    ref: DeliveryRef
    proof_id: str
    stop_id: str
    kind: ProofKind
    fault: str


def retakes(uow: UnitOfWork, done: Mapping[DeliveryRef, Delivery]) -> list[Retake]:
    """Bad pictures of handovers a moment ago: the driver is near enough for another."""
    named = {
        keys.proof(ref.merchant_id, ref.delivery_id, proof.proof_id): ref
        for ref, delivery in done.items()
        if delivery.status is Status.DELIVERED
        if uow.now - delivery.history[-1].at <= proofs.RETAKEN_WITHIN
        for proof in delivery.proofs
        if proof.proof_id is not None
    }
    return [
        Retake(named[key], item["id"], item["stop_id"], proofs.kind_in(item), item["fault"])
        for key, item in uow.get_many(named).items()
        if item["status"] in (ProofState.NEEDS_REVIEW.value, ProofState.REJECTED.value)
        if item.get("fault") and item.get("tries", 1) < proofs.MOST_TRIES
    ]
