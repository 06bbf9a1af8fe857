"""Use cases of drivers: enrol, go on and off duty."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.drivers import store
from chalicelib.domain.drivers.model import Driver, Person, Vehicle, Work
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, DriverBusy
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.phone import Phone
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: How long a driver is taken to be there who does not say when the shift ends.
USUAL_SHIFT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class NewDriver:
    name: str
    phone: Phone
    hub_id: str
    vehicle: Vehicle


def enrol(uow: UnitOfWork, new: NewDriver, server_key: bytes) -> Driver:
    """Take a driver on.

    Raises
    ------
    Conflict
        If another driver has this phone.
    """
    hashed = tokens.phone_hash(server_key, new.phone.e164)
    if uow.get(keys.driver_phone(hashed)) is not None:
        raise Conflict("another driver has this phone number")
    driver = Driver(uow.new_id("drv"), new.hub_id, new.vehicle)
    store.save(uow, driver)
    store.save_person(uow, driver.id, Person(new.name, new.phone))
    store.save_work(uow, Work(driver.id, driver.hub_id, driver.vehicle, version=1))
    uow.put(keys.driver_phone(hashed), {"driver_id": driver.id}, expect=0)
    return driver


def go_on_duty(
    uow: UnitOfWork, driver_id: str, position: LatLng, shift_ends_at: datetime | None
) -> Work:
    """Be there for offers until the end of the shift; saying it again moves position and end."""
    before = store.load_work(uow, driver_id)
    after = replace(
        before,
        on_duty=True,
        position=position,
        shift_ends_at=shift_ends_at or uow.now + USUAL_SHIFT,
        on_duty_since=before.on_duty_since if before.on_duty else uow.now,
        version=before.version + 1,
    )
    store.save_work(uow, after)
    if not before.on_duty:
        uow.emit(_news("driver.on_duty", after, uow.now))
    return after


def go_off_duty(uow: UnitOfWork, driver_id: str) -> Work:
    """Stop getting offers.

    Raises
    ------
    DriverBusy
        If a route is under way: it has to be finished or given back first.
    """
    before = store.load_work(uow, driver_id)
    if before.route_id is not None:
        raise DriverBusy("finish your route first")
    if not before.on_duty:
        return before
    after = replace(before, on_duty=False, version=before.version + 1)
    store.save_work(uow, after)
    uow.emit(_news("driver.off_duty", after, uow.now))
    return after


def _news(what: str, work: Work, at: datetime) -> Event:
    return Event(what, work.driver_id, work.version, at, {"hub_id": work.hub_id})
