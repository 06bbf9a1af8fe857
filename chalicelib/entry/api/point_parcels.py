"""The counter's side of a pickup point: what has a place there, collected by code, handed back."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, StringConstraints

from chalicelib import wiring
from chalicelib.domain.deliveries import collecting
from chalicelib.domain.deliveries.collecting import Held
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.pickup_points.model import Size
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.path_parts import IdOf, PickupPointId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, IllegalTransition, WrongCollectionCode
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Pickup points")

#: Not read as a merchant's: whoever stands at the counter knows no merchant.
ParcelId = Annotated[str, IdOf("del", "parcel")]
_PARCEL = {
    "delivery_id": "del_01m83qpnc10y2w525st46371np",
    "status": "at_pickup_point",
    "collect_by": "2026-11-30T08:17:33.057Z",
    "order_name": "A-1001",
}


class CodeForm(rest.Body):
    """The six digits of the recipient's text."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]

    model_config = rest.example(code="042137")


class OneParcel(rest.Answer):
    """A parcel as it is now."""

    delivery_id: str
    status: Status
    collect_by: AwareDatetime | None
    order_name: str

    model_config = rest.example(**_PARCEL)


class HeldParcel(OneParcel):
    size: Size

    model_config = rest.example(**_PARCEL, size="medium")


class HeldParcels(rest.Answer):
    """What has a place, whether it has come already or not."""

    parcels: list[HeldParcel]

    model_config = rest.example(parcels=[{**_PARCEL, "size": "medium"}])


@doors.route(
    "GET",
    "/v1/pickup-points/{point_id}/parcels",
    who=(OPERATOR,),
    answers={200: HeldParcels},
)
def list_held_parcels(point_id: PickupPointId) -> Mapping[str, Any]:
    """List what has a place at a pickup point.

    Parcels that are still to come, that wait to be collected, and that are to go back.
    """
    held = work.read(lambda uow: collecting.parcels_at(uow, point_id))
    return {"parcels": [_held(one) for one in held]}


@doors.route(
    "POST",
    "/v1/pickup-points/{point_id}/parcels/{parcel_id}/collect",
    who=(OPERATOR,),
    answers={200: OneParcel},
    errors=(WrongCollectionCode, IllegalTransition),
)
def collect_parcel(
    point_id: PickupPointId, parcel_id: ParcelId, body: CodeForm
) -> Mapping[str, Any]:
    """Hand a parcel to whoever shows its code: it is `collected`, and its compartment is free.

    After five tries in an hour nothing fits for the rest of that hour.
    """
    server_key = wiring.vault().server_key()
    return _write(
        work.run(lambda uow: collecting.collect(uow, point_id, parcel_id, body.code, server_key))
    )


@doors.route(
    "POST",
    "/v1/pickup-points/{point_id}/parcels/{parcel_id}/hand-back",
    who=(OPERATOR,),
    answers={200: OneParcel},
    errors=(Conflict,),
)
def hand_parcel_back(point_id: PickupPointId, parcel_id: ParcelId) -> Mapping[str, Any]:
    """Say that a parcel that goes back was fetched: it is `returned`, its compartment free."""
    return _write(work.run(lambda uow: collecting.hand_back(uow, point_id, parcel_id)))


def _held(held: Held) -> dict[str, Any]:
    return {**_write(held.delivery), "size": held.size.value}


def _write(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.id,
        "status": delivery.status.value,
        "collect_by": delivery.collect_by and write_instant(delivery.collect_by),
        "order_name": delivery.order_name,
    }
