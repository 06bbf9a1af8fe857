"""The city of the recovery benchmark: doors, lockers, and which visits fail. All from one seed.

Fourteen districts and a third of the doors anywhere in a disc of nine kilometres, a hub ten
kilometres out, roads 1.35 times the crow's way, vans at 24 km/h, three minutes at a door. Whether
the n-th visit to a parcel fails is drawn per parcel, so every arm meets the same shut doors.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import PlannedRoute, VisitKind
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng

DISC_M, DISTRICT_M, DISTRICTS, ANYWHERE = 9_000, 900, 14, 0.35
DETOUR, METRES_PER_S = 1.35, 24 / 3.6
DOOR_S = 180
#: Walking in at a locker, and each parcel there.
LOCKER_S, PARCEL_S = 60, 45
#: Tours are planned half an hour short of a shift of eight, with recovery and without.
PLANNED_S, SHIFT_S = 27_000, 28_800
#: Money inputs: a driver's hour, a kilometre, a van's day [minor units].
HOUR_MINOR, KM_MINOR, VAN_MINOR = 2_400, 32, 3_500
VANS = 10
MOST_TRIES = 3

type Point = tuple[float, float]
HUB: Point = (0.0, 10_000.0)


def road_m(one: Point, other: Point) -> int:
    return int(DETOUR * math.dist(one, other))


def drive_s(distance_m: int) -> int:
    return int(distance_m / METRES_PER_S)


@dataclass(frozen=True)
class Parcel:
    """``luck`` decides each visit: it fails where the number is below the rate of failures.

    ``locker``: it goes there from the hub, after a failure.
    """

    id: str
    door: Point
    luck: tuple[float, ...]
    mind: float
    tries: int = 0
    locker: int | None = None

    def fails(self, rate: float) -> bool:
        return self.luck[self.tries] < rate

    def again(self) -> "Parcel":
        return replace(self, tries=self.tries + 1)


@dataclass(frozen=True)
class Visit:
    """A stop of a tour: a door with its parcel, or a locker with several."""

    at: Point
    parcels: tuple[Parcel, ...]
    locker: int | None = None

    @property
    def service_s(self) -> int:
        return DOOR_S if self.locker is None else LOCKER_S + PARCEL_S * len(self.parcels)


@dataclass(frozen=True)
class City:
    seed: int
    lockers: tuple[Point, ...]

    @classmethod
    def of(cls, seed: int, lockers: int) -> "City":
        """Lockers stand where people live; of more lockers the first are the same."""
        bare = cls(seed, ())
        rng = random.Random(f"lockers {seed}")
        return cls(seed, tuple(bare.somewhere(rng) for _ in range(lockers)))

    @cached_property
    def districts(self) -> list[Point]:
        rng = random.Random(f"districts {self.seed}")
        return [_in_disc(rng) for _ in range(DISTRICTS)]

    def somewhere(self, rng: random.Random) -> Point:
        if rng.random() < ANYWHERE:
            return _in_disc(rng)
        x, y = rng.choice(self.districts)
        return rng.gauss(x, DISTRICT_M), rng.gauss(y, DISTRICT_M)

    def parcels(self, day: int, count: int) -> list[Parcel]:
        """The new parcels of a day, the same for every arm."""
        made = []
        for number in range(count):
            rng = random.Random(f"parcel {self.seed} {day} {number}")
            luck = tuple(rng.random() for _ in range(MOST_TRIES))
            made.append(Parcel(f"{day}-{number:04d}", self.somewhere(rng), luck, rng.random()))
        return made

    def nearest_locker(self, door: Point) -> tuple[int, int] | None:
        """Its number, and how far to walk [m]; None where there is none."""
        ways = [(int(DETOUR * math.dist(door, at)), k) for k, at in enumerate(self.lockers)]
        walk_m, number = min(ways, default=(0, -1))
        return (number, walk_m) if ways else None


def _in_disc(rng: random.Random) -> Point:
    far_m, angle = DISC_M * math.sqrt(rng.random()), 2 * math.pi * rng.random()
    return far_m * math.cos(angle), far_m * math.sin(angle)


def plan(visits: Sequence[Visit], seed: int, iterations: int) -> list[list[Visit]]:
    """The tours of a day by our own optimizer, the same number of steps everywhere."""
    places = [HUB, *(one.at for one in visits)]
    metres = [[road_m(a, b) for b in places] for a in places]
    seconds = [[drive_s(one) for one in row] for row in metres]
    van = Vehicle(
        "",
        "van",
        0,
        0,
        max_weight_g=1 << 30,
        max_volume_ml=1 << 30,
        shift=Window(0, PLANNED_S),
        fixed_cost=1_000 * VAN_MINOR,
        cost_per_m=KM_MINOR,
        cost_per_s=1_000 * HOUR_MINOR // 3_600,
    )
    anytime = Window(0, PLANNED_S)
    jobs = tuple(
        Job(
            id=str(place),
            pickup=None,
            dropoff=place,
            pickup_window=anytime,
            dropoff_windows=(anytime,),
            dropoff_service_s=one.service_s,
            weight_g=1,
            penalty=None,
        )
        for place, one in enumerate(visits, start=1)
    )
    problem = Problem(
        datetime(2026, 1, 1, tzinfo=UTC),
        (Place(LatLng(0, 0)),) * len(places),
        tuple(replace(van, id=f"v{number}") for number in range(VANS)),
        jobs,
        {"van": Travel(Matrix.of(seconds), Matrix.of(metres))},
    )
    made = solve(problem, budget_s=600, seed=seed, iterations=iterations, cpu_clock=True)
    assert not made.unserved, f"{len(made.unserved)} visits did not fit into {VANS} vans"
    return [_tour(route, visits) for route in made.routes]


def _tour(route: PlannedRoute, visits: Sequence[Visit]) -> list[Visit]:
    return [visits[one.place - 1] for one in route.visits if one.kind is VisitKind.DROPOFF]
