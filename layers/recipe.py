"""How does a Lambda layer come to be? What the layers' builders share.

The pinned wheels are installed for Lambda, whatever machine builds; the layer's own step makes of
them what it wants; the rest is zipped below `python/`, byte for byte the same each time. Nothing
happens when the zip already fits its sources.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.reproducible_zip import digest, entries_below, unpacked_bytes, write_zip
from infra.wheels import PYTHON_VERSION, canonical_architecture, install_wheels

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "layers"
_TOOLS = (
    Path(__file__),
    ROOT / "infra" / "wheels.py",
    ROOT / "infra" / "reproducible_zip.py",
)


def _nothing(architecture: str) -> str:
    return ""


@dataclass(frozen=True)
class Recipe:
    """One layer."""

    name: str
    requirements: Path
    #: Files that it is made from, beside the requirements.
    sources: tuple[Path, ...]
    #: Makes of the installed wheels, in their folder, what is shipped for an architecture.
    finish: Callable[[Path, str], None]
    max_zip_bytes: int
    #: What else decides how it comes out, by architecture.
    fact: Callable[[str], str] = _nothing

    def stamp(self, architecture: str) -> str:
        """What the layer is made from; equal stamps mean an equal layer."""
        ours = [self.requirements, *self.sources, *_TOOLS]
        return digest(ours, PYTHON_VERSION, architecture, self.fact(architecture), root=ROOT)

    def build(self, architecture: str, out: Path = OUT) -> Path:
        """The layer's zip for `architecture`, made when its sources have changed."""
        target = out / f"{self.name}-{architecture}.zip"
        stamp_file = target.with_suffix(".stamp")
        wanted = self.stamp(architecture)
        if target.exists() and stamp_file.exists() and stamp_file.read_text() == wanted:
            return target
        folder = out / f"{self.name}-{architecture}"
        install_wheels(self.requirements, folder, architecture)
        self.finish(folder, architecture)
        write_zip(target, entries_below(folder, "python/"))
        shutil.rmtree(folder)
        stamp_file.write_text(wanted)
        return target

    def main(self) -> int:
        """Build it from a shell, and refuse one above its budget."""
        parser = argparse.ArgumentParser(description=f"Build the Lambda layer {self.name}.")
        parser.add_argument("--arch", help="x86_64 or aarch64 (default: this machine's)")
        parser.add_argument("--out", type=Path, default=OUT)
        arguments = parser.parse_args()
        target = self.build(canonical_architecture(arguments.arch), arguments.out)
        zipped, unpacked = target.stat().st_size, unpacked_bytes(target)
        print(f"{target}: {zipped / 1e6:.1f} MB zipped, {unpacked / 1e6:.1f} MB unpacked")
        if zipped > self.max_zip_bytes:
            print(f"larger than the budget of {self.max_zip_bytes / 1e6:.0f} MB", file=sys.stderr)
            return 1
        return 0
