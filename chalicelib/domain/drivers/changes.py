"""What may change of a driver, and what follows from it for the work under way?

The desk changes the profile; home and language are the driver's own to tell. Each change
copies what planning and matching need onto the work item in the same commit. Papers that are taken
away while somebody drives end the offers, not the route.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.drivers import crew_rules, day_records, documents, store
from chalicelib.domain.drivers.documents import Document, DocumentKind
from chalicelib.domain.drivers.model import Block, Driver, Person, Vehicle, near
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit import tokens
from chalicelib.kit.crew_errors import DocumentMissing
from chalicelib.kit.errors import Conflict, DriverBusy, Invalid
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.kit.phone import Phone
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WantedVehicle:
    """``vehicle.id`` empty: a new one."""

    vehicle: Vehicle
    plate: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What the desk may set; None leaves it as it is. The first vehicle is the usual one."""

    name: str | None = None
    phone: Phone | None = None
    hub_id: str | None = None
    skills: frozenset[str] | None = None
    vehicles: tuple[WantedVehicle, ...] | None = None


@dataclass(frozen=True, slots=True)
class WantedDocument:
    kind: DocumentKind
    expires_on: date
    verified: bool
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True)
class WantedBlock:
    subject: str
    by: str
    why: str


def change(uow: UnitOfWork, driver_id: str, wanted: Changes, server_key: bytes) -> Driver:
    """Change a driver's profile.

    Raises
    ------
    NotFound
        If there is no such driver, or hub.
    Conflict
        If another driver has the phone.
    DriverBusy
        If a driver on duty is to change hubs.
    Invalid
        If a vehicle is named that the driver does not have.
    """
    before = store.load(uow, driver_id)
    person = store.load_person(uow, driver_id)
    after = before
    if wanted.phone is not None and wanted.phone != person.phone:
        _move_phone(uow, driver_id, person.phone, wanted.phone, server_key)
        person = replace(person, phone=wanted.phone)
    if wanted.name is not None:
        person = replace(person, name=wanted.name)
    if wanted.vehicles is not None:
        vehicles, plates = _vehicles(uow, before, wanted.vehicles)
        after = replace(after, vehicle=vehicles[0], vehicles=vehicles[1:])
        person = replace(person, plates=plates)
    if wanted.skills is not None:
        after = replace(after, skills=wanted.skills)
    if wanted.hub_id is not None and wanted.hub_id != before.hub_id:
        merchants.load_hub(uow, wanted.hub_id)
        after = replace(after, hub_id=wanted.hub_id)
    store.save_person(uow, driver_id, person)
    return _save(uow, before, after, person)


def set_documents(uow: UnitOfWork, driver_id: str, wanted: Sequence[WantedDocument]) -> Driver:
    """Put these papers in the place of all that there were.

    Raises
    ------
    NotFound
    Invalid
        If one belongs to a vehicle that the driver does not have.
    """
    before = store.load(uow, driver_id)
    known = {(one.kind, one.vehicle_id, one.expires_on): one for one in before.documents}
    kept = []
    for one in wanted:
        earlier = known.get((one.kind, one.vehicle_id, one.expires_on))
        reminded = () if earlier is None else earlier.reminded_days
        kept.append(Document(one.kind, one.expires_on, one.verified, one.vehicle_id, reminded))
    _require_vehicles(before, kept)
    return _save(uow, before, replace(before, documents=tuple(kept)))


def hand_in_document(uow: UnitOfWork, driver_id: str, wanted: WantedDocument) -> Driver:
    """A paper that the driver tells of; it counts once the desk has verified it.

    The papers before it stay: a renewal must not take the licence away that still holds.

    Raises
    ------
    NotFound, Invalid
        As :func:`set_documents` does.
    Conflict
        If there are too many.
    """
    before = store.load(uow, driver_id)
    new = Document(wanted.kind, wanted.expires_on, False, wanted.vehicle_id)
    same = (new.kind, new.vehicle_id, new.expires_on)
    if any((one.kind, one.vehicle_id, one.expires_on) == same for one in before.documents):
        return before
    if len(before.documents) >= documents.MOST_DOCUMENTS:
        raise Conflict("there are too many documents; the desk has to clear some away")
    _require_vehicles(before, [new])
    return _save(uow, before, replace(before, documents=(*before.documents, new)))


def set_blocks(uow: UnitOfWork, driver_id: str, wanted: Sequence[WantedBlock]) -> Driver:
    """Say whom this driver does not drive for; raise NotFound for who does not exist."""
    before = store.load(uow, driver_id)
    known = {(one.subject, one.by, one.why): one for one in before.blocks}
    blocks = []
    for one in wanted:
        if one.subject.startswith("hub_"):
            merchants.load_hub(uow, one.subject)
        else:
            merchants.load_merchant(uow, one.subject)
        new = Block(one.subject, one.by, one.why, uow.now)
        blocks.append(known.get((one.subject, one.by, one.why), new))
    return _save(uow, before, replace(before, blocks=tuple(blocks)))


def set_home(uow: UnitOfWork, driver_id: str, home: LatLng | None) -> Person:
    """Say where the way home leads, or take it back."""
    driver = store.load(uow, driver_id)
    person = replace(store.load_person(uow, driver_id), home=home)
    store.save_person(uow, driver_id, person)
    _follow(uow, driver, person)
    return person


