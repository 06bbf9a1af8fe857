"""When will it be there, and will it be in time? The outlook of a route, from what is known now.

An outlook puts together the forecast of every stop ahead, its window, what people are shown, and
how likely it is to miss what was promised. It is made anew on each tap and, from fixes, once a
minute at most; the one before is needed only so that a window never narrows by what it had to take
back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, Stop, StopKind
from chalicelib.domain.tracking import forecast, shifted, windows
from chalicelib.domain.tracking.forecast import Seen
from chalicelib.domain.tracking.geofence import Visit
from chalicelib.domain.tracking.learning import Lessons
from chalicelib.domain.tracking.shifted import Shift
from chalicelib.domain.tracking.shipped import SPREADS
from chalicelib.domain.tracking.windows import Shown, Window

#: A fix alone makes no new outlook more often.
RENEWED = timedelta(seconds=60)
#: Near: so soon in the middle, or so few other doors before it.
NEAR, NEAR_DOORS = timedelta(minutes=15), 3
#: Chances to be late at which it is flagged, and at which somebody should act [%].
FLAGGED, ACTED_ON = 50, 80


class Action(StrEnum):
    """What somebody at the desk could do about a delivery that will be late."""

    WATCH = "watch"
    TELL_RECIPIENT = "tell_recipient"
    CALL_DRIVER = "call_driver"
    ASK_FOR_ANOTHER_DRIVER = "ask_for_another_driver"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One stop ahead. ``late_percent`` is the chance to miss ``promised_until``; ``shift`` what was
    shown before, if that no longer holds."""

    stop_id: str
    deliveries: tuple[DeliveryRef, ...]
    is_door: bool
    doors_before: int
    window: Window
    shown: Shown
    promised_until: datetime | None
    late_percent: int
    shift: Shift | None = None

    def is_near(self, now: datetime) -> bool:
        return self.window.p50_at - now <= NEAR or self.doors_before <= NEAR_DOORS


@dataclass(frozen=True, slots=True)
class Outlook:
    """A route as it is expected to go on; ``visit`` is what fixes show of its next stop, ``seen``
    when others were reached and left, ``told`` what was said of its deliveries."""

    route_id: str
    hub_id: str
    driver_id: str
    made_at: datetime
    arrivals: tuple[Arrival, ...]
    visit: Visit | None = None
    seen: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def of(self, ref: DeliveryRef) -> Arrival | None:
        doors = (one for one in self.arrivals if one.is_door)
        return next((one for one in doors if ref in one.deliveries), None)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a recipient is shown. ``stops_before``: other doors that the driver visits first."""

    expected_at: datetime
    earliest_at: datetime
    latest_at: datetime
    stops_before: int
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class LateRisk:
    """A delivery that may miss its promise; ``breach_in_s`` is how long until it has."""

    delivery: DeliveryRef
    route_id: str
    driver_id: str
    stop_id: str
    expected_at: datetime
    promised_until: datetime
    late_percent: int
    breach_in_s: int
    action: Action


def look_ahead(
    route: Route, lessons: Lessons, seen: Seen | None, before: Outlook | None, now: datetime
) -> Outlook:
    """The outlook of a route now."""
    spreads = lessons.spreads(SPREADS)
    known = {one.stop_id: one for one in before.arrivals} if before else {}
    arrivals = []
    for one in forecast.forecast(route, now, lessons.handling_s, seen):
        stop = one.stop
        window = windows.window(one.at, one.horizon_s, spreads, now)
        until = stop.window.end_at if stop.window and stop.kind is StopKind.DROPOFF else None
        late = 0.0
        if until is not None:
            late = windows.chance_after(one.at, one.horizon_s, spreads, until)
            late = 1.0 if now >= until else late
        was = known.get(stop.id)
        shown = windows.show(window, was.shown if was else None, now)
        arrivals.append(
            Arrival(
                stop_id=stop.id,
                deliveries=stop.deliveries,
                is_door=stop.kind is StopKind.DROPOFF,
                doors_before=one.doors_before,
                window=window,
                shown=shown,
                promised_until=until,
                late_percent=round(100 * late),
                shift=_shift(route, stop, was, shown, one.doors_before, now),
            )
        )
    coming = route.next_stop()
    visit = before.visit if before else None
    if coming is None:
        visit = None
    elif visit is None or visit.stop_id != coming.id:
        visit = Visit(coming.id, coming.position)
    return Outlook(
        route_id=route.id,
        hub_id=route.hub_id,
        driver_id=route.driver_id or "",
        made_at=now,
        arrivals=tuple(arrivals),
        visit=visit,
        seen=_seen(before, visit, now),
        told=before.told if before else (),
    )


def progress(outlook: Outlook, ref: DeliveryRef) -> Progress | None:
    """What the recipient of a delivery is shown; None when its stop is over or not there."""
    mine = outlook.of(ref)
    if mine is None:
        return None
    shown = mine.shown
    at = mine.window.p50_at
    return Progress(at, shown.start_at, shown.end_at, mine.doors_before, mine.shift)


def late_risks(outlook: Outlook, now: datetime) -> list[LateRisk]:
    """What of a route is more likely than not to be late."""
    return [
        LateRisk(
            delivery=ref,
            route_id=outlook.route_id,
            driver_id=outlook.driver_id,
            stop_id=one.stop_id,
            expected_at=one.window.p50_at,
            promised_until=one.promised_until,
            late_percent=one.late_percent,
            breach_in_s=round((one.promised_until - now).total_seconds()),
            action=_action(one, now),
        )
        for one in outlook.arrivals
        if one.promised_until is not None and one.late_percent >= FLAGGED
        for ref in one.deliveries
    ]


def _shift(
    route: Route, stop: Stop, was: Arrival | None, shown: Shown, doors: int, now: datetime
) -> Shift | None:
    """What moved since it was last shown; at first, since it was promised."""
    promised = None if stop.window is None else Shown(stop.window.start_at, stop.window.end_at)
    before = was.shown if was else promised
    fresh = shifted.note(route, before, shown, (was.doors_before if was else None, doors), now)
    kept = was.shift if was and was.shift and was.shift.is_news(now) else None
    return fresh or kept


def _action(one: Arrival, now: datetime) -> Action:
    """Watch what may still turn; near the door only words help, far from it another driver."""
    if one.late_percent < ACTED_ON:
        return Action.WATCH
    if one.doors_before <= NEAR_DOORS or (one.promised_until or now) <= now:
        return Action.TELL_RECIPIENT
    is_much_later = one.window.p50_at - (one.promised_until or now) > timedelta(minutes=30)
    return Action.ASK_FOR_ANOTHER_DRIVER if is_much_later else Action.CALL_DRIVER


def _seen(
    before: Outlook | None, visit: Visit | None, now: datetime
) -> Mapping[str, tuple[datetime, datetime]]:
    """The visits that fixes showed; one whose stop is over ends when it was last looked at."""
    if before is None:
        return {}
    last = before.visit
    if last is None or last.arrived_at is None or (visit and visit.stop_id == last.stop_id):
        return before.seen
    return {**before.seen, last.stop_id: (last.arrived_at, last.left_at or now)}
