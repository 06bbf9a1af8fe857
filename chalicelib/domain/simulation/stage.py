"""How does a simulated day begin? Empty tables with the hub's settings, and what will come of it.

Every delivery of the recording comes in again when it became ready, as it was then: with its first
promise, its own door, and without what was done about it. What recipients and shops did meanwhile
(took back an order) they do again at the same minute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries.model import (
    BY_RECOVERY,
    Confidence,
    Delivery,
    DoorKind,
    HistoryEntry,
    Home,
    Place,
    Status,
)
from chalicelib.domain.deliveries.requirements import NOTHING
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Stop, StopKind
from chalicelib.domain.drivers import crew_rules
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Driver
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import (
    Compartments,
    PickupPoint,
    PointKind,
    Size,
)
from chalicelib.domain.simulation import choices as chosen
from chalicelib.domain.simulation.choices import Choices
from chalicelib.domain.simulation.recorded import CrewMember, RecordedDay
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import WEEKDAYS, WeekHours, whole_day
from chalicelib.kit.ids import named_id
from chalicelib.storage import keys
from chalicelib.storage.keys import Key
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork

#: What handing over at a door takes where nobody ever wrote it down [s].
DOOR_SERVICE_S = 180
#: A locker more: what the field's usual one has.
_LOCKER = (
    Compartments(Size.SMALL, 20, 8_000, 18_000),
    Compartments(Size.MEDIUM, 20, 15_000, 45_000),
    Compartments(Size.LARGE, 8, 25_000, 90_000),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that becomes ready, and when its shop took it back, if it did."""

    at: datetime
    delivery: Delivery
    cancelled_at: datetime | None
    cancelled_why: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """The hub as it is played, and what comes from outside."""

    hub: Hub
    arrivals: tuple[Arrival, ...]
    crew: tuple[CrewMember, ...]


def hub_of(day: RecordedDay) -> Hub:
    """The hub as it was recorded."""
    item = day.item(keys.hub(day.hub_id))
    assert item is not None
    return merchants.hub_from_item(item)


def begins_at(day: RecordedDay) -> datetime:
    """Midnight on the hub's wall, or when the first thing happened."""
    first = min((one.start_at for member in day.crew for one in member.duty), default=None)
    midnight = whole_day(day.day, hub_of(day).timezone).start_at
    return midnight if first is None else min(midnight, first)


def set_up(notebook: Notebook, uow: UnitOfWork, day: RecordedDay, choices: Choices) -> Stage:
    """Put everything in its place; the caller commits."""
    before = hub_of(day)
    for key, item in day.kept:
        if not _is_point(key):
            notebook.seed(key, item)
    hub = replace(chosen.rules_of(before, choices), version=before.version + 1)
    merchants.save_hub(uow, hub)
    _waive_papers(uow, hub.id)
    for point in _points(day, hub, choices):
        # Of several in one cell each writes the cell's line: within one unit they see each other.
        pickup_points.save(uow, replace(point, version=1, operator=None))
    crew = chosen.crew_of(day.crew, day.deliveries, choices)
    for member in crew:
        work = member.work
        drivers.save(uow, Driver(work.driver_id, hub.id, work.vehicle, skills=work.skills))
        drivers.save_work(uow, replace(work, hub_id=hub.id))
    return Stage(hub, tuple(_arrivals(day, hub, choices)), tuple(crew))


def _is_point(key: Key) -> bool:
    return key.pk == keys.PICKUP_POINTS[0]


def _waive_papers(uow: UnitOfWork, hub_id: str) -> None:
    """Whoever drove on that day had good papers; which, a recording does not say."""
    rules = crew_rules.load(uow, hub_id)
    crew_rules.save(uow, hub_id, replace(rules, required={}, version=rules.version + 1))


def _points(day: RecordedDay, hub: Hub, choices: Choices) -> Iterator[PickupPoint]:
    if not choices.lockers:
        return
    for key, item in day.kept:
        if _is_point(key):
            yield pickup_points.from_item(item)
    doors = sorted({str(one.dropoff) for one in day.deliveries if one.pickup_point_id is None})
    always = WeekHours.from_item({weekday: [[0, 1440]] for weekday in WEEKDAYS})
    places = _spread_out([LatLng.parse(one) for one in doors], choices.more_lockers)
    for number, at in enumerate(places):
        yield PickupPoint(
            id=named_id("pup", day.recorded_at, f"{hub.id} locker {number}"),
            name=f"Locker {number + 1}",
            kind=PointKind.LOCKER,
            line1="",
            city="",
            postal_code="",
            country=hub.country,
            position=at,
            timezone=hub.timezone,
            hours=always,
            compartments=_LOCKER,
        )


