"""How drivers are kept: codec and queries."""

from typing import Any

from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.domain.drivers.model import Driver, Person, Vehicle, VehicleKind, Work
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import Index
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def load(uow: UnitOfWork, driver_id: str) -> Driver:
    item = uow.get(keys.driver(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return Driver(
        id=item["id"],
        hub_id=item["hub_id"],
        vehicle=_vehicle_from_item(item["vehicle"]),
        version=item["version"],
    )


def save(uow: UnitOfWork, driver: Driver) -> None:
    item: Item = {
        "id": driver.id,
        "hub_id": driver.hub_id,
        "vehicle": _vehicle_to_item(driver.vehicle),
        "version": driver.version,
    }
    uow.put(keys.driver(driver.id), item, expect=driver.version - 1)


def load_person(uow: UnitOfWork, driver_id: str) -> Person:
    item = uow.get(keys.driver_person(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return Person(name=item["name"], phone=Phone(item["phone"]))


def save_person(uow: UnitOfWork, driver_id: str, person: Person) -> None:
    uow.put(
        keys.driver_person(driver_id),
        {"name": person.name, "phone": person.phone.e164},
        expect=None,
    )


def load_work(uow: UnitOfWork, driver_id: str) -> Work:
    item = uow.get(keys.driver_work(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return _work_from_item(item)


def list_on_duty(uow: UnitOfWork, hub_id: str) -> list[Work]:
    """The drivers of a hub on duty; the index may lag, so the items themselves are read."""
    rows = uow.query_all(Index.ATTENTION, keys.drivers_on_duty(hub_id))
    found = uow.get_many(keys.driver_work(row["g3sk"]) for row in rows)
    works = [_work_from_item(item) for item in found.values()]
    return sorted((work for work in works if work.on_duty), key=lambda work: work.driver_id)


def save_work(uow: UnitOfWork, work: Work) -> None:
    item: Item = {
        "driver_id": work.driver_id,
        "hub_id": work.hub_id,
        "vehicle": _vehicle_to_item(work.vehicle),
        "version": work.version,
        "on_duty": work.on_duty,
        "shift_ends_at": None if work.shift_ends_at is None else write_instant(work.shift_ends_at),
        "position": None if work.position is None else str(work.position),
        "offer": None if work.offer is None else list(work.offer),
        "route_id": work.route_id,
        "last_route_id": work.last_route_id,
        "declined": None if work.declined is None else list(work.declined),
        "habits": _habits_to_item(work.habits),
        "no_shows": work.no_shows,
        "earned_minor": work.earned_minor,
        "lost": None if work.lost is None else list(work.lost),
    }
    if work.on_duty:
        item["g3pk"] = keys.drivers_on_duty(work.hub_id)
        item["g3sk"] = work.driver_id
    uow.put(keys.driver_work(work.driver_id), item, expect=work.version - 1, subject=work.driver_id)


def _vehicle_to_item(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "kind": vehicle.kind.value,
        "max_weight_g": vehicle.max_weight_g,
        "max_volume_ml": vehicle.max_volume_ml,
    }


def _vehicle_from_item(item: dict[str, Any]) -> Vehicle:
    return Vehicle(VehicleKind(item["kind"]), item["max_weight_g"], item["max_volume_ml"])


def _work_from_item(item: Item) -> Work:
    ends, position = item["shift_ends_at"], item["position"]
    offer, declined, lost = item["offer"], item["declined"], item.get("lost")
    return Work(
        driver_id=item["driver_id"],
        hub_id=item["hub_id"],
        vehicle=_vehicle_from_item(item["vehicle"]),
        version=item["version"],
        on_duty=item["on_duty"],
        shift_ends_at=None if ends is None else read_instant(ends),
        position=None if position is None else LatLng.parse(position),
        offer=None if offer is None else (offer[0], offer[1]),
        route_id=item["route_id"],
        last_route_id=item["last_route_id"],
        declined=None if declined is None else (declined[0], declined[1]),
        habits=_habits_from_item(item.get("habits")),
        no_shows=item.get("no_shows", 0),
        earned_minor=item.get("earned_minor", 0),
        lost=None if lost is None else (lost[0], lost[1]),
    )


def _habits_to_item(habits: Habits) -> dict[str, Any] | None:
    if habits.as_of is None:
        return None
    return {
        "counts": [habits.accepted_milli, habits.declined_milli, habits.expired_milli],
        "as_of": write_instant(habits.as_of),
        "missed_at": [write_instant(at) for at in habits.missed_at],
    }


def _habits_from_item(item: dict[str, Any] | None) -> Habits:
    if item is None:
        return Habits()
    missed_at = tuple(read_instant(at) for at in item["missed_at"])
    accepted, declined, expired = item["counts"]
    return Habits(accepted, declined, expired, read_instant(item["as_of"]), missed_at)
