"""Is it really a picture, and of this delivery? Proofs that were announced and then arrive.

A driver's phone announces a photo or a signature and uploads it straight to the bucket,
which tells us when it is there. It counts only when it was announced, has the announced type by its
first bytes as well as by its label, is no larger than we take, can be opened, and shows something
(``pictures``). Where and when it was taken is kept as a distance from the door and a time, and
weighed with the tap (``proof_checks``). A recipient sees none that failed.
Sources of the magic numbers: JFIF/Exif (FF D8 FF), PNG 1.2 section 12.11, RIFF WebP container.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries import pictures, store
from chalicelib.domain.deliveries.pictures import Fault, Picture
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_BYTES = 5 * 1024 * 1024
#: So often may one proof be taken again; more is no mishap.
MOST_TRIES = 5
#: How long after the handover a better picture is asked for: the driver is still near.
RETAKEN_WITHIN = timedelta(minutes=10)
_PNG = b"\x89PNG\r\n\x1a\n"


class ProofState(StrEnum):
    """``needs_review``: it arrived and has a fault; ``rejected``: it cannot be shown at all."""

    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    NEEDS_REVIEW = "needs_review"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What lies in the bucket: its size, its label, how it begins."""

    size_bytes: int
    content_type: str
    first_bytes: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """An upload that was looked at: the picture, or why it is none; ``sha256`` of what is kept."""

    arrival: Arrival
    picture: Picture | None = None
    fault: Fault | None = None
    sha256: str = ""


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


def announce_again(uow: UnitOfWork, ref: DeliveryRef, proof_id: str, content_type: str) -> bool:
    """Expect another picture under the same id where the last one failed.

    Returns False when it was tried too often; a picture that counts already stays as it is.
    """
    key = keys.proof(ref.merchant_id, ref.delivery_id, proof_id)
    item = uow.get(key)
    if item is None or item["status"] not in _AGAIN:
        return True
    tries = item.get("tries", 1)
    if tries >= MOST_TRIES:
        return False
    kept = {name: item[name] for name in _ANNOUNCED if name in item}
    fresh = {"status": ProofState.ANNOUNCED.value, "content_type": content_type, "tries": tries + 1}
    uow.put(key, kept | fresh | {"version": item["version"] + 1}, expect=item["version"])
    return True


_AGAIN = (ProofState.REJECTED.value, ProofState.NEEDS_REVIEW.value)
_ANNOUNCED = ("id", "kind", "driver_id", "stop_id", "announced_at")


def is_expected(uow: UnitOfWork, ref: DeliveryRef, proof_id: str) -> Item | None:
    """The announcement that an upload may fulfil; None when nobody waits for it (any more)."""
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    waits = item is not None and item["status"] == ProofState.ANNOUNCED.value
    return item if waits else None


def record_arrival(
    uow: UnitOfWork, ref: DeliveryRef, proof_id: str, seen: Seen
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
    faults = _faults(seen, item)
    version = item["version"]
    judged = {
        **item,
        "status": _state(faults).value,
        "fault": faults[0].value if faults else None,
        "size_bytes": seen.arrival.size_bytes,
        "judged_at": write_instant(uow.now),
        "version": version + 1,
        **_measures(uow, ref, seen),
    }
    uow.put(key, judged, expect=version)
    return _state(faults)


def _faults(seen: Seen, item: Item) -> tuple[Fault, ...]:
    outside = judge(seen.arrival, item["content_type"])
    if outside is not None:
        return (outside,)
    if seen.picture is None:
        return (seen.fault or Fault.UNREADABLE,)
    return pictures.faults_of(seen.picture, kind_in(item))


def _state(faults: Iterable[Fault]) -> ProofState:
    found = set(faults)
    if found & pictures.WORTHLESS:
        return ProofState.REJECTED
    return ProofState.NEEDS_REVIEW if found else ProofState.ARRIVED


def _measures(uow: UnitOfWork, ref: DeliveryRef, seen: Seen) -> Item:
    """What the checks need of a picture: no place, only how far from the door it was taken."""
    picture = seen.picture
    if picture is None:
        return {}
    told: Item = {
        "width": picture.width,
        "height": picture.height,
        "brightness_permille": picture.brightness_permille,
        "entropy_millibits": picture.entropy_millibits,
        "edges": picture.edges,
        "sha256": seen.sha256,
    }
    if picture.taken_at is not None:
        told["taken_at"] = write_instant(picture.taken_at)
    if picture.position is not None:
        try:
            door = store.load(uow, ref).dropoff
        except NotFound:
            return told
        told["away_m"] = door.distance_m(picture.position)
    return told


def state_of(uow: UnitOfWork, ref: DeliveryRef, proof_id: str) -> ProofState | None:
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    return None if item is None else ProofState(item["status"])


def is_announced(uow: UnitOfWork, ref: DeliveryRef, proof_id: str, kind: ProofKind) -> bool:
    """Whether a picture of this kind was announced for this delivery."""
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    return item is not None and kind_in(item) is kind


def kind_in(item: Item) -> ProofKind:
    """What an announced picture shows; those of before there were signatures are photos."""
    return ProofKind(item.get("kind", ProofKind.PHOTO))


def taken_at_of(item: Item) -> datetime | None:
    return read_instant(item["taken_at"]) if "taken_at" in item else None


def has_arrived(uow: UnitOfWork, ref: DeliveryRef, proof_id: str) -> bool:
    item = uow.get(keys.proof(ref.merchant_id, ref.delivery_id, proof_id))
    return item is not None and item["status"] == ProofState.ARRIVED.value


def judge(arrival: Arrival, announced_type: str) -> Fault | None:
    """Why an upload cannot count, before it is opened; None when it may be."""
    if arrival.size_bytes < 1:
        return Fault.EMPTY
    if arrival.size_bytes > MOST_BYTES:
        return Fault.TOO_LARGE
    if arrival.content_type != announced_type:
        return Fault.OTHER_TYPE
    if kind_of(arrival.first_bytes) != announced_type:
        return Fault.NOT_WHAT_IT_SAYS
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
