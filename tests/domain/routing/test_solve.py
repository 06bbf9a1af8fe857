"""The parent always has a checked plan, whatever becomes of the engine's process."""

import sys
from io import BytesIO

import pytest

from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.engine_process import run
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.solve import engine_command, solve
from chalicelib.domain.routing.wire import Limits, read_problem, read_tours, write_problem
from tests.domain.routing.cities import a_city

PROBLEM = a_city(1, jobs=10, vehicles=3)


def solved_by(program: str, grace_s: float = 20) -> Plan:
    """Solve with a child that runs this Python program instead of an engine."""
    command = (sys.executable, "-I", "-S", "-c", program)
    plan = solve(PROBLEM, budget_s=0.2, seed=1, engine="ortools", command=command, grace_s=grace_s)
    check(PROBLEM, plan)
    return plan


def tours_as_told() -> str:
    """What ``construct`` says, as an engine would tell it."""
    return repr([list(tour) for tour in construct(PROBLEM)])


def test_a_crash_leaves_the_simple_plan():
    plan = solved_by("import os; os.abort()")
    assert plan.engine == "construct"
    assert plan.notes == ("the engine was cut off (status -6)",)


def test_a_child_that_hangs_is_killed_at_the_deadline():
    plan = solved_by("import time; time.sleep(600)", grace_s=0.3)
    assert plan.engine == "construct"
    assert plan.notes == ("the engine was cut off (status -9)",)


def test_a_child_that_lingers_after_its_last_word_is_not_waited_for():
    plan = solved_by("import os, time; os.close(1); time.sleep(600)", grace_s=600)
    assert plan.engine == "construct"


def test_what_was_told_before_a_hang_is_kept():
    """The stream is read while it runs: a deadline costs only what was not yet found."""
    hanging = (
        "import json, sys, time; sys.path[:] = json.loads(sys.argv[1]);"
        "from chalicelib.domain.routing.engine_process import run;"
        "out = sys.stdout.buffer;"
        "Sink = type('Sink', (), {'write': lambda _, line: b'tours' in line and out.write(line),"
        " 'flush': lambda _: out.flush()});"
        "run(sys.argv[2], sys.stdin.buffer, Sink()); time.sleep(600)"
    )
    command = engine_command("ortools")
    command = (*command[:4], hanging, *command[5:])
    # A busy machine may take longer to get the engine as far as its first tours.
    for budget_s in (1, 20, 60):
        plan = solve(
            PROBLEM,
            budget_s=budget_s,
            seed=1,
            iterations=12,
            engine="ortools",
            command=command,
            grace_s=2,
        )
        check(PROBLEM, plan)
        assert plan.notes == ("the engine was cut off (status -9)",)
        if plan.engine == "ortools":
            return
    pytest.fail("what the engine told was lost")


def test_a_child_that_lingers_when_it_is_done_is_not_waited_for():
    plan = solved_by("print('{\"done\": true}', flush=True); import time; time.sleep(600)", 600)
    assert not plan.notes


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1, 2]",
        '{"tours": 5}',
        '{"tours": [["0", "1"], [], []]}',
        '{"tours": [[0, 1]]}',
        '{"tours": [[1, 0], [], []]}',
        '{"tours": [[0], [1], []]}',
        '{"tours": [[0, 1, 0, 1], [], []]}',
        '{"tours": [[998, 999], [], []]}',
        '{"tours": [[0, 2, 4, 6, 8, 10, 12, 14, 16, 18], [], []]}',
    ],
)
def test_nonsense_from_the_child_is_never_believed(line):
    plan = solved_by(f"print({line!r})")
    assert plan.engine == "construct"
    assert plan.served > 0


def test_a_missing_layer_is_noted_and_costs_only_quality():
    """Without site-packages on the path the child cannot import OR-Tools."""
    command = list(engine_command("ortools"))
    command[4] = command[4].replace(
        "; from", "; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; from", 1
    )
    plan = solve(PROBLEM, budget_s=1, seed=1, engine="ortools", command=command, grace_s=20)
    check(PROBLEM, plan)
    assert plan.engine == "construct"
    assert "ModuleNotFoundError" in plan.notes[0]


def test_an_interpreter_that_does_not_start_leaves_the_simple_plan():
    plan = solve(PROBLEM, budget_s=1, seed=1, engine="ortools", command=("/nonexistent/python",))
    check(PROBLEM, plan)
    assert plan.notes == ("the engine could not start: No such file or directory",)


def test_an_unknown_engine_leaves_the_simple_plan():
    plan = solve(PROBLEM, budget_s=1, seed=1, engine="abacus", grace_s=20)
    assert plan.engine == "construct"
    assert "abacus" in plan.notes[0]


def test_importing_solve_loads_no_ortools():
    """The web function imports the room's doors, never the engine."""
    import subprocess

    program = "import sys; import chalicelib.domain.routing.solve; print('ortools' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_a_problem_crosses_the_pipe_unchanged_but_for_names():
    read, limits = read_problem(write_problem(PROBLEM, Limits(1.5, 7)))
    assert limits == Limits(1.5, 7)
    assert read.travel == dict(PROBLEM.travel)
    assert construct(read) is not None
    assert write_problem(read, limits) == write_problem(PROBLEM, limits)


def test_the_child_tells_tours_and_then_that_it_is_done():
    sink = BytesIO()
    run("ortools", BytesIO(write_problem(PROBLEM, Limits(20, 5))), sink)
    *told, last = sink.getvalue().splitlines()
    assert last == b'{"done":true}'
    assert told


def test_only_lists_of_whole_numbers_are_tours():
    assert read_tours([[0, 1], []]) == [(0, 1), ()]
    for nonsense in (None, 5, [5], [[0.5]], [[True]], [["0"]]):
        assert read_tours(nonsense) is None
