"""What a preview says is what the optimizer's own judge says of the route after the commit.

Random routes and changes; each changed route is stated as a problem of one vehicle, and the plan
that the preview claims goes before ``routing.check``, which shares no code with it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.plans import arranging
from chalicelib.domain.dispatch.plans.arranging import Cargo
from chalicelib.domain.dispatch.plans.assessing import Assessed, Distances, Ground, assess
from chalicelib.domain.dispatch.plans.effects import Arrangement, Effect, Scales
from chalicelib.domain.dispatch.plans.journal import ChangeKind
from chalicelib.domain.dispatch.rules.desk_rules import Rules
from chalicelib.domain.dispatch.waves.planning import COSTS, PICKUP_SETUP_S
from chalicelib.domain.drivers.model import BreakWindow, VehicleKind
from chalicelib.domain.routing.assemble import assemble, usable
from chalicelib.domain.routing.check import findings
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.desk_errors import MoveImpossible
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON, a_driver_at_work, a_hub

HUB = a_hub()
LOCAL = NOON.astimezone(ZoneInfo(HUB.timezone))
SERVICE_S = 20


class Town:
    """Random deliveries and routes, by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.stores = [self._somewhere() for _ in range(2)]
        self.cargo: dict[DeliveryRef, Cargo] = {}
        self.numbers = iter(range(10_000))

    def stop_id(self) -> str:
        return f"stp_{next(self.numbers)}"

    def route(self, name: str, doors: int) -> Route:
        route = Route(
            id=name,
            hub_id=HUB.id,
            wave_id="wav_1",
            vehicle_kind=VehicleKind.VAN,
            load_weight_g=0,
            load_volume_ml=0,
            status=RouteStatus.PLANNED,
            version=1,
            planned_at=NOON,
            starts_at=NOON + timedelta(seconds=self.random.randrange(45, 1800)),
            ends_at=NOON + timedelta(hours=2),
            distance_m=0,
            duration_s=0,
            stops=(),
        )
        for _ in range(doors):
            one = self._delivery()
            spot = self.random.choice(list(arranging.spots(route, one)))
            route = arranging.with_cargo(route, one, spot, self.stop_id)
        return route

    def _delivery(self) -> Cargo:
        ref = DeliveryRef("mer_1", f"del_{next(self.numbers)}")
        opens_s = self.random.choice([0, 0, 1800, 5400])
        window = TimeWindow(
            NOON + timedelta(seconds=opens_s),
            NOON + timedelta(seconds=opens_s + self.random.choice([1800, 7200, 20_000])),
        )
        door = Stop(
            id=self.stop_id(),
            kind=StopKind.DROPOFF,
            place_name="",
            position=self._somewhere(),
            deliveries=(ref,),
            planned_arrival_at=NOON,
            service_s=self.random.choice([60, 180]),
            window=window,
            weight_g=self.random.randrange(100, 9000),
            volume_ml=1000,
        )
        store = self.random.choice(self.stores)
        one = Cargo(ref, "Store", store, SERVICE_S, door.weight_g, door.volume_ml, door)
        self.cargo[ref] = one
        return one

    def _somewhere(self) -> LatLng:
        return LatLng(51.2 + self.random.random() / 20, 9.4 + self.random.random() / 20)


def scales() -> Scales:
    return Scales(Ground(HUB, NOON, {}), Distances(matrix, LOCAL), Rules(), {})


def changed(town: Town) -> Effect:
    """One random change of two random routes."""
    one = town.route("rte_a", town.random.randrange(2, 6))
    other = town.route("rte_b", town.random.randrange(1, 5))
    weigh = scales()
    kind = town.random.choice([ChangeKind.MOVE, ChangeKind.REORDER, ChangeKind.MERGE])
    if kind is ChangeKind.REORDER:
        for _ in range(20):
            order = [stop.id for stop in one.stops]
            town.random.shuffle(order)
            try:
                return weigh.weigh(Arrangement(kind, ((one, arranging.reordered(one, order)),), ()))
            except MoveImpossible:
                continue
    if kind is ChangeKind.MERGE:
        cargo = [town.cargo[ref] for ref in other.deliveries()]
        longer = arranging.merged(one, other, cargo, town.stop_id)
        pairs = ((one, longer), (other, arranging.without(other, cargo)))
        return weigh.weigh(Arrangement(kind, pairs, ()))
    moved = town.cargo[town.random.choice(list(one.deliveries()))]
    pairs = (
        (one, arranging.without(one, [moved])),
        (other, weigh.best(other, moved, town.stop_id)),
    )
    return weigh.weigh(Arrangement(ChangeKind.MOVE, pairs, ()))


