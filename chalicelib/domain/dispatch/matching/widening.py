"""How are ten thousand routes assigned, when the whole matrix is too much? By widening.

Each route keeps its cheapest thousand drivers, and of those the flow sees a few: where many routes
like the same drivers, the cheapest alone would leave half of the routes to nobody. So bidding comes
first: some rounds of an auction tell about what each driver is worth to the others, and the few are
chosen by cost *and* that price. A min-cost flow (OR-Tools' ``SimpleMinCostFlow``) assigns; the
prices that go with its answer are read off; whoever finds a driver outside of the few cheaper,
price included, gets it, and the flow is solved again. Where nobody does, the answer is the best of
*all* pairs. The same prices bound from below what any answer costs (``Widened.bound``), whether or
not one is proven to be the best.

Source: complementary slackness of the assignment problem; pricing out from column generation; the
auction of Bertsekas 1988, here only for a start.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.dispatch.matching.assignment import BARRED

if TYPE_CHECKING:
    import numpy as np

    type Line = np.ndarray[Any, np.dtype[np.int64]]
    type Mask = np.ndarray[Any, np.dtype[np.bool_]]

#: Drivers that each route keeps, and how many of them the first flow sees.
KEPT, FIRST_SEEN = 1_200, 20
#: So many of each route's cheapest are told beside the answer.
TOLD = 8
#: Drivers that a route gets in addition in one round.
MORE_SEEN = 12
MOST_ROUNDS = 20
#: Rounds of raising prices; a chain of swaps longer than that is not followed to its end.
MOST_RAISES = 2_000
#: Rounds of the auction, and how much a bid goes beyond what it has to [s].
BIDS, BID_STEP_S = 60, 20


@dataclass(frozen=True, slots=True)
class Widened:
    """For each row its column, or None; whether it is proven to be the best, and in how many
    rounds. ``bound``: no answer costs less. ``cheapest``: for each row the columns that cost least
    by themselves, the cheapest first."""

    chosen: list[int | None]
    is_optimal: bool
    rounds: int
    bound: int
    cheapest: list[list[int]]


@dataclass(slots=True)
class _Lists:
    """(rows, kept) the columns that each row keeps, the cheapest first or last, and their costs;
    ``seen`` marks those that the flow sees; (rows,) what the next one outside costs at least."""

    column: "Line"
    cost: "Line"
    seen: "Mask"
    outside: "Line"


@dataclass(frozen=True, slots=True)
class _Arcs:
    """The pairs that a flow looks at, by column."""

    row: "Line"
    column: "Line"
    cost: "Line"


@dataclass(frozen=True, slots=True)
class _Prices:
    """(columns,) what each is worth to the others; (rows,) what each row pays, that included."""

    of_column: "Line"
    pays: "Line"


def assign_widening(
    line: Callable[[int], "Line"], columns: int, unassigned: "Line", width: int = FIRST_SEEN
) -> Widened:
    """Assign rows whose costs are told by ``line``, one row at a time, :data:`BARRED` if out.

    Raises
    ------
    RuntimeError
        If the very first flow cannot be solved.
    """
    lists = _listed(line, columns, unassigned)
    _see(lists, lists.cost + _bid(lists, columns, unassigned)[lists.column], width, unassigned)
    best = Widened([None] * len(unassigned), False, 0, -BARRED, _cheapest(lists))
    for round_ in range(1, MOST_ROUNDS + 1):
        arcs = _arcs(lists)
        try:
            mates = _flow(arcs, columns, unassigned)
        except RuntimeError:
            if round_ == 1:
                raise
            break
        chosen = [None if mate < 0 else int(mate) for mate in mates]
        prices = _prices(arcs, mates, columns, unassigned)
        if prices is None:
            return replace(best, chosen=chosen, rounds=round_)
        bound, is_best = _widen(lists, prices, line, unassigned)
        best = Widened(chosen, is_best, round_, max(bound, best.bound), best.cheapest)
        if is_best:
            break
    return best


def _listed(line: Callable[[int], "Line"], columns: int, unassigned: "Line") -> _Lists:
    import numpy as np

    rows, kept = len(unassigned), min(KEPT, columns)
    column = np.empty((rows, kept), dtype=np.int64)
    cost = np.empty((rows, kept), dtype=np.int64)
    outside = np.full(rows, BARRED, dtype=np.int64)
    for row in range(rows):
        costs = line(row)
        if kept == columns:
            column[row] = np.arange(columns)
        else:
            order = np.argpartition(costs, kept)
            column[row], outside[row] = order[:kept], costs[order[kept]]
        cost[row] = costs[column[row]]
    # No pair is worth more than nobody.
    cost[cost >= unassigned[:, None]] = BARRED
    return _Lists(column, cost, np.zeros(cost.shape, dtype=bool), outside)


def _cheapest(lists: _Lists) -> list[list[int]]:
    import numpy as np

    few = min(TOLD, lists.cost.shape[1])
    at = np.argpartition(lists.cost, few - 1, axis=1)[:, :few] if few else lists.column
    costs = np.take_along_axis(lists.cost, at, axis=1)
    order = np.argsort(costs, axis=1, kind="stable")
    at, costs = np.take_along_axis(at, order, axis=1), np.take_along_axis(costs, order, axis=1)
    columns = np.take_along_axis(lists.column, at, axis=1)
    return [row[cost < BARRED].tolist() for row, cost in zip(columns, costs, strict=True)]


def _bid(lists: _Lists, columns: int, unassigned: "Line") -> "Line":
    """(columns,) about what each is worth: who has none bids, all at once, and the highest wins."""
    import numpy as np

    price = np.zeros(columns, dtype=np.int64)
    holder = np.full(columns, -1)
    bidding = np.arange(len(unassigned))
    for _ in range(BIDS):
        if not len(bidding):
            break
        told = lists.cost[bidding] + price[lists.column[bidding]]
        at = told.argmin(axis=1)
        each = np.arange(len(bidding))
        first = told[each, at]
        told[each, at] = BARRED
        # Nobody is always the next best.
        second = np.minimum(told.min(axis=1), unassigned[bidding])
        bids = first < unassigned[bidding]
        row, wanted = bidding[bids], lists.column[bidding, at][bids]
        offer = price[wanted] + (second - first)[bids] + BID_STEP_S
        # The highest bid for a column is written last.
        order = np.argsort(offer, kind="stable")
        before = holder[wanted]
        price[wanted[order]], holder[wanted[order]] = offer[order], row[order]
        outbid = np.unique(np.concatenate([before[before >= 0], row]))
        bidding = outbid[~np.isin(outbid, holder[wanted])]
    return price


def _see(lists: _Lists, reduced: "Line", most: int, below: "Line") -> None:
    """Let the flow see each row's cheapest few, as far as they are below a price of the row's."""
    import numpy as np

    few = min(most, reduced.shape[1])
    at = np.argpartition(reduced, few - 1, axis=1)[:, :few]
    rows = np.repeat(np.arange(len(reduced)), few)
    cheap = reduced[rows, at.ravel()] < below[rows]
    lists.seen[rows[cheap], at.ravel()[cheap]] = True


def _arcs(lists: _Lists) -> _Arcs:
    import numpy as np

    row, at = np.nonzero(lists.seen)
    column, cost = lists.column[row, at], lists.cost[row, at]
    order = np.argsort(column, kind="stable")
    return _Arcs(row[order], column[order], cost[order])


def _flow(arcs: _Arcs, columns: int, unassigned: "Line") -> "Line":
    """(rows,) the column of each row, -1 for nobody."""
    import numpy as np
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    rows = len(unassigned)
    sink = rows + columns
    # From zero upwards for each row: what all its arcs have in common decides nothing.
    least = unassigned.copy()
    np.minimum.at(least, arcs.row, arcs.cost)
    flow = SimpleMinCostFlow()
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        arcs.row, rows + arcs.column, np.ones_like(arcs.row), arcs.cost - least[arcs.row]
    )
    every = np.arange(rows)
    flow.add_arcs_with_capacity_and_unit_cost(
        every, np.full(rows, sink), np.ones_like(every), unassigned - least
    )
    used = np.unique(arcs.column)
    flow.add_arcs_with_capacity_and_unit_cost(
        rows + used, np.full(len(used), sink), np.ones_like(used), np.zeros_like(used)
    )
    flow.set_nodes_supplies(every, np.ones_like(every))
    flow.set_node_supply(sink, -rows)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the flow has no solution, although nobody is always one")
    taken = flow.flows(pairs) > 0
    mates = np.full(rows, -1, dtype=np.int64)
    mates[arcs.row[taken]] = arcs.column[taken]
    return mates


def _prices(arcs: _Arcs, mates: "Line", columns: int, unassigned: "Line") -> _Prices | None:
    """The least prices that go with an answer; None where they are not found in time."""
    import numpy as np

    own = unassigned.copy()
    is_own = mates[arcs.row] == arcs.column
    own[arcs.row[is_own]] = arcs.cost[is_own]
    price = np.zeros(columns, dtype=np.int64)
    has_one = mates >= 0
    used, begins = np.unique(arcs.column, return_index=True)
    for _ in range(MOST_RAISES):
        pays = own + np.where(has_one, price[mates], 0)
        if not len(used):
            return _Prices(price, pays)
        # Nobody may find a driver of the list cheaper than what it has: else the price is higher.
        asked = np.maximum.reduceat(pays[arcs.row] - arcs.cost, begins)
        if (asked <= price[used]).all():
            return _Prices(price, pays)
        price[used] = np.maximum(price[used], asked)
    return None


def _widen(
    lists: _Lists, prices: _Prices, line: Callable[[int], "Line"], unassigned: "Line"
) -> tuple[int, bool]:
    """Show each row what it would rather have; a bound of the cost, and whether nobody rather has
    anything."""
    import numpy as np

    reduced = lists.cost + prices.of_column[lists.column]
    least = reduced.min(axis=1, initial=BARRED)
    spent = int(prices.of_column.sum())
    if (least < prices.pays).any():
        bound = np.minimum(np.minimum(least, lists.outside), prices.pays).sum()
        reduced[lists.seen] = BARRED
        _see(lists, reduced, MORE_SEEN, prices.pays)
        return int(bound) - spent, False
    wanting = np.flatnonzero(prices.pays > lists.outside)
    bound = prices.pays.copy()
    for row in wanting:
        costs = line(int(row))
        told = np.where(costs < unassigned[row], costs + prices.of_column, BARRED)
        bound[row] = min(bound[row], told.min())
        _renew(lists, int(row), told, costs, int(prices.pays[row]))
    return int(bound.sum()) - spent, bool((bound == prices.pays).all())


def _renew(lists: _Lists, row: int, told: "Line", costs: "Line", pays: int) -> None:
    """Let a row see what is outside of its list and better; it takes the place of the dearest."""
    import numpy as np

    better = np.flatnonzero(told < pays)
    better = better[np.argsort(told[better])][:MORE_SEEN]
    order = np.argsort(np.where(lists.seen[row], -BARRED, lists.cost[row]))
    places = order[len(order) - len(better) :] if len(better) else order[:0]
    lists.column[row, places], lists.cost[row, places] = better, costs[better]
    lists.seen[row, places] = True
