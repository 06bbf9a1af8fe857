"""Which driver for which route, all at once? The optimal assignment.

OR-Tools' ``SimpleLinearSumAssignment`` (cost scaling, Goldberg and Kennedy 1995) on a dense matrix;
every route also has a column of its own that means "nobody yet". Imported lazily: only functions
that carry the solver layer reach it.
"""

from collections.abc import Sequence


def assign(costs: Sequence[Sequence[int | None]], unassigned: Sequence[int]) -> list[int | None]:
    """Choose columns for rows so that the sum of costs is least.

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
    if not costs:
        return []
    from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

    rows, columns = len(costs), len(costs[0])
    # A perfect matching needs a square: each route gets a dummy driver, each driver a dummy route.
    solver = SimpleLinearSumAssignment()
    for row, line in enumerate(costs):
        for column, cost in enumerate(line):
            if cost is not None:
                solver.add_arc_with_cost(row, column, cost)
        solver.add_arc_with_cost(row, columns + row, unassigned[row])
    for column in range(columns):
        idle = rows + column
        solver.add_arc_with_cost(idle, column, 0)
        for row in range(rows):
            # An idle driver's dummy route may take any dummy driver that is left over.
            solver.add_arc_with_cost(idle, columns + row, 0)
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("the assignment has no solution, although nobody is always one")
    mates = [solver.right_mate(row) for row in range(rows)]
    return [mate if mate < columns else None for mate in mates]
