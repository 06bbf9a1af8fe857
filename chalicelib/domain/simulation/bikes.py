"""Do e-bikes from a micro-hub pay? Doors near the middle by bike, the rest by van.

The micro-hub has its rent and its deliveries by van; bikes ride short runs from it and riders are
paid as drivers are. What decides is how much sooner a bike is done at a door: that is an input, so
both a bike that saves time at the door and one that saves none are shown.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.simulation import tours
from chalicelib.domain.simulation.city import MIDDLE, City, Spot
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.rows import Row
from chalicelib.domain.simulation.tours import Fleet, Stop, Tour

GROUP = "bikes"


@dataclass(frozen=True, slots=True)
class Arm:
    """``bike_s`` None: no bikes."""

    name: str
    van_s: int
    bike_s: int | None = None


def arms(inputs: Inputs) -> tuple[Arm, ...]:
    slow, quick, same = inputs.slow_van_service_s, inputs.bike_service_s, inputs.service_s
    return (
        Arm(f"vans alone, {slow} s a stop", slow),
        Arm(f"input: e-bikes need {quick} s, vans {slow} s", slow, quick),
        Arm(f"vans alone, {same} s a stop", same),
        Arm(f"input: both need {same} s", same, same),
    )


def run(city: City, parcels: int, seed: int) -> Iterator[Row]:
    found = city.doors("bikes' day", parcels)
    for arm in arms(city.inputs):
        yield Row(GROUP, arm.name, seed, figures(city, found, arm, seed))


def figures(city: City, found: Sequence[Spot], arm: Arm, seed: int) -> dict[str, float]:
    given = city.inputs
    reach_m = given.bike_zone_m if arm.bike_s is not None else -1
    near = [door for door in found if math.dist(door, MIDDLE) <= reach_m]
    far = [door for door in found if math.dist(door, MIDDLE) > reach_m]
    stops = [Stop(door, arm.van_s) for door in far] + list(_restocking(given, len(near)))
    work_s = sum(one.service_s for one in stops)
    vans = tours.vans(given, 2 + math.ceil(2.5 * work_s / given.shift_s))
    by_van = tours.plan(given, city.hub, stops, vans, seed)
    ridden = [Stop(door, arm.bike_s or 0) for door in near]
    runs = tours.plan(given, MIDDLE, ridden, _bikes(given, len(near)), seed)
    riders = shifts(given, runs)
    km = sum(tour.metres for tour in by_van) / 1000
    paid_s = sum(tour.seconds for tour in by_van)
    paid_s += sum(tour.seconds + given.load_s for tour in runs)
    minor = given.km_minor * km + given.hour_minor * paid_s / 3600
    minor += given.van_day_minor * len(by_van) + given.bike_day_minor * riders
    minor += given.micro_hub_day_minor if near else 0
    return {
        "by_bike_percent": 100 * len(near) / len(found),
        "parcels_a_run": len(near) / len(runs) if runs else 0.0,
        "van_km": km,
        "vans": len(by_van),
        "riders": riders,
        "cost_per_parcel_minor": minor / len(found),
    }


def _restocking(inputs: Inputs, parcels: int) -> Iterator[Stop]:
    """What the bikes carry comes by van, half a van at a time."""
    most = max(1, inputs.most_parcels // 2)
    for _ in range(math.ceil(parcels / most)):
        yield Stop(MIDDLE, inputs.micro_hub_stop_s, min(most, parcels))


def _bikes(inputs: Inputs, parcels: int) -> Fleet:
    runs = 2 + 2 * math.ceil(parcels / inputs.bike_parcels)
    fleet = Fleet(runs, inputs.bike_kmh, inputs.bike_parcels, inputs.shift_s, 0, 0, 0)
    loading_minor = inputs.hour_minor * inputs.load_s // 3600
    return replace(fleet, used_minor=loading_minor, hour_minor=inputs.hour_minor)


def shifts(inputs: Inputs, runs: Sequence[Tour]) -> int:
    """Riders that the runs need: longest runs first, each to the first rider who has the time."""
    free: list[int] = []
    for run_s in sorted((tour.seconds + inputs.load_s for tour in runs), reverse=True):
        fits = next((index for index, left in enumerate(free) if left >= run_s), None)
        if fits is None:
            free.append(inputs.shift_s - run_s)
        else:
            free[fits] -= run_s
    return len(free)
