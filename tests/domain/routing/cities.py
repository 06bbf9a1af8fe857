"""Seeded little cities for the routing tests: stores, doors, windows and a mixed fleet."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.problem import Job, Place, Problem, Tour
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.geo import LatLng

EPOCH = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FLEET = {  # kind: (weight_g, volume_ml, fixed, per metre, per second)
    "van": (600_000, 4_000_000, 600_000, 35, 550),
    "car": (150_000, 500_000, 300_000, 25, 500),
    "cargo_bike": (80_000, 250_000, 150_000, 4, 450),
    "walker": (12_000, 40_000, 50_000, 0, 400),
}


def a_city(
    seed: int,
    *,
    jobs: int = 20,
    stores: int = 6,
    vehicles: int = 4,
    kinds: tuple[str, ...] = ("van", "car", "cargo_bike"),
    mandatory: bool = False,
    span: float = 0.08,
    open_ends: bool = True,
) -> Problem:
    """``span`` is the city's size in degrees: 0.08 is about 9 km by 5 km."""
    rng = random.Random(seed)

    def point() -> LatLng:
        return LatLng(52.52 + rng.uniform(-span, span) / 2, 13.40 + rng.uniform(-span, span) / 2)

    places = [Place(LatLng(52.52, 13.40), 120)]
    places += [Place(point(), rng.choice((90, 180))) for _ in range(stores)]
    made = []
    for index in range(jobs):
        places.append(Place(point(), rng.choice((60, 120))))
        release = rng.choice((0, 0, 600, 1800))
        opening = release + rng.choice((0, 0, 1800, 3600))
        made.append(
            Job(
                id=f"job_{index:03d}",
                pickup=rng.randint(1, stores),
                dropoff=len(places) - 1,
                pickup_window=Window(release, 4 * 3600),
                dropoff_windows=(Window(opening, opening + rng.choice((5400, 7200, 10800))),),
                pickup_service_s=30,
                dropoff_service_s=90,
                weight_g=rng.randint(200, 9_000),
                volume_ml=rng.randint(500, 30_000),
                penalty=None if mandatory else rng.choice((800_000, 2_000_000)),
            )
        )
    fleet = []
    for index in range(vehicles):
        kind = kinds[index % len(kinds)]
        weight_g, volume_ml, fixed, per_m, per_s = FLEET[kind]
        end = None if open_ends and index % 2 else 0
        shift = Window(0, 4 * 3600)
        fleet.append(
            Vehicle(
                f"veh_{index:02d}", kind, 0, end, weight_g, volume_ml, shift, fixed, per_m, per_s
            )
        )
    points = [place.position for place in places]
    travel = {kind: matrix(points, EPOCH, kind) for kind in sorted(set(kinds))}
    return Problem(EPOCH, tuple(places), tuple(fleet), tuple(made), travel)


def under_way(problem: Problem, tours: Sequence[Tour], seed: int) -> Problem:
    """The same city later: each driver is about to do the first so many tasks of a tour."""
    rng = random.Random(seed)
    fleet = tuple(
        replace(vehicle, frozen=tuple(tour[: rng.randint(0, len(tour))]))
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    )
    return replace(problem, vehicles=fleet)
