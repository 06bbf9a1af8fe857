"""Random days of a hub, and the slow way to find the cheapest place for one delivery more."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.routing.daysheet import (
    Ahead,
    Columns,
    Head,
    Sheet,
    Start,
    Waiting,
    add_row,
)
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.plane import FINEST_SHIFT, Legs, Spot, legs_of

KINDS = {"van": (30, 500, 300_000), "cargo_bike": (4, 500, 150_000), "walker": (0, 500, 50_000)}
TRAFFIC_PERCENT = 114


@dataclass(frozen=True)
class Course:
    """What a row is made of."""

    head: Head
    start: Start
    stops: tuple[Ahead, ...]

    @property
    def legs(self) -> Legs:
        head = self.head
        return legs_of(head.kind, TRAFFIC_PERCENT, FINEST_SHIFT, head.cost_per_m, head.cost_per_s)


@dataclass(frozen=True)
class Day:
    courses: tuple[Course, ...]
    waiting: Waiting

    def sheet(self) -> Sheet:
        columns = Columns.empty()
        rows = [add_row(columns, one.head, one.legs, one.start, one.stops) for one in self.courses]
        return Sheet(
            at_s=1_795_000_000,
            latitude_e6=51_200_000,
            longitude_e6=9_400_000,
            shift=FINEST_SHIFT,
            traffic_percent=TRAFFIC_PERCENT,
            rows=tuple(rows),
            columns=columns,
            waiting=self.waiting,
        )


def a_day(rng: random.Random, rows: int, most_stops: int, reach_m: int = 4_000) -> Day:
    """Rows at every stage: not begun, under way, late, full, and drivers without a route."""
    spots = [_spot(rng, reach_m) for _ in range(6)]
    courses = tuple(_course(rng, number, most_stops, reach_m, spots) for number in range(rows))
    due = {rng.randrange(0, 20_000, 900): rng.randrange(1, 4) for _ in range(rng.randrange(4))}
    spare = [(rng.randrange(0, 9_000), rng.randrange(9_000, 25_000)) for _ in courses]
    return Day(courses, Waiting.of(rng.choice((0, 300, 900)), due, spare))


def a_newcomer(rng: random.Random, reach_m: int = 4_000) -> Newcomer:
    pickup = _spot(rng, reach_m)
    return Newcomer(
        pickup=pickup,
        dropoff=rng.choice((_spot(rng, reach_m), _spot(rng, reach_m), pickup)),
        weight_g=rng.randrange(0, 9_000),
        volume_ml=rng.randrange(0, 30_000),
        now_s=rng.choice((0, 0, 700)),
        pickup_setup_s=rng.choice((0, 180)),
        pickup_service_s=20,
        dropoff_setup_s=rng.choice((0, 0, 45)),
        dropoff_service_s=180,
    )


def _spot(rng: random.Random, reach_m: int) -> Spot:
    return rng.randrange(-reach_m, reach_m), rng.randrange(-reach_m, reach_m)


def _course(
    rng: random.Random, number: int, most_stops: int, reach_m: int, spots: Sequence[Spot]
) -> Course:
    kind = rng.choice(sorted(KINDS))
    per_m, per_s, fixed = KINDS[kind]
    count = rng.choice((0, rng.randrange(most_stops + 1), most_stops))
    head = Head(
        id=f"row_{number}",
        kind=kind,
        cost_per_m=per_m,
        cost_per_s=per_s,
        fixed_cost=0 if count else fixed,
        max_weight_g=rng.choice((8_000, 30_000)),
        max_volume_ml=rng.choice((30_000, 150_000)),
        room=rng.choice((0, 1, 5, 5, 5)),
        until_s=rng.choice((3_000, 12_000, 28_000)),
    )
    weight_g, volume_ml = rng.randrange(6_000), rng.randrange(20_000)
    spot = rng.choice((None, _spot(rng, reach_m), rng.choice(spots)))
    start = Start(spot, rng.randrange(0, 4_000), weight_g, volume_ml)
    stops = []
    for _ in range(count):
        weight_g = max(0, weight_g + rng.randrange(-3_000, 3_000))
        volume_ml = max(0, volume_ml + rng.randrange(-9_000, 9_000))
        opens_s = rng.choice((0, 0, 0, rng.randrange(20_000)))
        stops.append(
            Ahead(
                spot=rng.choice((_spot(rng, reach_m), rng.choice(spots))),
                setup_s=rng.choice((0, 0, 180)),
                handling_s=rng.choice((20, 180, 240)),
                opens_s=opens_s,
                latest_s=opens_s + rng.choice((0, 3_600, 10_000, 30_000)),
                weight_g=weight_g,
                volume_ml=volume_ml,
            )
        )
    return Course(head, start, tuple(stops))


# -- the slow way --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """An answer of the slow way."""

    cost: int
    row: int
    pickup_after: int
    dropoff_after: int
    extra_s: int
    extra_m: int
    dropoff_s: int


@dataclass(frozen=True)
class _Driven:
    begins_s: list[int]
    end_s: int
    work_s: int
    metres: int


def _drive(course: Course, stops: Sequence[Ahead], now_at: int | None, now_s: int) -> _Driven:
    """Drive from the start through all stops; leave stop ``now_at`` no earlier than ``now_s``."""
    legs, here, free_s = course.legs, course.start.spot, course.start.free_s
    begins, work_s, metres = [], 0, 0
    for position, stop in enumerate(stops):
        if position == now_at:
            free_s = max(free_s, now_s)
        gap_s = 0
        if here is None:
            gap_s = stop.setup_s
        elif here != stop.spot:
            step = legs.step(here, stop.spot)
            gap_s = legs.seconds[step] + stop.setup_s
            metres += legs.metres[step]
        begins_s = max(free_s + gap_s, stop.opens_s)
        begins.append(begins_s)
        free_s = begins_s + stop.handling_s
        work_s += gap_s + stop.handling_s
        here = stop.spot
    return _Driven(begins, free_s, work_s, metres)


def every_place(day: Day, new: Newcomer, opens_s: int, latest_s: int) -> Iterator[Placed]:
    """All that breaks nothing, one by one: insert, drive, look at every promise."""
    for index, course in enumerate(day.courses):
        stops, head = course.stops, course.head
        before = _drive(course, stops, None, 0)
        if head.room < 1:
            continue
        for after in range(len(stops) + 1):
            for later in range(after, len(stops) + 1):
                placed = _place(index, course, before, new, after, later, (opens_s, latest_s))
                if placed is not None:
                    yield placed


def _place(
    index: int,
    course: Course,
    before: _Driven,
    new: Newcomer,
    after: int,
    later: int,
    span: tuple[int, int],
) -> Placed | None:
    head, stops = course.head, list(course.stops)
    levels = [(course.start.weight_g, course.start.volume_ml)]
    levels += [(stop.weight_g, stop.volume_ml) for stop in stops]
    for weight_g, volume_ml in levels[after : later + 1]:
        if weight_g + new.weight_g > head.max_weight_g:
            return None
        if volume_ml + new.volume_ml > head.max_volume_ml:
            return None
    pickup = Ahead(new.pickup, new.pickup_setup_s, new.pickup_service_s, 0, 1 << 40, 0, 0)
    dropoff = Ahead(new.dropoff, new.dropoff_setup_s, new.dropoff_service_s, *span, 0, 0)
    bounded = [
        replace(stop, latest_s=max(stop.latest_s, begins_s))
        for stop, begins_s in zip(stops, before.begins_s, strict=True)
    ]
    longer = [*bounded[:after], pickup, *bounded[after:later], dropoff, *bounded[later:]]
    driven = _drive(course, longer, after, new.now_s)
    if any(b > stop.latest_s for b, stop in zip(driven.begins_s, longer, strict=True)):
        return None
    if driven.end_s > (max(head.until_s, before.end_s) if stops else head.until_s):
        return None
    extra_s, extra_m = driven.work_s - before.work_s, driven.metres - before.metres
    cost = head.fixed_cost + head.cost_per_s * extra_s + head.cost_per_m * extra_m
    return Placed(cost, index, after, later, extra_s, extra_m, driven.begins_s[later + 1])


def the_slow_way(day: Day, new: Newcomer, opens_s: int, latest_s: int) -> Placed | None:
    """The cheapest place, the first of equals; None when there is none."""
    if _lacks_time(day.waiting, 0, 0):
        return None
    allowed = [
        placed
        for placed in every_place(day, new, opens_s, latest_s)
        if placed.pickup_after < len(day.courses[placed.row].stops)
        or not _lacks_time(day.waiting, placed.extra_s, latest_s)
    ]
    return min(
        allowed,
        key=lambda p: (p.cost, p.row, p.pickup_after, p.dropoff_after),
        default=None,
    )


def _lacks_time(waiting: Waiting, more_s: int, latest_s: int) -> bool:
    """At every second at which something is due: more work than time?"""
    work = [(due_s, count * waiting.each_s) for due_s, count, _ in waiting.due]
    if more_s:
        work.append((latest_s, more_s))
    for at_s, _ in work:
        demand_s = sum(work_s for due_s, work_s in work if due_s <= at_s)
        spare_s = sum(max(0, min(at_s, last) - first) for first, last in waiting.spare)
        if demand_s > spare_s:
            return True
    return False
