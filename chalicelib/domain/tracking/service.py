"""Use cases of tracking: open a recipient's link, the photo behind it, and what a look-up found."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.intake import review
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.tracking import (
    calendar,
    eta,
    links,
    look_up,
    outlooks,
    rating,
    sightings,
    view,
    words,
)
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.view import View
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound
from chalicelib.kit.languages import UNASKED, Asked
from chalicelib.storage.unit_of_work import UnitOfWork

#: Whoever opens a link by other doors asks here.
delivery_of = links.delivery_of
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
    delivery = links.delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    known = _known(uow, delivery, asked)
    if not delivery.status.is_final:
        known = replace(known, recipient=deliveries.load_recipient(uow, ref))
    return view.show(
        replace(
            known,
            has_photo=_photo_of(uow, delivery) is not None,
            pin=tokens.delivery_pin(server_key, delivery.id),
            is_with_the_desk=_is_with_the_desk(uow, delivery, ref),
            point=_point_of(uow, delivery),
            collection_code=tokens.collection_code(server_key, delivery.id),
            rating=rating.load(uow, ref) if delivery.status in rating.RATEABLE else None,
        )
    )


def write_calendar(uow: UnitOfWork, token: str, asked: Asked = UNASKED) -> str:
    """The delivery's time as a calendar's file; raise NotFound, LinkExpired."""
    return calendar.write(_known(uow, links.delivery_of(uow, token), asked))


def open_glance(uow: UnitOfWork, token: str, asked: Asked = UNASKED) -> View:
    """What somebody may see who knows an order's number and a postal code; raise NotFound."""
    delivery = look_up.glance_of(uow, token)
    return view.seen_by_anyone(_known(uow, delivery, asked))


def _known(uow: UnitOfWork, delivery: Delivery, asked: Asked) -> Known:
    """What is known of a delivery without anything personal, but for the driver's dot."""
    hub = merchants.load_hub(uow, delivery.hub_id)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    half_days = words.uses_half_days(hub.country)
    known = Known(
        delivery=delivery,
        recipient=None,
        brand=merchant.name,
        reading=words.Reading(
            ZoneInfo(hub.timezone), half_days, asked.translator(merchant.language)
        ),
        now=uow.now,
    )
    route = _route_of(uow, delivery)
    outlook = None if route is None else outlooks.outlook_of(uow, route)
    if route is None or outlook is None:
        return known
    progress = eta.progress(outlook, DeliveryRef(delivery.merchant_id, delivery.id))
    if progress is None:
        return known
    dot = sightings.dot_for(uow, delivery, route, progress, hub)
    return replace(known, progress=progress, dot=dot)


def open_photo(uow: UnitOfWork, token: str) -> tuple[DeliveryRef, str]:
    """The delivery and the proof whose photo the holder of a link may see.

    Raises
    ------
    NotFound
        If it is nobody's link, or there is no photo (yet).
    LinkExpired
    """
    delivery = links.delivery_of(uow, token)
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


def _route_of(uow: UnitOfWork, delivery: Delivery) -> Route | None:
    if delivery.status not in _TO_THE_DOOR or delivery.route_id is None:
        return None
    try:
        return dispatch.load_route(uow, delivery.route_id)
    except NotFound:
        # The page is worth more than its best line.
        return None


def _photo_of(uow: UnitOfWork, delivery: Delivery) -> str | None:
    proof = delivery.proof(ProofKind.PHOTO)
    if delivery.status is not Status.DELIVERED or proof is None or proof.proof_id is None:
        return None
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    if not proofs.has_arrived(uow, ref, proof.proof_id):
        return None
    return proof.proof_id
