"""Whom would we have asked on Grubhub's days? Our matching against the nearest courier in time.

``python -m benchmarks.grubhub --instances DIR`` replays whole days on a clock of its own: every
minute the orders that wait and the couriers at hand go through
``dispatch.matching.matching.match``, the very function that ``match_drivers`` calls, and who is due
sets out. The baseline is a fair one: each order, the soonest ready first, gets the nearest idle
courier, who leaves so as to arrive when it is ready.

Beside both stands what nobody could beat: a courier who waits at every kitchen for every order.

The rules are those of the instances' evaluator: couriers drive straight at the stated speed, whole
minutes, rounded up; pickup and dropoff take their service time, half before and half after handing
over; nothing is picked up before it is ready, before it was placed, or after the courier's shift.
Every order is a route of its own; nobody refuses. Deterministic: no seed. CPU time of one core.
Source: MDRP public instances and ``compute_performance_summary.py`` (grubhub/mdrplib); Reyes et al.
2018, "The Meal Delivery Routing Problem".
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.grubhub_day import FILES, TARGET_MIN, Courier, GrubhubDay, Meal, read_day
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching.candidates import LOOK_AHEAD, Candidate
from chalicelib.domain.dispatch.matching.matching import match
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.rules.eligibility import SHIFT_GRACE
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.asking import Asking
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.plane import FINEST_SHIFT, STEPS, Legs
from chalicelib.kit.geo import LatLng
from local.town.streets import Point, latlng

_MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
#: Half of the service time passes before something is handed over, half after it [min].
PICKUP_MIN, DROPOFF_MIN = 4, 4
#: A courier answers at once: being asked a minute ahead is soon enough.
_ASKING = Asking(ask_ahead_s=60)
_CAR = Vehicle(VehicleKind.CAR, 100_000, 100_000)


@dataclass(slots=True)
class OnDuty:
    """A courier of the replay: where, and from when on [min of the day]."""

    courier: Courier
    at: Point
    free_min: int


@dataclass(slots=True)
class Replay:
    """A day being played; ``waits`` are click-to-door times [min]."""

    day: GrubhubDay
    crew: list[OnDuty]
    waiting: list[Meal] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    worked_min: int = 0
    matching_s: float = 0.0

    def way_min(self, here: Point, there: Point) -> int:
        return math.ceil(math.dist(here, there) / self.day.metres_per_minute)

    def pickup_min(self, meal: Meal, one: OnDuty, now_min: int) -> int:
        """When the courier could pick it up, setting out now or as soon as free."""
        leaves_min = max(now_min, one.free_min, one.courier.on_min)
        way_min = self.way_min(one.at, self.day.restaurants[meal.restaurant])
        return max(leaves_min + way_min + PICKUP_MIN // 2, meal.ready_min)

    def send(self, meal: Meal, one: OnDuty, now_min: int) -> None:
        """The courier sets out; refused if the shift ends before the pickup."""
        pickup_min = self.pickup_min(meal, one, now_min)
        if pickup_min > one.courier.off_min or one.free_min > now_min:
            return
        way_min = self.way_min(self.day.restaurants[meal.restaurant], meal.door)
        handed_min = pickup_min + PICKUP_MIN // 2 + way_min + DROPOFF_MIN // 2
        one.free_min, one.at = handed_min + DROPOFF_MIN // 2, meal.door
        self.worked_min += one.free_min - now_min
        self.waits.append(handed_min - meal.placed_min)
        self.waiting.remove(meal)


def soonest_min(day: GrubhubDay) -> float:
    """Click-to-door in the mean if a courier had been waiting at each restaurant for each order:
    whoever assigns, by whatever rule, is not below it [min]."""
    waits = []
    for meal in day.meals:
        way_m = math.dist(day.restaurants[meal.restaurant], meal.door)
        pickup_min = max(meal.placed_min + PICKUP_MIN // 2, meal.ready_min)
        way_min = math.ceil(way_m / day.metres_per_minute)
        handed_min = pickup_min + PICKUP_MIN // 2 + way_min + DROPOFF_MIN // 2
        waits.append(handed_min - meal.placed_min)
    return statistics.mean(waits)


#: What happens in a minute.
Policy = Callable[[Replay, int], None]


def replay(day: GrubhubDay, policy: Policy) -> Replay:
    """Play a whole day, minute by minute."""
    run = Replay(day, [OnDuty(one, one.start, one.on_min) for one in day.couriers])
    coming = sorted(day.meals, key=lambda meal: (meal.placed_min, meal.name), reverse=True)
    for now_min in range(day.begins_min, max(one.off_min for one in day.couriers) + 1):
        while coming and coming[-1].placed_min <= now_min:
            run.waiting.append(coming.pop())
        if run.waiting:
            policy(run, now_min)
    return run


def nearest_just_in_time(run: Replay, now_min: int) -> None:
    """The nearest idle courier, as late as is early enough."""
    for meal in sorted(run.waiting, key=lambda meal: (meal.ready_min, meal.name)):
        goal = run.day.restaurants[meal.restaurant]
        idle = [
            one
            for one in run.crew
            if max(one.free_min, one.courier.on_min) <= now_min
            and run.pickup_min(meal, one, now_min) <= one.courier.off_min
        ]
        if not idle:
            continue
        nearest = min(idle, key=lambda one: (math.dist(one.at, goal), one.courier.name))
        arrives_min = now_min + run.way_min(nearest.at, goal) + PICKUP_MIN // 2
        if arrives_min >= meal.ready_min:
            run.send(meal, nearest, now_min)


def ours(run: Replay, now_min: int) -> None:
    """What ``match_drivers`` does in a minute, with couriers who say yes."""
    by_name = {one.courier.name: one for one in run.crew}
    meals = {meal.name: meal for meal in run.waiting}
    look_min = LOOK_AHEAD.total_seconds() / 60
    crew = [
        _candidate(one, now_min)
        for one in run.crew
        if max(one.free_min, one.courier.on_min) <= now_min + look_min
        and one.courier.off_min >= now_min
    ]
    routes = [_route(run.day, meal) for meal in run.waiting]
    began_s = time.process_time()
    roads = {VehicleKind.CAR: _roads(run.day.metres_per_minute)}
    found = match(_HUB, routes, crew, _at(now_min), roads)
    run.matching_s += time.process_time() - began_s
    for one in found.due:
        run.send(meals[one.route.id], by_name[one.candidate.work.driver_id], now_min)


def _candidate(one: OnDuty, now_min: int) -> Candidate:
    free_min = max(one.free_min, one.courier.on_min)
    work = Work(
        driver_id=one.courier.name,
        hub_id=_HUB.id,
        vehicle=_CAR,
        version=1,
        on_duty=True,
        # The last pickup has to be within the shift; our filter lets a route end a little later.
        shift_ends_at=_at(one.courier.off_min) - SHIFT_GRACE,
        route_id=None if free_min <= now_min else "rte_before",
    )
    return Candidate(work, LatLng(*latlng(one.at)), _at(max(free_min, now_min)))


def _route(day: GrubhubDay, meal: Meal) -> Route:
    """One order: ready at the restaurant, then to the door; its end is the pickup, see above."""
    ref = (DeliveryRef("mer_1", meal.name),)
    places = ((StopKind.PICKUP, day.restaurants[meal.restaurant]), (StopKind.DROPOFF, meal.door))
    stops = tuple(
        Stop(f"{meal.name}_{kind}", kind, "", LatLng(*latlng(at)), ref, _at(meal.ready_min), 0)
        for kind, at in places
    )
    return Route(
        id=meal.name,
        hub_id=_HUB.id,
        wave_id="wav_1",
        vehicle_kind=VehicleKind.CAR,
        load_weight_g=_CAR.max_weight_g,
        load_volume_ml=_CAR.max_volume_ml,
        status=RouteStatus.PLANNED,
        version=1,
        planned_at=_at(meal.placed_min),
        starts_at=_at(meal.ready_min - PICKUP_MIN // 2),
        ends_at=_at(meal.ready_min),
        distance_m=0,
        duration_s=60 * PICKUP_MIN // 2,
        stops=stops,
    )


_ROADS: dict[float, Legs] = {}


def _roads(metres_per_minute: float) -> Legs:
    """The instance's own roads: straight, at one speed, in whole minutes."""
    if metres_per_minute not in _ROADS:
        metres = [step << FINEST_SHIFT for step in range(STEPS)]
        seconds = [60 * math.ceil(one / metres_per_minute) for one in metres]
        _ROADS[metres_per_minute] = Legs(FINEST_SHIFT, seconds, metres, metres)
    return _ROADS[metres_per_minute]


