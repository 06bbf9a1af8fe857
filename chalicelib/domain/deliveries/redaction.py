"""How is a person forgotten? The recipient of an ended delivery goes; that it happened stays.

Name, phone, address and notes are deleted, photos are named so that the edge can delete them, and
the door's position is coarsened to about a kilometre, which figures by area still need. While a
delivery is under way its driver and its texts need the recipient: a mark asks for the redaction at
its end.
"""

from dataclasses import dataclass

from chalicelib.domain.deliveries import store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: A driver may take "delivered" back for five minutes; then the end is one.
AFTER_END_S = 360

#: Hundredths of a degree: 1.1 km from north to south.
_COARSE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Redacted:
    """Whether it was done, and which photos are to be deleted with it."""

    is_done: bool
    proof_ids: tuple[str, ...] = ()


def redact(uow: UnitOfWork, ref: DeliveryRef) -> Redacted:
    """Forget the recipient of an ended delivery, or note that its end is waited for."""
    try:
        delivery = store.load(uow, ref)
    except NotFound:
        return Redacted(is_done=True)
    wanted = keys.redaction_wanted(ref.merchant_id, ref.delivery_id)
    if not delivery.status.is_final:
        uow.put(wanted, {"delivery_id": ref.delivery_id}, expect=None)
        return Redacted(is_done=False)
    coarse = LatLng(
        round(delivery.dropoff.latitude, _COARSE_DIGITS),
        round(delivery.dropoff.longitude, _COARSE_DIGITS),
    )
    key = keys.delivery(ref.merchant_id, ref.delivery_id)
    item = uow.get(key)
    if item is not None and (delivery.dropoff != coarse or delivery.home):
        # Nothing happened to the delivery: version, history and places in lists stay, and what its
        # latest version told is not told again.
        kept = {name: value for name, value in item.items() if name not in ("events", "home")}
        uow.put(key, {**kept, "dropoff": str(coarse)}, expect=delivery.version)
    uow.delete(keys.recipient(ref.merchant_id, ref.delivery_id), expect=None)
    uow.delete(wanted, expect=None)
    proofs = uow.query_all(TableName.CORE, *keys.proofs(ref.merchant_id, ref.delivery_id))
    return Redacted(is_done=True, proof_ids=tuple(item["id"] for item in proofs))


def is_wanted(uow: UnitOfWork, ref: DeliveryRef) -> bool:
    """Whether somebody asked for the redaction of a delivery that was under way then."""
    return uow.get(keys.redaction_wanted(ref.merchant_id, ref.delivery_id)) is not None
