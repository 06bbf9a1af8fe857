"""How are pickup points kept, and which are nearest?

A point is an item, and a line in the item of its coarse cell (H3 resolution 6, about 36 km2):
position, kind and what fits, no more. The nearest are found ring by ring around the asker's cell,
each ring in one request, and only those that are told are read whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.domain.pickup_points.model import (
    Compartments,
    Nearby,
    OperatedBy,
    PickupPoint,
    PointKind,
    Size,
    Wanted,
    smallest_fit,
)
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import WeekHours
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

RESOLUTION = 6
#: Some 20 km in any direction: further than anybody goes for a parcel.
MOST_RINGS = 6
#: Whatever lies beyond ``n`` rings is farther than ``n`` times this. Measured at 2,770 m around the
#: pentagons, where the grid is tightest.
RING_M = 2_600
#: A line has some 200 bytes, an item 400 kB.
MOST_IN_CELL = 1_000


@dataclass(frozen=True, slots=True)
class _Line:
    """A point in the item of its cell."""

    point_id: str
    position: LatLng
    kind: PointKind
    compartments: tuple[Compartments, ...]

    def suits(self, wanted: Wanted) -> bool:
        if wanted.kind is not None and wanted.kind is not self.kind:
            return False
        return smallest_fit(self.compartments, wanted.weight_g, wanted.volume_ml) is not None


@cache
def _h3() -> Any:
    # 20 to 70 ms to load: when somebody first asks.
    import h3.api.basic_str as grid

    return grid


def load(uow: UnitOfWork, point_id: str) -> PickupPoint:
    item = uow.get(keys.pickup_point(point_id))
    if item is None:
        raise NotFound(f"there is no pickup point {point_id}")
    return from_item(item)


def load_many(uow: UnitOfWork, point_ids: Iterable[str]) -> dict[str, PickupPoint]:
    """What there is of these."""
    items = uow.get_many(keys.pickup_point(one) for one in dict.fromkeys(point_ids))
    return {item["id"]: from_item(item) for item in items.values()}


def save(uow: UnitOfWork, point: PickupPoint, before: PickupPoint | None = None) -> None:
    """Write a point into its cell, and out of where it was.

    Raises
    ------
    Conflict
        If its cell is full.
    """
    uow.put(keys.pickup_point(point.id), _to_item(point), expect=point.version - 1)
    cell = _cell_of(point.position)
    if before is not None and _cell_of(before.position) != cell:
        _write_line(uow, _cell_of(before.position), point.id, None)
    _write_line(uow, cell, point.id, _line_to_item(point) if point.is_active else None)


def remove(uow: UnitOfWork, point: PickupPoint) -> None:
    uow.delete(keys.pickup_point(point.id), expect=point.version)
    _write_line(uow, _cell_of(point.position), point.id, None)


def list_all(
    uow: UnitOfWork, *, limit: int, after: Cursor | None
) -> tuple[list[PickupPoint], Cursor | None]:
    page = uow.query(TableName.CORE, *keys.PICKUP_POINTS, limit=limit, after=after)
    return [from_item(item) for item in page.items], page.cursor


def nearest(uow: UnitOfWork, position: LatLng, wanted: Wanted, limit: int) -> list[Nearby]:
    """The nearest active points with room for what is wanted, as the crow flies."""
    centre = _cell_of(position)
    found: list[tuple[int, str]] = []
    for ring in range(1, MOST_RINGS + 1):
        cells = _h3().grid_disk(centre, 1) if ring == 1 else _h3().grid_ring(centre, ring)
        lines = _lines_of(uow, cells)
        found += [
            (position.distance_m(line.position), line.point_id)
            for line in lines
            if line.suits(wanted)
        ]
        found = sorted(found)[:limit]
        if len(found) == limit and found[-1][0] <= ring * RING_M:
            break
    items = uow.get_many(keys.pickup_point(point_id) for _, point_id in found)
    points = {item["id"]: from_item(item) for item in items.values()}
    # One that was removed between the two reads is left out.
    return [Nearby(points[one], away_m) for away_m, one in found if one in points]


def _lines_of(uow: UnitOfWork, cells: list[str]) -> list[_Line]:
    items = uow.get_many(keys.pickup_cell(cell) for cell in cells)
    return [
        _line_from_item(point_id, kept)
        for item in items.values()
        for point_id, kept in item["points"].items()
    ]


def _write_line(uow: UnitOfWork, cell: str, point_id: str, line: Item | None) -> None:
    key = keys.pickup_cell(cell)
    item = uow.get(key) or {"points": {}, "version": 0}
    points = {one: kept for one, kept in item["points"].items() if one != point_id}
    if line is not None:
        points[point_id] = line
    if len(points) > MOST_IN_CELL:
        raise Conflict(f"there are {MOST_IN_CELL} pickup points within a few kilometres already")
    if points != item["points"]:
        uow.put(key, {"points": points}, expect=item["version"])


def _cell_of(position: LatLng) -> str:
    cell: str = _h3().latlng_to_cell(position.latitude, position.longitude, RESOLUTION)
    return cell


def _line_to_item(point: PickupPoint) -> Item:
    return {
        "position": str(point.position),
        "kind": point.kind.value,
        "compartments": [_compartments_to_item(one) for one in point.compartments],
    }


def _line_from_item(point_id: str, item: dict[str, Any]) -> _Line:
    return _Line(
        point_id,
        LatLng.parse(item["position"]),
        PointKind(item["kind"]),
        tuple(_compartments_from_item(one) for one in item["compartments"]),
    )


def _to_item(point: PickupPoint) -> Item:
    return {
        "id": point.id,
        "name": point.name,
        "kind": point.kind.value,
        "line1": point.line1,
        "city": point.city,
        "postal_code": point.postal_code,
        "country": point.country,
        "position": str(point.position),
        "timezone": point.timezone,
        "hours": point.hours.to_item(),
        "compartments": [_compartments_to_item(one) for one in point.compartments],
        "is_active": point.is_active,
        "keeps_days": point.keeps_days,
        **(_operator_to_item(point.operator) if point.operator else {}),
        "version": point.version,
    }


def from_item(item: Item) -> PickupPoint:
    return PickupPoint(
        id=item["id"],
        name=item["name"],
        kind=PointKind(item["kind"]),
        line1=item["line1"],
        city=item["city"],
        postal_code=item["postal_code"],
        country=item["country"],
        position=LatLng.parse(item["position"]),
        timezone=item["timezone"],
        hours=WeekHours.from_item(item["hours"]),
        compartments=tuple(_compartments_from_item(one) for one in item["compartments"]),
        is_active=item["is_active"],
        keeps_days=item.get("keeps_days", 7),
        operator=(
            OperatedBy(item["operator_id"], item["name_there"]) if "operator_id" in item else None
        ),
        version=item["version"],
    )


def _operator_to_item(operator: OperatedBy) -> dict[str, str]:
    return {"operator_id": operator.operator_id, "name_there": operator.name_there}


def _compartments_to_item(one: Compartments) -> dict[str, Any]:
    return {
        "size": one.size.value,
        "count": one.count,
        "max_weight_g": one.max_weight_g,
        "max_volume_ml": one.max_volume_ml,
    }


def _compartments_from_item(item: dict[str, Any]) -> Compartments:
    return Compartments(
        Size(item["size"]), item["count"], item["max_weight_g"], item["max_volume_ml"]
    )
