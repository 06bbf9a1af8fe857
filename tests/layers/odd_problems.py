"""Seeded small problems with everything that the native core knows, sensible or not.

They are for looking at the core's memory and arithmetic, not at its plans: windows that nobody
meets, frozen starts that cannot be driven, matrices that are no map.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.problem import RELOAD, Fairness, Job, Place, Problem
from chalicelib.kit.geo import LatLng

EPOCH = datetime(2026, 11, 23, tzinfo=UTC)
DAY_S = 36_000
SKILLS = ("cold", "lift")


def an_odd_problem(seed: int) -> Problem:
    """The same seed gives the same problem; every third is plain, every third has pairs alone.

    Of the others, half have no pairs: their trips change vehicles.

    Every twentieth has more jobs than the core's neighbour lists are long.
    """
    rng = random.Random(seed)
    rich = seed % 3 == 2
    places = tuple(
        Place(LatLng(0, 0), rng.choice((0, 0, 60)) if rich else 0)
        for _ in range(rng.randint(2, 20))
    )
    kinds = ("van", "bike")[: rng.randint(1, 2)]
    pairs = seed % 3 != 0 and seed % 6 != 5
    count = 400 if seed % 20 == 19 else rng.randint(1, 24)
    jobs = tuple(_job(rng, index, len(places), pairs, rich) for index in range(count))
    fleet = [_vehicle(rng, n, kinds, len(places), rich) for n in range(rng.randint(1, 5))]
    if rich:
        jobs = tuple(_bound(rng, job, fleet) for job in jobs)
        fleet = _frozen(rng, fleet, jobs)
    return Problem(
        epoch_at=EPOCH,
        places=places,
        vehicles=tuple(fleet),
        jobs=jobs,
        travel={kind: _travel(rng, len(places)) for kind in kinds},
        fairness=Fairness(rng.randint(0, DAY_S), rng.randint(0, 900)) if rich else None,
    )


LARGEST = 2**31 - 1

#: Numbers that the contract allows and 32 bits, or a sum in 64, do not hold.
LARGE: dict[str, Callable[[Problem], Problem]] = {
    "weights": lambda problem: _with_jobs(problem, weight_g=2**30),
    "one weight": lambda problem: _with_jobs(problem, weight_g=2**33),
    "parcels": lambda problem: _with_jobs(problem, parcels=LARGEST),
    "handling": lambda problem: _with_jobs(problem, dropoff_service_s=2**40),
    "lateness": lambda problem: _with_jobs(problem, due_s=0, late_cost_per_s=2**50),
    "penalties": lambda problem: _with_jobs(problem, penalty=None, priority=9),
    "release": lambda problem: _with_jobs(problem, pickup_window=Window(2**40, 2**40)),
    "capacity": lambda problem: _with_vehicles(problem, max_weight_g=LARGEST),
    "prices": lambda problem: _with_vehicles(problem, cost_per_m=2**50, cost_per_s=2**50),
    "fixed cost": lambda problem: _with_vehicles(problem, fixed_cost=2**62),
    "shift": lambda problem: _with_vehicles(problem, shift=Window(0, 2**40)),
    "setup": lambda problem: replace(
        problem, places=tuple(replace(place, setup_s=2**30) for place in problem.places)
    ),
    "seconds": lambda problem: _with_travel(problem, seconds=True),
    "metres": lambda problem: _with_travel(problem, seconds=False),
}


def _with_jobs(problem: Problem, **changes) -> Problem:
    return replace(problem, jobs=tuple(replace(job, **changes) for job in problem.jobs))


def _with_vehicles(problem: Problem, **changes) -> Problem:
    return replace(problem, vehicles=tuple(replace(one, **changes) for one in problem.vehicles))


def _with_travel(problem: Problem, *, seconds: bool) -> Problem:
    size = range(len(problem.places))
    far = Matrix.of([[LARGEST if i != j else 0 for j in size] for i in size])
    travel = {
        kind: Travel(far, one.distance_m) if seconds else Travel(one.duration_s, far)
        for kind, one in problem.travel.items()
    }
    return replace(problem, travel=travel)


def _travel(rng: random.Random, size: int) -> Travel:
    """A map, or any numbers at all; sometimes seconds and metres are the same matrix."""
    if rng.random() < 0.5:
        points = [(rng.randint(0, 3_000), rng.randint(0, 3_000)) for _ in range(size)]
        rows = [[abs(a - c) + abs(b - d) for c, d in points] for a, b in points]
    else:
        longest = [[rng.choice((0, 4_000)) for _ in range(size)] for _ in range(size)]
        rows = [
            [rng.randint(0, most) if i != j else 0 for j, most in enumerate(row)]
            for i, row in enumerate(longest)
        ]
    seconds = Matrix.of(rows)
    if rng.random() < 0.3:
        return Travel(seconds, seconds)
    metres = [[cell * 7 + (3 if cell else 0) for cell in row] for row in rows]
    return Travel(seconds, Matrix.of(metres))


def _window(rng: random.Random, earliest: int = 0) -> Window:
    begin = rng.choice((earliest, earliest + rng.randint(0, DAY_S // 2)))
    return Window(begin, begin + rng.choice((0, rng.randint(0, DAY_S), DAY_S)))


def _job(rng: random.Random, index: int, places: int, pairs: bool, rich: bool) -> Job:
    windows = [_window(rng)]
    while rich and rng.random() < 0.3:
        windows.append(_window(rng, windows[-1].latest_s + 1))
    pickup = rng.randrange(places) if pairs and rng.random() < 0.7 else None
    return Job(
        id=f"job_{index}",
        pickup=pickup,
        dropoff=rng.randrange(places),
        pickup_window=_window(rng) if pickup is not None or rich else Window(0, DAY_S),
        dropoff_windows=tuple(windows),
        pickup_service_s=rng.choice((0, 90)) if pickup is not None else 0,
        dropoff_service_s=rng.choice((0, 180)),
        weight_g=rng.choice((0, 2_000, rng.randint(0, 60_000))),
        volume_ml=rng.choice((0, rng.randint(0, 90_000))),
        penalty=rng.choice((None, 0, rng.randint(0, 3_000_000))),
        parcels=rng.randint(0, 3),
        priority=rng.choice((0, 9)) if rich else 0,
        skills=frozenset(rng.sample(SKILLS, rng.choice((0, 0, 1)))) if rich else frozenset(),
        due_s=rng.randint(0, DAY_S) if rich and rng.random() < 0.4 else None,
        late_cost_per_s=rng.randint(0, 800),
    )


def _vehicle(
    rng: random.Random, number: int, kinds: tuple[str, ...], places: int, rich: bool
) -> Vehicle:
    limit = (lambda most: rng.choice((None, rng.randint(0, most)))) if rich else (lambda _: None)
    return Vehicle(
        id=f"veh_{number}",
        kind=rng.choice(kinds),
        start=None if rich and rng.random() < 0.3 else rng.randrange(places),
        end=None if rng.random() < 0.3 else rng.randrange(places),
        max_weight_g=rng.choice((0, 100_000, 400_000, 2**40)),
        max_volume_ml=rng.choice((100_000, 600_000)),
        shift=_window(rng),
        fixed_cost=rng.choice((0, 300_000)),
        cost_per_m=rng.choice((0, 1, 35)),
        cost_per_s=rng.choice((0, 0, 500)),
        max_jobs=limit(10),
        max_parcels=limit(20),
        max_distance_m=limit(200_000),
        max_duration_s=limit(DAY_S),
        overtime_after_s=rng.randint(0, DAY_S) if rich else 0,
        overtime_cost_per_s=rng.choice((0, 700)) if rich else 0,
        skills=frozenset(rng.sample(SKILLS, rng.randint(0, 2))),
        breaks=_breaks(rng) if rich else (),
        reload=_reload(rng, places) if rich and rng.random() < 0.5 else None,
    )


def _reload(rng: random.Random, places: int) -> Reload:
    return Reload(rng.randrange(places), rng.choice((0, 300)), rng.randint(1, 3))


def _breaks(rng: random.Random) -> tuple[Break, ...]:
    breaks: list[Break] = []
    free_s = rng.randint(0, DAY_S // 4)
    for _ in range(rng.choice((0, 0, 1, 3))):
        window = Window(free_s, free_s + rng.choice((0, 1_800, 7_200)))
        breaks.append(Break(window, rng.choice((900, 1_800))))
        free_s = window.latest_s + 1_800 + rng.randint(0, 7_200)
    return tuple(breaks)


def _bound(rng: random.Random, job: Job, fleet: list[Vehicle]) -> Job:
    """The job with a vehicle that it must, must not, or should keep."""
    one = rng.choice(fleet).id
    choice = rng.randrange(6)
    if choice == 0:
        return replace(job, only_vehicle=one)
    if choice == 1:
        return replace(job, not_vehicles=frozenset({one}))
    if choice == 2:
        return replace(job, planned_vehicle=one, change_cost=rng.choice((0, 200_000)))
    return job


def _frozen(rng: random.Random, fleet: list[Vehicle], jobs: tuple[Job, ...]) -> list[Vehicle]:
    """The fleet, some of it under way."""
    free = list(range(len(jobs)))
    rng.shuffle(free)
    under_way = []
    for vehicle in fleet:
        tasks: list[int] = []
        while free and rng.random() < 0.3:
            index = free.pop()
            if not jobs[index].allows(vehicle):
                continue
            both = jobs[index].tasks(index)
            tasks += both if rng.random() < 0.5 else both[:1]
            if vehicle.reload is not None and RELOAD not in tasks and rng.random() < 0.3:
                tasks.append(RELOAD)
        under_way.append(replace(vehicle, frozen=tuple(tasks)))
    return under_way