def _at(minute: int) -> datetime:
    return _MIDNIGHT + timedelta(minutes=minute)


_HUB = Hub(
    id="hub_1",
    name="Hub",
    address="Gridtown",
    position=LatLng(*latlng((8_000.0, 6_000.0))),
    radius_m=30_000,
    timezone="UTC",
    country="DE",
    offer_ttl_s=45,
    wave_horizon_s=3600,
    asking=_ASKING,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a day; click-to-door in minutes."""

    instance: str
    policy: str
    orders: int
    couriers: int
    unserved: int
    mean_min: float
    p90_min: int
    over_target_percent: float
    courier_min_per_order: float
    matching_cpu_s: float
    soonest_min: float


def outcome(run: Replay, policy: str) -> Outcome:
    waits, orders = sorted(run.waits), len(run.day.meals)
    return Outcome(
        instance=run.day.name,
        policy=policy,
        orders=orders,
        couriers=len(run.day.couriers),
        unserved=orders - len(waits),
        mean_min=statistics.mean(waits),
        p90_min=waits[int(0.9 * (len(waits) - 1))],
        over_target_percent=100 * sum(wait > TARGET_MIN for wait in waits) / len(waits),
        courier_min_per_order=run.worked_min / len(waits),
        matching_cpu_s=run.matching_s,
        soonest_min=soonest_min(run.day),
    )


POLICIES: dict[str, Policy] = {"nearest": nearest_just_in_time, "ours": ours}


def summary(rows: Sequence[Outcome], title: str) -> Table:
    """Means over the instances, each weighing the same; unserved as a share of all orders."""
    table = Table(title=title)
    for name in ("policy", "mean", "P90", "> 40 min", "unserved", "courier min", "CPU s/day"):
        table.add_column(name)
    means = {}
    for policy in POLICIES:
        mine = [row for row in rows if row.policy == policy]
        if not mine:
            continue
        means[policy] = statistics.mean(row.mean_min for row in mine)
        unserved, orders = (
            sum(getattr(row, name) for row in mine) for name in ("unserved", "orders")
        )
        table.add_row(
            policy,
            f"{means[policy]:.1f}",
            f"{statistics.mean(row.p90_min for row in mine):.1f}",
            f"{statistics.mean(row.over_target_percent for row in mine):.1f} %",
            f"{100 * unserved / orders:.2f} % ({unserved} of {orders})",
            f"{statistics.mean(row.courier_min_per_order for row in mine):.1f}",
            f"{statistics.mean(row.matching_cpu_s for row in mine):.1f}",
        )
    if len(means) == len(POLICIES):
        soonest = statistics.mean(row.soonest_min for row in rows)
        less, most = (100 * (1 - one / means["nearest"]) for one in (means["ours"], soonest))
        table.caption = (
            f"ours is {less:.1f} % below the nearest, just in time; a courier at every kitchen "
            f"({soonest:.1f} min) would be {most:.1f} % below it"
        )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--instances",
        type=Path,
        default=Path("mdrp_grubhub"),
        help="folder of Grubhub instances",
    )
    parser.add_argument("--only", default="o100", help="only names that contain this")
    parser.add_argument("--json", type=Path, help="write one row per instance and policy here")
    chosen = parser.parse_args(arguments)
    complete = [
        one
        for one in sorted(chosen.instances.glob("*/"))
        if chosen.only in one.name and all((one / file).is_file() for file in FILES)
    ]
    if not complete:
        print(f"no Grubhub instance in {chosen.instances}: nothing to replay (see --instances)")
        return 0
    rows = []
    for folder in complete:
        day = read_day(folder)
        for name, policy in POLICIES.items():
            rows.append(outcome(replay(day, policy), name))
            print(json.dumps(asdict(rows[-1])), flush=True)
    console = Console()
    console.print(summary(rows, f"{len(complete)} days"))
    for speed in ("t100", "t75"):
        group = [row for row in rows if speed in row.instance]
        if group and len(group) < len(rows):
            console.print(summary(group, f"{speed}: {len(group) // len(POLICIES)} days"))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
