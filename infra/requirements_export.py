"""Which packages, at which pins, go to Lambda?

Three files follow from uv.lock and are checked in, so that a build needs pip alone:
`requirements.txt` (the function zip: the project's main dependencies without Chalice, whose two
runtime files the build copies as Chalice's own packager does, sparing its command line's click,
botocore, pip, ...), `layers/solver/requirements.txt` (what the solver imports) and
`layers/pictures/requirements.txt` (what looks at photos and makes papers).
boto3 comes with Lambda's runtime. Run `python -m infra.requirements_export` after `uv lock`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_REQUIREMENTS = ROOT / "requirements.txt"
LAYER_REQUIREMENTS = ROOT / "layers" / "solver" / "requirements.txt"
PICTURES_REQUIREMENTS = ROOT / "layers" / "pictures" / "requirements.txt"

# Chalice's packager puts chalice/app.py and chalice/__init__.py into the zip and nothing else.
NOT_PACKAGED = frozenset({"chalice"})
# All that pywrapcp and linear_sum_assignment import; the layer's test would miss any other.
LAYER_PACKAGES = ("ortools", "protobuf")
# fpdf2 asks for the first three itself; uharfbuzz joins letters where a script wants it.
PICTURES_PACKAGES = ("defusedxml", "fonttools", "fpdf2", "pillow", "uharfbuzz")

LAMBDA_PYTHONS = ("3.12", "3.13")

HEADER = "# Written by `python -m infra.requirements_export` from uv.lock; do not edit.\n"

Package = dict[str, Any]


def locked_packages() -> dict[str, Package]:
    """The lock file's packages by name; one version each, or the lock is ambiguous."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    names = [package["name"] for package in lock["package"]]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"uv.lock holds several versions of {sorted(twice)}.")
    return {package["name"]: package for package in lock["package"]}


def _wanted_on_lambda(dependency: dict[str, Any]) -> bool:
    marker = dependency.get("marker")
    if marker is None:
        return True
    machine = {
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    pythons = ({"python_version": v, "python_full_version": f"{v}.0"} for v in LAMBDA_PYTHONS)
    return any(Marker(marker).evaluate(machine | python) for python in pythons)


def function_packages(packages: dict[str, Package]) -> list[str]:
    """The project's main dependencies and theirs, in order of name."""
    found: set[str] = set()
    ahead = [packages["lastmile"]]
    while ahead:
        for dependency in ahead.pop().get("dependencies", []):
            name = dependency["name"]
            if dependency.get("extra"):
                raise SystemExit(f"{name}: extras are not followed; name its packages instead.")
            if name not in found | NOT_PACKAGED and _wanted_on_lambda(dependency):
                found.add(name)
                ahead.append(packages[name])
    return sorted(found)


def _fits_lambda(wheel_name: str) -> bool:
    python_tag, _, platform_tag = wheel_name.removesuffix(".whl").split("-")[-3:]
    fits_machine = platform_tag == "any" or (
        "manylinux" in platform_tag and platform_tag.endswith(("x86_64", "aarch64"))
    )
    fits_python = python_tag.startswith("py") or any(
        python_tag == "cp" + version.replace(".", "") for version in LAMBDA_PYTHONS
    )
    # A stable-ABI wheel (cp311-abi3) names the oldest Python it fits, not ours.
    return fits_machine and (fits_python or "-abi3-" in wheel_name)


def requirements_text(names: Iterable[str], packages: dict[str, Package]) -> str:
    """A requirements file with the hash of every wheel that Lambda could take."""
    text = HEADER
    for name in names:
        package = packages[name]
        hashes = sorted(
            wheel["hash"]
            for wheel in package.get("wheels", [])
            if _fits_lambda(wheel["url"].rsplit("/", 1)[-1])
        )
        if not hashes:
            raise SystemExit(f"{name} has no wheel for Lambda.")
        pin = [f"{name}=={package['version']}", *(f"    --hash={value}" for value in hashes)]
        text += " \\\n".join(pin) + "\n"
    return text


def expected_files() -> dict[Path, str]:
    """The files' paths and the text that the lock file asks for."""
    packages = locked_packages()
    return {
        FUNCTION_REQUIREMENTS: requirements_text(function_packages(packages), packages),
        LAYER_REQUIREMENTS: requirements_text(LAYER_PACKAGES, packages),
        PICTURES_REQUIREMENTS: requirements_text(PICTURES_PACKAGES, packages),
    }


def main() -> int:
    for path, text in expected_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
