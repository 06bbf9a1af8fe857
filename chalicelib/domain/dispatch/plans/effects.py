"""What would a change do? Lateness, cost, kilometres, minutes and breaches, before anybody commits.

A change is a set of routes as they are and as they would be. The effect is what the commit writes:
the same routes with the same times, so that a preview that nobody overtook tells the truth. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.domain.dispatch.plans import arranging
from chalicelib.domain.dispatch.plans.arranging import Cargo, NewId, Spot
from chalicelib.domain.dispatch.plans.assessing import (
    Assessed,
    Distances,
    Ground,
    Limit,
    assess,
    rank,
)
from chalicelib.domain.dispatch.plans.journal import ChangeKind, Went
from chalicelib.domain.dispatch.rules.desk_rules import Breach, RuleKind, Rules
from chalicelib.kit.geo import LatLng

#: Of many places for a pickup of its own, so many are worked out exactly: those nearest by.
MOST_TRIED = 16


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Routes as they are and as they would be, in the same order; times not yet worked out.

    ``before`` None: a new route.
    """

    kind: ChangeKind
    routes: tuple[tuple[Route | None, Route], ...]
    went: tuple[Went, ...]


@dataclass(frozen=True, slots=True)
class RouteEffect:
    """One route: as it is stored, what that is worth by now, and as it would be."""

    was: Route | None
    before: Assessed | None
    after: Assessed

    @property
    def route_id(self) -> str:
        return self.after.route.id

    @property
    def cost_delta(self) -> int:
        return self.after.cost.driven - (self.before.cost.driven if self.before else 0)

    @property
    def distance_delta_m(self) -> int:
        return self.after.route.distance_m - (self.before.route.distance_m if self.before else 0)

    @property
    def duration_delta_s(self) -> int:
        return self.after.route.duration_s - (self.before.route.duration_s if self.before else 0)

    @property
    def new_limits(self) -> tuple[Limit, ...]:
        """What the change breaks; what was broken before is not its fault."""
        old = self.before.limits if self.before else ()
        return tuple(limit for limit in self.after.limits if limit not in old)


@dataclass(frozen=True, slots=True)
class Delay:
    """How late a delivery is before and after [s]; None where it is on no route."""

    ref: DeliveryRef
    before_s: int | None
    after_s: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    kind: ChangeKind
    routes: tuple[RouteEffect, ...]
    went: tuple[Went, ...]
    breaches: tuple[Breach, ...]

    @property
    def cost_delta(self) -> int:
        return sum(one.cost_delta for one in self.routes)

    def delays(self) -> list[Delay]:
        """Every delivery that moves, or whose lateness changes."""
        before = _lateness(one.before for one in self.routes)
        after = _lateness(one.after for one in self.routes)
        moved = {one.ref for one in self.went}
        refs = dict.fromkeys((*before, *after))
        changed = (ref for ref in refs if ref in moved or before.get(ref) != after.get(ref))
        return [Delay(ref, before.get(ref), after.get(ref)) for ref in changed]

    def needs_force(self) -> bool:
        return bool(self.breaches) or any(one.new_limits for one in self.routes)


def _lateness(routes: Iterable[Assessed | None]) -> dict[DeliveryRef, int]:
    return {
        ref: one.late_s.get(ref, 0)
        for one in routes
        if one is not None
        for stop in one.route.stops
        if stop.kind is StopKind.DROPOFF and not stop.status.is_over
        for ref in stop.deliveries
    }


@dataclass(frozen=True, slots=True)
class Aboard:
    """What a rule looks at."""

    ref: DeliveryRef
    door_key: str | None


