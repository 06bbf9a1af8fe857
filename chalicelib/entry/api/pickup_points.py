"""Where can a parcel be collected? ``/v1/pickup-points``: the operator's to manage, a merchant's to
read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import Field, model_validator

from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pickup_points import service, store
from chalicelib.domain.pickup_points.model import (
    Compartments,
    OperatedBy,
    PickupPoint,
    PointKind,
    Size,
    Wanted,
)
from chalicelib.domain.pickup_points.service import Description
from chalicelib.entry import rest, work
from chalicelib.entry.api.hours_forms import HoursOfWeek, write_hours
from chalicelib.entry.api.operator import Country, Timezone
from chalicelib.entry.auth import OPERATOR, merchant
from chalicelib.entry.path_parts import PickupPointId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import ALWAYS

bp = Blueprint(__name__)
doors = Doors(bp, tag="Pickup points")

READERS = (OPERATOR, merchant(Scope.QUOTES))
_COMPARTMENTS = [{"size": "medium", "count": 12, "max_weight_g": 20000, "max_volume_ml": 40000}]
_POINT = {
    "name": "Locker at the station",
    "kind": "locker",
    "line1": "Invalidenstraße 10",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "latitude": 52.53163,
    "longitude": 13.399113,
    "timezone": "Europe/Berlin",
    "compartments": _COMPARTMENTS,
}


class CompartmentsForm(rest.Body):
    """So many compartments of one class, and what one of them takes."""

    size: Size
    count: Annotated[int, Field(ge=0, le=10_000)]
    max_weight_g: Annotated[int, Field(gt=0, le=1_000_000)]
    max_volume_ml: Annotated[int, Field(gt=0, le=10_000_000)]

    model_config = rest.example(**_COMPARTMENTS[0])


class OperatedForm(rest.Body):
    """Whose locker it is, and what they call it."""

    operator_id: Annotated[str, Field(min_length=1, max_length=64)]
    name_there: Annotated[str, Field(min_length=1, max_length=64)]

    model_config = rest.example(
        operator_id="lop_01m83qpnc10y2w525st46371np", name_there="BER-INV-10"
    )


class PickupPointForm(rest.Positioned):
    """A locker or a shop's counter. Without ``hours`` it is open around the clock."""

    name: rest.Name
    kind: PointKind
    line1: rest.Name
    city: rest.Name
    postal_code: Annotated[str, Field(max_length=20)] = ""
    country: Country
    timezone: Timezone
    hours: HoursOfWeek | None = None
    compartments: Annotated[list[CompartmentsForm], Field(min_length=1, max_length=10)]
    active: bool = True
    keeps_days: Annotated[int, Field(ge=1, le=30)] = 7
    operator: OperatedForm | None = None

    model_config = rest.example(**_POINT)

    @model_validator(mode="after")
    def _hours_are_possible(self) -> "PickupPointForm":
        self.described()
        return self

    def described(self) -> Description:
        return Description(
            name=self.name,
            kind=self.kind,
            line1=self.line1,
            city=self.city,
            postal_code=rest.clean(self.postal_code),
            country=self.country,
            position=self.position,
            timezone=self.timezone,
            hours=ALWAYS if self.hours is None else self.hours.hours(),
            compartments=tuple(
                Compartments(one.size, one.count, one.max_weight_g, one.max_volume_ml)
                for one in self.compartments
            ),
            is_active=self.active,
            keeps_days=self.keeps_days,
            operator=(
                OperatedBy(self.operator.operator_id, self.operator.name_there)
                if self.operator
                else None
            ),
        )


class PickupPointAnswer(PickupPointForm):
    """A pickup point; ``distance_m`` as the crow flies when asked from somewhere."""

    id: str
    open_now: bool
    distance_m: int | None

    model_config = rest.example(
        id="pup_01m83qpnc10y2w525st46371np", open_now=True, distance_m=420, **_POINT
    )


class PickupPointList(rest.Answer):
    """The nearest pickup points, or a page of all of them."""

    pickup_points: list[PickupPointAnswer]
    next_cursor: str | None

    model_config = rest.example(pickup_points=[], next_cursor=None)


