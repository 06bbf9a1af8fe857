"""The solver's layer, used as Lambda does: nothing but its own files on the path."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.wheels import canonical_architecture
from layers.solver import build as solver_layer
from layers.solver import build_core

pytestmark = pytest.mark.layer

# Three routes of a tiny city, an assignment of two drivers, and a child process that speaks
# by a pipe: Lambda has no /dev/shm, so pools, queues and shared memory are out of reach.
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from multiprocessing import get_context
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.graph.python import linear_sum_assignment

def solve(pipe):
    points = [(0, 0), (0, 3), (4, 0), (0, -3), (-4, 0)]
    matrix = [[abs(a - c) + abs(b - d) for c, d in points] for a, b in points]
    manager = pywrapcp.RoutingIndexManager(5, 2, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(matrix))
    demand = model.RegisterUnaryTransitVector([0, 1, 1, 1, 1])
    model.AddDimension(demand, 0, 2, True, "load")
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    )
    pipe.send(model.SolveWithParameters(parameters).ObjectiveValue())

if __name__ == "__main__":
    context = get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=solve, args=(theirs,))
    child.start()
    assert ours.recv() == 28, "two loads of two"
    child.join()
    assert child.exitcode == 0
    assignment = linear_sum_assignment.SimpleLinearSumAssignment()
    for driver, route, cost in [(0, 0, 5), (0, 1, 1), (1, 0, 2), (1, 1, 4)]:
        assignment.add_arc_with_cost(driver, route, cost)
    assert assignment.solve() == assignment.OPTIMAL
    assert assignment.optimal_cost() == 3
    foreign = {"numpy", "pandas", "absl"} & sys.modules.keys()
    assert not foreign, foreign
    print("solved")
"""


@pytest.fixture(scope="module")
def layer() -> Path:
    """The layer for this machine, built unless it is there already."""
    return solver_layer.LAYER.build(canonical_architecture(None))


@pytest.fixture(scope="module")
def unpacked(layer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opt")
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(folder)
    return folder / "python"


def test_the_layer_alone_routes_and_assigns(unpacked: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-I", "-S", "-B", str(program), str(unpacked)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "solved\n"


def test_the_layer_leaves_room_for_the_function(layer: Path) -> None:
    with zipfile.ZipFile(layer) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    function_at_most = 60_000_000
    assert layer.stat().st_size <= solver_layer.LAYER.max_zip_bytes
    assert unpacked + function_at_most <= solver_layer.MAX_UNPACKED_WITH_FUNCTION_BYTES


def test_the_layer_holds_nothing_that_is_never_loaded(layer: Path) -> None:
    with zipfile.ZipFile(layer) as archive:
        names = archive.namelist()
    assert all(name.startswith("python/") for name in names)
    useless = [n for n in names if n.endswith((".pyi", ".h", ".pyc")) or "/numpy" in n]
    assert useless == []


def test_our_part_of_the_layer_is_the_core_alone(layer: Path, tmp_path: Path) -> None:
    """Bit for bit what the compiler leaves: this machine's strip came before it."""
    core = tmp_path / "libcore.so"
    build_core.compile_core(core, build_core.lambda_target(canonical_architecture(None)))
    with zipfile.ZipFile(layer) as archive:
        ours = [name for name in archive.namelist() if "lastmile" in name]
        assert ours == ["python/lastmile_core/libcore.so"]
        assert _sha256(archive.read(ours[0])) == _sha256(core.read_bytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_second_build_changes_nothing(layer: Path) -> None:
    before = layer.stat().st_mtime_ns
    assert solver_layer.LAYER.build(canonical_architecture(None)) == layer
    assert layer.stat().st_mtime_ns == before


def test_a_build_elsewhere_gives_the_same_bytes(layer: Path, tmp_path: Path) -> None:
    """CloudFormation replaces a layer whose key, and so whose content's hash, has changed."""
    again = solver_layer.LAYER.build(canonical_architecture(None), tmp_path)
    assert again.read_bytes() == layer.read_bytes()
