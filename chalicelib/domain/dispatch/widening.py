"""How are ten thousand routes assigned, when the whole matrix is too much? By widening.

Each route begins with its cheapest few drivers; a min-cost flow (OR-Tools' ``SimpleMinCostFlow``,
cost scaling) assigns those. Then prices are read off the flow: what a driver is worth to the
others. A route that pays more, its driver's price included, than its next best candidate would ask,
might do better outside of its list, and gets three times the list. Where no route does, the answer
is optimal for *all* pairs, seen or not. At most :data:`MOST_ROUNDS` rounds; the last finished one
counts.

Source: complementary slackness of the assignment problem; the idea of pricing out from column
generation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.domain.dispatch.assignment import BARRED

if TYPE_CHECKING:
    import numpy as np

    type Line = np.ndarray[Any, np.dtype[np.int64]]

FIRST_WIDTH, WIDER = 16, 3
MOST_ROUNDS = 4
#: Rounds of raising prices; a chain of swaps longer than that is not followed to its end.
MOST_RAISES = 500


@dataclass(frozen=True, slots=True)
class Widened:
    """For each row its column, or None; whether it is proven to be the best, and in how many
    rounds."""

    chosen: list[int | None]
    is_optimal: bool
    rounds: int


@dataclass(slots=True)
class _Arcs:
    """The pairs that are looked at: parallel arrays, and what each row's next would cost."""

    row: "Line"
    column: "Line"
    cost: "Line"
    next_cost: "Line"


def assign_widening(
    line: Callable[[int], "Line"], columns: int, unassigned: "Line", width: int = FIRST_WIDTH
) -> Widened:
    """Assign rows whose costs are told by ``line``, one row at a time, :data:`BARRED` if out.

    Raises
    ------
    RuntimeError
        If the very first flow cannot be solved.
    """
    import numpy as np

    rows = len(unassigned)
    widths = np.full(rows, min(width, columns), dtype=np.int64)
    lists = [_cheapest(line(row), int(widths[row])) for row in range(rows)]
    best = Widened([None] * rows, is_optimal=False, rounds=0)
    for round_ in range(1, MOST_ROUNDS + 1):
        arcs = _arcs(lists, unassigned)
        try:
            mates = _flow(arcs, columns, unassigned)
        except RuntimeError:
            if round_ == 1:
                raise
            break
        wanting = _wanting(arcs, mates, columns, unassigned)
        chosen = [None if mate < 0 else int(mate) for mate in mates]
        best = Widened(chosen, is_optimal=not len(wanting), rounds=round_)
        if best.is_optimal:
            break
        for row in wanting:
            widths[row] = min(columns, widths[row] * WIDER)
            lists[row] = _cheapest(line(int(row)), int(widths[row]))
    return best


def _cheapest(line: "Line", width: int) -> tuple["Line", "Line", int]:
    """The columns and costs of the cheapest few, and what the next one costs."""
    import numpy as np

    if width >= len(line):
        columns = np.flatnonzero(line < BARRED)
        return columns, line[columns], BARRED
    order = np.argpartition(line, width)
    columns = order[:width]
    columns = columns[line[columns] < BARRED]
    return columns, line[columns], int(line[order[width]])


def _arcs(lists: list[tuple["Line", "Line", int]], unassigned: "Line") -> _Arcs:
    import numpy as np

    row = np.repeat(np.arange(len(lists)), [len(columns) for columns, _, _ in lists])
    column = np.concatenate([columns for columns, _, _ in lists])
    cost = np.concatenate([costs for _, costs, _ in lists])
    # No pair is worth more than nobody.
    worth = cost < unassigned[row]
    next_cost = np.array([after for _, _, after in lists], dtype=np.int64)
    return _Arcs(row[worth], column[worth], cost[worth], next_cost)


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


def _wanting(arcs: _Arcs, mates: "Line", columns: int, unassigned: "Line") -> "Line":
    """The rows that might do better with a column outside of their list."""
    import numpy as np

    rows = len(unassigned)
    own = unassigned.copy()
    is_own = mates[arcs.row] == arcs.column
    own[arcs.row[is_own]] = arcs.cost[is_own]
    price = np.zeros(columns, dtype=np.int64)
    pays = own
    for _ in range(MOST_RAISES):
        pays = own + np.where(mates >= 0, price[mates], 0)
        raised = price.copy()
        # Nobody may find a driver of the list cheaper than what it has: else the price is higher.
        np.maximum.at(raised, arcs.column, pays[arcs.row] - arcs.cost)
        if np.array_equal(raised, price):
            break
        price = raised
    else:
        return np.arange(rows)
    return np.flatnonzero(pays > arcs.next_cost)
