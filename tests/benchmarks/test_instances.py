"""Instances are known by their content, priced by no engine, and solved by ours as they stand."""

import argparse
import json

import pytest

from benchmarks import solver
from benchmarks.instances import NotRead, read, reference

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2          10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0   0   0   0    0   100    0
    1   3   4   6    0    50   10
    2   6   8   4   20    60   10
    3   0   1   6    0    90    5
"""


@pytest.fixture
def tiny(tmp_path):
    folder = tmp_path / "vrptw_tiny"
    folder.mkdir()
    path = folder / "tiny.txt"
    path.write_text(SOLOMON)
    (folder / "bks.json").write_text(json.dumps({"tiny": {"distance_dimacs": {"value": 22.0}}}))
    return path


def test_distances_are_cut_to_a_decimal_and_windows_scaled_alike(tiny):
    instance = read(tiny)
    assert (instance.customers, instance.capacity, instance.vehicles) == (3, 10, 2)
    assert instance.leg(0, 1) == 50
    assert (instance.stops[2].opens, instance.stops[2].service) == (200, 100)
    assert reference(tiny, instance) == 220


@pytest.mark.parametrize(
    ("routes", "cost"),
    [
        ([[1, 2], [3]], 220),
        ([[2, 1], [3]], None),  # late at 1
        ([[1, 2, 3]], None),  # too heavy
        ([[1], [2], [3]], None),  # too many vehicles
        ([[1, 2]], None),  # one is left
        ([[1, 2], [3, 3]], None),
    ],
)
def test_routes_are_judged_without_any_engine(tiny, routes, cost):
    if routes == [[2, 1], [3]]:
        tiny.write_text(SOLOMON.replace("1   3   4   6    0    50", "1   3   4   6    0    30"))
    assert read(tiny).cost(routes) == cost


def test_a_row_says_what_our_engine_made_of_it(tiny):
    chosen = argparse.Namespace(seconds=0.2, seed=1, threads=1)
    row = solver.measure(tiny, "ours", chosen)
    assert (row["cost"], row["vehicles"], row["feasible"]) == (22.0, 2, True)
    assert row["gap_percent"] == pytest.approx(0)


def test_what_is_no_instance_is_refused_by_name(tmp_path):
    (tmp_path / "poem.txt").write_text("roses are red\n")
    with pytest.raises(NotRead, match=r"poem\.txt"):
        read(tmp_path / "poem.txt")
