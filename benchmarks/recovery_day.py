"""A day of the recovery benchmark: tours are driven, doors stay shut, and something is decided.

What is decided comes from the product: ``recovery.choices`` weighs and chooses, with the city's
distances as facts. Without recovery a failed parcel is tried again the next day until its tries are
used up, and then goes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from benchmarks.recovery_city import (
    HOUR_MINOR,
    HUB,
    KM_MINOR,
    LOCKER_S,
    MOST_TRIES,
    PARCEL_S,
    SHIFT_S,
    VAN_MINOR,
    City,
    Parcel,
    Point,
    Visit,
    drive_s,
    plan,
    road_m,
)
from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.recovery_rules import USUAL, RecoveryRules, Remedy
from chalicelib.domain.recovery import choices
from chalicelib.domain.recovery.choices import Again, Facts, Rates, Way
from chalicelib.domain.recovery.model import Term
from chalicelib.kit.timewindow import TimeWindow

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_TOMORROW = TimeWindow(_NOON + timedelta(days=1), _NOON + timedelta(days=1, hours=8))
_RATES = Rates(per_stop=0, per_km=KM_MINOR, per_minute=HOUR_MINOR // 60)


@dataclass(frozen=True)
class Arm:
    """One way to run the same days.

    ``fails`` and ``choose_locker`` are what people do: inputs, not results.
    """

    name: str
    recovers: bool
    lockers: int
    fails: float = 0.10
    choose_locker: float = 0.0
    rules: RecoveryRules = USUAL
    chosen_within_m: int = 800
    per_locker: int = 24


@dataclass
class Tally:
    """What a day took. Lockers' fees are those that the choice reckons with."""

    parcels: int = 0
    visits: int = 0
    again: int = 0
    failed: int = 0
    returned: int = 0
    by_choice: int = 0
    metres: int = 0
    seconds: int = 0
    vans: int = 0
    fees_minor: int = 0
    remedies: dict[Remedy, int] = field(default_factory=dict)

    @property
    def cost_minor(self) -> float:
        driven = HOUR_MINOR * self.seconds / 3600 + KM_MINOR * self.metres / 1000
        return driven + VAN_MINOR * self.vans + self.fees_minor