@dataclass(frozen=True, slots=True)
class Scales:
    """What changes are weighed with."""

    ground: Ground
    distances: Distances
    rules: Rules
    doors: Mapping[DeliveryRef, str | None]

    def weigh(self, arrangement: Arrangement) -> Effect:
        """Work out what an arrangement does."""
        effects, breaches = [], []
        moved = {one.ref for one in arrangement.went}
        for before, after in arrangement.routes:
            aboard = self._aboard(after)
            ruled = self._ruled(arranging.ended(after), aboard)
            now = None if before is None else self.assess(before)
            effects.append(RouteEffect(before, now, self.assess(ruled)))
            touched = moved & {one.ref for one in aboard}
            breaches += self.rules.breaches(effects[-1].after.route, aboard, touched)
        breaches += self._let_go(arrangement)
        return Effect(arrangement.kind, tuple(effects), arrangement.went, tuple(breaches))

    def _let_go(self, arrangement: Arrangement) -> list[Breach]:
        """Rules about what leaves a route for none."""
        left = {after.id: set(after.deliveries()) for _, after in arrangement.routes}
        found = []
        for one in arrangement.went:
            if one.to_route is not None or one.from_route is None:
                continue
            for rule in self.rules.about(Aboard(one.ref, self.doors.get(one.ref))):
                is_pinned = rule.route_id == one.from_route
                parted = set(rule.deliveries) & left.get(one.from_route, set())
                if is_pinned or (rule.kind is RuleKind.TOGETHER and parted):
                    found.append(Breach(rule, one.ref))
        return found

    def _ruled(self, after: Route, aboard: Sequence[Aboard]) -> Route:
        if not self.rules.every:
            # Rules that were deleted since count no more, once somebody touches the route.
            return replace(after, only_driver_id=None, barred_drivers=())
        only, barred = self.rules.drivers_for(aboard)
        return replace(after, only_driver_id=only, barred_drivers=barred)

    def _aboard(self, route: Route) -> list[Aboard]:
        return [Aboard(ref, self.doors.get(ref)) for ref in route.deliveries()]

    def best(self, route: Route, cargo: Cargo, new_id: NewId) -> Route:
        """The route with a delivery more, where it makes the least late and costs least.

        Raises
        ------
        MoveImpossible
            If it can go nowhere.
        """
        every = list(arranging.spots(route, cargo))
        if len(every) > MOST_TRIED and any(spot.pickup is not None for spot in every):
            every = sorted(every, key=self._detours_s(route, cargo))[:MOST_TRIED]
        tried = [arranging.with_cargo(route, cargo, spot, lambda: "new") for spot in every]
        if not tried:
            raise arranging.impossible("no_place", "it can go nowhere on this route")
        ranks = [self.rank(one) for one in tried]
        return arranging.with_cargo(route, cargo, every[ranks.index(min(ranks))], new_id)

    def assess(self, route: Route) -> Assessed:
        return assess(route, self.ground, self.distances)

    def rank(self, route: Route) -> tuple[int, int]:
        """How bad a route is: how late in all, then what it costs."""
        return rank(route, self.ground, self.distances)

    def _detours_s(self, route: Route, cargo: Cargo) -> Callable[[Spot], int]:
        """Driving that a pickup and a door add, roughly: as if neither were beside the other."""
        places = range(len(route.stops) + 1)
        pickup_s = [self._around(route, at, cargo.pickup_at) for at in places]
        door_s = [self._around(route, at, cargo.door.position) for at in places]

        def detour_s(spot: Spot) -> int:
            return door_s[spot.door] + (0 if spot.pickup is None else pickup_s[spot.pickup])

        return detour_s

    def _around(self, route: Route, at: int, where: LatLng) -> int:
        kind, stops = route.vehicle_kind.value, route.stops
        before = stops[at - 1].position if at > 0 else None
        after = stops[at].position if at < len(stops) else None
        leg = self.distances.leg
        to_s = 0 if before is None else leg(kind, before, where)[0]
        on_s = 0 if after is None else leg(kind, where, after)[0]
        gap_s = 0 if before is None or after is None else leg(kind, before, after)[0]
        return to_s + on_s - gap_s
