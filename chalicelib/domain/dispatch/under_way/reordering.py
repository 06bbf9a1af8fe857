"""Would another order serve the rest of a route better? What a driver does next stays.

Stops that are over and the next one are locked, and parcels stay on their route. The others are one
small problem of one vehicle, whose present order is the solver's first answer, so that it can only
find a better one. A driver's head holds the old order and a recipient's page the old time, so a new
one has to be worth it: a promise is saved, or ten minutes, or a twentieth of what is left to drive.
No promise that is kept today is broken for it. (Source: reference figures of the field.)

Units: seconds since the moment of asking [s], metres [m], points (see ``routing.problem``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.today.day_sheets import left_at
from chalicelib.domain.dispatch.waves.planning import COSTS, Solve
from chalicelib.domain.dispatch.waves.urgency import PICKUP_SETUP_S
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.parts import Outline, tours_of
from chalicelib.domain.routing.problem import Job, Place, Problem, Tour, is_pickup, job_of
from chalicelib.domain.routing.schedule import Drive, drive_within, price
from chalicelib.domain.routing.tasks import Legs, Tasks
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a second past a promise costs [points]: ten of a driver's seconds.
LATE_COST_PER_S = 5_000
#: A new order is worth it from so much on: driver's time, or a share of what is left.
WORTH_S = 600
WORTH_PERCENT = 5
#: With fewer stops there is no order to speak of.
FEWEST_STOPS = 3

_FAR_S = 4 * 86_400


@dataclass(frozen=True, slots=True)
class Rest:
    """What lies before a driver: ``ahead`` may change places, ``locked`` and ``back`` not.

    ``free_at``: when the driver is done with the locked stop.
    """

    route: Route
    locked: Stop
    ahead: tuple[Stop, ...]
    back: Stop | None
    free_at: datetime

    @classmethod
    def of(cls, route: Route, at: datetime) -> "Rest | None":
        """None when so little is left that nothing can change places."""
        coming = [stop for stop in route.stops if not stop.status.is_over]
        back = coming.pop() if coming and coming[-1].kind is StopKind.RETURN else None
        if len(coming) < FEWEST_STOPS:
            return None
        locked, *ahead = coming
        return cls(route, locked, tuple(ahead), back, left_at(route, locked, at))


@dataclass(frozen=True, slots=True)
class Reordered:
    """A better order, and what it is better by; ``late_before`` and ``late_after`` count promises
    that would be missed."""

    route: Route
    saved_s: int
    saved_m: int
    late_before: int
    late_after: int


def reorder(
    route: Route, work: Work, hub: Hub, at: datetime, roads: Roads, solve: Solve
) -> Reordered | None:
    """The route in an order that is worth the disturbance; None when there is none. Pure but for
    the functions that it is given."""
    rest = Rest.of(route, at)
    if rest is None or not _can_be_stated(rest):
        return None
    problem = _problem(rest, work, hub, at, roads)
    tour = _tour(rest, problem)
    before = _Way.of(problem, tour)
    if before is None:
        return None
    found = tours_of(problem, solve(problem, [tour]))[0]
    after = _Way.of(problem, found)
    # What the driver cannot do at all stays as it is, and is the desk's affair.
    if after is None or len(found) != len(tour) or found == tour or not _is_worth_it(before, after):
        return None
    changed = _with_order(rest, problem, after, at)
    if changed is None:
        return None
    saved_m = before.drive.distance_m - after.drive.distance_m
    return Reordered(
        route=replace(changed, distance_m=max(0, route.distance_m - saved_m)),
        saved_s=before.drive.timing.end_s - after.drive.timing.end_s,
        saved_m=saved_m,
        late_before=len(before.late),
        late_after=len(after.late),
    )


def adopt(uow: UnitOfWork, found: Reordered) -> Route | None:
    """Make a new order real; None where the route has changed since it was looked at."""
    now = store.load_route(uow, found.route.id)
    if now.version != found.route.version:
        return None
    route = replace(found.route, version=now.version + 1)
    store.save_route(uow, route)
    data = {
        "hub_id": route.hub_id,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "saved_s": found.saved_s,
        "saved_m": found.saved_m,
        "late_before": found.late_before,
        "late_after": found.late_after,
    }
    uow.emit(Event("route.reordered", route.id, route.version, uow.now, data))
    return route


def is_open(route: Route) -> bool:
    """Whether a driver has it and its order can still change."""
    return route.status in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class _Way:
    """One order, driven: its cost, and by how much each late dropoff is late [s]."""

    tour: Tour
    drive: Drive
    cost: int
    late: dict[int, int]

    @classmethod
    def of(cls, problem: Problem, tour: Tour) -> "_Way | None":
        legs = Legs(Tasks.of(problem), problem.vehicles[0])
        driven = drive_within(legs, tour)
        if driven is None:
            return None
        late = {}
        for task, start_s in zip(tour, driven.timing.starts_s, strict=True):
            due_s = problem.jobs[job_of(task)].due_s
            if not is_pickup(task) and due_s is not None and start_s > due_s:
                late[task] = start_s - due_s
        return cls(tour, driven, price(legs, tour, driven).driven, late)


def _is_worth_it(before: _Way, after: _Way) -> bool:
    if any(late_s > before.late.get(task, 0) for task, late_s in after.late.items()):
        return False
    if len(after.late) < len(before.late):
        return True
    saved_s = before.drive.timing.end_s - after.drive.timing.end_s
    sooner_s = sum(before.late.values()) - sum(after.late.values())
    return (
        max(saved_s, sooner_s) >= WORTH_S
        or (before.cost - after.cost) * 100 >= WORTH_PERCENT * before.cost
    )


def _can_be_stated(rest: Rest) -> bool:
    """Each door has its parcels on board, or all from one pickup ahead; each pickup has doors."""
    sources = [_sources(rest, door) for door in _doors(rest)]
    pickups = {stop.id for stop in rest.ahead if stop.kind is StopKind.PICKUP}
    return all(len(one) == 1 for one in sources) and pickups <= {*chain.from_iterable(sources)}


def _sources(rest: Rest, door: Stop) -> set[str | None]:
    """Where a door's parcels come from: ids of pickups ahead, None for what is on board."""
    pickup_of = {
        ref: stop.id
        for stop in rest.ahead
        if stop.kind is StopKind.PICKUP
        for ref in stop.deliveries
    }
    return {pickup_of.get(ref) for ref in door.deliveries}


