"""Which of a phone's fixes are believed, and which of those are worth keeping?

A phone reports in batches, late, twice and sometimes nonsense. Believed is what can be true:
precise to 100 m, of the time on duty, not from the future, not reached faster than 150 km/h from
the fixes around it. Of what is believed one a minute or one in 150 m is kept; the rest is thinned
out. A batch that comes late (the stairwell had no signal) fills the trail and never moves the
latest position back.
Sources: W3C Geolocation (``accuracy``: 95 % radius, ``speed``: m/s); the limits are our choice,
measured for thinning in our design, "ETA, tracking, alerts" (11 % of five-second fixes are kept).
"""

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.kit.geo import LatLng

WORST_ACCURACY_M = 100
FASTEST_MPS = 150 / 3.6
#: A phone's clock may be ahead of ours by so much; its fix then counts as of now.
CLOCK_SKEW = timedelta(minutes=5)
#: Longer than any shift: what is older tells nobody anything.
OLDEST = timedelta(hours=16)
KEEP_EVERY = timedelta(seconds=60)
KEEP_EVERY_M = 150


@dataclass(frozen=True, slots=True)
class Ping:
    """One fix of a phone."""

    position: LatLng
    at: datetime
    accuracy_m: float = 0.0
    speed_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """A fix that is believed."""

    position: LatLng
    at: datetime


class Refusal(StrEnum):
    OFF_DUTY = "off_duty"
    IMPRECISE = "imprecise"
    TOO_FAST = "too_fast"
    FROM_THE_FUTURE = "from_the_future"
    TOO_OLD = "too_old"
    KNOWN_ALREADY = "known_already"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of a batch.

    ``believed`` are all that can be true and are news, by time; ``kept`` those of them that the
    trail needs; ``refused`` are pairs of the place in the batch and the reason.
    """

    believed: tuple[Point, ...]
    kept: tuple[Point, ...]
    refused: tuple[tuple[int, Refusal], ...]


def sort_out(
    pings: Sequence[Ping], trail: Iterable[Point], since: datetime, now: datetime
) -> Sorted:
    """Judge a batch against what is known.

    Parameters
    ----------
    trail
        What was kept before, in any order: at least the latest fix, and around late pings all.
    since
        When the driver went on duty; nothing of a time before is taken.
    """
    around = sorted({point.at: point for point in trail}.values(), key=_time)
    line = list(around)
    believed: list[Point] = []
    kept: list[Point] = []
    refused: list[tuple[int, Refusal]] = []
    for index in sorted(range(len(pings)), key=lambda one: (pings[one].at, one)):
        ping = pings[index]
        at = min(ping.at, now)
        # Milliseconds are what is stored: a fix that comes again must be equal to itself.
        point = Point(ping.position, at.replace(microsecond=at.microsecond // 1000 * 1000))
        reason = _untrue(ping, since, now) or _against(point, around)
        if reason is not None:
            refused.append((index, reason))
            continue
        insort(around, point, key=_time)
        believed.append(point)
        if _adds(point, line):
            kept.append(point)
            insort(line, point, key=_time)
    return Sorted(tuple(believed), tuple(kept), tuple(sorted(refused)))


def _time(point: Point) -> datetime:
    return point.at


def _untrue(ping: Ping, since: datetime, now: datetime) -> Refusal | None:
    """Why a ping cannot be taken, whatever else is known."""
    if not 0 <= ping.accuracy_m <= WORST_ACCURACY_M:
        return Refusal.IMPRECISE
    # Phones that do not know their speed say -1.
    if not (math.isfinite(ping.speed_mps) and ping.speed_mps <= FASTEST_MPS):
        return Refusal.TOO_FAST
    if ping.at > now + CLOCK_SKEW:
        return Refusal.FROM_THE_FUTURE
    if ping.at < now - OLDEST:
        return Refusal.TOO_OLD
    return Refusal.OFF_DUTY if ping.at < since else None


def _against(point: Point, around: Sequence[Point]) -> Refusal | None:
    """Why a fix does not go with those before and after it."""
    beside = _beside(point, around)
    if any(other.at == point.at for other in beside):
        return Refusal.KNOWN_ALREADY
    return Refusal.TOO_FAST if any(_is_too_fast(point, other) for other in beside) else None


def _is_too_fast(one: Point, other: Point) -> bool:
    # Two fixes may each be off by their radius; only what is left over was travelled.
    travelled_m = one.position.distance_m(other.position) - 2 * WORST_ACCURACY_M
    return travelled_m > FASTEST_MPS * abs((one.at - other.at).total_seconds())


def _adds(point: Point, line: Sequence[Point]) -> bool:
    """Whether the trail would miss something without it: far enough from both of its neighbours."""
    return not any(
        point.position.distance_m(other.position) < KEEP_EVERY_M
        and abs(point.at - other.at) < KEEP_EVERY
        for other in _beside(point, line)
    )


def _beside(point: Point, line: Sequence[Point]) -> tuple[Point, ...]:
    """The points of a line just before a time, and at or just after it."""
    at = bisect_left(line, point.at, key=_time)
    return (*line[max(0, at - 1) : at], *line[at : at + 1])
