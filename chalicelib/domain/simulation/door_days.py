"""What do shut doors cost, and what mends them? Days in a row: what failed comes again tomorrow.

Alerts, and who chooses a locker, are what people do: inputs, marked as such. What is decided about
a failed parcel comes from the product where an arm says so: ``recovery.choices`` weighs with the
city's ways as facts. Elsewhere it is tried again the next day until its tries are used up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.recovery_rules import USUAL, RecoveryRules, Remedy
from chalicelib.domain.recovery import choices
from chalicelib.domain.recovery.choices import Again, Facts, Rates, Way
from chalicelib.domain.recovery.model import Term
from chalicelib.domain.simulation import doors
from chalicelib.domain.simulation.city import City, Spot, drive_s, road_m
from chalicelib.domain.simulation.doors import MOST_TRIES, Parcel, Town, Visit
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.rows import Row
from chalicelib.kit.timewindow import TimeWindow

GROUP = "doors"
#: Days that fill what is left from yesterday, and days that count.
WARM_UP, DAYS = 1, 2

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_TOMORROW = TimeWindow(_NOON + timedelta(days=1), _NOON + timedelta(days=1, hours=8))


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to run the same days. ``less_percent``: fewer shut doors; ``fails_times``: so many
    times the usual ones; ``choose_percent``: who chooses a locker, if one is near."""

    name: str
    recovers: bool = False
    lockers: int = 0
    less_percent: int = 0
    choose_percent: int = 0
    fails_times: int = 1
    rules: RecoveryRules = USUAL

    def fails(self, inputs: Inputs) -> float:
        return inputs.fails_permille / 1000 * self.fails_times * (100 - self.less_percent) / 100


def arms(inputs: Inputs) -> tuple[Arm, ...]:
    low, high = inputs.alerts_low_percent, inputs.alerts_high_percent
    many, few = inputs.lockers, inputs.few_lockers
    return (
        Arm("base"),
        Arm(f"input: alerts, {low} % fewer shut doors", less_percent=low),
        Arm(f"input: alerts, {high} % fewer", less_percent=high),
        Arm(f"input: 20 % choose one of {many} lockers", lockers=many, choose_percent=20),
        Arm(f"input: 40 % choose one of {many} lockers", lockers=many, choose_percent=40),
        Arm(f"input: 40 % choose one of {few} lockers", lockers=few, choose_percent=40),
        Arm(f"second chance on the tour, {many} lockers", recovers=True, lockers=many),
        Arm(
            f"input: alerts {(low + high) // 2} %, 20 % choose, and the second chance",
            recovers=True,
            lockers=many,
            less_percent=(low + high) // 2,
            choose_percent=20,
        ),
        Arm("input: twice as many shut doors", fails_times=2),
        Arm(
            "the same with the second chance",
            recovers=True,
            lockers=many,
            fails_times=2,
        ),
    )


@dataclass(slots=True)
class Tally:
    """What a day took; lockers' fees are those that the choice reckons with."""

    visits: int = 0
    again: int = 0
    failed: int = 0
    returned: int = 0
    metres: int = 0
    seconds: int = 0
    vans: int = 0
    fees_minor: int = 0
    remedies: dict[Remedy, int] = field(default_factory=dict)


