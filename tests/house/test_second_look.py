"""A second look spares good work from a chance; it never lets a broken test through."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import second_look


class Suite:
    """Stands in for pytest: each run takes the next answer, and leaves what failed behind."""

    def __init__(self, folder: Path, *answers: tuple[int, Sequence[str]]) -> None:
        self.last_failed = folder / "lastfailed"
        self.asked: list[list[str]] = []
        self._answers = list(answers)

    def run(self, arguments: Sequence[str]) -> int:
        self.asked.append(list(arguments))
        status, failed = self._answers.pop(0)
        if failed:
            self.last_failed.write_text(json.dumps(dict.fromkeys(failed, True)))
        return status

    def look(self) -> tuple[int, str]:
        return second_look.main(["-n", "2"], self.run, self.last_failed)


def test_a_suite_that_passes_is_run_once(tmp_path: Path) -> None:
    suite = Suite(tmp_path, (0, ()))
    suite.last_failed.write_text('{"of an earlier run": true}')
    assert suite.look() == (0, "")
    assert suite.asked == [["-n", "2"]]


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    suite = Suite(tmp_path, (1, ["a.py::b"]), (1, ["a.py::b"]))
    assert suite.look() == (1, "")
    assert suite.asked == [["-n", "2"], ["a.py::b"]]


def test_what_passes_alone_is_named(tmp_path: Path) -> None:
    status, told = Suite(tmp_path, (1, ["a.py::b[c d]"]), (0, ())).look()
    assert status == 0
    assert "a.py::b[c d]" in told


@pytest.mark.parametrize("status", [1, 2, 3])
def test_many_failures_and_broken_runs_are_not_looked_at_again(tmp_path: Path, status: int) -> None:
    failed = [
        f"a.py::test_{number}" for number in range(second_look.MOST + 1 if status == 1 else 1)
    ]
    suite = Suite(tmp_path, (status, failed))
    assert suite.look() == (status, "")
    assert len(suite.asked) == 1


def test_pytest_leaves_what_failed_where_it_is_sought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place is pytest's own, not ours."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "test_it.py").write_text("def test_no():\n    assert False\n")
    arguments = ["-q", "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)]
    assert second_look.run_pytest(arguments) == pytest.ExitCode.TESTS_FAILED
    left = json.loads((tmp_path / second_look.LAST_FAILED).read_text())
    assert left == {"test_it.py::test_no": True}