class NearbyQuery(rest.Body):
    """With ``lat`` and ``lng`` the nearest that are active and take such a parcel, at most 20 km
    away; else all, page by page."""

    lat: rest.Latitude | None = None
    lng: rest.Longitude | None = None
    max_weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    max_volume_ml: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    kind: PointKind | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    @model_validator(mode="after")
    def _is_a_place(self) -> "NearbyQuery":
        if (self.lat is None) != (self.lng is None):
            raise ValueError("give lat and lng, or neither")
        return self


@doors.route(
    "POST",
    "/v1/pickup-points",
    who=(OPERATOR,),
    answers={201: PickupPointAnswer},
    errors=(Conflict, NotFound),
)
def open_pickup_point(body: PickupPointForm) -> Mapping[str, Any]:
    """Open a pickup point."""
    described = body.described()
    now = work.begin().now
    return _write(work.run(lambda uow: service.open_point(uow, described)), now)


@doors.route("GET", "/v1/pickup-points", who=READERS, answers={200: PickupPointList})
def list_pickup_points(query: NearbyQuery) -> Mapping[str, Any]:
    """List the nearest pickup points, or all.

    `max_weight_g` and `max_volume_ml` leave out those in which no compartment is large enough. How
    many are free at the moment is not part of it.
    """
    uow = work.begin()
    if query.lat is None or query.lng is None:
        points, cursor = store.list_all(uow, limit=query.limit, after=query.cursor)
        return {
            "pickup_points": [_write(point, uow.now) for point in points],
            "next_cursor": cursor,
        }
    wanted = Wanted(query.max_weight_g, query.max_volume_ml, query.kind)
    nearby = store.nearest(uow, LatLng(query.lat, query.lng), wanted, query.limit)
    return {
        "pickup_points": [_write(one.point, uow.now, one.distance_m) for one in nearby],
        "next_cursor": None,
    }


@doors.route("GET", "/v1/pickup-points/{point_id}", who=READERS, answers={200: PickupPointAnswer})
def show_pickup_point(point_id: PickupPointId) -> Mapping[str, Any]:
    """Show a pickup point."""
    uow = work.begin()
    return _write(store.load(uow, point_id), uow.now)


@doors.route(
    "PUT",
    "/v1/pickup-points/{point_id}",
    who=(OPERATOR,),
    answers={200: PickupPointAnswer},
    errors=(Conflict,),
)
def change_pickup_point(point_id: PickupPointId, body: PickupPointForm) -> Mapping[str, Any]:
    """Replace what is known of a pickup point.

    One that is not `active` is offered to nobody.
    """
    described = body.described()
    now = work.begin().now
    return _write(work.run(lambda uow: service.change_point(uow, point_id, described)), now)


@doors.route(
    "DELETE",
    "/v1/pickup-points/{point_id}",
    who=(OPERATOR,),
    answers={204: None},
    errors=(Conflict,),
)
def close_pickup_point(point_id: PickupPointId) -> Response:
    """Close a pickup point for good, once no parcel has a place in it any more."""
    work.run(lambda uow: service.close_point(uow, point_id))
    return rest.answer("", 204)


def _write(point: PickupPoint, now: datetime, distance_m: int | None = None) -> dict[str, Any]:
    return {
        "id": point.id,
        "name": point.name,
        "kind": point.kind.value,
        "line1": point.line1,
        "city": point.city,
        "postal_code": point.postal_code,
        "country": point.country,
        "latitude": point.position.latitude,
        "longitude": point.position.longitude,
        "timezone": point.timezone,
        "hours": write_hours(point.hours),
        "compartments": [
            {
                "size": one.size.value,
                "count": one.count,
                "max_weight_g": one.max_weight_g,
                "max_volume_ml": one.max_volume_ml,
            }
            for one in point.compartments
        ],
        "active": point.is_active,
        "keeps_days": point.keeps_days,
        "operator": (
            {
                "operator_id": point.operator.operator_id,
                "name_there": point.operator.name_there,
            }
            if point.operator
            else None
        ),
        "open_now": point.is_active and point.hours.is_open(now, point.timezone),
        "distance_m": distance_m,
    }
