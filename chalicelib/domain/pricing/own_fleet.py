"""Own vans, our network, or a parcel carrier: what does a brand pay for each, by its parcels a day?

The ways behind it are simulated: ``python -m local.simulate calculator`` drives brands and networks
of several sizes through made-up cities and keeps metres, seconds and vans of each seed in
``own_fleet.json``; docs/study.md says how. Money is put on them here, so whoever pays other wages
gets another answer. Between two sizes a straight line on logarithms is read. What a carrier takes
is an input: it comes the next day and knows no windows.

Money is in minor units of one currency, whichever.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

from chalicelib.kit.intervals import Interval

_FILE = Path(__file__).with_name("own_fleet.json")


class Choice(StrEnum):
    """Of two that cost the same the one that stands first here is named."""

    POOLED = "pooled"
    OWN_FLEET = "own_fleet"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost: inputs, all of them guesses of an ordinary European city.

    Parameters
    ----------
    hour_minor, van_day_minor, km_minor
        A driver's hour, a van's day, a kilometre.
    pays_least_shift
        An own driver is paid four hours at least.
    sorting_minor
        Sorting one parcel at the network's hub.
    margin_percent
        What the network adds to its cost.
    carrier
        A carrier's price of a parcel from so many parcels a day on, in order.
    """

    hour_minor: int = 2_400
    van_day_minor: int = 3_500
    km_minor: int = 32
    pays_least_shift: bool = False
    sorting_minor: int = 15
    margin_percent: int = 20
    carrier: tuple[tuple[int, int], ...] = (
        (1, 690),
        (10, 620),
        (25, 560),
        (50, 520),
        (100, 480),
        (250, 440),
    )

    def carrier_minor(self, volume_per_day: int) -> int:
        return next(minor for least, minor in reversed(self.carrier) if volume_per_day >= least)


USUAL = Prices()


@dataclass(frozen=True, slots=True)
class Driven:
    """One day's tours: ``paid_s`` is ``seconds`` with four hours at least for each van."""

    metres: int
    seconds: int
    paid_s: int
    vans: int

    def minor(self, prices: Prices, *, least_shift: bool = False) -> float:
        paid_s = self.paid_s if least_shift else self.seconds
        driving = prices.km_minor * self.metres / 1000 + prices.hour_minor * paid_s / 3600
        return driving + prices.van_day_minor * self.vans


@dataclass(frozen=True, slots=True)
class Network:
    """A day of a network: bringing its parcels, loading them at its brands, and the ways between
    those; ``brands`` are thirty of mixed sizes."""

    parcels: int
    brands: int
    brought: Driven
    fetched: Driven
    loading_s: int

    def minor(self, prices: Prices, volume_per_day: int) -> float:
        """What a parcel costs of a brand that sends so many: its share, and a stop of its own."""
        loading = prices.hour_minor * self.loading_s / 3600
        per_parcel = (self.brought.minor(prices) + loading) / self.parcels
        stop = (self.fetched.minor(prices) - loading) / self.brands
        return per_parcel + prices.sorting_minor + stop / volume_per_day


