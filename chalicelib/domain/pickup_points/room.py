"""Is there room for one more parcel? What is reserved in a pickup point, and lies in it.

One item per point names each delivery that has a place, and the class of its compartment. It is
written in the transaction that creates or ends the delivery, under its version: of two at the last
compartment the second finds the commit refused, is run again, and finds it taken. Reserving and
giving back twice change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.pickup_points.model import PickupPoint, Size
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: A place has some 70 bytes, an item 400 kB.
MOST_HELD = 4_000
MOST_REMEMBERED = 50
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Room:
    """Who has a place; ``held`` is by ``merchant/delivery``. ``left``: who had one last, for those
    who ask again because they heard no answer."""

    point_id: str
    held: Mapping[str, Size]
    version: int
    left: tuple[str, ...] = ()

    def free(self, point: PickupPoint, weight_g: int, volume_ml: int) -> Size | None:
        """The smallest class that the parcel fits in and that has one left."""
        if len(self.held) >= MOST_HELD:
            return None
        taken = list(self.held.values())
        by_size = sorted(point.compartments, key=lambda one: (one.max_volume_ml, one.max_weight_g))
        for one in by_size:
            if one.fits(weight_g, volume_ml) and taken.count(one.size) < one.count:
                return one.size
        return None


def load(uow: UnitOfWork, point_id: str) -> Room:
    item = uow.get(keys.pickup_room(point_id))
    if item is None:
        return Room(point_id, {}, 0)
    held = {ref: Size(size) for ref, size in item["held"].items()}
    return Room(point_id, held, item["version"], tuple(item["left"]))


def reserve(uow: UnitOfWork, room: Room, ref: str, size: Size) -> None:
    """Take a place in a room as it was read; refused at commit if it changed since."""
    _save(uow, replace(room, held={**room.held, ref: size}))


def give_back(uow: UnitOfWork, point_id: str, ref: str) -> None:
    """The place of a delivery that has ended is free again."""
    room = load(uow, point_id)
    if ref in room.held:
        held = {one: size for one, size in room.held.items() if one != ref}
        _save(uow, replace(room, held=held, left=(*room.left, ref)[-MOST_REMEMBERED:]))


def opens_within(point: PickupPoint, window: TimeWindow) -> bool:
    """Whether anybody could bring or fetch anything before the promise ends."""
    return bool(open_within(point, window))


def open_within(point: PickupPoint, window: TimeWindow) -> tuple[TimeWindow, ...]:
    """When it is open within a window, in order."""
    day, last = (local_day(at, point.timezone) for at in (window.start_at, window.end_at))
    found: list[TimeWindow] = []
    while day <= last:
        spans = (span.on(day, point.timezone) for span in point.hours.of(day))
        found += [both for span in spans if span and (both := span.intersect(window))]
        day += timedelta(days=1)
    return tuple(found)


def _save(uow: UnitOfWork, room: Room) -> None:
    item = {
        "held": {ref: size.value for ref, size in room.held.items()},
        "left": list(room.left),
        "version": room.version + 1,
    }
    uow.put(keys.pickup_room(room.point_id), item, expect=room.version)
