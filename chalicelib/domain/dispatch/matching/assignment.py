"""Which driver for which route, all at once? The optimal assignment; three ways to it.

Small ones are solved in pure Python by shortest augmenting paths (Jonker and Volgenant 1987), which
is over before OR-Tools is imported. Up to :data:`MOST_DENSE` it is OR-Tools'
``SimpleLinearSumAssignment`` on the whole matrix, above it ``widening``. All three are exact; a
greedy choice stands in only where a solver fails, and the caller is told.

OR-Tools and numpy are imported lazily: only functions that carry the solver layer reach them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    type Matrix = np.ndarray[Any, np.dtype[np.int64]]

#: Pairs up to which pure Python takes a few milliseconds; the import of OR-Tools takes hundreds.
MOST_SMALL = 2_500
#: Routes or drivers up to which the whole matrix is given to the solver.
MOST_DENSE = 1_500
#: The cost of a pair that is out of the question, in matrices.
BARRED = 2**40


def assign(costs: Sequence[Sequence[int | None]], unassigned: Sequence[int]) -> list[int | None]:
    """Choose columns for rows so that the sum of costs is least, in pure Python.

    Parameters
    ----------
    costs
        (routes, drivers) [s]; None where the pair is out of the question.
    unassigned
        (routes,) [s], the price of giving a route to nobody.

    Returns
    -------
    For each row its column, or None for nobody.
    """
    width = len(costs[0]) if costs else 0
    search = _Search(costs, unassigned, width)
    for row in range(len(costs)):
        search.place(row)
    return [column if column < width else None for column in search.column_of]


class _Search:
    """Places one row after the other, moving those placed before along the cheapest chain.

    Each row has a column of its own behind the drivers: nobody.
    """

    def __init__(
        self, costs: Sequence[Sequence[int | None]], unassigned: Sequence[int], width: int
    ) -> None:
        self._lines = [
            [
                *((column, cost) for column, cost in enumerate(line) if cost is not None),
                (width + row, unassigned[row]),
            ]
            for row, line in enumerate(costs)
        ]
        self._row_price = [0] * len(costs)
        self._column_price = [0] * (width + len(costs))
        self._row_of = [-1] * (width + len(costs))
        self.column_of = [-1] * len(costs)

    def place(self, start: int) -> None:
        row_of, column_price = self._row_of, self._column_price
        far: dict[int, int] = {}
        before: dict[int, int] = {}
        settled: dict[int, int] = {}
        row, lowest = start, 0
        while row >= 0:
            base = lowest - self._row_price[row]
            for column, cost in self._lines[row]:
                reach = base + cost - column_price[column]
                if column not in settled and reach < far.get(column, reach + 1):
                    far[column], before[column] = reach, row
            column = min(far, key=far.__getitem__)
            lowest = settled[column] = far.pop(column)
            row = row_of[column]
        self._row_price[start] += lowest
        for seen, reach in settled.items():
            if row_of[seen] >= 0:
                self._row_price[row_of[seen]] += lowest - reach
            column_price[seen] -= lowest - reach
        while row != start:
            row = before[column]
            row_of[column] = row
            self.column_of[row], column = column, self.column_of[row]


def assign_dense(costs: "Matrix", unassigned: "Matrix") -> list[int | None]:
    """The same for a matrix with :data:`BARRED` where a pair is out of the question.

    No pair is worth more than nobody, so each is capped at that price; and where routes are fewer
    than drivers, whoever is left to nobody finds an idle driver to stand for it. So a square of the
    longer side is enough.

    Raises
    ------
    RuntimeError
        If the solver fails.
    """
    import numpy as np
    from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

    rows, columns = costs.shape
    size = max(rows, columns)
    square = np.zeros((size, size), dtype=np.int64)
    square[:rows] = unassigned[:, None]
    square[:rows, :columns] = np.minimum(costs, unassigned[:, None])
    square -= square.min(initial=0)
    left = np.repeat(np.arange(size, dtype=np.int32), size)
    right = np.tile(np.arange(size, dtype=np.int32), size)
    solver = SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(left, right, square.ravel())
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("the assignment has no solution, although nobody is always one")
    mates = [solver.right_mate(row) for row in range(rows)]
    return [
        mate if mate < columns and costs[row, mate] < unassigned[row] else None
        for row, mate in enumerate(mates)
    ]


def greedy(costs: Sequence[Sequence[int | None]], unassigned: Sequence[int]) -> list[int | None]:
    """The cheapest pair first, then the next: what is left when a solver fails."""
    pairs = sorted(
        (cost - unassigned[row], row, column)
        for row, line in enumerate(costs)
        for column, cost in enumerate(line)
        if cost is not None and cost < unassigned[row]
    )
    chosen: list[int | None] = [None] * len(costs)
    taken: set[int] = set()
    for _, row, column in pairs:
        if chosen[row] is None and column not in taken:
            chosen[row] = column
            taken.add(column)
    return chosen
