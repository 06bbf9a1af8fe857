"""When will it be there? The expected arrival at one stop of a route that is being driven.

The plan's arrival, moved by how late (or early) the route now is. Lateness is what the last visited
stop shows, and at least as much as the next stop is overdue. The answer is a span of twenty minutes
on five-minute marks, because a minute would promise more than anybody knows.
Source: schedule-deviation prediction as transit agencies use it (GTFS realtime "delay").
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, Stop, StopKind

_MARK = timedelta(minutes=5)
_BEFORE = timedelta(minutes=5)
_AFTER = timedelta(minutes=15)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Progress:
    """``stops_before``: other doors that the driver visits first."""

    expected_at: datetime
    earliest_at: datetime
    latest_at: datetime
    stops_before: int


def progress(route: Route, ref: DeliveryRef, now: datetime) -> Progress | None:
    """How far the route is from this delivery's door; None when its stop is over or not there."""
    ahead = [stop for stop in route.stops if not stop.status.is_over]
    mine = next(
        (stop for stop in ahead if stop.kind is StopKind.DROPOFF and ref in stop.deliveries), None
    )
    if mine is None:
        return None
    expected_at = max(now, mine.planned_arrival_at + _lateness(route, ahead[0], now))
    doors = [stop for stop in ahead if stop.kind is StopKind.DROPOFF]
    # Never a span that begins in the past.
    earliest_at = max(_mark(expected_at - _BEFORE), _mark(now))
    return Progress(
        expected_at=expected_at,
        earliest_at=earliest_at,
        latest_at=earliest_at + _BEFORE + _AFTER,
        stops_before=doors.index(mine),
    )


def _lateness(route: Route, coming: Stop, now: datetime) -> timedelta:
    visited = [stop for stop in route.stops if stop.arrived_at is not None]
    if coming.arrived_at is not None:
        return coming.arrived_at - coming.planned_arrival_at
    shown = timedelta(0)
    if visited and visited[-1].arrived_at is not None:
        shown = visited[-1].arrived_at - visited[-1].planned_arrival_at
    return max(shown, now - coming.planned_arrival_at)


def _mark(at: datetime) -> datetime:
    """The five-minute mark at or before an instant."""
    return at - (at - _EPOCH) % _MARK
