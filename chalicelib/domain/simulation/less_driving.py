"""How much less is driven than by people who plan well without an optimizer?

One day, one hub, the same doors for all. Territories are drawn on earlier days and stay; what a
territory's driver cannot bring within the shift goes to a spare van. "At our vans" the same
planners have as many vans as our plan: their tours run over, and parcels after the shift's end are
late.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chalicelib.domain.simulation import baselines, tours
from chalicelib.domain.simulation.baselines import Ordering, Shift, Tour
from chalicelib.domain.simulation.city import City, Spot, all_ways
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.rows import Row

GROUP = "driving"
C, D = "C fixed territories, nearest next", "D fixed territories, 2-opt"
E, F = "E daily sweep, 2-opt", "F savings"
OURS = "ours"
D_EVEN, E_EVEN = "D at our vans", "E at our vans"
OURS_AT_D = "ours at D's vans"
ARMS = (OURS, C, D, E, F, D_EVEN, E_EVEN, OURS_AT_D)
#: A territory may be too large for its driver on one day of so many.
OVERFULL_PERCENT = 10
#: More vans than any plan needs.
SPARE_FACTOR = 2


@dataclass(frozen=True)
class Day:
    """The doors of a day behind a depot, and what a shift there can hold."""

    inputs: Inputs
    depot: Spot
    doors: Sequence[Spot]

    @cached_property
    def shift(self) -> Shift:
        given = self.inputs
        ways = all_ways(given, [self.depot, *self.doors])
        return Shift(ways, given.service_s, given.metres_per_s, given.shift_s, given.most_parcels)

    @cached_property
    def angles(self) -> list[float]:
        """As seen from the depot, with the middle of the city straight ahead."""
        x, y = self.depot
        ahead = math.atan2(-y, -x)
        seen = (math.atan2(there - y, here - x) for here, there in [self.depot, *self.doors])
        return [(angle - ahead + math.pi) % math.tau for angle in seen]

    @property
    def places(self) -> range:
        return range(1, len(self.doors) + 1)

    def shares(self, middles: Sequence[Spot], handicaps: Sequence[float]) -> list[Tour]:
        found: list[Tour] = [[] for _ in middles]
        for place in self.places:
            found[baselines.territory(self.doors[place - 1], middles, handicaps)].append(place)
        return found

    def within_shifts(self, whole: Iterable[Tour], order: Ordering) -> list[Tour]:
        """What fits each shift, and spare vans for the rest."""
        cuts = [self.shift.cut(tour) for tour in whole]
        rest = [place for _, over in cuts for place in over]
        return [tour for tour, _ in cuts if tour] + baselines.sweep(
            self.shift, self.angles, rest, order
        )


@dataclass(frozen=True)
class Territories:
    """Fixed ones, as few as the earlier days allow."""

    inputs: Inputs
    earlier: Sequence[Day]
    city: City

    @cached_property
    def spots(self) -> list[Spot]:
        return [door for day in self.earlier for door in day.doors]

    @cached_property
    def middles(self) -> list[Spot]:
        work_s = self.inputs.service_s * len(self.spots) / len(self.earlier)
        count = max(1, math.ceil(work_s / self.inputs.shift_s))
        while True:
            found = baselines.centres(self.city.dice("territories"), self.spots, count)
            if self._overfull_percent(found) <= OVERFULL_PERCENT:
                return found
            count += 1

    def even(self, count: int) -> tuple[list[Spot], list[float]]:
        chance = self.city.dice("territories")
        return baselines.balanced(chance, self.spots, count, self.inputs.disc_m)

    def _overfull_percent(self, middles: Sequence[Spot]) -> float:
        tours = [
            (day, baselines.skilled(day.shift.ways, share))
            for day in self.earlier
            for share in day.shares(middles, [0.0] * len(middles))
        ]
        return 100 * sum(not day.shift.fits(tour) for day, tour in tours) / len(tours)


@dataclass(frozen=True)
class Plans:
    """Each arm's tours on one day, by the places of their doors."""

    inputs: Inputs
    day: Day
    territories: Territories
    seed: int

    @classmethod
    def of(cls, city: City, parcels: int, seed: int) -> "Plans":
        earlier = [
            Day(city.inputs, city.hub, city.doors(f"earlier {number}", parcels))
            for number in range(city.inputs.history_days)
        ]
        today = Day(city.inputs, city.hub, city.doors("today", parcels))
        return cls(city.inputs, today, Territories(city.inputs, earlier, city), seed)

    def by_territories(self, order: Ordering) -> list[Tour]:
        middles = self.territories.middles
        shares = self.day.shares(middles, [0.0] * len(middles))
        whole = [order(self.day.shift.ways, share) for share in shares]
        return self.day.within_shifts(whole, order)

    def by_even_territories(self, count: int) -> list[Tour]:
        shares = self.day.shares(*self.territories.even(count))
        return [baselines.skilled(self.day.shift.ways, share) for share in shares if share]

    def by_sweep(self, count: int | None = None) -> list[Tour]:
        day = self.day
        if count is None:
            return baselines.sweep(day.shift, day.angles, day.places, baselines.skilled)
        turned = sorted(day.places, key=lambda place: (day.angles[place], place))
        sectors = baselines.slices(turned, count)
        return [baselines.skilled(day.shift.ways, some) for some in sectors if some]

    def ours(self, least_vans: int = 1) -> list[Tour]:
        """Our plan; with at least so many vans, each with as much work as the rest allows."""
        stops = [tours.Stop(door, self.inputs.service_s) for door in self.day.doors]
        vans = tours.vans(self.inputs, self._enough(len(stops)))
        if least_vans > 1:
            most = math.ceil(len(stops) / (least_vans - 1)) - 1
            vans = replace(vans, count=max(least_vans, vans.count), most_stops=most)
        made = tours.plan(self.inputs, self.day.depot, stops, vans, self.seed)
        return [[stop + 1 for stop in tour.stops] for tour in made]

    def _enough(self, stops: int) -> int:
        work_s = self.inputs.service_s * stops
        return 2 + math.ceil(SPARE_FACTOR * work_s / self.inputs.shift_s)


