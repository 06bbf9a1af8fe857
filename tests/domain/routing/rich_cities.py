"""Little cities with every rule sprinkled over them: what an engine may be asked."""

import random
from dataclasses import replace

from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.problem import Fairness, Job, Problem
from tests.domain.routing.cities import a_city


def a_rich_city(seed: int, *, jobs: int = 8, vehicles: int = 3, grouped: bool = True) -> Problem:
    """Hub-loaded and picked-up jobs, skills, pins, breaks, reloads, soft windows, limits, prices.

    ``grouped`` adds jobs that go together and orders of pickups, which the native core leaves to
    OR-Tools.
    """
    rng = random.Random(seed)
    base = a_city(
        seed,
        jobs=jobs,
        stores=max(1, jobs // 3),
        vehicles=vehicles,
        span=rng.choice((0.02, 0.08, 0.2)),
    )
    names = [vehicle.id for vehicle in base.vehicles]
    made = tuple(_job(rng, job, names) for job in base.jobs)
    problem = replace(
        base,
        jobs=made,
        vehicles=tuple(_vehicle(rng, vehicle) for vehicle in base.vehicles),
        fairness=rng.choice((None, None, Fairness(3600, 200))),
    )
    picked = [index for index, job in enumerate(made) if job.pickup is not None]
    if not grouped or len(picked) < 2:
        return problem
    return replace(
        problem,
        same_route=rng.choice(((), ((0, 1),))),
        pickup_order=rng.choice(((), ((picked[0], picked[-1]),))),
    )


def _job(rng: random.Random, job: Job, names: list[str]) -> Job:
    if rng.random() < 0.5:
        job = replace(job, pickup=None, pickup_service_s=0)
    first = job.dropoff_windows[0]
    if rng.random() < 0.3:
        later = Window(first.latest_s + 600, first.latest_s + 4000)
        job = replace(job, dropoff_windows=(first, later))
    if rng.random() < 0.3:
        job = replace(job, due_s=first.earliest_s + 1200, late_cost_per_s=rng.choice((10, 900)))
    if names and rng.random() < 0.3:
        name = rng.choice(names)
        pins = ({"only_vehicle": name}, {"not_vehicles": frozenset((name,))})
        stays = {"planned_vehicle": rng.choice((name, name, "gone")), "change_cost": 300_000}
        job = replace(job, **rng.choice((*pins, stays)))
    return replace(
        job,
        skills=frozenset(rng.choice(((), (), (), ("cold",)))),
        priority=rng.choice((0, 0, 3)),
        parcels=rng.choice((1, 1, 4)),
    )


def _vehicle(rng: random.Random, vehicle: Vehicle) -> Vehicle:
    breaks: tuple[Break, ...] = ()
    if rng.random() < 0.5:
        breaks = (Break(Window(3000, rng.choice((3600, 6000))), 900),)
        if rng.random() < 0.3:
            breaks = (*breaks, Break(Window(9000, 11_000), 600))
    scale = rng.choice((1, 1, 30))
    return replace(
        vehicle,
        max_weight_g=vehicle.max_weight_g // scale,
        max_parcels=rng.choice((None, 6)),
        max_jobs=rng.choice((None, None, 4)),
        max_distance_m=rng.choice((None, None, 25_000)),
        max_duration_s=rng.choice((None, None, 9_000)),
        overtime_after_s=5_400,
        overtime_cost_per_s=rng.choice((0, 400)),
        skills=frozenset(rng.choice(((), ("cold",)))),
        breaks=breaks,
        reload=rng.choice((None, Reload(0, 300, 2))),
    )
