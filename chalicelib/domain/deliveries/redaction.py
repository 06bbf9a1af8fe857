"""How is a person forgotten? The recipient of an ended delivery goes; that it happened stays.

All that the table of people holds of the delivery is deleted (name, phone, address, notes, every
text of a case), the edge is told to delete its pictures and papers, and the door's position is
coarsened to about a kilometre, which figures by area still need. While a delivery is under way its
driver and its texts need the recipient: a mark asks for the redaction at its end.
"""

from collections.abc import Callable

from chalicelib.domain.deliveries import store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys, support_keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: A driver may take "delivered" back for five minutes; then the end is one.
AFTER_END_S = 360

#: Hundredths of a degree: 1.1 km from north to south.
_COARSE_DIGITS = 2
_ANNOUNCED = "announced"


#: Deletes what stands outside of this commit: a delivery's pictures, papers and texts. It is done
#: first and may be done twice, so that no crash leaves anything behind.
Erase = Callable[[DeliveryRef], None]

#: In one commit.
MOST_TEXTS = 90


def redact(uow: UnitOfWork, ref: DeliveryRef, erase: Erase) -> bool:
    """Forget the recipient of an ended delivery, or note that its end is waited for (False)."""
    try:
        delivery = store.load(uow, ref)
    except NotFound:
        return True
    wanted = keys.redaction_wanted(ref.merchant_id, ref.delivery_id)
    if not delivery.status.is_final:
        uow.put(wanted, {"delivery_id": ref.delivery_id}, expect=None)
        return False
    _expect_no_more_pictures(uow, ref)
    erase(ref)
    _coarsen(uow, ref, delivery)
    uow.delete(keys.recipient(ref.merchant_id, ref.delivery_id), expect=None)
    uow.delete(wanted, expect=None)
    return True


def forget_texts(uow: UnitOfWork, ref: DeliveryRef) -> bool:
    """Delete a part of what was written about a delivery; returns whether there was anything."""
    person = keys.recipient(ref.merchant_id, ref.delivery_id)
    held = uow.query_all(TableName.PII, person.pk)
    # The recipient goes last, with the commit that says that it is done.
    texts = [item for item in held if item["sk"] != person.sk]
    for item in texts[:MOST_TEXTS]:
        uow.delete(Key(TableName.PII, item["pk"], item["sk"]), expect=None)
    return bool(texts)


def _coarsen(uow: UnitOfWork, ref: DeliveryRef, delivery: Delivery) -> None:
    coarse = LatLng(
        round(delivery.dropoff.latitude, _COARSE_DIGITS),
        round(delivery.dropoff.longitude, _COARSE_DIGITS),
    )
    key = keys.delivery(ref.merchant_id, ref.delivery_id)
    item = uow.get(key)
    tapped = any(proof.position is not None for proof in delivery.proofs)
    if item is None or (delivery.dropoff == coarse and not (tapped or delivery.home)):
        return
    # Nothing happened to the delivery: version, history and places in lists stay, and what its
    # latest version told is not told again.
    kept = {name: value for name, value in item.items() if name not in ("events", "home")}
    shown = [
        {name: value for name, value in proof.items() if name != "position"}
        for proof in kept.get("proofs", ())
    ]
    uow.put(key, {**kept, "dropoff": str(coarse), "proofs": shown}, expect=delivery.version)


def _expect_no_more_pictures(uow: UnitOfWork, ref: DeliveryRef) -> None:
    """What was announced and comes only now is nobody's, and is thrown away when it comes."""
    for prefix in (
        keys.proofs(ref.merchant_id, ref.delivery_id),
        support_keys.case_pictures(ref.merchant_id, ref.delivery_id),
    ):
        for item in uow.query_all(TableName.CORE, *prefix):
            if item["status"] == _ANNOUNCED:
                uow.delete(Key(TableName.CORE, item["pk"], item["sk"]), expect=item["version"])


def is_wanted(uow: UnitOfWork, ref: DeliveryRef) -> bool:
    """Whether somebody asked for the redaction of a delivery that was under way then."""
    return uow.get(keys.redaction_wanted(ref.merchant_id, ref.delivery_id)) is not None