def stated(route: Route, town: Town) -> Problem:
    """The route as a problem of one vehicle, with the promises as they are."""
    refs = list(route.deliveries())
    places = [Place(store, PICKUP_SETUP_S) for store in town.stores]
    places += [Place(town.cargo[ref].door.position) for ref in refs]
    fixed, per_m, per_s = COSTS[route.vehicle_kind]
    # A planned route leaves as late as its end allows: from its earliest start, not from its start.
    van = Vehicle(
        id="drv",
        kind="van",
        start=None,
        end=None,
        max_weight_g=10**6,
        max_volume_ml=10**9,
        shift=Window(0, 10**7),
        fixed_cost=fixed,
        cost_per_m=per_m,
        cost_per_s=per_s,
    )
    jobs = tuple(
        Job(
            id=str(ref),
            pickup=town.stores.index(town.cargo[ref].pickup_at),
            dropoff=len(town.stores) + number,
            pickup_window=Window(0, 10**7),
            dropoff_windows=(_window(town.cargo[ref].door),),
            pickup_service_s=SERVICE_S,
            dropoff_service_s=town.cargo[ref].door.service_s,
            weight_g=town.cargo[ref].weight_g,
            volume_ml=town.cargo[ref].volume_ml,
        )
        for number, ref in enumerate(refs)
    )
    travel = {"van": matrix([place.position for place in places], LOCAL, "van")}
    return Problem(LOCAL, tuple(places), (van,), jobs, travel)


def _window(door: Stop) -> Window:
    assert door.window is not None
    opens_s = round((door.window.start_at - NOON).total_seconds())
    return Window(opens_s, round((door.window.end_at - NOON).total_seconds()) - door.service_s - 1)


def with_earliest(problem: Problem, earliest_s: int) -> Problem:
    (van,) = problem.vehicles
    return replace(problem, vehicles=(replace(van, shift=Window(earliest_s, 10**7)),))


def tour_of(route: Route) -> tuple[int, ...]:
    job_at = {ref: number for number, ref in enumerate(route.deliveries())}
    return tuple(
        2 * job_at[ref] + (stop.kind is StopKind.DROPOFF)
        for stop in route.stops
        for ref in stop.deliveries
    )


def effects() -> Iterator[tuple[Town, Route, Assessed]]:
    for seed in range(120):
        town = Town(seed)
        for one in changed(town).routes:
            assert one.was is not None
            if one.after.route.stops:
                yield town, one.was, one.after


def test_the_judge_finds_nothing_to_object_to_but_what_the_preview_says() -> None:
    seen = {"kept": 0, "late": 0}
    for town, was, after in effects():
        route = after.route
        earliest_s = max(HUB.offer_ttl_s, round((was.starts_at - NOON).total_seconds()))
        problem = with_earliest(stated(route, town), earliest_s)
        tour = tour_of(route)
        in_time = usable(problem, [tour])
        # Late by the preview is impossible by the planner, and the other way round.
        assert in_time == (not after.late_s)
        seen["kept" if in_time else "late"] += 1
        if not in_time:
            continue
        plan = assemble(problem, [tour], engine="by hand")
        assert findings(problem, plan) == ()
        (driven,) = plan.routes
        assert (driven.distance_m, driven.duration_s) == (route.distance_m, route.duration_s)
        assert (driven.load_weight_g, driven.load_volume_ml) == (
            route.load_weight_g,
            route.load_volume_ml,
        )
        assert plan.cost.driven == after.cost.driven
        doors = [visit.arrival_s for visit in driven.visits if visit.kind.value == "dropoff"]
        assert doors == [
            round((stop.planned_arrival_at - NOON).total_seconds())
            for stop in route.stops
            if stop.kind is StopKind.DROPOFF
        ]
    assert min(seen.values()) > 20


@pytest.mark.parametrize(
    ("able", "limits"),
    [
        ({"skills": frozenset({"cash", "age_check"})}, ()),
        ({"skills": frozenset({"age_check"})}, ("lacks_skills",)),
        ({"skills": frozenset({"cash"})}, ("lacks_age_check",)),
        ({"papers_end_at": NOON + timedelta(minutes=10)}, ("papers_expired",)),
        ({"blocks": frozenset({"mer_1"})}, ("driver_blocked",)),
        ({"blocks": frozenset({"mer_2"})}, ()),
        ({"breaks": (BreakWindow(NOON, NOON + timedelta(minutes=1), 600),)}, ()),
        (
            {"breaks": (BreakWindow(NOON, NOON + timedelta(minutes=1), 9 * 3600),)},
            ("misses_break",),
        ),
    ],
)
def test_a_route_by_hand_is_held_against_what_its_driver_may_and_can_do(
    able: dict[str, Any], limits: tuple[str, ...]
) -> None:
    town = Town(3)
    route = replace(town.route("rte_1", 2), driver_id="drv_1", status=RouteStatus.ASSIGNED)
    asks = frozenset({"cash", "age_check"}) if "skills" in able else frozenset[str]()
    needy = tuple(
        replace(stop, needs=asks) if stop.kind is StopKind.DROPOFF else stop for stop in route.stops
    )
    work = a_driver_at_work(shift_ends_at=None, **able)
    assessed = assess(
        replace(route, stops=needy), Ground(HUB, NOON, {"drv_1": work}), Distances(matrix, LOCAL)
    )
    assert assessed.limits == limits


@pytest.mark.parametrize("seed", range(30))
def test_the_best_place_is_no_worse_than_any(seed: int) -> None:
    town = Town(seed)
    route, other = town.route("rte_a", 4), town.route("rte_b", 1)
    (ref,) = other.deliveries()
    weigh, cargo = scales(), town.cargo[ref]
    best = weigh.rank(weigh.best(route, cargo, town.stop_id))
    every = [
        weigh.rank(arranging.with_cargo(route, cargo, spot, town.stop_id))
        for spot in arranging.spots(route, cargo)
    ]
    assert best == min(every)
