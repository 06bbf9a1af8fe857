"""Is there room today? What lies ahead of every driver of a hub, drawn on one page.

Times are those of the plan, moved by how late each route now is, and worked out anew from the next
stop on. That stop is locked. Routes that no driver has yet are taken by those who are free, as a
wave takes it; a route that nobody could take offers no room. What waits unplanned takes time from
everybody's end of the day (see ``routing.daysheet``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import (
    MOST_DELIVERIES,
    Route,
    RouteStatus,
    Stop,
    StopKind,
    StopStatus,
)
from chalicelib.domain.dispatch.today.last_seen import last_positions
from chalicelib.domain.dispatch.waves.forming import Pending, due_deliveries
from chalicelib.domain.dispatch.waves.planning import COSTS
from chalicelib.domain.dispatch.waves.urgency import LONGEST_LEAD_S, PICKUP_SETUP_S
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.daysheet import (
    Ahead,
    Columns,
    Head,
    Row,
    Sheet,
    Start,
    Waiting,
    add_row,
)
from chalicelib.domain.routing.plane import Plane, legs_of, shift_for
from chalicelib.domain.routing.travel import traffic
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a delivery takes of a driver's time where today's routes do not show it yet [s].
USUAL_S = 600
#: From so many planned deliveries on, today's routes show it.
ENOUGH_DELIVERIES = 5
#: What is due sooner is late or not, whatever else is promised: it takes its time within the hour.
SOONEST_DUE_S = 3600
#: Deadlines are counted by the quarter of an hour.
DUE_STEP_S = 900

_NEVER_S = 1 << 30


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sheet is drawn from: one reading of a hub."""

    hub: Hub
    at: datetime
    works: tuple[Work, ...]
    routes: tuple[Route, ...]
    positions: Mapping[str, LatLng]
    due: tuple[Pending, ...]


def survey(uow: UnitOfWork, hub: Hub) -> Ground:
    """Read what is under way, what waits for a driver, and what waits for a wave."""
    works = drivers.list_on_duty(uow, hub.id)
    waiting = store.list_unassigned(uow, hub.id)
    running = uow.get_many(keys.route(work.route_id) for work in works if work.route_id)
    routes = {route.id: route for route in map(store.route_from_item, running.values())}
    routes |= {route.id: route for route in waiting}
    return Ground(
        hub=hub,
        at=uow.now,
        works=tuple(works),
        routes=tuple(routes[route_id] for route_id in sorted(routes)),
        positions=last_positions(uow, works),
        due=tuple(due_deliveries(uow, hub)),
    )


def draw(ground: Ground) -> Sheet:
    """The day sheet of a hub at an instant; pure."""
    pen = _Pen(ground)
    taken = _drivers_of(ground)
    orphans = 0
    for route in ground.routes:
        if route.id in taken:
            pen.add_route(route, taken[route.id])
        elif route.status in (RouteStatus.PLANNED, RouteStatus.OFFERED):
            orphans += sum(1 for _ in route.deliveries())
    busy = {work.driver_id for work in taken.values()}
    for work in ground.works:
        if work.is_free and work.driver_id not in busy:
            pen.add_free(work)
    return pen.sheet(orphans)


def blank(hub: Hub, at: datetime) -> Sheet:
    """The sheet of a hub of which nothing is known."""
    return draw(Ground(hub, at, (), (), {}, ()))


def _drivers_of(ground: Ground) -> dict[str, Work]:
    """Who drives which open route; a free driver stands in where nobody has been asked yet."""
    found = {work.route_id: work for work in ground.works if work.route_id is not None}
    found |= {work.offer[0]: work for work in ground.works if work.offer is not None}
    free = [work for work in ground.works if work.is_free]
    for route in sorted(ground.routes, key=lambda route: (route.starts_at, route.id)):
        if route.status is not RouteStatus.PLANNED or route.id in found:
            continue
        able = next((work for work in free if _can_take(work, route)), None)
        if able is not None:
            free.remove(able)
            found[route.id] = able
    return found


def _can_take(work: Work, route: Route) -> bool:
    vehicle = work.vehicle
    return (
        vehicle.kind is route.vehicle_kind
        and route.allows(work.driver_id)
        and route.load_weight_g <= vehicle.max_weight_g
        and route.load_volume_ml <= vehicle.max_volume_ml
    )


