"""When will each stop ahead be reached? The middle of what can be expected, from what is known.

From the last thing that happened (a tap, or a fix after it) the rest of the route is played
forward: planned driving times and learned handling times, both stretched by the driver's pace of
today. The pace is what the stops so far took against what was expected of them, pulled toward 1
by twelve imaginary stops, so that one slow door says little and twenty say much.
Sources: our measurements (docs/benchmarks.md, "Expected arrivals"); shrinkage as in Efron and
Morris 1975. How sure the answer is, is another question: see ``windows``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.kit.geo import LatLng

#: Imaginary stops on plan that the pace of a route begins with.
PSEUDO_STOPS = 12
_SLOWEST, _FASTEST = 2.5, 0.5
#: A stop that took so much longer than expected was a break, or trouble: no pace.
_MOST_TIMES_EXPECTED = 3.0
#: What is still ahead, at the least, of a leg or a handling that is overdue.
_LEAST_LEFT = 0.15
#: Crow-fly driving where the plan has no leg: about 16 km/h [s/m].
_USUAL_S_PER_M = 0.22
#: A plan's legs shorter than this say nothing about its speed [m].
_TELLING_M = 50

#: How long handling takes at a stop [s].
Handling = Callable[[Stop], float]


@dataclass(frozen=True, slots=True)
class Expected:
    """A stop ahead; ``doors_before`` are other doors that come first."""

    stop: Stop
    at: datetime
    horizon_s: float
    doors_before: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the driver was at a time."""

    position: LatLng
    at: datetime


@dataclass(frozen=True, slots=True)
class _Visit:
    """A stop that counts: ``leg_s`` leads to it, ``opens_at`` is when the plan waits for it."""

    stop: Stop
    leg_s: float
    handling_s: float
    opens_at: datetime | None


def as_planned(stop: Stop) -> float:
    """Handling as the plan has it: for a hub that nothing was learned of yet."""
    return float(stop.service_s)


def forecast(
    route: Route, now: datetime, handling: Handling = as_planned, seen: Seen | None = None
) -> list[Expected]:
    """What is expected at every stop that is not over, in their order."""
    visits = _visits(route, handling)
    ahead = [visit for visit in visits if not visit.stop.status.is_over]
    if not ahead:
        return []
    over = [visit for visit in visits if visit.stop.status.is_over]
    pace = pace_of(over)
    at = _next_arrival(over[-1] if over else None, ahead[0], route, pace, now, seen)
    found: list[Expected] = []
    doors = 0
    for visit, following in zip(ahead, [*ahead[1:], None], strict=True):
        horizon_s = max(0.0, (at - now).total_seconds())
        found.append(Expected(visit.stop, at, horizon_s, doors))
        doors += visit.stop.kind is StopKind.DROPOFF
        if following is not None:
            left_at = _left_at(visit, at, pace, now)
            at = left_at + timedelta(seconds=following.leg_s * pace)
    return found


def pace_of(over: Sequence[_Visit]) -> float:
    """How many times as long as expected the stops so far took, shrunk toward 1."""
    expected_s = actual_s = 0.0
    count = 0
    for one, other in pairwise(over):
        began_at, ended_at = _arrived_at(one), _arrived_at(other)
        if began_at is None or ended_at is None or one.opens_at is not None:
            continue
        expected = one.handling_s + other.leg_s
        taken = (ended_at - began_at).total_seconds()
        if expected <= 0 or taken < 0:
            continue
        expected_s += expected
        actual_s += min(taken, _MOST_TIMES_EXPECTED * expected)
        count += 1
    if not count:
        return 1.0
    shrink_s = PSEUDO_STOPS * expected_s / count
    return min(_SLOWEST, max(_FASTEST, (actual_s + shrink_s) / (expected_s + shrink_s)))