class Days:
    """One arm in one city, day after day: what failed today is among tomorrow's visits."""

    def __init__(self, arm: Arm, seed: int, count: int, iterations: int) -> None:
        self.arm, self.count, self.iterations = arm, count, iterations
        self.city = City.of(seed, arm.lockers)
        self.backlog: list[Parcel] = []
        self.taken = [0] * arm.lockers

    def run(self, day: int) -> Tally:
        tally = Tally(parcels=self.count)
        # What was brought yesterday is fetched by tonight, so places are counted by day.
        self.taken = [0] * self.arm.lockers
        new = self.city.parcels(day, self.count)
        waiting, self.backlog = [*new, *self.backlog], []
        visits = self._visits(waiting, tally)
        for tour in plan(visits, self.city.seed, self.iterations):
            self._drive(tour, tally)
        return tally

    def _visits(self, parcels: Sequence[Parcel], tally: Tally) -> list[Visit]:
        """Doors, and one stop for each locker that somebody chose."""
        doors: list[Visit] = []
        at_locker: dict[int, list[Parcel]] = {}
        for parcel in parcels:
            near = parcel.locker if parcel.locker is not None else self._chosen_locker(parcel)
            if near is None:
                doors.append(Visit(parcel.door, (parcel,)))
            else:
                self.taken[near] += 1
                at_locker.setdefault(near, []).append(parcel)
                tally.fees_minor += _fee()
                tally.by_choice += parcel.locker is None
        lockers = [
            Visit(self.city.lockers[number], tuple(some), number)
            for number, some in sorted(at_locker.items())
        ]
        return doors + lockers

    def _chosen_locker(self, parcel: Parcel) -> int | None:
        if parcel.tries or parcel.mind >= self.arm.choose_locker:
            return None
        near = self.city.nearest_locker(parcel.door)
        if near is None or near[1] > self.arm.chosen_within_m:
            return None
        return near[0] if self.taken[near[0]] < self.arm.per_locker else None

    def _drive(self, tour: list[Visit], tally: Tally) -> None:
        tour, number = list(tour), 0
        # What is decided on the way may lengthen the rest of the tour.
        while number < len(tour):
            visit = tour[number]
            if visit.locker is None:
                (parcel,) = visit.parcels
                tally.visits += 1
                tally.again += parcel.tries > 0
                if parcel.fails(self.arm.fails):
                    tally.failed += 1
                    self._mend(tour, number, parcel.again(), tally)
            number += 1
        metres, seconds = _length(tour)
        tally.metres += metres
        tally.seconds += seconds
        tally.vans += 1

    def _mend(self, tour: list[Visit], number: int, parcel: Parcel, tally: Tally) -> None:
        if not self.arm.recovers:
            is_over = parcel.tries >= MOST_TRIES
            remedy = Remedy.RETURN if is_over else Remedy.ANOTHER_DAY
            self._carry_out(remedy, parcel, tally)
            return
        places = {str(k): (k, at) for k, at in self._free_lockers(parcel)}
        points = tuple(
            choices.Point(name, road_m(parcel.door, at), _way(tour, number, k, at))
            for name, (k, at) in places.items()
        )
        facts = Facts(
            reason=FailureReason.CUSTOMER_UNAVAILABLE,
            attempts_left=MOST_TRIES - parcel.tries,
            rules=self.arm.rules,
            rates=_RATES,
            is_on_road=True,
            door=Way(0, 0),
            points=points,
            # What a hub of this city would have learned by now.
            another=Again(_TOMORROW, int(1000 * self.arm.fails)),
        )
        best = choices.choose(choices.weigh(facts))
        if best.remedy is Remedy.POINT_ON_TOUR:
            assert best.point_id is not None
            k, at = places[best.point_id]
            self.taken[k] += 1
            tally.fees_minor += best.terms[Term.POINT_FEE]
            _add(tour, number, k, at, parcel)
        elif best.remedy is Remedy.PICKUP_POINT:
            assert best.point_id is not None
            parcel = replace(parcel, locker=int(best.point_id))
        self._carry_out(best.remedy, parcel, tally)

    def _carry_out(self, remedy: Remedy, parcel: Parcel, tally: Tally) -> None:
        tally.remedies[remedy] = tally.remedies.get(remedy, 0) + 1
        if remedy in (Remedy.ANOTHER_DAY, Remedy.PICKUP_POINT):
            self.backlog.append(parcel)
        elif remedy is Remedy.RETURN:
            tally.returned += 1

    def _free_lockers(self, parcel: Parcel) -> list[tuple[int, Point]]:
        reach_m = self.arm.rules.most_walk_m
        return [
            (k, at)
            for k, at in enumerate(self.city.lockers)
            if self.taken[k] < self.arm.per_locker and road_m(parcel.door, at) <= reach_m
        ]


def _way(tour: Sequence[Visit], number: int, k: int, at: Point) -> Way:
    """What a locker adds to the rest of a tour; beside others there it takes a parcel's time."""
    if any(one.locker == k for one in tour[number + 1 :]):
        return Way(PARCEL_S, 0)
    extra_m = min(extra for extra, _ in _places(tour, number, at))
    extra_s = drive_s(extra_m) + LOCKER_S + PARCEL_S
    return Way(extra_s, extra_m, _length(tour)[1] + extra_s > SHIFT_S)


def _places(tour: Sequence[Visit], number: int, at: Point) -> list[tuple[int, int]]:
    """Metres that a stop adds behind each visit from this one on."""
    stops = [*(one.at for one in tour), HUB]
    return [
        (road_m(stops[n], at) + road_m(at, stops[n + 1]) - road_m(stops[n], stops[n + 1]), n + 1)
        for n in range(number, len(tour))
    ]


def _add(tour: list[Visit], number: int, k: int, at: Point, parcel: Parcel) -> None:
    for later in range(number + 1, len(tour)):
        if tour[later].locker == k:
            tour[later] = replace(tour[later], parcels=(*tour[later].parcels, parcel))
            return
    _, place = min(_places(tour, number, at))
    tour.insert(place, Visit(at, (parcel,), k))


def _length(tour: Sequence[Visit]) -> tuple[int, int]:
    stops = [HUB, *(one.at for one in tour), HUB]
    metres = sum(road_m(a, b) for a, b in pairwise(stops))
    return metres, drive_s(metres) + sum(one.service_s for one in tour)


def _fee() -> int:
    return _RATES.visit * choices.POINT_FEE_PERCENT // 100
