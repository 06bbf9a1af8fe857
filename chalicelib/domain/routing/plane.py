"""How far is it, when thousands of legs must be priced within milliseconds?

Places of one hub lie on a plane in whole metres (orthographic around the hub: 1.5 m wrong in
50 km), and what a leg takes is looked up by its length as the crow flies, in steps that are rounded
up, so that a table is never more hopeful than the formula of ``travel`` that fills it.

Units: [m], [s], points (see ``problem``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.routing.travel import PACES, circuity
from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

#: Steps of a table. At 8 m each it reaches 65 km; a wider plane has wider steps.
STEPS = 8192
FINEST_SHIFT = 3

type Spot = tuple[int, int]


class Plane:
    """The country around a hub, flat."""

    __slots__ = ("_cos", "_lambda", "_sin")

    def __init__(self, origin: LatLng) -> None:
        phi = math.radians(origin.latitude)
        self._sin, self._cos = math.sin(phi), math.cos(phi)
        self._lambda = math.radians(origin.longitude)

    def spot(self, position: LatLng) -> Spot:
        """Metres east and north of the hub."""
        phi = math.radians(position.latitude)
        away = math.radians(position.longitude) - self._lambda
        east = math.cos(phi) * math.sin(away)
        north = self._cos * math.sin(phi) - self._sin * math.cos(phi) * math.cos(away)
        return round(EARTH_RADIUS_M * east), round(EARTH_RADIUS_M * north)


def shift_for(reach_m: int) -> int:
    """The width of steps, as a power of two, with which a table spans so many metres."""
    return max(FINEST_SHIFT, (reach_m // STEPS).bit_length())


@dataclass(frozen=True, slots=True)
class Legs:
    """What legs take, by ``step(from, to)``; two places that are one are step 0.

    Parameters
    ----------
    seconds, metres, cost
        (STEPS,) driving [s], road [m], and both in points.
    """

    shift: int
    seconds: Sequence[int]
    metres: Sequence[int]
    cost: Sequence[int]

    def step(self, here: Spot, there: Spot) -> int:
        far = int(math.hypot(here[0] - there[0], here[1] - there[1]))
        return min(STEPS - 1, (far + (1 << self.shift) - 1) >> self.shift)


@lru_cache(maxsize=64)
def legs_of(kind: str, traffic_percent: int, shift: int, cost_per_m: int, cost_per_s: int) -> Legs:
    """The table of one kind of vehicle at one state of traffic.

    Raises
    ------
    KeyError
        If the kind is unknown.
    """
    free_s, metres = _open_road(kind, shift)
    slower = traffic_percent / 100 if PACES[kind].feels_traffic else 1.0
    seconds = [math.ceil(one * slower) for one in free_s]
    cost = [cost_per_s * s + cost_per_m * m for s, m in zip(seconds, metres, strict=True)]
    return Legs(shift, seconds, metres, cost)


@lru_cache(maxsize=16)
def _open_road(kind: str, shift: int) -> tuple[list[float], list[int]]:
    pace = PACES[kind]
    free_s, metres = [], []
    for step in range(STEPS):
        crow_km = (step << shift) / 1000
        road_km = crow_km * circuity(crow_km)
        metres.append(math.ceil(road_km * 1000))
        free_s.append(road_km / pace.speed_kmh(crow_km) * 3600)
    return free_s, metres
