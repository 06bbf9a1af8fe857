"""How many drivers are asked at once, and when does a person have to help? Pure.

One driver alone; then two; then several with a bonus; then the desk. Urgency lets a route climb,
but never past a step that was not tried: a route that starts in a minute still asks one driver
first, for most say yes, and everybody else is spared a tap on a route that is gone.
"""

from datetime import datetime, timedelta

from chalicelib.domain.dispatch.model import Level, Route, RouteStatus
from chalicelib.domain.merchants.asking import Asking

#: Offers that were made before the next step: one exclusive, two more.
_TRIED = {Level.PAIR: 1, Level.BROADCAST: 3}
PAIR = 2


def level_of(route: Route, asking: Asking, now: datetime) -> Level:
    """How urgently a driver is sought for a route."""
    age_s = (now - route.planned_at).total_seconds()
    left_s = (route.starts_at - now).total_seconds()
    if left_s < asking.broadcast_before_s and route.asked >= _TRIED[Level.BROADCAST]:
        return Level.BROADCAST
    is_late = age_s > asking.pair_after_s or left_s < asking.pair_before_s
    if is_late and route.asked >= _TRIED[Level.PAIR]:
        return Level.PAIR
    return Level.EXCLUSIVE


def at_once(level: Level, asking: Asking) -> int:
    """How many offers of a route may wait for an answer at a time."""
    return {Level.EXCLUSIVE: 1, Level.PAIR: PAIR, Level.BROADCAST: asking.broadcast_to}[level]


def open_slots(route: Route, asking: Asking, now: datetime) -> int:
    """How many drivers more may be asked now; 0 for a route that seeks none."""
    if route.status not in (RouteStatus.PLANNED, RouteStatus.OFFERED):
        return 0
    return max(0, at_once(level_of(route, asking, now), asking) - len(route.live_offers))


def bonus_minor(level: Level, asking: Asking) -> int:
    return asking.bonus_minor if level is Level.BROADCAST else 0


def needs_the_desk(route: Route, asking: Asking, now: datetime) -> bool:
    """Whether offers alone do not find a driver: its time has come, and nobody said yes.

    Told once a route. A route that was planned at its last minute gets the time of one offer to
    each step first.
    """
    if route.status not in (RouteStatus.PLANNED, RouteStatus.OFFERED) or route.alerted_at:
        return False
    tried = timedelta(seconds=asking.pair_after_s + asking.broadcast_before_s)
    return now >= max(route.starts_at, route.planned_at + tried)
