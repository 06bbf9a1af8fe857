"""Use cases of drivers: enrol, go on and off duty."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.drivers import crew_rules, day_records, documents, rota, store
from chalicelib.domain.drivers.model import Driver, Person, Vehicle, Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit import tokens
from chalicelib.kit.errors import Conflict, DriverBusy, Invalid
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.phone import Phone
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: How long a driver is taken to be there who does not say when the shift ends.
USUAL_SHIFT = timedelta(hours=8)
#: How long after the end of a shift somebody who is still on duty is taken off it.
OVERDUE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewDriver:
    name: str
    phone: Phone
    hub_id: str
    vehicle: Vehicle
    skills: frozenset[str] = frozenset()
    plate: str | None = None


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
    vehicle = replace(new.vehicle, id=uow.new_id("veh"))
    driver = Driver(uow.new_id("drv"), new.hub_id, vehicle, skills=new.skills)
    plates = {} if new.plate is None else {vehicle.id: new.plate}
    store.save(uow, driver)
    store.save_person(uow, driver.id, Person(new.name, new.phone, plates=plates))
    store.save_work(uow, Work(driver.id, driver.hub_id, vehicle, version=1, skills=driver.skills))
    uow.put(keys.driver_phone(hashed), {"driver_id": driver.id}, expect=0)
    return driver


def go_on_duty(
    uow: UnitOfWork,
    driver_id: str,
    position: LatLng,
    shift_ends_at: datetime | None,
    vehicle_id: str | None = None,
) -> Work:
    """Be there for offers until the end of the shift; saying it again moves position and end.

    Within a planned shift (or shortly before) that is the shift: its end and its vehicle unless
    others are named, and its breaks.

    Raises
    ------
    DocumentMissing, DocumentExpired
        If a paper that the hub asks for with this vehicle is not good.
    DriverBusy
        If another vehicle is chosen while a route is under way or on offer.
    Invalid
        If the driver has no such vehicle.
    """
    before = store.load_work(uow, driver_id)
    driver = store.load(uow, driver_id)
    shift = rota.current(uow, driver_id)
    usual_id = None if shift is None or before.on_duty else shift.vehicle_id
    vehicle = _chosen(driver, before, vehicle_id, usual_id)
    if vehicle != before.vehicle and (before.route_id or before.offer):
        raise DriverBusy("finish your route before you change vehicles")
    papers_end_at = _papers(uow, driver, vehicle)
    if shift is not None:
        rota.begin(uow, shift)
    usual_end = uow.now + USUAL_SHIFT if shift is None else shift.end_at
    after = replace(
        before,
        on_duty=True,
        position=position,
        vehicle=vehicle,
        shift_ends_at=shift_ends_at or usual_end,
        shift_id=None if shift is None else shift.id,
        breaks=() if shift is None else shift.breaks,
        papers_end_at=papers_end_at,
        on_duty_since=before.on_duty_since if before.on_duty else uow.now,
        earned_minor=before.earned_minor if before.on_duty else 0,
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
    return _end_duty(uow, before, uow.now)


def end_overdue_duty(uow: UnitOfWork, driver_id: str) -> bool:
    """Take somebody off duty whose shift ended a while ago, unless a route is under way.

    A phone that was switched off says no goodbye. The time counts to the end of the shift.
    """
    work = store.load_work(uow, driver_id)
    ends_at = work.shift_ends_at
    if not work.is_free or ends_at is None or uow.now < ends_at + OVERDUE_AFTER:
        return False
    _end_duty(uow, work, ends_at)
    return True


def _end_duty(uow: UnitOfWork, before: Work, at: datetime) -> Work:
    if not before.on_duty:
        return before
    if before.on_duty_since is not None:
        zone = merchants.load_hub(uow, before.hub_id).timezone
        day_records.add_duty(uow, before.driver_id, before.on_duty_since, at, zone)
    after = replace(
        before,
        on_duty=False,
        on_duty_since=None,
        shift_id=None,
        breaks=(),
        version=before.version + 1,
    )
    store.save_work(uow, after)
    uow.emit(_news("driver.off_duty", after, uow.now))
    return after


def _chosen(driver: Driver, work: Work, vehicle_id: str | None, usual_id: str | None) -> Vehicle:
    """The vehicle that was named, else the shift's, else the one last used, else the first."""
    mine = {one.id: one for one in driver.all_vehicles()}
    if vehicle_id is None:
        return mine.get(usual_id or "") or mine.get(work.vehicle.id, driver.vehicle)
    if vehicle_id not in mine:
        fields = [{"field": "vehicle_id", "error": "not one of your vehicles"}]
        raise Invalid("you have no such vehicle", fields=fields)
    return mine[vehicle_id]


def _papers(uow: UnitOfWork, driver: Driver, vehicle: Vehicle) -> datetime | None:
    required = crew_rules.load(uow, driver.hub_id).papers_of(vehicle.kind)
    if not required:
        return None
    zone = merchants.load_hub(uow, driver.hub_id).timezone
    return documents.require_good(driver.documents, required, vehicle.id, zone, uow.now)


def _news(what: str, work: Work, at: datetime) -> Event:
    return Event(what, work.driver_id, work.version, at, {"hub_id": work.hub_id})
