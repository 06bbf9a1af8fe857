"""What lies ahead of every driver of a hub today, on one page that a checkout reads at once?

A day sheet holds, per driver, the stops that a newcomer could still move: where, how early, how
late at the latest, and what is on board. The first node of a row is *locked*: where the driver
stands, or what comes next; nothing is put before it. A driver without a route is a row of one node.
Beside the rows stands what waits and is on no route yet, because it takes time from whoever has
some. Columns are flat lists over all rows, so that packing is copying (``daysheet_wire``).

Units: seconds since ``Sheet.at_s`` [s], metres on the hub's plane [m], [g], [ml], points (see
``problem``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import cast

from chalicelib.domain.routing.plane import Legs, Spot, legs_of

_LATEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Ahead:
    """One stop to come.

    Parameters
    ----------
    setup_s
        Spent once per stay at a place [s], on top of driving.
    opens_s, latest_s
        When handling may begin [s].
    weight_g, volume_ml
        What is on board after it.
    """

    spot: Spot
    setup_s: int
    handling_s: int
    opens_s: int
    latest_s: int
    weight_g: int
    volume_ml: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where and when a row begins; ``spot`` None: at its first stop, wherever that is."""

    spot: Spot | None
    free_s: int
    weight_g: int = 0
    volume_ml: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One driver's rest of the day.

    Parameters
    ----------
    id
        Of the route; of the driver where there is none.
    kind, cost_per_m, cost_per_s, fixed_cost
        Prices of the vehicle [points]; ``fixed_cost`` only where a route would be new.
    until_s
        All is handed over by then [s]: the shift ends.
    room
        How many deliveries more a route may have.
    first, end
        Its nodes are ``first`` to ``end - 1`` of the columns.
    west_m, south_m, east_m, north_m
        The box around them.
    widest, second_cost
        The node before which the dearest gap lies, and the cost of the second dearest [points].
    """

    id: str
    kind: str
    cost_per_m: int
    cost_per_s: int
    fixed_cost: int
    max_weight_g: int
    max_volume_ml: int
    room: int
    until_s: int
    is_open: bool
    first: int
    end: int
    west_m: int
    south_m: int
    east_m: int
    north_m: int
    widest: int
    second_cost: int


@dataclass(frozen=True, slots=True)
class Columns:
    """(n,) over the nodes of all rows.

    Parameters
    ----------
    free_s
        When the driver is free to go on from there, at the earliest.
    opens_s, latest_s
        When handling may begin; the latest keeps every promise behind it, too.
    gap_s, gap_cost
        Driving and setup before it; 0 for the first of a row.
    """

    x_m: Sequence[int]
    y_m: Sequence[int]
    free_s: Sequence[int]
    opens_s: Sequence[int]
    latest_s: Sequence[int]
    gap_s: Sequence[int]
    gap_cost: Sequence[int]
    setup_s: Sequence[int]
    handling_s: Sequence[int]
    weight_g: Sequence[int]
    volume_ml: Sequence[int]

    @classmethod
    def empty(cls) -> "Columns":
        return cls(*([] for _ in fields(cls)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries on no route yet, against the time of those who could take them.

    Parameters
    ----------
    each_s
        What one of them is taken to cost a driver [s].
    due
        ``(latest_s, count, spare_s)`` in order of time: so many have to be there by then, and until
        then drivers have so much time to spare.
    spare
        ``(from_s, until_s)`` of every driver: between the last planned stop and the shift's end.
    """

    each_s: int
    due: tuple[tuple[int, int, int], ...] = ()
    spare: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, each_s: int, due: Mapping[int, int], spare: Sequence[tuple[int, int]]) -> "Waiting":
        """From how many are due when."""
        known = cls(each_s, (), tuple(spare))
        return cls(
            each_s,
            tuple((at_s, due[at_s], known.spare_s(at_s)) for at_s in sorted(due)),
            tuple(spare),
        )

    @property
    def count(self) -> int:
        return sum(count for _, count, _ in self.due)

    def spare_s(self, until_s: int) -> int:
        """Time that drivers have to spare until then [s]."""
        return sum(max(0, min(until_s, last) - first) for first, last in self.spare)

    def lacks_time(self, more_s: int = 0, latest_s: int = 0) -> bool:
        """True if, with ``more_s`` of work due by ``latest_s``, some deadline cannot be met.

        The demand bound of real-time scheduling: up to every deadline, work due until then must
        fit into the time until then. (Source: Baruah, Rosier & Howell 1990, "Algorithms and
        complexity concerning the preemptive scheduling of periodic, real-time tasks on one
        processor".)
        """
        steps = [(due_s, count * self.each_s, spare_s) for due_s, count, spare_s in self.due]
        if more_s:
            steps = sorted([*steps, (latest_s, more_s, self.spare_s(latest_s))])
        demand_s = 0
        for _, work_s, spare_s in steps:
            demand_s += work_s
            if demand_s > spare_s:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page. ``at_s`` is the instant of second 0, in seconds since 1970."""

    at_s: int
    latitude_e6: int
    longitude_e6: int
    shift: int
    traffic_percent: int
    rows: tuple[Row, ...]
    columns: Columns
    waiting: Waiting

    def legs(self, row: Row) -> Legs:
        return legs_of(row.kind, self.traffic_percent, self.shift, row.cost_per_m, row.cost_per_s)

    def first_rows(self, count: int) -> "Sheet":
        """The sheet of some of its drivers only."""
        rows = self.rows[:count]
        nodes = rows[-1].end if rows else 0
        columns = (getattr(self.columns, field.name)[:nodes] for field in fields(Columns))
        return replace(self, rows=rows, columns=Columns(*columns))


@dataclass(frozen=True, slots=True)
class Head:
    """What a row says of its driver before any stop is looked at; see :class:`Row`."""

    id: str
    kind: str
    cost_per_m: int
    cost_per_s: int
    fixed_cost: int
    max_weight_g: int
    max_volume_ml: int
    room: int
    until_s: int


def add_row(columns: Columns, head: Head, legs: Legs, start: Start, stops: Sequence[Ahead]) -> Row:
    """Write a row behind the others: its earliest times from the front, its latest from the back.

    What is late already may not become later than it is, and a driver who will be back after the
    shift's end, no later than that.
    """
    first = len(columns.x_m)
    spot = start.spot or (stops[0].spot if stops else (0, 0))
    _put(columns, spot, start.free_s, 0, 0, 0, 0, 0, 0, start.weight_g, start.volume_ml)
    here: Spot | None = start.spot
    free_s = start.free_s
    for stop in stops:
        gap_s, gap_cost = _gap(legs, head, here, stop)
        begins_s = max(free_s + gap_s, stop.opens_s)
        free_s = begins_s + stop.handling_s
        latest_s = min(_LATEST, max(stop.latest_s, begins_s))
        _put(
            columns,
            stop.spot,
            free_s,
            stop.opens_s,
            latest_s,
            gap_s,
            gap_cost,
            stop.setup_s,
            stop.handling_s,
            stop.weight_g,
            stop.volume_ml,
        )
        here = stop.spot
    until_s = max(head.until_s, free_s) if stops else head.until_s
    _tighten(columns, first, until_s)
    end = len(columns.x_m)
    xs, ys = columns.x_m[first:end], columns.y_m[first:end]
    gaps = columns.gap_cost[first:end]
    widest = gaps.index(max(gaps))
    second_cost = max((*gaps[:widest], *gaps[widest + 1 :]), default=0)
    return Row(
        id=head.id,
        kind=head.kind,
        cost_per_m=head.cost_per_m,
        cost_per_s=head.cost_per_s,
        fixed_cost=head.fixed_cost,
        max_weight_g=head.max_weight_g,
        max_volume_ml=head.max_volume_ml,
        room=head.room,
        until_s=until_s,
        is_open=start.spot is None,
        first=first,
        end=end,
        west_m=min(xs),
        south_m=min(ys),
        east_m=max(xs),
        north_m=max(ys),
        widest=widest,
        second_cost=second_cost,
    )


def _gap(legs: Legs, head: Head, here: Spot | None, stop: Ahead) -> tuple[int, int]:
    """Seconds and cost of driving to a stop and setting up there."""
    if here is None:
        return stop.setup_s, stop.setup_s * head.cost_per_s
    step = legs.step(here, stop.spot)
    if step == 0:
        return 0, 0
    return (
        legs.seconds[step] + stop.setup_s,
        legs.cost[step] + stop.setup_s * head.cost_per_s,
    )


def _put(columns: Columns, spot: Spot, *values: int) -> None:
    for field, value in zip(fields(columns), (*spot, *values), strict=True):
        getattr(columns, field.name).append(value)


def _tighten(columns: Columns, first: int, until_s: int) -> None:
    """Latest starts that keep everything behind them, and never before the earliest one."""
    # Only unpacked columns are views; those that are written are lists.
    latest = cast(list[int], columns.latest_s)
    by_s = until_s
    for k in range(len(columns.x_m) - 1, first, -1):
        earliest_s = columns.free_s[k] - columns.handling_s[k]
        latest[k] = max(min(latest[k], by_s - columns.handling_s[k]), earliest_s)
        by_s = latest[k] - columns.gap_s[k]
