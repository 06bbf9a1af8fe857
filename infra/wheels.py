"""How do we install wheels for Lambda's machine on whatever machine builds?

Wheels only (nothing is compiled here), every hash pinned, for the Python minor version of the
running interpreter and the named processor. Lambda's Python 3.12 and 3.13 run on Amazon Linux
2023 with glibc 2.34, so every manylinux tag up to 2_34 fits.
Source: PEP 600 (manylinux tags); AWS Lambda developer guide, "Lambda runtimes".
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
RUNTIME = f"python{PYTHON_VERSION}"

# The processor as wheels call it, and as Lambda calls it.
LAMBDA_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}

_ALIASES = {"amd64": "x86_64", "arm64": "aarch64"}
_GLIBC_MINORS = range(34, 16, -1)


def canonical_architecture(name: str | None) -> str:
    """`x86_64` or `aarch64`, for either spelling; this machine's own for None."""
    found = (name or platform.machine()).lower()
    found = _ALIASES.get(found, found)
    if found not in LAMBDA_ARCHITECTURES:
        raise SystemExit(f"Lambda runs x86_64 and aarch64 (arm64), not {found!r}.")
    return found


def install_wheels(requirements: Path, folder: Path, architecture: str) -> None:
    """Install the pinned `requirements` into a fresh `folder`, for `architecture`."""
    shutil.rmtree(folder, ignore_errors=True)
    platforms = [f"manylinux_2_{minor}_{architecture}" for minor in _GLIBC_MINORS]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-compile", "--require-hashes", "--only-binary", ":all:"]
    command += ["--implementation", "cp", "--python-version", PYTHON_VERSION]
    for name in [*platforms, f"manylinux2014_{architecture}"]:
        command += ["--platform", name]
    command += ["--target", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(  # noqa: S603 (our own interpreter)
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"pip could not install {requirements}:\n{done.stdout}{done.stderr}")
