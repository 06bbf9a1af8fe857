"""How is the Lambda layer made that looks at photos and makes papers?

`python -m layers.pictures.build --arch x86_64|aarch64` installs the pinned wheels of Pillow
(decodes and re-encodes photos), fpdf2 with fonttools and uharfbuzz (PDFs with names in any script)
for Lambda, keeps what they load, adds the one font, and zips it below `python/`, byte for byte the
same each time. Nothing happens when the zip already fits the sources. Left out: codecs of formats
that we never open, tests, stubs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from infra.reproducible_zip import digest, entries_below, unpacked_bytes, write_zip
from infra.wheels import PYTHON_VERSION, canonical_architecture, install_wheels

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FONTS = Path(__file__).with_name("fonts")
#: The folder of the fonts on the path of Python, where `gateways/papers.py` looks.
FONT_PACKAGE = "lastmile_fonts"
OUT = ROOT / "build" / "layers"

MAX_ZIP_BYTES = 20_000_000

DROPPED = (
    "bin",
    "share",
    "PIL/_avif*",
    "PIL/_imagingtk*",
    "pillow.libs/libavif*",
    "fontTools/mtiLib",
    "fontTools/voltLib",
)
DROPPED_SUFFIXES = (".pyi", ".h", ".pyc", ".pyx", ".c")


def _drop(folder: Path) -> None:
    for pattern in DROPPED:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in DROPPED_SUFFIXES:
            path.unlink()


def stamp(architecture: str) -> str:
    """What the layer is made from; equal stamps mean an equal layer."""
    tools = [ROOT / "infra" / "wheels.py", ROOT / "infra" / "reproducible_zip.py"]
    ours = [REQUIREMENTS, Path(__file__), *sorted(FONTS.iterdir()), *tools]
    return digest(ours, PYTHON_VERSION, architecture, root=ROOT)


def layer_path(architecture: str, out: Path = OUT) -> Path:
    return out / f"pictures-{architecture}.zip"


def build(architecture: str, out: Path = OUT) -> Path:
    """The layer's zip for `architecture`, made when its sources have changed."""
    target = layer_path(architecture, out)
    stamp_file = target.with_suffix(".stamp")
    wanted = stamp(architecture)
    if target.exists() and stamp_file.exists() and stamp_file.read_text() == wanted:
        return target
    folder = out / f"pictures-{architecture}"
    install_wheels(REQUIREMENTS, folder, architecture)
    _drop(folder)
    shutil.copytree(FONTS, folder / FONT_PACKAGE)
    write_zip(target, entries_below(folder, "python/"))
    shutil.rmtree(folder)
    stamp_file.write_text(wanted)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the layer for photos and papers.")
    parser.add_argument("--arch", help="x86_64 or aarch64 (default: this machine's)")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    target = build(canonical_architecture(arguments.arch), arguments.out)
    zipped, unpacked = target.stat().st_size, unpacked_bytes(target)
    print(f"{target}: {zipped / 1e6:.1f} MB zipped, {unpacked / 1e6:.1f} MB unpacked")
    if zipped > MAX_ZIP_BYTES:
        print(f"larger than the budget of {MAX_ZIP_BYTES / 1e6:.0f} MB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
