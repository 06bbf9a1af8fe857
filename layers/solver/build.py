"""How is the solver's Lambda layer made?

`python -m layers.solver.build --arch x86_64|aarch64` installs the pinned OR-Tools wheel for Lambda
(whatever machine builds), keeps what routing and the assignment solver load, strips the shared
libraries where a fitting tool is at hand, adds the native core (build_core.py) and zips it
(layers/recipe.py).
Left out: CP-SAT's Python side with numpy and pandas, the other solvers' wrappers, tests, stubs.
Kept whole: OR-Tools' shared libraries, each of which the loader asks for (DT_NEEDED).
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from infra.wheels import canonical_architecture
from layers.recipe import Recipe
from layers.solver import build_core

# What `pywrapcp` and `linear_sum_assignment` load, found by listing sys.modules after a solve.
KEPT = (
    "google/**/*",
    "ortools/__init__.py",
    "ortools/.libs/*",
    "ortools.libs/*",
    "ortools/constraint_solver/*",
    "ortools/graph/__init__.py",
    "ortools/graph/python/__init__.py",
    "ortools/graph/python/linear_sum_assignment*",
    "ortools/sat/__init__.py",
    "ortools/sat/sat_parameters_pb2.py",
    "ortools/util/__init__.py",
    "ortools/util/optional_boolean_pb2.py",
    "*.dist-info/LICENSE*",
    "*.dist-info/METADATA",
    "*.dist-info/licenses/*",
)
DROPPED_SUFFIXES = (".pyi", ".h", ".proto", ".pyc")


def _keep(folder: Path) -> None:
    kept = {path for pattern in KEPT for path in folder.glob(pattern)}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept or path.suffix in DROPPED_SUFFIXES:
            path.unlink()


def _strip_command(architecture: str) -> list[str] | None:
    """The tool that drops symbols from libraries of `architecture`, or None if there is none."""
    native = canonical_architecture(None) == architecture and platform.system() == "Linux"
    candidates = [f"{architecture}-linux-gnu-strip", "llvm-strip"]
    if native:
        candidates.insert(0, "strip")
    tool = next(filter(None, map(shutil.which, candidates)), None)
    if tool:
        return [tool, "--strip-unneeded"]
    objcopy = shutil.which("llvm-objcopy")
    return [objcopy, "--strip-unneeded"] if objcopy else None


def _strip(folder: Path, architecture: str) -> bool:
    command = _strip_command(architecture)
    if command is None:
        return False
    libraries = [path for path in folder.rglob("*.so*") if path.is_file()]
    for library in libraries:
        # A library the tool cannot handle is shipped as it came.
        subprocess.run([*command, str(library)], capture_output=True, check=False)
    return True


def _finish(folder: Path, architecture: str) -> None:
    _keep(folder)
    if not _strip(folder, architecture):
        print(f"no strip for {architecture}: the libraries keep their symbols")
    # Stripped by its own linker: after the machine's tool, whose versions differ.
    core = folder / build_core.LIBRARY
    build_core.compile_core(core, build_core.lambda_target(architecture))


LAYER = Recipe(
    name="solver",
    requirements=Path(__file__).with_name("requirements.txt"),
    sources=(Path(__file__),),
    finish=_finish,
    # AWS allows 250 MB unpacked for a function with its layers, and 50 MB for a zip sent directly;
    # ours goes through S3. Source: AWS Lambda developer guide, "Lambda quotas".
    max_zip_bytes=55_000_000,
    fact=lambda architecture: build_core.stamp(build_core.lambda_target(architecture)),
)
MAX_UNPACKED_WITH_FUNCTION_BYTES = 200_000_000

if __name__ == "__main__":
    sys.exit(LAYER.main())
