"""How are areas, rules and counts kept? Codec and queries; the cells are in ``index``."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from chalicelib.domain.coverage import cells, rules
from chalicelib.domain.coverage.model import Area, Booking, Rules, Taken, Use
from chalicelib.domain.coverage.shape import Shape
from chalicelib.kit.errors import NotFound
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: How long counts outlive their day.
COUNTS_LIVE = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Directory:
    """What an owner has: how many areas of which use, and a hub its rules."""

    delivery_areas: int = 0
    pricing_areas: int = 0
    rules: Rules = field(default_factory=Rules)
    version: int = 0

    @property
    def area_count(self) -> int:
        return self.delivery_areas + self.pricing_areas


def load_directory(uow: UnitOfWork, owner: str) -> Directory:
    return directory_from_item(uow.get(keys.coverage(owner)))


def save_directory(uow: UnitOfWork, owner: str, directory: Directory) -> None:
    uow.put(
        keys.coverage(owner),
        {
            "delivery_areas": directory.delivery_areas,
            "pricing_areas": directory.pricing_areas,
            "rules": rules.to_item(directory.rules),
            "version": directory.version,
        },
        expect=directory.version - 1,
    )


def directory_from_item(item: Item | None) -> Directory:
    if item is None:
        return Directory()
    return Directory(
        delivery_areas=item["delivery_areas"],
        pricing_areas=item["pricing_areas"],
        rules=rules.from_item(item["rules"]),
        version=item["version"],
    )


def load_area(uow: UnitOfWork, owner: str, area_id: str) -> tuple[Area, list[str]]:
    """An area and the coarse cells it is in; raise NotFound unless this owner has it."""
    item = uow.get(keys.area(owner, area_id))
    if item is None:
        raise NotFound(f"there is no service area {area_id}")
    return _area_from_item(item), list(item["cells"])


def save_area(uow: UnitOfWork, area: Area, in_cells: list[str]) -> None:
    uow.put(
        keys.area(area.owner, area.id),
        {
            "id": area.id,
            "owner": area.owner,
            "name": area.name,
            "use": area.use.value,
            "zone": area.zone,
            "priority": area.priority,
            "rules": None if area.rules is None else rules.to_item(area.rules),
            "rings": cells.pack(area.shape.parts),
            "cells": in_cells,
            "version": area.version,
        },
        expect=area.version - 1,
    )


def list_areas(
    uow: UnitOfWork, owner: str, *, limit: int, after: Cursor | None
) -> tuple[list[Area], Cursor | None]:
    page = uow.query(TableName.CORE, *keys.areas(owner), limit=limit, after=after)
    return [_area_from_item(item) for item in page.items], page.cursor


def load_taken(uow: UnitOfWork, scope: str, day: date) -> tuple[Taken, int]:
    """What is taken of a scope on a day, and the version of that."""
    item = uow.get(keys.places_taken(scope, day))
    if item is None:
        return Taken(), 0
    return Taken(item["day"], item["windows"]), item["version"]


def save_taken(uow: UnitOfWork, booking: Booking, taken: Taken, *, expect: int) -> None:
    ends = datetime.combine(booking.day, time(), tzinfo=uow.now.tzinfo) - uow.now
    uow.put(
        keys.places_taken(booking.scope, booking.day),
        {"day": taken.day, "windows": dict(taken.windows)},
        expect=expect,
        expires_at=uow.wall_now + max(ends, timedelta()) + COUNTS_LIVE,
    )


def booking_to_item(booking: Booking) -> dict[str, str]:
    return {"scope": booking.scope, "day": booking.day.isoformat(), "window": booking.window}


def booking_from_item(item: dict[str, str]) -> Booking:
    return Booking(item["scope"], date.fromisoformat(item["day"]), item["window"])


def _area_from_item(item: dict[str, Any]) -> Area:
    return Area(
        id=item["id"],
        owner=item["owner"],
        name=item["name"],
        use=Use(item["use"]),
        shape=Shape(cells.unpack(bytes(item["rings"]))),
        zone=item["zone"],
        priority=item["priority"],
        rules=None if item["rules"] is None else rules.from_item(item["rules"]),
        version=item["version"],
    )