def set_language(uow: UnitOfWork, driver_id: str, language: Language) -> Person:
    """Say which language the driver reads: texts are written in it."""
    person = replace(store.load_person(uow, driver_id), language=language)
    store.save_person(uow, driver_id, person)
    return person


def deactivate(uow: UnitOfWork, driver_id: str) -> Driver:
    """End all sessions, duty and offers; the driver cannot sign in until activated again.

    Raises
    ------
    NotFound
    DriverBusy
        If a route is under way: somebody has to finish it, or take it over, first.
    """
    before = store.load(uow, driver_id)
    if not before.active:
        return before
    work = store.load_work(uow, driver_id)
    if work.route_id is not None:
        raise DriverBusy("the driver has a route under way")
    return _save(uow, before, replace(before, active=False, sessions_end_at=uow.wall_now))


def activate(uow: UnitOfWork, driver_id: str) -> Driver:
    """Let a driver sign in again; raise NotFound."""
    before = store.load(uow, driver_id)
    if before.active:
        return before
    return _save(uow, before, replace(before, active=True))


def _save(uow: UnitOfWork, before: Driver, after: Driver, person: Person | None = None) -> Driver:
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    store.save(uow, after)
    _follow(uow, after, person)
    return after


def _follow(uow: UnitOfWork, driver: Driver, person: Person | None = None) -> None:
    """Bring the work item in step with the profile."""
    before = store.load_work(uow, driver.id)
    mine = {one.id: one for one in driver.all_vehicles()}
    if before.hub_id != driver.hub_id and before.on_duty:
        raise DriverBusy("the driver has to go off duty before changing hubs")
    vehicle = mine.get(before.vehicle.id, driver.vehicle)
    if before.route_id or before.offer:
        # What is under way or on offer was matched with the vehicle that is there.
        vehicle = before.vehicle
    after = replace(
        before,
        hub_id=driver.hub_id,
        vehicle=vehicle,
        skills=driver.skills,
        blocks=frozenset(one.subject for one in driver.blocks),
        home_near=before.home_near if person is None else near(person.home),
        on_duty=before.on_duty and driver.active,
        on_duty_since=before.on_duty_since if driver.active else None,
        shift_id=before.shift_id if driver.active else None,
        breaks=before.breaks if driver.active else (),
        papers_end_at=_papers_end(uow, driver, vehicle) if before.on_duty else None,
    )
    if after == before:
        return
    after = replace(after, version=before.version + 1)
    store.save_work(uow, after)
    if before.on_duty and not after.on_duty:
        if before.on_duty_since is not None:
            zone = merchants.load_hub(uow, before.hub_id).timezone
            day_records.add_duty(uow, driver.id, before.on_duty_since, uow.now, zone)
        data = {"hub_id": after.hub_id}
        uow.emit(Event("driver.off_duty", driver.id, after.version, uow.now, data))


def _papers_end(uow: UnitOfWork, driver: Driver, vehicle: Vehicle) -> datetime | None:
    required = crew_rules.load(uow, driver.hub_id).papers_of(vehicle.kind)
    zone = merchants.load_hub(uow, driver.hub_id).timezone
    try:
        return documents.good_until(driver.documents, required, vehicle.id, zone)
    except DocumentMissing:
        return uow.now


def _vehicles(
    uow: UnitOfWork, driver: Driver, wanted: Sequence[WantedVehicle]
) -> tuple[tuple[Vehicle, ...], dict[str, str]]:
    mine = {one.id for one in driver.all_vehicles()}
    vehicles, plates = [], {}
    for one in wanted:
        if one.vehicle.id and one.vehicle.id not in mine:
            fields = [{"field": "vehicles", "error": "the driver has no vehicle of this id"}]
            raise Invalid("there is no such vehicle", fields=fields)
        vehicle = one.vehicle if one.vehicle.id else replace(one.vehicle, id=uow.new_id("veh"))
        vehicles.append(vehicle)
        if one.plate is not None:
            plates[vehicle.id] = one.plate
    if len({one.id for one in vehicles}) < len(vehicles):
        fields = [{"field": "vehicles", "error": "one vehicle stands there twice"}]
        raise Invalid("one vehicle stands there twice", fields=fields)
    return tuple(vehicles), plates


def _require_vehicles(driver: Driver, wanted: Sequence[Document]) -> None:
    mine = {one.id for one in driver.all_vehicles()}
    if any(one.vehicle_id is not None and one.vehicle_id not in mine for one in wanted):
        fields = [{"field": "vehicle_id", "error": "not one of the driver's vehicles"}]
        raise Invalid("the driver has no such vehicle", fields=fields)


def _move_phone(uow: UnitOfWork, driver_id: str, old: Phone, new: Phone, server_key: bytes) -> None:
    taken = keys.driver_phone(tokens.phone_hash(server_key, new.e164))
    if uow.get(taken) is not None:
        raise Conflict("another driver has this phone number")
    uow.put(taken, {"driver_id": driver_id}, expect=0)
    uow.delete(keys.driver_phone(tokens.phone_hash(server_key, old.e164)), expect=None)