def run(city: City, parcels: int, seed: int) -> Iterator[Row]:
    """Every arm on one day."""
    plans = Plans.of(city, parcels, seed)
    ours = plans.ours()
    skilled = plans.by_territories(baselines.skilled)
    made = {
        OURS: ours,
        C: plans.by_territories(baselines.nearest_next),
        D: skilled,
        E: plans.by_sweep(),
        F: baselines.savings(plans.day.shift, plans.day.places),
        D_EVEN: plans.by_even_territories(len(ours)),
        E_EVEN: plans.by_sweep(len(ours)),
        OURS_AT_D: ours if len(skilled) <= len(ours) else plans.ours(len(skilled)),
    }
    for arm in ARMS:
        yield Row(GROUP, arm, seed, figures(plans.day, made[arm]))


def figures(day: Day, driven: Sequence[Tour]) -> dict[str, float]:
    """What tours come to; whoever is not served is a fault of ours."""
    served = sorted(place for tour in driven for place in tour)
    if served != list(day.places):
        raise ValueError("not everybody is served exactly once")
    metres = sum(baselines.length_m(day.shift.ways, tour) for tour in driven)
    seconds = sum(map(day.shift.seconds, driven))
    given = day.inputs
    cost_minor = (
        given.van_day_minor * len(driven)
        + given.km_minor * metres / 1000
        + given.hour_minor * seconds / 3600
    )
    return {
        "km": metres / 1000,
        "vans": len(driven),
        "hours": seconds / 3600,
        "cost_per_parcel_minor": cost_minor / len(served),
        "late_percent": 100 * sum(len(day.shift.cut(tour)[1]) for tour in driven) / len(served),
    }
