"""What do many facts come to? Sums that add up: over deliveries, hours, days and hubs.

Everything that a figure needs is a sum or a count by bin; so a month is the sum of its days, and a
day that is made anew replaces itself. A delivery's numbers go by its end, a route's by the route's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.analytics import spreads
from chalicelib.domain.analytics.model import CrewDay, Facts, RouteFacts, Share
from chalicelib.domain.analytics.spreads import Spread

#: Horizons of forecasts [min]: each from its own bound to the next.
HORIZONS_MIN = (0, 10, 20, 40, 80)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of one scope (a hub, a merchant, a zone, a driver) over some time.

    Attributes
    ----------
    counts
        By name; what is missing is nothing. See ``of_facts`` and ``of_routes`` for the names.
    outcomes, reasons
        Deliveries by how they ended; failed tries by why.
    door_min
        Order to door, by minute.
    misses_s
        Misses of forecasts, by horizon.
    net, cost
        What merchants owe, and what drivers cost, by currency: amount, and how many have one.
    crew
        By driver and currency: seconds on duty, and earnings.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    door_min: Spread = field(default_factory=dict)
    misses_s: Mapping[int, Spread] = field(default_factory=dict)
    net: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cost: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    crew: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def count(self, name: str) -> int:
        return self.counts.get(name, 0)

    def __add__(self, other: "Totals") -> "Totals":
        return added((self, other))


NOTHING = Totals()


def added(many: Iterable[Totals]) -> Totals:
    """The sum of many."""
    parts = list(many)
    horizons = sorted({horizon for one in parts for horizon in one.misses_s})
    return Totals(
        counts=_sum(one.counts for one in parts),
        outcomes=_sum(one.outcomes for one in parts),
        reasons=_sum(one.reasons for one in parts),
        door_min=_sum(one.door_min for one in parts),
        misses_s={h: _sum(one.misses_s.get(h, {}) for one in parts) for h in horizons},
        net=_sum_pairs(one.net for one in parts),
        cost=_sum_pairs(one.cost for one in parts),
        crew=_sum_pairs(one.crew for one in parts),
    )


def of(
    facts: Iterable[Facts] = (), routes: Iterable[RouteFacts] = (), crew: Iterable[CrewDay] = ()
) -> Totals:
    """What deliveries, whole routes and drivers' days come to."""
    on_the_road = list(routes)
    parts = (of_shares((share, one) for one in on_the_road for share in one.shares),)
    return added((of_facts(facts), of_routes(on_the_road), of_crew(crew), *parts))


def of_facts(facts: Iterable[Facts]) -> Totals:
    """What deliveries come to that have ended."""
    ended = list(facts)
    tried = [one for one in ended if one.attempts]
    brought = [one for one in ended if one.on_time is not None]
    doors = [one for one in brought if not one.at_point]
    points = [one for one in brought if one.at_point]
    timed = [one.order_to_door_s for one in ended if one.order_to_door_s is not None]
    priced = [
        {one.currency: (one.net_minor, 1)}
        for one in ended
        if one.currency is not None and one.net_minor is not None
    ]
    return Totals(
        counts=_known(
            ended=len(ended),
            to_door=len(doors),
            to_door_on_time=sum(bool(one.on_time) for one in doors),
            to_point=len(points),
            to_point_on_time=sum(bool(one.on_time) for one in points),
            tried=len(tried),
            first_ok=sum(bool(one.first_attempt_ok) for one in tried),
            failed_tries=sum(len(one.failures) for one in ended),
            door_s=sum(timed),
            door_n=len(timed),
            texts=sum(one.texts for one in ended),
        ),
        outcomes=_sum({one.status: 1} for one in ended),
        reasons=_sum({reason: 1} for one in ended for reason in one.failures),
        door_min=spreads.count(spreads.minute_bin(seconds) for seconds in timed),
        net=_sum_pairs(priced),
    )


def of_routes(routes: Iterable[RouteFacts]) -> Totals:
    """What routes come to as a whole: their time and their forecasts."""
    driven = list(routes)
    misses: dict[int, list[int]] = {}
    for one in driven:
        for horizon_s, miss_s in one.eta_errors:
            misses.setdefault(horizon_of(horizon_s), []).append(spreads.miss_bin(miss_s))
    return Totals(
        counts=_known(
            routes=len(driven),
            doors=sum(one.doors for one in driven),
            route_s=sum(one.duration_s for one in driven),
            return_m=sum(one.return_m for one in driven),
        ),
        misses_s={horizon: spreads.count(found) for horizon, found in misses.items()},
    )


def of_shares(shares: Iterable[tuple[Share, RouteFacts]]) -> Totals:
    """What deliveries' parts of routes come to: way, cost, emissions."""
    parts = list(shares)
    costs = [
        {route.currency: (share.cost_minor, int(share.brought))}
        for share, route in parts
        if route.currency is not None
    ]
    return Totals(
        counts=_known(
            carried=len(parts),
            brought=sum(share.brought for share, _ in parts),
            brought_parcels=sum(share.parcels for share, _ in parts if share.brought),
            distance_m=sum(share.distance_m for share, _ in parts),
            co2e_mg=sum(share.co2e_mg for share, _ in parts),
        ),
        cost=_sum_pairs(costs),
    )


def of_crew(days: Iterable[CrewDay]) -> Totals:
    """What drivers' days come to."""
    found = list(days)
    return Totals(
        counts=_known(online_s=sum(one.online_s for one in found)),
        crew=_sum_pairs(
            {(one.driver_id, one.currency): (one.online_s, one.earned_minor)} for one in found
        ),
    )


def horizon_of(seconds: int) -> int:
    """The bound of the horizon that so many seconds ahead belong to."""
    return max(bound for bound in HORIZONS_MIN if bound * 60 <= max(0, seconds))


def _known(**counts: int) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def _sum[K](many: Iterable[Mapping[K, int]]) -> dict[K, int]:
    found: dict[K, int] = {}
    for one in many:
        for key, number in one.items():
            found[key] = found.get(key, 0) + number
    return found


def _sum_pairs[K](many: Iterable[Mapping[K, tuple[int, int]]]) -> dict[K, tuple[int, int]]:
    found: dict[K, tuple[int, int]] = {}
    for one in many:
        for key, (first, second) in one.items():
            before = found.get(key, (0, 0))
            found[key] = (before[0] + first, before[1] + second)
    return found
