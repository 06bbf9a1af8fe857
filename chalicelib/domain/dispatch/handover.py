"""What shows that it was handed over? Photos, PINs and names at the recipient's door.

A photo is announced before it is uploaded, so that an object in the bucket always belongs to
somebody; it may arrive after the tap, when the stairwell is left behind. The name of whoever took
the parcel is personal data and goes to the recipient's item.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import driving
from chalicelib.domain.dispatch.model import Route, Stop, StopKind
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, Invalid, WrongPin
from chalicelib.kit.geo import LatLng
from chalicelib.kit.signing import same
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Shown:
    """What the driver shows: exactly the part that belongs to the kind is set."""

    kind: ProofKind
    proof_id: str | None
    pin: str | None
    name: str | None


def announce_photo(
    uow: UnitOfWork, driver_id: str, stop_id: str, content_type: str
) -> tuple[DeliveryRef, str]:
    """Make room for one photo of one stop; returns whose it is, and its id.

    Raises
    ------
    NotFound
        If it is no stop of the driver's route.
    Conflict
        If the stop is no recipient's door.
    """
    ref = _door(driving.find_stop(uow, driver_id, stop_id)[1])
    proof_id = proofs.announce(uow, ref, content_type, driver_id=driver_id, stop_id=stop_id)
    return ref, proof_id


def complete(
    uow: UnitOfWork,
    driver_id: str,
    stop_id: str,
    shown: Shown | None,
    at: datetime | None,
    server_key: bytes,
    where: LatLng | None = None,
) -> Route:
    """Complete a stop with what was shown, and where the driver's phone was.

    Raises
    ------
    NotFound, IllegalTransition, Conflict
    WrongPin
        If the four digits are not the recipient's.
    Invalid
        If the photo was never announced for this delivery.
    """
    proof = None
    if shown is not None:
        ref = _door(driving.find_stop(uow, driver_id, stop_id)[1])
        _verify(uow, ref, shown, server_key)
        photo = shown.proof_id if shown.kind is ProofKind.PHOTO else None
        proof = Proof(shown.kind, photo, where)
    return driving.complete(uow, driver_id, stop_id, at=at, proof=proof)


def _verify(uow: UnitOfWork, ref: DeliveryRef, shown: Shown, server_key: bytes) -> None:
    match shown.kind:
        case ProofKind.PIN:
            if not same(shown.pin or "", tokens.delivery_pin(server_key, ref.delivery_id)):
                raise WrongPin
        case ProofKind.PHOTO:
            key = keys.proof(ref.merchant_id, ref.delivery_id, shown.proof_id or "")
            if uow.get(key) is None:
                field = {"field": "proof.proof_id", "error": "was not announced for this stop"}
                raise Invalid("there is no such proof", fields=[field])
        case ProofKind.NAME:
            person = deliveries.load_recipient(uow, ref)
            if person is not None:
                deliveries.save_recipient(uow, ref, replace(person, handed_to=shown.name or ""))


def _door(stop: Stop) -> DeliveryRef:
    if stop.kind is not StopKind.DROPOFF or not stop.deliveries:
        raise Conflict("a proof belongs to a delivery at the door")
    return stop.deliveries[0]
