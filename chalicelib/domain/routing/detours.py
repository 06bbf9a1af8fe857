"""Where in one row of a day sheet can a newcomer go, and what is the detour?

What each gap would cost is looked up for the whole row at once; times are worked out only where
that could win. Called by ``squeeze``, row by row.

Units: [s] since the sheet's second 0, [m], points (see ``problem``).
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.routing.daysheet import Row, Sheet
from chalicelib.domain.routing.plane import STEPS, Legs, Spot


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One delivery that asks for room.

    Parameters
    ----------
    now_s
        Nothing happens before.
    pickup_setup_s, dropoff_setup_s
        Paid unless the driver is at that very place anyway.
    """

    pickup: Spot
    dropoff: Spot
    weight_g: int
    volume_ml: int
    now_s: int = 0
    pickup_setup_s: int = 0
    pickup_service_s: int = 0
    dropoff_setup_s: int = 0
    dropoff_service_s: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a row: nodes counted from its first, the dropoff behind the pickup where equal.

    ``cost`` is what it adds [points], ``dropoff_s`` when handing over begins [s].
    """

    cost: int
    pickup_after: int
    dropoff_after: int
    dropoff_s: int


@dataclass(frozen=True, slots=True)
class Span:
    """When handing over may begin [s]."""

    opens_s: int
    latest_s: int


class Detours:
    """A newcomer beside one row; lists are by node, counted from the row's first.

    ``_pickup_cost``, ``_dropoff_cost`` and ``_both_cost`` are what each gap costs by itself, with
    handling left out; ``_least`` is the cheapest dropoff in this gap or a later one.
    """

    __slots__ = (
        "_across_s",
        "_both_cost",
        "_columns",
        "_dropoff_cost",
        "_least",
        "_legs",
        "_new",
        "_pickup_cost",
        "_row",
        "_to_dropoff",
        "_to_pickup",
    )

    def __init__(self, sheet: Sheet, row: Row, new: Newcomer) -> None:
        legs = sheet.legs(row)
        self._columns, self._row, self._legs, self._new = sheet.columns, row, legs, new
        here = slice(row.first, row.end)
        spots = list(zip(sheet.columns.x_m[here], sheet.columns.y_m[here], strict=True))
        self._to_pickup = to_pickup = _steps(legs, spots, new.pickup)
        self._to_dropoff = to_dropoff = _steps(legs, spots, new.dropoff)
        between = legs.step(new.pickup, new.dropoff)
        self._across_s = legs.seconds[between] + new.dropoff_setup_s if between else 0
        per_s, cost = row.cost_per_s, legs.cost
        setups = [setup_s * per_s for setup_s in sheet.columns.setup_s[here]]
        gaps = sheet.columns.gap_cost[here]
        in_p = [cost[step] + new.pickup_setup_s * per_s if step else 0 for step in to_pickup]
        in_d = [cost[step] + new.dropoff_setup_s * per_s if step else 0 for step in to_dropoff]
        if row.is_open:
            in_p[0], in_d[0] = new.pickup_setup_s * per_s, new.dropoff_setup_s * per_s
        # On to the next node, less the gap that was there; nothing behind the last one.
        on_p = _onward(cost, to_pickup, setups, gaps)
        on_d = _onward(cost, to_dropoff, setups, gaps)
        across = cost[between] + new.dropoff_setup_s * per_s if between else 0
        self._pickup_cost = [i + o for i, o in zip(in_p, on_p, strict=True)]
        self._dropoff_cost = [i + o for i, o in zip(in_d, on_d, strict=True)]
        self._both_cost = [i + across + o for i, o in zip(in_p, on_d, strict=True)]
        self._least = least = self._dropoff_cost[:]
        for k in range(len(least) - 2, -1, -1):
            if least[k + 1] < least[k]:
                least[k] = least[k + 1]

    def cheapest(self, span: Span, most: int | None, *, inside: bool = False) -> Gap | None:
        """The cheapest gap that breaks nothing, the first of equals.

        Parameters
        ----------
        most
            Nothing that costs more is wanted [points].
        inside
            The pickup must not come behind the last node.
        """
        row, new, columns = self._row, self._new, self._columns
        base = row.fixed_cost + handling_cost(row, new)
        limit = (1 << 62) if most is None else most - base
        first, nodes = row.first, row.end - row.first
        last = bisect_right(columns.free_s, span.latest_s, first, row.end) - first - 1
        best: Gap | None = None
        for after in range(min(last, nodes - (2 if inside else 1)) + 1):
            if min(self._pickup_cost[after] + self._least[after], self._both_cost[after]) > limit:
                continue
            for cost, later, dropoff_s in self._behind(after, span, limit):
                if best is None or base + cost < best.cost:
                    best = Gap(base + cost, after, later, dropoff_s)
                    limit = cost
        return best

    def _behind(self, after: int, span: Span, limit: int) -> Iterator[tuple[int, int, int]]:
        """With the pickup in a gap: every dropoff that works and costs no more, and when."""
        columns, new, k = self._columns, self._new, self._row.first + after
        if self._is_full(k):
            return
        free_s = max(columns.free_s[k], new.now_s) + self._in_s(after) + new.pickup_service_s
        cost = self._both_cost[after]
        if cost <= limit:
            dropoff_s = self._handed_over(after, free_s + self._across_s, span)
            if dropoff_s is not None:
                yield cost, after, dropoff_s
        if k + 1 < self._row.end:
            free_s += self._on_s(self._to_pickup, after + 1)
            yield from self._further(after, free_s, span, limit)

    def _further(
        self, after: int, arrival_s: int, span: Span, limit: int
    ) -> Iterator[tuple[int, int, int]]:
        """The same with other stops between, the first of them reached then."""
        columns, first = self._columns, self._row.first
        so_far = self._pickup_cost[after]
        for later in range(after + 1, self._row.end - first):
            k = first + later
            begins_s = max(arrival_s, columns.opens_s[k])
            free_s = begins_s + columns.handling_s[k]
            if begins_s > columns.latest_s[k] or free_s > span.latest_s or self._is_full(k):
                return
            if so_far + self._least[later] > limit:
                return
            cost = so_far + self._dropoff_cost[later]
            if cost <= limit:
                step = self._to_dropoff[later]
                way_s = self._legs.seconds[step] + self._new.dropoff_setup_s if step else 0
                dropoff_s = self._handed_over(later, free_s + way_s, span)
                if dropoff_s is not None:
                    yield cost, later, dropoff_s
            if k + 1 < self._row.end:
                arrival_s = free_s + columns.gap_s[k + 1]

    def _is_full(self, k: int) -> bool:
        """True if the newcomer cannot be on board between this stop and the next."""
        row, new, columns = self._row, self._new, self._columns
        return (
            columns.weight_g[k] > row.max_weight_g - new.weight_g
            or columns.volume_ml[k] > row.max_volume_ml - new.volume_ml
        )

    def _handed_over(self, later: int, arrival_s: int, span: Span) -> int | None:
        """When handing over begins; None if that is too late, or makes a later stop too late."""
        dropoff_s = max(arrival_s, span.opens_s)
        if dropoff_s <= span.latest_s and self._leaves_time(later, dropoff_s):
            return dropoff_s
        return None

    def _leaves_time(self, later: int, dropoff_s: int) -> bool:
        """True if all that follows a dropoff in this gap is still in time."""
        row = self._row
        free_s = dropoff_s + self._new.dropoff_service_s
        if row.first + later + 1 == row.end:
            return free_s <= row.until_s
        arrival_s = free_s + self._on_s(self._to_dropoff, later + 1)
        return arrival_s <= self._columns.latest_s[row.first + later + 1]

    def _in_s(self, after: int) -> int:
        """From a node to the pickup, with its setup [s]."""
        if self._row.is_open and after == 0:
            return self._new.pickup_setup_s
        step = self._to_pickup[after]
        return self._legs.seconds[step] + self._new.pickup_setup_s if step else 0

    def _on_s(self, steps: list[int], node: int) -> int:
        """From the newcomer's place to a node, with that one's setup [s]."""
        step = steps[node]
        return (
            self._legs.seconds[step] + self._columns.setup_s[self._row.first + node] if step else 0
        )

    def added(self, gap: Gap) -> tuple[int, int]:
        """Driving, setup and handling that a gap adds [s], and road [m]."""
        new, nodes = self._new, self._row.end - self._row.first
        pickup, dropoff = (new.pickup, new.pickup_setup_s), (new.dropoff, new.dropoff_setup_s)
        if gap.pickup_after == gap.dropoff_after:
            visits: list[tuple[int, tuple[tuple[Spot, int], ...]]] = [
                (gap.pickup_after, (pickup, dropoff))
            ]
        else:
            visits = [(gap.pickup_after, (pickup,)), (gap.dropoff_after, (dropoff,))]
        extra_s, extra_m = new.pickup_service_s + new.dropoff_service_s, 0
        for after, stops in visits:
            behind = (self._node(after + 1),) if after + 1 < nodes else ()
            here = None if self._row.is_open and after == 0 else self._node(after)[0]
            longer, before = self._way(here, (*stops, *behind)), self._way(here, behind)
            extra_s += longer[0] - before[0]
            extra_m += longer[1] - before[1]
        return extra_s, extra_m

    def _node(self, node: int) -> tuple[Spot, int]:
        k = self._row.first + node
        return (self._columns.x_m[k], self._columns.y_m[k]), self._columns.setup_s[k]

    def _way(self, here: Spot | None, stops: Iterable[tuple[Spot, int]]) -> tuple[int, int]:
        """Seconds and metres from a place along some stops, their setups counted."""
        way_s = way_m = 0
        for there, setup_s in stops:
            step = 0 if here is None else self._legs.step(here, there)
            if here is None or step:
                way_s += self._legs.seconds[step] + setup_s
                way_m += self._legs.metres[step]
            here = there
        return way_s, way_m


def lower_bound(sheet: Sheet, row: Row, new: Newcomer) -> int:
    """The least that a newcomer can cost in a row [points].

    By the box around its stops and by its second dearest gap; the dearest, often the way from the
    store to a district, is looked at itself.
    """
    legs = sheet.legs(row)
    cost, step, second = legs.cost, legs.step, row.second_cost
    to_pickup = cost[_outside(row, new.pickup, legs)]
    to_dropoff = cost[_outside(row, new.dropoff, legs)]
    between = cost[step(new.pickup, new.dropoff)]
    least_pickup = min(to_pickup, 2 * to_pickup - second)
    least_dropoff = min(to_dropoff, 2 * to_dropoff - second)
    together = between + to_pickup + min(0, to_dropoff - second)
    if row.widest:
        columns, k = sheet.columns, row.first + row.widest
        here, there = (columns.x_m[k - 1], columns.y_m[k - 1]), (columns.x_m[k], columns.y_m[k])
        gap_cost, setup_cost = columns.gap_cost[k], columns.setup_s[k] * row.cost_per_s
        is_driven = not row.is_open or row.widest > 1
        out_p, out_d = step(new.pickup, there), step(new.dropoff, there)
        in_p = cost[step(here, new.pickup)] if is_driven else 0
        in_d = cost[step(here, new.dropoff)] if is_driven else 0
        on_p = cost[out_p] + (setup_cost if out_p else 0) - gap_cost
        on_d = cost[out_d] + (setup_cost if out_d else 0) - gap_cost
        least_pickup = min(least_pickup, in_p + on_p)
        least_dropoff = min(least_dropoff, in_d + on_d)
        together = min(together, in_p + between + on_d)
    if row.is_open:
        # Nothing is driven to a pickup that an open row begins with, nor on from its only stop.
        together = min(together, between + (to_dropoff if row.end - row.first > 1 else 0))
    base = row.fixed_cost + handling_cost(row, new)
    return base + min(least_pickup + least_dropoff, together)


def handling_cost(row: Row, new: Newcomer) -> int:
    return (new.pickup_service_s + new.dropoff_service_s) * row.cost_per_s


def _steps(legs: Legs, spots: Sequence[Spot], there: Spot) -> list[int]:
    # Written out, for this runs over every stop of every row that is opened.
    x_m, y_m = there
    up, shift, hypot, most = (1 << legs.shift) - 1, legs.shift, math.hypot, STEPS - 1
    steps = [(int(hypot(x - x_m, y - y_m)) + up) >> shift for x, y in spots]
    return steps if max(steps) <= most else [min(step, most) for step in steps]


def _onward(
    cost: Sequence[int], steps: Sequence[int], setups: Sequence[int], gaps: Sequence[int]
) -> list[int]:
    """(nodes,) from the newcomer's place to the next node, less what that gap cost before."""
    onward = [
        (cost[step] + setup if step else 0) - gap
        for step, setup, gap in zip(steps[1:], setups[1:], gaps[1:], strict=True)
    ]
    onward.append(0)
    return onward


def _outside(row: Row, spot: Spot, legs: Legs) -> int:
    """The step from a place to the nearest corner or side of a row's box; 0 inside."""
    x_m, y_m = spot
    nearest = min(max(x_m, row.west_m), row.east_m), min(max(y_m, row.south_m), row.north_m)
    return legs.step(spot, nearest)
