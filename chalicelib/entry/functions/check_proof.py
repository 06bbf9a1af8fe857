"""A photo arrived in the bucket: is it one, and does it count as the proof that was announced?

Whatever was uploaded is looked at here and nowhere else: opened with care, measured, made anew
without its EXIF, and only then put where somebody may see it. The upload itself is deleted.
"""

import hashlib
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import wiring
from chalicelib.domain.deliveries import proof_checks, proofs
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.pictures import Fault, Picture
from chalicelib.domain.deliveries.proofs import Arrival, ProofState, Seen
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.support import pictures as case_pictures
from chalicelib.domain.support.pictures import PictureState
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.photos import Uploaded, proof_key, read_upload_key
from chalicelib.kit.errors import NotFound
from chalicelib.kit.ids import is_id
from chalicelib.kit.timewindow import as_utc
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)


@bp.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
@observed
def check_proof(event: CloudWatchEvent) -> None:
    """Look at what was uploaded and note what came of it; strangers' objects are ignored."""
    key = str(event.detail["object"]["key"])
    names = read_upload_key(key)
    if names is None:
        logger.warning("object outside of uploads")
        return
    merchant_id, delivery_id, proof_id = names
    ref = DeliveryRef(merchant_id, delivery_id)
    state = (_check_case if is_id(proof_id, case_pictures.PREFIX) else _check)(key, ref, proof_id)
    outcome: Any = "not_announced" if state is None else state.value
    logger.info("proof", delivery_id=delivery_id, proof_id=proof_id, outcome=outcome)


def _check_case(key: str, ref: DeliveryRef, picture_id: str) -> PictureState | None:
    """A picture of a case: opened and made anew like a proof, and not judged by what it shows."""
    photos = wiring.photos()
    if not work.read(lambda uow: case_pictures.is_expected(uow, ref, picture_id)):
        photos.remove(key)
        return None
    try:
        uploaded = photos.fetch(key)
    except NotFound:
        return None
    # A browser's form cannot say what the phone has: the bytes do.
    kind = proofs.kind_of(uploaded.body[:32]) or ""
    _, clean = _look(ref, replace(uploaded, content_type=kind), kind)
    if clean:
        photos.keep(proof_key(ref.merchant_id, ref.delivery_id, picture_id), clean, "image/jpeg")
    is_good = bool(clean)
    state = work.run(lambda uow: case_pictures.record(uow, ref, picture_id, is_good=is_good))
    photos.remove(key)
    return state


def _check(key: str, ref: DeliveryRef, proof_id: str) -> ProofState | None:
    photos = wiring.photos()
    expected = work.read(lambda uow: proofs.is_expected(uow, ref, proof_id))
    try:
        uploaded = photos.fetch(key)
    except NotFound:
        # An earlier telling of the same upload was done with it.
        return work.run(lambda uow: _note(uow, ref, proof_id, None))
    if expected is None:
        photos.remove(key)
        return work.run(lambda uow: _note(uow, ref, proof_id, None))
    seen, clean = _look(ref, uploaded, str(expected["content_type"]))
    if clean:
        photos.keep(proof_key(ref.merchant_id, ref.delivery_id, proof_id), clean, "image/jpeg")
    state = work.run(lambda uow: _note(uow, ref, proof_id, seen))
    photos.remove(key)
    return state


def _note(uow: UnitOfWork, ref: DeliveryRef, proof_id: str, seen: Seen | None) -> ProofState | None:
    if seen is None:
        return proofs.state_of(uow, ref, proof_id)
    state = proofs.record_arrival(uow, ref, proof_id, seen)
    proof_checks.assess(uow, ref)
    return state


def _look(ref: DeliveryRef, uploaded: Uploaded, announced_type: str) -> tuple[Seen, bytes]:
    """What it is, and the picture made anew; no bytes where nothing can be shown."""
    first_bytes = uploaded.body[:32]
    arrival = Arrival(uploaded.size_bytes, uploaded.content_type, first_bytes)
    if proofs.judge(arrival, announced_type) is not None:
        return Seen(arrival), b""
    # Here and not above: the web function, which registers this one too, has no Pillow.
    from chalicelib.gateways import pictures

    try:
        look = pictures.look(uploaded.body)
    except pictures.Unreadable as error:
        return Seen(arrival, fault=Fault(error.args[0])), b""
    if look.content_type != announced_type:
        return Seen(arrival, fault=Fault.NOT_WHAT_IT_SAYS), b""
    taken_at = look.taken_at
    if taken_at is not None and not look.has_zone:
        # A camera's clock shows the time of where it is: near the hub.
        zone = ZoneInfo(work.read(lambda uow: _hub_of(uow, ref)).timezone)
        taken_at = as_utc(taken_at.replace(tzinfo=zone))
    picture = Picture(
        width=look.width,
        height=look.height,
        brightness_permille=look.brightness_permille,
        entropy_millibits=look.entropy_millibits,
        edges=look.edges,
        taken_at=taken_at,
        position=look.position,
    )
    return Seen(arrival, picture, sha256=hashlib.sha256(look.jpeg).hexdigest()), look.jpeg


def _hub_of(uow: UnitOfWork, ref: DeliveryRef) -> Hub:
    return merchants.load_hub(uow, deliveries.load(uow, ref).hub_id)
