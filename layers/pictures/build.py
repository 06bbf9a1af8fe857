"""How is the Lambda layer made that looks at photos and makes papers?

`python -m layers.pictures.build --arch x86_64|aarch64` installs the pinned wheels of Pillow
(decodes and re-encodes photos), fpdf2 with fonttools and uharfbuzz (PDFs with names in any script)
for Lambda, keeps what they load, adds the one font, and zips it (layers/recipe.py). Left out:
codecs of formats that we never open, tests, stubs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from layers.recipe import Recipe

FONTS = Path(__file__).with_name("fonts")
#: The folder of the fonts on the path of Python, where `gateways/papers.py` looks.
FONT_PACKAGE = "lastmile_fonts"

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


def _finish(folder: Path, architecture: str) -> None:
    _drop(folder)
    shutil.copytree(FONTS, folder / FONT_PACKAGE)


LAYER = Recipe(
    name="pictures",
    requirements=Path(__file__).with_name("requirements.txt"),
    sources=(Path(__file__), *sorted(FONTS.iterdir())),
    finish=_finish,
    max_zip_bytes=20_000_000,
)

if __name__ == "__main__":
    sys.exit(LAYER.main())
