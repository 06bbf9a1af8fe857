"""What do finished routes teach? How long handling takes by kind of door, and how far off we were.

Handling times are means per hub and kind, begun with twelve imaginary stops of what the plan says
(empirical Bayes: a hub's first doors move them little). The errors of forecasts are counted in
bins per bucket of horizon; their percentiles are mixed with the shipped ones until some hundreds
of forecasts were counted. What is old weighs half whenever a count is full, so both follow the
seasons. Every number is an integer, as it is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from chalicelib.domain.deliveries.model import DoorKind
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.tracking import forecast
from chalicelib.domain.tracking.windows import BUCKETS, Spread, Spreads, bucket_of

PSEUDO_STOPS = 12
#: Forecasts of a bucket from which on its own percentiles count as much as the shipped ones.
PSEUDO_ERRORS = 400
_MOST_STOPS, _MOST_ERRORS = 2_000, 8_000
#: Shorter was tapped in one go, longer was a break [s].
SHORTEST_S, LONGEST_S = 15, 3_600
#: Width of a bin [s] by bucket, and how many there are before and after "as expected".
BIN_S = (10, 15, 30, 45, 60, 90, 150)
BINS_EARLY, BINS_LATE = 24, 40
_BINS = BINS_EARLY + BINS_LATE
#: Forecasts of one route are alike: so many stops of it are looked back on.
_LOOKS = 12


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and the sum of their seconds."""

    stops: int = 0
    total_s: int = 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """What one hub has learned; ``errors`` are counts by bucket and bin."""

    handling: Mapping[str, Count] = field(default_factory=dict)
    errors: tuple[tuple[int, ...], ...] = ((0,) * _BINS,) * BUCKETS
    version: int = 0

    def handling_s(self, stop: Stop) -> float:
        """How long handling is expected to take at a stop [s]."""
        count = self.handling.get(kind_of(stop), Count())
        return (count.total_s + PSEUDO_STOPS * stop.service_s) / (count.stops + PSEUDO_STOPS)

    def spreads(self, shipped: Spreads) -> tuple[Spread, ...]:
        """The percentiles that count for this hub."""
        return tuple(
            _mixed(counts, bucket, shipped[bucket]) for bucket, counts in enumerate(self.errors)
        )


def kind_of(stop: Stop) -> str:
    """What a stop is counted as: the kind of its door, or what else is done there."""
    if stop.kind is not StopKind.DROPOFF:
        return stop.kind.value
    return (stop.door or DoorKind.HOUSE).value


def learn(lessons: Lessons, route: Route, seen: Mapping[str, tuple[datetime, datetime]]) -> Lessons:
    """Add what a finished route teaches; ``seen`` are arrivals and departures off the trail."""
    handling = dict(lessons.handling)
    for kind, taken_s in handled(route, seen):
        count = handling.get(kind, Count())
        if count.stops >= _MOST_STOPS:
            count = Count(count.stops // 2, count.total_s // 2)
        handling[kind] = Count(count.stops + 1, count.total_s + taken_s)
    errors = [list(counts) for counts in lessons.errors]
    for horizon_s, late_s in looked_back(route, lessons):
        bucket = bucket_of(horizon_s)
        errors[bucket][_bin_of(late_s, bucket)] += 1
    kept = tuple(
        tuple(n // 2 for n in counts) if sum(counts) > _MOST_ERRORS else tuple(counts)
        for counts in errors
    )
    return replace(lessons, handling=handling, errors=kept)


def handled(
    route: Route, seen: Mapping[str, tuple[datetime, datetime]]
) -> Iterable[tuple[str, int]]:
    """Kind and seconds of each stop whose handling can be told.

    The taps are the truth; where both came in one go, what the trail shows fills the gap.
    """
    for stop in route.stops:
        if stop.status not in (StopStatus.DONE, StopStatus.FAILED) or stop.done_at is None:
            continue
        taken_s = 0
        if stop.arrived_at is not None:
            taken_s = int((stop.done_at - stop.arrived_at).total_seconds())
        if taken_s < SHORTEST_S and stop.id in seen:
            arrived_at, left_at = seen[stop.id]
            taken_s = int((min(left_at, stop.done_at) - arrived_at).total_seconds())
        if SHORTEST_S <= taken_s <= LONGEST_S:
            yield kind_of(stop), taken_s


def looked_back(route: Route, lessons: Lessons) -> Iterable[tuple[float, float]]:
    """Horizon and error [s] of what would have been forecast as each stop ended."""
    ended = [stop for stop in route.stops if stop.done_at is not None]
    step = max(1, len(ended) // _LOOKS)
    # From the middle of each step: the first stop alone knows least, and would count too much.
    for stop in ended[step // 2 :: step]:
        now = stop.done_at
        if now is None:
            continue
        for one in forecast.forecast(as_it_was(route, now), now, lessons.handling_s):
            later = route.stop(one.stop.id)
            arrived_at = None if later is None else later.arrived_at
            if arrived_at is not None and arrived_at > now:
                yield one.horizon_s, (arrived_at - one.at).total_seconds()


def as_it_was(route: Route, then: datetime) -> Route:
    """A route as it stood at an earlier time."""
    stops = tuple(_as_it_was(stop, then) for stop in route.stops)
    return replace(route, status=RouteStatus.UNDER_WAY, stops=stops)


def _as_it_was(stop: Stop, then: datetime) -> Stop:
    if stop.status is StopStatus.SKIPPED or (stop.done_at is not None and stop.done_at <= then):
        return stop
    if stop.arrived_at is not None and stop.arrived_at <= then:
        return replace(stop, status=StopStatus.ARRIVED, done_at=None)
    return replace(stop, status=StopStatus.PENDING, arrived_at=None, done_at=None)


def _bin_of(late_s: float, bucket: int) -> int:
    return min(_BINS - 1, max(0, int(late_s // BIN_S[bucket]) + BINS_EARLY))


def percentile(counts: Sequence[int], share: float, bucket: int) -> float:
    """The error [s] that this share of the counted ones is below; within a bin all are alike."""
    wanted = share * sum(counts)
    for index, below in enumerate(accumulate(counts)):
        if below >= wanted and counts[index]:
            inside = 1 - (below - wanted) / counts[index]
            return (index - BINS_EARLY + inside) * BIN_S[bucket]
    return 0.0


def _mixed(counts: Sequence[int], bucket: int, shipped: Spread) -> Spread:
    total = sum(counts)
    if not total:
        return shipped
    own = total / (total + PSEUDO_ERRORS)
    p10, p50, p90 = (percentile(counts, share, bucket) for share in (0.1, 0.5, 0.9))
    return Spread(
        own * p10 + (1 - own) * shipped.p10_s,
        own * p50 + (1 - own) * shipped.p50_s,
        own * p90 + (1 - own) * shipped.p90_s,
    )
