"""How soon does it come, and what does that cost? One day of orders under several rules of waves.

Orders come evenly over the day; vans load at a hub near the middle as often as they like. Plain
policies send everything that waits at fixed hours. "Ours" are the product's own rules
(``dispatch.waves.sending`` with the settings of ``merchants.wave_rules``): what cannot wait a tick
more must go, the rest is worth a prize that decays with the time it has. Vans are as many as are
out at once at the busiest moment; drivers are paid while they load and drive.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time
from functools import cached_property

from chalicelib.domain.dispatch.reasons import MustGo
from chalicelib.domain.dispatch.waves import sending
from chalicelib.domain.dispatch.waves.sending import Load
from chalicelib.domain.dispatch.waves.urgency import WAY_PERCENT
from chalicelib.domain.merchants.wave_rules import USUAL, WaveRules
from chalicelib.domain.simulation import tours
from chalicelib.domain.simulation.city import City, Spot, drive_s, road_m
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.rows import Row
from chalicelib.domain.simulation.tours import Stop, Tour

GROUP = "waves"


@dataclass(frozen=True, slots=True)
class Policy:
    """``every_s``: between waves, the last plain one when orders end; ``promise_s``: from the
    order to the door, None: by the end of the day; ``rules``: None sends everything."""

    name: str
    every_s: int
    promise_s: int | None = None
    rules: WaveRules | None = None


HALF_HOUR = 1_800
OURS = replace(USUAL, tick_s=HALF_HOUR)
EARLIER = replace(OURS, safety_s=4_500)
FOUR_CUT_OFFS = replace(OURS, cut_offs=(time(9), time(12), time(15), time(18)))
POLICIES = (
    Policy("one wave when orders end", 36_000),
    Policy("every 4.5 h", 16_200),
    Policy("every 3 h", 10_800),
    Policy("every 2 h", 7_200),
    Policy("every hour", 3_600),
    Policy("every 30 min", HALF_HOUR),
    Policy("ours, same day, four cut-offs", HALF_HOUR, None, FOUR_CUT_OFFS),
    Policy("ours, 4 h promise", HALF_HOUR, 4 * 3_600, OURS),
    Policy("ours, 4 h promise, 75 min safety", HALF_HOUR, 4 * 3_600, EARLIER),
    Policy("ours, 2 h promise", HALF_HOUR, 2 * 3_600, OURS),
)


@dataclass(frozen=True, slots=True)
class Order:
    """Times are seconds of the day."""

    at: Spot
    ordered_s: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A van that loads from ``from_s`` and is back at ``until_s``."""

    from_s: int
    until_s: int
    tour: Tour


@dataclass(frozen=True)
class Day:
    """The orders of one day, in order, and the hub that they leave from."""

    inputs: Inputs
    hub: Spot
    orders: Sequence[Order]
    seed: int

    @classmethod
    def of(cls, city: City, parcels: int, seed: int) -> "Day":
        inputs, chance = city.inputs, city.dice("order times")
        open_s = inputs.orders_until_s - inputs.orders_from_s
        times = sorted(inputs.orders_from_s + int(open_s * chance.random()) for _ in range(parcels))
        doors = city.doors("orders", parcels)
        orders = [Order(door, at) for door, at in zip(doors, times, strict=True)]
        return cls(inputs, city.near_hub, orders, seed)

    @cached_property
    def leg_points(self) -> list[list[int]]:
        """What each way between two doors costs [points]."""
        given = self.inputs
        per_m = given.km_minor + 1_000 * given.hour_minor / 3_600 / given.metres_per_s
        doors = [one.at for one in self.orders]
        return [[int(per_m * road_m(given, one, other)) for other in doors] for one in doors]

    def due_s(self, index: int, policy: Policy) -> int:
        if policy.promise_s is None:
            return self.inputs.same_day_by_s
        return self.orders[index].ordered_s + policy.promise_s

    def needs_s(self, index: int) -> int:
        """From the decision until somebody who went for it alone has handed it over."""
        way_m = road_m(self.inputs, self.hub, self.orders[index].at)
        given = self.inputs
        return given.load_s + drive_s(way_m, given.van_kmh) + given.service_s


def ticks(inputs: Inputs, policy: Policy) -> Iterator[int]:
    """When waves are formed [s of the day]: as the last one, when orders end, says."""
    open_s = inputs.orders_until_s - inputs.orders_from_s
    before = math.ceil(open_s / policy.every_s) - 1
    at_s = inputs.orders_until_s - before * policy.every_s
    while True:
        yield at_s
        at_s += policy.every_s


def run(city: City, parcels: int, seed: int) -> Iterator[Row]:
    day = Day.of(city, parcels, seed)
    for policy in POLICIES:
        yield Row(GROUP, policy.name, seed, figures(day, policy))


