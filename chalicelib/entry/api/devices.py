"""Devices of a driver: keys for tracking apps, made by the driver or by the desk."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Response
from pydantic import AwareDatetime

from chalicelib import wiring
from chalicelib.domain.drivers import devices
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.devices import Device
from chalicelib.entry import rest, work
from chalicelib.entry.auth import DRIVER, OPERATOR
from chalicelib.entry.path_parts import DeviceId, DriverId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")
desk = Doors(bp, tag="Operator")

_ID = "dev_01m83qpnc10y2w525st46371np"
_URL = "https://example.org/v1/trackers/qZHLu2Qe0vG9mX4tR7sB1nK8dF3hJ6pW5cY0aE2iO4U"


class NewDevice(rest.Body):
    name: rest.Name

    model_config = rest.example(name="Phone in the van")


class DeviceAnswer(rest.Answer):
    id: str
    name: str
    created_at: AwareDatetime


class AddedDevice(rest.Answer):
    """`url` is what the tracking app posts to. It holds the key and is shown this once."""

    id: str
    name: str
    created_at: AwareDatetime
    url: str

    model_config = rest.example(
        id=_ID, name="Phone in the van", created_at="2026-11-23T08:17:35.098Z", url=_URL
    )


class Devices(rest.Answer):
    """The devices whose keys are good."""

    devices: list[DeviceAnswer]

    model_config = rest.example(
        devices=[{"id": _ID, "name": "Phone in the van", "created_at": "2026-11-23T08:17:35.098Z"}]
    )


@doors.route(
    "POST",
    "/v1/driver/devices",
    who=(DRIVER,),
    answers={201: AddedDevice},
    errors=(Conflict,),
)
def add_device(driver_id: str, body: NewDevice) -> Mapping[str, Any]:
    """Make a key for a tracking app on your phone; five at most."""
    return _add(driver_id, body.name)


@doors.route("GET", "/v1/driver/devices", who=(DRIVER,), answers={200: Devices})
def list_devices(driver_id: str) -> Mapping[str, Any]:
    """List your devices, without their keys."""
    found = work.read(lambda uow: devices.list_all(uow, driver_id))
    return {"devices": [_shown(device) for device in found]}


@doors.route("DELETE", "/v1/driver/devices/{device_id}", who=(DRIVER,), answers={204: None})
def remove_device(driver_id: str, device_id: DeviceId) -> Response:
    """Take a device's key back; from then on it is not heard."""
    work.run(lambda uow: devices.remove(uow, driver_id, device_id))
    return rest.nothing()


@desk.route(
    "POST",
    "/v1/drivers/{driver_id}/devices",
    who=(OPERATOR,),
    answers={201: AddedDevice},
    errors=(Conflict,),
)
def add_device_of(driver_id: DriverId, body: NewDevice) -> Mapping[str, Any]:
    """Make a key for a driver's tracking app, for drivers who need a hand."""
    return _add(driver_id, body.name)


@desk.route("GET", "/v1/drivers/{driver_id}/devices", who=(OPERATOR,), answers={200: Devices})
def list_devices_of(driver_id: DriverId) -> Mapping[str, Any]:
    """List a driver's devices, without their keys."""

    def known(uow: UnitOfWork) -> list[Device]:
        drivers.load(uow, driver_id)
        return devices.list_all(uow, driver_id)

    return {"devices": [_shown(device) for device in work.read(known)]}


@desk.route(
    "DELETE",
    "/v1/drivers/{driver_id}/devices/{device_id}",
    who=(OPERATOR,),
    answers={204: None},
)
def remove_device_of(driver_id: DriverId, device_id: DeviceId) -> Response:
    """Take the key of a driver's device back: a phone was lost, or somebody left."""
    work.run(lambda uow: devices.remove(uow, driver_id, device_id))
    return rest.nothing()


def _add(driver_id: str, name: str) -> dict[str, Any]:
    device, key = work.run(lambda uow: devices.add(uow, driver_id, name))
    base_url = wiring.settings().public_base_url.rstrip("/")
    return {**_shown(device), "url": f"{base_url}/v1/trackers/{key}"}


def _shown(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "created_at": write_instant(device.created_at),
    }
