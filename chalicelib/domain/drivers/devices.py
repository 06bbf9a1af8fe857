"""Whose phone is this? Keys by which a tracking app sends positions without signing in.

A driver (or the desk) makes a key for a device; it is shown once, stands in the address that the
app posts to, opens nothing else, and can be taken back. Only its hash is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.drivers import store
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import road_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: A phone, a spare one, one in the van; and room for a mistake.
MOST_DEVICES = 5


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    driver_id: str
    name: str
    created_at: datetime


def add(uow: UnitOfWork, driver_id: str, name: str) -> tuple[Device, str]:
    """Make a key for a device; returns it in the clear, for this once.

    Raises
    ------
    NotFound
        If there is no such driver.
    Conflict
        If the driver has as many devices as one may have.
    """
    store.load(uow, driver_id)
    if len(list_all(uow, driver_id)) >= MOST_DEVICES:
        raise Conflict(f"{MOST_DEVICES} devices is the most; take one away first")
    key = tokens.new_token()
    key_hash = tokens.hash_secret(key)
    device = Device(uow.new_id("dev"), driver_id, name, uow.now)
    item: Item = {
        "id": device.id,
        "driver_id": driver_id,
        "name": name,
        "created_at": write_instant(device.created_at),
        "key_hash": key_hash,
    }
    uow.put(road_keys.device_shown(driver_id, device.id), item, expect=0)
    uow.put(road_keys.device(key_hash), {"driver_id": driver_id, "device_id": device.id}, expect=0)
    return device, key


def list_all(uow: UnitOfWork, driver_id: str) -> list[Device]:
    pk, prefix = road_keys.devices(driver_id)
    return [_from_item(item) for item in uow.query_all(TableName.CORE, pk, prefix)]


def remove(uow: UnitOfWork, driver_id: str, device_id: str) -> None:
    """Take a device's key back; raise NotFound."""
    item = uow.get(road_keys.device_shown(driver_id, device_id))
    if item is None:
        raise NotFound("there is no such device")
    uow.delete(road_keys.device_shown(driver_id, device_id), expect=item["version"])
    uow.delete(road_keys.device(item["key_hash"]), expect=None)


def owner_of(uow: UnitOfWork, key: str) -> str:
    """The driver whose device has this key; raise NotFound."""
    item = uow.get(road_keys.device(tokens.hash_secret(key)))
    if item is None:
        raise NotFound("there is no such device")
    driver_id: str = item["driver_id"]
    return driver_id


def _from_item(item: Item) -> Device:
    created_at = read_instant(item["created_at"])
    return Device(item["id"], item["driver_id"], item["name"], created_at)
