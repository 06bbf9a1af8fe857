"""Is it really a picture, and of this delivery? Proofs that were announced and then arrive.

A driver's phone announces a photo or a signature and uploads it straight to the bucket,
which tells us when it is there. It counts only when it was announced, has the announced type by its
first bytes as well as by its label, and is no larger than we take. A recipient sees no other.
Sources of the magic numbers: JFIF/Exif (FF D8 FF), PNG 1.2 section 12.11, RIFF WebP container.
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_BYTES = 5 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"


class ProofState(StrEnum):
    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What lies in the bucket: its size, its label, how it begins."""

    size_bytes: int
    content_type: str
    first_bytes: bytes


def announce(
    uow: UnitOfWork,
    ref: DeliveryRef,
    content_type: str,
    *,
    driver_id: str,
    stop_id: str,
    kind: ProofKind = ProofKind.PHOTO,
) -> str:
    """Expect a picture; return the id that its upload and the completed stop will name."""
    proof_id = uow.new_id("prf")
    uow.put(
        keys.proof(ref.merchant_id, ref.delivery_id, proof_id),
        {
            "id": proof_id,
            "kind": kind.value,
            "status": ProofState.ANNOUNCED.value,
            "content_type": content_type,
            "driver_id": driver_id,
            "stop_id": stop_id,
            "announced_at": write_instant(uow.now),
        },
        expect=0,
    )
    return proof_id


def record_arrival(
    uow: UnitOfWork, ref: DeliveryRef, proof_id: str, arrival: Arrival
) -> ProofState | None:
    """Note that a photo arrived, or why it cannot count; None when nobody announced it.

    The bucket may tell twice: a photo that was judged keeps its judgement.
    """
    key = keys.proof(ref.merchant_id, ref.delivery_id, proof_id)
    item = uow.get(key)
    if item is None:
        return None
    if item["status"] != ProofState.ANNOUNCED.value:
        return ProofState(item["status"])
    fault = judge(arrival, item["content_type"])
    state = ProofState.ARRIVED if fault is None else ProofState.REJECTED
    version = item["version"]
    judged = {
        **item,
        "status": state.value,
        "fault": fault,
        "size_bytes": arrival.size_bytes,
        "judged_at": write_instant(uow.now),
        "version": version + 1,
    }
    uow.put(key, judged, expect=version)
    return state


def is_announced(uow: UnitOfWork, ref: DeliveryRef, proof_id: str, kind: ProofKind) -> bool:
    """Whether a picture of this kind was announced for this delivery."""
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    return item is not None and kind_in(item) is kind


def kind_in(item: Item) -> ProofKind:
    """What an announced picture shows; those of before there were signatures are photos."""
    return ProofKind(item.get("kind", ProofKind.PHOTO))


def has_arrived(uow: UnitOfWork, ref: DeliveryRef, proof_id: str) -> bool:
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    return item is not None and item["status"] == ProofState.ARRIVED.value


def judge(arrival: Arrival, announced_type: str) -> str | None:
    """Why an upload cannot count; None when it can."""
    if arrival.size_bytes < 1:
        return "empty"
    if arrival.size_bytes > MOST_BYTES:
        return "too_large"
    if arrival.content_type != announced_type:
        return "other_type_than_announced"
    if kind_of(arrival.first_bytes) != announced_type:
        return "not_what_it_says"
    return None


def kind_of(first_bytes: bytes) -> str | None:
    """The type that the first bytes of a file show; None for none that we take."""
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first_bytes.startswith(_PNG):
        return "image/png"
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return "image/webp"
    return None
