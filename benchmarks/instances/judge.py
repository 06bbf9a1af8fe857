"""Is this answer true, and what does it cost? Recomputed from nodes, in the family's own units.

It shares nothing with any engine: neither our problem nor our checker, nor the matrices that
engines are given. Reference solutions and every engine's answers go through it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.instances.model import Instance, Route, Truck

#: Doubles add up with such an error at most.
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says.

    Parameters
    ----------
    faults
        Every broken rule in words; empty if the answer is feasible.
    cost
        By the family's objective, in the unit of ``bks.json``.
    distance
        Of all legs, in the file's unit.
    vehicles
        Routes that visit anybody.
    left_out
        Customers nobody visits.
    """

    faults: tuple[str, ...]
    cost: float
    distance: float
    vehicles: int
    left_out: int

    @property
    def feasible(self) -> bool:
        return not self.faults


def judge(instance: Instance, routes: Sequence[Route]) -> Verdict:
    """Judge and price an answer; empty routes do not count."""
    used = [route for route in routes if route.stops]
    visits = Counter(stop for route in used for stop in route.stops)
    left = [node for node in instance.customers if node not in visits]
    prizes = [instance.nodes[node].prize for node in left]
    faults = [*_census(instance, visits, left), *_fleet(instance, used)]
    cost = distance = 0.0
    for route in used:
        if instance.fleet_binds and not 0 <= route.truck < len(instance.trucks):
            faults.append(f"there is no truck {route.truck}")
            continue
        truck = _truck(instance, route)
        legs = _length(instance, truck, route)
        faults += (f"route {route.truck}: {fault}" for fault in _faults(instance, truck, route))
        distance += legs
        cost += truck.per_leg * legs + truck.fixed * instance.roads.scale
    cost += instance.roads.scale * sum(prize for prize in prizes if prize is not None)
    distance /= instance.roads.scale
    return Verdict(tuple(faults), cost / instance.unit, distance, len(used), len(left))


def _truck(instance: Instance, route: Route) -> Truck:
    """A fleet that does not bind is of one kind, and as large as anybody likes."""
    return instance.trucks[route.truck if instance.fleet_binds else 0]


def _census(instance: Instance, visits: Counter[int], left: Sequence[int]) -> Iterator[str]:
    for node, times in visits.items():
        if node >= instance.depots and times > 1:
            yield f"{node} is visited {times} times"
    for node in left:
        if instance.nodes[node].prize is None:
            yield f"{node} is left out"


def _fleet(instance: Instance, routes: Sequence[Route]) -> Iterator[str]:
    for truck, times in Counter(route.truck for route in routes).items():
        if instance.fleet_binds and times > 1:
            yield f"truck {truck} drives {times} routes"


def _length(instance: Instance, truck: Truck, route: Route) -> float:
    stops = (truck.depot, *route.stops, truck.depot)
    return sum(instance.roads.leg(a, b) for a, b in pairwise(stops))


def _faults(instance: Instance, truck: Truck, route: Route) -> Iterator[str]:
    trips = _trips(instance, route.stops)
    if len(trips) > 1 and not truck.reloads:
        yield "no reloads"
    if any(stop < instance.depots and stop != truck.depot for stop in route.stops):
        yield "reloads at another depot"
    for stop in route.stops:
        if truck.serves is not None and stop >= instance.depots and stop not in truck.serves:
            yield f"{stop} is not for this truck"
    for trip in trips:
        yield from _loads(instance, truck, trip)
    yield from _pairs(instance, trips)
    yield from _times(instance, truck, trips)


def _trips(instance: Instance, stops: Sequence[int]) -> list[list[int]]:
    """Customers between two visits to a depot."""
    trips: list[list[int]] = [[]]
    for stop in stops:
        if stop < instance.depots:
            trips.append([])
        else:
            trips[-1].append(stop)
    return trips


def _loads(instance: Instance, truck: Truck, trip: Sequence[int]) -> Iterator[str]:
    """Drops without a pickup are on board from the start; pickups come on top."""
    nodes = [instance.nodes[stop] for stop in trip]
    paired = [n.delivers_to is not None or n.picked_up_at is not None for n in nodes]
    held = sum(n.load for n, pair in zip(nodes, paired, strict=True) if not pair)
    most = held
    for node, pair in zip(nodes, paired, strict=True):
        held += node.load if pair else -node.load
        most = max(most, held)
    if most > truck.capacity:
        yield f"carries {most:g} of {truck.capacity:g}"


def _pairs(instance: Instance, trips: Sequence[Sequence[int]]) -> Iterator[str]:
    for trip in trips:
        turn = {stop: at for at, stop in enumerate(trip)}
        for stop, at in turn.items():
            to, source = instance.nodes[stop].delivers_to, instance.nodes[stop].picked_up_at
            if to is not None and turn.get(to, -1) < at:
                yield f"{stop} is picked up and not brought to {to}"
            if source is not None and turn.get(source, len(trip)) > at:
                yield f"{stop} gets what was not picked up at {source}"


def _times(instance: Instance, truck: Truck, trips: Sequence[Sequence[int]]) -> Iterator[str]:
    """Windows, releases and the longest duration.

    Leaving later by t puts off the end by t less what waiting swallows. So the shortest duration is
    the larger of driving and handling alone, and earliest end less latest departure.
    """
    scale, depot = instance.roads.scale, instance.nodes[truck.depot]
    leave = now = depot.opens * scale
    busy, latest = 0.0, depot.closes * scale
    here = truck.depot
    for trip in trips:
        releases = [instance.nodes[stop].release * scale for stop in trip]
        for stop in (truck.depot, *trip):
            node, leg = instance.nodes[stop], instance.roads.leg(here, stop)
            opens = node.opens * scale if stop != truck.depot else max([leave, *releases])
            busy += leg
            now = max(now + leg, opens)
            if now > node.closes * scale + _TINY:
                yield f"is at {stop} at {now / scale:g}, past {node.closes:g}"
            # What the departure may be at most for this stop to be in time.
            latest = min(latest, node.closes * scale - busy)
            now, busy = now + node.service * scale, busy + node.service * scale
            here = stop
    home = instance.roads.leg(here, truck.depot)
    now, busy = now + home, busy + home
    latest = min(latest, depot.closes * scale - busy)
    took = max(busy, now - latest)
    if now > depot.closes * scale + _TINY:
        yield f"is back at {now / scale:g}, past {depot.closes:g}"
    if truck.longest is not None and took > truck.longest * scale + _TINY:
        yield f"takes {took / scale:g}, longer than {truck.longest:g}"
