"""Is the driver at the next stop? What the fixes show, for where nobody tapped.

Arrived: 45 seconds within 80 m. Left: two fixes in a row outside of 104 m. It fills gaps for what
is learned of handling times, and lets the app ask "did you arrive?"; a tap is the truth and never
written over. Source: measured in our design, "ETA, tracking, alerts" (95 % of arrivals are seen at
a fix every 5 to 15 s; neighbouring stops confuse the rest).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.tracking.positions import Point
from chalicelib.kit.geo import LatLng

NEAR_M, AWAY_M = 80, 104
DWELL = timedelta(seconds=45)
FIXES_OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """What was seen at one stop so far."""

    stop_id: str
    position: LatLng
    near_since: datetime | None = None
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    outside: int = 0
    outside_since: datetime | None = None


def watch(visit: Visit, points: Sequence[Point]) -> Visit:
    """What is seen after some more fixes, in their order."""
    for point in points:
        if visit.left_at is not None:
            break
        visit = _step(visit, point)
    return visit


def _step(visit: Visit, point: Point) -> Visit:
    away_m = visit.position.distance_m(point.position)
    if visit.arrived_at is None:
        if away_m > NEAR_M:
            return replace(visit, near_since=None)
        since = visit.near_since or point.at
        arrived_at = since if point.at - since >= DWELL else None
        return replace(visit, near_since=since, arrived_at=arrived_at)
    if away_m <= AWAY_M:
        return replace(visit, outside=0, outside_since=None)
    since, outside = visit.outside_since or point.at, visit.outside + 1
    left_at = since if outside >= FIXES_OUTSIDE else None
    return replace(visit, outside=outside, outside_since=since, left_at=left_at)