def _spread_out(doors: list[LatLng], count: int) -> list[LatLng]:
    """Where lockers would stand: each next one at the door that is farthest from all before, the
    first at the one that is nearest to all others; so of more lockers the first are the same."""
    if not doors or not count:
        return []
    middle = LatLng(
        sum(one.latitude for one in doors) / len(doors),
        sum(one.longitude for one in doors) / len(doors),
    )
    found = [min(doors, key=middle.distance_m)]
    away = [one.distance_m(found[0]) for one in doors]
    while len(found) < min(count, len(doors)):
        at = max(range(len(doors)), key=away.__getitem__)
        found.append(doors[at])
        away = [min(a, one.distance_m(doors[at])) for a, one in zip(away, doors, strict=True)]
    return found


def _arrivals(day: RecordedDay, hub: Hub, choices: Choices) -> Iterator[Arrival]:
    begins = begins_at(day)
    first_stops = _first_stops(day)
    stores = _stores(day)
    for one in day.deliveries:
        ref = DeliveryRef(one.merchant_id, one.id)
        fresh = _as_it_was(one, hub, first_stops.get(ref, {}), stores, begins)
        window = chosen.window_of(fresh.window, choices)
        ready_at = max(begins, _ready_at(one, begins))
        taken = next((e for e in one.history if e.what == "cancelled"), None)
        fresh = _begun(replace(fresh, window=window), ready_at)
        if not choices.lockers and fresh.pickup_point_id is not None:
            fresh = replace(fresh, pickup_point_id=None, door=DoorKind.APARTMENT)
            fresh = replace(fresh, service_s=DOOR_SERVICE_S)
        cancelled_at = None if taken is None else taken.at
        yield Arrival(ready_at, fresh, cancelled_at, None if taken is None else taken.reason)


def _as_it_was(
    delivery: Delivery,
    hub: Hub,
    stops: Mapping[StopKind, Stop],
    stores: Mapping[str, Place],
    begins: datetime,
) -> Delivery:
    """A delivery before its day: its first promise, its own door, its tries of earlier days."""
    pickup, door = stops.get(StopKind.PICKUP), stops.get(StopKind.DROPOFF)
    fresh = delivery
    if delivery.home is not None and _moved_by_recovery(delivery):
        fresh = _at_home(delivery, delivery.home)
    if door is not None and door.window is not None:
        fresh = replace(fresh, window=door.window)
    if pickup is not None and delivery.pickup.position != pickup.position:
        there = stores.get(str(pickup.position), Place(hub.id, hub.name, hub.position))
        fresh = replace(fresh, pickup=replace(there, position=pickup.position))
    return replace(
        fresh,
        attempts=tuple(one for one in delivery.attempts if one.at < begins),
        route_id=None,
        driver_id=None,
        reason=None,
        collect_by=None,
        booking=None,
        confidence=Confidence.CONFIRMED,
        # A proof is the driver's; here everybody has what is asked for.
        requirements=replace(fresh.requirements, pin=False),
    )


def _moved_by_recovery(delivery: Delivery) -> bool:
    moves = [one for one in delivery.history if one.what == "redirected"]
    return bool(moves) and moves[-1].by == BY_RECOVERY


def _at_home(delivery: Delivery, home: Home) -> Delivery:
    return replace(
        delivery,
        dropoff=home.dropoff,
        door=home.door,
        requirements=home.requirements or NOTHING,
        service_s=home.service_s,
        door_key=home.door_key,
        shop_door_key=home.shop_door_key,
        pickup_point_id=None,
        home=None,
    )


def _begun(delivery: Delivery, ready_at: datetime) -> Delivery:
    """Created and ready: two entries, as ``deliveries.create`` leaves one."""
    history = (
        HistoryEntry(1, "created", Status.CREATED, min(delivery.created_at, ready_at)),
        HistoryEntry(2, "ready", Status.READY, ready_at),
    )
    return replace(delivery, status=Status.READY, version=2, history=history)


def _ready_at(delivery: Delivery, begins: datetime) -> datetime:
    """When it could be planned first on this day."""
    ready = [e.at for e in delivery.history if e.status is Status.READY and e.what != "unplanned"]
    today = [at for at in ready if at >= begins]
    return min(today, default=max(ready, default=delivery.created_at))


def _first_stops(day: RecordedDay) -> dict[DeliveryRef, dict[StopKind, Stop]]:
    """Where each delivery was first to be picked up and handed over."""
    found: dict[DeliveryRef, dict[StopKind, Stop]] = {}
    for route in sorted(day.routes, key=lambda one: (one.planned_at, one.id)):
        for stop in route.stops:
            for ref in stop.deliveries:
                found.setdefault(ref, {}).setdefault(stop.kind, stop)
    return found


def _stores(day: RecordedDay) -> dict[str, Place]:
    """The stores of the merchants by where they are."""
    found = {}
    for key, item in day.kept:
        if key.sk == "A" and key.pk.startswith("M#"):
            for store in item["stores"]:
                place = Place(store["id"], store["name"], LatLng.parse(store["position"]))
                found[str(place.position)] = place
    return found
