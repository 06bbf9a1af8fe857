"""What does an operator keep for a delivery, as far as we know? One item per delivery and point."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


class HoldState(StrEnum):
    WANTED = "wanted"  # asked for, or about to be: nobody knows yet
    HELD = "held"
    REFUSED = "refused"
    RELEASED = "released"

    @property
    def may_be_there(self) -> bool:
        """Whether the operator may keep a compartment for it."""
        return self in (HoldState.WANTED, HoldState.HELD)


@dataclass(frozen=True, slots=True)
class Hold:
    """``open_code`` opens a door for the courier; ``door_open_at``: it was left open then."""

    point_id: str
    operator_id: str
    state: HoldState
    version: int = 0
    open_code: str | None = None
    door_open_at: datetime | None = None


def load(uow: UnitOfWork, ref: DeliveryRef, point_id: str) -> Hold | None:
    item = uow.get(keys.locker_hold(ref.merchant_id, ref.delivery_id, point_id))
    return None if item is None else _from_item(item)


def load_all(uow: UnitOfWork, ref: DeliveryRef) -> list[Hold]:
    """Of one delivery, whatever points it was to go to."""
    partition = keys.locker_holds(ref.merchant_id, ref.delivery_id)
    return [_from_item(item) for item in uow.query_all(TableName.CORE, *partition)]


def open_codes(uow: UnitOfWork, refs: Iterable[DeliveryRef], point_id: str) -> dict[str, str]:
    """What the courier types at a point, by delivery; only what is surely reserved there."""
    keyed = {keys.locker_hold(ref.merchant_id, ref.delivery_id, point_id): ref for ref in refs}
    found = {keyed[key]: _from_item(item) for key, item in uow.get_many(keyed).items()}
    return {
        ref.delivery_id: hold.open_code
        for ref, hold in found.items()
        if hold.open_code is not None and hold.state is HoldState.HELD
    }


def save(uow: UnitOfWork, ref: DeliveryRef, hold: Hold) -> None:
    item = {
        "point_id": hold.point_id,
        "operator_id": hold.operator_id,
        "state": hold.state.value,
        "open_code": hold.open_code,
        "door_open_at": hold.door_open_at and write_instant(hold.door_open_at),
        "version": hold.version + 1,
    }
    key = keys.locker_hold(ref.merchant_id, ref.delivery_id, hold.point_id)
    uow.put(key, item, expect=hold.version, subject=subject_of(ref, hold.point_id))


def subject_of(ref: DeliveryRef, point_id: str) -> str:
    return f"{ref.delivery_id}.{point_id}"


def _from_item(item: Item) -> Hold:
    opened = item.get("door_open_at")
    return Hold(
        point_id=item["point_id"],
        operator_id=item["operator_id"],
        state=HoldState(item["state"]),
        version=item["version"],
        open_code=item["open_code"],
        door_open_at=read_instant(opened) if opened else None,
    )
