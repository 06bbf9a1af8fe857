"""Can a parcel go to that pickup point? It must be there, open in time, and have room for it.

Asked before anything is promised; the place itself is taken in the commit that creates the
delivery (see ``pickup_points.room``), by what was read here.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.pickup_points import room, store
from chalicelib.domain.pickup_points.model import PickupPoint, Size, smallest_fit
from chalicelib.domain.pickup_points.room import Room
from chalicelib.kit.errors import NotFound
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """A point with room, as it was read."""

    point: PickupPoint
    room: Room
    size: Size

    def take(self, uow: UnitOfWork, ref: str) -> None:
        """Reserve it; refused at commit if the room changed since it was read."""
        room.reserve(uow, self.room, ref, self.size)


def find(uow: UnitOfWork, point_id: str) -> PickupPoint | Refusal:
    try:
        point = store.load(uow, point_id)
    except NotFound:
        return Refusal.UNKNOWN_PICKUP_POINT
    return point if point.is_active else Refusal.UNKNOWN_PICKUP_POINT


def place_in(
    uow: UnitOfWork, point: PickupPoint, parcel: Parcel, promise: TimeWindow
) -> Place | Refusal:
    """A place for a parcel that is promised for a window, or why there is none."""
    if smallest_fit(point.compartments, parcel.weight_g, parcel.volume_ml) is None:
        return Refusal.TOO_LARGE_FOR_POINT
    if not room.opens_within(point, promise):
        return Refusal.PICKUP_POINT_CLOSED
    held = room.load(uow, point.id)
    size = held.free(point, parcel.weight_g, parcel.volume_ml)
    return Refusal.PICKUP_POINT_FULL if size is None else Place(point, held, size)


def place_again(uow: UnitOfWork, point_id: str, ref: str, parcel: Parcel) -> Place | Refusal | None:
    """Where a parcel that became another one lies then; None where it can stay, or holds nothing.

    An outside operator keeps the compartment that it was asked for, so there it has to fit.
    """
    there, point = room.load(uow, point_id), store.load(uow, point_id)
    held = there.held.get(ref)
    if held is None:
        return None
    needs = parcel.weight_g, parcel.volume_ml
    if any(one.size is held and one.fits(*needs) for one in point.compartments):
        return None
    if smallest_fit(point.compartments, *needs) is None:
        return Refusal.TOO_LARGE_FOR_POINT
    others = replace(there, held={one: size for one, size in there.held.items() if one != ref})
    size = None if point.operator else others.free(point, *needs)
    return Refusal.PICKUP_POINT_FULL if size is None else Place(point, there, size)
