"""What does one more place cost the rest of a route, and who would get their parcel late?

For a parcel that is on a route already and shall be handed over somewhere else: at a pickup point
after all, at one that is on the way after nobody was at home, or at home again. Where the driver
calls there anyway it costs a minute. What is over stays, and so does the next stop, unless the
driver stands at the door that has just failed and has not left. Times are those of the day sheet:
the plan's, moved by how late the route is now. Pure.

Units: [s], [m].
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.redirecting import POINT_SERVICE_S
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.today.day_sheets import left_at
from chalicelib.domain.dispatch.waves.planning import COSTS
from chalicelib.domain.dispatch.waves.urgency import PICKUP_SETUP_S
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.plane import FINEST_SHIFT, Plane, legs_of
from chalicelib.domain.routing.travel import traffic
from chalicelib.kit.geo import LatLng

#: So long after a tap the driver has not left yet.
STANDS_THERE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Detour:
    """The cheapest place for it among those that make the fewest others late.

    Parameters
    ----------
    extra_s, extra_m
        Driving, setup and handling that it adds, and road.
    late
        Deliveries that would be handed over after their window, and later than without it.
    at
        Its index among the stops that are not over.
    joins
        The stop that goes there anyway, if one does.
    """

    extra_s: int
    extra_m: int
    late: tuple[DeliveryRef, ...]
    at: int
    joins: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One stop with when it is reached and left, and the way there."""

    stop: Stop
    arrives_at: datetime
    leaves_at: datetime
    way_s: int
    way_m: int


@dataclass(frozen=True, slots=True)
class Errand:
    """What shall be handed over, and where.

    ``fetched_by`` is the stop that picks it up first; None while it is on board. ``is_open`` tells
    whether anybody takes it there at a time.
    """

    position: LatLng
    service_s: int = POINT_SERVICE_S
    fetched_by: str | None = None
    is_open: Callable[[datetime], bool] | None = None
    point_id: str | None = None


def detour(route: Route, position: LatLng, now: datetime, hub: Hub) -> Detour | None:
    """What a place adds to the rest of a route, for a parcel on board; None if the route is over.

    A stop at a pickup point at that very place is joined.
    """
    return Ride(route, hub, now).best(Errand(position))