@dataclass(frozen=True, slots=True)
class Measured:
    """What was simulated, seed by seed."""

    seeds: tuple[int, ...]
    own: dict[int, tuple[Driven, ...]]
    networks: dict[int, tuple[Network, ...]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a parcel costs in each of three ways [minor units], with 95 % intervals over the cities.

    Parameters
    ----------
    best
        The cheapest in the mean.
    saves_percent
        What the network saves of the own fleet's cost; negative: it costs more.
    break_even_per_day
        From so many parcels a day an own fleet is cheaper than the network; None: in nothing that
        was simulated.
    """

    volume_per_day: int
    network_per_day: int
    own: Interval
    pooled: Interval
    carrier_minor: int
    best: Choice
    saves_percent: float
    break_even_per_day: int | None


@cache
def measured() -> Measured:
    """What ``own_fleet.json`` holds."""
    return read(_FILE.read_text(encoding="utf-8"))


def read(text: str) -> Measured:
    kept = json.loads(text)
    return Measured(
        tuple(kept["seeds"]),
        {int(volume): tuple(Driven(*one) for one in days) for volume, days in kept["own"].items()},
        {
            int(size): tuple(
                Network(one[0], one[1], Driven(*one[2]), Driven(*one[3]), one[4]) for one in days
            )
            for size, days in kept["networks"].items()
        },
    )


def volumes() -> range:
    """Parcels a day that can be asked for."""
    known = measured().own
    return range(min(known), max(known) + 1)


def network_sizes() -> tuple[int, ...]:
    """Parcels a day that a network brings in the city, smallest first: its density."""
    return tuple(sorted(measured().networks))


def own_fleet_or_pooled(
    volume_per_day: int, *, network_per_day: int = 600, prices: Prices = USUAL
) -> Comparison:
    """The three ways for a brand that sends so many parcels a day in one city.

    Raises
    ------
    ValueError
        If ``volume_per_day`` is not among ``volumes()``, or ``network_per_day`` not one of
        ``network_sizes()``.
    """
    known = measured()
    if volume_per_day not in volumes() or network_per_day not in known.networks:
        raise ValueError("nothing of that size was simulated")
    seeds = range(len(known.seeds))
    own = [_own(known, seed, volume_per_day, prices) for seed in seeds]
    pooled = [_pooled(known, seed, network_per_day, volume_per_day, prices) for seed in seeds]
    dear, cheap = Interval.of(own), Interval.of(pooled)
    carrier_minor = prices.carrier_minor(volume_per_day)
    costs = {
        Choice.POOLED: cheap.mean,
        Choice.OWN_FLEET: dear.mean,
        Choice.CARRIER: float(carrier_minor),
    }
    return Comparison(
        volume_per_day,
        network_per_day,
        dear,
        cheap,
        carrier_minor,
        min(costs, key=costs.__getitem__),
        100 * (1 - cheap.mean / dear.mean) if dear.mean else 0.0,
        break_even(network_per_day, prices),
    )


def break_even(network_per_day: int, prices: Prices = USUAL) -> int | None:
    """From how many parcels a day an own fleet is cheaper than the network, in the mean."""
    known = measured()
    seeds = range(len(known.seeds))

    def own_is_cheaper(volume: int) -> bool:
        own = sum(_own(known, seed, volume, prices) for seed in seeds)
        return own < sum(_pooled(known, seed, network_per_day, volume, prices) for seed in seeds)

    last_dear = max((one for one in known.own if not own_is_cheaper(one)), default=None)
    if last_dear == max(known.own):
        return None
    first = min(volumes()) if last_dear is None else last_dear
    return next(one for one in range(first, max(known.own) + 1) if own_is_cheaper(one))


def _own(known: Measured, seed: int, volume: int, prices: Prices) -> float:
    def cost(size: int) -> float:
        day = known.own[size][seed]
        return day.minor(prices, least_shift=prices.pays_least_shift) / size

    return between(sorted(known.own), cost, volume)


def _pooled(known: Measured, seed: int, size: int, volume: int, prices: Prices) -> float:
    cost = known.networks[size][seed].minor(prices, volume)
    return cost * (100 + prices.margin_percent) / 100


def between(sizes: Sequence[int], cost: Callable[[int], float], wanted: int) -> float:
    """The cost at a size among those that are known: a straight line on logarithms."""
    for low, high in pairwise(sizes):
        if low <= wanted <= high:
            share = math.log(wanted / low) / math.log(high / low)
            if min(cost(low), cost(high)) <= 0:
                return (1 - share) * cost(low) + share * cost(high)
            return math.exp((1 - share) * math.log(cost(low)) + share * math.log(cost(high)))
    return cost(sizes[0])