def _arrived_at(visit: _Visit) -> datetime | None:
    """When a stop was reached: the tap, else reckoned back from the tap that ended it."""
    stop = visit.stop
    if stop.arrived_at is not None and stop.arrived_at != stop.done_at:
        return stop.arrived_at
    if stop.done_at is None:
        return None
    return stop.done_at - timedelta(seconds=visit.handling_s)


def _next_arrival(
    last: _Visit | None,
    coming: _Visit,
    route: Route,
    pace: float,
    now: datetime,
    seen: Seen | None,
) -> datetime:
    if coming.stop.arrived_at is not None and coming.stop.status is StopStatus.ARRIVED:
        return coming.stop.arrived_at
    left_at = None if last is None else last.stop.done_at
    if last is None or left_at is None or route.status is not RouteStatus.UNDER_WAY:
        return max(now, coming.stop.planned_arrival_at)
    leg_s = coming.leg_s * pace
    reached_at = left_at + timedelta(seconds=leg_s)
    if seen is not None and seen.at >= left_at:
        whole_m = max(_TELLING_M, last.stop.position.distance_m(coming.stop.position))
        left = min(1.5, seen.position.distance_m(coming.stop.position) / whole_m)
        reached_at = seen.at + timedelta(seconds=leg_s * max(left, 0.05))
    return max(reached_at, now + timedelta(seconds=leg_s * _LEAST_LEFT))


def _left_at(visit: _Visit, reached_at: datetime, pace: float, now: datetime) -> datetime:
    handling_s = visit.handling_s * pace
    begins_at = reached_at if visit.opens_at is None else max(reached_at, visit.opens_at)
    left_at = begins_at + timedelta(seconds=handling_s)
    if visit.stop.status is StopStatus.ARRIVED:
        return max(left_at, now + timedelta(seconds=handling_s * _LEAST_LEFT))
    return left_at


def _visits(route: Route, handling: Handling) -> list[_Visit]:
    """The stops that count with the legs between them; what was skipped is driven past."""
    planned = {stop.id: leg for stop, leg in _planned_legs(route)}
    found: list[_Visit] = []
    before: Stop | None = None
    skipped = False
    for stop in route.stops:
        if stop.status is StopStatus.SKIPPED:
            skipped = True
            continue
        leg_s = planned[stop.id]
        if before is not None and (skipped or stop.kind is StopKind.RETURN):
            # The plan has no such leg: it led by way of the stop that fell away.
            leg_s = before.position.distance_m(stop.position) * _speed(route, planned)
        found.append(_Visit(stop, leg_s, handling(stop), _opens_at(stop)))
        before, skipped = stop, False
    return found


def _planned_legs(route: Route) -> Iterator[tuple[Stop, float]]:
    """Each stop with the driving that the plan has before it [s]."""
    yield route.stops[0], 0.0
    for one, other in pairwise(route.stops):
        gap_s = (other.planned_arrival_at - one.planned_arrival_at).total_seconds()
        driving_s = gap_s - one.service_s
        opens_at = None if one.window is None else one.window.start_at
        if opens_at is not None and opens_at > one.planned_arrival_at:
            waited_s = (opens_at - one.planned_arrival_at).total_seconds()
            driving_s -= waited_s if waited_s <= driving_s else 0.0
        yield other, max(0.0, driving_s)


def _opens_at(stop: Stop) -> datetime | None:
    """When handling can begin, where the plan waits for it."""
    if stop.window is None or stop.window.start_at <= stop.planned_arrival_at:
        return None
    return stop.window.start_at


def _speed(route: Route, planned: dict[str, float]) -> float:
    """Seconds of driving for a metre as the crow flies, as this plan has it."""
    metres = seconds = 0.0
    for one, other in pairwise(route.stops):
        away_m = one.position.distance_m(other.position)
        if away_m >= _TELLING_M and other.kind is not StopKind.RETURN:
            metres += away_m
            seconds += planned[other.id]
    return seconds / metres if metres and seconds else _USUAL_S_PER_M
