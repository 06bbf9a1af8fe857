"""How does the checkout become what CloudFormation takes?

`make package` leaves `build/package/template.json` (Chalice's own generator, with infra/template
merged in), `build/package/function.zip`, `build/layers/{solver,pictures}-<arch>.zip` and
`build/package/manifest.json` (where they are, their sizes and SHA-256). The template names the zips
by the parameters CodeBucket, FunctionZipKey, SolverLayerKey and PicturesLayerKey, so it is the same
for every deployment. Chalice is run on a copy without requirements: it writes the template and we
fill the zip, with dependencies kept between builds.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import fcntl
import hashlib
import json
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chalice

from infra.reproducible_zip import digest, entries_below, unpacked_bytes, write_zip
from infra.template import merge_template
from infra.wheels import (
    LAMBDA_ARCHITECTURES,
    PYTHON_VERSION,
    RUNTIME,
    canonical_architecture,
    install_wheels,
)
from layers.pictures import build as pictures_layer
from layers.solver import build as solver_layer

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "package"
DEPENDENCIES = ROOT / "build" / "dependencies"

CHALICE_STAGE = "stack"

# To be changed whenever _dependencies leaves something else in its folder.
LAYOUT = "1"

# AWS takes 50 MB directly; a small zip starts faster. Source: AWS Lambda quotas.
MAX_FUNCTION_ZIP_BYTES = 25_000_000

LAYERS = ("solver_layer", "pictures_layer")

INPUTS = ("app.py", "requirements.txt", ".chalice/config.json")
INPUT_FOLDERS = ("chalicelib", "infra", "layers")


def _input_files(root: Path) -> list[Path]:
    files = [root / name for name in INPUTS]
    for folder in INPUT_FOLDERS:
        files += [path for _, path in entries_below(root / folder)]
    return files


def fingerprint(architecture: str, root: Path = ROOT) -> str:
    """What the package is made from; equal fingerprints mean an equal package."""
    # The layer's own stamp also knows the compiler's version.
    layers = (solver_layer.LAYER.stamp(architecture), pictures_layer.LAYER.stamp(architecture))
    facts = (PYTHON_VERSION, architecture, chalice.__version__, *layers)
    return digest(_input_files(root), *facts, root=root)


def _dependencies(architecture: str, root: Path) -> Path:
    """The folder of installed dependencies, installed anew only when their pins change."""
    requirements = root / "requirements.txt"
    key = digest([requirements], PYTHON_VERSION, architecture, LAYOUT, root=root)
    folder = DEPENDENCIES / f"{architecture}-{key[:16]}"
    if folder.exists():
        return folder
    for old in DEPENDENCIES.glob(f"{architecture}-*"):
        shutil.rmtree(old)
    unfinished = DEPENDENCIES / "unfinished"
    install_wheels(requirements, unfinished, architecture)
    shutil.rmtree(unfinished / "bin", ignore_errors=True)
    _compile(unfinished)
    return unfinished.rename(folder)


def _compile(folder: Path) -> None:
    """Compile beside the sources: Lambda's code folder is read-only, so nobody would later.

    It halves the time that the imports take at a cold start, for a third more bytes.
    """
    compileall.compile_dir(
        folder,
        quiet=1,
        stripdir=str(folder),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _chalice_runtime() -> list[tuple[str, Path]]:
    """The two files that Chalice's packager would copy (chalice.deploy.packager)."""
    folder = Path(chalice.__file__).parent
    return [(f"chalice/{name}", folder / name) for name in ("__init__.py", "app.py")]


def _application(root: Path) -> list[tuple[str, Path]]:
    return [("app.py", root / "app.py"), *entries_below(root / "chalicelib", "chalicelib/")]


