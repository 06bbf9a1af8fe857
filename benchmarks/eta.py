"""How good are expected arrivals? ``python -m benchmarks.eta``: simulated days, production modules.

Each route has 60 stops and a plan. What the plan does not know: the driver's pace, the traffic of
the day, how long each kind of door takes here, each leg's and each door's own luck. Lessons are
learned on some seeds and judged on others. As every stop ends, every later stop is forecast.
The shipped percentiles (``tracking/shipped.py``) are what ``--write`` makes of the learning seeds.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.domain.deliveries.model import DoorKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.tracking import forecast, learning, windows
from chalicelib.domain.tracking.learning import Lessons
from chalicelib.domain.tracking.shipped import SPREADS
from chalicelib.domain.tracking.windows import Spread
from chalicelib.kit.geo import LatLng

STOPS = 60
PLANNED_S = 180
#: What doors really take here [s], and how they scatter (sigma of the logarithm).
HANDLING_S = {DoorKind.HOUSE: 120, DoorKind.APARTMENT: 260, DoorKind.BUSINESS: 200}
MIX = (0.5, 0.35, 0.15)
HANDLING_SIGMA, LEG_SIGMA, PACE_SIGMA, TRAFFIC_SIGMA = 0.55, 0.22, 0.12, 0.08
AHEAD = (1, 3, 5, 10, 20, 40)
NOON = datetime(2026, 11, 27, 8, tzinfo=UTC)
SHIPPED = Path(__file__).parent.parent / "chalicelib/domain/tracking/shipped.py"
NAMES = ("0-5", "5-10", "10-20", "20-40", "40-80", "80-160", "over 160")


@dataclass(frozen=True, slots=True)
class Predictor:
    """One row of the table: what is expected at each stop ahead as a stop ends."""

    name: str
    predict: Callable[[Route, datetime, Lessons], dict[str, datetime]]


def a_route(rng: random.Random, day: float) -> Route:
    """A route that was driven, with the plan that it was driven by."""
    place, stops = LatLng(52.5, 13.4), []
    pace = rng.lognormvariate(0, PACE_SIGMA)
    planned_at = at = NOON
    for number in range(STOPS):
        far_m = rng.expovariate(1 / 700) + 80
        turn = rng.uniform(0, 2 * math.pi)
        place = LatLng(
            min(52.9, max(52.1, place.latitude + far_m * math.cos(turn) / 111_195)),
            min(13.9, max(12.9, place.longitude + far_m * math.sin(turn) / 67_700)),
        )
        leg_s = 60 + far_m * 0.17
        kind = rng.choices(tuple(HANDLING_S), MIX)[0]
        planned_at += timedelta(seconds=round(leg_s))
        at += timedelta(seconds=leg_s * pace * day * rng.lognormvariate(0, LEG_SIGMA))
        arrived_at = at
        at += timedelta(seconds=HANDLING_S[kind] * pace * _luck(rng))
        stops.append(
            Stop(
                f"stp_{number}",
                StopKind.DROPOFF,
                "",
                place,
                (DeliveryRef("mer", f"del_{number}"),),
                planned_at,
                PLANNED_S,
                StopStatus.DONE,
                arrived_at,
                at,
                door=kind,
            )
        )
        planned_at += timedelta(seconds=PLANNED_S)
    return Route(
        "rte", "hub", "wav", VehicleKind.VAN, 0, 0, RouteStatus.COMPLETED, 1, NOON, NOON,
        planned_at, 0, 0, tuple(stops),
    )  # fmt: skip


def _luck(rng: random.Random) -> float:
    """Around 1 in the mean, often a little less and seldom much more."""
    return rng.lognormvariate(-(HANDLING_SIGMA**2) / 2, HANDLING_SIGMA)


def routes_of(seeds: Sequence[int], routes: int) -> Iterator[Route]:
    """So many routes for each seed; a seed is a day, and its traffic the same for all."""
    for seed in seeds:
        rng = random.Random(seed)
        day = rng.lognormvariate(0, TRAFFIC_SIGMA)
        for _ in range(routes):
            yield a_route(rng, day)


def moments(route: Route) -> Iterator[tuple[int, Route, datetime]]:
    """The route as it stood when each stop but the last had ended."""
    for number, stop in enumerate(route.stops[:-1]):
        if stop.done_at is not None:
            yield number, learning.as_it_was(route, stop.done_at), stop.done_at


def _never_updated(route: Route, now: datetime, lessons: Lessons) -> dict[str, datetime]:
    return {stop.id: stop.planned_arrival_at for stop in route.stops}


def _anchored(route: Route, now: datetime, lessons: Lessons) -> dict[str, datetime]:
    return _without_pace(route, now, forecast.as_planned)


def _learned(route: Route, now: datetime, lessons: Lessons) -> dict[str, datetime]:
    return _without_pace(route, now, lessons.handling_s)


def _without_pace(route: Route, now: datetime, handling: forecast.Handling) -> dict[str, datetime]:
    """The production forecast of a route that shows nothing but where it is: no pace is told."""
    last = max(number for number, stop in enumerate(route.stops) if stop.status.is_over)
    shown = replace(route, stops=route.stops[last:])
    return {one.stop.id: one.at for one in forecast.forecast(shown, now, handling)}


def _ours(route: Route, now: datetime, lessons: Lessons) -> dict[str, datetime]:
    return {one.stop.id: one.at for one in forecast.forecast(route, now, lessons.handling_s)}


PREDICTORS = (
    Predictor("morning plan, never updated", _never_updated),
    Predictor("re-anchored at each stop, planned handling", _anchored),
    Predictor("+ learned handling by kind of door", _learned),
    Predictor("+ shrunk pace (what is shipped)", _ours),
)


def lessons_of(seeds: Sequence[int], routes: int) -> Lessons:
    lessons = Lessons()
    for route in routes_of(seeds, routes):
        lessons = learning.learn(lessons, route, {})
    return lessons


def spreads_of(seeds: Sequence[int], routes: int, lessons: Lessons) -> list[Spread]:
    """The percentiles of all errors of some days, by bucket, to the second."""
    errors: dict[int, list[float]] = defaultdict(list)
    for route in routes_of(seeds, routes):
        for _, then, now in moments(route):
            for one in forecast.forecast(then, now, lessons.handling_s):
                errors[windows.bucket_of(one.horizon_s)].append(_late_s(route, one))
    found = []
    for bucket in range(windows.BUCKETS):
        tenths = statistics.quantiles(errors[bucket], n=10)
        found.append(Spread(round(tenths[0]), round(tenths[4]), round(tenths[8])))
    return found


def _late_s(route: Route, one: forecast.Expected) -> float:
    stop = route.stop(one.stop.id)
    assert stop is not None
    assert stop.arrived_at is not None
    return (stop.arrived_at - one.at).total_seconds()


def errors_table(seeds: Sequence[int], routes: int, lessons: Lessons) -> list[list[str]]:
    """Mean absolute error [min] by how many stops ahead."""
    rows = []
    for predictor in PREDICTORS:
        off: dict[int, list[float]] = defaultdict(list)
        for route in routes_of(seeds, routes):
            for number, then, now in moments(route):
                told = predictor.predict(then, now, lessons)
                for ahead in AHEAD:
                    if number + ahead < STOPS:
                        stop = route.stops[number + ahead]
                        assert stop.arrived_at is not None
                        off[ahead].append(abs((stop.arrived_at - told[stop.id]).total_seconds()))
        rows.append(
            [predictor.name, *(f"{statistics.fmean(off[ahead]) / 60:.1f}" for ahead in AHEAD)]
        )
    return rows


def coverage_table(
    seeds: Sequence[int], routes: int, lessons: Lessons, spreads: Sequence[Spread]
) -> list[list[str]]:
    """How often the arrival was within P10 to P90 [%], early and late, by bucket of horizon."""
    hits: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for route in routes_of(seeds, routes):
        for _, then, now in moments(route):
            for one in forecast.forecast(then, now, lessons.handling_s):
                bucket = windows.bucket_of(one.horizon_s)
                late_s, spread = _late_s(route, one), spreads[bucket]
                hits[bucket][0 if late_s < spread.p10_s else 2 if late_s > spread.p90_s else 1] += 1
    rows = []
    for bucket, name in enumerate(NAMES):
        early, within, late = hits[bucket]
        total = max(1, early + within + late)
        spread = spreads[bucket]
        ends = f"{spread.p10_s / 60:+.1f} .. {spread.p90_s / 60:+.1f}"
        shares = [f"{100 * part / total:.1f}" for part in (within, early, late)]
        rows.append([name, ends, *shares, f"{total:,}"])
    return rows


def recompute_ms(lessons: Lessons, rounds: int = 300) -> float:
    """CPU of one forecast with windows of 50 stops ahead [ms]."""
    route = next(routes_of([1], 1))
    now = route.stops[9].done_at
    assert now is not None
    then = learning.as_it_was(route, now)
    began = time.process_time()
    for _ in range(rounds):
        for one in forecast.forecast(then, now, lessons.handling_s):
            windows.window(one.at, one.horizon_s, SPREADS, now)
    return (time.process_time() - began) / rounds * 1000


def as_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(spreads: Sequence[Spread]) -> str:
    rows = [", ".join(f"{end:.0f}" for end in (s.p10_s, s.p50_s, s.p90_s)) for s in spreads]
    lines = "\n".join(f"    Spread({row})," for row in rows)
    return f'''"""What are forecasts off by before a hub has learned it? Percentiles by horizon [s].

