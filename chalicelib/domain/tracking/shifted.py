"""Why is it expected at another time than what was shown? No window moves without a word.

A window that narrows inside of what was shown moves nothing. One that reaches beyond it, by a mark
of five minutes or more, is a shift: it keeps what was shown before, and the reason as far as the
route tells it. Whoever looks within half an hour is told; then the new window is simply the window.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.dispatch.model import Route, Stop, StopKind
from chalicelib.domain.tracking.windows import Shown

RECALLED = timedelta(minutes=30)
#: A visit that took so much longer than planned has held the route up.
_HELD_UP = timedelta(minutes=2)


class Why(StrEnum):
    """What moved the window."""

    TRAFFIC = "traffic"
    STOP_TOOK_LONGER = "stop_took_longer"
    STOP_ADDED = "stop_added"
    STOP_FELL_AWAY = "stop_fell_away"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Shift:
    """What was shown before, when it ceased to hold, and why."""

    at: datetime
    why: Why
    start_at: datetime
    end_at: datetime
    is_later: bool

    def is_news(self, now: datetime) -> bool:
        return now - self.at < RECALLED


def note(
    route: Route,
    was: Shown | None,
    shown: Shown,
    doors: tuple[int | None, int],
    now: datetime,
) -> Shift | None:
    """The shift between what was shown and what is; ``doors``: how many came first, and come."""
    if was is None or (was.start_at <= shown.start_at and shown.end_at <= was.end_at):
        return None
    is_later = shown.end_at > was.end_at
    return Shift(now, _why(route, doors, is_later, now), was.start_at, was.end_at, is_later)


def _why(route: Route, doors: tuple[int | None, int], is_later: bool, now: datetime) -> Why:
    before, after = doors
    if not is_later:
        fell_away = before is not None and after < before and not _last_was_visited(route)
        return Why.STOP_FELL_AWAY if fell_away else Why.AHEAD
    if before is not None and after > before:
        return Why.STOP_ADDED
    return Why.STOP_TOOK_LONGER if _is_held_up(route, now) else Why.TRAFFIC


def _last_was_visited(route: Route) -> bool:
    """Whether the driver has just left a door: then one less is the way of things."""
    over = _last_over(route)
    return over is not None and over.kind is StopKind.DROPOFF


def _is_held_up(route: Route, now: datetime) -> bool:
    coming, over = route.next_stop(), _last_over(route)
    for stop, until in ((coming, now), (over, over.done_at if over else None)):
        if stop is None or stop.arrived_at is None or until is None:
            continue
        if until - stop.arrived_at > timedelta(seconds=stop.service_s) + _HELD_UP:
            return True
    return False


def _last_over(route: Route) -> Stop | None:
    done = [stop for stop in route.stops if stop.done_at is not None]
    return max(done, key=lambda stop: stop.done_at or stop.planned_arrival_at, default=None)
