"""Where is everything? A made-up city, all of it from one seed.

Districts where doors crowd, and a share of doors anywhere in a disc; the hub lies north of the
middle. Roads are a constant times the crow's way, so no river and no motorway is in any arm's way.
Places are metres east and north of the middle.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from chalicelib.domain.simulation.inputs import Inputs

type Spot = tuple[float, float]


class Chance(Protocol):
    """What we want of a ``random.Random``."""

    def random(self) -> float: ...
    def gauss(self, mu: float = ..., sigma: float = ...) -> float: ...


#: A stream of chance for a name, always the same one: what one arm draws moves no other arm's luck.
type Dice = Callable[[str], Chance]

MIDDLE: Spot = (0.0, 0.0)


@dataclass(frozen=True)
class City:
    inputs: Inputs
    dice: Dice

    @cached_property
    def districts(self) -> list[Spot]:
        chance = self.dice("districts")
        return [self._in_disc(chance) for _ in range(self.inputs.clusters)]

    @property
    def hub(self) -> Spot:
        return (0.0, float(self.inputs.hub_m))

    @property
    def near_hub(self) -> Spot:
        return (0.0, float(self.inputs.wave_hub_m))

    def somewhere(self, chance: Chance) -> Spot:
        if 100 * chance.random() < self.inputs.anywhere_percent:
            return self._in_disc(chance)
        x, y = self.districts[int(len(self.districts) * chance.random())]
        spread_m = float(self.inputs.cluster_m)
        return chance.gauss(x, spread_m), chance.gauss(y, spread_m)

    def doors(self, name: str, count: int) -> list[Spot]:
        """So many doors; of two counts under one name the first doors are the same."""
        chance = self.dice(name)
        return [self.somewhere(chance) for _ in range(count)]

    def _in_disc(self, chance: Chance) -> Spot:
        far_m, angle = self.inputs.disc_m * math.sqrt(chance.random()), math.tau * chance.random()
        return far_m * math.cos(angle), far_m * math.sin(angle)


def road_m(inputs: Inputs, one: Spot, other: Spot) -> int:
    return int(inputs.road_percent / 100 * math.dist(one, other))


def drive_s(distance_m: int, kmh: int) -> int:
    return int(distance_m * 3.6 / kmh)


def all_ways(inputs: Inputs, places: Sequence[Spot]) -> list[list[int]]:
    """Metres of road between all places, row = from."""
    percent, dist = inputs.road_percent / 100, math.dist
    return [[int(percent * dist(one, other)) for other in places] for one in places]
