"""The core's memory and arithmetic, seen by builds that stop at the first fault.

Four builds of the same sources solve the same odd problems, each in a process of its own:
undefined behaviour trapped (the pinned compiler has that), addresses watched (gcc has that, where
there is one), memory counted and filled with junk, and a processor without AVX2. A plan that hung
on memory nobody wrote, or on the order of rounding, would differ between them.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from infra.wheels import canonical_architecture
from layers.solver import build_core
from tests.layers.odd_problems import LARGE

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHILD = HERE / "core_child.py"
PROBLEMS = 60
# Slower than the product's, with lines to name.
WATCHED = (*build_core.LANGUAGE, "-O1", "-g")
_ADDR_NO_RANDOMIZE = 0x0040000  # Source: personality(2)
COUNTING = HERE / "core" / "counted_memory.h"

# The runtime that would name the fault takes half a minute to compile; a trap needs none.
TRAPS = ("-fsanitize=undefined", "-fsanitize-trap=undefined")
ADDRESSES = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="builds for Linux alone")


@dataclass(frozen=True)
class Build:
    """One way to compile the core, and what its process needs."""

    flags: Sequence[str]
    compiler: Sequence[str] = build_core.ZIG
    processor: str | None = None
    preloaded: str | None = None

    def compile(self, library: Path, sources: Path = build_core.SOURCES) -> Path:
        ours = self.compiler == build_core.ZIG
        target = build_core.native_target() if ours else list(build_core.LINKING)
        if self.processor is not None:
            target = [part for part in target if not part.startswith("-mcpu")]
            target.append(f"-mcpu={self.processor}")
        build_core.compile_core(
            library, target, sources=sources, flags=self.flags, compiler=self.compiler
        )
        return library

    def run(self, task: str, library: Path, rest: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        if self.preloaded is not None:
            # Python's own pool would hide the blocks, and Python leaks on purpose.
            environment |= {"LD_PRELOAD": self.preloaded, "ASAN_OPTIONS": "detect_leaks=0"}
            environment["PYTHONMALLOC"] = "malloc"
        command = [sys.executable, "-B", str(CHILD), task, str(library), rest]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=900,
            preexec_fn=_fix_addresses,
        )


def _fix_addresses() -> None:
    """In the child: what the kernel maps lies where it always lies, if that may be asked for.

    By chance some library lies where a sanitizer keeps its books, on kernels that draw from more
    addresses than it knows of (``vm.mmap_rnd_bits`` above 28); then it ends before it has begun.
    """
    ctypes.CDLL(None).personality(_ADDR_NO_RANDOMIZE)


@cache
def address_runtime() -> str | None:
    """The library that a build with gcc's address sanitizer loads first; None without one."""
    if shutil.which("gcc") is None:
        return None
    asked = ["gcc", "-print-file-name=libasan.so"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found if Path(found).is_absolute() else None


PRODUCT = Build(build_core.FLAGS)
UNDEFINED = Build((*WATCHED, *TRAPS))
COUNTED = Build((*WATCHED, "-include", str(COUNTING), str(COUNTING.with_suffix(".c"))))
ELDERLY = Build(build_core.FLAGS, processor="baseline")


@pytest.fixture(scope="session")
def addresses() -> Build:
    runtime = address_runtime()
    if runtime is None:
        pytest.skip("no gcc with libasan here: addresses are not watched")
    return Build((*WATCHED, *ADDRESSES), compiler=("gcc",), preloaded=runtime)


@cache
def answers_of_the_product() -> str:
    library = build_core.install()
    done = PRODUCT.run("solve", library, str(PROBLEMS))
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_same_answers(build: Build, folder: Path) -> None:
    done = build.run("solve", build.compile(folder / "libcore.so"), str(PROBLEMS))
    assert done.returncode == 0, done.stderr or f"ended by signal {-done.returncode}"
    assert done.stdout == answers_of_the_product()


def test_most_odd_problems_can_be_solved() -> None:
    """Else the tests below would compare refusals."""
    assert int(answers_of_the_product().split()[1]) > PROBLEMS / 2


def test_nothing_undefined_is_done(tmp_path: Path) -> None:
    assert_same_answers(UNDEFINED, tmp_path)


def test_no_byte_is_touched_that_is_not_ours(addresses: Build, tmp_path: Path) -> None:
    assert_same_answers(addresses, tmp_path)


def test_no_plan_hangs_on_memory_that_nobody_wrote(tmp_path: Path) -> None:
    assert_same_answers(COUNTED, tmp_path)


@pytest.mark.parametrize("what", LARGE)
def test_numbers_that_do_not_fit_are_refused(what: str, tmp_path: Path) -> None:
    done = UNDEFINED.run("large", UNDEFINED.compile(tmp_path / "libcore.so"), what)
    assert done.returncode == 0, done.stderr or f"ended by signal {-done.returncode}"
    assert done.stdout == "no harm done\n"


@pytest.mark.skipif(canonical_architecture(None) != "x86_64", reason="arm64 has one rounding")
def test_an_elderly_processor_plans_the_same(tmp_path: Path) -> None:
    assert_same_answers(ELDERLY, tmp_path)


def test_when_memory_runs_out_the_core_refuses_and_gives_all_back(tmp_path: Path) -> None:
    done = COUNTED.run("starve", COUNTED.compile(tmp_path / "libcore.so"), "12")
    assert done.returncode == 0, done.stderr or f"ended by signal {-done.returncode}"
    assert int(done.stdout) > 100


def faults_found_by(build: Build, folder: Path, function: str) -> bool:
    sources = folder / "faulty"
    sources.mkdir()
    shutil.copy(HERE / "core" / "faulty.c", sources)
    shutil.copy(build_core.SOURCES / "exports.map", sources)
    done = build.run("faulty", build.compile(folder / "faulty.so", sources), function)
    return done.returncode != 0 and "nothing found" not in done.stdout


def test_the_trapping_build_does_trap(tmp_path: Path) -> None:
    assert faults_found_by(UNDEFINED, tmp_path, "lm_overflow")


@pytest.mark.parametrize("function", ["lm_overflow", "lm_read_past", "lm_read_after"])
def test_the_watching_build_does_watch(addresses: Build, tmp_path: Path, function: str) -> None:
    assert faults_found_by(addresses, tmp_path, function)


def test_the_product_would_not_have_noticed(tmp_path: Path) -> None:
    assert not faults_found_by(PRODUCT, tmp_path, "lm_read_past")