def _doors(rest: Rest) -> list[Stop]:
    return [stop for stop in rest.ahead if stop.kind is StopKind.DROPOFF]


def _problem(rest: Rest, work: Work, hub: Hub, at: datetime, roads: Roads) -> Problem:
    """Place 0 is where the driver is next, place ``k`` the ``k``-th stop ahead; a job per door."""
    places = [Place(rest.locked.position)]
    places += [
        Place(stop.position, PICKUP_SETUP_S if stop.kind is StopKind.PICKUP else 0)
        for stop in rest.ahead
    ]
    end = None
    if rest.back is not None:
        end = len(places)
        places.append(Place(rest.back.position))
    place_of = {stop.id: index for index, stop in enumerate(rest.ahead, 1)}
    outline = Outline(
        epoch_at=at.astimezone(ZoneInfo(hub.timezone)),
        places=tuple(places),
        vehicles=(_vehicle(rest, work, at, end),),
        jobs=tuple(_job(rest, door, place_of, at) for door in _doors(rest)),
    )
    return outline.part(outline.everything, [()], roads)[0]


def _vehicle(rest: Rest, work: Work, at: datetime, end: int | None) -> Vehicle:
    _, per_m, per_s = COSTS[work.vehicle.kind]
    return Vehicle(
        id=work.driver_id,
        kind=work.vehicle.kind.value,
        start=0,
        end=end,
        max_weight_g=max(work.vehicle.max_weight_g, rest.route.load_weight_g),
        max_volume_ml=max(work.vehicle.max_volume_ml, rest.route.load_volume_ml),
        # A driver who is late works on: what is on board has to go somewhere.
        shift=Window(_seconds(rest.free_at, at), _FAR_S),
        cost_per_m=per_m,
        cost_per_s=per_s,
    )


