"""Is the assignment the best there is, whichever of the three ways is taken?"""

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest

from chalicelib.domain.dispatch.matching import assignment
from chalicelib.domain.dispatch.matching.assignment import BARRED
from chalicelib.domain.dispatch.matching.widening import assign_widening

Costs = list[list[int | None]]


def price(costs: Costs, unassigned: Sequence[int], chosen: Sequence[int | None]) -> int | None:
    """What a choice costs; None if it is none."""
    taken = [column for column in chosen if column is not None]
    if len(taken) != len(set(taken)):
        return None
    total = 0
    for row, column in enumerate(chosen):
        cost = unassigned[row] if column is None else costs[row][column]
        if cost is None:
            return None
        total += cost
    return total


def a_case(seed: int, rows: int, columns: int, dense: float = 0.7) -> tuple[Costs, list[int]]:
    rng = random.Random(seed)
    costs: Costs = [
        [rng.randint(-900, 9000) if rng.random() < dense else None for _ in range(columns)]
        for _ in range(rows)
    ]
    return costs, [rng.choice((7200, 3000, 0)) for _ in range(rows)]


def as_matrix(costs: Costs) -> np.ndarray:
    return np.array([[BARRED if cost is None else cost for cost in line] for line in costs])


@pytest.mark.parametrize("seed", range(60))
def test_small_assignments_are_the_best_of_all_possible_ones(seed: int) -> None:
    rng = random.Random(seed)
    costs, unassigned = a_case(seed, rng.randint(1, 5), rng.randint(1, 5))
    every = itertools.product([*range(len(costs[0])), None], repeat=len(costs))
    prices = (price(costs, unassigned, chosen) for chosen in every)
    best = min(one for one in prices if one is not None)
    assert price(costs, unassigned, assignment.assign(costs, unassigned)) == best
    dense = assignment.assign_dense(as_matrix(costs), np.array(unassigned))
    assert price(costs, unassigned, dense) == best
    matrix = as_matrix(costs)
    wide = assign_widening(lambda row: matrix[row], len(costs[0]), np.array(unassigned), width=1)
    assert wide.is_optimal
    assert price(costs, unassigned, wide.chosen) == best


@pytest.mark.parametrize(("rows", "columns"), [(30, 40), (40, 30), (60, 60), (90, 20)])
@pytest.mark.parametrize("seed", range(4))
def test_the_three_ways_agree(seed: int, rows: int, columns: int) -> None:
    costs, unassigned = a_case(seed, rows, columns, dense=0.9)
    matrix = as_matrix(costs)
    wide = assign_widening(lambda row: matrix[row], columns, np.array(unassigned), width=4)
    dense = assignment.assign_dense(matrix, np.array(unassigned))
    small = price(costs, unassigned, assignment.assign(costs, unassigned))
    assert price(costs, unassigned, dense) == small
    found = price(costs, unassigned, wide.chosen)
    assert found is not None
    assert found == small if wide.is_optimal else found >= (small or 0)
    assert wide.bound <= (small or 0)
    assert wide.is_optimal == (wide.bound == found)
    for row, columns_told in enumerate(wide.cheapest):
        least = min((cost for cost in costs[row] if cost is not None), default=None)
        if least is not None and least < unassigned[row]:
            assert costs[row][columns_told[0]] == least


def test_a_list_that_is_too_short_is_widened_until_nothing_better_can_be_outside_of_it() -> None:
    """All want the same few drivers first; the k nearest alone would leave most to nobody."""
    rng = random.Random(5)
    nearest = [rng.randint(0, 50) for _ in range(60)]
    costs: Costs = [[100 * near + rng.randint(0, 9) for near in sorted(nearest)] for _ in range(60)]
    matrix, unassigned = as_matrix(costs), [7200] * 60
    narrow = assign_widening(lambda row: matrix[row], 60, np.array(unassigned), width=4)
    assert narrow.rounds > 1
    best = price(costs, unassigned, assignment.assign(costs, unassigned))
    assert narrow.is_optimal
    assert price(costs, unassigned, narrow.chosen) == best


def test_nobody_is_asked_for_more_than_it_costs_to_ask_nobody() -> None:
    assert assignment.assign([[500], [100]], [400, 400]) == [None, 0]
    assert assignment.assign([[500]], [400]) == [None]
    dense = assignment.assign_dense(np.array([[500, BARRED]]), np.array([400]))
    assert dense == [None]


def test_the_last_resort_still_gives_each_driver_one_route() -> None:
    costs, unassigned = a_case(3, 30, 20)
    assert price(costs, unassigned, assignment.greedy(costs, unassigned)) is not None


def test_nothing_to_assign_needs_no_solver() -> None:
    assert assignment.assign([], []) == []
