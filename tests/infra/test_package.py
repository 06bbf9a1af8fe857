"""The zips that go to Lambda."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.package import MAX_FUNCTION_ZIP_BYTES, ROOT, current_manifest, package
from infra.reproducible_zip import entries_below, write_zip
from infra.wheels import canonical_architecture

ARCHITECTURE = canonical_architecture(None)

# What the handlers import; on Lambda boto3 comes beside it.
IMPORTED = "chalice aws_lambda_powertools.logging pydantic jinja2 joserfc phonenumbers tzdata"
NEVER = "botocore boto3 click pip setuptools ortools numpy pandas moto inquirer yaml"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("package")
    return out, package(ARCHITECTURE, ROOT, out)


def test_a_zip_depends_on_its_content_alone(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "b.txt").write_text("b")
    (folder / "a.txt").write_text("a")
    write_zip(tmp_path / "first.zip", entries_below(folder))
    os.utime(folder / "a.txt", (0, 0))
    write_zip(tmp_path / "second.zip", reversed(entries_below(folder)))
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_the_function_is_small(built: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = built
    assert manifest["function"]["zip_bytes"] <= MAX_FUNCTION_ZIP_BYTES


def test_the_function_runs_from_its_zip_alone(
    built: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out, _ = built
    with zipfile.ZipFile(out / "function.zip") as archive:
        archive.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import importlib, importlib.util\n"
        f"for name in {IMPORTED!r}.split(): importlib.import_module(name)\n"
        f"print([n for n in {NEVER!r}.split() if importlib.util.find_spec(n)])\n"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_a_package_is_current_until_a_source_changes(
    built: tuple[Path, dict[str, Any]],
) -> None:
    out, manifest = built
    assert current_manifest(ARCHITECTURE, ROOT, out) == manifest
    other = "aarch64" if ARCHITECTURE == "x86_64" else "x86_64"
    assert current_manifest(other, ROOT, out) is None
    stale = manifest | {"fingerprint": "of other sources"}
    (out / "manifest.json").write_text(json.dumps(stale))
    assert current_manifest(ARCHITECTURE, ROOT, out) is None
