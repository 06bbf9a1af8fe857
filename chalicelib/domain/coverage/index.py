"""How is a door looked up? What an owner's areas are in one coarse cell, in one item.

``S#<owner>`` / ``C#<cell>`` holds, for each area that comes into the cell, all that an answer
needs: its use, its price zone, its priority, its rules, its fine cells and the edges that matter.
So one item answers, and changing an area is one transaction over its cells, before and after:
there is no moment at which half of an area is there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.coverage import cells, rules
from chalicelib.domain.coverage.cells import Address, Patch
from chalicelib.domain.coverage.geojson import Flaw, refuse
from chalicelib.domain.coverage.model import Area, Rules, Use
from chalicelib.domain.coverage.shape import Spot
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Coarse cells of one area: before and after its change, with itself and its owner's item, they
#: are 82 of the 100 items of a transaction.
MOST_CELLS = 40
#: DynamoDB takes 400 kB in an item and 4 MB in a transaction.
MOST_ITEM_BYTES, MOST_COMMIT_BYTES = 350_000, 3_500_000
#: Names, numbers and DynamoDB's own bytes of an entry.
_OVERHEAD_BYTES = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """An area, as far as one coarse cell is concerned."""

    area_id: str
    use: Use
    zone: str | None
    priority: int
    area_m2: int
    rules: Rules | None
    patch: Patch

    @property
    def zone_id(self) -> str:
        return self.zone or self.area_id

    @property
    def rank(self) -> tuple[int, int, str]:
        """The deciding one first: by priority, then the smaller, then the older."""
        return (-self.priority, self.area_m2, self.area_id)


def entries_at(item: Item | None, address: Address, spot: Spot) -> list[Entry]:
    """The areas of a cell's item in which the spot lies, the deciding one first."""
    entries = (_entry(area_id, kept) for area_id, kept in (item or {"areas": {}})["areas"].items())
    found = [entry for entry in entries if entry.patch.contains(address.number, spot)]
    return sorted(found, key=lambda entry: entry.rank)


def replace_area(uow: UnitOfWork, area: Area, before: Iterable[str]) -> list[str]:
    """Write an area into its cells and out of those where it was before; return its cells.

    Raises
    ------
    UnusableArea
        If it has too many cells, or too much is drawn in one of them already.
    """
    patches = cells.cut(area.shape)
    if len(patches) > MOST_CELLS:
        refuse(Flaw.TOO_LARGE, "an area spreads over too much of the map; draw several")
    _rewrite(
        uow,
        area.owner,
        area.id,
        {cell: _kept(area, patch) for cell, patch in patches.items()},
        before,
    )
    return sorted(patches)


def remove_area(uow: UnitOfWork, owner: str, area_id: str, before: Iterable[str]) -> None:
    _rewrite(uow, owner, area_id, {}, before)


def _rewrite(
    uow: UnitOfWork, owner: str, area_id: str, after: dict[str, Item], before: Iterable[str]
) -> None:
    wanted = {keys.area_cell(owner, cell): cell for cell in {*before, *after}}
    known = uow.get_many(wanted)
    sizes = []
    for key, cell in wanted.items():
        item = known.get(key, {"areas": {}, "version": 0})
        version = item["version"]
        areas = {one: kept for one, kept in item["areas"].items() if one != area_id}
        if cell in after:
            areas[area_id] = after[cell]
        if areas:
            uow.put(key, {"areas": areas, "version": version + 1}, expect=version)
            sizes.append(sum(_size(kept) for kept in areas.values()))
        elif version:
            uow.delete(key, expect=version)
    if sizes and (max(sizes) > MOST_ITEM_BYTES or sum(sizes) > MOST_COMMIT_BYTES):
        refuse(Flaw.TOO_MANY_AREAS_HERE, "too much is drawn here: simplify it or remove some")


def _kept(area: Area, patch: Patch) -> Item:
    return {
        "use": area.use.value,
        "zone": area.zone,
        "priority": area.priority,
        "area_m2": area.shape.area_m2,
        "rules": None if area.rules is None else rules.to_item(area.rules),
        "states": patch.states,
        "looking_west": patch.looking_west,
        "edges": cells.pack(patch.parts),
    }


def _entry(area_id: str, kept: dict[str, Any]) -> Entry:
    return Entry(
        area_id=area_id,
        use=Use(kept["use"]),
        zone=kept["zone"],
        priority=kept["priority"],
        area_m2=kept["area_m2"],
        rules=None if kept["rules"] is None else rules.from_item(kept["rules"]),
        patch=Patch(
            bytes(kept["states"]), kept["looking_west"], cells.unpack(bytes(kept["edges"]))
        ),
    )


def _size(kept: dict[str, Any]) -> int:
    told = len(json.dumps(kept["rules"])) + len(kept["zone"] or "")
    return _OVERHEAD_BYTES + told + len(bytes(kept["states"])) + len(bytes(kept["edges"]))
