"""The layer of photos and papers, used as Lambda does: nothing but its own files on the path."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.wheels import canonical_architecture
from layers.pictures import build as pictures_layer

pytestmark = pytest.mark.layer

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import io, sys
from datetime import UTC, datetime
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from PIL import Image
from chalicelib.gateways import papers, pictures
for kind in ("JPEG", "PNG", "WEBP"):
    raw = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(raw, kind)
    look = pictures.look(raw.getvalue())
    assert look.width == 640
part = papers.Part("To", (("Name", "\u0645\u062d\u0645\u062f Żółw"),), look.jpeg)
made = papers.make(papers.Paper("Proof", "", (part,), "", b"{}", datetime.now(UTC)))
assert made.startswith(b"%PDF-")
assert PIL_from_layer(Image)
print("looked and written")
""".replace("PIL_from_layer(Image)", "Image.__file__.startswith(sys.argv[1])")


@pytest.fixture(scope="module")
def layer() -> Path:
    """The layer for this machine, built unless it is there already."""
    return pictures_layer.LAYER.build(canonical_architecture(None))


def test_the_layer_alone_looks_at_photos_and_writes_papers(layer: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(tmp_path / "opt")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-I", "-S", "-B", str(program), str(tmp_path / "opt/python")]
    done = subprocess.run(
        [*command, str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "looked and written\n"


def test_the_layer_is_small(layer: Path) -> None:
    with zipfile.ZipFile(layer) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    assert layer.stat().st_size <= pictures_layer.LAYER.max_zip_bytes
    assert unpacked <= 45_000_000