class Days:
    """One arm in one city, day after day."""

    def __init__(self, city: City, arm: Arm, parcels: int, seed: int) -> None:
        self.city, self.arm, self.count, self.seed = city, arm, parcels, seed
        self.inputs = city.inputs
        self.town = Town(city, arm.lockers)
        self.rates = Rates(0, self.inputs.km_minor, self.inputs.hour_minor // 60)
        self.backlog: list[Parcel] = []
        self.taken = [0] * arm.lockers

    def run(self, day: int) -> Tally:
        tally = Tally()
        # What was brought yesterday is fetched by tonight, so places are counted by day.
        self.taken = [0] * self.arm.lockers
        waiting = [*self.town.parcels(day, self.count), *self.backlog]
        self.backlog = []
        for tour in doors.planned(self.city, self._visits(waiting, tally), self.seed):
            self._drive(tour, tally)
        return tally

    def _visits(self, parcels: Sequence[Parcel], tally: Tally) -> list[Visit]:
        """Doors, and one stop for each locker that somebody chose."""
        found: list[Visit] = []
        at_locker: dict[int, list[Parcel]] = {}
        for parcel in parcels:
            near = self._chosen_locker(parcel) if parcel.locker is None else parcel.locker
            if near is None:
                found.append(Visit(parcel.door, (parcel,)))
            else:
                self.taken[near] += 1
                at_locker.setdefault(near, []).append(parcel)
                tally.fees_minor += self.rates.visit * choices.POINT_FEE_PERCENT // 100
        return found + [
            Visit(self.town.lockers[number], tuple(some), number)
            for number, some in sorted(at_locker.items())
        ]

    def _chosen_locker(self, parcel: Parcel) -> int | None:
        if parcel.tries or 100 * parcel.mind >= self.arm.choose_percent:
            return None
        near = self.town.nearest_locker(parcel.door)
        if near is None or near[0] > self.inputs.chosen_within_m:
            return None
        return near[1] if self.taken[near[1]] < self.inputs.locker_room else None

    def _drive(self, tour: list[Visit], tally: Tally) -> None:
        number, rate = 0, self.arm.fails(self.inputs)
        # What is decided on the way may lengthen the rest of the tour.
        while number < len(tour):
            visit = tour[number]
            if visit.locker is None:
                (parcel,) = visit.parcels
                tally.visits += 1
                tally.again += parcel.tries > 0
                if parcel.fails(rate):
                    tally.failed += 1
                    self._mend(tour, number, parcel.again(), tally)
            number += 1
        metres, seconds = doors.length(self.city, tour)
        tally.metres += metres
        tally.seconds += seconds
        tally.vans += 1

    def _mend(self, tour: list[Visit], number: int, parcel: Parcel, tally: Tally) -> None:
        if not self.arm.recovers:
            is_over = parcel.tries >= MOST_TRIES
            self._carry_out(Remedy.RETURN if is_over else Remedy.ANOTHER_DAY, parcel, tally)
            return
        best = choices.choose(choices.weigh(self._facts(tour, number, parcel)))
        if best.remedy is Remedy.POINT_ON_TOUR:
            assert best.point_id is not None
            locker = int(best.point_id)
            self.taken[locker] += 1
            tally.fees_minor += best.terms[Term.POINT_FEE]
            self._add(tour, number, locker, parcel)
        elif best.remedy is Remedy.PICKUP_POINT:
            assert best.point_id is not None
            parcel = replace(parcel, locker=int(best.point_id))
        self._carry_out(best.remedy, parcel, tally)

    def _facts(self, tour: Sequence[Visit], number: int, parcel: Parcel) -> Facts:
        points = [
            choices.Point(
                str(locker), road_m(self.inputs, parcel.door, at), self._way(tour, number, locker)
            )
            for locker, at in self._free_lockers(parcel)
        ]
        return Facts(
            reason=FailureReason.CUSTOMER_UNAVAILABLE,
            attempts_left=MOST_TRIES - parcel.tries,
            rules=self.arm.rules,
            rates=self.rates,
            is_on_road=True,
            door=Way(0, 0),
            points=tuple(points),
            # What a hub of this city would have learned by now.
            another=Again(_TOMORROW, int(1000 * self.arm.fails(self.inputs))),
        )

    def _carry_out(self, remedy: Remedy, parcel: Parcel, tally: Tally) -> None:
        tally.remedies[remedy] = tally.remedies.get(remedy, 0) + 1
        if remedy in (Remedy.ANOTHER_DAY, Remedy.PICKUP_POINT):
            self.backlog.append(parcel)
        elif remedy is Remedy.RETURN:
            tally.returned += 1

    def _free_lockers(self, parcel: Parcel) -> Iterator[tuple[int, Spot]]:
        for locker, at in enumerate(self.town.lockers):
            walk_m = road_m(self.inputs, parcel.door, at)
            if (
                self.taken[locker] < self.inputs.locker_room
                and walk_m <= self.arm.rules.most_walk_m
            ):
                yield locker, at

    def _way(self, tour: Sequence[Visit], number: int, locker: int) -> Way:
        """What a locker adds to the rest of a tour; beside others there it takes little."""
        given = self.inputs
        if any(one.locker == locker for one in tour[number + 1 :]):
            return Way(given.locker_parcel_s, 0)
        at = self.town.lockers[locker]
        extra_m, _ = min(doors.detours_m(self.city, tour, number, at))
        stop_s = given.locker_stop_s + given.locker_parcel_s
        extra_s = drive_s(extra_m, given.van_kmh) + stop_s
        is_late = doors.length(self.city, tour)[1] + extra_s > given.shift_s
        return Way(extra_s, extra_m, is_late)

    def _add(self, tour: list[Visit], number: int, locker: int, parcel: Parcel) -> None:
        for later in range(number + 1, len(tour)):
            if tour[later].locker == locker:
                tour[later] = replace(tour[later], parcels=(*tour[later].parcels, parcel))
                return
        at = self.town.lockers[locker]
        _, place = min(doors.detours_m(self.city, tour, number, at))
        tour.insert(place, Visit(at, (parcel,), locker))


def run(city: City, parcels: int, seed: int) -> Iterator[Row]:
    """Each arm over the same days; two thirds of the parcels of the other questions."""
    count = max(1, 2 * parcels // 3)
    for arm in arms(city.inputs):
        yield Row(GROUP, arm.name, seed, driven(city, arm, count, seed))


def driven(city: City, arm: Arm, count: int, seed: int) -> Mapping[str, float]:
    """What one arm comes to on the days that count, with so many new parcels a day."""
    days = Days(city, arm, count, seed)
    told = [days.run(day) for day in range(WARM_UP + DAYS)][WARM_UP:]
    return figures(city.inputs, told, count)


def figures(inputs: Inputs, told: Sequence[Tally], count: int) -> Mapping[str, float]:
    many = count * len(told)
    metres, seconds = sum(one.metres for one in told), sum(one.seconds for one in told)
    minor = inputs.km_minor * metres / 1000 + inputs.hour_minor * seconds / 3600
    minor += sum(inputs.van_day_minor * one.vans + one.fees_minor for one in told)
    on_tour = sum(one.remedies.get(Remedy.POINT_ON_TOUR, 0) for one in told)
    return {
        "failed_per_100": 100 * sum(one.failed for one in told) / many,
        "again_a_day": sum(one.again for one in told) / len(told),
        "km": metres / 1000 / len(told),
        "hours": seconds / 3600 / len(told),
        "vans": sum(one.vans for one in told) / len(told),
        "cost_per_parcel_minor": minor / many,
        "to_locker_on_tour_a_day": on_tour / len(told),
        "returned_a_day": sum(one.returned for one in told) / len(told),
    }
