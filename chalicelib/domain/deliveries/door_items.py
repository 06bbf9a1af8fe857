"""How is what is asked and shown at the door kept? Only what differs from nothing."""

from typing import Any

from chalicelib.domain.deliveries.model import Confidence, DoorKind, Home
from chalicelib.domain.deliveries.requirements import DoorAction, Proof, ProofKind, Requirements
from chalicelib.kit.geo import LatLng


def requirements_to_item(asked: Requirements) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pin": asked.pin,
        "signature": asked.signature,
        "photo": asked.photo,
        "id_min_age": asked.id_min_age,
        "cash_minor": asked.cash_minor,
        "currency": asked.currency,
        "barcode": asked.barcode,
        "geofence_m": asked.geofence_m,
    }
    told = {name: value for name, value in item.items() if value}
    leaves = asked.action is DoorAction.LEAVE_AT_DOOR
    return told | ({"action": asked.action.value} if leaves else {})


def requirements_from_item(item: dict[str, Any]) -> Requirements:
    return Requirements(**{**item, "action": DoorAction(item.get("action", "meet_at_door"))})


def proof_to_item(proof: Proof) -> dict[str, Any]:
    item: dict[str, Any] = {
        "proof_id": proof.proof_id,
        "position": proof.position and str(proof.position),
        "min_age": proof.min_age,
        "cash_minor": proof.cash_minor,
        "barcode": proof.barcode,
    }
    told = {name: value for name, value in item.items() if value is not None}
    return {"kind": proof.kind.value, **told}


def proof_from_item(item: dict[str, Any]) -> Proof:
    position = item.get("position")
    return Proof(
        ProofKind(item["kind"]),
        item.get("proof_id"),
        LatLng.parse(position) if position else None,
        item.get("min_age"),
        item.get("cash_minor"),
        item.get("barcode"),
    )


def home_to_item(home: Home) -> dict[str, Any]:
    return {
        "dropoff": str(home.dropoff),
        "door": home.door.value,
        "requirements": requirements_to_item(home.requirements),
        "confidence": home.confidence.value,
        "service_s": home.service_s,
        "door_key": home.door_key,
        "shop_door_key": home.shop_door_key,
    }


def home_from_item(item: dict[str, Any]) -> Home:
    return Home(
        dropoff=LatLng.parse(item["dropoff"]),
        door=DoorKind(item["door"]),
        requirements=requirements_from_item(item["requirements"]),
        confidence=Confidence(item["confidence"]),
        service_s=item["service_s"],
        door_key=item["door_key"],
        shop_door_key=item["shop_door_key"],
    )