def _copy(entries: list[tuple[str, Path]], folder: Path) -> Path:
    """A fresh `folder` with these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, path in entries:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def write_template(architecture: str, root: Path, out: Path) -> None:
    """Let Chalice write the template from the app's decorators, in a copy of the app."""
    policies = entries_below(root / "infra" / "policies", "infra/policies/")
    copy = _copy([*_application(root), *policies], out / "chalice")
    lambda_architecture = LAMBDA_ARCHITECTURES[architecture]
    config = json.loads((root / ".chalice" / "config.json").read_text())
    config["lambda_architecture"] = lambda_architecture
    (copy / ".chalice").mkdir()
    (copy / ".chalice" / "config.json").write_text(json.dumps(config))
    merged = out / "merge.json"
    merged.write_text(json.dumps(merge_template(lambda_architecture, RUNTIME)))
    _run_chalice(copy, merged, out / "written")
    written = json.loads((out / "written" / "sam.json").read_text())
    (out / "template.json").write_text(json.dumps(written, indent=1) + "\n")
    shutil.rmtree(copy)
    shutil.rmtree(out / "written")
    merged.unlink()


def _run_chalice(project: Path, merged: Path, out: Path) -> None:
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    command += ["--project-dir", str(project), "package", "--stage", CHALICE_STAGE]
    command += ["--merge-template", str(merged), str(out)]
    # Chalice asks for a region only to spell service principals, which are the same everywhere.
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 (our own interpreter)
        command, env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"chalice package failed:\n{done.stdout}{done.stderr}")


def _facts(path: Path, root: Path) -> dict[str, Any]:
    return {
        "path": path.relative_to(root).as_posix(),
        "zip_bytes": path.stat().st_size,
        "unpacked_bytes": unpacked_bytes(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def package(architecture: str, root: Path = ROOT, out: Path = OUT) -> dict[str, Any]:
    """Build everything for `architecture` and return the manifest."""
    with _alone():
        return _package(architecture, root, out)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait for another build in this checkout: they share dependencies and layers."""
    DEPENDENCIES.mkdir(parents=True, exist_ok=True)
    with (DEPENDENCIES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _package(architecture: str, root: Path, out: Path) -> dict[str, Any]:
    # Taken first: what changes while we build makes the package stale, not current.
    made_from = fingerprint(architecture, root)
    out.mkdir(parents=True, exist_ok=True)
    manifest_file = out / "manifest.json"
    manifest_file.unlink(missing_ok=True)
    write_template(architecture, root, out)
    copy = _copy([*_application(root), *_chalice_runtime()], out / "application")
    _compile(copy)
    entries = entries_below(copy, with_bytecode=True)
    entries += entries_below(_dependencies(architecture, root), with_bytecode=True)
    write_zip(out / "function.zip", entries)
    shutil.rmtree(copy)
    layers = {
        "solver_layer": solver_layer.LAYER.build(architecture),
        "pictures_layer": pictures_layer.LAYER.build(architecture),
    }
    manifest = {
        "fingerprint": made_from,
        "architecture": architecture,
        "runtime": RUNTIME,
        "template": "template.json",
        "function": _facts(out / "function.zip", out),
        **{name: _facts(path, path.parent) | {"path": str(path)} for name, path in layers.items()},
    }
    manifest_file.write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def current_manifest(
    architecture: str, root: Path = ROOT, out: Path = OUT
) -> dict[str, Any] | None:
    """The manifest of the last build if it still fits the sources and its files are there."""
    manifest_file = out / "manifest.json"
    if not manifest_file.exists():
        return None
    manifest: dict[str, Any] = json.loads(manifest_file.read_text())
    files = [out / "template.json", out / "function.zip"]
    files += [Path(manifest[name]["path"]) for name in LAYERS if name in manifest]
    fits = manifest["fingerprint"] == fingerprint(architecture, root)
    return manifest if fits and all(path.exists() for path in files) else None


def _report(manifest: dict[str, Any]) -> None:
    print(f"build/package/template.json for {manifest['runtime']}, {manifest['architecture']}")
    for name in ("function", *LAYERS):
        facts = manifest[name]
        zipped, unpacked = facts["zip_bytes"] / 1e6, facts["unpacked_bytes"] / 1e6
        print(f"{name}: {zipped:.1f} MB zipped, {unpacked:.1f} MB unpacked ({facts['path']})")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the deployable package.")
    parser.add_argument("--arch", help="x86_64 or aarch64 (default: this machine's)")
    parser.add_argument("--skip-if-current", action="store_true")
    arguments = parser.parse_args()
    architecture = canonical_architecture(arguments.arch)
    manifest = current_manifest(architecture) if arguments.skip_if_current else None
    if manifest is None:
        manifest = package(architecture)
    _report(manifest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
