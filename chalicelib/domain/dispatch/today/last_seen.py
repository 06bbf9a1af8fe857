"""Where was each driver last seen, and who is nearest? Apart from matching, which needs a solver.

Fixes are kept by ``tracking.positions``. Beside each stands a line in the cell that the driver is
in: H3 cells of resolution 8 (about 0.7 km2) in partitions of resolution 6 (about 36 km2). Who asks
for the nearest reads the partition around a place, then ring after ring of partitions, until nobody
outside can be nearer than those found.
Source: H3, table of cell statistics (a cell of resolution 6 has edges of 3.7 km in the mean, and
nowhere less than half of that).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from chalicelib.domain.drivers.model import Work
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys, road_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

CELL_RESOLUTION, WIDE_RESOLUTION = 8, 6
#: A line is written anew at least so often, so that it outlives the fix that it stands for.
LINE_RENEWED = timedelta(minutes=5)
#: An older fix says too little about where its driver is now.
FRESH = timedelta(minutes=15)
#: A step to the next ring of partitions leads at least so far away [m].
_RING_M = 2_500
#: About 15 km: a driver further away is not near.
_MOST_RINGS = 5


@dataclass(frozen=True, slots=True)
class Near:
    """A driver, and how far away he was last seen."""

    driver_id: str
    position: LatLng
    seen_at: datetime
    distance_m: int


@cache
def _h3() -> Any:
    # 20 to 70 ms to load: when somebody first asks.
    import h3.api.basic_str as grid

    return grid


def cell_of(position: LatLng) -> str:
    cell: str = _h3().latlng_to_cell(position.latitude, position.longitude, CELL_RESOLUTION)
    return cell


def place_in_cell(
    uow: UnitOfWork, hub_id: str, driver_id: str, cell: str, before: str | None, kept: timedelta
) -> None:
    """Write the driver into a cell, and out of the one before."""
    if before is not None and before != cell:
        take_out_of_cell(uow, hub_id, driver_id, before)
    uow.put(
        road_keys.driver_cell(hub_id, _wide(cell), cell, driver_id),
        {"driver_id": driver_id, "at": write_instant(uow.now)},
        expect=None,
        expires_at=uow.wall_now + kept + LINE_RENEWED,
    )


def take_out_of_cell(uow: UnitOfWork, hub_id: str, driver_id: str, cell: str) -> None:
    uow.delete(road_keys.driver_cell(hub_id, _wide(cell), cell, driver_id), expect=None)


def nearest_drivers(uow: UnitOfWork, hub_id: str, position: LatLng, count: int) -> list[Near]:
    """The drivers of a hub who were last seen nearest to a place, nearest first.

    Only where they are is looked at, not whether they are free; who was not seen for a quarter of
    an hour, or is further away than 12 km at least, is left out.
    """
    found: dict[str, Near] = {}
    for ring, cells in enumerate(_rings(position)):
        lines = [line for cell in cells for line in _lines(uow, hub_id, cell)]
        fixes = uow.get_many(keys.position(driver_id) for driver_id in lines)
        for key, item in fixes.items():
            seen_at, where = read_instant(item["at"]), LatLng.parse(item["position"])
            if seen_at > uow.now - FRESH:
                driver_id = key.pk.removeprefix("G#")
                away_m = where.distance_m(position)
                found[driver_id] = Near(driver_id, where, seen_at, away_m)
        ordered = sorted(found.values(), key=lambda near: (near.distance_m, near.driver_id))
        if len(ordered) >= count and ordered[count - 1].distance_m <= ring * _RING_M:
            break
    return ordered[:count]


def last_positions(uow: UnitOfWork, works: Sequence[Work]) -> dict[str, LatLng]:
    """Where drivers were last seen; expired fixes do not count, DynamoDB deletes them late."""
    found = uow.get_many(keys.position(work.driver_id) for work in works)
    return {
        key.pk.removeprefix("G#"): LatLng.parse(item["position"])
        for key, item in found.items()
        if read_instant(item["at"]) > uow.now - timedelta(hours=1)
    }


def _wide(cell: str) -> str:
    wide: str = _h3().cell_to_parent(cell, WIDE_RESOLUTION)
    return wide


def _rings(position: LatLng) -> Iterator[list[str]]:
    """The partition of a place, then those around it, and so on outward."""
    middle = _wide(cell_of(position))
    seen: set[str] = set()
    for ring in range(_MOST_RINGS + 1):
        disk = set(_h3().grid_disk(middle, ring))
        yield sorted(disk - seen)
        seen |= disk


def _lines(uow: UnitOfWork, hub_id: str, wide_cell: str) -> list[str]:
    rows = uow.query_all(TableName.LIVE, road_keys.drivers_in(hub_id, wide_cell))
    # DynamoDB deletes what has expired within days, not seconds.
    return [row["driver_id"] for row in rows if row["expires"] > uow.wall_now.timestamp()]
