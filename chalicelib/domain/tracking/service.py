"""Use cases of tracking: open a recipient's link, and the photo behind it.

The link's token is the only credential. An unknown one and a misspelt one are answered alike; an
old one says that it has expired, which only its holder can learn.
"""

import re
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.intake import review
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.tracking import eta, outlooks, view, words
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.view import View
from chalicelib.kit import tokens
from chalicelib.kit.errors import LinkExpired, NotFound
from chalicelib.kit.languages import UNASKED, Asked
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_TO_THE_DOOR = (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)


def open_link(uow: UnitOfWork, token: str, server_key: bytes, asked: Asked = UNASKED) -> View:
    """What the holder of a link may see now, in the language that they asked for.

    Raises
    ------
    NotFound
        If it is nobody's link.
    LinkExpired
        If its delivery came to its end more than fourteen days ago.
    """
    delivery = delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    t = asked.translator(merchant.language)
    return view.show(
        Known(
            delivery=delivery,
            recipient=None if delivery.status.is_final else deliveries.load_recipient(uow, ref),
            brand=merchant.name,
            reading=words.Reading(ZoneInfo(hub.timezone), words.uses_half_days(hub.country), t),
            now=uow.now,
            progress=_progress(uow, delivery, ref),
            has_photo=_photo_of(uow, delivery) is not None,
            pin=tokens.delivery_pin(server_key, delivery.id),
            is_with_the_desk=_is_with_the_desk(uow, delivery, ref),
            point=_point_of(uow, delivery),
            collection_code=tokens.collection_code(server_key, delivery.id),
        )
    )


def open_photo(uow: UnitOfWork, token: str) -> tuple[DeliveryRef, str]:
    """The delivery and the proof whose photo the holder of a link may see.

    Raises
    ------
    NotFound
        If it is nobody's link, or there is no photo (yet).
    LinkExpired
    """
    delivery = delivery_of(uow, token)
    proof_id = _photo_of(uow, delivery)
    if proof_id is None:
        raise NotFound("there is no photo")
    return DeliveryRef(delivery.merchant_id, delivery.id), proof_id


def _point_of(uow: UnitOfWork, delivery: Delivery) -> PickupPoint | None:
    if delivery.pickup_point_id is None or delivery.status.is_final:
        return None
    try:
        return pickup_points.load(uow, delivery.pickup_point_id)
    except NotFound:
        return None


def _is_with_the_desk(uow: UnitOfWork, delivery: Delivery, ref: DeliveryRef) -> bool:
    if delivery.status is not Status.ADDRESS_REVIEW:
        return False
    asked = review.load(uow, ref)
    return asked is not None and asked.stage is review.Stage.REFERRED


def delivery_of(uow: UnitOfWork, token: str) -> Delivery:
    """Whose link it is; raise NotFound or LinkExpired."""
    if not _TOKEN.fullmatch(token):
        raise NotFound("there is no such link")
    item = uow.get(keys.tracking_link(tokens.hash_secret(token)))
    if item is None:
        raise NotFound("there is no such link")
    delivery = deliveries.load(uow, DeliveryRef(item["merchant_id"], item["delivery_id"]))
    if view.is_expired(delivery, uow.now):
        raise LinkExpired
    return delivery


def _progress(uow: UnitOfWork, delivery: Delivery, ref: DeliveryRef) -> eta.Progress | None:
    if delivery.status not in _TO_THE_DOOR or delivery.route_id is None:
        return None
    try:
        route = dispatch.load_route(uow, delivery.route_id)
    except NotFound:
        # The page is worth more than its best line.
        return None
    outlook = outlooks.outlook_of(uow, route)
    return None if outlook is None else eta.progress(outlook, ref)


def _photo_of(uow: UnitOfWork, delivery: Delivery) -> str | None:
    proof = delivery.proof(ProofKind.PHOTO)
    if delivery.status is not Status.DELIVERED or proof is None or proof.proof_id is None:
        return None
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    if not proofs.has_arrived(uow, ref, proof.proof_id):
        return None
    return proof.proof_id
