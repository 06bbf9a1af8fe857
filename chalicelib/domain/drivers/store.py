"""How drivers are kept: codec and queries."""

from datetime import date, datetime
from typing import Any

from chalicelib.domain.drivers.acceptance import Habits
from chalicelib.domain.drivers.documents import Document, DocumentKind, next_reminder_on
from chalicelib.domain.drivers.model import (
    Block,
    BreakWindow,
    Driver,
    Person,
    Vehicle,
    VehicleKind,
    Work,
)
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import crew_keys, keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def load(uow: UnitOfWork, driver_id: str) -> Driver:
    item = uow.get(keys.driver(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return _driver_from_item(item)


def save(uow: UnitOfWork, driver: Driver, today: date | None = None) -> None:
    """Save; ``today`` is the hub's, where it is known: when papers have to be looked at again."""
    ends = driver.sessions_end_at
    item: Item = {
        "id": driver.id,
        "hub_id": driver.hub_id,
        "vehicle": _vehicle_to_item(driver.vehicle),
        "version": driver.version,
        "vehicles": [_vehicle_to_item(one) for one in driver.vehicles],
        "skills": sorted(driver.skills),
        "blocks": [_block_to_item(one) for one in driver.blocks],
        "documents": [_document_to_item(one) for one in driver.documents],
        "active": driver.active,
        "sessions_end_at": None if ends is None else write_instant(ends),
        "g2pk": crew_keys.hub_drivers(driver.hub_id),
        "g2sk": driver.id,
    }
    today = today or uow.now.date()
    remind_on = next_reminder_on(driver.documents, today) if driver.active else None
    if remind_on is not None:
        item["g3pk"] = crew_keys.CLOCK
        item["g3sk"] = f"{remind_on.isoformat()}T#{driver.id}"
    uow.put(keys.driver(driver.id), item, expect=driver.version - 1)


def list_of_hub(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Driver], Cursor | None]:
    """A page of a hub's drivers, read from the items."""
    page = uow.query(Index.LISTS, crew_keys.hub_drivers(hub_id), limit=limit, after=after)
    wanted = [keys.driver(row["g2sk"]) for row in page.items]
    found = uow.get_many(wanted)
    return [_driver_from_item(found[key]) for key in wanted if key in found], page.cursor


def load_person(uow: UnitOfWork, driver_id: str) -> Person:
    item = uow.get(keys.driver_person(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return _person_from_item(item)


def load_people(uow: UnitOfWork, driver_ids: list[str]) -> dict[str, Person]:
    """The personal data of several drivers, by id."""
    wanted = {keys.driver_person(driver_id): driver_id for driver_id in driver_ids}
    found = uow.get_many(wanted)
    return {wanted[key]: _person_from_item(item) for key, item in found.items()}


def save_person(uow: UnitOfWork, driver_id: str, person: Person) -> None:
    item: Item = {"name": person.name, "phone": person.phone.e164, "plates": dict(person.plates)}
    if person.home is not None:
        item["home"] = str(person.home)
    if person.language is not None:
        item["language"] = person.language.value
    uow.put(keys.driver_person(driver_id), item, expect=None)


def load_work(uow: UnitOfWork, driver_id: str) -> Work:
    item = uow.get(keys.driver_work(driver_id))
    if item is None:
        raise NotFound("there is no such driver")
    return work_from_item(item)


def load_works(uow: UnitOfWork, driver_ids: list[str]) -> list[Work]:
    """What exists of these, by id."""
    found = uow.get_many(keys.driver_work(driver_id) for driver_id in driver_ids)
    return sorted(map(work_from_item, found.values()), key=lambda work: work.driver_id)


def ids_on_duty(uow: UnitOfWork, hub_id: str) -> list[str]:
    """Who is on duty, as the index has it: for what may lag a little, like a map."""
    return [row["g3sk"] for row in uow.query_all(Index.ATTENTION, keys.drivers_on_duty(hub_id))]


def list_on_duty(uow: UnitOfWork, hub_id: str) -> list[Work]:
    """The drivers of a hub on duty; the index may lag, so the items themselves are read."""
    rows = uow.query_all(Index.ATTENTION, keys.drivers_on_duty(hub_id))
    found = uow.get_many(keys.driver_work(row["g3sk"]) for row in rows)
    works = [work_from_item(item) for item in found.values()]
    return sorted((work for work in works if work.on_duty), key=lambda work: work.driver_id)


def save_work(uow: UnitOfWork, work: Work) -> None:
    item = work_to_item(work)
    uow.put(keys.driver_work(work.driver_id), item, expect=work.version - 1, subject=work.driver_id)


def work_to_item(work: Work) -> Item:
    item: Item = {
        "driver_id": work.driver_id,
        "hub_id": work.hub_id,
        "vehicle": _vehicle_to_item(work.vehicle),
        "version": work.version,
        "on_duty": work.on_duty,
        "shift_ends_at": _instant(work.shift_ends_at),
        "position": None if work.position is None else str(work.position),
        "offer": None if work.offer is None else list(work.offer),
        "route_id": work.route_id,
        "last_route_id": work.last_route_id,
        "declined": None if work.declined is None else list(work.declined),
        "habits": _habits_to_item(work.habits),
        "no_shows": work.no_shows,
        "earned_minor": work.earned_minor,
        "lost": None if work.lost is None else list(work.lost),
        "skills": sorted(work.skills),
        "blocks": sorted(work.blocks),
        "home_near": None if work.home_near is None else str(work.home_near),
        "breaks": breaks_to_item(work.breaks),
        "papers_end_at": _instant(work.papers_end_at),
        "on_duty_since": _instant(work.on_duty_since),
        "shift_id": work.shift_id,
    }
    if work.on_duty:
        item["g3pk"] = keys.drivers_on_duty(work.hub_id)
        item["g3sk"] = work.driver_id
    return item


def breaks_to_item(breaks: tuple[BreakWindow, ...]) -> list[list[Any]]:
    return [
        [write_instant(one.earliest_at), write_instant(one.latest_at), one.duration_s]
        for one in breaks
    ]


def breaks_from_item(rows: list[list[Any]]) -> tuple[BreakWindow, ...]:
    return tuple(
        BreakWindow(read_instant(earliest), read_instant(latest), duration_s)
        for earliest, latest, duration_s in rows
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _vehicle_to_item(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "kind": vehicle.kind.value,
        "max_weight_g": vehicle.max_weight_g,
        "max_volume_ml": vehicle.max_volume_ml,
        "id": vehicle.id,
    }


def _vehicle_from_item(item: dict[str, Any]) -> Vehicle:
    return Vehicle(
        VehicleKind(item["kind"]),
        item["max_weight_g"],
        item["max_volume_ml"],
        item.get("id", ""),
    )


def _block_to_item(block: Block) -> dict[str, str]:
    at = write_instant(block.at)
    return {"subject": block.subject, "by": block.by, "why": block.why, "at": at}


def _document_to_item(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind.value,
        "expires_on": document.expires_on.isoformat(),
        "verified": document.verified,
        "vehicle_id": document.vehicle_id,
        "reminded": list(document.reminded_days),
    }


def _document_from_item(item: dict[str, Any]) -> Document:
    return Document(
        DocumentKind(item["kind"]),
        date.fromisoformat(item["expires_on"]),
        item["verified"],
        item["vehicle_id"],
        tuple(item["reminded"]),
    )


def _driver_from_item(item: Item) -> Driver:
    return Driver(
        id=item["id"],
        hub_id=item["hub_id"],
        vehicle=_vehicle_from_item(item["vehicle"]),
        version=item["version"],
        vehicles=tuple(map(_vehicle_from_item, item.get("vehicles", ()))),
        skills=frozenset(item.get("skills", ())),
        blocks=tuple(
            Block(one["subject"], one["by"], one["why"], read_instant(one["at"]))
            for one in item.get("blocks", ())
        ),
        documents=tuple(map(_document_from_item, item.get("documents", ()))),
        active=item.get("active", True),
        sessions_end_at=_read(item.get("sessions_end_at")),
    )


def _person_from_item(item: Item) -> Person:
    home = item.get("home")
    return Person(
        name=item["name"],
        phone=Phone(item["phone"]),
        home=None if home is None else LatLng.parse(home),
        plates=dict(item.get("plates", {})),
        language=Language(item["language"]) if "language" in item else None,
    )


def work_from_item(item: Item) -> Work:
    position, home = item["position"], item.get("home_near")
    offer, declined, lost = item["offer"], item["declined"], item.get("lost")
    return Work(
        driver_id=item["driver_id"],
        hub_id=item["hub_id"],
        vehicle=_vehicle_from_item(item["vehicle"]),
        version=item["version"],
        on_duty=item["on_duty"],
        shift_ends_at=_read(item["shift_ends_at"]),
        position=None if position is None else LatLng.parse(position),
        offer=None if offer is None else (offer[0], offer[1]),
        route_id=item["route_id"],
        last_route_id=item["last_route_id"],
        declined=None if declined is None else (declined[0], declined[1]),
        habits=_habits_from_item(item.get("habits")),
        no_shows=item.get("no_shows", 0),
        earned_minor=item.get("earned_minor", 0),
        lost=None if lost is None else (lost[0], lost[1]),
        skills=frozenset(item.get("skills", ())),
        blocks=frozenset(item.get("blocks", ())),
        home_near=None if home is None else LatLng.parse(home),
        breaks=breaks_from_item(item.get("breaks", [])),
        papers_end_at=_read(item.get("papers_end_at")),
        on_duty_since=_read(item.get("on_duty_since")),
        shift_id=item.get("shift_id"),
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