Made by ``python -m benchmarks.eta --write``; do not edit.
"""

from chalicelib.domain.tracking.windows import Spread

SPREADS = (
{lines}
)
'''


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Errors and windows of expected arrivals.")
    parser.add_argument("--days", type=int, default=150, help="days to learn on, and to judge on")
    parser.add_argument("--routes", type=int, default=2, help="routes of a day")
    parser.add_argument("--write", action="store_true", help="ship what these days teach")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(argv)
    learning_seeds = range(1_000, 1_000 + chosen.days)
    judging_seeds = range(5_000, 5_000 + chosen.days)
    lessons = lessons_of(learning_seeds, chosen.routes)
    if chosen.write:
        SHIPPED.write_text(written(spreads_of(learning_seeds, chosen.routes, lessons)))
        print(f"wrote {SHIPPED.name}; run again to judge it")
        return 0
    errors = errors_table(judging_seeds, chosen.routes, lessons)
    shipped = coverage_table(judging_seeds, chosen.routes, lessons, SPREADS)
    own = coverage_table(judging_seeds, chosen.routes, lessons, lessons.spreads(SPREADS))
    took_ms = recompute_ms(lessons)
    heads = ["horizon, min", "P10 .. P90, min", "within, %", "early, %", "late, %", "forecasts"]
    print(f"learned on seeds {learning_seeds}, judged on {judging_seeds}, {STOPS} stops a route\n")
    print("Mean absolute error in minutes, by stops ahead\n")
    print(as_table(["predictor", *map(str, AHEAD)], errors))
    print("\nArrivals within P10 to P90, shipped percentiles\n")
    print(as_table(heads, shipped))
    print("\nThe same with the percentiles that the hub has learned\n")
    print(as_table(heads, own))
    print(f"\n50 stops ahead: {took_ms:.2f} ms of CPU for forecast and windows")
    if chosen.json:
        told = {"errors": errors, "shipped": shipped, "learned": own, "recompute_ms": took_ms}
        chosen.json.write_text(json.dumps(told, indent=1))
    covered = [float(row[2]) for row in (*shipped, *own)]
    return 0 if all(77 <= share <= 83 for share in covered) else 1


if __name__ == "__main__":
    sys.exit(main())
