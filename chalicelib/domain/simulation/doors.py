"""Who opens, and who has it brought to a locker? Parcels, lockers and the stops of a day's tours.

Whether the n-th visit to a parcel fails is drawn per parcel, so that all arms meet the same shut
doors; so is whether somebody would choose a locker.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from chalicelib.domain.simulation import tours
from chalicelib.domain.simulation.city import City, Spot, drive_s, road_m
from chalicelib.domain.simulation.inputs import Inputs

#: Tries at a door, as the product's hard limit.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Parcel:
    """``luck`` decides each visit: it fails where the number is below the rate of failures.

    ``mind``: whether its recipient chooses a locker; ``locker``: it goes there after a failure.
    """

    door: Spot
    luck: tuple[float, ...]
    mind: float
    tries: int = 0
    locker: int | None = None

    def fails(self, rate: float) -> bool:
        return self.luck[self.tries] < rate

    def again(self) -> "Parcel":
        return replace(self, tries=self.tries + 1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop of a tour: a door with its parcel, or a locker with several."""

    at: Spot
    parcels: tuple[Parcel, ...]
    locker: int | None = None

    def service_s(self, inputs: Inputs) -> int:
        if self.locker is None:
            return inputs.service_s
        return inputs.locker_stop_s + inputs.locker_parcel_s * len(self.parcels)


@dataclass(frozen=True)
class Town:
    """A city with so many lockers; of more lockers the first are the same."""

    city: City
    count: int

    @cached_property
    def lockers(self) -> list[Spot]:
        return self.city.doors("lockers", self.count)

    def parcels(self, day: int, count: int) -> list[Parcel]:
        """The new parcels of a day, the same for every arm."""
        found = []
        for number in range(count):
            chance = self.city.dice(f"parcel {day} {number}")
            door = self.city.somewhere(chance)
            luck = tuple(chance.random() for _ in range(MOST_TRIES))
            found.append(Parcel(door, luck, chance.random()))
        return found

    def nearest_locker(self, door: Spot) -> tuple[int, int] | None:
        """How far to walk [m], and its number; None where there is none."""
        given = self.city.inputs
        return min(
            ((road_m(given, door, at), number) for number, at in enumerate(self.lockers)),
            default=None,
        )


def planned(city: City, visits: Sequence[Visit], seed: int) -> list[list[Visit]]:
    """The day's tours, planned a little short of a shift: what happens on the way takes time."""
    given = city.inputs
    stops = [tours.Stop(one.at, one.service_s(given), len(one.parcels)) for one in visits]
    work_s = sum(stop.service_s for stop in stops)
    vans = tours.vans(given, 2 + math.ceil(2.5 * work_s / given.shift_s))
    vans = replace(vans, shift_s=given.shift_s * given.planned_percent // 100)
    shorter = replace(given, steps_per_parcel=given.door_steps_per_parcel)
    made = tours.plan(shorter, city.hub, stops, vans, seed)
    return [[visits[stop] for stop in tour.stops] for tour in made]


def length(city: City, tour: Sequence[Visit]) -> tuple[int, int]:
    """Metres and seconds of a tour, the stops counted."""
    given = city.inputs
    stops = [city.hub, *(one.at for one in tour), city.hub]
    metres = sum(road_m(given, a, b) for a, b in pairwise(stops))
    return metres, drive_s(metres, given.van_kmh) + sum(one.service_s(given) for one in tour)


def detours_m(city: City, tour: Sequence[Visit], number: int, at: Spot) -> list[tuple[int, int]]:
    """Metres that a stop adds behind each visit from this one on, and where it would stand."""

    def way_m(one: Spot, other: Spot) -> int:
        return road_m(city.inputs, one, other)

    stops = [*(one.at for one in tour), city.hub]
    return [
        (
            way_m(stops[n], at) + way_m(at, stops[n + 1]) - way_m(stops[n], stops[n + 1]),
            n + 1,
        )
        for n in range(number, len(tour))
    ]