def _job(rest: Rest, door: Stop, place_of: dict[str, int], at: datetime) -> Job:
    source = next(iter(_sources(rest, door)))
    opens_s, due_s = 0, None
    if door.window is not None:
        opens_s = max(0, _seconds(door.window.start_at, at))
        # Handing over must not end after the window, as in planning.
        due_s = max(0, _seconds(door.window.end_at, at) - door.service_s - 1)
    pickup_s = 0
    if source is not None:
        stop = rest.ahead[place_of[source] - 1]
        doors_of_it = [one for one in _doors(rest) if source in _sources(rest, one)]
        pickup_s = stop.service_s // len(doors_of_it)
    return Job(
        id=door.id,
        pickup=None if source is None else place_of[source],
        dropoff=place_of[door.id],
        pickup_window=Window(0, _FAR_S),
        dropoff_windows=(Window(opens_s, _FAR_S),),
        pickup_service_s=pickup_s,
        dropoff_service_s=door.service_s,
        weight_g=door.weight_g,
        volume_ml=door.volume_ml,
        due_s=due_s,
        late_cost_per_s=LATE_COST_PER_S,
    )


def _tour(rest: Rest, problem: Problem) -> Tour:
    """The present order in the problem's numbers."""
    jobs = list(enumerate(problem.jobs))
    tour: list[int] = []
    for place, stop in enumerate(rest.ahead, 1):
        if stop.kind is StopKind.PICKUP:
            tour += [2 * index for index, job in jobs if job.pickup == place]
        else:
            tour += [2 * index + 1 for index, job in jobs if job.dropoff == place]
    return tuple(tour)


def _with_order(rest: Rest, problem: Problem, way: _Way, at: datetime) -> Route | None:
    """The route in the order of a way, with its times; None if a pickup would be visited twice."""
    arrivals = list(_arrivals(problem, way))
    places = [place for place, _ in arrivals]
    if len(set(places)) < len(places):
        return None
    ordered = tuple(
        replace(rest.ahead[place - 1], planned_arrival_at=at + timedelta(seconds=arrival_s))
        for place, arrival_s in arrivals
    )
    ends_at = at + timedelta(seconds=way.drive.timing.end_s)
    back = () if rest.back is None else (replace(rest.back, planned_arrival_at=ends_at),)
    moved = {stop.id for stop in (*ordered, *back)}
    kept = tuple(stop for stop in rest.route.stops if stop.id not in moved)
    return replace(
        rest.route,
        stops=(*kept, *ordered, *back),
        ends_at=ends_at,
        duration_s=int((ends_at - rest.route.starts_at).total_seconds()),
    )


def _arrivals(problem: Problem, way: _Way) -> Iterator[tuple[int, int]]:
    """Place and arrival of each visit [s]; pickups in a row at one place are one visit."""
    gaps_s, _ = Legs(Tasks.of(problem), problem.vehicles[0]).driven(way.tour)
    timing, last = way.drive.timing, None
    frees_s = (timing.leave_s, *timing.frees_s)
    for task, free_s, gap_s in zip(way.tour, frees_s, gaps_s, strict=False):
        job = problem.jobs[job_of(task)]
        place = job.pickup if is_pickup(task) else job.dropoff
        assert place is not None
        if place != last:
            yield place, free_s + gap_s - problem.places[place].setup_s
        last = place


def _seconds(at: datetime, since: datetime) -> int:
    return int((at - since).total_seconds())
