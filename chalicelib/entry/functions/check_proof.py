"""A photo arrived in the bucket: does it count as the proof that was announced?"""

from typing import Any

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import wiring
from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.gateways.photos import read_proof_key

bp = Blueprint(__name__)


@bp.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
@observed
def check_proof(event: CloudWatchEvent) -> None:
    """Look at the object's first bytes and note what came of it; strangers' objects are ignored."""
    key = str(event.detail["object"]["key"])
    names = read_proof_key(key)
    if names is None:
        logger.warning("object outside of proofs")
        return
    merchant_id, delivery_id, proof_id = names
    peek = wiring.photos().peek(key)
    arrival = proofs.Arrival(peek.size_bytes, peek.content_type, peek.first_bytes)
    ref = DeliveryRef(merchant_id, delivery_id)
    state = work.run(lambda uow: proofs.record_arrival(uow, ref, proof_id, arrival))
    outcome: Any = "not_announced" if state is None else state.value
    logger.info("proof", delivery_id=delivery_id, proof_id=proof_id, outcome=outcome)
