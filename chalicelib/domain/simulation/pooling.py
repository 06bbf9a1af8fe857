"""When is one network cheaper than a fleet of one's own? By how much a brand sends a day.

Both sides get the same doors and the same optimizer. An own fleet starts at the brand's door, which
lies somewhere in the city. The pooled network pays for collecting there, for sorting, and for a hub
at the edge of the city; what a merchant pays is its cost and a margin. A carrier is a third choice,
with a tariff that is an input: it comes the next day and knows no windows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.simulation import tours
from chalicelib.domain.simulation.city import City, Spot
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.rows import Row
from chalicelib.domain.simulation.tours import Stop, Tour

GROUP = "pooling"
BY_VOLUME = "volumes"

#: Thirty brands by how much they send: 530 parcels in all.
MIXED = (5,) * 6 + (8,) * 6 + (12,) * 6 + (20,) * 6 + (35,) * 4 + (60,) * 2
#: How many brands share the day.
MIXES = ("30 mixed brands", "6 equal brands", "3 equal brands", "1 brand")
#: What one brand sends a day, for the curve.
VOLUMES = (5, 8, 12, 20, 35, 60, 90, 120, 180, 300, 540)


@dataclass(frozen=True, slots=True)
class Bill:
    """What tours come to."""

    km: float
    vans: int
    minor: float
    #: The same where each driver is paid a least shift.
    least_shift_minor: float

    @classmethod
    def of(cls, inputs: Inputs, driven: Sequence[Tour]) -> "Bill":
        km = sum(tour.metres for tour in driven) / 1000
        fixed = inputs.van_day_minor * len(driven) + inputs.km_minor * km
        paid_s = sum(tour.seconds for tour in driven)
        least_s = sum(max(inputs.least_shift_s, tour.seconds) for tour in driven)
        hour = inputs.hour_minor / 3600
        return cls(km, len(driven), fixed + hour * paid_s, fixed + hour * least_s)

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            self.km + other.km,
            self.vans + other.vans,
            self.minor + other.minor,
            self.least_shift_minor + other.least_shift_minor,
        )


NOTHING = Bill(0.0, 0, 0.0, 0.0)


def mix(name: str, parcels: int) -> tuple[int, ...]:
    """What each brand of a mix sends, of about so many parcels in all."""
    if name == MIXES[0]:
        return tuple(max(1, round(one * parcels / sum(MIXED))) for one in MIXED)
    count = int(name.split()[0])
    return (max(1, parcels // count),) * count


@dataclass(frozen=True)
class NetworkDay:
    """What the pooled network drives in one city; equal questions are driven once."""

    city: City
    seed: int
    known: dict[int, list[Tour]] = field(default_factory=dict)

    def brought(self, parcels: int) -> list[Tour]:
        """From the hub to the first so many doors of the day."""
        if parcels not in self.known:
            doors = self.city.doors("pooled day", parcels)
            made = delivered(self.city.inputs, self.city.hub, doors, self.seed)
            self.known[parcels] = made
        return self.known[parcels]

    def fetched(self, sends: Sequence[int]) -> list[Tour]:
        """The same vans drive from the hub to every brand and back before."""
        inputs, stops = self.city.inputs, list[Stop]()
        for store, parcels in zip(self.city.doors("stores", len(sends)), sends, strict=True):
            # A large brand takes several loads.
            loads = math.ceil(parcels / inputs.collect_parcels)
            for number in range(loads):
                share = parcels * (number + 1) // loads - parcels * number // loads
                handling_s = inputs.collect_stop_s + inputs.collect_parcel_s * share
                stops.append(Stop(store, handling_s, share))
        vans = tours.vans(inputs, 2 + len(stops))
        vans = replace(vans, most_parcels=inputs.collect_parcels)
        return tours.plan(inputs, self.city.hub, stops, vans, self.seed)


def delivered(inputs: Inputs, depot: Spot, doors: Sequence[Spot], seed: int) -> list[Tour]:
    stops = [Stop(door, inputs.service_s) for door in doors]
    work_s = inputs.service_s * len(doors)
    vans = tours.vans(inputs, 2 + math.ceil(2.5 * work_s / inputs.shift_s))
    return tours.plan(inputs, depot, stops, vans, seed)


def own_tours(city: City, volume: int, seed: int) -> list[Tour]:
    """One brand alone, with its own vans from its own door."""
    store = city.doors("one store", 1)[0]
    return delivered(city.inputs, store, city.doors("one brand", volume), seed)


def run(city: City, parcels: int, seed: int) -> Iterator[Row]:
    """Own fleets against the network, for each mix; doors of a day are the same in every mix."""
    day = NetworkDay(city, seed)
    for name in MIXES:
        sends = mix(name, parcels)
        doors = city.doors("pooled day", sum(sends))
        own, begin = NOTHING, 0
        for store, count in zip(city.doors("stores", len(sends)), sends, strict=True):
            made = delivered(city.inputs, store, doors[begin : begin + count], seed)
            own += Bill.of(city.inputs, made)
            begin += count
        brought = Bill.of(city.inputs, day.brought(sum(sends)))
        fetched = Bill.of(city.inputs, day.fetched(sends))
        yield Row(GROUP, name, seed, _compared(city.inputs, sends, own, brought, fetched))
    yield from curve(day, parcels, seed)


def _compared(
    inputs: Inputs, sends: Sequence[int], own: Bill, brought: Bill, fetched: Bill
) -> dict[str, float]:
    total = sum(sends)
    pooled = brought + fetched
    pooled_minor = pooled.minor / total + inputs.sorting_minor
    price = pooled_minor * (100 + inputs.margin_percent) / 100
    carrier = sum(count * inputs.carrier_minor(count) for count in sends) / total
    return {
        "own_km": own.km,
        "pooled_km": pooled.km,
        "collecting_km": fetched.km,
        "own_vans": own.vans,
        "pooled_vans": pooled.vans,
        "own_minor": own.minor / total,
        "own_least_shift_minor": own.least_shift_minor / total,
        "pooled_minor": pooled_minor,
        "price_minor": price,
        "carrier_minor": carrier,
        "cheaper_percent": 100 * (1 - price * total / own.minor),
        "cheaper_least_shift_percent": 100 * (1 - price * total / own.least_shift_minor),
        "cheaper_than_carrier_percent": 100 * (1 - price / carrier),
    }


def curve(day: NetworkDay, parcels: int, seed: int) -> Iterator[Row]:
    """A brand's three choices, by what it sends a day beside thirty mixed brands."""
    inputs, sends = day.city.inputs, mix(MIXES[0], parcels)
    brought = Bill.of(inputs, day.brought(sum(sends)))
    fetched = Bill.of(inputs, day.fetched(sends))
    loading = inputs.collect_parcel_s * sum(sends) * inputs.hour_minor / 3600
    per_parcel = (brought.minor + loading) / sum(sends) + inputs.sorting_minor
    per_stop = (fetched.minor - loading) / len(sends)
    for volume in VOLUMES:
        if volume > parcels:
            return
        own = Bill.of(inputs, own_tours(day.city, volume, seed))
        pooled_minor = per_parcel + per_stop / volume
        figures = {
            "own_minor": own.minor / volume,
            "own_least_shift_minor": own.least_shift_minor / volume,
            "price_minor": pooled_minor * (100 + inputs.margin_percent) / 100,
            "carrier_minor": float(inputs.carrier_minor(volume)),
        }
        yield Row(BY_VOLUME, f"{volume} a day", seed, figures)


def volume_of(row: Row) -> int:
    return int(row.arm.split()[0])


def crossing(rows: Sequence[Row]) -> float | None:
    """Where the own fleet's cost falls below the price, for good; None if it does not."""
    points = [
        (math.log(volume_of(row)), row.figures["own_minor"] / row.figures["price_minor"])
        for row in sorted(rows, key=volume_of)
    ]
    dear = max((place for place, (_, ratio) in enumerate(points) if ratio >= 1), default=None)
    if dear is None or dear == len(points) - 1:
        return None
    (x, ratio), (next_x, next_ratio) = points[dear : dear + 2]
    return math.exp(x + (next_x - x) * (ratio - 1) / (ratio - next_ratio))
