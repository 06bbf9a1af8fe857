"""What is sent about drivers? Profile, vehicles, papers, blocks; by the desk and by the driver."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from chalicelib.domain.drivers.changes import (
    WantedBlock,
    WantedDocument,
    WantedVehicle,
)
from chalicelib.domain.drivers.documents import MOST_DOCUMENTS, DocumentKind
from chalicelib.domain.drivers.model import MOST_BLOCKS, MOST_VEHICLES, Vehicle, VehicleKind
from chalicelib.entry import rest
from chalicelib.entry.api.spoken import SpokenLanguage

Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Skills = Annotated[list[Skill], Field(max_length=40)]
Plate = Annotated[str, Field(pattern=r"^[\w -]{1,15}$")]
VehicleKey = Annotated[str, Field(pattern=r"^veh_[0-9a-hjkmnp-tv-z]{26}$")]


class NewVehicle(rest.Body):
    kind: VehicleKind
    max_weight_g: Annotated[int, Field(gt=0, le=10_000_000)]
    max_volume_ml: Annotated[int, Field(gt=0, le=50_000_000)]
    plate: Plate | None = None

    def vehicle(self, vehicle_id: str = "") -> Vehicle:
        return Vehicle(self.kind, self.max_weight_g, self.max_volume_ml, vehicle_id)


class NewDriver(rest.Body):
    name: rest.Name
    phone_number: Annotated[str, Field(max_length=40)]
    hub_id: rest.Name
    vehicle: NewVehicle
    skills: Skills = Field(default_factory=list)

    model_config = rest.example(
        name="Dora Lind",
        phone_number="0171 39200 04",
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        vehicle={"kind": "cargo_bike", "max_weight_g": 100000, "max_volume_ml": 300000},
        skills=["cash"],
    )


class VehicleForm(NewVehicle):
    """``id``: of a vehicle that the driver has already; without one it is a new one."""

    id: VehicleKey | None = None

    def wanted(self) -> WantedVehicle:
        return WantedVehicle(self.vehicle(self.id or ""), self.plate)


class DriverChanges(rest.Body):
    """What is left out stays as it is. ``vehicles`` are all of them, the usual one first."""

    name: rest.Name | None = None
    phone_number: Annotated[str, Field(max_length=40)] | None = None
    hub_id: rest.Name | None = None
    skills: Skills | None = None
    vehicles: Annotated[list[VehicleForm], Field(min_length=1, max_length=MOST_VEHICLES)] | None = (
        None
    )

    model_config = rest.example(skills=["age_check", "cash"])


class DocumentForm(rest.Body):
    """``vehicle_id``: for papers of one vehicle; without one it counts for all of them."""

    kind: DocumentKind
    expires_on: rest.Day
    vehicle_id: VehicleKey | None = None

    model_config = rest.example(kind="driving_licence", expires_on="2031-05-31")

    def wanted(self, *, verified: bool = False) -> WantedDocument:
        return WantedDocument(self.kind, self.expires_on, verified, self.vehicle_id)


class CheckedDocument(DocumentForm):
    verified: bool = False


class Documents(rest.Body):
    """All of a driver's papers: what is left out is taken away."""

    documents: Annotated[list[CheckedDocument], Field(max_length=MOST_DOCUMENTS)]

    model_config = rest.example(
        documents=[
            {"kind": "driving_licence", "expires_on": "2031-05-31", "verified": True},
            {"kind": "insurance", "expires_on": "2027-12-31", "verified": True},
        ]
    )

    def wanted(self) -> Sequence[WantedDocument]:
        return [one.wanted(verified=one.verified) for one in self.documents]


class BlockForm(rest.Body):
    """A merchant or a hub, who says so, and why."""

    merchant_id: rest.Name | None = None
    hub_id: rest.Name | None = None
    by: rest.Name
    why: rest.Name

    @model_validator(mode="after")
    def _one_of_two(self) -> "BlockForm":
        if (self.merchant_id is None) == (self.hub_id is None):
            raise ValueError("name either a merchant or a hub")
        if self.merchant_id is not None and not self.merchant_id.startswith("mer_"):
            raise ValueError("merchant_id is an id of a merchant")
        if self.hub_id is not None and not self.hub_id.startswith("hub_"):
            raise ValueError("hub_id is an id of a hub")
        return self

    def wanted(self) -> WantedBlock:
        return WantedBlock(self.merchant_id or self.hub_id or "", self.by, self.why)


class Blocks(rest.Body):
    """All of a driver's blocks: what is left out is lifted."""

    blocks: Annotated[list[BlockForm], Field(max_length=MOST_BLOCKS)]

    model_config = rest.example(
        blocks=[
            {
                "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
                "by": "Ida, desk",
                "why": "asked for by the merchant",
            }
        ]
    )


class DriversOf(rest.Body):
    hub_id: rest.Name
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class Home(rest.Positioned):
    model_config = rest.example(latitude=52.4871, longitude=13.4259)


class ReadLanguage(rest.Body):
    language: SpokenLanguage

    model_config = rest.example(language="es")