class _Pen:
    """Draws row after row."""

    def __init__(self, ground: Ground) -> None:
        hub = ground.hub
        self._ground = ground
        self._plane = Plane(hub.position)
        # A corner to the opposite corner, and a little more than the hub's own radius.
        self._shift = shift_for(3 * hub.radius_m)
        local = ground.at.astimezone(ZoneInfo(hub.timezone))
        self._traffic_percent = round(100 * traffic(local))
        self._columns = Columns.empty()
        self._rows: list[Row] = []
        self._spare: list[tuple[int, int]] = []
        self._planned = 0
        self._work_s = 0

    def add_route(self, route: Route, work: Work) -> None:
        ahead = [stop for stop in route.stops if not stop.status.is_over]
        if not ahead:
            return
        held = levels(route)
        deliveries = sum(1 for _ in route.deliveries())
        head = self._head(route.id, work, MOST_DELIVERIES - deliveries)
        if route.status in (RouteStatus.PLANNED, RouteStatus.OFFERED):
            start = Start(None, max(0, self._seconds(route.starts_at)))
        else:
            locked = ahead.pop(0)
            start = Start(
                self._plane.spot(locked.position),
                max(0, self._seconds(left_at(route, locked, self._ground.at))),
                *held[locked.id],
            )
        self._draw(head, start, [self._ahead(stop, held[stop.id]) for stop in ahead])
        doors = sum(1 for stop in ahead if stop.kind is StopKind.DROPOFF)
        self._planned += doors
        row = self._rows[-1]
        self._work_s += sum(self._columns.gap_s[row.first : row.end])
        self._work_s += sum(self._columns.handling_s[row.first : row.end])

    def add_free(self, work: Work) -> None:
        """A driver without a route: begins after the moment that an offer takes."""
        lead_s = min(self._ground.hub.offer_ttl_s, LONGEST_LEAD_S)
        where = self._ground.positions.get(work.driver_id) or work.position
        start = Start(None if where is None else self._plane.spot(where), lead_s)
        self._draw(self._head(work.driver_id, work, MOST_DELIVERIES, is_new=True), start, [])

    def sheet(self, orphans: int) -> Sheet:
        """All of it; ``orphans`` are planned deliveries that nobody drives yet."""
        ground, horizon_s = self._ground, self._ground.hub.wave_horizon_s
        each_s = USUAL_S
        if self._planned >= ENOUGH_DELIVERIES:
            each_s = max(1, self._work_s // self._planned)
        due: Counter[int] = Counter()
        for pending in ground.due:
            until_s = self._seconds(pending.window.end_at)
            # What may come later than any shift that we know of is nobody's work yet.
            if until_s <= horizon_s:
                steps = -(-max(until_s, SOONEST_DUE_S) // DUE_STEP_S)
                due[steps * DUE_STEP_S] += 1
        if orphans:
            due[-(-horizon_s // DUE_STEP_S) * DUE_STEP_S] += orphans
        position = ground.hub.position
        return Sheet(
            at_s=int(ground.at.timestamp()),
            latitude_e6=round(position.latitude * 1e6),
            longitude_e6=round(position.longitude * 1e6),
            shift=self._shift,
            traffic_percent=self._traffic_percent,
            rows=tuple(self._rows),
            columns=self._columns,
            waiting=Waiting.of(each_s, due, self._spare),
        )

    def _draw(self, head: Head, start: Start, stops: Sequence[Ahead]) -> None:
        legs = legs_of(
            head.kind, self._traffic_percent, self._shift, head.cost_per_m, head.cost_per_s
        )
        row = add_row(self._columns, head, legs, start, stops)
        self._rows.append(row)
        self._spare.append((self._columns.free_s[-1], row.until_s))

    def _head(self, row_id: str, work: Work, room: int, *, is_new: bool = False) -> Head:
        fixed, per_m, per_s = COSTS[work.vehicle.kind]
        until_s = self._ground.hub.wave_horizon_s
        if work.shift_ends_at is not None:
            until_s = self._seconds(work.shift_ends_at)
        return Head(
            id=row_id,
            kind=work.vehicle.kind.value,
            cost_per_m=per_m,
            cost_per_s=per_s,
            fixed_cost=fixed if is_new else 0,
            max_weight_g=work.vehicle.max_weight_g,
            max_volume_ml=work.vehicle.max_volume_ml,
            room=max(0, room),
            until_s=until_s,
        )

    def _ahead(self, stop: Stop, level: tuple[int, int]) -> Ahead:
        opens_s, latest_s = 0, _NEVER_S
        if stop.window is not None:
            opens_s = max(0, self._seconds(stop.window.start_at))
            # Handing over must not end after the window, as in planning.
            latest_s = self._seconds(stop.window.end_at) - stop.service_s - 1
        elif stop.kind is StopKind.DROPOFF:
            latest_s = self._seconds(stop.planned_arrival_at)
        return Ahead(
            spot=self._plane.spot(stop.position),
            setup_s=PICKUP_SETUP_S if stop.kind is StopKind.PICKUP else 0,
            handling_s=stop.service_s,
            opens_s=opens_s,
            latest_s=latest_s,
            weight_g=level[0],
            volume_ml=level[1],
        )

    def _seconds(self, at: datetime) -> int:
        return int((at - self._ground.at).total_seconds())


def left_at(route: Route, locked: Stop, at: datetime) -> datetime:
    """When the driver of a route is done with the next stop, from how things are now."""
    setup_s = PICKUP_SETUP_S if locked.kind is StopKind.PICKUP else 0
    if locked.status is StopStatus.ARRIVED and locked.arrived_at is not None:
        arrival_at = locked.arrived_at
    else:
        arrival_at = max(at, locked.planned_arrival_at + _lateness(route))
    begins_at = arrival_at + timedelta(seconds=setup_s)
    if locked.window is not None:
        begins_at = max(begins_at, locked.window.start_at)
    return max(at, begins_at + timedelta(seconds=locked.service_s))


def _lateness(route: Route) -> timedelta:
    """How much later than planned the driver was at the last stop visited."""
    visited = [stop for stop in route.stops if stop.arrived_at is not None]
    if not visited or visited[-1].arrived_at is None:
        return timedelta(0)
    return visited[-1].arrived_at - visited[-1].planned_arrival_at


def levels(route: Route) -> dict[str, tuple[int, int]]:
    """What is on board after each stop [g], [ml]: what nobody took stays there until the return."""
    weight_g = volume_ml = 0
    held = {}
    for stop in route.stops:
        if stop.kind is StopKind.PICKUP and stop.status is not StopStatus.SKIPPED:
            weight_g, volume_ml = weight_g + stop.weight_g, volume_ml + stop.volume_ml
        elif stop.kind is StopKind.RETURN:
            weight_g = volume_ml = 0
        elif stop.status not in (StopStatus.FAILED, StopStatus.SKIPPED):
            weight_g, volume_ml = weight_g - stop.weight_g, volume_ml - stop.volume_ml
        held[stop.id] = max(0, weight_g), max(0, volume_ml)
    return held
