"""What shows that it was handed over? Photos, signatures, PINs and more at the recipient's door.

A photo or a signature is announced before it is uploaded, so that an object in the bucket always
belongs to somebody; it may arrive after the tap, when the stairwell is left behind. The name of
whoever took the parcel is personal data and goes to the recipient's item. Whether all is shown
that this door asks for, the delivery itself decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries import codes, proofs
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, Invalid, WrongBarcode, WrongPin
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Shown:
    """What the driver shows: exactly the part that belongs to the kind is set."""

    kind: ProofKind
    proof_id: str | None = None
    pin: str | None = None
    name: str | None = None
    barcode: str | None = None
    min_age: int | None = None
    cash_minor: int | None = None


def announce_image(
    uow: UnitOfWork,
    driver_id: str,
    stop_id: str,
    content_type: str,
    kind: ProofKind = ProofKind.PHOTO,
    *,
    again: str | None = None,
) -> tuple[DeliveryRef, str]:
    """Make room for one photo or signature of one stop; returns whose it is, and its id.

    ``again`` is one that was announced and whose upload did not come through, or showed nothing.

    Raises
    ------
    NotFound
        If it is no stop of the driver's route.
    Conflict
        If the stop is no recipient's door, or the picture was taken too often.
    Invalid
        If ``again`` was never announced for it.
    """
    ref = _door(driving.find_stop(uow, driver_id, stop_id)[1])
    if again is not None:
        _must_be_announced(uow, ref, again, kind)
        if not proofs.announce_again(uow, ref, again, content_type):
            raise Conflict(f"a picture is taken {proofs.MOST_TRIES} times at most")
        return ref, again
    proof_id = proofs.announce(
        uow, ref, content_type, driver_id=driver_id, stop_id=stop_id, kind=kind
    )
    return ref, proof_id


def complete(
    uow: UnitOfWork,
    driver_id: str,
    stop_id: str,
    shown: Sequence[Shown],
    at: datetime | None,
    server_key: bytes,
    where: LatLng | None = None,
) -> Route:
    """Complete a stop with what was shown, and where the driver's phone was.

    A stop that is done already stays as it was done, whatever is shown again.

    Raises
    ------
    NotFound, IllegalTransition, Conflict
    WrongPin
        If the four digits are not the recipient's, or too many were tried in this hour.
    WrongBarcode
        If a scan is asked for and it is of another parcel.
    ProofMissing
        If something is asked for at this door that is not shown.
    Invalid
        If a photo or a signature was never announced for this delivery.
    """
    route, stop = driving.find_stop(uow, driver_id, stop_id)
    if stop.status is StopStatus.DONE:
        return route
    # A pickup point asks for nothing: the recipient shows a code when collecting.
    ref = _door(stop) if shown and stop.pickup_point_id is None else None
    found = tuple(_verified(uow, ref, one, server_key, where) for one in shown if ref)
    return driving.complete(uow, driver_id, stop_id, at=at, proofs=found)


def _verified(
    uow: UnitOfWork, ref: DeliveryRef, shown: Shown, server_key: bytes, where: LatLng | None
) -> Proof:
    """The proof of what was shown, once it is known to be true."""
    match shown.kind:
        case ProofKind.PIN:
            right = tokens.delivery_pin(server_key, ref.delivery_id)
            if not codes.fits(uow, "pin", ref.delivery_id, shown.pin or "", right):
                raise WrongPin
        case ProofKind.PHOTO | ProofKind.SIGNATURE:
            _must_be_announced(uow, ref, shown.proof_id or "", shown.kind)
        case ProofKind.BARCODE:
            delivery = deliveries.load(uow, ref)
            if delivery.requirements.barcode and not is_label(delivery, shown.barcode or ""):
                raise WrongBarcode
        case ProofKind.NAME:
            person = deliveries.load_recipient(uow, ref)
            if person is not None:
                deliveries.save_recipient(uow, ref, replace(person, handed_to=shown.name or ""))
    return Proof(
        kind=shown.kind,
        proof_id=shown.proof_id,
        position=where,
        min_age=shown.min_age,
        cash_minor=shown.cash_minor,
        barcode=shown.barcode,
    )


def is_label(delivery: Delivery, code: str) -> bool:
    """Whether a code is printed on this parcel: our id, or the shop's name or number of it."""
    text = code.strip()
    return delivery.id in text or text in (delivery.order_name, delivery.external_id)


def _must_be_announced(uow: UnitOfWork, ref: DeliveryRef, proof_id: str, kind: ProofKind) -> None:
    if not proofs.is_announced(uow, ref, proof_id, kind):
        field = {"field": "proof_id", "error": "was not announced for this stop"}
        raise Invalid("there is no such proof", fields=[field])


def _door(stop: Stop) -> DeliveryRef:
    if stop.kind is not StopKind.DROPOFF or not stop.deliveries:
        raise Conflict("a proof belongs to a delivery at the door")
    return stop.deliveries[0]
