"""How fast is a town really? Learned from the taps of its drivers, by kind of vehicle.

A leg begins when a stop is left and ends when the next one is reached, both by the time of the tap;
what lies between is driving and looking for the door, which is what the travel model predicts. A
route is learned from once, when it is over; hearing of it again finds a mark.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.routing import travel
from chalicelib.domain.routing.calibration import Calibration, Counts, Sample, calibrate
from chalicelib.kit.events import Event
from chalicelib.storage import travel_keys as keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than an event can be on its way: redeliveries end after days.
_REMEMBERED = timedelta(days=30)


def learn(uow: UnitOfWork, event: Event) -> None:
    """On ``route.completed``."""
    mark = keys.pace_learned(event.subject)
    if uow.get(mark) is not None:
        return
    route = store.load_route(uow, event.subject)
    hub = merchants.load_hub(uow, route.hub_id)
    samples = list(samples_of(route, ZoneInfo(hub.timezone)))
    uow.put(mark, {}, expect=0, expires_at=uow.wall_now + _REMEMBERED)
    if not samples:
        return
    key = keys.town_pace(route.hub_id, route.vehicle_kind.value)
    item = uow.get(key)
    version = 0 if item is None else item["version"]
    counts = (Counts() if item is None else _read(item["bands"])).with_samples(samples)
    uow.put(key, {"bands": _write(counts), "version": version + 1}, expect=version)


def load(uow: UnitOfWork, hub_id: str) -> dict[str, Calibration]:
    """What was learned of a hub's town, for the kinds of vehicles that it knows."""
    items = uow.query_all(TableName.CORE, keys.town_paces(hub_id))
    return {item["sk"]: calibrate(_read(item["bands"])) for item in items}


def samples_of(route: Route, zone: ZoneInfo) -> Iterator[Sample]:
    """The legs of a route whose beginning and end were tapped."""
    visited = sorted(
        (stop for stop in route.stops if stop.arrived_at and stop.done_at),
        key=lambda stop: (stop.arrived_at, stop.done_at),
    )
    for before, after in pairwise(visited):
        assert before.done_at is not None
        assert after.arrived_at is not None
        # Who taps both at once has arrived some time before.
        if after.done_at == after.arrived_at:
            continue
        depart_at = before.done_at.astimezone(zone)
        points = [before.position, after.position]
        predicted = travel.matrix(points, depart_at, route.vehicle_kind.value)
        yield Sample(
            crow_m=before.position.distance_m(after.position),
            depart_at=depart_at,
            predicted_s=predicted.duration_s[0][1],
            actual_s=round((after.arrived_at - before.done_at).total_seconds()),
        )


def _write(counts: Counts) -> dict[str, dict[str, int]]:
    return {
        f"{distance}.{hour}": {str(step): count for step, count in steps.items()}
        for (distance, hour), steps in counts.steps.items()
    }


def _read(bands: dict[str, dict[str, int]]) -> Counts:
    found = {}
    for name, steps in bands.items():
        distance, _, hour = name.partition(".")
        found[int(distance), int(hour)] = {int(step): int(n) for step, n in steps.items()}
    return Counts(found)