def driven(day: Day, policy: Policy) -> Iterator[tuple[Trip, tuple[int, ...]]]:
    """Every trip of the day, and the orders that it carries, in their order."""
    waits = list(range(len(day.orders)))
    for at_s in ticks(day.inputs, policy):
        if not waits:
            return
        known = [index for index in waits if day.orders[index].ordered_s <= at_s]
        must = _must_go(day, policy, known, at_s)
        for tour in _planned(day, policy, known, must, at_s):
            carried = tuple(known[stop] for stop in tour.stops)
            if not _leaves(day.inputs, policy, tour, len(must.intersection(carried))):
                continue
            waits = [index for index in waits if index not in carried]
            back_s = at_s + day.inputs.load_s + tour.end_s
            yield Trip(at_s, back_s, tour), carried


def _must_go(day: Day, policy: Policy, known: Sequence[int], at_s: int) -> frozenset[int]:
    """What would be late if it waited for the next wave."""
    if policy.rules is None:
        return frozenset(known)
    wait_s = policy.every_s + policy.rules.safety_s
    cut_offs = (one.hour * 3600 + one.minute * 60 for one in policy.rules.cut_offs)
    last_s = max((one for one in cut_offs if one <= at_s), default=-1)
    return frozenset(
        index
        for index in known
        if day.orders[index].ordered_s <= last_s or _spare_s(day, policy, index, at_s, wait_s) < 0
    )


def _spare_s(day: Day, policy: Policy, index: int, at_s: int, wait_s: int) -> int:
    latest_s = day.due_s(index, policy) - at_s
    return sending.spare_s(latest_s, day.needs_s(index) * WAY_PERCENT // 100, wait_s)


def _planned(
    day: Day, policy: Policy, known: Sequence[int], must: frozenset[int], at_s: int
) -> list[Tour]:
    given = day.inputs
    leaves_s = at_s + given.load_s
    stops = []
    for index in known:
        alone_s = day.needs_s(index) - given.load_s
        # What cannot be in time any more is brought as soon as can be, and counted as late.
        by_s = max(alone_s, day.due_s(index, policy) - leaves_s)
        prize = None if index in must else _prize(day, policy, known, index, at_s)
        stops.append(Stop(day.orders[index].at, given.service_s, 1, by_s - given.service_s, prize))
    open_s = given.orders_until_s - given.orders_from_s
    # A van is blocked for the time between two waves; a day's vans are charged below.
    used_minor = given.van_day_minor * min(policy.every_s, open_s) // open_s
    vans = tours.vans(given, 2 + len(stops))
    vans = replace(vans, used_minor=used_minor, shift_s=given.trip_s)
    return tours.plan(given, day.hub, stops, vans, day.seed)


def _prize(day: Day, policy: Policy, known: Sequence[int], index: int, at_s: int) -> int:
    """As ``waves.urgency`` makes it: minutes at the door are spent whenever it is brought."""
    assert policy.rules is not None
    wait_s = policy.every_s + policy.rules.safety_s
    row = day.leg_points[index]
    near = sending.density(row[other] for other in known if other != index)
    spare_s = _spare_s(day, policy, index, at_s, wait_s)
    handling = day.inputs.service_s * (1_000 * day.inputs.hour_minor // 3_600)
    return handling + sending.prize(policy.rules, near, spare_s)


def _leaves(inputs: Inputs, policy: Policy, tour: Tour, must: int) -> bool:
    if policy.rules is None:
        return True
    loads = (Load(tour.parcels, inputs.most_parcels), Load(tour.seconds, inputs.shift_s))
    reasons = [MustGo.PROMISE] * must
    return sending.why_leave(policy.rules, reasons, sending.full_percent(loads)) is not None


def figures(day: Day, policy: Policy) -> dict[str, float]:
    given, count = day.inputs, len(day.orders)
    hours: list[float] = []
    late, trips = 0, list[Trip]()
    for trip, carried in driven(day, policy):
        trips.append(trip)
        for index, handed_s in zip(carried, trip.tour.handed_s, strict=True):
            door_s = trip.from_s + given.load_s + handed_s
            late += door_s > day.due_s(index, policy)
            hours.append((door_s - day.orders[index].ordered_s) / 3600)
    if len(hours) != count:
        raise ValueError("not everybody is served exactly once")
    km = sum(trip.tour.metres for trip in trips) / 1000
    paid_s = sum(trip.until_s - trip.from_s for trip in trips)
    vans = most_at_once(trips)
    minor = given.km_minor * km + given.hour_minor * paid_s / 3600 + given.van_day_minor * vans
    hours.sort()
    return {
        "mean_h": sum(hours) / count,
        "p90_h": hours[math.ceil(0.9 * count) - 1],
        "within_2_h_percent": 100 * sum(one <= 2 for one in hours) / count,
        "within_4_h_percent": 100 * sum(one <= 4 for one in hours) / count,
        "late_percent": 100 * late / count,
        "km_per_parcel": km / count,
        "cost_per_parcel_minor": minor / count,
        "vans": vans,
        "trips": len(trips),
    }


def most_at_once(trips: Sequence[Trip]) -> int:
    """Vans that are out at the busiest moment; who is back at that second goes out again."""
    changes = sorted([(one.from_s, 1) for one in trips] + [(one.until_s, -1) for one in trips])
    out = most = 0
    for _, change in changes:
        out += change
        most = max(most, out)
    return most
