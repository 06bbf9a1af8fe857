"""How is a driver shown? To the desk with name and phone, to the driver with his or her home."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.drivers.documents import Document, DocumentKind
from chalicelib.domain.drivers.model import Block, Driver, Person, Vehicle, VehicleKind
from chalicelib.entry import rest
from chalicelib.entry.api.spoken import SpokenLanguage
from chalicelib.kit.timewindow import write_instant

_DRIVER_ID = "drv_01m83qpnbb853jczmpgmk52m8t"
_HUB_ID = "hub_01m83qpn8tsfztk8g4j2we32hb"
_VEHICLE: dict[str, Any] = {
    "id": "veh_01m83qpnbb853jczmpgmk52m8t",
    "kind": "van",
    "max_weight_g": 800000,
    "max_volume_ml": 4000000,
    "plate": "B-LM 204",
}
_DOCUMENT: dict[str, Any] = {
    "kind": "driving_licence",
    "expires_on": "2031-05-31",
    "verified": True,
    "vehicle_id": None,
}


class VehicleAnswer(rest.Answer):
    id: str
    kind: VehicleKind
    max_weight_g: int
    max_volume_ml: int
    plate: str | None


class DocumentAnswer(rest.Answer):
    kind: DocumentKind
    expires_on: date
    verified: bool
    vehicle_id: str | None


class BlockAnswer(rest.Answer):
    merchant_id: str | None
    hub_id: str | None
    by: str
    why: str
    at: AwareDatetime


class DriverAnswer(rest.Answer):
    """A driver as the desk sees one; the first vehicle is the usual one."""

    id: str
    hub_id: str
    name: str
    phone_number: str
    active: bool
    skills: list[str]
    vehicles: list[VehicleAnswer]
    documents: list[DocumentAnswer]
    blocks: list[BlockAnswer]

    model_config = rest.example(
        id=_DRIVER_ID,
        hub_id=_HUB_ID,
        name="Dora Lind",
        phone_number="+491713920004",
        active=True,
        skills=["cash"],
        vehicles=[_VEHICLE],
        documents=[_DOCUMENT],
        blocks=[],
    )


class DriverPage(rest.Answer):
    """A page of drivers."""

    drivers: list[DriverAnswer]
    next_cursor: str | None

    model_config = rest.example(drivers=[], next_cursor=None)


class HomeAnswer(rest.Answer):
    latitude: float
    longitude: float


class Profile(rest.Answer):
    """You, as we know you. ``home`` and ``language`` are null until you say them."""

    id: str
    hub_id: str
    name: str
    skills: list[str]
    vehicles: list[VehicleAnswer]
    documents: list[DocumentAnswer]
    home: HomeAnswer | None
    language: SpokenLanguage | None

    model_config = rest.example(
        id=_DRIVER_ID,
        hub_id=_HUB_ID,
        name="Dora Lind",
        skills=["cash"],
        vehicles=[_VEHICLE],
        documents=[_DOCUMENT],
        home=None,
        language="es",
    )


def write_driver(driver: Driver, person: Person) -> dict[str, Any]:
    return {
        "id": driver.id,
        "hub_id": driver.hub_id,
        "name": person.name,
        "phone_number": person.phone.e164,
        "active": driver.active,
        "skills": sorted(driver.skills),
        "vehicles": [_vehicle(one, person) for one in driver.all_vehicles()],
        "documents": [_document(one) for one in driver.documents],
        "blocks": [_block(one) for one in driver.blocks],
    }


def write_profile(driver: Driver, person: Person) -> dict[str, Any]:
    home = person.home
    return {
        "id": driver.id,
        "hub_id": driver.hub_id,
        "name": person.name,
        "skills": sorted(driver.skills),
        "vehicles": [_vehicle(one, person) for one in driver.all_vehicles()],
        "documents": [_document(one) for one in driver.documents],
        "home": home and {"latitude": home.latitude, "longitude": home.longitude},
        "language": person.language,
    }


def _vehicle(vehicle: Vehicle, person: Person) -> dict[str, Any]:
    return {
        "id": vehicle.id,
        "kind": vehicle.kind,
        "max_weight_g": vehicle.max_weight_g,
        "max_volume_ml": vehicle.max_volume_ml,
        "plate": person.plates.get(vehicle.id),
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "expires_on": document.expires_on.isoformat(),
        "verified": document.verified,
        "vehicle_id": document.vehicle_id,
    }


def _block(block: Block) -> dict[str, Any]:
    is_hub = block.subject.startswith("hub_")
    return {
        "merchant_id": None if is_hub else block.subject,
        "hub_id": block.subject if is_hub else None,
        "by": block.by,
        "why": block.why,
        "at": write_instant(block.at),
    }
