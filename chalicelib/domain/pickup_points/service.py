"""Use cases of pickup points: open one, change it, close it for good."""

from dataclasses import dataclass

from chalicelib.domain.pickup_points import operators, room, store
from chalicelib.domain.pickup_points.model import Compartments, OperatedBy, PickupPoint, PointKind
from chalicelib.kit.errors import Conflict
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import WeekHours
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Description:
    """A pickup point as an operator describes it, already checked."""

    name: str
    kind: PointKind
    line1: str
    city: str
    postal_code: str
    country: str
    position: LatLng
    timezone: str
    hours: WeekHours
    compartments: tuple[Compartments, ...]
    is_active: bool
    keeps_days: int = 7
    operator: OperatedBy | None = None


def open_point(uow: UnitOfWork, described: Description) -> PickupPoint:
    """Open one; raise NotFound for an operator that nobody connected."""
    _must_be_connected(uow, described)
    point = _point(uow.new_id("pup"), described, version=1)
    store.save(uow, point)
    return point


def change_point(uow: UnitOfWork, point_id: str, described: Description) -> PickupPoint:
    """Replace what is known of a point; raise NotFound."""
    before = store.load(uow, point_id)
    _must_be_connected(uow, described)
    point = _point(point_id, described, version=before.version + 1)
    store.save(uow, point, before)
    return point


def close_point(uow: UnitOfWork, point_id: str) -> None:
    """Remove a point; raise NotFound, or Conflict while a parcel has a place in it."""
    if room.load(uow, point_id).held:
        raise Conflict("parcels have places in it; make it inactive until they are gone")
    store.remove(uow, store.load(uow, point_id))


def _must_be_connected(uow: UnitOfWork, described: Description) -> None:
    if described.operator is not None:
        operators.load(uow, described.operator.operator_id)


def _point(point_id: str, described: Description, *, version: int) -> PickupPoint:
    return PickupPoint(
        id=point_id,
        name=described.name,
        kind=described.kind,
        line1=described.line1,
        city=described.city,
        postal_code=described.postal_code,
        country=described.country,
        position=described.position,
        timezone=described.timezone,
        hours=described.hours,
        compartments=described.compartments,
        is_active=described.is_active,
        keeps_days=described.keeps_days,
        operator=described.operator,
        version=version,
    )