class Ride:
    """The rest of one route, timed once; :meth:`best` for each place that is thought of.

    ``before``: the same route as it was promised, if a stop has just been taken out of it.
    """

    def __init__(self, route: Route, hub: Hub, now: datetime, before: "Ride | None" = None) -> None:
        self.route, self.now = route, now
        local = now.astimezone(ZoneInfo(hub.timezone))
        _, per_m, per_s = COSTS[route.vehicle_kind]
        percent = round(100 * traffic(local))
        self._plane = Plane(hub.position)
        self._legs = legs_of(route.vehicle_kind.value, percent, FINEST_SHIFT, per_m, per_s)
        self.stops = [stop for stop in route.stops if not stop.status.is_over]
        self.calls = self.timed(self.stops)
        self._promised = self.leaving if before is None else before.leaving
        #: The driver was on the way to a door that is dropped now.
        self._is_diverted = before is not None and _first_id(before.stops) != _first_id(self.stops)

    @property
    def leaving(self) -> Mapping[str, datetime]:
        """When each stop to come is left, by its id."""
        return {call.stop.id: call.leaves_at for call in self.calls}

    def best(self, errand: Errand) -> Detour | None:
        """Where it is best handed over; None where nobody is open, or nothing lies ahead."""
        if self.route.status in (RouteStatus.COMPLETED, RouteStatus.CANCELLED):
            return None
        tried = (self._try(index, errand) for index in self._places(errand))
        found = [one for one in tried if one is not None]
        return min(found, key=lambda one: (len(one.late), one.extra_s, one.at), default=None)

    def with_call(self, found: Detour, errand: Errand, new: Stop) -> list[Stop]:
        """The stops to come with the new one among them, or joined, and all timed anew."""
        stops = [*self.stops]
        if found.joins is None:
            stops.insert(found.at, new)
        else:
            stops[found.at] = _joined(stops[found.at], new)
        return [replace(one.stop, planned_arrival_at=one.arrives_at) for one in self.timed(stops)]

    def timed(self, stops: Sequence[Stop]) -> list[Call]:
        """These stops one after the other, from where the driver is."""
        if not stops:
            return []
        first, *others = stops
        calls = [self._first(first)]
        for stop in others:
            calls.append(self._next(calls[-1], stop))
        return calls

    def _try(self, index: int, errand: Errand) -> Detour | None:
        joins = self.stops[index] if self._goes_there(index, errand) else None
        new = _as_stop(errand, self.now)
        if joins is None:
            calls = self.timed([*self.stops[:index], new, *self.stops[index:]])
        else:
            longer = _joined(joins, new)
            calls = self.timed([*self.stops[:index], longer, *self.stops[index + 1 :]])
        there = calls[index]
        if errand.is_open is not None and not errand.is_open(there.arrives_at):
            return None
        late = tuple(ref for call in calls for ref in self._harmed(call))
        return Detour(
            extra_s=_work_s(calls) - _work_s(self.calls),
            extra_m=_way_m(calls) - _way_m(self.calls),
            late=late,
            at=index,
            joins=None if joins is None else joins.id,
        )

    def _places(self, errand: Errand) -> Sequence[int]:
        """Where it may stand among the stops to come: a stop that goes there anyway is the only
        one; else behind what fetches it, and before what is brought back."""
        first = 0 if self._is_diverted or self._stands_at_a_door() else 1
        for index, stop in enumerate(self.stops):
            if stop.id == errand.fetched_by:
                first = index + 1
        joinable = [i for i in range(len(self.stops)) if self._goes_there(i, errand)]
        if any(index >= first - 1 for index in joinable):
            # The next stop itself may be joined, though nothing is put before it.
            at = [i for i in joinable if errand.fetched_by is None or i >= first]
            if at:
                return at[:1]
        last = len(self.stops)
        if self.stops and self.stops[-1].kind is StopKind.RETURN:
            last -= 1
        return range(min(first, last), last + 1)

    def _goes_there(self, index: int, errand: Errand) -> bool:
        if index >= len(self.stops):
            return False
        stop = self.stops[index]
        if stop.pickup_point_id is None or stop.kind is not StopKind.DROPOFF:
            return False
        is_it = errand.point_id in (None, stop.pickup_point_id)
        return is_it and stop.position == errand.position

    def _stands_at_a_door(self) -> bool:
        """Whether the driver has just tapped, and the next stop is nowhere near begun."""
        if not self.stops or self.stops[0].status is not StopStatus.PENDING:
            return False
        over = [stop.done_at for stop in self.route.stops if stop.done_at is not None]
        return bool(over) and self.now - max(over) <= STANDS_THERE

    def _first(self, stop: Stop) -> Call:
        if self.stops and stop.id == self.stops[0].id:
            # The way there is driven already, whatever comes behind it.
            leaves_at = left_at(self.route, stop, self.now)
            return Call(stop, stop.planned_arrival_at, leaves_at, 0, 0)
        # Not what was skipped: nobody has been there.
        visited = [one for one in self.route.stops if one.done_at is not None]
        last = max(visited, key=lambda one: one.done_at or self.now, default=stop)
        return self._onward(last.position, self.now, stop)

    def _next(self, before: Call, stop: Stop) -> Call:
        return self._onward(before.stop.position, before.leaves_at, stop)

    def _onward(self, here: LatLng, at: datetime, stop: Stop) -> Call:
        step = self._legs.step(self._plane.spot(here), self._plane.spot(stop.position))
        setup_s = PICKUP_SETUP_S if step and stop.kind is StopKind.PICKUP else 0
        way_s, way_m = (self._legs.seconds[step], self._legs.metres[step]) if step else (0, 0)
        way_s = math.ceil(way_s)
        arrives_at = at + timedelta(seconds=way_s)
        begins_at = arrives_at + timedelta(seconds=setup_s)
        if stop.window is not None and stop.pickup_point_id is None:
            begins_at = max(begins_at, stop.window.start_at)
        leaves_at = begins_at + timedelta(seconds=stop.service_s)
        return Call(stop, arrives_at, leaves_at, way_s + setup_s, way_m)

    def _harmed(self, call: Call) -> tuple[DeliveryRef, ...]:
        """Whose promise it breaks: late, and later than it was."""
        stop = call.stop
        if stop.kind is not StopKind.DROPOFF or stop.window is None:
            return ()
        promised_at = self._promised.get(stop.id)
        if promised_at is None or call.leaves_at <= max(stop.window.end_at, promised_at):
            return ()
        return stop.deliveries


def _as_stop(errand: Errand, now: datetime) -> Stop:
    """The place as a stop, for its times only."""
    return Stop(
        id="",
        kind=StopKind.DROPOFF,
        place_name="",
        position=errand.position,
        deliveries=(),
        planned_arrival_at=now,
        service_s=errand.service_s,
        pickup_point_id=errand.point_id,
    )


def _joined(stop: Stop, new: Stop) -> Stop:
    """The stop with what is handed over there, too; its own promise stays the one that counts."""
    return replace(itinerary.joined(stop, new), window=stop.window)


def _first_id(stops: Sequence[Stop]) -> str | None:
    return stops[0].id if stops else None


def _work_s(calls: Sequence[Call]) -> int:
    return sum(call.way_s + call.stop.service_s for call in calls)


def _way_m(calls: Sequence[Call]) -> int:
    return sum(call.way_m for call in calls)
