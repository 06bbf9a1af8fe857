"""How is the handover at the door written? What is asked there, and what is shown."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib.domain.deliveries.requirements import (
    LEAST_GEOFENCE_M,
    MOST_CASH_MINOR,
    MOST_GEOFENCE_M,
    OLDEST_AGE,
    SILENCE,
    DoorAction,
    Proof,
    ProofKind,
    Requirements,
    Wishes,
)
from chalicelib.domain.dispatch.under_way.handover import Shown
from chalicelib.domain.merchants.model import DoorPolicy
from chalicelib.entry import rest

Age = Annotated[int, Field(gt=0, le=OLDEST_AGE)]
CashMinor = Annotated[int, Field(gt=0, le=MOST_CASH_MINOR)]
GeofenceM = Annotated[int, Field(ge=LEAST_GEOFENCE_M, le=MOST_GEOFENCE_M)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
#: Of one handover; more than there are kinds is a mistake.
MOST_PROOFS = 8


class CashForm(rest.Body):
    """``currency`` is the merchant's where it is left out."""

    amount_minor: CashMinor
    currency: Currency | None = None


class RequirementsForm(rest.Body):
    """What is asked at the door; what is left out is as the merchant usually wants it.

    ``id_min_age: null`` asks for no ID, ``cash_on_delivery: null`` for no cash, ``geofence_m:
    null`` for no fence.
    """

    action: DoorAction | None = None
    pin: bool | None = None
    signature: bool | None = None
    photo: bool | None = None
    id_min_age: Age | None = None
    cash_on_delivery: CashForm | None = None
    barcode: bool | None = None
    geofence_m: GeofenceM | None = None

    model_config = rest.example(pin=True, cash_on_delivery={"amount_minor": 4590})

    @property
    def wishes(self) -> Wishes:
        cash = self.cash_on_delivery
        none_of = {name: 0 if name in self.model_fields_set else None for name in _NULLABLE}
        return Wishes(
            action=self.action,
            pin=self.pin,
            signature=self.signature,
            photo=self.photo,
            id_min_age=self.id_min_age or none_of["id_min_age"],
            cash_minor=cash.amount_minor if cash else none_of["cash_on_delivery"],
            currency=cash.currency if cash else None,
            barcode=self.barcode,
            geofence_m=self.geofence_m or none_of["geofence_m"],
        )


_NULLABLE = ("id_min_age", "cash_on_delivery", "geofence_m")


def wishes_in(form: RequirementsForm | None) -> Wishes:
    return SILENCE if form is None else form.wishes


class DoorPolicyForm(rest.Body):
    """What is usual at this merchant's doors, all of it: what is left out is not asked."""

    action: DoorAction = DoorAction.MEET_AT_DOOR
    pin: bool = False
    signature: bool = False
    photo: bool = False
    id_min_age: Age | None = None
    barcode: bool = False
    geofence_m: GeofenceM | None = None

    @property
    def policy(self) -> DoorPolicy:
        return DoorPolicy(
            leaves_at_door=self.action is DoorAction.LEAVE_AT_DOOR,
            pin=self.pin,
            signature=self.signature,
            photo=self.photo,
            id_min_age=self.id_min_age,
            barcode=self.barcode,
            geofence_m=self.geofence_m,
        )

    @model_validator(mode="after")
    def _excludes_nothing(self) -> "DoorPolicyForm":
        needs_person = self.pin or self.signature or self.id_min_age is not None
        if self.action is DoorAction.LEAVE_AT_DOOR and needs_person:
            raise ValueError("nobody is there to give a PIN, to sign or to show an ID")
        return self


class ProofBody(rest.Body):
    """One proof: ``kind``, and exactly the part that belongs to it."""

    kind: ProofKind
    proof_id: Annotated[str, Field(max_length=60)] | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] | None = None
    name: rest.Name | None = None
    barcode: (
        Annotated[str, Field(min_length=1, max_length=100), AfterValidator(rest.clean)] | None
    ) = None
    min_age: Age | None = None
    cash_minor: CashMinor | None = None

    @model_validator(mode="after")
    def _has_its_part(self) -> "ProofBody":
        part = _PART_OF[self.kind]
        if getattr(self, part) is None:
            raise ValueError(f"a proof of kind {self.kind.value} needs its {part}")
        if self.model_fields_set - {"kind", part}:
            raise ValueError(f"a proof of kind {self.kind.value} has {part} and nothing else")
        return self

    @property
    def shown(self) -> Shown:
        return Shown(**self.model_dump())


_PART_OF = {
    ProofKind.PHOTO: "proof_id",
    ProofKind.SIGNATURE: "proof_id",
    ProofKind.PIN: "pin",
    ProofKind.NAME: "name",
    ProofKind.BARCODE: "barcode",
    ProofKind.ID_AGE: "min_age",
    ProofKind.CASH: "cash_minor",
}
#: What is uploaded as a picture.
ImageKind = Literal[ProofKind.PHOTO, ProofKind.SIGNATURE]


class Cash(rest.Answer):
    amount_minor: int
    currency: str


class DoorRequirements(rest.Answer):
    """What is asked at the door."""

    action: DoorAction
    pin: bool
    signature: bool
    photo: bool
    id_min_age: int | None
    cash_on_delivery: Cash | None
    barcode: bool = False
    geofence_m: int | None = None


class UsualDoor(rest.Answer):
    """What is asked at the door where an order says nothing of it."""

    action: DoorAction
    pin: bool
    signature: bool
    photo: bool
    id_min_age: int | None
    barcode: bool = False
    geofence_m: int | None = None


def write_requirements(asked: Requirements) -> dict[str, Any]:
    cash = {"amount_minor": asked.cash_minor, "currency": asked.currency}
    return {
        "action": asked.action.value,
        "pin": asked.pin,
        "signature": asked.signature,
        "photo": asked.photo,
        "id_min_age": asked.id_min_age,
        "cash_on_delivery": cash if asked.cash_minor else None,
        "barcode": asked.barcode,
        "geofence_m": asked.geofence_m,
    }


def write_policy(usual: DoorPolicy) -> dict[str, Any]:
    leaves = DoorAction.LEAVE_AT_DOOR if usual.leaves_at_door else DoorAction.MEET_AT_DOOR
    return {
        "action": leaves.value,
        "pin": usual.pin,
        "signature": usual.signature,
        "photo": usual.photo,
        "id_min_age": usual.id_min_age,
        "barcode": usual.barcode,
        "geofence_m": usual.geofence_m,
    }


def write_proof(shown: Proof) -> dict[str, Any]:
    """A proof; a name is personal data, and the four digits are nobody's business any more."""
    told = {
        "proof_id": shown.proof_id,
        "min_age": shown.min_age,
        "cash_minor": shown.cash_minor,
        "barcode": shown.barcode,
    }
    return {
        "kind": shown.kind.value,
        **{name: value for name, value in told.items() if value is not None},
    }
