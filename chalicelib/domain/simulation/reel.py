"""How did the day go by? Every stop with its times, small enough to be looked at as a film.

One download for the desk's slider: times are seconds from the day's first moment, places are metres
east and south of the hub, and each stop is a short row of whole numbers. Read from the routes
alone, which know when they were where; a delivery that no route carried is not in it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.simulation import recording
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import whole_day
from chalicelib.storage.unit_of_work import UnitOfWork


class Frame(IntEnum):
    """What a stop is, in the first place of its row."""

    PICKUP = 0
    DROPOFF = 1
    RETURN = 2


class End(IntEnum):
    """How a stop ended, in the last place of its row."""

    OPEN = 0
    DONE = 1
    FAILED = 2


_FRAMES = {
    StopKind.PICKUP: Frame.PICKUP,
    StopKind.DROPOFF: Frame.DROPOFF,
    StopKind.RETURN: Frame.RETURN,
}
_ENDS = {StopStatus.DONE: End.DONE, StopStatus.FAILED: End.FAILED}

#: Kind, east, south, planned, due, arrived, done, parcels, end; what is not known is None.
type StopRow = list[int | None]


@dataclass(frozen=True, slots=True)
class Track:
    """A route in the film."""

    route_id: str
    driver_id: str | None
    vehicle_kind: str
    begins_s: int
    stops: tuple[StopRow, ...]


@dataclass(frozen=True, slots=True)
class Reel:
    """A hub's day; ``lasts_s`` from its first moment to its last."""

    hub_id: str
    day: date
    begins_at: datetime
    lasts_s: int
    tracks: tuple[Track, ...]


def of_day(uow: UnitOfWork, hub_id: str, day: date) -> Reel:
    """Raise NotFound for a hub that there is not; a day of which nothing is known has no tracks."""
    hub = merchants.load_hub(uow, hub_id)
    routes = recording.routes_of(uow, hub, day)
    shown = [one for one in routes if one.status is not RouteStatus.CANCELLED]
    begins_at = min(
        (one.planned_at for one in shown), default=whole_day(day, hub.timezone).start_at
    ).replace(second=0, microsecond=0)
    tracks = tuple(_track(one, hub.position, begins_at) for one in shown)
    ends = [
        at
        for track in tracks
        for row in track.stops
        for at in (row[3], row[5], row[6])
        if at is not None
    ]
    return Reel(hub.id, day, begins_at, max(ends, default=0), tracks)


def _track(route: Route, hub: LatLng, begins_at: datetime) -> Track:
    driven = [one for one in route.stops if one.status is not StopStatus.SKIPPED]
    ordered = sorted(driven, key=lambda one: (one.arrived_at or one.planned_arrival_at, one.id))
    starts = route.planned_at if route.expected_at is None else route.expected_at
    return Track(
        route.id,
        route.driver_id,
        route.vehicle_kind.value,
        _seconds(starts, begins_at),
        tuple(_row(one, hub, begins_at) for one in ordered),
    )


def _row(stop: Stop, hub: LatLng, begins_at: datetime) -> StopRow:
    east, south = hub.offset_m(stop.position)
    due = None if stop.window is None else stop.window.end_at
    return [
        _FRAMES[stop.kind].value,
        east,
        south,
        _seconds(stop.planned_arrival_at, begins_at),
        _known(due, begins_at),
        _known(stop.arrived_at, begins_at),
        _known(stop.done_at, begins_at),
        len(stop.deliveries),
        _ENDS.get(stop.status, End.OPEN).value,
    ]


def _known(at: datetime | None, begins_at: datetime) -> int | None:
    return None if at is None else _seconds(at, begins_at)


def _seconds(at: datetime, begins_at: datetime) -> int:
    return int((at - begins_at).total_seconds())
