"""Use cases of coverage: draw areas, set rules, look a door up; places are in ``capacity``."""

from dataclasses import dataclass, replace

from chalicelib.domain.coverage import cells, index, rules, store
from chalicelib.domain.coverage.index import Entry
from chalicelib.domain.coverage.model import Area, Covered, NotCovered, Outside, Rules, Use
from chalicelib.domain.coverage.shape import Shape, spot_of
from chalicelib.domain.coverage.store import Directory
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import Conflict
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Areas of one hub or of one merchant.
MOST_AREAS = 200


@dataclass(frozen=True, slots=True)
class Drawing:
    """An area as somebody draws it, already checked."""

    name: str
    use: Use
    shape: Shape
    zone: str | None = None
    priority: int = 0
    rules: Rules | None = None


def draw_area(uow: UnitOfWork, owner: str, drawing: Drawing) -> Area:
    """Add an area to a hub or to a merchant.

    Raises
    ------
    UnusableArea
    Conflict
        If the owner has as many areas as it may have.
    """
    directory = store.load_directory(uow, owner)
    if directory.area_count >= MOST_AREAS:
        raise Conflict(f"there are {MOST_AREAS} areas at most")
    area = _area(uow.new_id("zon"), owner, drawing, version=1)
    store.save_area(uow, area, index.replace_area(uow, area, ()))
    _recount(uow, owner, directory, gained=area.use)
    return area


def redraw_area(uow: UnitOfWork, owner: str, area_id: str, drawing: Drawing) -> Area:
    """Replace an area; raise NotFound or UnusableArea."""
    before, old_cells = store.load_area(uow, owner, area_id)
    directory = store.load_directory(uow, owner)
    area = _area(area_id, owner, drawing, version=before.version + 1)
    store.save_area(uow, area, index.replace_area(uow, area, old_cells))
    _recount(uow, owner, directory, lost=before.use, gained=area.use)
    return area


def erase_area(uow: UnitOfWork, owner: str, area_id: str) -> None:
    """Remove an area; raise NotFound."""
    before, old_cells = store.load_area(uow, owner, area_id)
    directory = store.load_directory(uow, owner)
    index.remove_area(uow, owner, area_id, old_cells)
    uow.delete(keys.area(owner, area_id), expect=before.version)
    _recount(uow, owner, directory, lost=before.use)


def set_rules(uow: UnitOfWork, hub_id: str, new: Rules) -> Rules:
    """Set what a hub promises, as a whole."""
    directory = store.load_directory(uow, hub_id)
    store.save_directory(uow, hub_id, replace(directory, rules=new, version=directory.version + 1))
    return new


def look_up(uow: UnitOfWork, merchant_id: str, hub: Hub, position: LatLng) -> Covered | NotCovered:
    """Whether a hub delivers to a door for a merchant, in which zone, by which promises.

    One request of four items. A door of which no item knows is asked about once more: the first
    area of an owner may have been drawn, or its last one erased, between the reads of two items.
    """
    answer, is_torn = _ask(uow, merchant_id, hub, position)
    if is_torn:
        answer, _ = _ask(uow, merchant_id, hub, position)
    return answer


def _ask(
    uow: UnitOfWork, merchant_id: str, hub: Hub, position: LatLng
) -> tuple[Covered | NotCovered, bool]:
    """The answer, and whether it may be due to items of different moments."""
    address, spot = cells.address_of(position), spot_of(position)
    owners = (merchant_id, hub.id)
    items = uow.get_many(
        [
            *(keys.coverage(owner) for owner in owners),
            *(keys.area_cell(owner, address.item) for owner in owners),
        ]
    )
    directories = [store.directory_from_item(items.get(keys.coverage(one))) for one in owners]
    kept = [items.get(keys.area_cell(one, address.item)) for one in owners]
    of_merchant, of_hub = (index.entries_at(item, address, spot) for item in kept)
    is_torn = any(
        item is None and directory.delivery_areas
        for item, directory in zip(kept, directories, strict=True)
    )
    if not _is_in_network(hub, directories[1], of_hub, position):
        return NotCovered(Outside.NETWORK), is_torn
    if directories[0].delivery_areas and not _delivery(of_merchant):
        return NotCovered(Outside.MERCHANT), is_torn
    return _covered(hub, directories[1].rules, of_merchant, of_hub), False


def _is_in_network(hub: Hub, directory: Directory, of_hub: list[Entry], position: LatLng) -> bool:
    if directory.delivery_areas:
        return bool(_delivery(of_hub))
    return hub.position.distance_m(position) <= hub.radius_m


def _covered(hub: Hub, hub_rules: Rules, of_merchant: list[Entry], of_hub: list[Entry]) -> Covered:
    zones = [*(one for one in of_merchant if one.zone), *of_hub]
    ruling = next((one for one in of_hub if one.rules is not None), None)
    return Covered(
        zone_id=zones[0].zone_id if zones else None,
        area_ids=tuple(dict.fromkeys(one.area_id for one in (*zones, *of_merchant))),
        promises=rules.promises(
            hub,
            hub_rules,
            ruling.area_id if ruling else None,
            ruling.rules if ruling else None,
        ),
    )


def _area(area_id: str, owner: str, drawing: Drawing, *, version: int) -> Area:
    return Area(
        id=area_id,
        owner=owner,
        name=drawing.name,
        use=drawing.use,
        shape=drawing.shape,
        zone=drawing.zone,
        priority=drawing.priority,
        rules=drawing.rules,
        version=version,
    )


def _recount(
    uow: UnitOfWork,
    owner: str,
    directory: Directory,
    *,
    lost: Use | None = None,
    gained: Use | None = None,
) -> None:
    """The owner's item is written with every change, so that changes come one after the other."""

    def change(use: Use) -> int:
        return (gained is use) - (lost is use)

    store.save_directory(
        uow,
        owner,
        replace(
            directory,
            delivery_areas=directory.delivery_areas + change(Use.DELIVERY),
            pricing_areas=directory.pricing_areas + change(Use.PRICING),
            version=directory.version + 1,
        ),
    )


def _delivery(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.use is Use.DELIVERY]
