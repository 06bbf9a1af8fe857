"""The set-up finds an interpreter that really runs, and says so when there is none."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the script in a machine's folder without environment or tools."""
    script = tmp_path / "project/local/setup.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "local/setup.sh", script)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def found(bare: Path) -> str:
    (bare / "bin").mkdir(exist_ok=True)
    for tool in ("dirname", "bash"):
        (bare / "bin" / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
    done = subprocess.run(
        ["bash", str(bare / "project/local/setup.sh"), "python"],
        env={"PATH": str(bare / "bin"), "HOME": str(bare), "VIRTUAL_ENV": "/elsewhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_shim_that_refuses_is_passed_over_for_what_pyenv_keeps(bare: Path) -> None:
    program(bare / "bin/python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    program(bare / "bin/python3", "exit 1")
    kept = bare / ".pyenv/versions/3.13.9/bin/python3"
    program(kept, f'exec "{os.path.realpath(sys.executable)}" "$@"')
    assert found(bare) == os.path.realpath(sys.executable)


def test_without_any_new_python_one_is_downloaded(bare: Path) -> None:
    program(bare / "bin/python3", "exit 1")
    assert found(bare) == "download"


def test_every_command_of_the_makefile_is_explained() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    commands = ("demo", "test", "check", "serve", "package", "deploy", "bench-setup", "bench")
    for command in (*commands, "fix", "clean"):
        assert f"make {command} " in done.stdout
