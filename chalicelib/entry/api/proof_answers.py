"""How is the proof of a handover written? As its check found it, with links to its pictures."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from chalicelib import wiring
from chalicelib.domain.deliveries import chain, pictures, proof_checks
from chalicelib.domain.deliveries.check_items import Check, CheckState, Shot
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.entry import rest
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.timewindow import write_instant

_HEAD = "5f1c6f3f0d8c8a7e4a5f6b2c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f7081920"
_PICTURE: dict[str, Any] = {
    "id": "prf_01m83qqbhxz77qpged23k0bcqj",
    "kind": "photo",
    "status": "needs_review",
    "fault": "too_dark",
    "away_m": None,
    "taken_at": None,
    "url": "https://lastmile-proofs.s3.amazonaws.com/proofs/...",
}
_REVIEW: dict[str, Any] = {
    "id": "prc_01m83qqbhxz77qpged23k0bcqj",
    "delivery_id": "del_01m83qpnc10y2w525st46371np",
    "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
    "status": "needs_review",
    "reasons": ["far_from_door", "too_dark"],
    "away_m": 412,
    "tapped_at": "2026-11-23T08:27:41.067Z",
    "pictures": [_PICTURE],
    "decided_at": None,
    "decided_by": None,
}


class ProofPicture(rest.Answer):
    """A photo or a signature; `away_m` is how far from the door the camera says it was."""

    id: str
    kind: ProofKind
    status: ProofState
    fault: str | None
    away_m: int | None
    taken_at: AwareDatetime | None
    url: str | None

    model_config = rest.example(**_PICTURE)


class ProofReview(rest.Answer):
    """The proof of a handover; `away_m` is from the door to the driver's phone at the tap."""

    id: str
    delivery_id: str
    merchant_id: str
    status: CheckState
    reasons: list[str]
    away_m: int | None
    tapped_at: AwareDatetime
    pictures: list[ProofPicture]
    decided_at: AwareDatetime | None
    decided_by: str | None

    model_config = rest.example(**_REVIEW)


class ProofReviewPage(rest.Answer):
    proof_reviews: list[ProofReview]
    next_cursor: str | None

    model_config = rest.example(proof_reviews=[_REVIEW], next_cursor=None)


class ProofVerdict(rest.Answer):
    """What the check says, and whether the history is still the one that was sealed with it."""

    status: CheckState
    reasons: list[str]
    away_m: int | None
    head: str
    head_version: int
    history_is_intact: bool

    model_config = rest.example(
        status="passed",
        reasons=[],
        away_m=14,
        head=_HEAD,
        head_version=9,
        history_is_intact=True,
    )


def write_review(check: Check, now: datetime) -> dict[str, Any]:
    return {
        "id": check.id,
        "delivery_id": check.delivery_id,
        "merchant_id": check.merchant_id,
        "status": proof_checks.shown_state(check, now).value,
        "reasons": list(proof_checks.shown_reasons(check, now)),
        "away_m": check.away_m,
        "tapped_at": write_instant(check.tapped_at),
        "pictures": [_write_picture(check, shot) for shot in check.shots],
        "decided_at": check.decided_at and write_instant(check.decided_at),
        "decided_by": check.decided_by,
    }


def write_verdict(check: Check, delivery: Delivery, now: datetime) -> dict[str, Any]:
    holds = chain.still_holds(delivery.id, delivery.history, check.head_version, check.head)
    return {
        "status": proof_checks.shown_state(check, now).value,
        "reasons": list(proof_checks.shown_reasons(check, now)),
        "away_m": check.away_m,
        "head": check.head,
        "head_version": check.head_version,
        "history_is_intact": holds,
    }


def _write_picture(check: Check, shot: Shot) -> dict[str, Any]:
    """For the desk: also one that failed, if there is anything to be seen of it."""
    is_there = shot.status is not ProofState.ANNOUNCED and shot.fault not in pictures.WORTHLESS
    key = proof_key(check.merchant_id, check.delivery_id, shot.id)
    return {
        "id": shot.id,
        "kind": shot.kind.value,
        "status": shot.status.value,
        "fault": shot.fault and shot.fault.value,
        "away_m": shot.away_m,
        "taken_at": shot.taken_at and write_instant(shot.taken_at),
        "url": wiring.photos().view_url(key) if is_there else None,
    }
