"""Which pictures belong to a case? Places for three are made when a recipient opens it.

They are made then and not when the page is read, because reading changes nothing; the page only
signs forms for those that are still free. What arrives goes the way of all pictures
(``check_proof``).
"""

from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.support.model import MOST_PICTURES, Case
from chalicelib.storage import support_keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

PREFIX = "pic"


class PictureState(StrEnum):
    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    REJECTED = "rejected"


def make_room(uow: UnitOfWork, ref: DeliveryRef) -> tuple[str, ...]:
    """Expect three pictures; returns their ids."""
    ids = tuple(uow.new_id(PREFIX) for _ in range(MOST_PICTURES))
    for picture_id in ids:
        key = support_keys.case_picture(ref.merchant_id, ref.delivery_id, picture_id)
        uow.put(key, {"id": picture_id, "status": PictureState.ANNOUNCED.value}, expect=0)
    return ids


def states(uow: UnitOfWork, case: Case) -> dict[str, PictureState]:
    keys = {
        support_keys.case_picture(case.merchant_id, case.delivery_id, one): one
        for one in case.pictures
    }
    return {keys[key]: PictureState(item["status"]) for key, item in uow.get_many(keys).items()}


def is_expected(uow: UnitOfWork, ref: DeliveryRef, picture_id: str) -> bool:
    item = _load(uow, ref, picture_id)
    return item is not None and item["status"] == PictureState.ANNOUNCED.value


def record(uow: UnitOfWork, ref: DeliveryRef, picture_id: str, *, is_good: bool) -> PictureState:
    """Note that one arrived. One that was none leaves its place free for another."""
    item = _load(uow, ref, picture_id)
    if item is None or item["status"] != PictureState.ANNOUNCED.value:
        return PictureState.REJECTED if item is None else PictureState(item["status"])
    if not is_good:
        return PictureState.REJECTED
    key = support_keys.case_picture(ref.merchant_id, ref.delivery_id, picture_id)
    arrived = {**item, "status": PictureState.ARRIVED.value, "version": item["version"] + 1}
    uow.put(key, arrived, expect=item["version"])
    return PictureState.ARRIVED


def _load(uow: UnitOfWork, ref: DeliveryRef, picture_id: str) -> Item | None:
    return uow.get(support_keys.case_picture(ref.merchant_id, ref.delivery_id, picture_id))
